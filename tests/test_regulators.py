"""Costs of regulators and of navigation: Lyapunov equations and moments against rollouts, differences and autodiff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics as nx
from numerics.bilevel import hypergradient, outer_hessian_vector, outer_objective
from numerics.reinforcement import Navigation, Regulators, random_navigation, random_regulators, stay_and_descend

Array = np.ndarray[Any, Any]


def summed(family: Regulators, theta: Array, tasks: Array) -> Array:
    """Costs of some tasks by summing over time, with the second moment of the state pushed forward."""
    gains = family.gains(theta)[tasks]
    closed = family.dynamics[tasks] - family.controls[tasks] @ gains
    per_step = family.state_cost[tasks] + gains.swapaxes(-1, -2) @ family.control_cost[tasks] @ gains
    moment, total = np.broadcast_to(family.start, closed.shape), np.zeros(len(gains))
    for _ in range(1500):
        total = total + np.einsum("nij,nji->n", per_step, moment)
        moment = closed @ moment @ closed.swapaxes(-1, -2)
    return total


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 3))
def test_costs_gradients_and_curvatures_of_random_regulators(seed: int, order: int, inputs: int) -> None:
    rng = np.random.default_rng(seed)
    dynamics = rng.normal(size=(5, order, order)) / np.sqrt(order)
    factor = rng.normal(size=(order, order))
    family = Regulators(dynamics, rng.normal(size=(5, order, inputs)), factor @ factor.T, np.eye(inputs), factor.T @ factor)
    gains, along = rng.normal(size=(2, 5, family.dimension)) * 0.2
    inside = family.stabilises(gains)
    # near the edge of the set the finite differences, not the equations, are inaccurate
    well = inside & (np.abs(np.linalg.eigvals(family.dynamics - family.controls @ family.gains(gains))).max(axis=-1) < 0.97)
    assert np.array_equal(np.isfinite(family.value(gains)), inside)
    assert np.array_equal(np.isnan(family.gradient(gains)).any(axis=-1), ~inside)
    np.testing.assert_allclose(family.value(gains)[well], summed(family, gains, well), rtol=1e-9)
    size = 1 + family.value(gains)[well] ** 4
    slope = family.value(gains + 1e-30j * along).imag[well] / 1e-30
    assert (np.abs((family.gradient(gains) * along).sum(axis=-1)[well] - slope) <= 1e-11 * size).all()
    bend = family.gradient(gains + 1e-30j * along).imag[well] / 1e-30
    assert (np.abs(family.hessian_vector(gains, along)[well] - bend) <= 1e-11 * size[:, None]).all()


def test_optimal_gains_have_no_gradient_and_descent_finds_them() -> None:
    family = random_regulators(0.4, number=1, seed=3)
    best = family.optima()
    np.testing.assert_allclose(family.gradient(best), 0, atol=1e-8)
    start = best[0] + 0.1
    found, cost = stay_and_descend(family, nx.DRS(), start, 2000)
    np.testing.assert_allclose(found, best[0], atol=1e-5)
    assert np.isclose(cost, family.value(best)[0], rtol=1e-10)


def test_descent_stays_where_every_adapted_gain_stabilises() -> None:
    family = random_regulators(0.5)
    rule = nx.MAML(0.01)
    average = family.optima().mean(axis=0)
    # the mean optimal gain serves joint training, but not every task is stable after an inner step from it
    assert np.isfinite(outer_objective(family, nx.DRS(), average))
    assert np.isinf(outer_objective(family, rule, average))
    with pytest.raises(ValueError, match=r"theta has the objective inf; descent must start where every task's risk is finite"):
        stay_and_descend(family, rule, average)
    joint, before = stay_and_descend(family, nx.DRS(), average, 60)
    assert before < outer_objective(family, nx.DRS(), average)
    meta, after = stay_and_descend(family, rule, joint, 60)
    assert after < outer_objective(family, rule, joint) < before
    assert family.stabilises(rule.adapt(family, meta[None])).all()


@pytest.mark.parametrize("rule", [nx.DRS(), nx.MAML(0.003, 3), nx.FirstOrderMAML(0.003, 2)])
def test_outer_steps_on_regulators_and_navigation_are_differences(rule: nx.Rule) -> None:
    for family, theta in (
        (random_regulators(0.3), random_regulators(0.3).optima().mean(axis=0)),
        (random_navigation(0.6, 5), np.array([0.6, 0.1, -0.1, 0.7, 0.2, -0.1])),
    ):
        along = np.random.default_rng(0).normal(size=family.dimension)
        ahead, behind = theta + 1e-6 * along, theta - 1e-6 * along
        found = outer_hessian_vector(family, rule, theta, along)
        bend = (hypergradient(family, rule, ahead) - hypergradient(family, rule, behind)) / 2e-6
        np.testing.assert_allclose(found, bend, rtol=1e-5, atol=1e-6)
        if not isinstance(rule, nx.FirstOrderMAML):
            slope = (outer_objective(family, rule, ahead) - outer_objective(family, rule, behind)) / 2e-6
            assert np.isclose(hypergradient(family, rule, theta) @ along, slope, rtol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_navigation_has_its_derivatives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    family = random_navigation(0.8, 4, seed)
    theta, vector = np.array([0.6, 0.1, -0.1, 0.7, 0.2, -0.1]) + 0.3 * rng.normal(size=(4, 6)), rng.normal(size=(4, 6))
    slope = family.value(theta + 1e-30j * vector).imag / 1e-30
    np.testing.assert_allclose((family.gradient(theta) * vector).sum(axis=-1), slope, rtol=1e-9, atol=1e-10)
    bend = family.gradient(theta + 1e-30j * vector).imag / 1e-30
    np.testing.assert_allclose(family.hessian_vector(theta, vector), bend, rtol=1e-8, atol=1e-8)


def test_navigation_costs_what_it_costs_to_navigate() -> None:
    family, rng, runs = random_navigation(0.4, 1, 5), np.random.default_rng(1), 200_000
    theta = np.array([[0.5, 0.1, 0.0, 0.4, 0.1, -0.2]])
    position, total = np.sqrt(0.1) * rng.normal(size=(runs, 2)), np.zeros(runs)
    for _ in range(20):
        control = theta[0, 4:] - position @ theta[0, :4].reshape(2, 2).T + 0.3 * rng.normal(size=(runs, 2))
        total += ((position - family.goals[0]) ** 2).sum(axis=1) / 20 + 0.05 * (control**2).sum(axis=1) / 20
        position = position + 0.2 * family.motors[0] * control
    # five standard errors: false alarms in one of two million seeds
    assert abs(total.mean() - family.value(theta)[0]) < 5 * total.std() / np.sqrt(runs)


def test_derivatives_agree_with_automatic_differentiation() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    regulators, navigation = random_regulators(0.3, 3), random_navigation(0.5, 3)
    gain, point = regulators.optima().mean(axis=0) + 0.05, np.array([0.6, 0.1, -0.1, 0.7, 0.2, -0.1])
    with jax.enable_x64(True):

        def regulate(theta: Any, dynamics: Any, controls: Any) -> Any:
            matrix = theta.reshape(2, 3)
            closed = dynamics - controls @ matrix
            to_go = jnp.eye(3) + 0.5 * matrix.T @ matrix

            def doubled(state: Any, _: Any) -> Any:
                so_far, power = state
                return (so_far + power.T @ so_far @ power, power @ power), None

            (to_go, _), _ = jax.lax.scan(doubled, (to_go, closed), length=12)  # 4,096 steps
            return jnp.trace(to_go)

        def navigate(theta: Any, goal: Any, motor: Any) -> Any:
            matrix, shift, reach = theta[:4].reshape(2, 2), theta[4:], 0.2 * jnp.diag(motor)
            step = jnp.eye(2) - reach @ matrix

            def moved(state: Any, _: Any) -> Any:
                mean, covariance, cost = state
                control = shift - matrix @ mean
                used = control @ control + jnp.trace(matrix @ covariance @ matrix.T) + 2 * 0.09
                cost = cost + ((mean - goal) @ (mean - goal) + jnp.trace(covariance) + 0.05 * used) / 20
                return (mean + reach @ control, step @ covariance @ step.T + 0.09 * reach @ reach, cost), None

            (_, _, cost), _ = jax.lax.scan(moved, (jnp.zeros(2), 0.1 * jnp.eye(2), 0.0), length=20)
            return cost

        for family, cost, theta, arrays in (
            (regulators, regulate, gain, (regulators.dynamics, regulators.controls)),
            (navigation, navigate, point, (navigation.goals, navigation.motors)),
        ):

            def derivatives(at: Any, *task: Any, cost: Any = cost) -> Any:
                return cost(at, *task), jax.grad(cost)(at, *task), jax.jacfwd(jax.grad(cost))(at, *task)

            compiled = jax.jit(jax.vmap(derivatives, (None, 0, 0)))
            values, slopes, bends = compiled(*(jnp.asarray(array) for array in (theta, *arrays)))
            np.testing.assert_allclose(family.value(theta[None]), values, rtol=1e-10)
            np.testing.assert_allclose(family.gradient(theta[None]), slopes, rtol=1e-8, atol=1e-9)
            columns = [family.hessian_vector(theta[None], e[None]) for e in np.eye(6)]
            np.testing.assert_allclose(np.stack(columns, axis=-1), bends, rtol=1e-7, atol=1e-8)


REGULATOR = {
    "dynamics": np.zeros((1, 2, 2)), "controls": np.ones((1, 2, 1)), "state_cost": np.eye(2), "control_cost": np.eye(1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dynamics": np.zeros((1, 2, 3))}, r"dynamics has shape \(1, 2, 3\); it must have shape \(n, p, p\)"),
        ({"controls": np.ones((1, 3, 1))}, r"controls has shape \(1, 3, 1\); it must be \(1, 2, q\)"),
        ({"state_cost": -np.eye(2)}, "state_cost has the eigenvalue -1; it must be positive semi-definite"),
        (
            {"state_cost": np.array([[1.0, 1.0], [0.0, 1.0]])},
            "state_cost differs from its transpose by 1; it must be symmetric",
        ),
        ({"control_cost": np.zeros((1, 1))}, "control_cost has the eigenvalue 0; it must be positive definite"),
        ({"control_cost": np.eye(2)}, r"control_cost has shape \(1, 2, 2\); for these tasks it must be \(1, 1, 1\)"),
        ({"start": np.full((2, 2), np.inf)}, "start has the entry inf; every entry must be finite"),
        ({"weights": [0.5]}, r"weights is \[0.5\]; it must be probabilities"),
    ],
)
def test_bad_regulators_are_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        Regulators(**(REGULATOR | changes))


def test_other_bad_input_is_refused_in_a_sentence() -> None:
    uncontrolled = Regulators([[[2.0]]], [[[0.0]]], [[1.0]], [[1.0]])
    for call, sentence in (
        (uncontrolled.optima, r"dynamics\[0\] with its controls has no stabilising optimum"),
        (lambda: random_regulators(-0.1), "heterogeneity is -0.1; it must be a finite number that is not negative"),
        (lambda: random_regulators(0.1, 0), "number is 0; it must be at least 1"),
        (lambda: Navigation([[1.0, 0.0]], [[1.0, 1.0]], horizon=0), "horizon is 0; it must be an integer of at least 1"),
        (lambda: Navigation([[1.0, 0.0]], [[1.0, 1.0]], noise=-1.0), "noise is -1.0; it must be a finite number"),
        (lambda: Navigation([[1.0, 0.0, 0.0]], [[1.0, 1.0]]), r"goals has shape \(1, 3\); it must be \(1, 2\)"),
        (lambda: Navigation([[1.0, np.nan]], [[1.0, 1.0]]), "goals has the entry nan; every entry must be finite"),
        (lambda: random_navigation(np.nan), "heterogeneity is nan; it must be a finite number that is not negative"),
    ):
        with pytest.raises((ValueError, TypeError), match=sentence):
            call()
