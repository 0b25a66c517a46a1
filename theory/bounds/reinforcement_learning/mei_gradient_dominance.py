r"""Gradient dominance of softmax policies with the constant that is remembered from the literature.

**Setting** of :mod:`theory.bounds.reinforcement_learning.softmax_gradient_dominance`.

**Theorem**, as it is recalled (the text was not read): :math:`J^*-J\le\sqrt S\,\max_s\frac{d^*(s)}{d(s)}\,
\frac{\|\nabla J\|}{\min_s\pi(a^*(s)|s)}`.

**Proof**. :math:`\|c\|\le\sqrt S\max_s(d^*/d)/\min_s\pi(a^*|s)`, and :math:`(A-1)/A<1`. It is larger than the sharp bound
by :math:`\sqrt2` at least for two actions, by :math:`\sqrt{A/(A-1)}` in general.

**Source**: ``mei-2020``, Lemma 8, from memory.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, discount, gradient_square, mismatch_ratio, n, rarest, return_gap, states

BOUND = states * mismatch_ratio**2 * gradient_square / rarest**2

CLAIM = Claim(
    name="mei_gradient_dominance",
    title="As recalled: the gap is at most sqrt(S) max(d*/d)/min pi(a*|s) times the gradient's norm",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        return_gap: measured("comparator_gap", rate=Integer(0)),
        mismatch_ratio: measured("mismatch_ratio"),
        rarest: measured("rarest_action"),
        gradient_square: measured("gradient_square", rate=Integer(0)),
    },
    lhs=return_gap**2,
    relation="<=",
    rhs=BOUND,
    source=Source("mei-2020", "Lemma 8, recalled"),
    false_sibling=FalseSibling("0.7 of it, which two arms refute", {"rhs": Rational(7, 10) ** 2 * BOUND}),
)
