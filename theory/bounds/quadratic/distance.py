r"""The distance of the two optima, in one dimension.

**Setting.** p = 1 and any number of tasks, with weights :math:`\ell a_\gamma\le b_\gamma\le ua_\gamma`; diam is the
largest distance between two tasks' optima.

**Theorem.**

.. math:: (\sqrt u+\sqrt\ell)\,|\theta^*_A-\theta^*_B|\le(\sqrt u-\sqrt\ell)\,\operatorname{diam}\{\theta_\gamma\}.

**Proof.** Both optima are means of the :math:`\theta_\gamma`, so their difference is the integral of
:math:`\theta_\gamma` against the difference of two probability measures with densities proportional to 1 and to
:math:`r_\gamma=b_\gamma/a_\gamma`; it is at most diam times the larger measure of the set where one density exceeds the
other.  Let that set have A-measure m.  The difference of the measures is largest if r = u on it and l off it (moving r
there only enlarges it), where it is :math:`m(1-m)(u-\ell)/(mu+(1-m)\ell)`; and this is at most :math:`(\sqrt
u-\sqrt\ell)/(\sqrt u+\sqrt\ell)` (reduction ``core``), the slack being a square (reduction ``square``).

**Sharp**: attained by two tasks with ratios u and l and A-weights as :math:`\sqrt\ell` to :math:`\sqrt u`.

**False for p = 2**, by any factor: take two tasks with the common weight :math:`A=GG^\top` and
:math:`B=G\operatorname{diag}(u,\ell)G^\top` for one, :math:`G\operatorname{diag}(\ell,u)G^\top` for the other.  With
equal probabilities and optima 0 and t,
:math:`\theta^*_A-\theta^*_B=\frac{u-\ell}{2(u+\ell)}G^{-\top}\operatorname{diag}(1,-1)G^\top t`, which is as long as G
is badly conditioned: weights that do not commute throw :math:`\theta^*_B` out of the hull of the :math:`\theta_\gamma`.
So the assumption p = 1 is needed.

**Source**: derived here.
"""

from sympy import Eq, Interval, Range, Rational, oo

from theory.claim import Argued, Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import diameter, p, root_l, root_u, x
from theory.notation import distance as separation
from theory.rules import Prescribed

ROOTS = {root_u: Interval.open(0, oo), root_l: Interval(0, root_u)}
HERE = Source("derived here")
l, u = root_l**2, root_u**2

CORE = Claim(
    name="distance/core",
    title="A set of A-measure x gains at most (sqrt u - sqrt l)/(sqrt u + sqrt l)",
    parameters={**ROOTS, x: Interval(0, 1)},
    # both sides are multiplied by (x u + (1 - x) l)/(sqrt u - sqrt l)
    lhs=x * (1 - x) * (root_u + root_l) ** 2,
    relation="<=",
    rhs=x * u + (1 - x) * l,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (x * u + (1 - x) * l)}),
    sharp=Extremal("x = sqrt(l)/(sqrt(u) + sqrt(l))", attained=True, parameters={root_u: 2, root_l: 1, x: Rational(1, 3)}),
)

SQUARE = Claim(
    name="distance/square",
    title="The slack of the core is a square",
    parameters={**ROOTS, x: Interval(0, 1)},
    lhs=x * u + (1 - x) * l - x * (1 - x) * (root_u + root_l) ** 2,
    relation="==",
    rhs=(x * root_u - (1 - x) * root_l) ** 2,
    source=HERE,
    false_sibling=FalseSibling("the sum in place of the difference", {"rhs": (x * root_u + (1 - x) * root_l) ** 2}),
)

CLAIM = Claim(
    name="distance",
    title="In one dimension the optima of A and B are at most (sqrt u - sqrt l)/(sqrt u + sqrt l) diameters apart",
    parameters=ROOTS,
    tasks=Tasks("weight_pairs", dimension=Range(1, 2)),
    measured={
        separation: measured("distance", trained=Prescribed("A"), deployed=Prescribed("B")),
        diameter: measured("diameter"),
    },
    lhs=(root_u + root_l) * separation,
    relation="<=",
    rhs=(root_u - root_l) * diameter,
    source=HERE,
    assumptions=(
        Assumption(Eq(p, 1), without={"tasks": Tasks("weight_pairs", dimension=Range(1, 4))}),
        Assumption(
            "l A <= B for every task (claimed for l = u/4; the ratios reach down to nearly 0)",
            without={
                "parameters": {root_l: Interval(0, root_u / 4)},
                "lhs": Rational(3, 2) * root_u * separation,
                "rhs": root_u / 2 * diameter,
            },
        ),
    ),
    reductions=(
        Argued("for a given set of A-measure x the difference is largest if the ratio is u on it and l off it"),
        CORE,
        SQUARE,
    ),
    sharp=Extremal(
        "two tasks with ratios u and l, the A-weight of the first sqrt(l)/(sqrt(u) + sqrt(l))",
        attained=True,
        parameters={root_u: 2, root_l: 1},
        tasks=(
            {"probability": Rational(1, 3), "optimum": 0, "A": 1, "B": 4},
            {"probability": Rational(2, 3), "optimum": 1, "A": 1, "B": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * (root_u - root_l) * diameter}),
)
