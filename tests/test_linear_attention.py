"""Linear attention against a whole attention layer, a general minimiser, sampled tokens and one-step MAML from zero."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import ks_2samp

import numerics as nx
from numerics.related import linear_attention as attention
from numerics.related.linear_attention import Prompts


def law(seed: int, dim: int) -> tuple[np.ndarray, np.ndarray, float]:
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((2, dim, dim))
    covariance, prior = roots @ roots.swapaxes(1, 2) / dim
    return covariance, prior, float(rng.uniform(0, 1))


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 9))
def test_the_best_matrix_is_what_a_general_minimiser_finds(seed: int, dim: int, context: int) -> None:
    covariance, prior, noise = law(seed, dim)
    best = attention.best_matrix(covariance, prior, noise, context)
    found = minimize(
        lambda g: float(attention.risk(g.reshape(dim, dim), covariance, prior, noise, context)), np.zeros(dim * dim), tol=1e-14
    )
    least = attention.risk(best, covariance, prior, noise, context)
    assert least <= found.fun + 1e-12
    assert found.fun - least < 1e-6 * (1 + found.fun)


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 9), st.floats(0.0, 1.5))
def test_a_multiple_of_the_identity_is_maml_on_samples_from_zero(seed: int, dim: int, context: int, rate: float) -> None:
    """Averaged over the optima +-root(p) times the columns of a root of Psi, MAML's adapted value at zero is the risk."""
    covariance, prior, noise = law(seed, dim)
    columns = np.linalg.cholesky(prior + 1e-300 * np.eye(dim)).T * np.sqrt(dim)
    losses = nx.Quadratics(np.broadcast_to(covariance, (dim, dim, dim)), columns, np.full(dim, noise))
    values = nx.MAML(rate, inner_samples=context).adapted_value(losses, np.zeros((dim, dim)))
    found = attention.risk(rate * np.eye(dim), covariance, prior, noise, context)
    assert found == pytest.approx(values.mean() - noise / 2, rel=1e-8, abs=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 9))
def test_the_best_rate_is_the_least_of_a_parabola(seed: int, dim: int, context: int) -> None:
    covariance, prior, noise = law(seed, dim)
    rate = attention.best_rate(covariance, prior, noise, context)
    at = [float(attention.risk(a * np.eye(dim), covariance, prior, noise, context)) for a in (rate - 0.1, rate, rate + 0.1)]
    assert at[0] == pytest.approx(at[2], rel=1e-9)
    assert at[1] <= at[0]


def test_leading_axes_are_instances_and_an_infinite_context_has_no_spread() -> None:
    laws = [law(seed, 2) for seed in range(3)]
    covariance, prior = (np.array([each[index] for each in laws]) for index in (0, 1))
    noise, context = np.array([each[2] for each in laws]), np.array([1.0, 5.0, np.inf])
    best = attention.best_matrix(covariance, prior, noise, context)
    for index, (q, psi, variance) in enumerate(laws):
        np.testing.assert_allclose(best[index], attention.best_matrix(q, psi, variance, context[index]), atol=1e-12)
    np.testing.assert_allclose(best[2] @ laws[2][0], np.eye(2), atol=1e-8)


def whole_layer(features: np.ndarray, labels: np.ndarray, query: np.ndarray, matrix: np.ndarray) -> float:
    """Linear self-attention with a residual connection on tokens (x_i, y_i) and (x, 0): the last entry of the last token."""
    dim = len(query)
    tokens = np.vstack([np.column_stack([features, labels]), np.append(query, 0.0)]).T
    values, keys = np.zeros((dim + 1, dim + 1)), np.zeros((dim + 1, dim + 1))
    values[-1, -1] = 1.0
    keys[:dim, :dim] = matrix.T
    attended = tokens + values @ tokens @ (tokens.T @ keys @ tokens) / len(labels)
    return float(attended[-1, -1])


def test_the_answer_is_that_of_a_linear_attention_layer_and_of_a_gradient_step() -> None:
    covariance, prior, noise = law(3, 3)
    prompts, rng = Prompts(covariance, prior, noise, 5), np.random.default_rng(1)
    _, features, labels = prompts.tokens(4, rng)
    matrix, query = rng.standard_normal((2, 3, 3))
    summary = np.empty((4, 3))
    attention.kernels.attend(features, labels, summary)
    for index in range(4):
        answer = query[0] @ matrix @ summary[index]
        assert whole_layer(features[index], labels[index], query[0], matrix) == pytest.approx(answer, rel=1e-12)
        step = matrix @ features[index].T @ (labels[index] - features[index] @ np.zeros(3)) / 5
        assert query[0] @ step == pytest.approx(answer, rel=1e-12)


@pytest.mark.parametrize("every_token", [False, True])
def test_simulation_agrees_with_the_risk(every_token: bool) -> None:
    covariance, prior, noise = np.diag([0.3, 1.0, 2.0]), np.eye(3), 0.5
    prompts = Prompts(covariance, prior, noise, 6)
    best = attention.best_matrix(covariance, prior, noise, 6)
    expected = float(attention.risk(best, covariance, prior, noise, 6))
    # 0.4857...: half the sum of q (q + 3.3 + 0.5) / (7 q + 3.3 + 0.5), for a standard normal prior
    assert expected == pytest.approx(0.5 * sum(q * (q + 3.8) / (7 * q + 3.8) for q in (0.3, 1.0, 2.0)), rel=1e-12)
    simulated = prompts.simulate(best, 60_000, seed=2, every_token=every_token)
    assert abs(simulated.mean - expected) < 4.5 * simulated.standard_error
    assert simulated.standard_error < 0.02 * expected


@pytest.mark.parametrize(("noise", "context"), [(0.0, 1), (0.0, 3), (0.7, 2)])
def test_summaries_have_the_law_of_sums_over_tokens(noise: float, context: int) -> None:
    covariance, prior, _ = law(4, 2)
    prompts = Prompts(covariance, prior, noise, context)
    theta, summary = prompts.summaries(20_000, np.random.default_rng(0))
    tokens = prompts.tokens(20_000, np.random.default_rng(1))
    summed = np.einsum("cnp,cn->cp", tokens[1], tokens[2]) / context
    for direction in ((1.0, 0.0), (0.3, -1.0)):
        for left, right in (
            (summary @ direction, summed @ direction),
            ((summary * theta) @ direction, (summed * tokens[0]) @ direction),
        ):
            assert ks_2samp(left, right).pvalue > 1e-3


def test_training_on_prompts_tends_to_the_best_matrix() -> None:
    covariance, prior, noise = law(5, 3)
    prompts = Prompts(covariance, prior, noise, 8)
    best = attention.best_matrix(covariance, prior, noise, 8)
    misses = [
        float(attention.risk(prompts.trained(count, seed=0), covariance, prior, noise, 8))
        - float(attention.risk(best, covariance, prior, noise, 8))
        for count in (100, 10_000)
    ]
    assert 0 <= misses[1] < misses[0] / 20


def test_the_numbers_do_not_depend_on_the_workers() -> None:
    prompts = Prompts(*law(6, 2), 3)
    one, two = (prompts.simulate(np.eye(2), 10_000, seed=1, workers=workers) for workers in (1, 2))
    assert one == two
    assert (prompts.trained(10_000, 0, workers=1) == prompts.trained(10_000, 0, workers=2)).all()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Prompts([[1.0, 0.0]], [[1.0]], 0.0, 1), "covariance has shape"),
        (lambda: Prompts([[-1.0]], [[1.0]], 0.0, 1), "eigenvalue -1"),
        (lambda: Prompts([[1.0, 1.0], [0.0, 1.0]], np.eye(2), 0.0, 1), "differs from its transpose"),
        (lambda: Prompts([[np.nan]], [[1.0]], 0.0, 1), "not finite"),
        (lambda: Prompts([[1.0]], np.eye(2), 0.0, 1), "prior has shape"),
        (lambda: Prompts([[1.0]], [[1.0]], -1.0, 1), "noise is -1.0"),
        (lambda: Prompts([[1.0]], [[1.0]], 0.0, 0), "context is 0"),
        (lambda: Prompts([[1.0]], [[1.0]], 0.0, 1).simulate([1.0], 10, 0), "matrix has shape"),
        (lambda: Prompts([[1.0]], [[1.0]], 0.0, 1).simulate([[1.0]], 1, 0), "prompts is 1"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
