"""Annealing against scikit-learn's mixtures, the tanh law of two points, exact split temperatures and long online runs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture

from numerics.related import annealing
from numerics.related.annealing import Cloud

seeds = st.integers(0, 10**6)


def cloud(seed: int, number: int = 12, dim: int = 2, divergence: str = "squared") -> Cloud:
    rng = np.random.default_rng(seed)
    return Cloud(rng.uniform(0.2, 2, (number, dim)), rng.dirichlet(np.ones(number)), divergence)


@given(seeds, st.sampled_from(annealing.DIVERGENCES), st.integers(1, 4), st.floats(0.01, 5.0))
def test_compiled_passes_are_the_formula_in_logarithms(seed: int, divergence: str, number: int, temperature: float) -> None:
    points, rng = cloud(seed, divergence=divergence), np.random.default_rng(seed + 1)
    mu, mass = rng.uniform(0.2, 2, (number, 2)), rng.dirichlet(np.ones(number))
    distances = np.empty((12, number))
    for i, x in enumerate(points.points):
        for k, m in enumerate(mu):
            distances[i, k] = ((x - m) ** 2).sum() if divergence == "squared" else (x * np.log(x / m) - x + m).sum()
    logs = np.log(mass) - distances / temperature
    shares = np.exp(logs - logsumexp(logs, axis=1, keepdims=True)) * points.chances[:, None]
    energy = -temperature * points.chances @ logsumexp(logs, axis=1)
    end = points.settle(mu, mass, temperature, steps=1)
    kept = shares.sum(axis=0) > 1e-290
    np.testing.assert_allclose(end.masses, shares.sum(axis=0)[kept], atol=1e-12)
    np.testing.assert_allclose(end.prototypes, ((shares.T @ points.points) / shares.sum(axis=0)[:, None])[kept], rtol=1e-9)
    assert end.free_energy == pytest.approx(energy, rel=1e-11, abs=1e-12)
    moved, masses, first = annealing.expectation_step(points.points, points.chances, mu, mass, temperature, divergence)
    np.testing.assert_allclose(moved[kept], end.prototypes, rtol=1e-9)
    np.testing.assert_allclose(masses[kept], end.masses, atol=1e-12)
    assert first == pytest.approx(energy, rel=1e-11, abs=1e-12)


@given(seeds, st.floats(0.05, 2.0))
def test_the_free_energy_never_rises(seed: int, temperature: float) -> None:
    points = cloud(seed)
    mu, mass = points.points[:3].copy(), np.full(3, 1 / 3)
    energies = []
    for _ in range(20):
        end = points.settle(mu, mass, temperature, steps=1)
        mu, mass = end.prototypes, end.masses / end.masses.sum()
        energies.append(end.free_energy)
    assert np.all(np.diff(energies) <= 1e-12)


def test_scikit_learns_expectation_step_with_spheres_is_ours() -> None:
    """A mixture of spherical normal laws of variance T/2 has the shares of the squared distance at temperature T."""
    rng = np.random.default_rng(1)
    points = rng.standard_normal((300, 2)) + rng.choice([-2.0, 2.0], (300, 1))
    mu, mass, temperature = np.array([[-1.0, 0.0], [1.5, 0.0]]), np.array([0.3, 0.7]), 1.7
    mixture = GaussianMixture(2, covariance_type="spherical", weights_init=mass, means_init=mu)
    mixture.weights_, mixture.means_ = mass, mu
    mixture.covariances_ = np.full(2, temperature / 2)
    mixture.precisions_cholesky_ = np.sqrt(1 / mixture.covariances_)
    shares = mixture.predict_proba(points)
    end = Cloud(points).settle(mu, mass, temperature, steps=1)
    np.testing.assert_allclose(end.masses, shares.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(end.prototypes, shares.T @ points / shares.sum(axis=0)[:, None], rtol=1e-10)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5, 1.9, 2.1, 3.0])
def test_two_points_follow_the_hyperbolic_tangent(temperature: float) -> None:
    end = Cloud([[-1.0], [1.0]]).settle([[-0.9], [0.9]], [0.5, 0.5], temperature, steps=100_000, tolerance=1e-14)
    expected = brentq(lambda m: m - np.tanh(2 * m / temperature), 1e-6, 1) if temperature < 2 else 0.0
    np.testing.assert_allclose(end.prototypes.ravel(), [-expected, expected], atol=1e-6)


@given(seeds, st.sampled_from(annealing.DIVERGENCES), st.floats(0.3, 3.0))
def test_coinciding_prototypes_lose_stability_at_the_local_temperature(seed: int, divergence: str, factor: float) -> None:
    points = cloud(seed, divergence=divergence)
    temperature = factor * points.local_temperature()
    slopes = annealing.split_slope(points.points, points.chances, temperature, divergence)
    assert np.linalg.eigvals(slopes).real.max() == pytest.approx(1 / factor, rel=1e-9)


def test_the_two_temperatures_of_a_skewed_and_of_a_symmetric_law() -> None:
    p = 0.1
    skewed = Cloud([[0.0], [1.0]], [1 - p, p])
    assert skewed.local_temperature() == pytest.approx(2 * p * (1 - p), rel=1e-12)
    first = (1 - 2 * p) / np.log((1 - p) / p)
    assert skewed.global_temperature() == pytest.approx(first, rel=1e-7)
    away = np.linspace(-2, 2, 4001)[:, None]
    gains = [annealing.gain_of_a_second(skewed.points, skewed.chances, away, f * first).max() for f in (1.001, 0.999)]
    assert gains[0] <= 1e-15 < gains[1]
    for symmetric in (Cloud([[-1.0], [1.0]]), Cloud([[-3.0], [-1.0], [1.0], [3.0]])):
        assert symmetric.global_temperature() == pytest.approx(symmetric.local_temperature(), rel=1e-6)


def test_between_the_two_temperatures_two_prototypes_win_though_one_is_stable() -> None:
    p, temperature = 0.1, 0.27
    skewed = Cloud([[0.0], [1.0]], [1 - p, p])
    two = skewed.settle([[0.05], [0.9]], [0.9, 0.1], temperature, steps=100_000, tolerance=1e-13)
    one = skewed.settle([[0.1]], [1.0], temperature)
    assert len(two.prototypes) == 2
    assert np.ptp(two.prototypes) > 0.5
    assert two.free_energy < one.free_energy - 1e-4
    assert len(skewed.anneal([1.0, temperature])[-1].prototypes) == 1  # annealing from above has not noticed
    assert len(skewed.anneal([1.0, temperature, 0.17])[-1].prototypes) == 2


def test_annealing_finds_the_clusters_one_after_another() -> None:
    rng = np.random.default_rng(0)
    centres = np.array([[-10.0, 0.0], [-8.0, 0.0], [10.0, 0.0]])
    points = Cloud(np.concatenate([c + 0.1 * rng.standard_normal((200, 2)) for c in centres]))
    ends = points.anneal([500.0, 50.0, 0.5], most=8)
    assert [len(end.prototypes) for end in ends] == [1, 2, 3]
    np.testing.assert_allclose(ends[-1].prototypes, centres, atol=0.05)
    np.testing.assert_allclose(ends[-1].masses, 1 / 3, atol=1e-4)


def test_the_online_recursion_tends_to_the_fixed_point_of_expectation_maximisation() -> None:
    points = Cloud(np.random.default_rng(0).standard_normal((500, 1)) * 0.3 + np.repeat([[-1.0], [1.0]], 250, axis=0))
    start = [[-0.5], [0.6]], [0.5, 0.5]
    settled = points.settle(*start, 0.5)
    misses = [
        np.mean([np.abs(points.online(*start, 0.5, samples, seed)[0] - settled.prototypes).max() for seed in range(8)])
        for samples in (2_000, 200_000)
    ]
    assert misses[1] < misses[0] / 4
    assert misses[1] < 0.01


def test_bits_do_not_depend_on_the_workers() -> None:
    points = np.random.default_rng(0).standard_normal((20_000, 3))
    one, two = (Cloud(points, workers=w).settle(points[:5], np.full(5, 0.2), 0.7, steps=5) for w in (1, 2))
    assert (one.prototypes == two.prototypes).all()
    assert one.free_energy == two.free_energy


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Cloud([[np.nan]]), "points has an entry that is not finite"),
        (lambda: Cloud(np.empty((0, 1))), "points has shape"),
        (lambda: Cloud([[0.0]], divergence="relative entropy"), "all must be positive"),
        (lambda: Cloud([[0.0]], divergence="cosine"), "divergence is 'cosine'"),
        (lambda: Cloud([[0.0]], [0.5]), "chances are no probabilities"),
        (lambda: Cloud([[1.0]], divergence="relative entropy").global_temperature(), "'squared' only"),
        (lambda: Cloud([[0.0]]).settle([[0.0, 1.0]], [1.0], 1.0), "prototypes has shape"),
        (lambda: Cloud([[0.0]]).settle([[0.0]], [0.0], 1.0), "masses are not positive"),
        (lambda: Cloud([[0.0]]).settle([[0.0]], [1.0], 0.0), "temperature is 0.0"),
        (lambda: Cloud([[0.0]]).online([[0.0]], [1.0], 1.0, 10, 0, gain=20.0), "gain is 20.0"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
