"""Pruned steps against enumeration, scikit-learn's least squares, derivatives and the sampled step of MAML."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import numerics as nx
from numerics.related import context_pruning as pruning
from numerics.related.context_pruning import Bootstrap, Context

seeds = st.integers(0, 10**6)


@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_gradients_of_examples_are_derivatives_of_their_losses(seed: int, number: int, dim: int) -> None:
    rng = np.random.default_rng(seed)
    features, targets, theta = rng.standard_normal((number, dim)), rng.standard_normal(number), rng.standard_normal(dim)
    found = pruning.example_gradients(features, targets, theta)
    for j, unit in enumerate(np.eye(dim)):
        losses = [0.5 * (features @ (theta + s * 1e-6 * unit) - targets) ** 2 for s in (1, -1)]
        np.testing.assert_allclose(found[:, j], (losses[0] - losses[1]) / 2e-6, atol=1e-7)


@given(seeds, st.integers(2, 7), st.integers(1, 3))
def test_the_top_examples_have_the_largest_sum_of_norms(seed: int, number: int, dim: int) -> None:
    rng = np.random.default_rng(seed)
    gradients = rng.integers(-3, 4, (number, dim)).astype(float)
    kept = int(rng.integers(1, number + 1))
    norms, whole = np.linalg.norm(gradients, axis=1), gradients.mean(axis=0)
    top, aligned = pruning.top_examples(gradients, kept), pruning.aligned_examples(gradients, kept)
    subsets = list(combinations(range(number), kept))
    assert norms[top].sum() >= max(norms[list(s)].sum() for s in subsets) - 1e-12
    assert (gradients[aligned] @ whole).sum() >= max((gradients[list(s)] @ whole).sum() for s in subsets) - 1e-12
    np.testing.assert_allclose(pruning.mean_of(gradients, top), gradients[top].mean(axis=0))
    rest = [i for i in range(number) if i not in top]
    assert pruning.discrepancy(gradients, top) == pytest.approx(np.linalg.norm(gradients[rest].sum(axis=0)) / number)
    assert pruning.discrepancy(gradients, top) <= (1 - kept / number) * norms.mean() + 1e-12


def plain(context: Context, theta: np.ndarray, rate: float, steps: int, kept: int, rescaled: bool) -> np.ndarray:
    """The loop example by example."""
    for _ in range(steps):
        gradients = np.array([np.outer(z, z @ theta - y) for z, y in zip(context.features, context.targets, strict=True)])
        order = np.argsort([-np.linalg.norm(g) for g in gradients], kind="stable")[:kept]
        part, whole = gradients[order].mean(axis=0), gradients.mean(axis=0)
        theta = theta - rate * (whole * np.linalg.norm(part) / np.linalg.norm(whole) if rescaled else part)
    return theta


@pytest.mark.parametrize("rescaled", [False, True])
@pytest.mark.parametrize("targets", [1, 3])
def test_steps_are_those_of_a_loop_over_examples(rescaled: bool, targets: int) -> None:
    rng = np.random.default_rng(targets)
    context = Context(rng.standard_normal((20, 4)), rng.standard_normal((20, targets)))
    start = rng.standard_normal((4, targets))
    run = context.adapt(start, 0.1, 7, kept=6, rescaled=rescaled)
    np.testing.assert_allclose(run.theta, plain(context, start, 0.1, 7, 6, rescaled), atol=1e-12)
    assert run.losses[0] == pytest.approx(context.loss(start))
    assert run.losses[-1] == pytest.approx(context.loss(run.theta))


def test_steps_on_the_whole_context_tend_to_least_squares() -> None:
    rng = np.random.default_rng(3)
    features, targets = rng.standard_normal((50, 3)), rng.standard_normal(50)
    run = Context(features, targets).adapt(np.zeros(3), 0.5, 500)
    least = LinearRegression(fit_intercept=False).fit(features, targets)
    np.testing.assert_allclose(run.theta.ravel(), least.coef_, atol=1e-10)
    assert np.all(np.diff(run.losses) <= 1e-15)
    curvature = features.T @ features / 50
    losses = nx.Quadratics(curvature[None], np.asarray(least.coef_)[None])
    short = Context(features, targets).adapt(np.ones(3), 0.3, 4).theta.ravel()
    np.testing.assert_allclose(short, nx.MAML(0.3, 4).adapt(losses, np.ones((1, 3)))[0], atol=1e-12)


def test_a_random_part_is_drawn_without_replacement() -> None:
    """With distinct powers of two as targets a step shows which examples it used."""
    context = Context(np.ones((6, 1)), 2.0 ** np.arange(6))
    seen = set()
    for seed in range(60):
        moved = context.adapt([0.0], 3.0, 1, kept=3, selection="random", seed=seed).theta[0, 0]
        digits = round(moved)
        assert digits == pytest.approx(moved)
        assert digits.bit_count() == 3
        seen.add(digits)
    assert len(seen) > 12  # of 20


@given(seeds, st.integers(2, 6), st.integers(1, 2), st.floats(0, 1))
def test_random_pruning_is_a_step_on_samples_without_replacement(seed: int, number: int, dim: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    z = rng.integers(-2, 3, (number, dim)).astype(float)
    kept = int(rng.integers(1, number + 1))
    q = z.T @ z / number
    spread = sum((np.outer(x, x) - q) @ q @ (np.outer(x, x) - q) for x in z) / number
    step = np.eye(dim) - rate * q
    expected = step @ q @ step + rate**2 / kept * (number - kept) / (number - 1) * spread
    np.testing.assert_allclose(pruning.random_pruning_weight(z, rate, kept), expected, atol=1e-9)


def test_top_pruning_can_raise_the_loss_at_every_rate_where_alignment_lowers_it() -> None:
    context = Context(np.ones((3, 1)), [2.0, -1.5, -1.5])
    gradients = pruning.example_gradients(context.features, context.targets[:, 0], [0.0])
    assert gradients.ravel().tolist() == [-2.0, 1.5, 1.5]
    before = context.loss([0.0])
    for rate in (1e-3, 0.1, 1.0):
        assert context.adapt([0.0], rate, 1, kept=1).losses[-1] > before
    assert context.adapt([0.0], 0.1, 1, kept=1, selection="aligned").losses[-1] < before


@pytest.mark.parametrize("rate", [Fraction(1, 5), Fraction(1, 3), Fraction(3, 4)])
def test_the_rescaled_step_ends_in_a_cycle_of_two(rate: Fraction) -> None:
    """In rationals: theta = alpha/(2 - alpha) goes to its opposite and back; in doubles other starts end there."""
    theta = rate / (2 - rate)
    assert theta - rate * (1 + abs(theta)) == -theta
    context = Context([[1.0], [1.0]], [1.0, -1.0])
    ends = [context.adapt([0.4], float(rate), steps, kept=1, rescaled=True).theta[0, 0] for steps in (400, 401)]
    assert ends[0] == pytest.approx(-ends[1], abs=1e-9)
    assert abs(ends[0]) == pytest.approx(float(theta), abs=1e-9)
    half = context.adapt([0.4], float(rate), 400, kept=1, rescaled=True, blend=0.0)
    assert abs(half.theta[0, 0]) < 1e-9


@given(st.floats(-0.5, 1.5), st.integers(1, 3), st.integers(1, 3), st.floats(0, 2))
def test_bootstrapping_has_the_weights_of_its_residuals(rate: float, steps: int, ahead: int, q: float) -> None:
    near, far = (1 - rate * q) ** steps, (1 - rate * q) ** ahead
    scale = 9.0 ** (steps + ahead)
    found = Bootstrap(rate, steps, ahead).training_weight(np.array([[[q]]]))[0, 0, 0]
    assert found == pytest.approx(near**2 * (1 - far) ** 2, abs=1e-13 * scale)
    fixed = Bootstrap(rate, steps, ahead, fixed_target=True).training_weight(np.array([[[q]]]))[0, 0, 0]
    assert fixed == pytest.approx(near**2 * (1 - far), abs=1e-13 * scale)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Context([1.0], [1.0]), "features has shape"),
        (lambda: Context([[1.0]], [1.0, 2.0]), "targets has shape"),
        (lambda: Context([[1.0]], [np.nan]), "targets has the entry nan"),
        (lambda: Context([[1.0]], [1.0]).adapt([0.0], 0.1, 1, kept=2), "kept is 2"),
        (lambda: Context([[1.0]], [1.0]).adapt([0.0], 0.1, 1, selection="best"), "selection is 'best'"),
        (lambda: Context([[1.0]], [1.0]).adapt([0.0], np.nan, 1), "rate is nan"),
        (lambda: Context([[1.0]], [1.0]).adapt([np.inf], 0.1, 1), "theta has shape"),
        (lambda: pruning.top_examples([[1.0]], 0), "kept is 0"),
        (lambda: pruning.random_pruning_weight([[1.0]], 0.1, 2), "kept is 2"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
