r"""The curvature of the return in the logits of one state.

**Setting.** A tabular decision process with rewards in [0, 1] and discount :math:`\gamma<1`, a softmax policy; v moves the
logits of one state only.

**Theorem.** :math:`|v^\top\nabla^2Jv|\le\|v\|^2/(3\sqrt3\,(1-\gamma))`.

**Proof.** By regeneration at that state: with everything else fixed, J is :math:`E_{\tilde\pi}[\varrho]/(1-\gamma)` up to
an affine change, where :math:`\tilde\pi(a)\propto\pi(a)c_a` weights the actions by the discounted time until the next
return and :math:`\varrho` in [0, 1] is an average reward; and :math:`\tilde\pi` is again a softmax policy, with the
logits moved by constants. So the bandit's bound applies
(:mod:`theory.bounds.reinforcement_learning.softmax_bandit_smoothness`).

**Sharp**: one state that is never left, two actions, rewards 1 and 0.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Argued, Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, discount, n, states

BOUND = direction_square**2 / 27

CLAIM = Claim(
    name="softmax_block_smoothness",
    title="The return's second derivative along one state's logits is at most |v|^2/(3 sqrt 3 (1 - discount))",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(1)),
        direction_square: measured("direction_square", block=Integer(1)),
    },
    lhs=(1 - discount) ** 2 * curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    reductions=(Argued("between two visits of the state the return is a mean under a tilted softmax policy"),),
    false_sibling=FalseSibling("5 % below the sharp constant", {"rhs": Rational(95, 100) ** 2 * BOUND}),
)
