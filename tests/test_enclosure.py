"""Exact numbers of verify never lie: an enclosure contains the true value whatever is computed, and is narrow."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.arithmetic import functions
from verify.arithmetic.enclosure import Enclosure, absolute, ends, exponential, largest, smallest, square_root

#: relative width that an operation on exact numbers may have at most
NARROW = Fraction(1, 2**150)

RATIONALS = st.one_of(
    st.fractions(max_denominator=50),
    st.builds(
        lambda digits, shift: Fraction(digits) * Fraction(2) ** shift, st.integers(-(2**70), 2**70), st.integers(-200, 60)
    ),
)
POSITIVE = RATIONALS.map(lambda value: abs(value) or Fraction(1))
ARGUMENTS = st.builds(Fraction, st.integers(-(2**40), 2**40), st.integers(2**34, 2**60))


@st.composite
def around(draw: st.DrawFn, values: st.SearchStrategy[Fraction]) -> tuple[Fraction, Enclosure]:
    """A rational and an interval around it, of any width, none included."""
    value = draw(values)
    below, above = (draw(st.one_of(st.just(Fraction(0)), POSITIVE)) for _ in range(2))
    return value, Enclosure.around(value - below, value + above)


ENCLOSED = around(RATIONALS)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul], ids=lambda operation: operation.__name__)
@given(first=ENCLOSED, second=ENCLOSED)
def test_arithmetic_contains_the_true_value(operation: Callable[[Any, Any], Any], first: Any, second: Any) -> None:
    (a, enclosed_a), (b, enclosed_b) = first, second
    true = operation(a, b)
    assert operation(enclosed_a, enclosed_b).contains(true)
    # a rational on either side is taken exactly
    assert operation(enclosed_a, b).contains(true)
    assert operation(a, enclosed_b).contains(true)


@given(first=ENCLOSED, second=ENCLOSED)
def test_a_quotient_contains_the_true_value_or_refuses_a_denominator_that_may_be_zero(first: Any, second: Any) -> None:
    (a, enclosed_a), (b, enclosed_b) = first, second
    if enclosed_b.contains(Fraction(0)):
        for numerator in (enclosed_a, a):
            with pytest.raises(ZeroDivisionError, match="contains zero"):
                numerator / enclosed_b
    else:
        assert (enclosed_a / enclosed_b).contains(a / b)
        assert (a / enclosed_b).contains(a / b)


@given(base=ENCLOSED, exponent=st.integers(-4, 6))
def test_a_power_contains_the_true_value(base: Any, exponent: int) -> None:
    value, enclosed = base
    if exponent < 0 and enclosed.contains(Fraction(0)):
        with pytest.raises(ZeroDivisionError):
            enclosed**exponent
    else:
        assert (enclosed**exponent).contains(value**exponent)


@given(base=ENCLOSED)
def test_an_even_power_is_not_negative(base: Any) -> None:
    assert (base[1] ** 2).lower >= 0


@given(first=ENCLOSED, second=ENCLOSED)
def test_order_and_sign_contain_the_true_value(first: Any, second: Any) -> None:
    (a, enclosed_a), (b, enclosed_b) = first, second
    assert (-enclosed_a).contains(-a)
    assert absolute(enclosed_a).contains(abs(a))
    assert absolute(enclosed_a).lower >= 0
    for left, right in ((enclosed_a, enclosed_b), (enclosed_a, b), (a, enclosed_b)):
        assert smallest(left, right).contains(min(a, b))
        assert largest(left, right).contains(max(a, b))
    assert (smallest(a, b), largest(a, b), absolute(a)) == (min(a, b), max(a, b), abs(a))


@given(low=RATIONALS, width=st.one_of(st.just(Fraction(0)), POSITIVE))
def test_rounding_goes_outward_and_keeps_numbers_short(low: Fraction, width: Fraction) -> None:
    # many digits, so that there is something to round
    low, high = low / 3**200, (low + width) / 3**200
    rounded = Enclosure.around(low, high)
    assert rounded.lower <= low <= high <= rounded.upper
    for end, exact in ((rounded.lower, low), (rounded.upper, high)):
        assert abs(end - exact) <= NARROW * abs(exact)
        assert end.numerator.bit_length() <= 200


@given(value=POSITIVE)
def test_a_root_contains_the_true_value_and_is_narrow(value: Fraction) -> None:
    low, high = ends(square_root(value))
    assert low * low <= value <= high * high
    assert high - low <= NARROW * high


@given(root=POSITIVE)
def test_the_root_of_a_square_is_rational(root: Fraction) -> None:
    assert square_root(root * root) == root


@given(enclosed=around(POSITIVE))
def test_a_root_of_an_interval_contains_the_roots_of_its_points(enclosed: Any) -> None:
    value, interval = enclosed
    low, high = ends(square_root(interval))
    assert low * low <= value <= high * high


def test_a_root_of_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="square root was taken of -2; its argument must be at least 0"):
        square_root(Fraction(-2))
    assert square_root(Fraction(0)) == 0


@given(value=ARGUMENTS)
def test_an_exponential_contains_the_true_value_and_is_narrow(value: Fraction) -> None:
    low, high = ends(exponential(value))
    with mpmath.workprec(400):
        true = mpmath.exp(mpmath.mpf(value.numerator) / value.denominator)
        assert mpmath.mpf(low.numerator) / low.denominator <= true * (1 + mpmath.mpf(2) ** -380)
        assert mpmath.mpf(high.numerator) / high.denominator >= true * (1 - mpmath.mpf(2) ** -380)
    assert high - low <= NARROW * high


@given(enclosed=around(ARGUMENTS), part=st.fractions(0, 1, max_denominator=8))
def test_an_exponential_of_an_interval_covers_it(enclosed: Any, part: Fraction) -> None:
    _, interval = enclosed
    # the interval is cut: the exponential of a number of a hundred digits has as many bits
    interval = Enclosure(max(interval.lower, Fraction(-90)), min(interval.upper, Fraction(90)))
    inside = interval.lower + part * (interval.upper - interval.lower)
    low, high = ends(exponential(interval))
    least, most = ends(exponential(inside))
    assert low <= most
    assert least <= high


def test_the_exponential_of_zero_is_one() -> None:
    assert exponential(Fraction(0)) == 1


# --- other functions ----------------------------------------------------------------------------------------------------------

WIDTHS = st.fractions(0, 8, max_denominator=9)
CURVES = {
    "sin": (functions.sine, mpmath.sin, RATIONALS),
    "cos": (functions.cosine, mpmath.cos, RATIONALS),
    "tanh": (functions.hyperbolic_tangent, mpmath.tanh, RATIONALS),
    "log": (functions.logarithm, mpmath.log, POSITIVE),
}


def real(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


@pytest.mark.parametrize("name", CURVES)
@given(data=st.data())
def test_a_function_contains_the_true_value_and_is_narrow(name: str, data: st.DataObject) -> None:
    curve, true, arguments = CURVES[name]
    value = data.draw(arguments)
    low, high = ends(curve(value))
    with mpmath.workprec(1200):
        assert real(low) <= true(real(value)) <= real(high)
    assert high - low <= NARROW


@pytest.mark.parametrize("name", CURVES)
@given(
    data=st.data(), part=st.fractions(0, 1, max_denominator=8), width=st.one_of(POSITIVE, st.fractions(0, 8, max_denominator=9))
)
def test_a_function_of_an_interval_contains_those_of_its_points(name: str, data: st.DataObject, part: Any, width: Any) -> None:
    curve, true, arguments = CURVES[name]
    value = data.draw(arguments)
    low, high = ends(curve(Enclosure(value, value + width)))
    with mpmath.workprec(1200):
        assert real(low) <= true(real(value + part * width)) <= real(high)


@given(base=POSITIVE, top=st.integers(-9, 9), bottom=st.integers(1, 90))
def test_a_real_power_is_the_root_of_an_integer_one(base: Fraction, top: int, bottom: int) -> None:
    low, high = ends(functions.power(base, Fraction(top, bottom)))
    assert 0 < low <= high
    assert low**bottom <= base**top <= high**bottom
    assert high - low <= NARROW * high


@given(base=around(POSITIVE), exponent=around(st.fractions(0, 9, max_denominator=9).map(lambda value: value + 1)))
def test_a_power_of_intervals_contains_those_of_their_points(base: Any, exponent: Any) -> None:
    (value, first), (number, second) = base, exponent
    second = Enclosure(max(second.lower, Fraction(1, 2)), min(second.upper, Fraction(20)))
    low, high = ends(functions.power(first, second)) if first.upper < 2**60 else (Fraction(0), Fraction(2) ** 10000)
    with mpmath.workprec(1200):
        assert real(low) <= mpmath.power(real(value), real(number)) <= real(high)


def test_pi_lies_between_the_ends_of_its_enclosure() -> None:
    with mpmath.workprec(1200):
        for kept in (64, 192, 1000):
            low, high = functions.pi_bounds(kept)
            assert real(low) < mpmath.pi < real(high)
            assert high - low < Fraction(1, 2 ** (kept - 2))
