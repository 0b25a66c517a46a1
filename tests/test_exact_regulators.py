"""Costs of regulators in rationals, by power series, against Lyapunov equations in doubles."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational

from numerics.reinforcement import Regulators
from theory.regulators import Regulator


@st.composite
def instances(draw: st.DrawFn) -> tuple[Regulator, Matrix, Matrix]:
    """A closed loop of norm below one by its rows, the gain and dynamics that give it, and a direction."""
    order, inputs = draw(st.integers(1, 2)), draw(st.integers(1, 2))

    def table(rows: int, columns: int) -> Matrix:
        return Matrix(rows, columns, lambda *_: Rational(draw(st.integers(-4, 4)), 4))

    closed = table(order, order) / (order * Rational(11, 10))
    gain, controls, root = table(inputs, order), table(order, inputs), table(order, order)
    regulator = Regulator(closed + controls * gain, controls, root * root.T, Matrix.eye(inputs) / 2)
    return regulator, gain, table(inputs, order)


def doubles(matrix: Any) -> Any:
    return np.array(matrix.tolist(), dtype=float)


@settings(max_examples=25)
@given(instances())
def test_both_sides_find_the_same_costs_and_derivatives(instance: tuple[Regulator, Matrix, Matrix]) -> None:
    exact, gain, direction = instance
    fields = (doubles(getattr(exact, name)) for name in ("dynamics", "controls", "state_cost", "control_cost"))
    dynamics, controls, state_cost, control_cost = fields
    family = Regulators(dynamics[None], controls[None], state_cost, control_cost)
    point, along = (doubles(matrix).reshape(1, -1) for matrix in (gain, direction))
    size = 1 + float(exact.cost(gain)) ** 2
    np.testing.assert_allclose(family.value(point)[0], float(exact.cost(gain)), rtol=1e-9)
    np.testing.assert_allclose(family.gradient(point)[0], doubles(exact.gradient(gain)).ravel(), atol=1e-8 * size)
    form = family.hessian_vector(point, along)[0] @ along[0]
    assert abs(form - float(exact.form(gain, direction))) <= 1e-8 * size**2
    _, to_go, moments, error = family.costs_to_go(point)
    np.testing.assert_allclose(to_go[0], doubles(exact.to_go(gain)), atol=1e-9 * size)
    np.testing.assert_allclose(moments[0], doubles(exact.moments(gain)), atol=1e-9 * size)
    np.testing.assert_allclose(error[0], doubles(exact.error(gain)), atol=1e-9 * size)


def test_bad_regulators_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"state_cost has shape \(2, 2\); with these controls it must be \(1, 1\)"):
        Regulator([[1]], [[1]], Matrix.eye(2), [[1]])
    with pytest.raises(ValueError, match="dynamics is"):
        Regulator([[float("nan")]], [[1]], [[1]], [[1]])
    assert Regulator([[Fraction(1, 2)]], [[1]], [[1]], [[1]]).cost([[0]]) == Fraction(4, 3)
