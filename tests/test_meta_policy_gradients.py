"""The losses that the benchmarks descend on, their derivatives through adaptation, and both outer steps, by other means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

torch: Any = pytest.importorskip("torch", exc_type=ImportError)
policies: Any = pytest.importorskip("numerics.reinforcement.benchmarks.policies", exc_type=ImportError)
objectives: Any = pytest.importorskip("numerics.reinforcement.benchmarks.objectives", exc_type=ImportError)
outer_steps: Any = pytest.importorskip("numerics.reinforcement.benchmarks.outer_steps", exc_type=ImportError)
training: Any = pytest.importorskip("numerics.reinforcement.benchmarks.training", exc_type=ImportError)

TASKS, EPISODES, HORIZON = 3, 2, 4
RATE = 0.3


def problem(seed: int, inner: int) -> tuple[Any, Any, list[Any]]:
    """A small policy on navigation, its parameters, and batches as training draws them."""
    from numerics.reinforcement.benchmarks import environment

    rng = np.random.default_rng(seed)
    here, policy = environment("navigation", HORIZON), policies.GaussianPolicy(2, 2, (3,))
    theta = policy.initial(rng) + 0.3 * torch.tensor(rng.standard_normal(policy.parameters))
    run = training.Run("navigation", "ProMP", 0.01, RATE, 0, (1,), TASKS, EPISODES, HORIZON)
    batches, used = training.collected(policy, theta, here, here.tasks(rng.random((TASKS, 2))), run, inner, rng)
    assert used == (inner + 1) * TASKS * EPISODES * HORIZON
    return policy, theta, batches


def likelihoods(theta: Any, seen: Any, taken: Any) -> Any:
    """Log-likelihood of actions under a network of one hidden layer of three units, written out in NumPy."""
    first, shift = theta[:6].reshape(2, 3), theta[6:9]
    second, last, spread = theta[9:15].reshape(3, 2), theta[15:17], np.exp(theta[17:])
    mean = np.tanh(seen @ first + shift) @ second + last
    return norm.logpdf(taken, mean, spread).sum(axis=-1)


def written_out(theta: Any, batch: Any, clip: float | None = None) -> float:
    """A task's loss at one point, in NumPy."""
    parts = batch.observations, batch.actions, batch.advantages, batch.likelihood
    seen, taken, worth, old = (np.asarray(part) for part in parts)
    total = 0.0
    for task in range(TASKS):
        ratio = np.exp(likelihoods(theta, seen[task], taken[task]) - old[task])
        gain = ratio * worth[task]
        if clip is not None:
            gain = np.minimum(gain, np.clip(ratio, 1 - clip, 1 + clip) * worth[task])
        total -= gain.mean() / TASKS
    return total


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_losses_are_what_is_written_out(seed: int) -> None:
    policy, theta, (batch,) = problem(seed, 0)
    moved = theta + 0.2 * torch.tensor(np.random.default_rng(seed).standard_normal(theta.shape))
    np.testing.assert_allclose(
        batch.likelihood[0], likelihoods(theta.numpy(), batch.observations[0].numpy(), batch.actions[0].numpy())
    )
    for clip in (None, 0.1):
        ours = objectives.surrogate(policy, moved.expand(TASKS, -1), batch, clip).mean()
        assert np.isclose(float(ours), written_out(moved.numpy(), batch, clip))
    # before a step the ratio is one, and clipping changes neither the loss nor its gradient
    at = theta.expand(TASKS, -1).detach().requires_grad_()
    slopes = [torch.autograd.grad(objectives.surrogate(policy, at, batch, clip).sum(), at)[0] for clip in (None, 0.1)]
    torch.testing.assert_close(*slopes)


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 2]))
def test_gradients_through_adaptation_are_differences(seed: int, inner: int) -> None:
    """Everything is followed through: curvature of the inner steps too, without which the error would be of first order."""
    policy, theta, batches = problem(seed, inner)

    def after(point: Any) -> Any:
        adapted = objectives.adapted(policy, point.expand(TASKS, -1), batches[:-1], RATE, differentiable=True)
        return objectives.surrogate(policy, adapted, batches[-1]).mean()

    point = theta.clone().requires_grad_()
    (found,) = torch.autograd.grad(after(point), point)
    step = 1e-5
    for direction in np.random.default_rng(seed).standard_normal((3, len(theta))):
        along = torch.tensor(direction)
        ends = [after((theta + sign * step * along).requires_grad_()).detach() for sign in (1, -1)]
        assert np.isclose(float(found @ along), float(ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-7)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_steps_of_adaptation_descend_each_task_alone(seed: int) -> None:
    policy, theta, (batch, _) = problem(seed, 1)
    found = objectives.adapted(policy, theta.expand(TASKS, -1), [batch], RATE, differentiable=False)
    assert not found.requires_grad
    for task in range(TASKS):
        alone = objectives.Data(*(part[task : task + 1] for part in batch[:5]), batch.drawn_from)
        at = theta[None].detach().requires_grad_()
        (slope,) = torch.autograd.grad(objectives.surrogate(policy, at, alone).sum(), at)
        torch.testing.assert_close(found[task], (theta - RATE * slope[0]))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_advantages_are_returns_minus_a_fit(seed: int) -> None:
    from numerics.reinforcement.benchmarks.environments import Batch

    rng = np.random.default_rng(seed)
    ends = rng.integers(1, 7, (2, 5))
    alive = np.arange(6) < ends[..., None]
    seen, paid = rng.normal(size=(2, 5, 6, 1)) * alive[..., None], rng.normal(size=(2, 5, 6)) * alive
    found = objectives.advantages(Batch(seen, np.zeros((2, 5, 6, 1)), paid, alive), 0.9)
    assert not found[~alive].any()
    for task in range(2):
        rows, goals = [], []
        for episode in range(5):
            for step in range(ends[task, episode]):
                x, time = seen[task, episode, step, 0], step / 100
                rows.append([x, x**2, time, time**2, time**3, 1.0])
                goals.append(sum(0.9 ** (later - step) * paid[task, episode, later] for later in range(step, 6)))
        table, goal = np.array(rows), np.array(goals)
        # a ridge is least squares with rows of its own
        fitted = np.linalg.lstsq(np.vstack([table, np.sqrt(1e-5) * np.eye(6)]), np.append(goal, np.zeros(6)), rcond=None)[0]
        left = goal - table @ fitted
        if left.std() > 1e-4:
            np.testing.assert_allclose(found[task][alive[task]], (left - left.mean()) / left.std(), rtol=1e-4, atol=1e-4)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_conjugate_gradients_solve(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    matrix, right = torch.tensor(root @ root.T + np.eye(size)), torch.tensor(rng.normal(size=size))
    found = outer_steps.conjugate_gradients(lambda vector: matrix @ vector, right, 3 * size)
    torch.testing.assert_close(matrix @ found, right, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("inner", [0, 1])
def test_a_trust_region_step_is_the_natural_one(inner: int) -> None:
    """The direction is checked against the matrix of the divergence's second differences, at full rank by damping."""
    policy, theta, batches = problem(3, inner)
    step = outer_steps.TrustRegion(policy, 1e-6, RATE, iterations=200, damping=1e-3)
    found = step(theta, batches)

    def diverged(point: Any) -> float:
        there = objectives.adapted(policy, point.expand(TASKS, -1), batches[:-1], RATE, differentiable=False)
        return float(objectives.divergence(policy, there, batches[-1]).mean())

    def loss(point: Any) -> Any:
        there = objectives.adapted(policy, point.expand(TASKS, -1), batches[:-1], RATE, differentiable=True)
        return objectives.surrogate(policy, there, batches[-1]).mean()

    size, width = len(theta), 1e-3
    axes = width * torch.eye(size, dtype=torch.float64)
    curvature = np.array(
        [[diverged(theta + one + two) - diverged(theta + one - two) - diverged(theta - one + two) + diverged(theta - one - two)
          for two in axes] for one in axes]
    ) / (4 * width**2)  # fmt: skip
    point = theta.clone().requires_grad_()
    slope = torch.autograd.grad(loss(point), point)[0].numpy()
    wanted = np.linalg.solve(curvature + 1e-3 * np.eye(size), slope)
    moved = (theta - found).numpy()
    assert moved @ wanted / np.linalg.norm(moved) / np.linalg.norm(wanted) > 0.999
    assert 0 < diverged(found) <= 1e-6
    assert loss(found.clone().requires_grad_()).detach() < loss(point).detach()


def test_a_clipped_step_is_adams_and_goes_on_from_its_state() -> None:
    policy, theta, batches = problem(0, 1)
    one = outer_steps.Clipped(policy, 0.01, RATE, epochs=1)
    first = one(theta, batches)
    # Adam's first step is the rate along the signs of the gradient
    torch.testing.assert_close((first - theta).abs(), torch.full_like(theta, 0.01), rtol=1e-3, atol=0)
    two = outer_steps.Clipped(policy, 0.01, RATE, epochs=1)
    two.restore(one.state())
    assert torch.equal(one(first, batches), two(first, batches))
    fresh = outer_steps.Clipped(policy, 0.01, RATE, epochs=1)
    assert not torch.equal(one(first, batches), fresh(first, batches))


@pytest.mark.parametrize("method", ["DRS+PPO", "ProMP", "DRS+TRPO", "TRPO-MAML"])
def test_every_method_learns_to_reach_one_goal(method: str) -> None:
    """All tasks the same: what every method can solve.  Standing still at the start costs 50 steps of 0.7."""
    rate = 0.02 if "PPO" in method or method == "ProMP" else 0.03
    run = training.Run("navigation", method, rate, 0.1, 1, (9000,), 4, 5, 15, 4, 1)
    from numerics.reinforcement.benchmarks import navigation

    class OneGoal(navigation.PointNavigation):
        def tasks(self, uniforms: Any) -> Any:
            return np.full((len(uniforms), 2), 0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(navigation, "PointNavigation", OneGoal)
        before = training.train(training.Run("navigation", method, rate, 0.1, 1, (1,), 4, 5, 15, 4, 1))
        after = training.train(run)
    assert after.found[-1][0] > before.found[-1][0] + 2


def test_runs_refuse_what_they_cannot_be() -> None:
    run = ("navigation", "ProMP", 0.01, 0.1, 0, (100,))
    for place, value, sentence in (
        (1, "SAC", "method is 'SAC'; it must be one of DRS\\+PPO, ProMP, DRS\\+TRPO, TRPO-MAML"),
        (2, 0.0, "rate is 0.0; it must be a positive finite number"),
        (3, float("nan"), "inner_rate is nan; it must be a positive finite number"),
        (4, -1, "seed is -1; it must be an integer of at least 0"),
        (5, (), r"marks is \(\); it must be increasing positive numbers of steps, at least one"),
        (5, (2, 2), r"marks is \(2, 2\); it must be increasing"),
    ):
        with pytest.raises(ValueError, match=sentence):
            training.Run(*run[:place], value, *run[place + 1 :])


def test_a_run_that_leaves_the_finite_numbers_is_lost_and_says_so() -> None:
    run = training.Run("navigation", "DRS+PPO", 1e200, 0.1, 0, (40, 80), 2, 2, 5, 2, 1)
    done = training.train(run)
    assert done.found[-1] == [-np.inf] * 2
    assert len(done.found) == 2
