"""All backends of the expression walker compute what sympy says an expression is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Expr, Float, Integer, Max, Min, Rational, Symbol, cos, exp, log, pi, sqrt

from theory.notation import alpha, beta, k, nu
from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import EXACT, FLOATS, check, evaluate

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
    [(cos(alpha), "cos"), (1 + log(beta), "log"), (pi * alpha, "Pi"), (Float(0.5) * alpha, "Float")],
    ids=["cos", "log", "pi", "float"],
)
def test_what_no_backend_knows_is_refused_by_name(expression: Expr, name: str) -> None:
    for refuse in (
        check,
        lambda refused: evaluate(refused, {alpha: 1, beta: 1}, EXACT),
    ):
        with pytest.raises(TypeError, match=f"contains {name}, which no backend evaluates"):
            refuse(expression)


@pytest.mark.parametrize("backend", [FLOATS, EXACT], ids=["floats", "exact"])
def test_a_power_other_than_a_multiple_of_a_half_is_refused(backend: Any) -> None:
    with pytest.raises(TypeError, match=r"a power has the exponent .*; it must be a multiple of 1/2"):
        evaluate(alpha ** Rational(1, 3), {alpha: np.array([[2]], object)}, backend)


def test_an_exponent_of_zero_gives_one() -> None:
    assert evaluate(alpha**k, {alpha: np.array([[Fraction(3)]], object), k: 0}, EXACT) == 1
    assert evaluate(Integer(7), {}, EXACT) == 7
