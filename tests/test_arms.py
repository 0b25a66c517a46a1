"""The two-armed pair: its flows against the closed form of joint training and quadrature of meta-training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from numerics.reinforcement import adam, corner, crossing, goals_on_grid, two_arms


def sigmoid(x: float, order: int = 0) -> float:
    value = 1 / (1 + math.exp(-x))
    first = value * (1 - value)
    return (value, first, first * (1 - 2 * value))[order]


def adapted(x: float, weight: float, rate: float) -> float:
    pull = 2 * rate * sigmoid(x, 1)
    return weight * sigmoid(x + pull) + (1 - weight) * sigmoid(-x + pull)


def slope(x: float, weight: float, rate: float) -> float:
    pull, bend = 2 * rate * sigmoid(x, 1), 2 * rate * sigmoid(x, 2)
    return weight * sigmoid(x + pull, 1) * (1 + bend) - (1 - weight) * sigmoid(-x + pull, 1) * (1 - bend)


@pytest.mark.parametrize(("rate", "weight"), [(1.0, 0.6), (4.0, 0.8), (8.0, 0.8)])
def test_the_crossing_of_the_pair_is_where_two_closed_forms_meet(rate: float, weight: float) -> None:
    found = crossing(two_arms(weight), [rate], charge=2.0, horizon=50.0)
    joint = brentq(lambda x: x + math.sinh(x) - (2 * weight - 1) * found.time, 0, 40)
    # meta-training stays below its first stationary point
    points = np.linspace(0, 12, 20_000)
    falling = points[[slope(x, weight, rate) <= 0 for x in points]]
    end = falling[0] - 2e-3 if falling.size else joint
    meta = brentq(lambda x: quad(lambda u: 1 / (2 * slope(u, weight, rate)), 0, x)[0] - found.time / 2, 0, end)
    assert math.isclose(adapted(joint, weight, rate), adapted(meta, weight, rate), abs_tol=2e-8)
    assert found.lead > 0
    assert found.meta > found.joint


def test_there_is_no_crossing_without_heterogeneity_enough() -> None:
    assert math.isnan(crossing(two_arms(0.8), [1.0], horizon=100.0).time)
    same = crossing(two_arms(1.0), [1.0], horizon=5.0)
    assert math.isnan(same.time)


def test_the_model_is_what_the_formulas_say() -> None:
    for x, weight, rate in ((0.7, 0.5, 3.0), (-1.2, 0.8, 8.0)):
        logits = np.array([[x / 2, -x / 2]])
        returns, gradients = two_arms(weight).meta_gradients(logits, [rate])
        weights = two_arms(weight).weights
        assert math.isclose(weights @ returns, adapted(x, weight, rate), rel_tol=1e-13)
        change = np.einsum("n,nsa->a", weights, gradients)
        np.testing.assert_allclose(change, np.array([1, -1]) * slope(x, weight, rate), atol=1e-14)


def test_a_crossing_exists_on_a_grid_too() -> None:
    found = crossing(goals_on_grid(3, corner(3, 3)), [30.0], horizon=3000.0)
    assert 0 < found.time < 3000
    assert found.meta > found.joint


def test_adam_is_the_published_recursion() -> None:
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(5, 3))
    calls = iter(slopes)
    found = adam(lambda _: next(calls), np.zeros(3), 0.1, [0, 2, 5])
    moment, square, point, path = np.zeros(3), np.zeros(3), np.zeros(3), [np.zeros(3)]
    for number, slope in enumerate(slopes, start=1):
        moment, square = 0.9 * moment + (1 - 0.9) * slope, 0.999 * square + (1 - 0.999) * slope * slope
        point = point - 0.1 * moment / (1 - 0.9**number) / (np.sqrt(square / (1 - 0.999**number)) + 1e-8)
        path.append(point)
    np.testing.assert_allclose(found, [path[0], path[2], path[5]], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: two_arms(1.5), "weight is 1.5; it must be a number between 0 and 1"),
        (lambda: crossing(two_arms(0.6), []), r"rates is \[\]; it must be a sequence of at least one rate"),
        (lambda: crossing(two_arms(0.6), [1.0], charge=0.0), "charge is 0.0; it must be a positive finite number"),
        (lambda: crossing(two_arms(0.6), [1.0], horizon=np.inf), "horizon is inf; it must be a positive finite number"),
        (lambda: adam(lambda point: point, [1.0], -1.0, [1]), "rate is -1.0; it must be a positive finite number"),
        (lambda: adam(lambda point: point, [1.0], 1.0, []), r"iterations is \[\]; it must be increasing"),
        (lambda: adam(lambda point: point, [1.0], 1.0, [2, 2]), r"iterations is \[2, 2\]; it must be increasing"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
