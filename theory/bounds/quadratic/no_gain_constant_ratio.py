r"""No gain from adaptation when the ratio of the weights is constant.

**Setting.** Every task's deployment weight is the same multiple of its training weight, :math:`B_\gamma=uA_\gamma`.

**Theorem.** The modeling error :math:`J_B(\theta^*_A)-J_B(\theta^*_B)` is zero.

**Proof.** :math:`J_B=uJ_A`; or :mod:`theory.bounds.transfer_bound` with :math:`\ell=u`.

An equality.  **Source**: derived here.
"""

from sympy import FiniteSet, Integer, Interval, oo

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import excess, root_l, root_u
from theory.rules import Prescribed

CLAIM = Claim(
    name="no_gain_constant_ratio",
    title="If all tasks have the same ratio of the weights, training with the other weight costs nothing",
    parameters={root_u: Interval.open(0, oo), root_l: FiniteSet(root_u)},
    tasks=Tasks("weight_pairs"),
    measured={excess: measured("modeling_error", trained=Prescribed("A"), deployed=Prescribed("B"))},
    lhs=excess,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    assumptions=(Assumption("the ratio is constant", without={"parameters": {root_l: Interval(0, root_u)}}),),
    false_sibling=FalseSibling("claimed for ratios that vary", {"parameters": {root_l: Interval(0, root_u)}}),
)
