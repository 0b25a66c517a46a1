r"""No gain from adaptation when curvature and optimum are independent.

**Setting.** Q and :math:`\theta_\gamma` are independent; a model is trained by one rule of the table and deployed with
another.

**Theorem.** The modeling error :math:`J_B(\theta^*_A)-J_B(\theta^*_B)` is zero: both optima are the same point.

**Proof.** :math:`E[w(Q)]^{-1}E[w(Q)\theta_\gamma]=E[w(Q)]^{-1}E[w(Q)]E\theta_\gamma=E\theta_\gamma` whatever the weight
w. Both minimisers are unique because rates below :math:`1/\beta` keep the weights positive on the range of E[Q].

An equality.  **Source**: derived here.
"""

from sympy import Integer

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import deployed, excess, trained
from theory.rule_table import PAIRS

CLAIM = Claim(
    name="no_gain_independent",
    title="If curvature and optimum are independent, training for another rule costs nothing",
    parameters=PAIRS,
    tasks=Tasks("independent"),
    measured={excess: measured("modeling_error", trained=trained, deployed=deployed)},
    lhs=excess,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    assumptions=(Assumption("curvature and optimum are independent", without={"tasks": Tasks("free")}),),
    false_sibling=FalseSibling("claimed for curvature and optimum that depend on each other", {"tasks": Tasks("free")}),
)
