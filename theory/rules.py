r"""The rules of adaptation, each given by its inner and its outer step.

Residuals and weights follow from the steps (:mod:`theory.rule`): inner loops of gradient steps are unrolled for an integer
number of steps and solved as a recurrence for a symbolic one; the flow is solved as a differential equation and the proximal
step as an equation.

A new rule of gradient steps overrides `rate` or `momentum` of :class:`GradientSteps`:

>>> from dataclasses import dataclass
>>> from theory.notation import alpha, q
>>> @dataclass(frozen=True)
... class HeavyBall(GradientSteps):
...     alpha: Any
...     friction: Any
...     steps: Any = 1
...     def rate(self, j): return self.alpha
...     def momentum(self, j): return self.friction
>>> HeavyBall(alpha, 0, 3).residual(q)
(-alpha*q + 1)**3
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Eq, Expr, Function, ImmutableMatrix, Symbol, diff, dsolve, expand, solve

from theory.exact import exact_matrix
from theory.rule import Derivation, Gradient, GradientSteps, Rule

__all__ = [
    "DRS",
    "MAML",
    "FirstOrderMAML",
    "GradientFlow",
    "GradientSteps",
    "ImplicitMAML",
    "Prescribed",
    "Reptile",
    "Rule",
]


@dataclass(frozen=True)
class DRS(Rule):
    """Joint training (domain randomized search): no adaptation."""

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Leave the parameter where it is."""
        return start


@dataclass(frozen=True)
class MAML(GradientSteps):
    """MAML with `steps` inner steps at rate `alpha`, exact ones or one step on `inner_samples` fresh Gaussian samples.

    Parameters
    ----------
    alpha : number or symbol
        Rate of the inner loop; negative for MAML trained at a negative rate.
    steps : int or symbol
        Number of inner steps.
    inner_samples : int, symbol or None
        Number N of samples of the inner step; None for exact gradients.

    Raises
    ------
    ValueError
        If `inner_samples` is given with `steps` other than one, or is a number that is not a positive integer.
    """

    alpha: Any
    steps: Any = 1
    inner_samples: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.inner_samples is None:
            return
        if self.steps != 1:
            raise ValueError(f"steps is {self.steps}; with inner_samples it must be 1, the only case with a closed form here")
        if self.inner_samples.is_number and not (self.inner_samples.is_Integer and self.inner_samples > 0):
            raise ValueError(f"inner_samples is {self.inner_samples}; it must be a positive integer, a symbol or None")

    def rate(self, j: Any) -> Any:
        """The constant rate alpha."""
        return self.alpha


@dataclass(frozen=True)
class FirstOrderMAML(GradientSteps):
    """First-order MAML: the outer step is the gradient at the adapted parameter, without the derivative of the inner loop."""

    alpha: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        """The constant rate alpha."""
        return self.alpha

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """The gradient of the risk at the adapted parameter."""
        return diff(risk(theta), theta).subs(theta, adapted)


@dataclass(frozen=True)
class Reptile(GradientSteps):
    """Reptile: the outer step goes towards the adapted parameter."""

    alpha: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        """The constant rate alpha."""
        return self.alpha

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """The way back from the adapted parameter."""
        return theta - adapted


@dataclass(frozen=True)
class ImplicitMAML(Rule):
    """Implicit MAML: adaptation minimises the task's risk plus `regularization`/2 times the squared distance to the start."""

    regularization: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.regularization.is_nonpositive:
            raise ValueError(f"regularization is {self.regularization}; it must be positive")

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Solve the proximal problem's stationarity equation."""
        adapted = Dummy("adapted")
        (solution,) = solve(gradient(adapted) + self.regularization * (adapted - start), adapted)
        return solution


@dataclass(frozen=True)
class GradientFlow(Rule):
    """Gradient flow for a given `time`, the limit of many small inner steps."""

    time: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time.is_negative:
            raise ValueError(f"time is {self.time}; it must not be negative")

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Solve the differential equation of the flow."""
        clock, path = Dummy("clock"), Function("path")
        equation = Eq(path(clock).diff(clock), -expand(gradient(path(clock))))
        return dsolve(equation, path(clock), ics={path(0): start}).rhs.subs(clock, self.time)


@dataclass(frozen=True)
class Prescribed(Rule):
    """Weights given task by task, for training and deployment alike: a tuple of p x p matrices in the order of the tasks.

    In a claim over weight pairs, a name such as ``"A"`` stands for the instance's family of weights.
    """

    weights: Any

    def __post_init__(self) -> None:
        if isinstance(self.weights, str):
            return
        object.__setattr__(self, "weights", tuple(_square(index, weight) for index, weight in enumerate(self.weights)))

    def _derived(self) -> Derivation:
        raise ValueError("weights are prescribed task by task; they are not a function of the curvature q")


def _square(index: int, weight: Any) -> ImmutableMatrix:
    matrix = exact_matrix(f"weights[{index}]", weight)
    if matrix.rows != matrix.cols:
        raise ValueError(f"weights[{index}] has shape {matrix.shape}; it must be square")
    return matrix
