"""What is drawn has the law of materialised data: factors against chi-square and Beta laws, estimates against real data sets.

Every test compares laws at a fixed seed.  The probability that a correct implementation fails any one of them at a fresh seed
is at most FALSE_ALARM, shared out evenly (Bonferroni) among the comparisons.
"""

import numpy as np
import pytest
from scipy import stats

import numerics as nx
from numerics.estimators import estimates
from numerics.features import FeatureLaw
from numerics.kernels.haar import PANEL, rotate
from numerics.sampling import Buffers, Cell, draw_blocks, draw_scalar

FALSE_ALARM = 1e-3
DATASETS = 8000


def discrete(p, features):
    rng = np.random.default_rng(p)
    half = rng.standard_normal((2, p, p)) / np.sqrt(p)
    hessians = half @ half.swapaxes(1, 2) + 0.2 * np.eye(p)
    return nx.DiscreteTasks([0.4, 0.6], hessians, rng.standard_normal((2, p)), [0.2, 1.0], features=features, df=9.0)


def materialised_estimates(tasks, num_tasks, samples, rates, datasets, seed):
    """Both estimators on data sets that are really made: tasks, features, noise, least squares."""
    rng = np.random.default_rng(seed)
    p = tasks.dimension
    drawn = tasks.sample(datasets * num_tasks, rng)
    eigenvalues, basis = np.linalg.eigh(drawn.hessians)
    root = basis * np.sqrt(np.maximum(eigenvalues, 0))[:, None, :] @ basis.swapaxes(1, 2)
    x = tasks.features.sample((datasets * num_tasks, 2 * samples, p), rng) @ root
    noise = rng.standard_normal(x.shape[:2]) * np.sqrt(drawn.noise_variances)[:, None]
    y = np.einsum("tnp,tp->tn", x, drawn.optima) + noise

    def least_squares(rows, right):
        rows, right = rows.reshape(datasets, -1, p), right.reshape(datasets, -1)
        return np.linalg.solve(rows.swapaxes(1, 2) @ rows, np.einsum("dnp,dn->dp", rows, right)[..., None])[..., 0]

    inner, outer = x[:, :samples], x[:, samples:]
    slope = inner.swapaxes(1, 2) @ inner / samples
    shift = inner.swapaxes(1, 2) @ y[:, :samples, None] / samples
    # the adapted parameter is (I - rate slope) theta + rate shift: least squares of the outer half in theta
    maml = [
        least_squares(outer @ (np.eye(p) - rate * slope), y[:, samples:] - rate * (outer @ shift)[..., 0]) for rate in rates
    ]
    return least_squares(x, y), np.stack(maml, axis=1)


def drawn_factors(cell, chunks):
    p = cell.dimension
    blocks = (
        block for chunk in range(chunks) for block in draw_blocks(cell, cell.stream(4, chunk), np.empty((0, p, p)), Buffers())
    )
    return np.concatenate([block.factors[..., :p, :].reshape(-1, p, 2 * cell.rank) for block in blocks])


CELLS = [(1, 3, 1), (1, 4, 2), (1, 3, 6), (2, 3, 1), (2, 4, 5), (5, 8, 2), (5, 3, 7)]
LAWS = ["spectrum", "gaussian", "sphere", "student_t"]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("p", "num_tasks", "samples"), CELLS)
def test_estimates_have_the_law_of_materialised_data(law, p, num_tasks, samples):
    tasks = nx.SpectrumTiedTasks(p) if law == "spectrum" else discrete(p, law)
    rates = [0.1, 0.6]
    ours = estimates(tasks, num_tasks, samples, rates, DATASETS, seed=1)
    made = materialised_estimates(tasks, num_tasks, samples, rates, DATASETS, seed=2)
    direction = np.linspace(1.0, 2.0, p)
    pairs = [(ours[0] @ direction, made[0] @ direction)]
    for a in range(len(rates)):
        pairs.append((ours[1][:, a] @ direction, made[1][:, a] @ direction))
        # the joint law: what decides which method wins
        pairs.append((ours[1][:, a, 0] - ours[0][:, 0], made[1][:, a, 0] - made[0][:, 0]))
    threshold = FALSE_ALARM / (len(CELLS) * len(LAWS) * len(pairs))
    for sampled, materialised in pairs:
        assert np.isfinite(sampled).all()
        assert stats.ks_2samp(sampled, materialised).pvalue > threshold


def test_the_comparison_of_laws_sees_a_wrong_degree_of_freedom():
    """The control: the same test at the same size refuses N + 1 in place of N."""
    tasks = nx.SpectrumTiedTasks(1)
    ours = estimates(tasks, 3, 2, [0.6], DATASETS, seed=1)
    made = materialised_estimates(tasks, 3, 1, [0.6], DATASETS, seed=2)
    assert stats.ks_2samp(ours[1][:, 0, 0], made[1][:, 0, 0]).pvalue < FALSE_ALARM / 140


@pytest.mark.parametrize("samples", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("p", [2, 3, 6])
def test_factors_are_wishart(p, samples):
    cell = Cell(discrete(p, "gaussian"), samples, 50)
    factors = drawn_factors(cell, 8)
    rng = np.random.default_rng(p)
    vectors = [np.eye(p)[0], np.eye(p)[-1], *rng.standard_normal((2, p))]
    scatters = [half @ half.swapaxes(1, 2) for half in (factors[..., : cell.rank], factors[..., cell.rank :])]
    threshold = FALSE_ALARM / (15 * len(vectors) * 3)
    for a in vectors:
        forms = [samples * (w @ a @ a) / (a @ a) for w in scatters]
        for form in forms:
            assert stats.kstest(form, stats.chi2(samples).cdf).pvalue > threshold
        assert stats.pearsonr(*forms).pvalue > threshold


@pytest.mark.parametrize("samples", [1, 2, 3, 50])
def test_scalar_scatters_are_chi_square(samples):
    cell = Cell(nx.SpectrumTiedTasks(1), samples, 200)
    draws = draw_scalar(cell, cell.stream(0, 0), Buffers())
    threshold = FALSE_ALARM / 4
    assert stats.kstest(samples * draws.scatters.ravel(), stats.chi2(samples).cdf).pvalue > threshold


@pytest.mark.parametrize("p", [2, 3, 8, 70])
def test_rotations_are_haar(p):
    """Entries of V squared are Beta(1/2, (p - 1)/2); columns are orthonormal; products of entries have Haar's moments."""
    rng = np.random.default_rng(p)
    count = 3000 if p < 50 else 300
    entries = np.empty((count, 4))
    for i in range(count):
        columns = np.concatenate([np.eye(p), np.eye(p)], axis=1)
        vectors, scratch = rng.standard_normal(p * (p + 1) // 2 - 1), np.empty(PANEL * (5 * p + 2 * PANEL))
        rotate(vectors, np.ones(p), columns, p, scratch)
        first, second = columns[:, :p], columns[:, p:]
        if i == 0:
            np.testing.assert_allclose(first.T @ first, np.eye(p), atol=1e-12)
        np.testing.assert_allclose(first, second, atol=1e-13)
        entries[i] = first[0, 0], first[-1, -1], first[0, -1], first[-1, 0]
    for column in np.square(entries).T:
        assert stats.kstest(column, stats.beta(0.5, (p - 1) / 2).cdf).pvalue > FALSE_ALARM / 24
    # E[V_11^2 V_pp^2] - E[V_11^2 V_p1^2] is positive: (p + 1)/(p (p - 1)(p + 2)) and 1/(p (p + 2))
    products = np.square(entries[:, 0]) * np.square(entries[:, [1, 3]]).T
    for product, expected in zip(products, ((p + 1) / (p * (p - 1) * (p + 2)), 1 / (p * (p + 2))), strict=True):
        assert abs(product.mean() - expected) < stats.norm.isf(FALSE_ALARM / 48) * product.std() / np.sqrt(count)


@pytest.mark.parametrize("law", ["gaussian", "sphere", "student_t"])
@pytest.mark.parametrize(("p", "samples"), [(2, 1), (2, 4), (5, 3)])
def test_second_moment_of_the_sample_covariance(law, p, samples):
    """E[WKW] = (1 - 1/N) K + (m22/N)(K + K' + tr(K) I) for standardised features, every K."""
    cell = Cell(discrete(p, law), samples, 400)
    factors = drawn_factors(cell, 20)
    scatter = factors[..., : cell.rank] @ factors[..., : cell.rank].swapaxes(1, 2)
    k = np.random.default_rng(0).standard_normal((p, p))
    moment = FeatureLaw(law, 9.0).fourth_moment(p)
    expected = (1 - 1 / samples) * k + moment / samples * (k + k.T + np.trace(k) * np.eye(p))
    drawn = scatter @ k @ scatter
    deviation = drawn.std(axis=0) / np.sqrt(len(drawn))
    # Student's t: the mean of heavy-tailed products is not quite normal
    limit = stats.norm.isf(FALSE_ALARM / (2 * p * p * 9)) * 1.3
    assert (np.abs(drawn.mean(axis=0) - expected) < limit * deviation + 1e-12).all()
