"""Power series in rationals and eliminations in doubles find the same returns, gradients and Hessians."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.reinforcement import DecisionProcesses
from theory.decision_processes import DecisionProcess


@st.composite
def instances(draw: st.DrawFn) -> tuple[DecisionProcess, list[list[Fraction]], list[list[Fraction]]]:
    """A small task in rationals with policy weights and a direction."""
    states, actions = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    whole = st.integers(0, 8)

    def table(entry: st.SearchStrategy[Any]) -> list[list[Fraction]]:
        return [[Fraction(draw(entry), 4) for _ in range(actions)] for _ in range(states)]

    moves = []
    for _ in range(states * actions):
        row = [draw(whole) for _ in range(states + 1)]
        moves.append([Fraction(entry, max(sum(row), 1)) for entry in row[:-1]])
    start = [draw(st.integers(1, 8)) for _ in range(states)]
    process = DecisionProcess(
        [moves[s * actions : (s + 1) * actions] for s in range(states)],
        table(st.integers(-4, 4)),
        [Fraction(entry, sum(start)) for entry in start],
        draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(9, 10)])),
    )
    return process, table(st.integers(1, 16)), table(st.integers(-4, 4))


def doubles(table: Any) -> Any:
    return np.array(table, dtype=float)


@settings(max_examples=30)
@given(instances())
def test_both_sides_find_the_same_derivatives(instance: tuple[DecisionProcess, Any, Any]) -> None:
    exact, weights, direction = instance
    tasks = DecisionProcesses(
        doubles([exact.transitions]), doubles([exact.rewards]), doubles(exact.start), float(exact.discount)
    )
    logits = np.log(doubles(weights))
    np.testing.assert_allclose(tasks.returns(logits)[0], float(exact.value(weights)), atol=1e-12)
    np.testing.assert_allclose(tasks.gradients(logits)[0], doubles(exact.gradient(weights)), atol=1e-12)
    product = doubles(exact.hessian_vector(weights, direction))
    np.testing.assert_allclose(tasks.curvature_vectors(logits, doubles(direction))[0], product, atol=1e-11)
    at, policy = tasks.evaluation(logits), exact.policy(weights)
    np.testing.assert_allclose(at.visits[0], doubles(exact.visits(policy)), atol=1e-12)
    outcomes = doubles(exact.outcomes(policy)) - doubles(exact.values(policy))[:, None]
    np.testing.assert_allclose(at.advantages[0], outcomes, atol=1e-11)


@settings(max_examples=30)
@given(instances())
def test_the_optimum_is_no_worse_than_any_certain_policy(instance: tuple[DecisionProcess, Any, Any]) -> None:
    exact, weights, _ = instance
    best = exact.values(exact.certain(exact.optimum))
    for policy in (exact.policy(weights), *(exact.certain((a,) * exact.states) for a in range(exact.actions))):
        assert all(left >= right for left, right in zip(best, exact.values(policy), strict=True))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"transitions": [[[2], [0]]]}, "transitions has a row of sum 2; entries must be at least 0 and sum to at most 1"),
        ({"transitions": [[[0, 0], [0, 0]]]}, "transitions is ragged or empty"),
        ({"rewards": [[1]]}, "rewards and start must have 1 states and 2 actions"),
        ({"start": [2]}, "start sums to 2; it must be probabilities that sum to one"),
        ({"discount": 1}, r"discount is 1; it must be in \[0, 1\)"),
    ],
)
def test_bad_tasks_are_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    fields = {"transitions": [[[0], [0]]], "rewards": [[1, 0]], "start": [1], "discount": 0}
    with pytest.raises(ValueError, match=sentence):
        DecisionProcess(**(fields | changes))


def test_weights_that_are_not_positive_are_refused() -> None:
    with pytest.raises(ValueError, match="weights must be positive numbers, 2 for each of 1 states"):
        DecisionProcess([[[0], [0]]], [[1, 0]], [1], 0).value([[1, 0]])
