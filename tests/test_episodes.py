"""Sampled gradients and curvatures are unbiased for what their names say, and the surrogates are biased for the Hessian.

A test of unbiasedness draws 400 batches, whose means are nearly normal, and rejects at a false-alarm rate of one in a million
for all components together (Bonferroni).  The same test has to reject what is biased.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from numerics.reinforcement import DecisionProcesses, Navigation, random_navigation
from numerics.reinforcement.episodes import drawn_episodes, sampled_meta_gradients

Array = np.ndarray[Any, Any]
BATCHES, EPISODES, FALSE_ALARMS = 400, 60, 1e-6


def departs(estimates: Array, expected: Array) -> bool:
    """Whether the mean of the batches' estimates (batches, p) is significantly not `expected`."""
    spread = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    still = spread <= 1e-13  # a component that chance does not move, such as the curvature of nothing
    gap = np.abs(estimates.mean(axis=0) - expected)
    limit = norm.isf(FALSE_ALARMS / (2 * estimates.shape[1]))
    return bool((gap[still] > 1e-10).any() or (gap[~still] > limit * spread[~still]).any())


def tabular() -> tuple[DecisionProcesses, Array, Array]:
    """The same task many times over, so that each copy is a batch; its logits and a direction."""
    rng = np.random.default_rng(0)
    transitions = np.repeat(0.95 * rng.dirichlet(np.full(3, 0.5), (1, 3, 2)), BATCHES, axis=0)
    rewards = np.repeat(rng.random((1, 3, 2)), BATCHES, axis=0)
    logits, along = rng.normal(size=(2, 6))
    return DecisionProcesses(transitions, rewards, rng.dirichlet(np.ones(3)), 0.8), logits, along


def navigation() -> tuple[Navigation, Array, Array]:
    one = random_navigation(0.5, 1, 2)
    copies = Navigation(np.repeat(one.goals, BATCHES, axis=0), np.repeat(one.motors, BATCHES, axis=0), horizon=8)
    return copies, np.array([0.5, 0.1, -0.1, 0.4, 0.2, -0.1]), np.array([0.5, -1.0, 0.3, 0.8, -0.4, 1.0])


@pytest.mark.parametrize("baseline", [True, False])
def test_tabular_estimates_are_unbiased_and_surrogates_lose_curvature(baseline: bool) -> None:
    tasks, logits, along = tabular()
    family, table = tasks.losses(), (tasks.states, tasks.actions)
    vectors = np.broadcast_to(along, (BATCHES, 6))
    drawn = drawn_episodes(family, logits, EPISODES, np.random.default_rng(1), baseline=baseline)
    assert not departs(drawn.gradients(), family.gradient(logits[None])[0])
    one = DecisionProcesses(tasks.transitions[:1], tasks.rewards[:1], tasks.start[:1], tasks.discount)
    expected = {
        kind: -one.curvature_vectors(logits.reshape(table), along.reshape(table), kind).ravel()
        for kind in ("exact", "likelihood ratio", "log-likelihood", "first order")
    }
    if baseline:
        expected["log-likelihood"] = expected["first order"]
    for kind, value in expected.items():
        found = drawn.curvature_vectors(vectors, kind)
        assert not departs(found, value), kind
        if kind != "exact":
            assert departs(found, expected["exact"]), kind


@pytest.mark.parametrize("baseline", [True, False])
def test_navigation_estimates_are_unbiased_and_surrogates_lose_curvature(baseline: bool) -> None:
    family, theta, along = navigation()
    vectors = np.broadcast_to(along, (BATCHES, 6))
    drawn = drawn_episodes(family, theta, EPISODES, np.random.default_rng(3), baseline=baseline)
    assert not departs(drawn.gradients(), family.gradient(theta[None])[0])
    hessian = family.hessian_vector(theta[None], along[None])[0]
    assert not departs(drawn.curvature_vectors(vectors, "exact"), hessian)
    assert departs(drawn.curvature_vectors(vectors, "likelihood ratio"), hessian)
    loglik = drawn.curvature_vectors(vectors, "log-likelihood")
    # the mean is linear in the parameters and the noise fixed: with exact advantages nothing of the curvature is left
    assert departs(loglik, np.zeros(6)) != baseline


def test_the_expected_cost_to_go_is_the_cost() -> None:
    family, theta, _ = navigation()
    point = theta + 0.2 * np.random.default_rng(0).normal(size=(BATCHES, 6))
    square, slope, constant = family.costs_to_go(point)[0]
    expected = family.spread * np.trace(square, axis1=-2, axis2=-1) + constant
    np.testing.assert_allclose(expected, family.value(point), rtol=1e-12)
    assert slope.shape == (BATCHES, 2)


def test_sampled_meta_gradients_find_the_exact_ones_from_many_episodes() -> None:
    tasks, theta = random_navigation(0.5, 2, 4), np.array([0.5, 0.0, 0.0, 0.5, 0.1, 0.0])
    family = Navigation(tasks.goals, tasks.motors, horizon=5)
    for kind, keep in (("exact", 1.0), ("first order", 0.0)):
        found = sampled_meta_gradients(family, theta, [0.2, 0.1], 60_000, np.random.default_rng(5), kind)
        first = theta - 0.2 * family.gradient(theta[None])
        second = first - 0.1 * family.gradient(first)
        expected = family.gradient(second)
        expected = expected - keep * 0.1 * family.hessian_vector(first, expected)
        expected = expected - keep * 0.2 * family.hessian_vector(np.broadcast_to(theta, (2, 6)), expected)
        np.testing.assert_allclose(found, expected, atol=0.03 * np.abs(expected).max())
    joint = sampled_meta_gradients(family, theta, [], 60_000, np.random.default_rng(6))
    np.testing.assert_allclose(joint, family.gradient(theta[None]), atol=0.02)


def test_bad_requests_for_episodes_are_refused_in_a_sentence() -> None:
    family, theta, _ = navigation()
    rng = np.random.default_rng(0)
    still = Navigation([[1.0, 0.0]], [[1.0, 1.0]], noise=0.0)
    for call, sentence in (
        (lambda: drawn_episodes(family, theta, 0, rng), "episodes is 0; it must be an integer of at least 1"),
        (lambda: drawn_episodes(family, theta[:5], 3, rng), r"theta has shape \(5,\); it must be a finite array of shape"),
        (lambda: drawn_episodes(still, theta, 3, rng), "noise is 0.0; a policy without noise has no scores"),
        (
            lambda: drawn_episodes(family, theta, 3, rng).curvature_vectors(np.ones((BATCHES, 6)), "fisher"),
            "kind is 'fisher'; it must be one of exact",
        ),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()
    from numerics.reinforcement import random_regulators

    with pytest.raises(TypeError, match="family is a Regulators; episodes are drawn of NegativeReturns or Navigation"):
        drawn_episodes(random_regulators(0.1), np.zeros(6), 3, rng)
