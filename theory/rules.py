r"""Rules of adaptation, each given by its inner and its outer step; residuals and weights are derived from those.

A rule is run symbolically on the scalar quadratic risk :math:`R(\theta)=\tfrac12 q(\theta-\theta_\gamma)^2`, on one
eigenvector of a task's curvature.  Three things follow, none of them typed in:

- the **residual polynomial** r(q) of the inner loop, :math:`\theta'-\theta_\gamma = r(q)(\theta-\theta_\gamma)`;
- the **training weight**, the derivative with respect to :math:`\theta` of the rule's outer step (for the exact rules the
  gradient of :math:`R(\theta'(\theta))`), which vanishes at the optimum that the rule finds;
- the **deployment weight** :math:`q\,r(q)^2`, the second derivative of what the rule's user pays after adaptation.

Inner loops of gradient steps are unrolled for an integer number of steps and solved as a recurrence for a symbolic one; the
flow is solved as a differential equation and the proximal step as an equation.  A derivation is made once per rule with
symbols in place of its numbers and then kept.

A new rule of gradient steps overrides `rate` or `momentum` of :class:`GradientSteps`:

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class HeavyBall(GradientSteps):
...     alpha: Any
...     friction: Any
...     steps: Any = 1
...     def rate(self, j): return self.alpha
...     def momentum(self, j): return self.friction
>>> HeavyBall(notation.alpha, 0, 3).residual(notation.q)
(-alpha*q + 1)**3
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, NamedTuple

from sympy import (
    Dummy,
    Eq,
    Expr,
    Function,
    ImmutableMatrix,
    Integer,
    Mul,
    Symbol,
    diff,
    dsolve,
    expand,
    factor,
    rsolve,
    simplify,
    solve,
    sympify,
)

from theory import notation
from theory.exact import exact_matrix, exact_number
from theory.sampled_step import sampled_weight

Gradient = Callable[[Expr], Expr]


class Derivation(NamedTuple):
    """What follows from a rule's two steps, in the scalar q (and, for a sampled step, the trace of Q squared)."""

    residual: Expr | None
    training: Expr
    deployment: Expr


@dataclass(frozen=True)
class Rule:
    """Base class: a frozen dataclass whose fields are numbers or symbols, with an inner loop and an outer step.

    Floats are taken at their exact binary value.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not (value is None and item.default is None):
                object.__setattr__(self, item.name, _exact(item.name, value))

    @property
    def free_symbols(self) -> set[Symbol]:
        """Symbols in the rule's fields."""
        return {symbol for item in fields(self) for symbol in _symbols(getattr(self, item.name))}

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """The inner loop: where it takes `start`, given the task's gradient as a function of the parameter."""
        raise NotImplementedError(f"{type(self).__name__} defines no inner loop `adapt`")

    def outer_step(self, risk: Callable[[Expr], Expr], theta: Symbol, adapted: Expr) -> Expr:
        """What training drives to zero; by default the gradient of the adapted risk with respect to the initial parameter."""
        return diff(risk(adapted), theta)

    def residual(self, q: Any) -> Expr:
        """Residual polynomial r at `q`: the factor by which adaptation shrinks the error along an eigenvector of curvature q.

        Raises
        ------
        ValueError
            If the inner step is sampled (`inner_samples`), so that its residual is random.

        Examples
        --------
        >>> MAML(notation.alpha, 3).residual(notation.q)
        (-alpha*q + 1)**3
        """
        derived = self._derived().residual
        if derived is None:
            raise ValueError(
                f"inner_samples is {getattr(self, 'inner_samples', None)}; the residual of a sampled inner step is random, "
                "only its weight is a number"
            )
        return self._at(derived, q)

    def training_weight(self, q: Any) -> Expr:
        """Training weight w at `q`; for a sampled step an expression that contains the symbol tau_2 = tr(Q^2) too.

        Examples
        --------
        >>> FirstOrderMAML(notation.alpha, 2).training_weight(notation.q)
        q*(-alpha*q + 1)**2
        """
        return self._at(self._derived().training, q)

    def deployment_weight(self, q: Any) -> Expr:
        """Deployment weight q r(q)^2; for a sampled step an expression that contains the symbol tau_2 = tr(Q^2) too.

        Examples
        --------
        >>> Reptile(notation.alpha).deployment_weight(notation.q)
        q*(-alpha*q + 1)**2
        """
        return self._at(self._derived().deployment, q)

    def weight(self, deployed: bool = False) -> Expr:
        """The deployment weight if `deployed`, else the training weight, in :data:`theory.notation.q`."""
        return self.deployment_weight(notation.q) if deployed else self.training_weight(notation.q)

    def _derived(self) -> Derivation:
        return _derive(self._template()[0])

    def _at(self, derived: Expr, q: Any) -> Expr:
        values = self._template()[1] | {notation.q: sympify(q)}
        return derived.subs(values, simultaneous=True)

    def _template(self) -> tuple[Rule, dict[Symbol, Expr]]:
        """This rule with a fresh symbol for every field that is not an integer, and the values of those symbols.

        One derivation then serves every rate, while integers, which may count steps, keep their meaning.
        """
        values: dict[Symbol, Expr] = {}
        replaced = {item.name: _lift(item.name, getattr(self, item.name), values) for item in fields(self)}
        return replace(self, **replaced), values


class GradientSteps(Rule):
    """Inner loops of explicit gradient steps, theta_{j+1} = theta_j - rate(j) grad R(theta_j) + momentum(j) (theta_j -
    theta_{j-1}).

    A subclass has a field `steps` and overrides :meth:`rate`, and :meth:`momentum` where it has one.  Both get the index j of
    the step, an integer when `steps` is one and the symbol :data:`theory.notation.j` otherwise; theta_{-1} = theta_0.
    """

    steps: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps.is_number and not (self.steps.is_Integer and self.steps >= 0):
            raise ValueError(f"steps is {self.steps}; it must be a non-negative integer or a symbol")

    def rate(self, j: Any) -> Any:
        """Rate of step j."""
        raise NotImplementedError(f"{type(self).__name__} defines no `rate`")

    def momentum(self, j: Any) -> Any:
        """Momentum of step j; none by default."""
        return 0

    def adapt(self, gradient: Gradient, start: Expr) -> Expr:
        """Run the steps from `start`; a symbolic number of them by solving the recurrence.

        Raises
        ------
        ValueError
            If `steps` is symbolic and the recurrence has no closed form known to sympy.
        """
        if self.steps.is_Integer:
            previous = current = start
            for j in range(int(self.steps)):
                step = -self.rate(j) * gradient(current) + self.momentum(j) * (current - previous)
                previous, current = current, expand(current + step)
            return current
        return self._solved_recurrence(gradient, start)

    def _solved_recurrence(self, gradient: Gradient, start: Expr) -> Expr:
        index, path = notation.j, Function("path")
        rate, momentum = sympify(self.rate(index)), sympify(self.momentum(index))
        if momentum == 0:
            equation = path(index + 1) - path(index) + rate * gradient(path(index))
            known = {path(0): start}
        else:
            later = {index: index + 1}
            push = momentum.subs(later) * (path(index + 1) - path(index))
            equation = path(index + 2) - path(index + 1) + rate.subs(later) * gradient(path(index + 1)) - push
            known = {path(0): start, path(1): start - rate.subs(index, 0) * gradient(start)}
        try:
            solution = rsolve(expand(equation), path(index), known)
        except (NotImplementedError, ValueError):
            solution = None
        if solution is None:
            raise ValueError(f"steps is {self.steps}; it must be an integer, {type(self).__name__} having no closed form in it")
        return solution.subs(index, self.steps)


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


@cache
def _derive(rule: Rule) -> Derivation:
    """Run the two steps of `rule` on the scalar quadratic risk and read off residual and weights."""
    q, theta, optimum = notation.q, notation.theta, notation.theta_gamma

    def risk(at: Expr) -> Expr:
        return q * (at - optimum) ** 2 / 2

    def gradient(at: Expr) -> Expr:
        place = Dummy("place")
        return diff(risk(place), place).subs(place, at)

    samples = getattr(rule, "inner_samples", None)
    if samples is not None:
        rate = rule.alpha  # type: ignore[attr-defined]
        weight = sampled_weight().subs({notation.alpha: rate, notation.N: samples}, simultaneous=True)
        return Derivation(None, weight, weight)
    adapted = rule.adapt(gradient, theta)
    residual = _factored(simplify(diff(adapted, theta)))
    if residual.has(theta, optimum) or simplify(adapted - optimum - residual * (theta - optimum)) != 0:
        raise ValueError(f"the inner loop of {type(rule).__name__} does not shrink the error by a factor on quadratic risks")
    adapted = optimum + residual * (theta - optimum)
    outer = rule.outer_step(risk, theta, adapted)
    training = _factored(diff(outer, theta))
    if training.has(theta, optimum) or simplify(outer.subs(theta, optimum)) != 0:
        raise ValueError(f"the outer step of {type(rule).__name__} is not linear in the error on quadratic risks")
    return Derivation(residual, training, _factored(diff(risk(adapted), theta, 2)))


def _factored(expression: Expr) -> Expr:
    """Factors written with a positive constant term, (1 - alpha q)^k rather than (alpha q - 1)^k."""
    result: Expr = Integer(1)
    for item in Mul.make_args(factor(expression)):
        base, exponent = item.as_base_exp()
        if base.is_Add and base.subs(notation.q, 0).could_extract_minus_sign() and exponent.is_integer:
            result *= (-1) ** exponent * (-base) ** exponent
        else:
            result *= item
    return result


def _exact(name: str, value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_exact(f"{name}[{index}]", entry) for index, entry in enumerate(value))
    return exact_number(name, value)


def _symbols(value: Any) -> set[Symbol]:
    if isinstance(value, tuple):
        return {symbol for entry in value for symbol in _symbols(entry)}
    return set(getattr(value, "free_symbols", ()))


def _lift(name: str, value: Any, values: dict[Symbol, Expr]) -> Any:
    if isinstance(value, tuple):
        return tuple(_lift(f"{name}_{index}", entry, values) for index, entry in enumerate(value))
    if not isinstance(value, Expr) or value.is_Integer or name == "steps":
        return value
    symbol = Symbol(f"_{name}")
    values[symbol] = value
    return symbol


def _square(index: int, weight: Any) -> ImmutableMatrix:
    matrix = exact_matrix(f"weights[{index}]", weight)
    if matrix.rows != matrix.cols:
        raise ValueError(f"weights[{index}] has shape {matrix.shape}; it must be square")
    return matrix
