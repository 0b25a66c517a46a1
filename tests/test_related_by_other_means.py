"""What claims about related papers measure, against scikit-learn, SciPy's integrator, interpolation and executed mechanisms."""

from collections.abc import Mapping
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct

from numerics.related import improvement_records
from numerics.related.annealing import expectation_step, mean_gain
from numerics.related.bandits import Bandits
from numerics.related.context_pruning import Context
from theory.bounds import claim
from theory.notation import a, lam, stretch
from theory.related import bandits, sequential_search
from verify.arithmetic.enclosure import ends
from verify.evidence.question import Question
from verify.instances.batch import BITS, Batch, Cell
from verify.quantities import measure


def drawn(name: str, count: int, **sizes: int) -> tuple[Batch, Mapping[Any, Any]]:
    """Random instances of a claim in doubles, and what it measures on them."""
    question, rng = Question(claim(name)), np.random.default_rng(0)
    shape = tuple((symbol, sizes[str(symbol)]) for symbol in question.space.shapes)
    cell = Cell(shape)
    batch = question.space.floats(cell, rng.integers(1, 1 << cell.bits, (count, question.space.length(cell))))
    return batch, measure.float_values(question.claim, batch, question.quantities)


def test_the_posterior_miss_is_scikit_learns() -> None:
    batch, values = drawn("posterior_miss", 5, points=3)
    machine, (adapted, posterior) = batch.tasks, [values[symbol] for symbol in claim("posterior_miss").measured]
    for index in range(5):
        gram = (machine.eigenvectors[index] * machine.eigenvalues[index]) @ machine.eigenvectors[index].T
        features, noise = np.linalg.cholesky(gram), 3 * float(batch.values[lam][index, 0])
        process = GaussianProcessRegressor(DotProduct(0.0, "fixed"), alpha=noise, optimizer=None)
        expected = machine.miss[index] + process.fit(features, -machine.miss[index]).predict(features)
        np.testing.assert_allclose(adapted[index], expected, atol=1e-10)
        np.testing.assert_allclose(posterior[index], expected, atol=1e-10)


def test_a_stretched_loss_is_that_of_a_context_that_adapts() -> None:
    batch, values = drawn("rescaled_step", 20, p=2, n=4)
    (stretched, _) = claim("rescaled_step").measured
    for index in range(20):
        z, start = batch.tasks.features[index].astype(float), batch.tasks.direction[index].astype(float)
        top = np.linalg.eigvalsh(z.T @ z / 4)[-1]
        if np.linalg.norm(z @ start) < 1e-9:
            continue
        step = float(batch.values[a][index, 0] * batch.values[stretch][index, 0]) / top
        losses = Context(z, np.zeros(4)).adapt(start, step, 1).losses
        assert values[stretched][index, 0] == pytest.approx(losses[1] / losses[0], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("divergence", ["squared", "relative entropy"])
def test_the_mean_gain_is_the_slope_of_the_free_energy_in_the_mass(divergence: str) -> None:
    rng = np.random.default_rng(1)
    points, chances, places = rng.uniform(0.1, 1, (4, 2)), rng.dirichlet(np.ones(4)), rng.uniform(0.1, 1, (2, 2))
    mean, part, heat = (chances @ points)[None], 1e-6, 0.3
    masses = rng.dirichlet(np.ones(2))
    mixed = np.concatenate([[1 - part], part * masses])
    energies = [
        float(expectation_step(points, chances, where, mass, heat, divergence)[2])
        for where, mass in ((np.concatenate([mean, places]), mixed), (mean, np.ones(1)))
    ]
    slope = heat * (1 - float(mean_gain(points, chances, places, masses, heat, divergence)))
    assert (energies[0] - energies[1]) / part == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_stationary_policies_are_the_roots_of_an_interpolant(seed: int) -> None:
    tasks = np.random.default_rng(seed).integers(0, 5, (3, 3))
    executed = Bandits(tasks, np.log(3.0))

    def slope(at: np.ndarray) -> np.ndarray:
        found = executed.slope(np.stack([0 * at, at, 1 - at], axis=-1))
        return np.asarray(found[..., 1] - found[..., 2])

    series = np.polynomial.Chebyshev.interpolate(slope, 80, [0, 1])
    roots = series.roots()
    inside = [root.real for root in roots if abs(root.imag) < 1e-7 and 0.01 < root.real < 0.99]
    assert bandits.stationary_policies(tasks.tolist(), 3, Fraction(1, 100), Fraction(99, 100)) == len(inside)


@pytest.mark.parametrize("length", range(1, 8))
def test_the_law_of_records_is_that_of_all_orders(length: int) -> None:
    counts = improvement_records.record_law(length)
    assert sequential_search.record_law(length) == [Fraction(int(count), factorial(length)) for count in counts]


def test_the_error_on_one_example_is_that_of_integrated_flows() -> None:
    """The law of the audit: below the energy at T = 0.0142, above it at T = 0.0143, by an integrator."""
    chances, features, gap = [1 / 64, 63 / 64], np.array([[8.0, 24.0], [1.0, -2.0]]), np.array([4.0, -1.0])
    risk = sum(c * np.outer(x, x) for c, x in zip(chances, features, strict=True))

    def difference(time: float) -> float:
        after = 0.0
        for chance, x in zip(chances, features, strict=True):
            flow = solve_ivp(lambda _, d, x=x: -x * (x @ d), (0, time), gap, rtol=1e-11, atol=1e-13)
            left = flow.y[:, -1]
            after += chance * left @ risk @ left / 2
        return float(after - gap @ risk @ gap / 2 + time * gap @ risk @ risk @ gap)

    assert difference(0.0142) < 0 < difference(0.0143)


@pytest.mark.parametrize("name", ["matrix_rate", "best_matrix_rate", "best_matrix_rate/rate", "top_pruning/least"])
def test_what_is_best_of_more_leaves_less_somewhere(name: str) -> None:
    """That the smaller choice suffices is false: the two sides are not equal, in exact numbers."""
    question = Question(claim(name))
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(12):
        cell = question.space.random_cell(rng, BITS)
        found = question.replay(cell, question.space.random_codes(cell, 1, rng)[0].tolist())
        gaps += [ends(found.rhs[0])[0] - ends(found.lhs[0])[1]] if found.lhs else []
    assert max(gaps) > 0
