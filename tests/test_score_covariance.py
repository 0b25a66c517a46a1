"""Moments of the two scores equal those of estimates that are actually run, on quadrature nodes and on random samples.

The reference executes inner and outer steps on data (x, y); it knows neither Wishart matrices nor residuals.  At the nodes of a
product Gauss rule its averages are exact up to round-off; on random samples the false-alarm rate is controlled.
"""

import numpy as np
import pytest
from scipy.special import ndtri
from sympy import QQ, Rational, symbols
from sympy.polys.matrices import DomainMatrix

from theory import scores
from theory.estimators import Estimator, cross_covariance, floor, joint_covariance
from theory.features import GAUSSIAN, Sphere, StudentT
from theory.notation import N, alpha, beta
from theory.optima import maml
from theory.rules import DRS, MAML
from theory.scores import Joint, Meta
from theory.task_averages import Affine
from theory.tasks import Discrete, SpectrumTied, Task

HALF, THIRD = Rational(1, 2), Rational(1, 3)
LINE = Discrete([Task(THIRD, 1, 2, noise_variance=HALF), Task(1 - THIRD, -2, HALF, noise_variance=2)])
PLANE = Discrete(
    [
        Task(THIRD, [0, 1], [[2, 1], [1, 1]], noise_variance=HALF),
        Task(1 - THIRD, [2, -1], [[1, 0], [0, HALF]], noise_variance=Rational(1, 5)),
    ]
)
FIVE = Discrete(
    [
        Task(HALF, [1, 0, 2, -1, 1], eigenvalues=[2, 1, HALF, 1, 0], noise_variance=1),
        Task(HALF, [0, 1, -1, 0, 3], eigenvalues=[HALF, HALF, 1, 2, 1], noise_variance=THIRD),
    ]
)
LAWS = {"line": LINE, "plane": PLANE, "five": FIVE} | {f"tied-{p}": SpectrumTied(p, 2) for p in (1, 2, 3)}
LAWS["tied-5"] = SpectrumTied(5, 1)


def array(matrix):
    return np.array((matrix.to_Matrix() if isinstance(matrix, DomainMatrix) else matrix).tolist(), dtype=float)


class Run:
    """Scores of both algorithms and their curvatures on batches of data, by executing the steps at two points."""

    def __init__(self, inner, outer, optimum, rate, steps):
        self.inner, self.outer, self.optimum, self.rate, self.steps = inner, outer, optimum, rate, steps

    @staticmethod
    def gradient(data, theta):
        features, noise, optimum = data
        residual = np.einsum("...ni,...i->...n", features, theta - optimum) - noise
        return np.einsum("...ni,...n->...i", features, residual) / features.shape[-2]

    def joint(self, theta):
        m, n = self.inner[0].shape[-2], self.outer[0].shape[-2]
        one, two = (self.gradient((*data, self.optimum), theta) for data in (self.inner, self.outer))
        return (m * one + n * two) / (m + n)

    def meta(self, theta):
        adapted, batch = theta, theta.shape[-1]
        pullback = np.broadcast_to(np.eye(batch), (*self.optimum.shape, batch))
        features = self.inner[0]
        for _ in range(self.steps):
            adapted = adapted - self.rate * self.gradient((*self.inner, self.optimum), adapted)
            moved = np.einsum("...ni,...nj,...jk->...ik", features, features, pullback) / features.shape[-2]
            pullback = pullback - self.rate * moved
        return np.einsum("...ji,...j->...i", pullback, self.gradient((*self.outer, self.optimum), adapted))

    def curvature(self, score):
        origin = score(np.zeros(self.optimum.shape[-1]))
        columns = [score(unit) - origin for unit in np.eye(self.optimum.shape[-1])]
        return np.stack(columns, axis=-1)


def tasks_of(tasks):
    return [(float(t.probability), array(t.hessian), array(t.optimum)[:, 0], float(t.noise_variance)) for t in tasks.tasks]


def expected_statistics(tasks, rule, samples, features=GAUSSIAN):
    joint, meta = Estimator.of(DRS(), samples, features), Estimator.of(rule, samples, features)
    return (
        joint,
        meta,
        {
            "joint score": joint.score_covariance(tasks),
            "meta score": meta.score_covariance(tasks),
            "cross": cross_covariance(tasks, rule, samples, features),
            "curvature": meta.mean_curvature(tasks),
            "sandwich": meta.sandwich(tasks),
            "joint sandwich": joint.sandwich(tasks),
            "bias": meta.bias(tasks),
            "joint bias": joint.bias(tasks),
            "joint mean": DomainMatrix.zeros((tasks.dimension, 1), QQ),
            "meta mean": DomainMatrix.zeros((tasks.dimension, 1), QQ),
        },
    )


def sampled_statistics(run, joint, meta, tasks):
    """The same quantities before the expectation, one for each data set."""
    first, second = run.joint(array(joint.limit(tasks))[:, 0]), run.meta(array(meta.limit(tasks))[:, 0])
    both = [np.linalg.inv(array(one.mean_curvature(tasks))) for one in (joint, meta)]
    curvatures = run.curvature(run.joint), run.curvature(run.meta)
    return {
        "joint score": first[..., :, None] * first[..., None, :],
        "meta score": second[..., :, None] * second[..., None, :],
        "cross": first[..., :, None] * second[..., None, :],
        "curvature": curvatures[1],
        "sandwich": curvatures[1] @ both[1] @ curvatures[1],
        "joint sandwich": curvatures[0] @ both[0] @ curvatures[0],
        "bias": both[1] @ curvatures[1] @ both[1] @ second[..., None],
        "joint bias": both[0] @ curvatures[0] @ both[0] @ first[..., None],
        "joint mean": first[..., None],
        "meta mean": second[..., None],
    }


@pytest.mark.parametrize(
    ("law", "inner", "outer", "steps", "nodes"),
    [
        ("line", 1, 1, 1, 6),
        ("line", 2, 2, 1, 5),
        ("line", 1, 3, 1, 5),
        ("line", 2, 2, 2, 9),
        ("line", 1, 1, 4, 18),
        ("plane", 1, 1, 1, 5),
    ],
)
def test_moments_are_exact_on_gauss_nodes(law, inner, outer, steps, nodes):
    """A second moment has degree 4 steps in a coordinate of the inner features and 4 in the outer ones, 2 in the noise."""
    tasks = LAWS[law]
    samples, dimension, rate = (inner + outer) // 2, tasks.dimension, Rational(2, 5)
    rule = MAML(rate, steps, inner if steps == 1 else None)
    sizes = [nodes] * (inner * dimension) + [3] * (outer * dimension) + [2] * (inner + outer)
    rules = [np.polynomial.hermite_e.hermegauss(size) for size in sizes]
    grid = np.stack(np.meshgrid(*(points for points, _ in rules), indexing="ij"), axis=-1).reshape(-1, len(sizes))
    weights = np.array([1.0])
    for _, weight in rules:
        weights = np.multiply.outer(weights, weight / weight.sum()).ravel()
    ends = np.cumsum([inner * dimension, outer * dimension, inner])
    flat = np.split(grid, ends, axis=1)
    joint, meta, expected = expected_statistics(tasks, rule, samples)
    totals = dict.fromkeys(expected, 0.0)
    for probability, hessian, optimum, variance in tasks_of(tasks):
        root, scale = np.linalg.cholesky(hessian).T, np.sqrt(variance)
        data = [
            (flat[0].reshape(-1, inner, dimension) @ root, flat[2] * scale),
            (flat[1].reshape(-1, outer, dimension) @ root, flat[3] * scale),
        ]
        run = Run(*data, np.broadcast_to(optimum, (len(grid), dimension)), float(rate), steps)
        for name, value in sampled_statistics(run, joint, meta, tasks).items():
            totals[name] = totals[name] + probability * np.einsum("m,mij->ij", weights, value)
    for name, value in expected.items():
        np.testing.assert_allclose(totals[name], array(value), rtol=1e-9, atol=1e-9, err_msg=name)


def random_features(features, rng, shape):
    normal = rng.standard_normal(shape)
    if isinstance(features, Sphere):
        return normal / np.linalg.norm(normal, axis=-1, keepdims=True) * np.sqrt(shape[-1])
    if isinstance(features, StudentT):
        return normal * np.sqrt(float(features.df - 2) / rng.chisquare(float(features.df), (*shape[:-1], 1)))
    return normal


def random_tasks(tasks, rng, number):
    if isinstance(tasks, Discrete):
        probabilities, hessians, optima, variances = (np.array(part) for part in zip(*tasks_of(tasks), strict=True))
        chosen = rng.choice(len(probabilities), number, p=probabilities)
        return hessians[chosen], optima[chosen], variances[chosen]
    spectra = rng.uniform(0, float(tasks.beta), (number, tasks.dimension))
    bases = np.linalg.qr(rng.standard_normal((number, tasks.dimension, tasks.dimension)))[0]
    bases = bases * rng.choice([-1, 1], (number, 1, tasks.dimension))
    return np.einsum("nij,nj,nkj->nik", bases, spectra, bases), spectra, rng.uniform(0, float(tasks.beta), number)


@pytest.mark.parametrize(
    ("law", "features", "rule", "samples"),
    [
        ("line", StudentT(40), MAML(Rational(1, 5), 1, 3), 2),
        ("line", Sphere(), MAML(Rational(1, 2), 3), 4),
        ("plane", Sphere(), MAML(Rational(1, 4), 1, 2), 3),
        ("plane", StudentT(60), MAML(Rational(1, 5)), 4),
        ("plane", GAUSSIAN, MAML(Rational(1, 5), 2), 5),
        ("five", GAUSSIAN, MAML(Rational(1, 4)), 3),
        ("five", Sphere(), MAML(Rational(-1, 4), 1, 6), 4),
        ("tied-1", GAUSSIAN, MAML(Rational(1, 2)), 3),
        ("tied-2", GAUSSIAN, MAML(Rational(1, 4), 1, 1), 3),
        ("tied-5", Sphere(), MAML(Rational(1, 2)), 4),
        ("line", Sphere(), MAML(Rational(3, 4)), 1),
        ("line", StudentT(60), MAML(Rational(1, 10)), 1),
        ("plane", Sphere(), MAML(Rational(1, 2)), 1),
        ("plane", StudentT(60), MAML(Rational(1, 10)), 1),
        ("five", GAUSSIAN, MAML(Rational(1, 10)), 1),
        ("five", Sphere(), MAML(Rational(1, 5)), 1),
        ("five", StudentT(60), MAML(Rational(1, 20)), 2),
        ("tied-5", StudentT(60), MAML(Rational(1, 10)), 3),
    ],
    ids=str,
)
def test_moments_agree_with_simulation(law, features, rule, samples):
    """Each entry's error is below a normal quantile that all entries of all cases exceed together with probability 1e-3.

    The mean scores stand for E[h], which is E[H] times the limit.
    """
    tasks = LAWS[law]
    rng, number = np.random.default_rng(20201012), 60_000
    joint, meta, expected = expected_statistics(tasks, rule, samples, features)
    hessians, optima, variances = random_tasks(tasks, rng, number)
    values, vectors = np.linalg.eigh(hessians)
    roots = np.einsum("nij,nj,nkj->nik", vectors, np.sqrt(np.maximum(values, 0)), vectors)
    data = [
        (random_features(features, rng, (number, size, tasks.dimension)) @ roots, rng.standard_normal((number, size)) * scale)
        for size, scale in ((int(meta.inner), np.sqrt(variances)[:, None]), (int(meta.outer), np.sqrt(variances)[:, None]))
    ]
    run = Run(*data, optima, float(rule.alpha), int(rule.steps))
    entries = sum(value.shape[0] * value.shape[1] for value in expected.values())
    limit = -ndtri(1e-3 / 18 / entries / 2)
    for name, value in sampled_statistics(run, joint, meta, tasks).items():
        scores_of_entries = (value.mean(axis=0) - array(expected[name])) / (value.std(axis=0) / np.sqrt(number))
        assert np.abs(scores_of_entries).max() < limit, name


@pytest.mark.parametrize("which", ["mean_curvature", "second_moment", "curvature_sandwich", "cross_moment"])
@pytest.mark.parametrize(("algorithm", "features"), [(Meta(1), GAUSSIAN), (Meta(2), GAUSSIAN), (Meta(1), StudentT(40))])
def test_matrix_words_collapse_to_the_scalar_moments(which, algorithm, features):
    moment = getattr(scores, which)
    assert moment(algorithm, features, None).commuted() == moment(algorithm, features, 1)


def test_one_step_on_normal_features_has_the_printed_weight():
    """A_N = Q (I - alpha Q)^2 + (alpha^2/N) (Q^3 + tr(Q^2) Q)."""
    word, a, r = scores.Words.word, scores.ALPHA, scores.INVERSE_INNER
    expected = word("Q") - word("QQ", 2 * a) + word("QQQ", a**2 * (1 + r)) + word("QQ").trace() * word("Q") * (a**2 * r)
    assert scores.mean_curvature(Meta(1)) == expected


def test_joint_score_has_the_printed_covariance():
    """(1 + 1/n) Q d d' Q + (d'Q d)/n Q + sigma^2/n Q."""
    word, r = scores.Words.word, scores.INVERSE_INNER
    expected = word("QDQ") * (1 + r) + (word("QD").trace() + word("", scores.SIGMA2)) * word("Q") * r
    assert scores.second_moment(Joint()) == expected


def test_a_law_on_a_line_inside_the_plane_gives_the_line_again():
    """Curvatures diag(q, 1) with a settled second coordinate: the first entry is the scalar result unchanged."""
    embedded = Discrete(
        [
            Task(task.probability, [task.optimum[0], 0], eigenvalues=[task.hessian[0], 0], noise_variance=task.noise_variance)
            for task in LINE.tasks
        ]
    )
    estimator = Estimator.of(MAML(THIRD), 4)
    error = Affine.of([estimator.limit(LINE).to_Matrix()[0], 0], -1)
    assert estimator.score_covariance(embedded, error).to_Matrix()[0, 0] == estimator.score_covariance(LINE).to_Matrix()[0]


def test_spectrum_tied_law_is_rational_in_rate_radius_and_samples():
    found = joint_covariance(SpectrumTied(1, beta), MAML(alpha), N)
    for entry in found:
        assert entry.is_rational_function(alpha, beta, N)
    at = {alpha: Rational(3, 10), beta: 2, N: 7}
    assert found.subs(at) == joint_covariance(SpectrumTied(1, 2), MAML(Rational(3, 10)), 7)


@pytest.mark.parametrize("law", ["line", "plane", "tied-3"])
def test_the_floor_is_the_limit_of_n_times_the_distance(law):
    tasks, rate, large = LAWS[law], Rational(1, 4), 10**7
    found = floor(tasks, rate)
    distance = maml(tasks, rate, inner_samples=large) - maml(tasks, rate)
    np.testing.assert_allclose(array(distance * large), array(found), rtol=1e-5)


def test_symbols_may_stand_for_rate_and_samples_of_a_finite_law():
    a, m = symbols("a m", positive=True)
    found = Estimator.of(MAML(a), m).covariance(PLANE).to_Matrix()
    assert found.subs({a: THIRD, m: 3}) == Estimator.of(MAML(THIRD), 3).covariance(PLANE).to_Matrix()


def test_impossible_requests_say_what_is_wrong():
    with pytest.raises(ValueError, match="samples is 0"):
        Estimator.of(DRS(), 0)
    with pytest.raises(ValueError, match="inner_samples is 4"):
        Estimator.of(MAML(1, 1, 4), 2)
    with pytest.raises(ValueError, match="no limit"):
        Estimator.of(DRS(), 2).covariance(Discrete([Task(1, [0, 0], eigenvalues=[0, 1])]))
