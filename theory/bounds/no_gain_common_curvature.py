r"""No gain from adaptation when all tasks share one curvature.

**Setting.** All tasks have the same curvature Q, with arbitrary optima; a model is trained by one rule of the table and
deployed with another.

**Theorem.** The modeling error :math:`J_B(\theta^*_A)-J_B(\theta^*_B)` is zero: both optima are the same point.

**Proof.** Every weight is one matrix w(Q) for all tasks, so that
:math:`E[w(Q)]^{-1}E[w(Q)\theta_\gamma]=E\theta_\gamma` whatever w. Both minimisers are unique because rates below
:math:`1/\beta` keep the weights positive on the range of E[Q].

An equality.  **Source**: derived here.
"""

from sympy import Integer, Interval, Range, oo

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, deployed, excess, k, lam, t, trained
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, ImplicitMAML, Reptile

DEPLOYED = (DRS(), MAML(alpha, k), ImplicitMAML(lam), GradientFlow(t), MAML(-alpha, k))

CLAIM = Claim(
    name="no_gain_common_curvature",
    title="If all tasks share one curvature, training for another rule costs nothing",
    parameters={
        beta: Interval.open(0, oo),
        alpha: Interval.open(0, 1 / beta),
        k: Range(1, 6),
        lam: Interval.open(0, oo),
        t: Interval(0, oo),
        trained: (*DEPLOYED, FirstOrderMAML(alpha, k), Reptile(alpha, k)),
        deployed: DEPLOYED,
    },
    tasks=Tasks("common_curvature"),
    measured={excess: measured("modeling_error", trained=trained, deployed=deployed)},
    lhs=excess,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    assumptions=(Assumption("all tasks share one curvature", without={"tasks": Tasks("free")}),),
    false_sibling=FalseSibling("claimed for curvatures that differ", {"tasks": Tasks("free")}),
)
