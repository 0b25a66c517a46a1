"""All backends of the expression walker compute what sympy says an expression is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    E,
    EulerGamma,
    Expr,
    Float,
    Integer,
    Max,
    Min,
    Rational,
    Symbol,
    cos,
    exp,
    gamma,
    log,
    pi,
    sin,
    sqrt,
    tan,
    tanh,
)

from theory.notation import alpha, beta, k, nu
from verify.arithmetic.enclosure import NoNumber, ends
from verify.arithmetic.evaluate import EXACT, FLOATS, check, evaluate, refined

SYMBOLS = (alpha, beta, nu)
#: an expression and one that bounds the magnitude of everything that is computed on the way
Bounded = tuple[Expr, Expr]

CONSTANTS = st.builds(Rational, st.integers(-6, 6), st.integers(1, 5))
ATOMS: st.SearchStrategy[Bounded] = st.one_of(
    CONSTANTS.map(lambda value: (value, abs(value))),
    *(
        st.just((made, made))
        for x in SYMBOLS
        for made in (x, 1 / x, x**-2, sqrt(x), x ** Rational(-3, 2), exp(-x), x**k, (1 + x) ** (2 * k))
    ),
)


def _larger(children: st.SearchStrategy[Bounded]) -> st.SearchStrategy[Bounded]:
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda ab: (ab[0][0] + ab[1][0], ab[0][1] + ab[1][1])),
        pairs.map(lambda ab: (ab[0][0] - ab[1][0], ab[0][1] + ab[1][1])),
        pairs.map(lambda ab: (ab[0][0] * ab[1][0], ab[0][1] * ab[1][1])),
        pairs.map(lambda ab: (Min(ab[0][0], ab[1][0]), ab[0][1] + ab[1][1])),
        pairs.map(lambda ab: (Max(ab[0][0], ab[1][0]), ab[0][1] + ab[1][1])),
        children.map(lambda a: (Abs(a[0]), a[1])),
        children.map(lambda a: (a[0] ** 2, a[1] ** 2)),
        children.map(lambda a: (a[0] ** 3, a[1] ** 3)),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=6)
NUMBERS = st.builds(Fraction, st.integers(1, 40), st.integers(1, 16))
VALUES = st.fixed_dictionaries({alpha: NUMBERS, beta: NUMBERS, nu: NUMBERS, k: st.integers(1, 4)})


def _exactly(expression: Expr, values: dict[Symbol, Any]) -> Any:
    given_values = {symbol: np.array([[v]], object) if isinstance(v, Fraction) else v for symbol, v in values.items()}
    return np.asarray(evaluate(expression, given_values, EXACT), dtype=object).ravel()[0]


def _in_floats(expression: Expr, values: dict[Symbol, Any]) -> float:
    given_values = {symbol: np.array([[float(v)]]) if isinstance(v, Fraction) else v for symbol, v in values.items()}
    return float(np.ravel(evaluate(expression, given_values, FLOATS))[0])


def _sympy(expression: Expr, values: dict[Symbol, Any]) -> Expr:
    numbers = {symbol: Rational(v.numerator, v.denominator) if isinstance(v, Fraction) else v for symbol, v in values.items()}
    return expression.subs(numbers, simultaneous=True)


def _fraction(number: Any) -> Fraction:
    exact = Rational(number)
    return Fraction(int(exact.p), int(exact.q))


@given(made=EXPRESSIONS, values=VALUES)
def test_exact_values_contain_what_sympy_finds(made: Bounded, values: dict[Symbol, Any]) -> None:
    expression, magnitude = made
    low, high = ends(_exactly(expression, values))
    true = _sympy(expression, values)
    if true.is_Rational:
        assert low <= _fraction(true) <= high
    else:
        # sympy's digits are cut: what it finds is right to 10^-70 of the largest number on the way
        slack = Fraction(1, 10**70) * (1 + abs(_fraction(_sympy(magnitude, values).evalf(30))))
        assert low - slack <= _fraction(true.evalf(100)) <= high + slack
        assert high - low <= Fraction(1, 2**140) * (1 + _fraction(_sympy(magnitude, values).evalf(30)))


@given(made=EXPRESSIONS, values=VALUES)
def test_doubles_are_the_exact_value_to_rounding(made: Bounded, values: dict[Symbol, Any]) -> None:
    expression, magnitude = made
    low, high = ends(_exactly(expression, values))
    scale = float(sum(ends(_exactly(magnitude, values))) / 2)
    assert abs(_in_floats(expression, values) - float((low + high) / 2)) <= 1e-12 * scale


@given(made=EXPRESSIONS, values=VALUES)
def test_rational_operations_stay_rational(made: Bounded, values: dict[Symbol, Any]) -> None:
    expression, _ = made
    if not expression.has(exp) and all(power.exp.is_integer for power in expression.atoms(type(sqrt(alpha)))):
        value = _exactly(expression, values)
        assert isinstance(value, Fraction | int)
        assert value == _fraction(_sympy(expression, values))


@given(values=st.lists(VALUES, min_size=1, max_size=5), made=EXPRESSIONS)
def test_a_batch_is_its_instances_one_by_one(values: list[dict[Symbol, Any]], made: Bounded) -> None:
    expression, steps = made[0], values[0][k]
    stacked: dict[Symbol, Any] = {symbol: np.array([[float(each[symbol])] for each in values]) for symbol in SYMBOLS}
    batch = np.broadcast_to(evaluate(expression, stacked | {k: steps}, FLOATS), (len(values), 1))
    single = [_in_floats(expression, each | {k: steps}) for each in values]
    np.testing.assert_allclose(batch[:, 0], single, rtol=1e-13)


def test_vectors_and_numbers_meet_component_by_component() -> None:
    vector = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    scalar = np.array([[2.0], [10.0]])
    np.testing.assert_array_equal(evaluate(alpha * beta, {alpha: vector, beta: scalar}, FLOATS), vector * scalar)


def test_an_exact_denominator_of_zero_is_an_error_and_a_float_one_no_number() -> None:
    expression, values = 1 / (1 - alpha), {alpha: Fraction(1)}
    with pytest.raises(ZeroDivisionError):
        _exactly(expression, values)
    assert np.isnan(_in_floats(expression, values))


@pytest.mark.parametrize(
    ("expression", "name"),
    [(gamma(alpha), "gamma"), (1 + tan(beta), "tan"), (EulerGamma * alpha, "EulerGamma"), (Float(0.5) * alpha, "Float")],
    ids=["gamma", "tan", "EulerGamma", "float"],
)
def test_what_no_backend_knows_is_refused_by_name(expression: Expr, name: str) -> None:
    for refuse in (
        check,
        lambda refused: evaluate(refused, {alpha: 1, beta: 1}, EXACT),
    ):
        with pytest.raises(TypeError, match=f"contains {name}, which no backend evaluates"):
            refuse(expression)


# --- functions that are not algebraic -----------------------------------------------------------------------------------------

TRANSCENDENTAL = (
    sin(alpha * beta), cos(alpha - beta), tanh(alpha) * beta, log(alpha), alpha**beta, alpha ** Rational(1, 3), pi * alpha - E,
    (1 + beta) ** Rational(-7, 5), sin(pi * alpha), log(1 + alpha**2) / cos(alpha / 100), sqrt(2) * alpha, exp(1) - beta**pi,
)  # fmt: skip


@given(expression=st.sampled_from(TRANSCENDENTAL), values=VALUES)
def test_transcendental_values_contain_what_sympy_finds(expression: Expr, values: dict[Symbol, Any]) -> None:
    check(expression)
    low, high = ends(_exactly(expression, values))
    true = _sympy(expression, values).evalf(100)
    slack = Fraction(1, 10**60)
    assert low - slack <= _fraction(true) <= high + slack
    assert high - low <= Fraction(1, 2**120) * (1 + abs(high))
    assert _in_floats(expression, values) == pytest.approx(float(low), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("expression", [log(alpha - 1), (alpha - 2) ** Rational(1, 3), (alpha - 2) ** beta, sqrt(alpha - 2)])
def test_outside_its_domain_a_function_has_no_value(expression: Expr) -> None:
    values = {alpha: Fraction(1), beta: Fraction(1, 2)}
    with pytest.raises(NoNumber):
        _exactly(expression, values)
    assert np.isnan(_in_floats(expression, values))


@pytest.mark.parametrize("expression", [1 / log(alpha), 0 ** (alpha - 2), (alpha - 1) ** Rational(-1, 3)])
def test_a_power_of_zero_and_a_denominator_of_zero_have_no_value(expression: Expr) -> None:
    with pytest.raises(ZeroDivisionError):
        _exactly(expression, {alpha: Fraction(1)})
    assert np.isnan(_in_floats(expression, {alpha: Fraction(1)}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (10**400 * alpha, np.inf),
        (-(10**400) * alpha, -np.inf),
        (alpha / 10**400, 0.0),
        (Rational(1, 10**400) + alpha, 1.0),
        (k ** (300 * k) * alpha, np.inf),
        (Integer(10) ** 400, np.inf),
        (Max(10**400 * alpha, 1), np.inf),
    ],
)
def test_numbers_beyond_doubles_become_infinite_or_zero_in_silence(expression: Expr, expected: float) -> None:
    assert _in_floats(expression, {alpha: Fraction(1), k: 4}) == expected
    assert _exactly(expression, {alpha: Fraction(1), k: 4}) == _fraction(_sympy(expression, {alpha: Fraction(1), k: 4}))


def test_exact_numbers_that_are_too_large_say_so() -> None:
    for expression in (exp(exp(exp(alpha))), alpha ** (10**9), (1 + sqrt(alpha)) ** (10**9), 2 ** (10**8 * beta)):
        with pytest.raises(OverflowError):
            _exactly(expression, {alpha: Fraction(5), beta: Fraction(1)})


def test_bits_are_added_until_a_comparison_is_decided() -> None:
    tiny = Rational(1, 10**300)
    values = {alpha: np.array([[Fraction(1, 10**300)]], object)}

    def decided(one: Any, other: Any) -> bool:
        return ends(np.ravel(one)[0])[1] < ends(np.ravel(other)[0])[0]

    logarithms = (log(2) + alpha, log(2 + 3 * alpha))
    for less, more in ((cos(alpha), 1), (sin(1 + alpha), sin(1) + alpha), (1 + tiny, exp(alpha)), logarithms):
        assert decided(*refined([Integer(0) + less, Integer(0) + more], values, decided))
    # an equality is none of the two, however many bits there are
    assert not decided(*refined([sin(alpha) ** 2 + cos(alpha) ** 2, Integer(1)], values, decided, most=1024))


def test_an_exponent_of_zero_gives_one() -> None:
    assert evaluate(alpha**k, {alpha: np.array([[Fraction(3)]], object), k: 0}, EXACT) == 1
    assert evaluate(Integer(7), {}, EXACT) == 7
