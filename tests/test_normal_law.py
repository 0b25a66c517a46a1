"""The predictions in numbers are theory's: exact moments of random tasks, chances to win at p = 1, and in every dimension those
of the normal law they are read off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational, oo

import numerics as nx
from theory.crossover import crossover, deployment, leading_risk
from theory.estimators import Estimator, joint_covariance
from theory.rules import DRS, MAML
from theory.tasks import Discrete, SpectrumTied, Task
from theory.win_probability import win_probability
from verify.simulation.normal_law import feature_law, law_of_arrays, normal_law

EIGHTHS = st.integers(-16, 16).map(lambda k: k / 8)


@st.composite
def both_forms(draw, features="gaussian", dimension=None):
    """Tasks as arrays and the same in rationals."""
    n, p = draw(st.integers(2, 3)), dimension or draw(st.integers(1, 2))
    half = np.array(draw(st.lists(EIGHTHS, min_size=n * p * p, max_size=n * p * p))).reshape(n, p, p) / 2
    hessians = half @ half.swapaxes(1, 2) + np.eye(p) / 4
    optima = np.array(draw(st.lists(EIGHTHS, min_size=n * p, max_size=n * p))).reshape(n, p)
    noise = np.array(draw(st.lists(st.integers(0, 16).map(lambda k: k / 8), min_size=n, max_size=n)))
    odds = np.array(draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    chances = [Rational(int(odd), int(odds.sum())) for odd in odds]
    matrices = [[Matrix(array).applyfunc(Rational) for array in pair] for pair in zip(optima, hessians, strict=True)]
    exact = Discrete([Task(c, *pair, noise_variance=Rational(s)) for c, pair, s in zip(chances, matrices, noise, strict=True)])
    return nx.DiscreteTasks(odds / odds.sum(), hessians, optima, noise, features=features), exact


@pytest.mark.parametrize("features", ["gaussian", "sphere", "student_t"])
@settings(max_examples=6)
@given(st.data())
def test_moments_of_finitely_many_tasks_are_the_exact_ones(features, data):
    tasks, exact = data.draw(both_forms(features))
    samples, law = data.draw(st.integers(1, 5)), feature_law(tasks)
    rule = MAML(Rational(1, 8))
    found = normal_law(tasks, 0.125, samples)
    expected = np.array(joint_covariance(exact, rule, samples, law).tolist(), dtype=float)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-9, atol=1e-11 * (1 + np.abs(expected).max()))
    for method, trained in enumerate((DRS(), rule)):
        estimator = Estimator.of(trained, samples, law)
        for stage, paid in enumerate((deployment(DRS(), oo, law), deployment(rule, samples, law))):
            risk = leading_risk(exact, estimator, paid)
            size = 1e-10 * (1 + np.abs(found.limits).max() + np.abs(expected).max() + np.abs(found.bias).max()) ** 2
            np.testing.assert_allclose(
                found.leading_risk(method, stage), [float(risk.modeling_error), float(risk.statistical)], rtol=1e-8, atol=size
            )


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("features", ["gaussian", "sphere"])
def test_a_list_of_tasks_approaches_the_density_it_is_drawn_from(p, features):
    law = nx.SpectrumTiedTasks(p, features=features)
    drawn = normal_law(law.sample(40_000, seed=1), 0.3, 3)
    exact = normal_law(law, 0.3, 3)
    np.testing.assert_allclose(drawn.limits, exact.limits, rtol=0.03)
    np.testing.assert_allclose(drawn.weights, exact.weights, rtol=0.03, atol=0.02)
    np.testing.assert_allclose(drawn.bias, exact.bias, rtol=0.1, atol=0.05)
    np.testing.assert_allclose(drawn.covariance, exact.covariance, rtol=0.1, atol=0.03 * np.abs(exact.covariance).max())


@pytest.mark.parametrize("alpha", ["1/10", "3/4"])
@pytest.mark.parametrize("samples", [1, 10, 400])
def test_the_chance_to_win_at_p_1_is_the_bivariate_normal_one(alpha, samples):
    rule, exact = MAML(Rational(alpha)), SpectrumTied(1, 2)
    law = normal_law(nx.SpectrumTiedTasks(), float(Rational(alpha)), samples)
    for stage, deployed in ((0, deployment(DRS())), (1, None)):
        sizes = [2, 25, 400]
        expected = [float(win_probability(exact, rule, samples, m, deployed)) for m in sizes]
        np.testing.assert_allclose(law.win_probability(sizes, stage), expected, atol=1e-9)
    assert law.crossover(1) == pytest.approx(float(crossover(exact, rule, samples)), rel=1e-12)
    assert law.crossover(0) == np.inf


@settings(max_examples=5)
@given(st.data(), st.integers(2, 3))
def test_the_chance_to_win_in_any_dimension_is_that_of_normal_draws(data, p):
    tasks, _ = data.draw(both_forms(dimension=p))
    law = normal_law(tasks, 0.1, 4)
    eigenvalues, basis = np.linalg.eigh(law.covariance)
    draws = np.random.default_rng(0).standard_normal((40_000, 2 * p)) @ (basis * np.sqrt(np.maximum(eigenvalues, 0))).T
    for stage in range(2):
        for num_tasks, chance in zip([3, 60], law.win_probability([3, 60], stage), strict=True):
            points = draws.reshape(-1, 2, p) / np.sqrt(num_tasks) + law.limits - law.places[stage]
            losses = np.einsum("smi,ij,smj->sm", points, law.weights[stage], points)
            share = np.mean(0.5 * (1 + np.sign(losses[:, 0] - losses[:, 1])))
            assert abs(share - chance) < 5.5 * np.sqrt(chance * (1 - chance) / len(draws)) + 1e-4


def test_a_batch_of_distributions_is_each_of_them():
    rng = np.random.default_rng(3)
    half = rng.standard_normal((4, 5, 2, 2))
    batch = (np.full((4, 5), 0.2), half @ half.swapaxes(-1, -2), rng.standard_normal((4, 5, 2)), rng.random((4, 5)))
    together = law_of_arrays(*batch, 0.2, 6)
    for i in range(4):
        alone = law_of_arrays(*(array[i] for array in batch), 0.2, 6)
        for name in ("limits", "covariance", "bias", "weights", "places"):
            np.testing.assert_allclose(getattr(together, name)[i], getattr(alone, name), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(together.crossover(1)[i], alone.crossover(1), rtol=1e-9)


@pytest.mark.parametrize(("p", "features"), [(1, "gaussian"), (3, "gaussian"), (2, "student_t")])
def test_numerics_measures_the_same_law_by_its_own_means(p, features):
    rng = np.random.default_rng(p)
    half = rng.standard_normal((4, p, p))
    listed = nx.DiscreteTasks(np.full(4, 0.25), half @ half.swapaxes(1, 2), rng.standard_normal((4, p)), 0.3, features=features)
    for tasks in (listed, nx.SpectrumTiedTasks(p, 1.5, features)):
        law = normal_law(tasks, 0.2, 6)
        for method, rule in enumerate((nx.DRS(), nx.MAML(0.2))):
            block = law.covariance[p * method : p * (method + 1), p * method : p * (method + 1)]
            np.testing.assert_allclose(
                nx.asymptotic_covariance(tasks, rule, 6), block, rtol=1e-8, atol=1e-10 * np.abs(block).max()
            )
        np.testing.assert_allclose(nx.crossover_tasks(tasks, 0.2, 6), law.crossover(1), rtol=1e-6)


def test_a_singular_mean_curvature_is_said():
    flat = nx.DiscreteTasks([1.0], [[[1.0, 0.0], [0.0, 0.0]]], [[1.0, 5.0]])
    with pytest.raises(np.linalg.LinAlgError, match="singular on these tasks: no normal law exists"):
        normal_law(flat, 0.5, 3)
