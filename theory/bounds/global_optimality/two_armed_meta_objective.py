r"""The meta-objective of two arms is concave in the policy: every stationary policy is global.

**Setting.** One state, tasks with rewards :math:`r_i` on the arms.  Adaptation makes one softmax step,
:math:`\pi'_i\propto\pi e^{\eta r_i}`; the meta-objective is :math:`L(\pi)=E_i\langle\pi'_i,r_i\rangle`.

**Theorem.** For two arms L is concave in the policy.  For three it is not, even for one task (the false sibling), and it may
have a strict local maximum that is not global (:mod:`theory.bounds.global_optimality.three_armed_maximum`).

**Proof.** Number the arms of a task so that the gap :math:`\delta=r_1-r_2` is not negative.  The task contributes
:math:`r_2+\delta g(\pi_1)` with :math:`g=z\pi_1/(1-\pi_1+z\pi_1)`, :math:`z=e^{\eta\delta}\ge1`, which is concave (reduction
``one_task``), and so is a sum of such functions of :math:`\pi_1` and :math:`\pi_2=1-\pi_1`.

**Sharp**: attained by equal policies.

**Source**: derived here, for the question of `wang-2020`.
"""

from sympy import Expr, Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import arms, boost, chord, middle, n, share_one, share_two

HERE = Source("derived here")


def _share(policy: Expr) -> Expr:
    """An arm's probability after the step, from its probability before."""
    return boost * policy / (1 - policy + boost * policy)


ONE_TASK = Claim(
    name="two_armed_meta_objective/one_task",
    title="z x/(1 - x + z x) is concave in x for z at least 1",
    parameters={boost: Interval(1, oo), share_one: Interval(0, 1), share_two: Interval(0, 1)},
    lhs=_share(share_one) + _share(share_two),
    relation="<=",
    rhs=2 * _share((share_one + share_two) / 2),
    source=HERE,
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(198, 100) * _share((share_one + share_two) / 2)}),
)

CLAIM = Claim(
    name="two_armed_meta_objective",
    title="The meta-objective of two-armed bandits is concave in the policy",
    parameters={boost: Interval(1, 4)},
    tasks=Instances("bandits", {arms: Range(2, 3), n: Range(1, 4)}),
    measured={chord: measured("meta_chord", boost=boost), middle: measured("meta_middle", boost=boost)},
    lhs=chord,
    relation="<=",
    rhs=middle,
    source=Source("wang-2020", "its question for one state; derived here"),
    reductions=(ONE_TASK,),
    false_sibling=FalseSibling("of three arms too", {"tasks": Instances("bandits", {arms: Range(3, 4), n: Range(1, 2)})}),
)
