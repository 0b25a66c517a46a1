r"""Bootstrapping as a rule: training towards a point further along the inner loop.

>>> from theory.notation import alpha, q
>>> Bootstrap(alpha, 1, 1).training_weight(q)
alpha**2*q**2*(-alpha*q + 1)**2
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, Symbol, diff

from theory.rule import GradientSteps
from theory.rules import MAML


@dataclass(frozen=True)
class Bootstrap(GradientSteps):
    """Half the squared distance from theta_k to theta_{k + ahead}, differentiated through both."""

    alpha: Any
    steps: Any = 1
    ahead: Any = 1

    def rate(self, j: Any) -> Any:
        """The constant rate alpha."""
        return self.alpha

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """The gradient of half the squared distance."""

        def gradient(at: Expr) -> Expr:
            place = Dummy("place")
            return diff(risk(place), place).subs(place, at)

        target = MAML(self.alpha, self.ahead).adapt(gradient, adapted)
        return diff((adapted - target) ** 2 / 2, theta)
