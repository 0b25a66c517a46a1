r"""Conditioning: how much worse the deployed problem can be conditioned than the training problem.

**Setting.** As in :mod:`theory.bounds.transfer_bound`: :math:`\ell A_\gamma\preceq B_\gamma\preceq uA_\gamma` for every
task, with :math:`\ell>0`; :math:`\kappa` is the quotient of the largest and the smallest eigenvalue.

**Theorem.** :math:`\ell\,\kappa(E[B])\le u\,\kappa(E[A])`.

**Proof.** Expectation keeps the order, :math:`\ell E[A]\preceq E[B]\preceq uE[A]`; by Courant and Fischer the largest
eigenvalue of E[B] is at most u times that of E[A] and the smallest at least l times (argued).  Dividing the two is
monotone in each (reduction ``quotient``, scaled so that the least eigenvalue of E[A] is 1).

**Sharp**: attained at p = 2 by one task with A = I and B = diag(u, l).

**Source**: derived here.
"""

from sympy import Interval, Rational, oo

from theory.claim import Argued, Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import c, kappa_A, kappa_B, q_high, root_l, root_u, x
from theory.rules import Prescribed

ROOTS = {root_u: Interval.open(0, oo), root_l: Interval.Lopen(0, root_u)}
HERE = Source("derived here")
l, u = root_l**2, root_u**2

QUOTIENT = Claim(
    name="conditioning/quotient",
    title="Spectrum of E[A] in [1, q_2], least eigenvalue c >= l and largest x <= u q_2 of E[B]: l x / c <= u q_2",
    parameters={**ROOTS, q_high: Interval(1, oo), c: Interval(l, u * q_high), x: Interval(c, u * q_high)},
    lhs=l * x,
    relation="<=",
    rhs=u * q_high * c,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * u * q_high * c}),
)

CLAIM = Claim(
    name="conditioning",
    title="The deployed problem is at most u/l times worse conditioned than the training problem",
    parameters=ROOTS,
    tasks=Tasks("weight_pairs"),
    measured={
        kappa_A: measured("condition_number", rule=Prescribed("A")),
        kappa_B: measured("condition_number", rule=Prescribed("B")),
    },
    lhs=l * kappa_B,
    relation="<=",
    rhs=u * kappa_A,
    source=HERE,
    assumptions=(
        Assumption(
            "l A <= B for every task (claimed for l = u/4; the ratios reach down to nearly 0)",
            without={"parameters": {root_l: Interval.Lopen(0, root_u / 4)}, "lhs": kappa_B, "rhs": 4 * kappa_A},
        ),
    ),
    reductions=(Argued("l E[A] <= E[B] <= u E[A] orders the eigenvalues (Courant and Fischer)"), QUOTIENT),
    sharp=Extremal(
        "one task with A = I and B = diag(u, l)",
        attained=True,
        parameters={root_u: 2, root_l: 1},
        tasks=({"probability": 1, "optimum": (0, 0), "A": (1, 1), "B": (4, 1)},),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * u * kappa_A}),
)
