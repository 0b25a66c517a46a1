r"""A softmax policy with a small gradient is nearly as good as any policy that it is not far from visiting.

**Setting.** A tabular decision process, a softmax policy :math:`\pi` with logits :math:`\theta`, and any policy that
takes an action :math:`a^*(s)` for sure, an optimal one for example, with visits :math:`d^*`.

**Theorem.** With :math:`c_s=d^*(s)/(d(s)\pi(a^*(s)|s))` and A actions,

.. math:: |J^*-J(\theta)|\le\sqrt{\tfrac{A-1}{A}}\,\|c\|_2\,\|\nabla J(\theta)\|_2.

**Proof.** The gradient is :math:`g(s,a)=d(s)\pi(a|s)A(s,a)`, so that the performance difference
(:mod:`theory.bounds.reinforcement_learning.performance_difference`) is :math:`\sum_sc_sg(s,a^*(s))`. Rows of g sum to
zero, so that the other entries of a row have at least the square :math:`g(s,a^*)^2/(A-1)` together:
:math:`|g(s,a^*)|\le\sqrt{(A-1)/A}\, \|g(s,\cdot)\|`. Cauchy and Schwarz over states end it.

**Sharp**: a bandit whose other arms are equal, for every A; any number of equal independent states.

**Source**: derived here. ``mei-2020`` (Lemma 8) is remembered with :math:`\sqrt S\max_s(d^*/d)/\min_s\pi(a^*|s)` in place
of :math:`\sqrt{(A-1)/A}\,\|c\|`: :mod:`theory.bounds.reinforcement_learning.mei_gradient_dominance`.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, discount, gradient_square, mismatch, n, return_gap, states

BOUND = (actions - 1) * mismatch * gradient_square / actions

CLAIM = Claim(
    name="softmax_gradient_dominance",
    title="A softmax policy's gap to any sure policy is at most sqrt((A-1)/A) ||c|| times its gradient's norm",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        return_gap: measured("comparator_gap", rate=Integer(0)),
        mismatch: measured("mismatch", rate=Integer(0)),
        gradient_square: measured("gradient_square", rate=Integer(0)),
    },
    lhs=return_gap**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) ** 2 * BOUND}),
)
