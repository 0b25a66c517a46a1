r"""Gradient dominance of a linear model: the squared gradient over twice the least eigenvalue.

**Setting.** Tasks with quadratic risks, a rule with positive training weight w; :math:`\nabla J` is its expected outer step.

**Theorem.** :math:`J_w(\theta)-\min J_w\le\frac{\|\nabla J_w(\theta)\|^2}{2\lambda_{\min}(E[w])}`.

**Proof.** :math:`\nabla J=E[w](\theta-\theta^*)` and the left side is half its square in the norm of :math:`E[w]^{-1}`.

**Sharp**: attained where :math:`\theta-\theta^*` is an eigenvector of the least eigenvalue, so always at p = 1.

**Source**: derived here: what stationarity is worth in the linear case of `wang-2020`'s question.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, high_A, k, low_A, step_square, suboptimality
from theory.rules import MAML

RULE = MAML(alpha, k)

CLAIM = Claim(
    name="gradient_dominance",
    title="A probe's suboptimality is at most its squared gradient over twice the least eigenvalue of the expected weight",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 1 / (2 * beta)), k: Range(1, 4)},
    tasks=Tasks("free", dimension=Range(1, 4), number=Range(1, 5)),
    measured={
        suboptimality: measured("suboptimality", rule=RULE),
        step_square: measured("step_square", rule=RULE),
        low_A: measured("extreme_eigenvalue", rule=RULE, end="lower"),
    },
    lhs=2 * low_A * suboptimality,
    relation="<=",
    rhs=step_square,
    source=Source("wang-2020", "its question in a linear model; derived here"),
    false_sibling=FalseSibling(
        "the largest eigenvalue",
        {"measured": {high_A: measured("extreme_eigenvalue", rule=RULE, end="upper")}, "lhs": 2 * high_A * suboptimality},
    ),
)
