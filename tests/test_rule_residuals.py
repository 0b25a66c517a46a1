"""Residuals and weights are what the rules' own steps make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Expr,
    I,
    Matrix,
    Rational,
    Symbol,
    diff,
    exp,
    expand,
    expand_func,
    limit,
    nan,
    oo,
    simplify,
    symbols,
)

from theory import rule as base
from theory import sampled_step
from theory.notation import N, alpha, k, lam, q, t, tau2
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, GradientSteps, ImplicitMAML, Prescribed, Reptile, Rule

STEPS = [1, 2, 3, 4, 5, k]


def table(steps: Any) -> list[tuple[Rule, Expr, Expr]]:
    """The rows of the table of rules that depend on a number of steps: rule, residual, training weight."""
    return [
        (MAML(alpha, steps), (1 - alpha * q) ** steps, q * (1 - alpha * q) ** (2 * steps)),
        (MAML(-alpha, steps), (1 + alpha * q) ** steps, q * (1 + alpha * q) ** (2 * steps)),
        (FirstOrderMAML(alpha, steps), (1 - alpha * q) ** steps, q * (1 - alpha * q) ** steps),
        (Reptile(alpha, steps), (1 - alpha * q) ** steps, 1 - (1 - alpha * q) ** steps),
    ]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("row", range(4))
def test_gradient_rules_have_the_residual_and_weight_of_the_table(steps: Any, row: int) -> None:
    rule, residual, weight = table(steps)[row]
    assert expand(rule.residual(q) - residual) == 0
    assert expand(rule.training_weight(q) - weight) == 0
    assert expand(rule.deployment_weight(q) - q * residual**2) == 0


@pytest.mark.parametrize(
    ("rule", "residual", "weight"),
    [
        (DRS(), 1, q),
        (ImplicitMAML(lam), lam / (lam + q), q * (lam / (lam + q)) ** 2),
        (GradientFlow(t), exp(-t * q), q * exp(-2 * t * q)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_other_rules_have_the_residual_and_weight_of_the_table(rule: Rule, residual: Expr, weight: Expr) -> None:
    assert simplify(rule.residual(q) - residual) == 0
    assert simplify(rule.training_weight(q) - weight) == 0
    assert simplify(rule.deployment_weight(q) - weight) == 0


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("kind", [MAML, FirstOrderMAML, Reptile])
def test_the_solved_recurrence_agrees_with_the_unrolled_one(kind: type, steps: int) -> None:
    solved, unrolled = kind(alpha, k), kind(alpha, steps)
    for quantity in ("residual", "training_weight", "deployment_weight"):
        assert expand(getattr(solved, quantity)(q).subs(k, steps) - getattr(unrolled, quantity)(q)) == 0


def test_many_small_steps_are_the_gradient_flow() -> None:
    small_steps = MAML(t / k, k).residual(q)
    assert simplify(limit(small_steps.subs({t: Rational(1, 2), q: 3}), k, oo) - GradientFlow(Rational(1, 2)).residual(3)) == 0


@dataclass(frozen=True)
class HeavyBall(GradientSteps):
    alpha: Any
    friction: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        return self.alpha

    def momentum(self, j: Any) -> Any:
        return self.friction


@dataclass(frozen=True)
class Schedule(GradientSteps):
    rates: Any

    @property
    def steps(self) -> Any:
        return Rational(len(self.rates))

    def rate(self, j: Any) -> Any:
        return self.rates[j]


@dataclass(frozen=True)
class Decaying(GradientSteps):
    alpha: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        return self.alpha / (j + 1)


rationals = st.fractions(min_value=-2, max_value=2, max_denominator=16)
curvatures = st.fractions(min_value=0, max_value=3, max_denominator=16)
loops = st.builds(
    lambda kind, rate, friction, steps: (
        kind(rate, friction, steps)
        if kind is HeavyBall
        else Schedule((rate, friction) * 2)
        if kind is Schedule
        else kind(rate, steps)
    ),
    st.sampled_from([MAML, FirstOrderMAML, Reptile, HeavyBall, Schedule, Decaying]),
    rationals,
    rationals,
    st.integers(0, 5),
)


def _executed(rule: GradientSteps, curvature: Fraction, start: Fraction, optimum: Fraction) -> Fraction:
    """The inner loop in fractions, without sympy's algebra."""
    previous = current = start
    for index in range(int(rule.steps)):
        rate, momentum = (Fraction(int(value.p), int(value.q)) for value in (rule.rate(index), Rational(rule.momentum(index))))
        gradient = curvature * (current - optimum)
        previous, current = current, current - rate * gradient + momentum * (current - previous)
    return current


@settings(max_examples=100, deadline=None)
@given(loops, curvatures, rationals, rationals)
def test_the_residual_is_the_factor_of_the_executed_loop(
    rule: GradientSteps, curvature: Fraction, start: Fraction, optimum: Fraction
) -> None:
    adapted = _executed(rule, curvature, start, optimum)
    assert rule.residual(Rational(curvature)) * Rational(start - optimum) == Rational(adapted - optimum)


def _outer_step(rule: GradientSteps, curvature: Fraction) -> Callable[[Fraction], Fraction]:
    """The rule's outer step by executing it on a task with optimum 1; the gradient of a quadratic is a central difference."""

    def adapt(start: Fraction) -> Fraction:
        return _executed(rule, curvature, start, Fraction(1))

    def adapted_risk(start: Fraction) -> Fraction:
        return curvature * (adapt(start) - 1) ** 2 / 2

    if isinstance(rule, FirstOrderMAML):
        return lambda start: curvature * (adapt(start) - 1)
    if isinstance(rule, Reptile):
        return lambda start: start - adapt(start)
    return lambda start: (adapted_risk(start + 1) - adapted_risk(start - 1)) / 2


@settings(max_examples=100, deadline=None)
@given(loops, curvatures)
def test_the_training_weight_is_the_slope_of_the_executed_outer_step(rule: GradientSteps, curvature: Fraction) -> None:
    outer = _outer_step(rule, curvature)
    assert outer(Fraction(1)) == 0  # the task's optimum is a fixed point
    assert rule.training_weight(Rational(curvature)) == Rational(outer(Fraction(2)))


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_heavy_ball_with_symbolic_steps_agrees_with_the_unrolled_one(steps: int) -> None:
    at = {alpha: Rational(1, 3), Symbol("m"): Rational(1, 4), q: Rational(1, 2)}
    rule = HeavyBall(alpha, Symbol("m"), k)
    difference = rule.residual(q).subs(k, steps) - HeavyBall(alpha, Symbol("m"), steps).residual(q)
    assert simplify(difference.subs(at)) == 0


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_decaying_rates_have_a_closed_form_in_symbolic_steps(steps: int) -> None:
    solved = Decaying(alpha, k).residual(q).subs(k, steps)
    assert expand(expand_func(solved) - Decaying(alpha, steps).residual(q)) == 0


@dataclass(frozen=True)
class Wild(GradientSteps):
    alpha: Any
    steps: Any = 1

    def rate(self, j: Any) -> Any:
        return self.alpha ** (j**2 + 1)

    def momentum(self, j: Any) -> Any:
        return 1 / (j + 2)


def test_a_recurrence_without_a_closed_form_is_refused_in_symbolic_steps_and_unrolled_in_integer_ones() -> None:
    with pytest.raises(ValueError, match=r"^steps is k; it must be an integer, Wild having no closed form in it"):
        Wild(alpha, k).residual(q)
    assert expand(Wild(alpha, 1).residual(q) - (1 - alpha * q)) == 0


def test_one_derivation_serves_every_rate() -> None:
    base._derive.cache_clear()
    for denominator in range(2, 40):
        MAML(Rational(1, denominator), 3).training_weight(q)
    assert base._derive.cache_info().misses == 1


def _gaussian_fourth_moment(covariance: Matrix, indices: tuple[int, ...]) -> Expr:
    """E[x_i x_a x_b x_j] by differentiating the moment generating function, an independent road to Isserlis' theorem."""
    arguments = Matrix(symbols(f"s:{covariance.rows}"))
    generating = exp((arguments.T * covariance * arguments)[0] / 2)
    return diff(generating, *(arguments[index] for index in indices)).subs(dict.fromkeys(arguments, 0))


def test_the_sampled_weight_is_the_expectation_over_gaussian_samples() -> None:
    a, b, c = symbols("a b c")
    curvature = Matrix([[a, b], [b, c]])
    sandwich = Matrix(
        2,
        2,
        lambda row, column: sum(
            curvature[x, y] * _gaussian_fourth_moment(curvature, (row, x, y, column)) for x in range(2) for y in range(2)
        ),
    )
    identity = Matrix([[1, 0], [0, 1]])
    expected = curvature * (identity - alpha * curvature) ** 2 + alpha**2 / N * (sandwich - curvature**3)
    weight = sampled_step.sampled_weight().as_poly(q).all_coeffs()[::-1]
    trace = (curvature**2).trace()
    found = sum((coefficient.subs(tau2, trace) * curvature**power for power, coefficient in enumerate(weight)), curvature * 0)
    assert (found - expected).applyfunc(lambda entry: simplify(entry)) == curvature * 0


def test_the_sampled_step_tends_to_the_exact_one() -> None:
    sampled = MAML(alpha, inner_samples=N)
    assert expand(limit(sampled.training_weight(q), N, oo) - MAML(alpha).training_weight(q)) == 0
    # p = 1: the quadratic coefficient alpha^2 becomes alpha^2 (1 + 2/N)
    scalar = expand(sampled.training_weight(q).subs(tau2, q**2))
    assert expand(scalar - (q - 2 * alpha * q**2 + alpha**2 * (1 + 2 / N) * q**3)) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MAML(float("nan")), r"^alpha is nan; it must be a finite real number"),
        (lambda: MAML(nan), r"^alpha is nan; it must be a finite real number"),
        (lambda: Reptile(oo), r"^alpha is oo; it must be a finite real number"),
        (lambda: MAML(I), r"^alpha is I; it must be a finite real number"),
        (lambda: MAML("0.1"), r"^alpha is '0\.1'; it must be a finite real number"),
        (lambda: MAML(None), r"^alpha is None; it must be a finite real number"),
        (lambda: MAML(alpha, -1), r"^steps is -1; it must be a non-negative integer or a symbol"),
        (lambda: Reptile(alpha, 1.5), r"^steps is 3/2; it must be a non-negative integer or a symbol"),
        (lambda: MAML(alpha, 2, 5), r"^steps is 2; with inner_samples it must be 1"),
        (lambda: MAML(alpha, k, N), r"^steps is k; with inner_samples it must be 1"),
        (lambda: MAML(alpha, 1, 0), r"^inner_samples is 0; it must be a positive integer"),
        (lambda: MAML(alpha, 1, Rational(1, 2)), r"^inner_samples is 1/2; it must be a positive integer"),
        (lambda: MAML(alpha, 1, N).residual(q), r"^inner_samples is N; the residual of a sampled inner step is random"),
        (lambda: ImplicitMAML(0), r"^regularization is 0; it must be positive"),
        (lambda: GradientFlow(-1), r"^time is -1; it must not be negative"),
        (lambda: Prescribed([[[1, 2]]]), r"^weights\[0\] has shape \(1, 2\); it must be square"),
        (lambda: Prescribed([[[1]]]).training_weight(q), r"^weights are prescribed task by task"),
        (lambda: Schedule((Rational(1, 2), nan)), r"^rates\[1\] is nan; it must be a finite real number"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_rule_without_an_inner_loop_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"^Rule defines no inner loop `adapt`"):
        Rule().residual(q)


@dataclass(frozen=True)
class Clipped(Rule):
    """An inner loop that is not linear in the error."""

    def adapt(self, gradient: Callable[[Expr], Expr], start: Expr) -> Expr:
        return start - gradient(start) ** 2


def test_an_inner_loop_without_a_residual_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the inner loop of Clipped does not shrink the error by a factor"):
        Clipped().training_weight(q)
