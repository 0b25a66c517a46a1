r"""With several tasks, MAML's stationary points are not optimal: a local maximum on two arms.

**Setting.** The pair of :mod:`theory.two_arms`: the first arm pays on a task of probability w, the second on the other. F
is the return after one gradient step of rate 2 from the difference x of logits; its limit for large x is w.

**Theorem**, which is false: :math:`w-F(x)\le C\,|F'(x)|` with C = 100, as stationary points that are optimal would allow
with some C.

**Proof** that it is false. For w = 4/5 there is a local maximum at x = 0.8996 with F = 0.77481, where the right side
vanishes.

**Corrected**: one task, :mod:`theory.bounds.reinforcement_learning.maml_gradient_dominance`.

**Source**: derived here.
"""

from sympy import Integer, Interval, Rational

from theory.claim import Claim, Instances, Source, measured
from theory.notation import logit_gap, majority, supremum_gap
from theory.notation import return_slope as slope_size

CLAIM = Claim(
    name="maml_stationary_is_optimal",
    title="Two tasks: stationary points of the return after adaptation are optimal",
    parameters={majority: Interval.open(Rational(1, 2), 1), logit_gap: Interval(0, 5)},
    tasks=Instances("two_arms"),
    measured={
        supremum_gap: measured("supremum_gap", weight=majority, gap=logit_gap, rate=Integer(2)),
        slope_size: measured("adapted_slope", weight=majority, gap=logit_gap, rate=Integer(2)),
    },
    lhs=supremum_gap,
    relation="<=",
    rhs=100 * slope_size,
    source=Source("derived here"),
    false_sibling=None,
    expected="refuted",
    corrected="maml_gradient_dominance",
)
