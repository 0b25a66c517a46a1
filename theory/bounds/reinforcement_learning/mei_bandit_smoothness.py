r"""The curvature of a softmax bandit with the constant that is remembered from the literature.

**Setting** of :mod:`theory.bounds.reinforcement_learning.softmax_bandit_smoothness`.

**Theorem**, as it is recalled (the text was not read): :math:`\|\nabla^2J\|\le5/2`.

**Proof**. It is thirteen times the sharp constant :math:`1/(3\sqrt3)`: 0.0769 of it is false.

**Source**: ``mei-2020``, from memory.
"""

from sympy import Integer, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, n, states

BOUND = (Rational(5, 2) * direction_square) ** 2

CLAIM = Claim(
    name="mei_bandit_smoothness",
    title="As recalled: a softmax bandit's second derivative along v is at most 5/2 |v|^2",
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 2), actions: Range(2, 5)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        direction_square: measured("direction_square", block=Integer(0)),
    },
    lhs=curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("mei-2020", "smoothness of bandits, recalled"),
    false_sibling=FalseSibling("a thirteenth of it", {"rhs": BOUND / 171}),
)
