r"""The curvature of a softmax bandit.

**Setting.** One state, rewards in [0, 1], a softmax policy; the return is the mean reward.

**Theorem.** :math:`\|\nabla^2J\|\le1/(3\sqrt3)=0.19245`.

**Proof.** Along v the second derivative is the third mixed cumulant :math:`E(r-\bar r)(v-\bar v)^2`. It is convex in r,
so that its extremes are at indicators r of a set of probability q, where it is :math:`q(1-q)` times the difference of the
second moments about :math:`\bar v` in the set and outside. For unit v the range of v is at most :math:`\sqrt2`, and
putting v on two values is extreme; the maximum over q of :math:`2q(1-q)|1-2q|` is :math:`1/(3\sqrt3)`.

**Sharp**: two arms with rewards 1 and 0 and probability :math:`(3-\sqrt3)/6` of the first.

**Source**: derived here. ``mei-2020`` is remembered with 5/2, thirteen times as much:
:mod:`theory.bounds.reinforcement_learning.mei_bandit_smoothness`.
"""

from sympy import Integer, Range, Rational

from theory.claim import Argued, Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, n, states

BOUND = direction_square**2 / 27

CLAIM = Claim(
    name="softmax_bandit_smoothness",
    title="A softmax bandit's second derivative along v is at most |v|^2/(3 sqrt 3)",
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 2), actions: Range(2, 5)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        direction_square: measured("direction_square", block=Integer(0)),
    },
    lhs=curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    reductions=(Argued("rewards that are indicators and two values of v are extreme"),),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) ** 2 * BOUND}),
)
