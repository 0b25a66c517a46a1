r"""The curvature of the return in all logits.

**Setting.** A tabular decision process with rewards in [0, 1] and discount :math:`\gamma<1`, a softmax policy.

**Theorem.** :math:`\|\nabla^2J\|\le\max_sd(s)/(2(1-\gamma))\le1/(2(1-\gamma)^2)`.

**Proof.** Along v let :math:`S_t=\sum_{i\le t}(v(s_i,a_i)-\bar v(s_i))`, a martingale with bracket
:math:`\langle S\rangle_t=\sum_{i\le t}\operatorname{Var}_\pi v(s_i,\cdot)`. Then :math:`J''=E\sum_t\gamma^t(r_t-\tfrac12)
(S_t^2-\langle S\rangle_t)`, because the constant ½ has no derivative; :math:`|r_t-\tfrac12|\le\tfrac12`,
:math:`E|S_t^2-\langle S\rangle_t|\le2E\langle S\rangle_t` and :math:`\operatorname{Var}_\pi v_s\le\tfrac12\|v_s\|^2` give
:math:`\sum_t\gamma^tE\langle S\rangle_t=\sum_sd(s)\operatorname{Var}_\pi v_s/(1-\gamma)\le\max_sd(s)\|v\|^2/(2(1-\gamma))`.

**Not sharp** in the order of :math:`1-\gamma`, which is 3/2, not 2:
:mod:`theory.bounds.reinforcement_learning.softmax_smoothness_order`.

**Source**: derived here. ``mei-2020`` is remembered with :math:`8/(1-\gamma)^3`:
:mod:`theory.bounds.reinforcement_learning.mei_smoothness`.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Argued, Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, discount, most_visited, n, states

BOUND = (most_visited * direction_square / 2) ** 2

CLAIM = Claim(
    name="softmax_smoothness",
    title="The return's second derivative along v is at most max d(s) |v|^2/(2(1 - discount))",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        direction_square: measured("direction_square", block=Integer(0)),
        most_visited: measured("most_visited"),
    },
    lhs=(1 - discount) ** 2 * curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    reductions=(Argued("the martingale's square minus its bracket has mean absolute value at most twice the bracket's mean"),),
    false_sibling=FalseSibling("0.38 of it, which a bandit refutes", {"rhs": Rational(38, 100) ** 2 * BOUND}),
)
