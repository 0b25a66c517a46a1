"""Fourth moments of scores under the spectrum-tied law in more dimensions: Haar averages, quadrature and simulation agree."""

import numpy as np
import pytest
from scipy.stats import binom, norm
from sympy import Rational
from sympy.polys.matrices import DomainMatrix

import numerics as nx
from theory import scores
from theory.estimators import Estimator
from theory.features import GAUSSIAN, Sphere
from theory.finite_sample import ScoreMoments, fourth_moment_bound, markov_bound
from theory.rules import DRS, MAML
from theory.scores import ALPHA, INVERSE_INNER, INVERSE_OUTER, SIGMA2
from theory.task_averages import Affine, average
from theory.tasks import SpectrumTied
from theory.words import Words
from verify.simulation.word_averages import averaged

BETA, RATE, SAMPLES = 2.0, Rational(1, 4), 6
RULES = (DRS(), MAML(RATE))


def array(matrix):
    return np.array(matrix.to_Matrix().tolist(), dtype=float)


def plane():
    """The law at p = 2 by Gauss nodes for both eigenvalues and the noise, and equidistant angles: exact for these moments."""
    nodes, weights = np.polynomial.legendre.leggauss(9)
    nodes, weights = BETA * (nodes + 1) / 2, weights / 2
    coarse, masses = np.polynomial.legendre.leggauss(2)
    first, second, noise, angle = (
        grid.ravel() for grid in np.meshgrid(nodes, nodes, BETA * (coarse + 1) / 2, np.pi / 5 * np.arange(5), indexing="ij")
    )
    chances = np.einsum("i,j,k,l->ijkl", weights, weights, masses / 2, np.full(5, 0.2)).ravel()
    basis = np.moveaxis(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), -1, 0)
    optima = np.stack([first, second], axis=1)
    return chances, (basis * optima[:, None]) @ basis.swapaxes(1, 2), optima, noise


def fourth(chances, hessians, optima, noise, estimator, tasks):
    """E |Z|^4 from theory's words and given tasks, and its standard error were they drawn at random."""
    gap = array(estimator.limit(tasks))[:, 0] - optima
    letters = {"Q": hessians, "D": gap[:, :, None] * gap[:, None], "G": np.linalg.inv(array(estimator.mean_curvature(tasks)))}
    letters["G"] = np.broadcast_to(letters["G"], hessians.shape)
    rings = {ALPHA: float(RATE), SIGMA2: noise, INVERSE_OUTER: 1 / SAMPLES}
    rings[INVERSE_INNER] = float(estimator.values[INVERSE_INNER])
    parts = np.array_split(np.arange(len(optima)), 10)
    words = estimator.words("fourth_moment", tasks)
    found = [
        averaged(
            words,
            {letter: matrices[part] for letter, matrices in letters.items()},
            rings | {SIGMA2: noise[part]},
            chances[part] / chances[part].sum(),
        )[0, 0]
        for part in parts
    ]
    shares = [chances[part].sum() for part in parts]
    return np.dot(shares, found), np.std(found, ddof=1) / np.sqrt(len(parts))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_fourth_moment_is_exact_in_the_plane(rule):
    tasks, estimator = SpectrumTied(2, 2), Estimator.of(rule, SAMPLES)
    found, _ = fourth(*plane(), estimator, tasks)
    np.testing.assert_allclose(ScoreMoments.of(tasks, estimator, fourth=True).fourth, found, rtol=1e-10)


@pytest.mark.parametrize(("dimension", "number"), [(3, 1500), (5, 500)])
def test_the_fourth_moment_is_that_of_sampled_tasks(dimension, number):
    """Given the task it is bounded, so that a mean of few is nearly normal; ten parts leave Student's t of nine degrees."""
    drawn, tasks = nx.SpectrumTiedTasks(dimension, BETA).sample(number, dimension), SpectrumTied(dimension, 2)
    for rule in RULES:
        estimator = Estimator.of(rule, SAMPLES)
        found, error = fourth(drawn.weights, drawn.hessians, drawn.optima, drawn.noise_variances, estimator, tasks)
        assert abs(found - ScoreMoments.of(tasks, estimator, fourth=True).fourth) < 5 * error


def test_a_trace_with_two_vectors_is_split_into_forms():
    """tr(K Q k QQ) for K = u v' is (v'Qv)(u'QQu): exact in the plane, for vectors that differ."""
    chances, hessians, optima, _ = plane()
    u, v = optima, optima * -1 + 3.0
    expected = np.einsum("n,ni,nij,nj,nk,nkl,nlm,nm->", chances, v, hessians, v, u, hessians, hessians, u)
    vectors = {"K": (Affine.of([0, 0], 1), Affine.of([3, 3], -1))}
    found = average(SpectrumTied(2, 2), Words.word("KQkQQ", scores.RING(1)).trace(), {}, vectors=vectors)
    np.testing.assert_allclose(array(found), expected * np.eye(2), rtol=1e-12)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("features", ["gaussian", "sphere"])
def test_moments_of_the_norm_are_those_of_simulated_scores(dimension, features):
    """Joint training, whose fourth powers have moments that a simulation can average."""
    law = nx.SpectrumTiedTasks(dimension, BETA, features)
    estimator = Estimator.of(DRS(), 10, Sphere() if features == "sphere" else GAUSSIAN)
    tasks, rng, number = SpectrumTied(dimension, 2), np.random.default_rng(dimension), 60_000
    drawn = law.sample(number, rng)
    values, vectors = np.linalg.eigh(drawn.hessians)
    x = np.einsum("nai,ni,nji->naj", law.features.sample((number, 20, dimension), rng), np.sqrt(np.maximum(values, 0)), vectors)
    noise = rng.standard_normal((number, 20)) * np.sqrt(drawn.noise_variances)[:, None]
    error = array(estimator.limit(tasks))[:, 0] - drawn.optima
    psi = np.einsum("nai,na->ni", x, np.einsum("nai,ni->na", x, error) - noise) / 20
    squares = np.einsum("ni,ij,nj->n", psi, np.linalg.inv(array(estimator.mean_curvature(tasks))), psi)
    moments = ScoreMoments.of(tasks, estimator, fourth=True)
    for sample, value in ((squares, moments.spread), (squares**2, moments.fourth)):
        assert abs(sample.mean() - value) < norm.isf(1e-3 / 16) * sample.std() / np.sqrt(number)


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_bound_holds_and_is_tighter_than_markovs(dimension):
    datasets, num_tasks, delta, tasks = 1000, 100, 0.1, SpectrumTied(dimension, 2)
    found = nx.estimates(nx.SpectrumTiedTasks(dimension, BETA), num_tasks, SAMPLES, [float(RATE)], datasets, dimension)
    for rule, estimates in zip(RULES, (found[0], found[1][:, 0]), strict=True):
        estimator = Estimator.of(rule, SAMPLES)
        gap = estimates - array(estimator.limit(tasks))[:, 0]
        loss = np.einsum("ni,ij,nj->n", gap, array(estimator.mean_curvature(tasks)), gap) / 2
        bounds = [bound(tasks, rule, SAMPLES, num_tasks, delta) for bound in (markov_bound, fourth_moment_bound)]
        assert bounds[1] < bounds[0] / 2
        assert all(np.sum(loss > bound) <= binom.isf(1e-4, datasets, delta) for bound in bounds)
        assert bounds[1] > np.quantile(loss, 1 - delta)


def test_three_powers_of_the_curvature_are_too_many():
    error = Affine(DomainMatrix.from_list([[1], [1]], scores.RING.domain), -1)
    words = Words.word("QDQDQ", scores.RING(1))
    with pytest.raises(ValueError, match=r"^words has the term  QDQDQ; rotations are averaged over for two powers"):
        average(SpectrumTied(2, 2), words, {}, vectors={"D": (error, error)})
