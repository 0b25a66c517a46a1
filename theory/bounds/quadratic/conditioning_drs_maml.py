r"""The price of adaptation in conditioning: MAML's problem against joint training's.

**Setting.** Curvatures with spectrum in :math:`[\nu,\beta]`, k exact inner steps at a rate :math:`0\le\alpha<1/\beta`.
First-order solvers of the two problems run at the pace of :math:`\kappa(E[Q])` and :math:`\kappa(E[Q(I-\alpha
Q)^{2k}])`.

**Theorem.**

.. math:: (1-\alpha\beta)^{2k}\,\kappa\big(E[Q(I-\alpha Q)^{2k}]\big)\le(1-\alpha\nu)^{2k}\,\kappa(E[Q]).

**Proof.** :mod:`theory.bounds.conditioning` with the ratios of :mod:`theory.bounds.transfer_drs_maml`.

**Sharp** as :math:`\nu\to0`, at every rate: p = 2, the first eigenvalue always a small number, the second :math:`\beta`
with a probability that makes E[Q] a multiple of the identity, and :math:`\nu` otherwise.  Then the first direction
keeps its weight and nearly all weight of the second shrinks by :math:`(1-\alpha\beta)^{2k}`.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, k, kappa_A, kappa_B, nu
from theory.rules import DRS, MAML

#: the first eigenvalue and the lower end of the spectrum in the extremal instance
SMALL, LOWEST = Rational(1, 10**4), Rational(1, 10**9)
OFTEN = (SMALL - LOWEST) / (1 - LOWEST)

CLAIM = Claim(
    name="conditioning_drs_maml",
    title="MAML's problem is at most ((1 - alpha nu)/(1 - alpha beta))^(2k) times worse conditioned than joint training's",
    parameters={
        beta: Interval.open(0, oo),
        nu: Interval.Lopen(0, beta),
        alpha: Interval.Ropen(0, 1 / beta),
        k: Range(1, 6),
    },
    tasks=Tasks("free"),
    measured={
        kappa_A: measured("condition_number", rule=DRS()),
        kappa_B: measured("condition_number", rule=MAML(alpha, k)),
    },
    lhs=(1 - alpha * beta) ** (2 * k) * kappa_B,
    relation="<=",
    rhs=(1 - alpha * nu) ** (2 * k) * kappa_A,
    source=Source("derived here"),
    assumptions=(
        Assumption(
            "alpha beta < 1",
            without={"parameters": {alpha: Interval.Ropen(0, 2 / beta)}},
        ),
    ),
    sharp=Extremal(
        "E[Q] a multiple of the identity: a small curvature always, or beta rarely and nu otherwise",
        attained=False,
        parameters={beta: 1, nu: LOWEST, alpha: Rational(1, 2), k: 1},
        tasks=(
            {"probability": OFTEN, "optimum": (0, 0), "curvature": (SMALL, Integer(1))},
            {"probability": 1 - OFTEN, "optimum": (0, 0), "curvature": (SMALL, LOWEST)},
        ),
    ),
    false_sibling=FalseSibling(
        "1 % below the sharp constant", {"rhs": Rational(99, 100) * (1 - alpha * nu) ** (2 * k) * kappa_A}
    ),
)
