"""The mean outer step is the exact gradient of the bilevel objective, for quadratics and for risks that are not convex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics import fused
from numerics.bilevel import hypergradient, outer_hessian_vector, outer_objective


@dataclass(frozen=True, eq=False)
class HeavyBall(nx.GradientSteps):
    friction: Any = 0.5

    def momentum(self, j: int) -> Any:
        return self.friction


class Sines(nx.Losses):
    """½ height (1 + sin(<w, theta> + phase)): bounded, smooth, not convex; w (n, p)."""

    def __init__(self, directions: np.ndarray, phases: np.ndarray, height: float, weights: np.ndarray) -> None:
        super().__init__(weights, directions.shape[1])
        self.directions, self.phases, self.height = directions, phases, height

    def chunk(self, tasks: slice) -> Sines:
        return Sines(self.directions[tasks], self.phases[tasks], self.height, self.weights[tasks])

    def _angle(self, theta: np.ndarray) -> np.ndarray:
        return (theta * self.directions).sum(axis=-1) + self.phases

    def _value(self, theta: np.ndarray) -> np.ndarray:
        return self.height / 2 * (1 + np.sin(self._angle(theta)))

    def _gradient(self, theta: np.ndarray) -> np.ndarray:
        return self.height / 2 * np.cos(self._angle(theta))[..., None] * self.directions

    def _hessian_vector(self, theta: np.ndarray, vector: np.ndarray) -> np.ndarray:
        along = (vector * self.directions).sum(axis=-1)
        return -self.height / 2 * (np.sin(self._angle(theta)) * along)[..., None] * self.directions


EXACT_RULES = {
    "DRS": nx.DRS(),
    "MAML": nx.MAML(0.3, steps=4),
    "HeavyBall": HeavyBall(0.2, steps=5, friction=0.7),
    "ImplicitMAML": nx.ImplicitMAML(4.0),
    "GradientFlow": nx.GradientFlow(0.8),
}
OTHER_RULES = {"FirstOrderMAML": nx.FirstOrderMAML(0.3, steps=3), "Reptile": nx.Reptile(0.3, steps=3)}


def quadratics(number: int, dim: int, seed: int) -> nx.DiscreteTasks:
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((number, dim, dim)) / np.sqrt(2 * dim)
    weights = rng.dirichlet(np.ones(number))
    hessians = roots @ roots.swapaxes(1, 2)
    hessians = (hessians + hessians.swapaxes(1, 2)) / 2
    return nx.DiscreteTasks(weights, hessians, rng.standard_normal((number, dim)), rng.random(number))


def sines(number: int, dim: int, seed: int) -> Sines:
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((number, dim))
    directions *= 2 / np.linalg.norm(directions, axis=1, keepdims=True)  # curvatures within 3, below the regularisation
    return Sines(directions, rng.uniform(0, 6, number), 1.5, rng.dirichlet(np.ones(number)))


def complex_step(tasks: Any, rule: nx.Rule, theta: np.ndarray) -> np.ndarray:
    """Gradient of the mean adapted risk, by executing forward passes alone at complex points."""
    losses = tasks.losses() if isinstance(tasks, nx.DiscreteTasks) else tasks
    values = [losses.weights @ rule.adapted_value(losses, (theta + 1e-30j * e)[None, :]) for e in np.eye(len(theta))]
    return np.imag(values) / 1e-30


@pytest.mark.parametrize("family", [quadratics, sines], ids=["quadratics", "sines"])
@pytest.mark.parametrize("name", EXACT_RULES)
@settings(max_examples=20)
@given(number=st.integers(1, 8), dim=st.integers(1, 6), seed=st.integers(0, 2**32 - 1))
def test_exact_hypergradients_agree_with_complex_steps(family: Any, name: str, number: int, dim: int, seed: int) -> None:
    rule, tasks = EXACT_RULES[name], family(number, dim, seed)
    theta = np.random.default_rng(seed + 1).standard_normal(dim)
    gradient = hypergradient(tasks, rule, theta, workers=1)
    np.testing.assert_allclose(gradient, complex_step(tasks, rule, theta), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("family", [quadratics, sines], ids=["quadratics", "sines"])
@pytest.mark.parametrize("name", EXACT_RULES | OTHER_RULES)
def test_outer_hessian_vector_products_are_derivatives_of_the_outer_step(family: Any, name: str) -> None:
    rule, tasks = (EXACT_RULES | OTHER_RULES)[name], family(5, 3, 7)
    theta, vector = np.random.default_rng(0).standard_normal((2, 3))
    ahead, behind = (hypergradient(tasks, rule, theta + step * vector) for step in (1e-5, -1e-5))
    product = outer_hessian_vector(tasks, rule, theta, vector)
    np.testing.assert_allclose(product, (ahead - behind) / 2e-5, atol=1e-8)
    assert product.dtype == np.float64
    if family is sines:
        with pytest.raises(TypeError, match="needs real ones"):
            outer_hessian_vector(tasks, rule, theta + 0j, vector)
    if name in EXACT_RULES:  # an exact rule's outer Hessian is symmetric
        columns = np.array([outer_hessian_vector(tasks, rule, theta, e) for e in np.eye(3)])
        np.testing.assert_allclose(columns, columns.T, atol=1e-10)


def test_first_order_and_displacement_steps_are_what_their_names_say() -> None:
    for tasks in (quadratics(4, 3, 0).losses(), sines(4, 3, 0)):
        theta = np.array([0.3, -1.0, 0.5])
        for rule in OTHER_RULES.values():
            adapted = rule.adapt(tasks, theta[None, :])
            step = tasks.gradient(adapted) if isinstance(rule, nx.FirstOrderMAML) else theta - adapted
            np.testing.assert_allclose(hypergradient(tasks, rule, theta), tasks.weights @ step, atol=1e-14)


@pytest.mark.parametrize("rule", [EXACT_RULES["DRS"], EXACT_RULES["MAML"], EXACT_RULES["HeavyBall"], *OTHER_RULES.values()])
@pytest.mark.parametrize(("number", "dim"), [(7, 3), (3, 50)])
def test_the_compiled_recursion_does_what_the_methods_do(rule: nx.Rule, number: int, dim: int) -> None:
    losses = quadratics(number, dim, 3).losses()
    for theta in (np.linspace(-1, 1, dim), np.linspace(-1, 1, dim) + 1e-3j * np.arange(dim)):
        found = fused.recursion(losses, rule)
        assert found is not None
        executed = losses.weights @ rule.outer_step(losses, theta[None, :])
        np.testing.assert_allclose(fused.mean_step(found, theta), executed, atol=1e-13)


def test_a_rule_with_a_method_of_its_own_is_not_taken_for_one_with_a_kernel() -> None:
    class Doubled(nx.MAML):
        def outer_step(self, losses: nx.Losses, theta: np.ndarray) -> np.ndarray:
            return 2 * super().outer_step(losses, theta)

    class Stays(nx.MAML):
        def inner(self, losses: nx.Losses, theta: np.ndarray) -> Any:
            return theta, lambda cotangent: cotangent

    tasks, theta = quadratics(4, 2, 0), np.ones(2)
    np.testing.assert_allclose(hypergradient(tasks, Doubled(0.2), theta), 2 * hypergradient(tasks, nx.MAML(0.2), theta))
    np.testing.assert_allclose(hypergradient(tasks, Stays(0.2), theta), hypergradient(tasks, nx.DRS(), theta))
    assert fused.recursion(tasks.losses(), nx.MAML(0.2, inner_samples=2)) is None


def test_steps_on_samples_and_prescribed_weights_have_consistent_objectives() -> None:
    tasks = quadratics(4, 3, 5)
    theta = np.array([0.5, -0.2, 1.0])
    for rule in (nx.MAML(0.4, inner_samples=3), nx.Prescribed(np.asarray(tasks.hessians))):
        np.testing.assert_allclose(hypergradient(tasks, rule, theta), complex_step(tasks, rule, theta), atol=1e-12)
    sampled = outer_objective(tasks, nx.MAML(0.4, inner_samples=3), theta) - 0.5 * tasks.weights @ tasks.noise_variances
    squared = np.einsum("nij,nji->n", tasks.hessians, tasks.hessians)  # the risk gains ½ sigma^2 alpha^2 tr Q^2 / N
    noise = 0.5 * tasks.weights @ (tasks.noise_variances * 0.4**2 * squared / 3)
    assert np.isclose(sampled, nx.reducible_risk(tasks, nx.MAML(0.4, inner_samples=3), theta) + noise, rtol=1e-13)


@pytest.mark.parametrize("family", [quadratics, sines], ids=["quadratics", "sines"])
def test_work_is_counted(family: Any) -> None:
    tasks = family(6, 2, 0)
    work = {nx.DRS(): (1, 0), nx.MAML(0.1, 3): (4, 3), nx.FirstOrderMAML(0.1, 3): (4, 0), nx.Reptile(0.1, 3): (3, 0)}
    for rule, (gradients, products) in work.items():
        losses = tasks.losses() if family is quadratics else sines(6, 2, 0)
        hypergradient(losses, rule, np.ones(2), workers=2)
        assert (losses.gradients, losses.hessian_vectors) == (6 * gradients, 6 * products)


@pytest.mark.parametrize("rule", [nx.MAML(0.3, 3), nx.ImplicitMAML(1.0), nx.GradientFlow(0.5), nx.MAML(0.3, inner_samples=2)])
@pytest.mark.parametrize("dim", [3, 60])
def test_bits_do_not_depend_on_the_number_of_workers(rule: nx.Rule, dim: int) -> None:
    tasks = quadratics(20_000 // dim, dim, 1)
    theta = np.linspace(-1, 1, dim)
    results = [
        (
            hypergradient(tasks, rule, theta, workers=workers).tobytes(),
            outer_hessian_vector(tasks, rule, theta, theta, workers=workers).tobytes(),
            outer_objective(tasks, rule, theta, workers=workers),
        )
        for workers in (1, 2, 3)
    ]
    assert results[0] == results[1] == results[2]


def test_a_proximal_problem_without_enough_regularisation_says_so() -> None:
    class Kinked(Sines):  # the gradient jumps at zero, so that no point is stationary
        def _gradient(self, theta: np.ndarray) -> np.ndarray:
            return np.where(theta >= 0, 1.0, -1.0)

    losses = Kinked(np.array([[1.0]]), np.array([0.0]), 1.0, np.ones(1))
    with pytest.raises(ArithmeticError, match=r"regularization is 1e-12.*must exceed minus the least curvature"):
        nx.ImplicitMAML(1e-12).adapt(losses, np.zeros((1, 1)))
    flat = Sines(np.array([[2.0]]), np.array([np.pi / 2]), 1.0, np.ones(1))  # curvature -2 at zero
    with pytest.raises(ArithmeticError, match=r"regularization is 2.0"):
        nx.ImplicitMAML(2.0).adapt(flat, np.zeros((1, 1)))
