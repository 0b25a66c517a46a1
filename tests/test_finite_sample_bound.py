"""The bounds on an estimate's error hold at their confidence, each tighter than the one before, and their moments are right."""

import numpy as np
import pytest
from scipy.stats import binom
from sympy import Rational

from theory.estimators import Estimator
from theory.features import GAUSSIAN, Sphere
from theory.finite_sample import ScoreMoments, fourth_moment_bound, line_bound, lower_tail, markov_bound
from theory.rules import DRS, MAML
from theory.scalar_scores import joint_moment
from theory.scores import Joint, Meta, curvature_sandwich, fourth_moment, second_moment
from theory.tasks import Discrete, SpectrumTied, Task

HALF = Rational(1, 2)
LINE = SpectrumTied(1, 2)
PLANE = Discrete(
    [
        Task(Rational(1, 3), [0, 1], [[2, 1], [1, 1]], noise_variance=HALF),
        Task(Rational(2, 3), [2, -1], [[1, 0], [0, HALF]], noise_variance=Rational(1, 5)),
    ]
)
SAMPLES = 5


def array(matrix):
    return np.array(matrix.to_Matrix().tolist(), dtype=float)


def plane_data(rng, shape, samples):
    """Sampled curvatures and noise terms of both halves, and the optima, for a grid of tasks of PLANE."""
    chosen = rng.choice(2, shape, p=[1 / 3, 2 / 3])
    hessians = np.array([[[2.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 0.5]]])
    optima, noise = np.array([[0.0, 1.0], [2.0, -1.0]])[chosen], np.array([0.5, 0.2])[chosen]
    roots = np.linalg.cholesky(hessians)[chosen]
    halves = []
    for _ in range(2):
        features = np.einsum("...ni,...ji->...nj", rng.standard_normal((*shape, samples, 2)), roots)
        errors = rng.standard_normal((*shape, samples)) * np.sqrt(noise)[..., None]
        halves.append(
            (
                np.einsum("...ni,...nj->...ij", features, features) / samples,
                np.einsum("...ni,...n->...i", features, errors) / samples,
            )
        )
    return halves, optima


def plane_estimates(rng, datasets, num_tasks, samples, rate):
    ((first, e1), (second, e2)), optima = plane_data(rng, (datasets, num_tasks), samples)

    def apply(matrix, vector):
        return np.einsum("...ij,...j->...i", matrix, vector)

    back = np.eye(2) - rate * first
    joint = np.linalg.solve((first + second).sum(1), (apply(first + second, optima) + e1 + e2).sum(1)[..., None])
    curvature = np.swapaxes(back, -1, -2) @ second @ back
    pull = apply(back, apply(second, optima) + e2 - rate * apply(second, apply(first, optima) + e1))
    return joint[..., 0], np.linalg.solve(curvature.sum(1), pull.sum(1)[..., None])[..., 0]


def line_estimates(rng, datasets, num_tasks, samples, rate):
    shape = (datasets, num_tasks)
    q, noise = rng.uniform(0, 2, shape), rng.uniform(0, 2, shape)
    first, second = (q * rng.chisquare(samples, shape) / samples for _ in range(2))
    e1, e2 = (rng.standard_normal(shape) * np.sqrt(noise * one / samples) for one in (first, second))
    back = 1 - rate * first
    joint = ((first + second) * q + e1 + e2).sum(1) / (first + second).sum(1)
    meta = (back * (second * q + e2 - rate * second * (first * q + e1))).sum(1) / (second * back**2).sum(1)
    return joint[:, None], meta[:, None]


def losses(tasks, rule, estimates):
    estimator = Estimator.of(rule, SAMPLES)
    gap = estimates - array(estimator.limit(tasks))[:, 0]
    return np.einsum("ni,ij,nj->n", gap, array(estimator.mean_curvature(tasks)), gap) / 2


CASES = {"line": (LINE, line_estimates, (markov_bound, fourth_moment_bound, line_bound))}
CASES["plane"] = (PLANE, plane_estimates, (markov_bound, fourth_moment_bound))


@pytest.mark.parametrize("law", CASES)
@pytest.mark.parametrize("num_tasks", [30, 150])
def test_bounds_hold_and_tighten(law, num_tasks):
    """Violations beyond delta would have to be chance: a binomial count above its 1 - 1e-4 quantile."""
    tasks, estimates, bounds = CASES[law]
    rng, datasets, rate = np.random.default_rng(num_tasks), 4000 if law == "line" else 1000, Rational(1, 4)
    for rule, found in zip((DRS(), MAML(rate)), estimates(rng, datasets, num_tasks, SAMPLES, float(rate)), strict=True):
        loss = losses(tasks, rule, found)
        for delta in (0.3, 0.1):
            values = [bound(tasks, rule, SAMPLES, num_tasks, delta) for bound in bounds]
            assert values == sorted(values, reverse=True)
            for value in values:
                assert np.sum(loss > value) <= binom.isf(1e-4, datasets, delta)


def test_the_bound_on_the_line_is_within_a_factor_of_four_of_the_quantile():
    """The Markov bound is beyond five times the quantile in the same cases, and in most of them far beyond."""
    rng, rate = np.random.default_rng(0), Rational(1, 4)
    for num_tasks in (25, 100, 400):
        _, found = line_estimates(rng, 4000, num_tasks, SAMPLES, float(rate))
        loss = losses(LINE, MAML(rate), found)
        for delta in (0.1, 0.02):
            ratio = line_bound(LINE, MAML(rate), SAMPLES, num_tasks, delta) / np.quantile(loss, 1 - delta)
            assert 1 < ratio < 4
            assert markov_bound(LINE, MAML(rate), SAMPLES, num_tasks, delta) / np.quantile(loss, 1 - delta) > 5


def test_second_and_fourth_moments_of_the_norm_agree_with_simulation():
    rng, number, rate = np.random.default_rng(5), 400_000, 0.25
    ((first, e1), (second, e2)), optima = plane_data(rng, (number,), SAMPLES)
    for rule in (DRS(), MAML(Rational(1, 4))):
        estimator = Estimator.of(rule, SAMPLES)
        gap, weight = array(estimator.limit(PLANE))[:, 0] - optima, array(estimator.mean_curvature(PLANE))
        if rule == DRS():
            curvature = (first + second) / 2
            score = np.einsum("nij,nj->ni", curvature, gap) - (e1 + e2) / 2
        else:
            back = np.eye(2) - rate * first
            curvature = np.swapaxes(back, 1, 2) @ second @ back
            adapted = np.einsum("nij,nj->ni", back, gap) + rate * e1
            score = np.einsum("nji,nj->ni", back, np.einsum("nij,nj->ni", second, adapted) - e2)
        squares = np.einsum("ni,ij,nj->n", score, np.linalg.inv(weight), score)
        moments = ScoreMoments.of(PLANE, estimator, fourth=True)
        for sample, value in ((squares, moments.spread), (squares**2, moments.fourth)):
            assert abs(sample.mean() - value) < 4.5 * sample.std() / np.sqrt(number)
        root = np.linalg.cholesky(np.linalg.inv(weight))
        relative = root.T @ curvature @ root
        assert abs(np.linalg.eigvalsh(np.mean(relative @ relative, axis=0))[-1] / moments.design - 1) < 0.02


def test_variance_of_the_squared_norm_is_exact_on_signs():
    """One task on the sphere at p = 1: psi is normal given nothing, so M ||Z bar||^2 / s is chi-square."""
    signs = Discrete([Task(1, 0, 1, noise_variance=3)])
    moments = ScoreMoments.of(signs, Estimator.of(DRS(), SAMPLES, Sphere()), fourth=True)
    for num_tasks in (1, 7):
        assert np.isclose(moments.norm_variance(num_tasks), 2 * moments.spread**2 / num_tasks**2)


@pytest.mark.parametrize("algorithm", [Joint(), Meta(1), Meta(3)])
def test_scalar_moments_of_the_score_agree_with_words(algorithm):
    def named(words):
        return {word.replace("D", "KK").replace("G", ""): value for (_, word), value in words.terms.items()}

    def sorted_words(words):
        return {"".join(sorted(word)): value for word, value in named(words).items()}

    for order, moment in ((2, second_moment), (4, fourth_moment)):
        assert sorted_words(joint_moment(algorithm, order, 0)) == sorted_words(moment(algorithm, GAUSSIAN, 1))
    assert sorted_words(joint_moment(algorithm, 0, 2)) == sorted_words(curvature_sandwich(algorithm, GAUSSIAN, 1))


@pytest.mark.parametrize("design", [1.0, 1.5, 4.0])
@pytest.mark.parametrize("num_tasks", [10, 100])
def test_the_lower_tail_is_a_root_of_its_inequality(design, num_tasks):
    """No lambda does better on a fine grid, and the closed form of the Markov bound is worse."""
    moments, delta = ScoreMoments(3, design, 1.0, 1.0), 0.05
    t = lower_tail(moments, num_tasks, delta)
    scale = np.linspace(1e-3, 2 / design, 20_000)
    bracket = np.log(3 / delta) + num_tasks * (np.log(1 - scale + scale**2 * design / 2) + scale * (1 - t))
    assert abs(bracket.min()) < 1e-3
    assert min(t, 1) <= np.sqrt(2 * design * np.log(3 / delta) / num_tasks)


def test_too_few_tasks_give_no_bound():
    assert markov_bound(LINE, DRS(), SAMPLES, 2, 0.1) == np.inf
    assert fourth_moment_bound(LINE, DRS(), SAMPLES, 2, 0.1) == np.inf


def test_impossible_requests_say_what_is_wrong():
    with pytest.raises(ValueError, match="delta is 2"):
        markov_bound(LINE, DRS(), SAMPLES, 10, 2)
    with pytest.raises(ValueError, match="share is 1"):
        markov_bound(LINE, DRS(), SAMPLES, 10, 0.1, share=1)
    with pytest.raises(ValueError, match="dimension 2"):
        line_bound(PLANE, DRS(), SAMPLES, 10, 0.1)
