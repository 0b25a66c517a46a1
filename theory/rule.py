r"""What a rule of adaptation is, and how its residual and weights are derived from its two steps.

A rule is run symbolically on the scalar quadratic risk :math:`R(\theta)=\tfrac12 q(\theta-\theta_\gamma)^2`, on one eigenvector
of a task's curvature.  Three things follow, none of them typed in:

- the **residual polynomial** r(q) of the inner loop, :math:`\theta'-\theta_\gamma = r(q)(\theta-\theta_\gamma)`;
- the **training weight**, the derivative with respect to :math:`\theta` of the rule's outer step (for the exact rules the
  gradient of :math:`R(\theta'(\theta))`), which vanishes at the optimum that the rule finds;
- the **deployment weight** :math:`q\,r(q)^2`, the second derivative of what the rule's user pays after adaptation.

A derivation is made once per rule with symbols in place of its numbers and then kept.  The rules themselves are in
:mod:`theory.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, NamedTuple

from sympy import Dummy, Expr, Function, Integer, Mul, Symbol, diff, expand, factor, rsolve, simplify, sympify

from theory import notation
from theory.exact import exact_number
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
        >>> from theory.rules import MAML
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
        >>> from theory.rules import FirstOrderMAML
        >>> FirstOrderMAML(notation.alpha, 2).training_weight(notation.q)
        q*(-alpha*q + 1)**2
        """
        return self._at(self._derived().training, q)

    def deployment_weight(self, q: Any) -> Expr:
        """Deployment weight q r(q)^2; for a sampled step an expression that contains the symbol tau_2 = tr(Q^2) too.

        Examples
        --------
        >>> from theory.rules import Reptile
        >>> Reptile(notation.alpha).deployment_weight(notation.q)
        q*(-alpha*q + 1)**2
        """
        return self._at(self._derived().deployment, q)

    def weight(self, deployed: bool = False) -> Expr:
        """The deployment weight if `deployed`, else the training weight, in :data:`theory.notation.q`."""
        return self.deployment_weight(notation.q) if deployed else self.training_weight(notation.q)

    def _derived(self) -> Derivation:
        return self._lifted()[0]

    def _at(self, derived: Expr, q: Any) -> Expr:
        return derived.xreplace(self._lifted()[1] | {notation.q: sympify(q)})

    def _lifted(self) -> tuple[Derivation, dict[Symbol, Expr]]:
        """What is derived of this rule with a fresh symbol for every field but `steps`, and the values of those symbols.

        One derivation then serves every rate.  Where another field counts, so that a symbol in its place does not do, whole
        numbers stay what they are.
        """
        try:
            rule, values = self._template(whole=True)
            return _derive(rule), values
        except (TypeError, ValueError):
            rule, values = self._template(whole=False)
            return _derive(rule), values

    def _template(self, whole: bool) -> tuple[Rule, dict[Symbol, Expr]]:
        values: dict[Symbol, Expr] = {}
        replaced = {item.name: _lift(item.name, getattr(self, item.name), values, whole) for item in fields(self)}
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


def _lift(name: str, value: Any, values: dict[Symbol, Expr], whole: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_lift(f"{name}_{index}", entry, values, whole) for index, entry in enumerate(value))
    # what is zero leaves a formula simpler than a symbol in its place would
    if not isinstance(value, Expr) or name == "steps" or value.is_zero or (value.is_Integer and not whole):
        return value
    symbol = Symbol(f"_{name}")
    values[symbol] = value
    return symbol
