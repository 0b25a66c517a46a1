r"""Rules of meta-learning with a constant kernel: what `zhou-2021` trains and how it replaces the exponential.

With a constant kernel a network is linear in its features, so that its tasks are quadratic and its adaptations are rules like
those of :mod:`theory.rules`, whose weights follow by the same derivation.

>>> from theory.notation import alpha, k, q, t
>>> EnergyFunctional(alpha).training_weight(q)
-q*(2*alpha*q - 1)
>>> PathEnergy(alpha, k).training_weight(q)
q*(2*(-alpha*q + 1)**k - 1)
>>> PadeFlow(t).residual(q)
-(q*t - 2)/(q*t + 2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, Symbol, diff, solve

from theory.rule import Gradient, GradientSteps, Rule


@dataclass(frozen=True)
class EnergyFunctional(Rule):
    """Meta-RKHS-I: no adaptation; training minimises the mean of R - alpha |grad R|^2."""

    alpha: Any

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Leave the parameter where it is."""
        return start

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """The gradient of the energy."""
        return diff(risk(theta) - self.alpha * diff(risk(theta), theta) ** 2, theta)


@dataclass(frozen=True)
class PathEnergy(GradientSteps):
    """Training on the mean of R - alpha sum_i <grad R(theta_i), grad R(theta)> along k gradient steps.

    The steps' gradients add up to the way back from the adapted parameter, alpha sum_i grad R(theta_i) = theta - theta'.
    """

    alpha: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        """The constant rate alpha."""
        return self.alpha

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """The gradient of the sum."""
        return diff(risk(theta) - (theta - adapted) * diff(risk(theta), theta), theta)


@dataclass(frozen=True)
class PadeFlow(Rule):
    """The gradient flow with its exponential replaced by Padé's [1/1] approximant, one implicit midpoint step."""

    time: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time.is_nonpositive:
            raise ValueError(f"time is {self.time}; it must be positive")

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Solve the equation of the midpoint step."""
        adapted = Dummy("adapted")
        (solution,) = solve(adapted - start + self.time * gradient((adapted + start) / 2), adapted)
        return solution
