"""The benchmarks compare things that agree, and say in one sentence what they lack."""

import doctest
import sys

import numpy as np
import pytest

import numerics as nx
from benchmarks import coverage, hypergradient, intervals, judging, machine, meta_gradient, phase, related, table
from numerics.kernels.estimator_scalar import scalar_estimates
from verify.simulation.budget import Budget, leading_order
from verify.simulation.moment_estimates import Splits


def test_judging_measures_three_ways(monkeypatch):
    monkeypatch.setattr(judging, "SIZES", ((2, 3, 2),))
    measured = judging.measure(rounds=1)
    (row,) = measured.rows
    assert len(row) == len(measured.header)
    assert all(float(cell.replace(",", "")) > 0 for cell in row)


def test_claims_about_numbers_are_judged_three_ways(monkeypatch):
    monkeypatch.setattr(judging, "NUMBERS_ALONE", ("distance/core",))
    measured = judging.numbers_alone(rounds=1)
    (row,) = measured.rows
    assert len(row) == len(measured.header)
    assert all(float(cell.replace(",", "")) > 0 for cell in row[1:])


def test_mechanisms_are_timed_where_both_sides_agree(monkeypatch):
    line = related.Line("sum", lambda: 3.0, lambda: 1.0 + 2.0, "by hand", lambda a, b: abs(a - b), parts=2)
    monkeypatch.setattr(related, "LINES", {"sum": lambda: line})
    (row,) = related.measure(("sum",), rounds=1).rows
    assert (row[0], row[2]) == ("sum", "by hand")
    wrong = related.Line("sum", lambda: 3.0, lambda: 4.0, "by hand", lambda a, b: abs(a - b))
    monkeypatch.setattr(related, "LINES", {"sum": lambda: wrong})
    with pytest.raises(ArithmeticError, match="sum: both sides differ, by 1"):
        related.measure(("sum",), rounds=1)


def test_a_missing_jax_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(SystemExit, match=r"jax, which is not installed; install the extra: pip install -e '\.\[bench\]'\.$"):
        hypergradient.by_autodiff(hypergradient.tasks(2, 3), 1, np.ones(2))


def test_meta_gradients_are_timed_against_autodiff_and_solves(monkeypatch):
    pytest.importorskip("jax")
    monkeypatch.setattr(meta_gradient, "SIZES", ((2, 1),))
    (row,) = meta_gradient.measure(threads=1, rounds=1).rows
    assert len(row) == 9
    assert all(float(cell.replace(",", "")) > 0 for cell in row[3:])


def test_a_process_is_confined_to_processors_that_exist():
    with machine.confined(1), pytest.raises(ValueError, match="threads is 2; it must be between 1 and 1"):
        machine.confined(2).__enter__()
    with pytest.raises(ValueError, match="threads is 0; it must be between 1"):
        machine.confined(0).__enter__()


def test_tables_are_as_documented():
    assert doctest.testmod(table).failed == 0


def test_the_loops_find_what_the_simulation_finds():
    """The plain program's estimates from data are the kernel's from their statistics."""
    samples, rng = 3, np.random.default_rng(0)
    data = phase.materialised_tasks(rng, 5, samples, 2.0)
    joint, adapted = phase.looped_estimates(data, samples)
    halves = [[(x[part], y[part]) for x, y in data] for part in (slice(samples), slice(samples, None))]
    scatters = np.array([[[x @ x / samples for x, y in half]] for half in halves])
    moments = np.array([[[x @ y / samples for x, y in half]] for half in halves])
    ones, drs, maml = np.ones((1, 5)), np.empty((1, 1)), np.empty((1, 1, len(phase.RATES)))
    # optima of zero and unit curvature and noise leave the moment to the normal variate
    normals = moments / np.sqrt(scatters / samples)
    scalar_estimates(ones, 0 * ones, ones, scatters, normals, samples, np.array([5]), phase.RATES, drs, maml)
    np.testing.assert_allclose([joint, *adapted], [drs[0, 0], *maml[0, 0]], rtol=1e-12)


def test_the_loops_losses_have_the_exact_ones_as_means(monkeypatch):
    monkeypatch.setattr(phase, "RATES", np.array([0.0, 0.2]))
    theta, samples, rng = 1.3, 2, np.random.default_rng(1)
    runs = []
    for _ in range(20):
        tasks = phase.materialised_tasks(rng, 200, samples, 2.0)
        runs.append(phase.looped_losses((theta, [theta, theta]), tasks, samples))
    found = np.array(runs).reshape(20, 2, 2, 2)
    np.testing.assert_array_equal(found[:, :, 0], found[:, :, 1])
    law = nx.SpectrumTiedTasks()
    for a, rate in enumerate(phase.RATES):
        # the noise: E[sigma^2] / 2, and rate^2 E[sigma^2 Q^2] / (2 N) of the inner step
        noise = 0.5, 0.5 + rate**2 * (4 / 3) / (2 * samples)
        for stage, rule in enumerate((nx.DRS(), nx.MAML(rate, inner_samples=samples))):
            gaps = found[:, a, 0, stage] - nx.reducible_risk(law, rule, [theta]) - noise[stage]
            assert abs(gaps.mean()) < 4 * gaps.std() / np.sqrt(20)
            assert gaps.std() < 0.5


def test_the_growth_of_the_cost_is_plotted(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(phase, "growths", lambda: {"p": ((1, 2, 4), [1e-3, 2e-3, 8e-3]), "M": ((1, 9), [1.0, 9.0])})
    drawn = phase.growth(tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    assert drawn.rows[0][2:] == ("1.00, 2.00", "8")
    assert "](growth.png)" in drawn.markdown()


def test_cells_of_the_coverage_of_bounds_are_consistent():
    found = list(coverage.cells(1, [5], [10, 60], datasets=500))
    assert {(cell.method, cell.num_tasks, cell.delta) for cell in found} == {
        (method, size, delta) for method in ("joint", "MAML") for size in (10, 60) for delta in coverage.DELTAS
    }
    for cell in found:
        assert cell.median < cell.quantile
        for bound, count in zip(cell.bounds, cell.exceedances, strict=True):
            assert bound > cell.quantile
            assert coverage.interval(count, cell.datasets)[0] <= cell.delta
    text = coverage.page(found)
    assert text.count("M too small") == 1 + sum(bound == np.inf for cell in found for bound in cell.bounds)
    assert "is exceeded significantly more often than delta in\n  0 of them" in text


def test_the_law_of_the_coverage_of_intervals_is_that_of_its_data():
    """The truth by Gauss nodes is what many tasks' splits estimate."""
    data = intervals.data(np.random.default_rng(3), 6000, 20)
    found = Splits.of(data, 10, intervals.RATE, seed=0, count=4).leading_order(np.full(6000, 1 / 6000))
    expected = leading_order(intervals.law(), Budget(intervals.NUM_TASKS, 10, intervals.RATE))[:3]
    np.testing.assert_allclose(found, expected, rtol=0.12)
    modeling, meta, joint_risk, meta_risk, gain, crossing = intervals.told(expected)
    assert gain == joint_risk - meta_risk
    assert modeling + expected[1] / crossing == pytest.approx(meta / crossing)


def test_every_way_to_make_intervals_is_asked():
    found = intervals.coverage(11, 4, trials=2, resamples=20)
    assert set(found) == set(intervals.WAYS)
    for held, widths in found.values():
        assert set(held) <= {0.0, 0.5, 1.0}
        assert (widths > 0).all()
    assert (found["hull, used"][1][:4] >= found["expanded percentiles"][1][:4]).all()
