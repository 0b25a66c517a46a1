"""Returns of softmax policies: exact derivatives against central differences, autodiff and the general loops of adaptation."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics.bilevel import hypergradient, outer_hessian_vector, outer_objective
from numerics.reinforcement import DecisionProcesses, corner, from_gymnasium, goals_on_grid

Array = np.ndarray[Any, Any]
Family = tuple[DecisionProcesses, np.random.Generator]


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Sparse or dense tasks, some rows of which end the episode, and a generator for what else is needed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    number, states, actions = draw(st.integers(1, 20)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    transitions = rng.dirichlet(np.full(states + 1, draw(st.sampled_from([0.05, 0.5]))), (number, states, actions))[..., 1:]
    transitions *= rng.random(states) < draw(st.sampled_from([0.3, 1.0]))
    rewards, start = rng.uniform(-1, 1, (number, states, actions)), rng.dirichlet(np.ones(states), number)
    discount = draw(st.sampled_from([0.0, 0.5, 0.9, 0.99]))
    return DecisionProcesses(transitions, rewards, start, discount, rng.dirichlet(np.ones(number))), rng


def by_power_iteration(tasks: DecisionProcesses, logits: Array) -> Array:
    """Returns by summing rewards over time, without a linear solve."""
    policies = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    moves = np.einsum("nsa,nsat->nst", policies, tasks.transitions)
    rewards = (policies * tasks.rewards).sum(axis=-1)
    at, total, factor = tasks.start, np.zeros(tasks.number), 1.0
    while factor > 1e-14:
        total = total + factor * (at * rewards).sum(axis=-1)
        at, factor = np.einsum("ns,nst->nt", at, moves), factor * tasks.discount
    return total


@given(families())
def test_returns_are_discounted_sums_of_rewards(family: Family) -> None:
    tasks, rng = family
    logits = rng.normal(size=(tasks.number, tasks.states, tasks.actions))
    np.testing.assert_allclose(tasks.returns(logits), by_power_iteration(tasks, logits), atol=1e-10)


@given(families())
def test_gradients_and_curvatures_are_central_differences(family: Family) -> None:
    tasks, rng = family
    logits, along = rng.normal(size=(2, tasks.number, tasks.states, tasks.actions))
    ahead, behind = logits + 1e-5 * along, logits - 1e-5 * along
    slopes = (tasks.returns(ahead) - tasks.returns(behind)) / 2e-5
    size = 1 / (1 - tasks.discount)
    np.testing.assert_allclose((tasks.gradients(logits) * along).sum(axis=(1, 2)), slopes, atol=1e-7 * size**2)
    bends = (tasks.gradients(ahead) - tasks.gradients(behind)) / 2e-5
    np.testing.assert_allclose(tasks.curvature_vectors(logits, along), bends, atol=1e-7 * size**3)


@given(families())
def test_the_elimination_agrees_with_inverses_in_the_complex_plane(family: Family) -> None:
    tasks, rng = family
    losses = tasks.losses()
    points, vectors = rng.normal(size=(2, tasks.number, losses.dimension))
    for found, other in (
        (losses.value(points), losses.value(points[None])[0]),
        (losses.gradient(points), losses.gradient(points + 0j).real),
        (losses.hessian_vector(points, vectors), losses.gradient(points + 1e-30j * vectors).imag / 1e-30),
        (losses.hessian_vector(points, vectors), losses.hessian_vector(points[None], vectors[None])[0]),
    ):
        np.testing.assert_allclose(found, other, atol=1e-12 * (1 - tasks.discount) ** -3)


@settings(max_examples=20)
@given(families(), st.integers(0, 3), st.sampled_from([0.1, 3.0]))
def test_meta_gradients_are_those_of_the_general_driver(family: Family, steps: int, rate: float) -> None:
    tasks, rng = family
    logits = rng.normal(size=(tasks.states, tasks.actions))
    scale = (1 + rate / (1 - tasks.discount) ** 2) ** steps / (1 - tasks.discount) ** 2
    rules: dict[str, nx.Rule] = {"exact": nx.DRS()}
    if steps:
        rules = {"exact": nx.MAML(rate, steps), "first order": nx.FirstOrderMAML(rate, steps)}
    for kind, rule in rules.items():
        returns, gradients = tasks.meta_gradients(logits, [rate] * steps, kind)
        found = -np.einsum("n,nsa->sa", tasks.weights, gradients).ravel()
        np.testing.assert_allclose(found, hypergradient(tasks.losses(), rule, logits.ravel()), atol=1e-11 * scale)
        if kind == "exact":
            objective = outer_objective(tasks.losses(), rule, logits.ravel())
            assert np.isclose(-tasks.weights @ returns, objective, atol=1e-11 * scale)


def test_meta_gradients_and_outer_hessians_are_central_differences_on_the_grid() -> None:
    grid, rng = goals_on_grid(4, corner(4, 3)), np.random.default_rng(0)
    logits, along = rng.normal(size=(2, 16, 4))
    for steps in (0, 1, 3):
        rates = [10.0] * steps

        def slope(point: Array, rates: list[float] = rates) -> float:
            return float((grid.meta_gradients(point, rates)[1].mean(axis=0) * along).sum())

        values = [grid.meta_gradients(logits + step * along, rates)[0].mean() for step in (1e-5, -1e-5)]
        assert np.isclose(slope(logits), (values[0] - values[1]) / 2e-5, rtol=1e-7)
        rule = nx.MAML(10.0, steps) if steps else nx.DRS()
        bend = outer_hessian_vector(grid.losses(), rule, logits.ravel(), along.ravel()) @ along.ravel()
        assert np.isclose(-bend, (slope(logits + 1e-5 * along) - slope(logits - 1e-5 * along)) / 2e-5, rtol=1e-6)


def test_meta_gradients_agree_with_automatic_differentiation() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    grid, rng = goals_on_grid(5, range(25)), np.random.default_rng(1)
    logits = rng.normal(size=(25, 4))
    with jax.experimental.enable_x64() if hasattr(jax.experimental, "enable_x64") else jax.enable_x64(True):
        transitions, rewards, start = map(jnp.asarray, (grid.transitions, grid.rewards, grid.start))

        def value(table: Any, moves: Any, paid: Any, first: Any) -> Any:
            policy = jax.nn.softmax(table, axis=-1)
            system = jnp.eye(25) - 0.9 * jnp.einsum("sa,sat->st", policy, moves)
            return first @ jnp.linalg.solve(system, (policy * paid).sum(-1))

        def adapted(table: Any, moves: Any, paid: Any, first: Any) -> Any:
            for _ in range(3):
                table = table + 10.0 * jax.grad(value)(table, moves, paid, first)
            return value(table, moves, paid, first)

        expected = jax.vmap(jax.grad(adapted), (None, 0, 0, 0))(jnp.asarray(logits), transitions, rewards, start)
        np.testing.assert_allclose(grid.meta_gradients(logits, [10.0] * 3)[1], expected, atol=1e-12)


@given(families())
def test_surrogates_are_what_their_formulas_say(family: Family) -> None:
    """By differences of the surrogates themselves, with visits and advantages (or returns) held where they are."""
    tasks, rng = family
    logits, along = rng.normal(size=(2, tasks.number, tasks.states, tasks.actions))
    at = tasks.evaluation(logits)
    outcomes = at.advantages + at.values[..., None]

    def policy(point: Array) -> Array:
        return np.exp(point) / np.exp(point).sum(axis=-1, keepdims=True)

    def ratio(point: Array) -> Array:
        return (at.visits[..., None] * policy(point) * at.advantages).sum(axis=(1, 2))

    def loglik(point: Array, weight: Array) -> Array:
        return (at.visits[..., None] * at.policies * np.log(policy(point)) * weight).sum(axis=(1, 2))

    def bend(surrogate: Any) -> Array:
        return (surrogate(logits + 1e-3 * along) - 2 * surrogate(logits) + surrogate(logits - 1e-3 * along)) / 1e-6

    def form(kind: str) -> Array:
        return (tasks.curvature_vectors(logits, along, kind) * along).sum(axis=(1, 2))

    size = 1 / (1 - tasks.discount) ** 2
    np.testing.assert_allclose(form("likelihood ratio"), bend(ratio), atol=1e-4 * size)
    np.testing.assert_allclose(form("log-likelihood"), bend(lambda point: loglik(point, outcomes)), atol=1e-4 * size)
    np.testing.assert_allclose(form("first order"), bend(lambda point: loglik(point, at.advantages)), atol=1e-4 * size)


def test_bits_do_not_depend_on_the_number_of_workers() -> None:
    rng = np.random.default_rng(0)
    tasks = DecisionProcesses(rng.dirichlet(np.ones(30), (99, 30, 3)), rng.random((99, 30, 3)), rng.dirichlet(np.ones(30)), 0.9)
    assert len(tasks._chunks()) > 2
    logits = rng.normal(size=(30, 3))
    first, second = (tasks.meta_gradients(logits, [1.0, 2.0], workers=workers) for workers in (1, 3))
    assert all(left.tobytes() == right.tobytes() for left, right in zip(first, second, strict=True))


def test_a_toy_text_environment_is_its_table() -> None:
    gymnasium = pytest.importorskip("gymnasium")
    lake = from_gymnasium(["FrozenLake-v1", gymnasium.make("FrozenLake-v1", is_slippery=False)], 0.95)
    assert (lake.number, lake.states, lake.actions) == (2, 16, 4)
    environment = gymnasium.make("FrozenLake-v1", max_episode_steps=10_000)
    rng, total = np.random.default_rng(0), []
    for episode in range(1500):
        environment.reset(seed=episode)
        factor, over = 1.0, False
        while not over:
            _, reward, over, _, _ = environment.step(int(rng.integers(4)))
            if over:
                total.append(factor * float(reward))
            factor *= 0.95
    assert abs(np.mean(total) - lake.returns(np.zeros((16, 4)))[0]) < 4.5 * np.std(total) / np.sqrt(1500)
    with pytest.raises(ValueError, match=r"environment is 'NoSuchLake-v1', which gymnasium does not make"):
        from_gymnasium("NoSuchLake-v1", 0.9)
    with pytest.raises(ValueError, match="environment CartPoleEnv has no table P"):
        from_gymnasium("CartPole-v1", 0.9)


def test_a_missing_gymnasium_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(ImportError, match=r"'FrozenLake-v1' is made by gymnasium, which is not installed: pip install"):
        from_gymnasium("FrozenLake-v1", 0.9)


ONE = {"transitions": np.full((1, 2, 1, 2), 0.5), "rewards": np.zeros((1, 2, 1)), "start": [0.5, 0.5], "discount": 0.9}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"transitions": np.full((1, 2, 1, 2), 0.6)}, r"transitions has a row that sums to 1.2; a row must sum to at most one"),
        ({"transitions": np.full((1, 2, 1, 2), -0.1)}, r"transitions has the entry -0.1; probabilities must not be negative"),
        ({"transitions": np.full((1, 2, 1, 2), np.nan)}, r"transitions has the entry nan; every entry must be finite"),
        ({"transitions": np.full((1, 2, 1, 3), 0.1)}, r"transitions has shape \(1, 2, 1, 3\); it must have shape"),
        ({"transitions": np.full((2, 1, 2), 0.1)}, r"transitions has shape \(2, 1, 2\); it must have shape \(n, S, A, S\)"),
        ({"rewards": np.zeros((1, 2, 2))}, r"rewards has shape \(1, 2, 2\); with transitions .* it must be \(1, 2, 1\)"),
        ({"rewards": "good"}, r"rewards is not an array of real numbers"),
        ({"start": [0.5, 0.6]}, r"start sums to 1.1; probabilities must sum to one"),
        ({"weights": [2.0]}, r"weights sums to 2; probabilities must sum to one"),
        ({"discount": 1.0}, r"discount is 1.0; it must be a number in \[0, 1\)"),
        ({"discount": [0.5]}, r"discount is \[0.5\]; it must be a number in \[0, 1\)"),
        ({"discount": float("nan")}, r"discount is nan; it must be a number in \[0, 1\)"),
    ],
)
def test_bad_tasks_are_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        DecisionProcesses(**(ONE | changes))


def test_bad_points_and_grids_are_refused_in_a_sentence() -> None:
    tasks = DecisionProcesses(**ONE)
    for call, sentence in (
        (lambda: tasks.returns(np.zeros((2, 2))), r"logits has shape \(2, 2\); it must have shape \(S, A\) or \(n, S, A\)"),
        (lambda: tasks.gradients(np.full((2, 1), np.inf)), "logits has the entry inf; every entry must be finite"),
        (lambda: tasks.curvature_vectors([[0.0], [0.0]], [[0.0], [0.0]], "sharp"), "kind is 'sharp'; it must be one of exact"),
        (lambda: tasks.meta_gradients(np.zeros((2, 1)), 0.5), r"rates has shape \(\); it must have shape \(k,\)"),
        (lambda: tasks.meta_gradients(np.zeros((2, 1)), [np.nan]), "rates has the entry nan"),
        (lambda: tasks.returns(np.zeros((2, 1)), workers=0), "workers is 0; it must be at least 1"),
        (lambda: goals_on_grid(3, [9]), r"goals is \[9\]; it must be one or more cells from 0 to 8"),
        (lambda: goals_on_grid(0, [0]), "size is 0; it must be an integer of at least 1"),
        (lambda: goals_on_grid(3, [0], slip=1.5), "slip is 1.5; it must be between 0 and 1"),
        (lambda: corner(3, 4), "side is 4; it must be between 1 and the grid's size, 3"),
    ):
        with pytest.raises((ValueError, TypeError), match=sentence):
            call()


PROGRAM = """
import numpy as np
from numerics.reinforcement import DecisionProcesses
rng = np.random.default_rng(2)
tasks = DecisionProcesses(rng.dirichlet(np.ones(4), (9, 3, 2))[..., 1:], rng.random((9, 3, 2)), rng.dirichlet(np.ones(3)), 0.8)
logits, vectors = rng.normal(size=(2, 3, 2))
numbers = [*tasks.meta_gradients(logits, [1.0, 0.5])[1].ravel(), *tasks.curvature_vectors(logits, vectors).ravel()]
numbers += [*tasks.curvature_vectors(logits, vectors, "likelihood ratio").ravel(), *tasks.evaluation(logits).visits.ravel()]
print(*(float(number).hex() for number in numbers))
"""


def test_interpreted_and_compiled_kernels_agree() -> None:
    def outcome(disabled: str) -> list[float]:
        environment = os.environ | {"NUMBA_DISABLE_JIT": disabled}
        command = [sys.executable, "-c", PROGRAM]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
        return [float.fromhex(word) for word in run.stdout.split()]

    np.testing.assert_allclose(outcome("1"), outcome("0"), rtol=1e-12, atol=1e-14)
