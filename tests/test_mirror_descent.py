"""Mirror steps against their variational definition, exact regrets, Riccati equations and general minimisers."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.optimize import minimize
from scipy.special import logsumexp, rel_entr

import numerics as nx
from numerics.related.mirror_descent import (
    EntropicMap,
    MirrorSteps,
    QuadraticMap,
    best_preconditioner,
    best_rate,
    learned_map,
    mirror_descent,
    regret_bound,
    step_risk,
)

seeds = st.integers(0, 10**6)
sizes = st.integers(1, 4)


def positive(rng: np.random.Generator, size: int) -> np.ndarray:
    root = rng.standard_normal((size, size))
    return root @ root.T + 0.1 * np.eye(size)


@given(seeds, sizes)
def test_a_step_minimises_the_linear_loss_plus_the_divergence(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    mirror, point, slope = QuadraticMap(positive(rng, size)), rng.standard_normal(size), rng.standard_normal(size)
    after = mirror_descent(mirror, slope[None], point, 0.3).last
    np.testing.assert_allclose(mirror.from_dual(mirror.to_dual(point) - 0.3 * slope), after, atol=1e-9)
    objective = lambda w: 0.3 * slope @ w + mirror.divergence(w, point)  # noqa: E731
    assert all(objective(after) <= objective(after + 0.1 * rng.standard_normal(size)) for _ in range(5))


@given(seeds, st.integers(2, 4))
def test_an_entropic_step_minimises_over_the_simplex(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    mirror, point, slope = EntropicMap(), rng.dirichlet(np.ones(size)), rng.standard_normal(size)
    after = mirror_descent(mirror, slope[None], point, 0.7).last
    np.testing.assert_allclose(mirror.from_dual(mirror.to_dual(point) - 0.7 * slope), after, atol=1e-12)
    others = rng.dirichlet(np.ones(size), 20)
    objective = 0.7 * others @ slope + rel_entr(others, point).sum(axis=1)
    np.testing.assert_allclose(mirror.divergence(others, point), rel_entr(others, point).sum(axis=1), atol=1e-12)
    assert np.all(objective >= 0.7 * after @ slope + mirror.divergence(after, point) - 1e-12)


@given(seeds, sizes, st.integers(1, 6))
def test_quadratic_regret_is_exact(seed: int, size: int, steps: int) -> None:
    """Iterates in rationals, then the identity regret = D(u, w_1)/eta - D(u, w_{T+1})/eta + (eta/2) sum |g|_*^2."""
    rng = np.random.default_rng(seed)
    scale = rng.integers(1, 5, size)
    gradients, start, comparator = rng.integers(-3, 4, (steps, size)), rng.integers(-2, 3, size), rng.integers(-2, 3, size)
    rate = Fraction(1, 4)
    point, regret = [Fraction(int(w)) for w in start], Fraction(0)
    for g in gradients:
        regret += sum(int(s) * (w - int(u)) for s, w, u in zip(g, point, comparator, strict=True))
        point = [w - rate * int(s) / int(c) for w, s, c in zip(point, g, scale, strict=True)]
    mirror = QuadraticMap(np.diag(scale.astype(float)))
    path = mirror_descent(mirror, gradients, start, float(rate))
    assert path.regret(comparator) == pytest.approx(float(regret), abs=1e-9)
    np.testing.assert_allclose(path.last, np.array(point, float), atol=1e-12)
    bound = mirror.divergence(comparator, start) / 0.25 + 0.125 * path.squared_norms
    assert path.regret(comparator) == pytest.approx(float(bound - mirror.divergence(comparator, path.last) / 0.25), abs=1e-9)


@given(seeds, st.integers(2, 5), st.integers(1, 30), st.floats(0.05, 3.0))
def test_entropic_losses_are_differences_of_a_potential(seed: int, size: int, steps: int, rate: float) -> None:
    """Weights are softmax of minus the cumulated losses: computed here by logsumexp from the sums, not step by step."""
    rng = np.random.default_rng(seed)
    losses = rng.uniform(size=(steps, size))
    sums = np.vstack([np.zeros(size), np.cumsum(losses, axis=0)])
    weights = np.exp(-rate * sums - logsumexp(-rate * sums, axis=1, keepdims=True))
    path = mirror_descent(EntropicMap(), losses, np.full(size, 1 / size), rate)
    assert path.loss == pytest.approx((weights[:-1] * losses).sum(), rel=1e-11)
    np.testing.assert_allclose(path.last, weights[-1], atol=1e-11)
    assert path.squared_norms == pytest.approx((losses.max(axis=1) ** 2).sum(), rel=1e-12)


def test_large_losses_do_not_overflow_and_a_weight_of_zero_stays() -> None:
    path = mirror_descent(EntropicMap(), [[-1e6, 1e6, -1e9]], [0.5, 0.5, 0.0], 10.0)
    assert path.last.tolist() == [1.0, 0.0, 0.0]


def test_leading_axes_are_sequences() -> None:
    rng = np.random.default_rng(0)
    matrices = np.stack([positive(rng, 3) for _ in range(4)])
    gradients, start, rate = rng.standard_normal((4, 5, 3)), rng.standard_normal((4, 3)), rng.uniform(0.1, 1, 4)
    together = mirror_descent(QuadraticMap(matrices), gradients, start, rate)
    for index in range(4):
        one = mirror_descent(QuadraticMap(matrices[index]), gradients[index], start[index], rate[index])
        assert together.loss[index] == pytest.approx(float(one.loss), rel=1e-12)
        np.testing.assert_allclose(together.last[index], one.last, atol=1e-12)


@given(seeds, sizes)
def test_the_learned_map_solves_its_equation_and_is_best(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    spread, slopes = positive(rng, size), positive(rng, size)
    matrix = learned_map(spread, slopes).matrix
    np.testing.assert_allclose(matrix @ spread @ matrix, slopes, atol=1e-7 * np.abs(slopes).max())
    root = np.real(sqrtm(spread))
    least = np.trace(np.real(sqrtm(root @ slopes @ root)))
    assert regret_bound(matrix, spread, slopes) == pytest.approx(least, rel=1e-8)
    lower = np.tril_indices(size)

    def bound(entries: np.ndarray) -> float:
        factor = np.zeros((size, size))
        factor[lower] = entries
        return float(regret_bound(factor @ factor.T + 1e-9 * np.eye(size), spread, slopes))

    found = minimize(bound, np.eye(size)[lower], method="BFGS")
    assert found.fun >= least - 1e-7 * (1 + least)


@given(seeds, sizes, st.integers(1, 3))
def test_mirror_steps_are_preconditioned_steps(seed: int, size: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    tasks = 3
    hessians = np.stack([positive(rng, size) for _ in range(tasks)])
    optima, theta, turned = rng.standard_normal((tasks, size)), rng.standard_normal((tasks, size)), positive(rng, size)
    rule = MirrorSteps(0.2, steps, turned)
    losses = nx.Quadratics(hessians, optima)
    residuals = np.stack([np.linalg.matrix_power(np.eye(size) - 0.2 * turned @ q, steps) for q in hessians])
    moved = optima + (residuals @ (theta - optima)[..., None])[..., 0]
    scale = 1 + np.abs(moved).max()
    np.testing.assert_allclose(rule.adapt(losses, theta), moved, atol=1e-10 * scale)
    weights = residuals.swapaxes(1, 2) @ hessians @ residuals
    np.testing.assert_allclose(rule.deployment_weight(hessians), weights, atol=1e-9 * np.abs(weights).max())
    np.testing.assert_allclose(rule.training_weight(hessians), weights, atol=1e-9 * np.abs(weights).max())


@given(seeds, sizes)
def test_best_rate_and_preconditioner_are_minima_of_the_mean_risk(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    hessians, gaps = np.stack([positive(rng, size) for _ in range(3)]), rng.standard_normal((3, size))
    chances = rng.dirichlet(np.ones(3))

    def risk(matrix: np.ndarray) -> float:
        after = gaps - np.einsum("ij,njk,nk->ni", matrix, hessians, gaps)
        return float(0.5 * np.einsum("n,ni,nij,nj->", chances, after, hessians, after))

    rate, matrix = float(best_rate(chances, hessians, gaps)), best_preconditioner(chances, hessians, gaps)
    mirror = best_preconditioner(chances, hessians, gaps, symmetric=True)
    np.testing.assert_allclose(mirror, mirror.T, atol=1e-9 * np.abs(mirror).max())
    assert risk(matrix) <= risk(mirror) + 1e-9 <= risk(rate * np.eye(size)) + 2e-9 <= risk(np.zeros((size, size))) + 2e-9
    assert step_risk(matrix, chances, hessians, gaps) == pytest.approx(risk(matrix), abs=1e-9)
    for _ in range(5):
        shift = rng.standard_normal((size, size))
        assert risk(mirror + 0.05 * (shift + shift.T)) >= risk(mirror) - 1e-9
        assert risk(matrix + 0.05 * rng.standard_normal((size, size))) >= risk(matrix) - 1e-9
        assert risk((rate + 0.01 * rng.standard_normal()) * np.eye(size)) >= risk(rate * np.eye(size)) - 1e-12


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: QuadraticMap([[1.0, 2.0]]), "matrix has shape"),
        (lambda: QuadraticMap([[1.0, 1.0], [0.0, 1.0]]), "differs from its transpose"),
        (lambda: QuadraticMap([[0.0]]), "eigenvalue 0"),
        (lambda: QuadraticMap([[np.nan]]), "entry nan"),
        (lambda: mirror_descent(EntropicMap(), [[1.0, 0.0]], [1.0, 1.0], 1.0), "not on the simplex"),
        (lambda: mirror_descent(EntropicMap(), [[1.0, 0.0]], [1.0], 1.0), "both need n = 2"),
        (lambda: mirror_descent(QuadraticMap(np.eye(1)), [[1.0]], [0.0], 0.0), "rate is 0.0"),
        (lambda: mirror_descent(QuadraticMap(np.eye(1)), [1.0], [0.0], 1.0), "gradients has shape"),
        (lambda: learned_map([[1.0]], [[-1.0]]), "eigenvalue -1"),
        (lambda: MirrorSteps(0.1), "preconditioner is missing"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
