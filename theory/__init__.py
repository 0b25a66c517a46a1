"""Claims about meta-learning, derived and solved exactly in sympy."""

from theory import bounds, notation, optima, rules, tasks

__all__ = ["bounds", "notation", "optima", "rules", "tasks"]
