"""The small-rate series, derived with non-commuting symbols, against exact rational functions of the rate on matrix tasks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Matrix, Poly, Rational, eye, fraction, together, zeros

from theory import optima
from theory.bounds import small_rate_modeling_error, small_rate_optimum
from theory.bounds.quadratic.small_rate_optimum import INVERSE, mean_power, mean_pull
from theory.notation import alpha, k
from theory.rules import DRS, MAML
from theory.tasks import Discrete, Task

ORDER = 3


@st.composite
def tasks_of_matrices(draw: st.DrawFn) -> Discrete:
    """Two or three tasks in up to two dimensions, the first curvature definite, the others of any rank; nothing commutes."""
    size, count = draw(st.integers(1, 2)), draw(st.integers(2, 3))
    small = st.integers(-2, 2)

    def matrix() -> Matrix:
        return Matrix(size, size, [draw(small) for _ in range(size * size)])

    factors = [matrix() for _ in range(count)]
    hessians = [factor * factor.T for factor in factors]
    hessians[0] += eye(size)
    weights = [draw(st.integers(1, 4)) for _ in range(count)]
    return Discrete(
        [
            Task(Rational(weight, sum(weights)), [draw(small) for _ in range(size)], hessian=hessian)
            for weight, hessian in zip(weights, hessians, strict=True)
        ]
    )


def _numbers(tasks: Discrete, highest: int) -> dict[Expr, Matrix]:
    """What the symbols of the series stand for on given tasks."""
    center = optima.drs(tasks)
    known: dict[Expr, Matrix] = {}
    for power in range(1, highest + 1):
        entries = [(task.probability * task.hessian**power, task.optimum - center) for task in tasks.tasks]
        known[mean_power(power)] = sum((weight for weight, _ in entries), zeros(len(center)))
        pull = sum((weight * error for weight, error in entries), zeros(len(center), 1))
        known[mean_pull(power)] = pull
        known[small_rate_modeling_error.transposed(mean_pull(power))] = pull.T
    known[INVERSE] = known[mean_power(1)].inv()
    return known


def _evaluated(series: Expr, known: dict[Expr, Matrix], steps: int, shape: tuple[int, int]) -> Matrix:
    total = zeros(*shape)
    for term in series.expand().as_ordered_terms():
        numbers, factors = term.args_cnc()
        product: Matrix | int = 1
        for factor in factors:
            product = product * known[factor]
        for number in numbers:
            product = product * number.subs(k, steps)
        total += product if factors else zeros(*shape)
    return total


def _coefficients(expression: Expr, order: int) -> list[Expr]:
    """Taylor coefficients at zero of a rational function, by dividing its polynomials as power series."""
    above, below = (Poly(part, alpha).all_coeffs()[::-1] for part in fraction(together(expression)))
    found: list[Expr] = []
    for m in range(order + 1):
        rest = (above[m] if m < len(above) else 0) - sum(below[i] * found[m - i] for i in range(1, min(m, len(below) - 1) + 1))
        found.append(rest / below[0])
    return found


@settings(max_examples=12)
@given(tasks=tasks_of_matrices(), steps=st.integers(1, 3))
def test_the_optimum_leaves_as_the_series_says(tasks: Discrete, steps: int) -> None:
    moved = optima.maml(tasks, alpha, steps) - optima.drs(tasks)
    known = _numbers(tasks, ORDER + 1)
    exact = [_coefficients(entry, ORDER) for entry in moved]
    for m, coefficient in enumerate(small_rate_optimum.series(ORDER)):
        assert _evaluated(coefficient, known, steps, moved.shape) == Matrix([entry[m] for entry in exact])


@settings(max_examples=12)
@given(tasks=tasks_of_matrices(), steps=st.integers(1, 2))
def test_the_modeling_error_starts_as_the_series_says(tasks: Discrete, steps: int) -> None:
    error = optima.modeling_error(tasks, DRS(), MAML(alpha, steps))
    known = _numbers(tasks, ORDER + 1)
    exact = _coefficients(error, ORDER)
    for m, coefficient in enumerate(small_rate_modeling_error.series(ORDER)):
        assert _evaluated(coefficient, known, steps, (1, 1))[0, 0] == exact[m]


def test_the_claims_state_the_derived_coefficients() -> None:
    """The closed forms of the two claims are the series' first terms, in the symbols that define their measured parts."""
    pull, primed = mean_pull(2), small_rate_modeling_error.transposed(mean_pull(2))
    shift, gap = INVERSE * pull, primed * INVERSE * pull
    optimum, error = small_rate_optimum.CLAIM, small_rate_modeling_error.CLAIM
    (measured_shift,) = optimum.rhs.free_symbols - {k}
    (measured_gap,) = error.rhs.free_symbols - {k}
    assert small_rate_optimum.series(1)[1] == optimum.rhs.subs(measured_shift, shift)
    assert small_rate_modeling_error.series(2) == [0, 0, error.rhs.subs(measured_gap, gap)]


def test_a_weight_that_is_no_series_in_alpha_q_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a multiple of q"):
        small_rate_optimum.weight_coefficient(2, MAML(alpha, 1, 3))
