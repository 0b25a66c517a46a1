"""The weight that an executed rule shows on the identity is the one that its residual polynomial predicts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics as nx
from numerics.features import FeatureLaw
from numerics.quadratics import Quadratics

rates = st.floats(-1.0, 1.5)
numbers_of_steps = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def curvatures(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (2, n, p) in [0, 2] (repeated and extreme ones too) and bases (2, n, p, p) of two instances."""
    dim, number = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(seeds))
    eigenvalues = rng.choice([0.0, 0.25, 1.0, 2.0, rng.uniform(0, 2)], size=(2, number, dim))
    bases, _ = np.linalg.qr(rng.standard_normal((2, number, dim, dim)))
    return eigenvalues, bases


def assembled(eigenvalues: np.ndarray, bases: np.ndarray) -> np.ndarray:
    return (bases * eigenvalues[..., None, :]) @ bases.swapaxes(-1, -2)


# residual r(q) and training weight w(q) of each rule, by hand, as functions of an eigenvalue
TABLE = {
    "DRS": (lambda a, k: nx.DRS(), lambda q, a, k: 1 + 0 * q, lambda q, r: q),
    "MAML": (nx.MAML, lambda q, a, k: (1 - a * q) ** k, lambda q, r: q * r**2),
    "FirstOrderMAML": (nx.FirstOrderMAML, lambda q, a, k: (1 - a * q) ** k, lambda q, r: q * r),
    "Reptile": (nx.Reptile, lambda q, a, k: (1 - a * q) ** k, lambda q, r: 1 - r),
    "ImplicitMAML": (
        lambda a, k: nx.ImplicitMAML(abs(a) + 0.1),
        lambda q, a, k: (abs(a) + 0.1) / (abs(a) + 0.1 + q),
        lambda q, r: q * r**2,
    ),
    "GradientFlow": (lambda a, k: nx.GradientFlow(abs(a)), lambda q, a, k: np.exp(-abs(a) * q), lambda q, r: q * r**2),
}


@pytest.mark.parametrize("name", TABLE)
@given(tasks=curvatures(), rate=rates, steps=numbers_of_steps)
def test_weights_follow_from_the_residual(name: str, tasks: Any, rate: float, steps: int) -> None:
    make, residual, training = TABLE[name]
    eigenvalues, bases = tasks
    hessians = assembled(eigenvalues, bases)
    rule = make(rate, steps)
    r = residual(eigenvalues, rate, steps)
    scale = 4.0 ** (2 * steps + 1)
    np.testing.assert_allclose(rule.training_weight(hessians), assembled(training(eigenvalues, r), bases), atol=1e-13 * scale)
    np.testing.assert_allclose(rule.deployment_weight(hessians), assembled(eigenvalues * r**2, bases), atol=1e-13 * scale)


@pytest.mark.parametrize("name", TABLE)
def test_fields_broadcast_over_instances_and_may_be_complex(name: str) -> None:
    make, _, _ = TABLE[name]
    rng = np.random.default_rng(1)
    hessians = assembled(rng.uniform(0, 2, (2, 3, 4)), np.linalg.qr(rng.standard_normal((2, 3, 4, 4)))[0])
    together = make(np.array([0.2, 0.7]), 2).training_weight(hessians)
    for instance, rate in enumerate((0.2, 0.7)):
        np.testing.assert_allclose(together[instance], make(rate, 2).training_weight(hessians[instance]), atol=1e-13)
    if name in ("MAML", "FirstOrderMAML", "Reptile"):
        derivative = make(0.2 + 1e-30j, 2).training_weight(hessians).imag / 1e-30
        difference = (make(0.2 + 1e-6, 2).training_weight(hessians) - make(0.2 - 1e-6, 2).training_weight(hessians)) / 2e-6
        np.testing.assert_allclose(derivative, difference, atol=1e-7)


def test_instances_may_differ_in_their_numbers_of_steps() -> None:
    hessians = np.random.default_rng(0).uniform(0, 1, (3, 2, 1, 1))
    for kind in (nx.MAML, nx.FirstOrderMAML, nx.Reptile):
        together = kind(0.5, np.array([1, 4, 2])).training_weight(hessians)
        for instance, steps in enumerate((1, 4, 2)):
            np.testing.assert_allclose(together[instance], kind(0.5, steps).training_weight(hessians[instance]), rtol=1e-14)


@pytest.mark.parametrize("name", TABLE)
@given(tasks=curvatures(), rate=rates, steps=numbers_of_steps, seed=seeds)
def test_the_deployment_weight_is_the_risk_after_adaptation(name: str, tasks: Any, rate: float, steps: int, seed: int) -> None:
    rule = TABLE[name][0](rate, steps)
    hessians = assembled(*tasks)
    optima, theta = np.random.default_rng(seed).standard_normal((2, *hessians.shape[:-1]))
    residual = theta - optima
    form = np.einsum("...i,...ij,...j->...", residual, rule.deployment_weight(hessians), residual) / 2
    losses = Quadratics(hessians, optima)
    np.testing.assert_allclose(losses.value(rule.adapt(losses, theta)), form, atol=1e-12 * 4.0 ** (2 * steps + 1))


# --- two rules that the table does not have, in under ten lines each


@dataclass(frozen=True, eq=False)
class HeavyBall(nx.GradientSteps):
    friction: Any = 0.5

    def momentum(self, j: int) -> Any:
        return self.friction


@dataclass(frozen=True, eq=False)
class Decaying(nx.GradientSteps):
    def rate(self, j: int) -> Any:
        return self.alpha / (j + 1)


def loop(q: float, rates_: list[float], momenta: list[float]) -> float:
    previous = point = 1.0
    for rate, momentum in zip(rates_, momenta, strict=True):
        previous, point = point, point - rate * q * point + momentum * (point - previous)
    return point


@given(q=st.floats(0, 2), rate=rates, steps=numbers_of_steps, friction=st.floats(-0.9, 0.9))
def test_rules_with_other_rates_or_momentum_are_a_hook_away(q: float, rate: float, steps: int, friction: float) -> None:
    hessians = np.full((1, 1, 1), q)
    ball = loop(q, [rate] * steps, [friction] * steps)
    decaying = loop(q, [rate / (j + 1) for j in range(steps)], [0.0] * steps)
    tolerance = {"rtol": 1e-10, "atol": 1e-12}
    np.testing.assert_allclose(HeavyBall(rate, steps, friction).training_weight(hessians).item(), q * ball**2, **tolerance)
    np.testing.assert_allclose(Decaying(rate, steps).training_weight(hessians).item(), q * decaying**2, **tolerance)


# --- the inner step on samples


@pytest.mark.parametrize("name", ["gaussian", "sphere", "student_t"])
@pytest.mark.parametrize(("dim", "samples"), [(1, 1), (2, 3), (3, 1)])
def test_the_weight_of_a_sampled_step_is_its_monte_carlo_mean(name: str, dim: int, samples: int) -> None:
    law = FeatureLaw(name, 12.0)
    rng = np.random.default_rng([dim, samples])
    factor = rng.standard_normal((dim, dim)) / dim
    curvature = factor @ factor.T
    alpha, draws = 0.6, 100_000
    features = law.sample((draws, samples, dim), rng) @ factor.T
    sampled = np.eye(dim) - alpha * features.swapaxes(1, 2) @ features / samples
    adapted = sampled @ curvature @ sampled
    mean, error = adapted.mean(axis=0), adapted.std(axis=0) / np.sqrt(draws)
    weight = nx.MAML(alpha, inner_samples=samples).training_weight(curvature[None], law)[0]
    assert np.all(np.abs(weight - mean) < 5 * error + 1e-12)
    if law.name == "gaussian":  # by Isserlis' theorem
        cubed, trace = curvature @ curvature @ curvature, np.trace(curvature @ curvature)
        exact = nx.MAML(alpha).training_weight(curvature[None])[0] + alpha**2 / samples * (cubed + trace * curvature)
        np.testing.assert_allclose(weight, exact, atol=1e-14)


@pytest.mark.parametrize("name", ["gaussian", "sphere", "student_t"])
def test_features_are_standardised_and_have_the_stated_fourth_moment(name: str) -> None:
    law = FeatureLaw(name, 12.0)
    z = law.sample((400_000, 2), np.random.default_rng(0))
    assert np.allclose(z.T @ z / len(z), np.eye(2), atol=0.02)
    assert np.isclose(np.mean(z[:, 0] ** 2 * z[:, 1] ** 2), law.fourth_moment(2), rtol=0.05)
    assert np.isclose(np.mean(z[:, 0] ** 4), 3 * law.fourth_moment(2), rtol=0.05)


def test_prescribed_weights_are_returned_as_they_are() -> None:
    weights = np.array([[[2.0, 1.0], [1.0, 3.0]], [[1.0, 0.0], [0.0, 0.0]]])
    rule = nx.Prescribed(weights)
    hessians = np.broadcast_to(np.eye(2), (2, 2, 2))
    assert np.array_equal(rule.training_weight(hessians), weights)
    assert np.array_equal(rule.deployment_weight(hessians), weights)
    with pytest.raises(TypeError, match="adapt with another rule"):
        rule.adapt(Quadratics(hessians, np.zeros((2, 2))), np.zeros((1, 2)))
