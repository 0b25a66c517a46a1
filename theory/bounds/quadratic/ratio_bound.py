r"""The ratio bound: the deployed risk of a transferred optimum against the least deployed risk.

**Setting.** As in :mod:`theory.bounds.transfer_bound`: :math:`\ell A_\gamma\preceq B_\gamma\preceq uA_\gamma` for every
task, now with :math:`\ell>0`.

**Theorem.** In every dimension

.. math:: 4u\ell\,J_B(\theta^*_A)\le(u+\ell)^2J_B(\theta^*_B).

**Proof.** In the Hilbert space of A, with D the operator of the ratio and V the constant vectors,
:math:`\zeta=\theta^*_A-\theta_\gamma` is orthogonal to V.  By duality :math:`2J_B(\theta^*_B)=\min_{v\in
V}\langle\zeta-v,D(\zeta-v)\rangle=\max_{f\perp V}\langle f,\zeta\rangle^2/\langle f,D^{-1}f\rangle`, and f = zeta gives
:math:`2J_B(\theta^*_B)\ge\|\zeta\|^4/\langle\zeta,D^{-1}\zeta\rangle`.  With
:math:`2J_B(\theta^*_A)=\langle\zeta,D\zeta\rangle` the theorem is the inequality of Kantorovich (Wielandt),
:math:`\langle\zeta,D\zeta\rangle\langle\zeta,D^{-1}\zeta\rangle\le\frac{(u+\ell)^2}{4u\ell}\|\zeta\|^4`, which follows
in two steps: on the spectrum :math:`u\ell/x\le u+\ell-x` (reduction ``chord``), so with
:math:`c=\langle\zeta,D\zeta\rangle/\|\zeta\|^2` the left side is at most :math:`c(u+\ell-c)/(u\ell)`, and
:math:`4c(u+\ell-c)\le(u+\ell)^2` (reduction ``core``).

**Sharp**: attained at p = 1 by two tasks of equal A-weight whose ratios are u and l.

**Source**: derived here; the inequality is Kantorovich's.
"""

from sympy import Interval, Rational, oo

from theory.claim import Argued, Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import c, risk_B, risk_BA, root_l, root_u, x
from theory.rules import Prescribed

ROOTS = {root_u: Interval.open(0, oo), root_l: Interval.Lopen(0, root_u)}
HERE = Source("derived here")
l, u = root_l**2, root_u**2

CHORD = Claim(
    name="ratio_bound/chord",
    title="The hyperbola u l / x lies below its chord between l and u",
    parameters={**ROOTS, x: Interval(l, u)},
    lhs=u * l,
    relation="<=",
    rhs=x * (u + l - x),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * x * (u + l - x)}),
)

CORE = Claim(
    name="ratio_bound/core",
    title="4 c (u + l - c) <= (u + l)^2",
    parameters={**ROOTS, c: Interval(l, u)},
    lhs=4 * c * (u + l - c),
    relation="<=",
    rhs=(u + l) ** 2,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (u + l) ** 2}),
    sharp=Extremal("c midway between l and u", attained=True, parameters={root_u: 2, root_l: 1, c: Rational(5, 2)}),
)

CLAIM = Claim(
    name="ratio_bound",
    title="Training with A and deploying with B multiplies the least deployed risk by at most (u + l)^2 / (4 u l)",
    parameters=ROOTS,
    tasks=Tasks("weight_pairs"),
    measured={
        risk_BA: measured("transferred_risk", trained=Prescribed("A"), deployed=Prescribed("B")),
        risk_B: measured("minimal_risk", deployed=Prescribed("B")),
    },
    lhs=4 * u * l * risk_BA,
    relation="<=",
    rhs=(u + l) ** 2 * risk_B,
    source=HERE,
    assumptions=(
        Assumption(
            "l A <= B for every task (claimed for l = u/4; the ratios reach down to nearly 0)",
            without={
                "parameters": {root_l: Interval.Lopen(0, root_u / 4)},
                "lhs": u**2 * risk_BA,
                "rhs": (Rational(5, 4) * u) ** 2 * risk_B,
            },
        ),
        Assumption(
            "B <= u A for every task (claimed for a quarter of the largest ratio)",
            without={
                "parameters": {root_l: Interval.Lopen(0, root_u / 2)},
                "lhs": u * l * risk_BA,
                "rhs": (u / 4 + l) ** 2 * risk_B,
            },
        ),
    ),
    reductions=(
        Argued("J_B(theta*_B) >= J_A(theta*_A)^2 / (half <zeta, D^-1 zeta>), by duality with the test vector zeta"),
        CHORD,
        CORE,
    ),
    sharp=Extremal(
        "two tasks of equal A-weight with ratios u and l",
        attained=True,
        parameters={root_u: 2, root_l: 1},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "A": 1, "B": 4},
            {"probability": Rational(1, 2), "optimum": 1, "A": 1, "B": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * (u + l) ** 2 * risk_B}),
)
