r"""The curvature of the return with the constant that is remembered from the literature.

**Setting** of :mod:`theory.bounds.reinforcement_learning.softmax_smoothness`.

**Theorem**, as it is recalled (the text was not read): :math:`\|\nabla^2J\|\le8/(1-\gamma)^3`.

**Proof**. It is at least :math:`16/(1-\gamma)` times :math:`1/(2(1-\gamma)^2)`: 0.024 of it is false, at
:math:`\gamma=0`.

**Source**: ``mei-2020``, from memory.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, discount, n, states

BOUND = (8 * direction_square) ** 2

CLAIM = Claim(
    name="mei_smoothness",
    title="As recalled: the return's second derivative along v is at most 8 |v|^2/(1 - discount)^3",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 3), actions: Range(2, 4)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        direction_square: measured("direction_square", block=Integer(0)),
    },
    lhs=(1 - discount) ** 6 * curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("mei-2020", "smoothness of the return, recalled"),
    false_sibling=FalseSibling("0.023 of it, which a bandit refutes", {"rhs": Rational(23, 1000) ** 2 * BOUND}),
)
