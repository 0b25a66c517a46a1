r"""Gradient dominance where probabilities themselves are the parameters, as it is remembered from the literature.

**Setting** of :mod:`theory.bounds.reinforcement_learning.softmax_gradient_dominance`, with the gradient in the
probabilities :math:`\pi(a|s)`, which is :math:`d(s)Q(s,a)`.

**Theorem**, as it is recalled (the text was not read): :math:`J^*-J\le\max_s\frac{d^*(s)}{d(s)}\,
\max_{\bar\pi}\langle\bar\pi-\pi,\nabla_\pi J\rangle`.

**Proof**. the last maximum is :math:`\sum_sd(s)\max_aA(s,a)`, all of whose terms are at least zero, and the performance
difference is at most :math:`\sum_sd^*(s)\max_aA(s,a)`. **Sharp**: bandits.

**Source**: ``agarwal-2021``, from memory.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, discount, improvement, mismatch_ratio, n, return_gap, states

CLAIM = Claim(
    name="agarwal_gradient_dominance",
    title="As recalled: the gap is at most max(d*/d) times the best first-order improvement of the probabilities",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        return_gap: measured("comparator_gap", rate=Integer(0)),
        mismatch_ratio: measured("mismatch_ratio"),
        improvement: measured("improvement"),
    },
    lhs=return_gap,
    relation="<=",
    rhs=mismatch_ratio * improvement,
    source=Source("agarwal-2021", "direct parametrisation, recalled"),
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * mismatch_ratio * improvement}),
)
