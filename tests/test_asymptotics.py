"""Limit covariances and biases are those of simulated scores, and the crossover is where simulated risks cross."""

import numpy as np
import pytest
from scipy import stats

import numerics as nx
from numerics.asymptotics import asymptotic_covariance, crossover_tasks, joint_bias
from numerics.estimators import estimates
from numerics.features import FeatureLaw
from numerics.scatter_words import radius_ratios, word_expectation

FALSE_ALARM = 1e-3


def discrete(p, features):
    rng = np.random.default_rng(p)
    half = rng.standard_normal((3, p, p)) / np.sqrt(p)
    hessians = half @ half.swapaxes(1, 2) + 0.1 * np.eye(p)
    # df = 60: the products of scores need sixteen moments for their mean to be nearly normal
    return nx.DiscreteTasks([0.2, 0.3, 0.5], hessians, rng.standard_normal((3, p)), [0.3, 0.1, 0.6], features=features, df=60.0)


def simulated_scores(tasks, alpha, inner, outer, number, seed):
    """psi of both methods (DRS on all samples) and H of MAML, from materialised samples."""
    rng = np.random.default_rng(seed)
    p = tasks.dimension
    drawn = tasks.sample(number, rng)
    eigenvalues, basis = np.linalg.eigh(drawn.hessians)
    root = basis * np.sqrt(np.maximum(eigenvalues, 0))[:, None, :] @ basis.swapaxes(1, 2)
    x = tasks.features.sample((number, inner + outer, p), rng) @ root
    noise = rng.standard_normal((number, inner + outer)) * np.sqrt(drawn.noise_variances)[:, None]
    statistics = []
    for part in (slice(0, inner), slice(inner, None), slice(None)):
        count = x[:, part].shape[1]
        statistics.append(
            (x[:, part].swapaxes(1, 2) @ x[:, part] / count, np.einsum("tnp,tn->tp", x[:, part], noise[:, part]) / count)
        )
    (s, e1), (t, e2), (both, e) = statistics
    step = np.eye(p) - alpha * s

    def times(matrix, vector):
        return np.einsum("tij,tj->ti", matrix, vector)

    joint = times(both, nx.population_optimum(tasks, nx.DRS()) - drawn.optima) - e
    gap = nx.population_optimum(tasks, nx.MAML(alpha, inner_samples=inner)) - drawn.optima
    adapted = times(step, times(t, times(step, gap) + alpha * e1) - e2)
    return joint, adapted, step @ t @ step


@pytest.mark.parametrize("law", ["spectrum", "spectrum-sphere", "gaussian", "sphere", "student_t"])
@pytest.mark.parametrize(
    ("p", "inner", "outer", "alpha"), [(1, 1, 1, 0.6), (1, 4, 2, 0.2), (2, 1, 1, 0.1), (2, 3, 5, 0.7), (5, 2, 2, 0.3)]
)
def test_covariances_are_those_of_simulated_scores(law, p, inner, outer, alpha):
    tasks = nx.SpectrumTiedTasks(p, 1.5, law[9:] or "gaussian") if law.startswith("spectrum") else discrete(p, law)
    joint, adapted, weights = simulated_scores(tasks, alpha, inner, outer, 100_000, seed=p)
    comparisons = []
    samples = (inner + outer) // 2
    rule = nx.MAML(alpha, inner_samples=inner)
    bread = [np.linalg.inv(tasks.moments(r, type(r).outer_step)[0]) for r in (nx.DRS(), rule)]
    np.testing.assert_allclose(
        weights.mean(axis=0), np.linalg.inv(bread[1]), atol=6 * weights.std(axis=0).max() / np.sqrt(len(weights))
    )
    first, second = joint @ bread[0], adapted @ bread[1]
    comparisons.append((asymptotic_covariance(tasks, nx.DRS(), samples), first[:, :, None] * first[:, None, :]))
    comparisons.append((asymptotic_covariance(tasks, rule, samples), second[:, :, None] * second[:, None, :]))
    limit = stats.norm.isf(FALSE_ALARM / (2 * 25 * 3 * p * p))
    for expected, products in comparisons:
        deviation = products.std(axis=0) / np.sqrt(len(products))
        assert (np.abs(products.mean(axis=0) - expected) < limit * deviation).all()


@pytest.mark.parametrize("p", [1, 2, 4])
@pytest.mark.parametrize("law", ["gaussian", "sphere"])
def test_distributions_with_one_law_have_one_covariance(p, law):
    """Discrete tasks that sample the spectrum-tied law (every eigenvalue and direction alike) approach its covariances."""
    tied = nx.SpectrumTiedTasks(p, 1.5, law)
    drawn = tied.sample(40_000, 0)
    like = nx.DiscreteTasks(drawn.weights, drawn.hessians, drawn.optima, drawn.noise_variances, features=law)
    for rule in (nx.DRS(), nx.MAML(0.4, inner_samples=2)):
        exact, near = asymptotic_covariance(tied, rule, 3), asymptotic_covariance(like, rule, 3)
        np.testing.assert_allclose(near, exact, atol=0.05 * np.abs(exact).max())


def test_joint_training_has_the_closed_covariance():
    tasks, n = discrete(3, "gaussian"), 8
    d = nx.population_optimum(tasks, nx.DRS()) - tasks.optima
    moved = np.einsum("nij,nj->ni", tasks.hessians, d)
    quadratic = np.einsum("ni,ni->n", moved, d)
    score = (1 + 1 / n) * moved[:, :, None] * moved[:, None, :] + ((quadratic + tasks.noise_variances) / n)[
        :, None, None
    ] * tasks.hessians
    inverse = np.linalg.inv(np.tensordot(tasks.weights, tasks.hessians, axes=1))
    expected = inverse @ np.tensordot(tasks.weights, score, axes=1) @ inverse
    np.testing.assert_allclose(asymptotic_covariance(tasks, nx.DRS(), n // 2), expected, rtol=1e-12)


def test_many_samples_leave_the_variance_of_the_tasks_alone():
    tasks = discrete(2, "student_t")
    gap = nx.population_optimum(tasks, nx.MAML(0.3)) - tasks.optima
    weights = nx.MAML(0.3).training_weight(tasks.hessians)
    score = np.einsum("nij,nj->ni", weights, gap)
    inverse = np.linalg.inv(np.tensordot(tasks.weights, weights, axes=1))
    expected = inverse @ (score.T * tasks.weights @ score) @ inverse
    np.testing.assert_allclose(asymptotic_covariance(tasks, nx.MAML(0.3), 10**9), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "tasks", [nx.SpectrumTiedTasks(1), nx.SpectrumTiedTasks(3), discrete(2, "sphere")], ids=["1", "3", "sphere"]
)
def test_bias_of_joint_training(tasks):
    num_tasks, samples = 60, 4
    drs, _ = estimates(tasks, num_tasks, samples, [0.0], 30_000, seed=1)
    shift = num_tasks * (drs - nx.population_optimum(tasks, nx.DRS()))
    deviation = shift.std(axis=0) / np.sqrt(len(shift))
    expected = joint_bias(tasks, samples)
    # the next order is the leading one over M, up to a constant
    assert (np.abs(shift.mean(axis=0) - expected) < 4 * deviation + 5 * np.abs(expected).max() / num_tasks).all()


def test_expected_risks_cross_at_the_predicted_number_of_tasks():
    tasks, alpha, samples = nx.SpectrumTiedTasks(1), 0.1, 50
    crossing = crossover_tasks(tasks, alpha, samples)
    rule = nx.MAML(alpha, inner_samples=samples)
    signs = []
    for factor in (0.7, 1.4):
        drs, maml = estimates(tasks, round(factor * crossing), samples, [alpha], 20_000, seed=2)
        weight = tasks.moments(rule, nx.MAML.outer_step)[0][0, 0]
        centre = nx.population_optimum(tasks, rule)[0]
        excess = 0.5 * weight * ((drs[:, 0] - centre) ** 2 - (maml[:, 0, 0] - centre) ** 2)
        signs.append(excess.mean() / (excess.std() / np.sqrt(len(excess))))
    assert signs[0] < -3
    assert signs[1] > 3


def test_crossover_is_never_without_a_modeling_error_and_always_without_a_price():
    assert crossover_tasks(discrete(2, "gaussian"), 0.0, 5) == np.inf
    one = nx.DiscreteTasks([1.0], [np.eye(2)], [[1.0, 2.0]], 0.5)
    assert crossover_tasks(one, 0.3, 5) == np.inf
    # where joint training is torn between far tasks and MAML is not, MAML wins from the first task on
    torn = nx.DiscreteTasks([0.5, 0.5], [[[1.0]], [[0.9]]], [[10.0], [0.0]], 0.0)
    assert crossover_tasks(torn, 0.9, 1000) == 0.0


def test_even_split_is_the_default():
    tasks = nx.SpectrumTiedTasks(2)
    np.testing.assert_array_equal(
        asymptotic_covariance(tasks, nx.MAML(0.2), 4), asymptotic_covariance(tasks, nx.MAML(0.2, inner_samples=4), 4)
    )


def test_a_word_of_one_sample_is_its_moment():
    """n = 1 and p = 1: E[S^k] = (2k - 1)!! Q^k, times the law's ratio."""
    for law in (FeatureLaw(), FeatureLaw("sphere"), FeatureLaw("student_t", 20.0)):
        ratios = radius_ratios(law, 1, 4)
        for order in range(1, 5):
            terms = word_expectation(("S",) * order, (), {"S": 1}, ratios)
            expected = np.prod(np.arange(1, 2 * order, 2)) * ratios[order]
            assert sum(terms.values()) == pytest.approx(expected)
        if law.name == "sphere":
            assert expected == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rule", "samples", "error", "message"),
    [
        (nx.Reptile(0.1), 3, TypeError, "rule is a Reptile; it must be DRS or MAML, whose estimators are defined"),
        (nx.MAML(0.1, steps=2), 3, ValueError, "steps is 2; the estimator takes one inner step"),
        (
            nx.MAML(0.1, inner_samples=6),
            3,
            ValueError,
            "inner_samples is 6; of 2 samples = 6 at least one must be left outside",
        ),
        (nx.DRS(), 0, ValueError, "samples is 0; it must be a whole number, at least 1"),
    ],
)
def test_bad_arguments_are_named(rule, samples, error, message):
    with pytest.raises(error, match=message):
        asymptotic_covariance(nx.SpectrumTiedTasks(), rule, samples)


def test_bad_rates_are_named():
    with pytest.raises(ValueError, match="alpha is nan; it must be a finite number"):
        crossover_tasks(nx.SpectrumTiedTasks(), float("nan"), 3)
    with pytest.raises(TypeError, match="tasks is a list; it must be DiscreteTasks or SpectrumTiedTasks"):
        crossover_tasks([], 0.1, 3)
