r"""No gain from adaptation when all tasks share one curvature.

**Setting.** All tasks have the same curvature Q, with arbitrary optima; a model is trained by one rule of the table and
deployed with another.

**Theorem.** The modeling error :math:`J_B(\theta^*_A)-J_B(\theta^*_B)` is zero: both optima are the same point.

**Proof.** Every weight is one matrix w(Q) for all tasks, so that
:math:`E[w(Q)]^{-1}E[w(Q)\theta_\gamma]=E\theta_\gamma` whatever w. Both minimisers are unique because rates below
:math:`1/\beta` keep the weights positive on the range of E[Q].

An equality.  **Source**: derived here.
"""

from sympy import Integer

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import deployed, excess, trained
from theory.rule_table import PAIRS

CLAIM = Claim(
    name="no_gain_common_curvature",
    title="If all tasks share one curvature, training for another rule costs nothing",
    parameters=PAIRS,
    tasks=Tasks("common_curvature"),
    measured={excess: measured("modeling_error", trained=trained, deployed=deployed)},
    lhs=excess,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    assumptions=(Assumption("all tasks share one curvature", without={"tasks": Tasks("free")}),),
    false_sibling=FalseSibling("claimed for curvatures that differ", {"tasks": Tasks("free")}),
)
