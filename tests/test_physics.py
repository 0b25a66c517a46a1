"""The robots of the benchmarks do what Gymnasium's do, and episodes are themselves whatever is stepped beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.reinforcement.benchmarks import ENVIRONMENTS, environment, missing
from numerics.reinforcement.benchmarks.environments import sample

mujoco = pytest.importorskip("mujoco", exc_type=ImportError)
gymnasium = pytest.importorskip("gymnasium")

#: our environments as Gymnasium's: its name and options, the task that changes nothing, what is paid beside
STANDARD = {
    "HalfCheetah": ("HalfCheetah-v5", {}, lambda info, action: info["x_velocity"] - 0.1 * (action**2).sum()),
    "HalfCheetahRandVel": (
        "HalfCheetah-v5",
        {},
        lambda info, action: -abs(info["x_velocity"] - 1.5) - 0.05 * (action**2).sum(),
    ),
    "Walker2DRandVel": (
        "Walker2d-v5",
        {"xml_file": "walker2d.xml", "frame_skip": 8},
        lambda info, action: 15 - abs(info["x_velocity"] - 5) - 1e-3 * (action**2).sum(),
    ),
    "Walker2DRandParams": (
        "Walker2d-v5",
        {"xml_file": "walker2d.xml", "frame_skip": 8},
        lambda info, action: 1 + info["x_velocity"] - 1e-3 * (action**2).sum(),
    ),
    "HopperRandParams": (
        "Hopper-v5",
        {},
        lambda info, action: 1 + info["x_velocity"] - 1e-3 * (action**2).sum(),
    ),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", STANDARD)
def test_robots_move_and_pay_as_gymnasiums(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    here = environment(name, 25)
    said = capfd.readouterr()
    assert said.err + said.out == ""
    theirs, options, paid = STANDARD[name]
    mujoco.set_mju_user_warning(lambda text: None)  # else Gymnasium's cheetah leaves a log behind
    there = gymnasium.make(theirs, **options).unwrapped
    tasks, rng = here.tasks(np.full((1, here.coordinates), 0.5)), np.random.default_rng(0)
    batch = sample(here, tasks, 1, 2, lambda seen, noise: noise, rng)
    for episode in range(2):
        there.reset(seed=0)
        first = batch.observations[0, episode, 0]
        # what a policy sees is the whole state but the first position, which nothing depends on
        there.set_state(np.concatenate([[0.0], first[: there.model.nq - 1]]), first[there.model.nq - 1 :])
        for step in range(int(batch.alive[0, episode].sum())):
            np.testing.assert_allclose(there._get_obs(), batch.observations[0, episode, step], atol=1e-6)
            action = np.clip(batch.actions[0, episode, step], -1, 1)
            _, _, over, _, info = there.step(action)
            assert np.isclose(batch.rewards[0, episode, step], paid(info, action), atol=1e-6)
            assert over == (step + 1 < here.horizon and not batch.alive[0, episode, step + 1]) or step + 1 == here.horizon


def test_random_bodies_have_the_factors_of_the_source() -> None:
    here: Any = environment("HopperRandParams")
    low, middle, high = here.tasks(np.array([[0.0], [0.5], [1.0]]) * np.ones(here.coordinates))
    for field, base in (("body_mass", 1.5), ("body_inertia", 1.5), ("geom_friction", 1.5), ("dof_damping", 1.3)):
        entries = getattr(here.model, field)
        np.testing.assert_allclose(getattr(middle, field), entries)
        np.testing.assert_allclose(getattr(high, field), entries * base**3)
        np.testing.assert_allclose(getattr(low, field), entries * base**-3)
    np.testing.assert_allclose(high.body_subtreemass[0], here.model.body_subtreemass[0] * 1.5**3)
    one, two = here.tasks(np.random.default_rng(0).random((2, here.coordinates)))
    assert (one.body_mass[1:] != two.body_mass[1:]).all()


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3))
def test_episodes_do_not_depend_on_others(seed: int, number: int, episodes: int) -> None:
    """Hoppers under noise fall at different times; each is stepped again alone, from the same first state."""
    here: Any = environment("HopperRandParams", 30)
    rng = np.random.default_rng(seed)
    tasks = here.tasks(rng.random((number, here.coordinates)))
    batch = sample(here, tasks, number, episodes, lambda seen, noise: 3 * noise + seen[..., :3], rng)
    for task in range(number):
        for episode in range(episodes):
            first = batch.observations[task, episode, 0]
            state = np.concatenate([[0.0, 0.0], first])[None]
            for step, action in enumerate(batch.actions[task, episode]):
                seen = batch.observations[task, episode, step]
                np.testing.assert_allclose(here.observe(state)[0], seen, rtol=1e-6, atol=1e-6)
                state, paid, on = here.step(tasks[[task]], state, action[None])
                np.testing.assert_allclose(paid[0], batch.rewards[task, episode, step], rtol=1e-6, atol=1e-6)
                if not on[0]:
                    break
            assert batch.alive[task, episode].sum() == step + 1
            assert not batch.rewards[task, episode, step + 1 :].any()


def test_speeds_that_are_seen_are_clipped_on_two_legs() -> None:
    here: Any = environment("Walker2DRandVel")
    state = np.zeros((1, 19))
    state[0, 10:] = 20
    assert here.observe(state)[0, 8:].tolist() == [10] * 9


def test_a_policy_that_is_thrown_away_is_said_to_be() -> None:
    here = environment("navigation", 3)
    with pytest.raises(FloatingPointError, match="an episode led beyond finite numbers"):
        sample(here, np.zeros((1, 2)), 1, 1, lambda seen, noise: np.nan * noise, np.random.default_rng(0))


def test_environments_are_known_by_name() -> None:
    with pytest.raises(ValueError, match="environment is 'tennis'; it must be one of navigation, HalfCheetah,"):
        environment("tennis")
    with pytest.raises(ValueError, match="horizon is 0; it must be an integer of at least 1"):
        environment("navigation", 0)
    assert set(missing("HalfCheetah")) <= {"torch"}
    assert len(ENVIRONMENTS) == 8


def test_an_arm_reaches_and_pushes() -> None:
    """The smoke run of MetaWorld: both tasks step, pay, and differ by place."""
    pytest.importorskip("metaworld", exc_type=ImportError)
    for name in ("ML1-reach", "ML1-push"):
        here = environment(name, 4)
        tasks = here.tasks(np.array([[0.0], [0.5]]))
        batch = sample(here, tasks, 2, 1, lambda seen, noise: noise, np.random.default_rng(0))
        assert batch.steps == 8
        assert (batch.observations[:, 0, 1:] != batch.observations[:, 0, :-1]).any(axis=-1).all()
        assert batch.rewards[0, 0, 0] != batch.rewards[1, 0, 0]
