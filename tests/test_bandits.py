"""The bandit meta-problem against SciPy's softmax, finite differences, conditions of a maximum and dense searches."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr, softmax

from numerics.related.bandits import Bandits, concavity_violation

seeds = st.integers(0, 10**6)
#: three arms with a strict local maximum on the face of the last two
THREE_ARMS = Bandits([[2, 3, 6], [5, 6, 0], [6, 4, 5], [0, 0, 1]], np.log(4.0))


def instance(seed: int, arms: int) -> tuple[Bandits, np.ndarray, np.ndarray, float, np.ndarray]:
    rng = np.random.default_rng(seed)
    rewards, rate, chances = rng.normal(size=(3, arms)), float(rng.uniform(0.1, 6)), rng.dirichlet(np.ones(3))
    return Bandits(rewards, rate, chances), rewards, chances, rate, rng.dirichlet(np.ones(arms))


@given(seeds, st.integers(1, 5))
def test_value_and_adapted_policies_are_those_of_scipys_softmax(seed: int, arms: int) -> None:
    bandits, rewards, chances, rate, policy = instance(seed, arms)
    after = softmax(np.log(policy) + rate * rewards, axis=1)
    np.testing.assert_allclose(bandits.adapted(policy), after, atol=1e-12)
    assert bandits.value(policy) == pytest.approx(chances @ (after * rewards).sum(axis=1), abs=1e-12)


@given(seeds, st.integers(2, 5))
def test_the_inner_step_solves_the_regularised_problem(seed: int, arms: int) -> None:
    bandits, rewards, _, rate, policy = instance(seed, arms)
    after = bandits.adapted(policy)
    others = np.random.default_rng(seed).dirichlet(np.ones(arms), 30)
    for row, rewarded in zip(after, rewards, strict=True):
        best = row @ rewarded - rel_entr(row, policy).sum() / rate
        assert np.all(others @ rewarded - rel_entr(others, policy).sum(axis=1) / rate <= best + 1e-10)
        assert row @ rewarded >= policy @ rewarded - 1e-12


@given(seeds, st.integers(2, 5))
def test_slopes_are_finite_differences(seed: int, arms: int) -> None:
    bandits, *_, policy = instance(seed, arms)
    policy = 0.9 * policy + 0.1 / arms
    slope = bandits.slope(policy)
    assert abs(policy @ slope) < 1e-12
    for a in range(1, arms):
        shift = 1e-6 * (np.eye(arms)[a] - np.eye(arms)[0])
        difference = (bandits.value(policy + shift) - bandits.value(policy - shift)) / 2e-6
        assert slope[a] - slope[0] == pytest.approx(difference, abs=1e-5)
        logits = np.log(policy)
        turned = [bandits.value(softmax(logits + sign * 1e-6 * np.eye(arms)[a])) for sign in (1, -1)]
        assert bandits.logit_gradient(policy)[a] == pytest.approx((turned[0] - turned[1]) / 2e-6, abs=1e-6)


def test_leading_axes_are_instances() -> None:
    parts = [instance(seed, 3) for seed in range(4)]
    together = Bandits(np.array([p[1] for p in parts]), np.array([p[3] for p in parts]), np.array([p[2] for p in parts]))
    values = together.value(np.array([p[4] for p in parts]))
    np.testing.assert_allclose(values, [p[0].value(p[4]) for p in parts], atol=1e-13)


@given(seeds)
def test_two_arms_ascend_to_the_maximum_that_a_dense_search_finds(seed: int) -> None:
    bandits, *_ = instance(seed, 2)
    share = np.linspace(0, 1, 2001)
    dense = bandits.value(np.stack([share, 1 - share], axis=-1)).max()
    assert bandits.ascend([0.5, 0.5]).value >= dense - 1e-6


@given(seeds)
def test_ascent_of_many_arms_ends_where_no_arm_gains(seed: int) -> None:
    """The conditions of a maximum on the simplex: slope zero on arms in use, not positive on the others."""
    bandits, *_, policy = instance(seed, 4)
    ascent = bandits.ascend(policy, steps=20_000)
    slope = bandits.slope(ascent.policy)
    assert ascent.value >= bandits.value(policy)
    assert np.all(np.abs(slope[ascent.policy > 1e-3]) < 1e-2 / 1e-3 * ascent.stationarity + 1e-4)
    assert np.all(slope < 1e-2)


def test_three_arms_have_a_local_maximum_that_is_not_global() -> None:
    local, best = THREE_ARMS.ascend([1e-9, 0.05, 0.95 - 1e-9]), THREE_ARMS.ascend([0.3, 0.3, 0.4])
    assert local.value == pytest.approx(4.4860, abs=1e-4)
    assert best.value == pytest.approx(4.5417, abs=1e-4)
    np.testing.assert_allclose(best.policy, [0.257, 0.248, 0.495], atol=1e-3)
    assert 0.049 < local.policy[1] < 0.051
    slope = THREE_ARMS.slope(local.policy)
    assert slope[0] < -0.01
    # nearby policies, a dense grid of them, are worse
    near = np.array([[a, local.policy[1] + s, local.policy[2] - a - s] for a in (0, 1e-4, 1e-3) for s in (-1e-3, 0, 1e-3)])
    assert THREE_ARMS.value(near).max() <= local.value + 1e-9


def test_the_objective_of_three_arms_is_not_concave_and_of_two_arms_is() -> None:
    three = Bandits([[0.0, 0.7, 1.0]], 5.0)
    ends = np.array([[0.9 * (1 - t), t, 0.1 * (1 - t)] for t in np.linspace(0, 1, 21)])
    assert concavity_violation(three, ends[:, None], ends[None]).max() > 1e-3
    rng = np.random.default_rng(0)
    two = Bandits(rng.uniform(size=(2000, 3, 2)), rng.uniform(0.1, 10, 2000), rng.dirichlet(np.ones(3), 2000))
    assert concavity_violation(two, rng.dirichlet(np.ones(2), 2000), rng.dirichlet(np.ones(2), 2000)).max() < 1e-12


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Bandits([1.0, 2.0], 1.0), "rewards has shape"),
        (lambda: Bandits([[np.inf]], 1.0), "rewards has the entry inf"),
        (lambda: Bandits([[1.0]], -1.0), "rate is -1.0"),
        (lambda: Bandits([[1.0]], 1.0, [0.5]), "chances do not sum to one"),
        (lambda: Bandits([[1.0]], 1.0, [0.5, 0.5]), "chances has shape"),
        (lambda: Bandits([[1.0]], 1.0).value([0.5, 0.5]), "policy has shape"),
        (lambda: Bandits([[1.0, 2.0]], 1.0).value([0.5, 0.6]), "not on the simplex"),
        (lambda: Bandits([[[1.0, 2.0]]], 1.0).ascend([0.5, 0.5]), "one instance at a time"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
