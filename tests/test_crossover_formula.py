"""The risk to order 1/M, the crossover, the split and the probability of winning, against exact enumeration and simulation.

On the sphere at p = 1 features are random signs, so that a sampled curvature is the task's own and the estimates from M tasks
of two kinds depend on one binomial count and on normal noise: their expected risk and the chance to win are finite sums.
"""

import numpy as np
import pytest
from scipy.stats import binom, cauchy, chi2, multivariate_normal
from sympy import Matrix, Rational, oo

import numerics as nx
from theory.crossover import best_split, crossover, deployment, leading_risk, split_share
from theory.estimators import Estimator
from theory.features import Sphere
from theory.heavy_tails import tail_index
from theory.notation import N, alpha, beta
from theory.rules import DRS, MAML
from theory.scores import Meta
from theory.tasks import Discrete, SpectrumTied, Task
from theory.win_probability import quadrant_probability, win_probability

HALF, RATE, SAMPLES = Rational(1, 2), Rational(1, 4), 3
PAIR = Discrete([Task(Rational(2, 5), 1, 2, noise_variance=HALF), Task(Rational(3, 5), -1, HALF, noise_variance=2)])
RULE = MAML(RATE)


def conditional_laws(num_tasks, inner, outer):
    """Per count of tasks of the first kind: its probability, mean and covariance of (joint, meta), features being signs."""
    counts = np.stack([np.arange(num_tasks + 1), num_tasks - np.arange(num_tasks + 1)], axis=1)
    q, centre, noise = np.array([2.0, 0.5]), np.array([1.0, -1.0]), np.array([0.5, 2.0])
    b = 1 - float(RATE) * q
    both = inner + outer
    weights = np.stack([q, q * b**2])
    sums = counts @ weights.T
    means = counts @ (weights * centre).T / sums
    # errors of the scores: e_j has variance noise q / n_j; joint -(n_in e_1 + n_out e_2)/n, meta b (q rate e_1 - e_2)
    first, second = noise * q / inner, noise * q / outer
    joint = (inner**2 * first + outer**2 * second) / both**2
    meta = b**2 * (q**2 * float(RATE) ** 2 * first + second)
    cross = b * (outer * second - inner * q * float(RATE) * first) / both
    covariance = np.empty((num_tasks + 1, 2, 2))
    for (i, j), value in {(0, 0): joint, (1, 1): meta, (0, 1): cross, (1, 0): cross}.items():
        covariance[:, i, j] = counts @ value / (sums[:, i] * sums[:, j])
    return binom.pmf(counts[:, 0], num_tasks, 0.4), means, covariance


def exact_risks(num_tasks, weight, place, inner, outer):
    probability, means, covariance = conditional_laws(num_tasks, inner, outer)
    return weight / 2 * probability @ ((means - place) ** 2 + np.einsum("mii->mi", covariance))


@pytest.mark.parametrize("deployed", [DRS(), RULE], ids=["before", "after"])
@pytest.mark.parametrize("inner", [3, 1])
def test_leading_risk_is_the_expansion_of_the_exact_one(deployed, inner):
    paid = deployment(deployed, SAMPLES, Sphere())
    weight, place = (float(value.to_Matrix()[0]) for value in (paid.mean_curvature(PAIR), paid.limit(PAIR)))
    rule = MAML(RATE, 1, inner)
    risks = [leading_risk(PAIR, Estimator.of(one, SAMPLES, Sphere()), paid) for one in (DRS(), rule)]
    errors = np.array([float(risk.modeling_error) for risk in risks])
    once, twice = ((exact_risks(m, weight, place, inner, 2 * SAMPLES - inner) - errors) * m for m in (2000, 4000))
    np.testing.assert_allclose(2 * twice - once, [float(risk.statistical) for risk in risks], rtol=1e-5)


def test_crossover_is_where_the_exact_risks_cross():
    """Close optima put the crossing at many tasks, where the order 1/M is all that counts."""
    close = Discrete(
        [Task(Rational(2, 5), Rational(1, 20), 2, noise_variance=HALF), Task(Rational(3, 5), 0, HALF, noise_variance=2)]
    )
    paid = deployment(RULE, SAMPLES, Sphere())
    risks = [leading_risk(close, Estimator.of(one, SAMPLES, Sphere()), paid) for one in (DRS(), RULE)]
    found = crossover(close, RULE, SAMPLES, features=Sphere())
    assert risks[0].at(found) == risks[1].at(found)
    assert found > 100


def test_crossover_without_a_gain_is_never():
    same = Discrete([Task(HALF, 1, 1, noise_variance=1), Task(HALF, 1, 2, noise_variance=1)])
    assert crossover(same, RULE, 3) == oo


def test_crossover_where_maml_has_less_variance_is_always():
    """A hard-to-fit task of high curvature that MAML's weight suppresses."""
    tasks = Discrete([Task(HALF, 0, 4, noise_variance=5000), Task(HALF, 1, 1)])
    assert crossover(tasks, RULE, 1000) == 0


def test_crossover_without_a_gain_is_decided_by_the_spread():
    """At a common optimum MAML wins always if its weight suppresses the noisier task, and nobody wins without noise."""
    for noises, expected in (((5000, 0), 0), ((0, 0), oo), ((0, 1), oo)):
        share, place = Rational(3, 10), Rational(7, 10)
        kinds = zip((share, 1 - share), (4, 1), noises, strict=True)
        tasks = Discrete([Task(mass, place, q, noise_variance=noise) for mass, q, noise in kinds])
        assert crossover(tasks, RULE, 1000) == expected
        in_doubles = nx.DiscreteTasks([0.3, 0.7], [[[4.0]], [[1.0]]], [[0.7], [0.7]], noises)
        assert nx.crossover_tasks(in_doubles, float(RATE), 1000) == float(expected)


def test_crossover_of_the_tied_law_is_a_rational_function():
    found = crossover(SpectrumTied(1, beta), MAML(alpha), N)
    assert found.is_rational_function(alpha, beta, N)
    at = {alpha: RATE, beta: 2, N: 10}
    assert found.subs(at) == crossover(SpectrumTied(1, 2), RULE, 10)


def test_chance_to_win_tends_to_the_one_of_the_normal_law():
    paid = deployment(RULE, SAMPLES, Sphere())
    place = float(paid.limit(PAIR).to_Matrix()[0])
    predicted, exact = [], []
    for num_tasks in (20, 200, 2000):
        probability, means, covariance = conditional_laws(num_tasks, SAMPLES, SAMPLES)
        inside = probability > 1e-9
        wins = [
            float(quadrant_probability(Matrix([mean - place]).T, Matrix(spread)))
            for mean, spread in zip(means[inside], covariance[inside], strict=True)
        ]
        exact.append(probability[inside] @ wins)
        predicted.append(float(win_probability(PAIR, RULE, SAMPLES, num_tasks, features=Sphere())))
    assert abs(predicted[1] - exact[1]) < 0.01
    assert abs(predicted[2] - exact[2]) < 1e-3


@pytest.mark.parametrize(
    ("mean", "spread"), [((0.3, -0.1), (1.0, 0.5, 0.4)), ((1.0, 2.0), (0.2, 3.0, -0.5)), ((-2.0, 0.1), (1.0, 1.0, 0.9))]
)
def test_quadrant_probability_is_the_bivariate_normal_one(mean, spread):
    covariance = np.array([[spread[0], spread[2]], [spread[2], spread[1]]])
    turn = np.array([[1.0, -1.0], [1.0, 1.0]])
    centre, turned = turn @ np.array(mean), turn @ covariance @ turn.T
    expected = multivariate_normal(-centre, turned).cdf([0, 0]) + multivariate_normal(centre, turned).cdf([0, 0])
    found = quadrant_probability(
        Matrix([Rational(value) for value in mean]), Matrix(2, 2, [Rational(v) for v in covariance.ravel()])
    )
    assert abs(float(found) - expected) < 1e-7


def tied_estimates(rng, datasets, num_tasks, samples, rate):
    """Joint and MAML estimates on the spectrum-tied law at p = 1, beta = 2, from chi-square variables."""
    shape = (datasets, num_tasks)
    q, noise = rng.uniform(0, 2, shape), rng.uniform(0, 2, shape)
    curvatures = [q * rng.chisquare(samples, shape) / samples for _ in range(2)]
    errors = [rng.standard_normal(shape) * np.sqrt(noise * one / samples) for one in curvatures]
    joint = sum(one * q + error for one, error in zip(curvatures, errors, strict=True))
    (first, second), (e1, e2) = curvatures, errors
    b = 1 - rate * first
    pulled = b * (second * q + e2 - rate * second * (first * q + e1))
    return joint.sum(1) / (first + second).sum(1), pulled.sum(1) / (second * b**2).sum(1)


def test_simulated_chance_to_win_is_near_the_predicted_one():
    rng, datasets = np.random.default_rng(3), 10_000
    joint, meta = tied_estimates(rng, datasets, 100, 10, 0.25)
    tasks = SpectrumTied(1, 2)
    place = float(deployment(RULE, 10).limit(tasks).to_Matrix()[0])
    wins = np.mean(np.abs(meta - place) < np.abs(joint - place))
    predicted = float(win_probability(tasks, RULE, 10, 100))
    assert abs(wins - predicted) < 0.012  # the normal law itself is off by some 0.007 here


def test_best_split_trains_for_the_deployed_weight_when_tasks_abound():
    assert best_split(SpectrumTied(1, 2), Rational(1, 2), 3, oo) == 3


@pytest.mark.parametrize("rate", [RATE, RATE / 3], ids=str)
def test_best_split_tends_to_the_derived_share(rate):
    samples, tasks = 40, SpectrumTied(1, 2)
    share = split_share(tasks, rate)
    assert 0 < share < 1
    assert abs(best_split(tasks, rate, samples, 1) - share * 2 * samples) <= 3


def test_split_share_minimises_the_first_order():
    """s_0 + a/n_in + b/n_out, refitted from exact risks at three large splits."""

    def spread(inner, outer):
        return leading_risk(PAIR, Estimator(Meta(1), RATE, inner, outer), deployment(RULE)).statistical

    large = 10**9
    origin = spread(oo, oo)
    a, b = ((spread(*split) - origin) * large for split in ((large, oo), (oo, large)))
    np.testing.assert_allclose(float(split_share(PAIR, RATE)), float((a**HALF / (a**HALF + b**HALF)).evalf()), rtol=1e-6)


def tail_exponent(risks):
    """Hill's estimate over the largest 0.2 per cent."""
    top = np.sort(risks)[-len(risks) // 500 :]
    return 1 / np.mean(np.log(top / top[0]))


@pytest.mark.parametrize(("num_tasks", "steps"), [(2, 1), (3, 1), (3, 2)])
def test_tail_exponent_on_the_line(num_tasks, steps):
    rng, datasets, samples, rate = np.random.default_rng(7), 400_000, 4, 0.5
    shape = (datasets, num_tasks)
    q, optimum = rng.choice([1.0, 2.0], shape), rng.standard_normal(shape)
    first, second = (q * rng.chisquare(samples, shape) / samples for _ in range(2))
    e1, e2 = (rng.standard_normal(shape) * np.sqrt(one / samples) for one in (first, second))
    b, pushed = (1 - rate * first) ** steps, rate * sum((1 - rate * first) ** j for j in range(steps))
    estimate = (b * (second * b * optimum - second * pushed * e1 + e2)).sum(1) / (b * second * b).sum(1)
    np.testing.assert_allclose(
        tail_exponent(estimate**2), float(tail_index(MAML(HALF, steps), 1, num_tasks, samples)), rtol=0.12
    )


def line_risks(rng, back, curvatures, samples, rate):
    """Squared errors of MAML's estimates at p = 1 from the factors 1 - rate S of its inner steps."""
    first = np.maximum(1 - back, 0) / rate
    second = curvatures * rng.chisquare(samples, back.shape) / samples
    e1, e2 = (rng.standard_normal(back.shape) * np.sqrt(one / samples) for one in (first, second))
    optima = rng.standard_normal(back.shape)
    return ((back * (second * (back * optima - rate * e1) + e2)).sum(1) / (back * second * back).sum(1)) ** 2


def tail_probability(threshold, num_tasks, seed, number=200_000, samples=4, rate=0.5):
    """P(risk > threshold) and its standard error: all factors are drawn near 0, where large risks come from, and reweighted."""
    rng, scale = np.random.default_rng(seed), 3 / np.sqrt(threshold)
    curvatures = rng.choice([1.0, 2.0], (number, num_tasks))
    back = scale * rng.standard_cauchy(curvatures.shape)
    density = chi2.pdf((1 - back) / rate * samples / curvatures, samples) * samples / curvatures / rate
    hits = np.prod(density * scale / cauchy.pdf(back / scale), axis=1)
    hits = hits * (line_risks(rng, back, curvatures, samples, rate) > threshold)
    return hits.mean(), hits.std() / np.sqrt(number)


@pytest.mark.parametrize("num_tasks", [2, 3, 5])
def test_the_far_tail_on_the_line_has_the_counted_exponent(num_tasks):
    (near, near_error), (far, far_error) = (tail_probability(x, num_tasks, seed) for seed, x in enumerate((1e4, 1e12)))
    found, error = np.log(near / far) / np.log(1e8), np.hypot(near_error / near, far_error / far) / np.log(1e8)
    assert error < 0.05
    assert abs(found - float(tail_index(MAML(HALF), 1, num_tasks, 4))) < 4 * error


def test_the_tail_of_five_tasks_begins_late():
    """Among the largest 0.2 per cent the exponent still looks like 3.8; reweighted and plain probabilities agree beyond."""
    rng = np.random.default_rng(1)
    curvatures = rng.choice([1.0, 2.0], (500_000, 5))
    risks = line_risks(rng, 1 - 0.5 * curvatures * rng.chisquare(4, curvatures.shape) / 4, curvatures, 4, 0.5)
    assert 3.3 < tail_exponent(risks) < 4.3
    assert tail_index(MAML(HALF), 1, 5, 4) == Rational(5, 2)
    share = np.mean(risks > 10)
    reweighted, error = tail_probability(10.0, 5, 2, 500_000)
    assert abs(reweighted - share) < 4 * np.hypot(error, np.sqrt(share / len(risks)))


@pytest.mark.parametrize(("dimension", "num_tasks", "samples"), [(2, 3, 1), (3, 3, 1), (2, 2, 3)])
def test_tail_exponent_in_more_dimensions(dimension, num_tasks, samples):
    """In the first two the outer rows are fewer than p: the mean is infinite although (M - 1) p > 1."""
    rng, datasets = np.random.default_rng(11), 200_000
    total = np.zeros((datasets, dimension, dimension))
    pull = np.zeros((datasets, dimension))
    for _ in range(num_tasks):
        inner, outer = (rng.standard_normal((datasets, samples, dimension)) for _ in range(2))
        noise = rng.standard_normal((datasets, samples))
        back = np.eye(dimension) - 0.5 * np.einsum("nai,naj->nij", inner, inner) / samples
        rows = np.einsum("nai,nij->naj", outer, back)
        total += np.einsum("nai,naj->nij", rows, rows)
        pull += np.einsum("nai,na->ni", rows, noise)
    risks = np.sum(np.linalg.solve(total, pull[..., None])[..., 0] ** 2, axis=1)
    np.testing.assert_allclose(tail_exponent(risks), float(tail_index(MAML(HALF), dimension, num_tasks, samples)), rtol=0.15)


def test_more_than_one_dimension_has_no_quadrant_formula():
    with pytest.raises(ValueError, match="dimension 2"):
        win_probability(SpectrumTied(2, 2), RULE, 3, 10)
