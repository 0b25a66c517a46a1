r"""How far MAML's optimum can lie from joint training's, in one dimension.

**Setting.** p = 1, curvatures in :math:`[\nu,\beta]`, k exact inner steps at a rate :math:`0\le\alpha\le1/\beta`.

**Theorem.** With :math:`a=(1-\alpha\nu)^k` and :math:`b=(1-\alpha\beta)^k`,

.. math:: (a+b)\,|\theta^*_{drs}-\theta^*_{maml}|\le(a-b)\operatorname{diam}\{\theta_\gamma\}.

For one step and :math:`\nu=0`, with :math:`s=\alpha\beta`, the quotient is :math:`s/(2-s)`.

**Proof.** :mod:`theory.bounds.distance` with the ratios of :mod:`theory.bounds.transfer_drs_maml`.

**Sharp**: attained by two tasks with curvatures :math:`\nu>0` and :math:`\beta` whose curvature-weights stand as b to
a; approached for :math:`\nu=0`.

**Source**: derived here.
"""

from sympy import Eq, Interval, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, diameter, k, nu, p
from theory.notation import distance as separation
from theory.rules import DRS, MAML

A, B = (1 - alpha * nu) ** k, (1 - alpha * beta) ** k

CLAIM = Claim(
    name="distance_drs_maml",
    title="In one dimension MAML's optimum is at most (a - b)/(a + b) diameters from joint training's, "
    "a = (1 - alpha nu)^k, b = (1 - alpha beta)^k",
    parameters={beta: Interval.open(0, oo), nu: Interval(0, beta), alpha: Interval(0, 1 / beta), k: Range(1, 6)},
    tasks=Tasks("free", dimension=Range(1, 2)),
    measured={
        separation: measured("distance", trained=DRS(), deployed=MAML(alpha, k)),
        diameter: measured("diameter"),
    },
    lhs=(A + B) * separation,
    relation="<=",
    rhs=(A - B) * diameter,
    source=Source("derived here"),
    assumptions=(
        Assumption(alpha * beta <= 1, without={"parameters": {alpha: Interval(0, 2 / beta)}}),
        Assumption(Eq(p, 1), without={"tasks": Tasks("free", dimension=Range(1, 4))}),
    ),
    sharp=Extremal(
        "two tasks with curvatures nu and beta, the first with b/(a + b) of the curvature",
        attained=True,
        parameters={beta: 1, nu: Rational(1, 3), alpha: Rational(3, 4), k: 1},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": Rational(1, 3)},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * (A - B) * diameter}),
)
