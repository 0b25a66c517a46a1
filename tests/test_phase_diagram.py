"""The phase diagram: fractions, quantiles and means are those of the estimates under exact losses; a killed or continued run
gives the bits of one uninterrupted run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics.estimators import estimates
from numerics.expected_losses import ExpectedLosses
from numerics.kernels.order_statistics import summaries
from numerics.phase import phase_diagram

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")

GRID = {"num_tasks": [2, 5, 9], "samples": [2, 6], "alphas": [0.0, 0.25, 0.75]}


def two_tasks(p, features="gaussian"):
    rng = np.random.default_rng(7)
    half = rng.standard_normal((2, p, p)) / np.sqrt(p)
    return nx.DiscreteTasks([0.3, 0.7], half @ half.swapaxes(1, 2), rng.standard_normal((2, p)), [0.1, 0.5], features=features)


def named(tasks):
    return f"{type(tasks).__name__}-{tasks.dimension}"


@pytest.mark.parametrize("tasks", [nx.SpectrumTiedTasks(1), nx.SpectrumTiedTasks(3), two_tasks(2, "sphere")], ids=named)
def test_diagram_of_independent_cells_counts_the_wins_of_the_estimates(tasks):
    diagram = phase_diagram(tasks, **GRID, datasets=12, seed=3, nested=False)
    for num_tasks in GRID["num_tasks"]:
        for samples in GRID["samples"]:
            drs, maml = estimates(tasks, num_tasks, samples, GRID["alphas"], 12, seed=3)
            for a, rate in enumerate(GRID["alphas"]):
                pairs = list(zip(drs, maml[:, a], strict=True))
                for stage, rule in (("pre", nx.DRS()), ("post", nx.MAML(rate, inner_samples=samples))):
                    risks = np.array([[nx.reducible_risk(tasks, rule, theta) for theta in both] for both in pairs])
                    cell = {"M": num_tasks, "N": samples, "alpha": rate}
                    gaps = np.abs(risks[:, 1] - risks[:, 0])
                    wins = np.mean(risks[:, 1] < risks[:, 0])
                    # a comparison that rounding could turn is one data set
                    assert abs(float(diagram[stage].sel(cell)) - wins) <= np.mean(gaps < 1e-11 * risks[:, 0]) + 1e-12
                    least = float(diagram.least_loss.sel(stage=stage, N=samples, alpha=rate))
                    for m, method in enumerate(("drs", "maml")):
                        excess = risks[:, m] - least
                        at = {**cell, "stage": stage, "estimator": method}
                        np.testing.assert_allclose(diagram.excess_mean.sel(at), excess.mean(), rtol=1e-9, atol=1e-10)
                        np.testing.assert_allclose(
                            diagram.excess_quantile.sel(at),
                            np.quantile(excess, diagram.coords["quantile"]),
                            rtol=1e-9,
                            atol=1e-10,
                        )


@pytest.mark.parametrize("p", [1, 3])
def test_nested_diagram_has_the_independent_cells_fractions_in_law(p):
    tasks, datasets = nx.SpectrumTiedTasks(p), 2000
    nested, apart = (phase_diagram(tasks, **GRID, datasets=datasets, seed=1, nested=nested) for nested in (True, False))
    for stage in ("pre", "post"):
        # 2 stages x 2 dimensions x 18 cells at 4.3 standard deviations: a false alarm in a thousand
        spread = np.sqrt(0.5 / datasets)
        assert float(np.abs(nested[stage] - apart[stage]).max()) < 4.3 * spread


def test_nested_estimates_for_fewer_tasks_are_those_of_the_first_tasks():
    whole = phase_diagram(nx.SpectrumTiedTasks(2), [3, 9], [4], [0.3], datasets=50, seed=2)
    last = phase_diagram(nx.SpectrumTiedTasks(2), [9], [4], [0.3], datasets=50, seed=2)
    xarray.testing.assert_equal(whole.sel(M=[9]), last)


@pytest.mark.parametrize("tasks", [nx.SpectrumTiedTasks(1), two_tasks(3)], ids=named)
@pytest.mark.parametrize("nested", [True, False])
def test_bits_depend_neither_on_workers_nor_on_where_results_are_kept(tmp_path, tasks, nested):
    runs = [phase_diagram(tasks, **GRID, datasets=700, seed=4, nested=nested, workers=workers) for workers in (1, 2, 3)]
    runs.append(phase_diagram(tasks, **GRID, datasets=700, seed=4, nested=nested, store=tmp_path / "kept"))
    runs.append(xarray.open_zarr(tmp_path / "kept", group="summary", consolidated=False).load())
    for run in runs[1:]:
        xarray.testing.assert_identical(run, runs[0])


@pytest.mark.parametrize("tasks", [nx.SpectrumTiedTasks(1), two_tasks(2)], ids=named)
@settings(max_examples=3, deadline=None)
@given(counts=st.lists(st.integers(1, 700), min_size=2, max_size=3))
def test_appending_equals_one_longer_run(tmp_path_factory, tasks, counts):
    store = tmp_path_factory.mktemp("appended")
    for datasets in np.cumsum(counts):
        diagram = phase_diagram(tasks, **GRID, datasets=int(datasets), seed=5, store=store)
    xarray.testing.assert_identical(diagram, phase_diagram(tasks, **GRID, datasets=sum(counts), seed=5))
    fewer = phase_diagram(tasks, **GRID, datasets=counts[0], seed=5, store=store)
    xarray.testing.assert_identical(fewer, phase_diagram(tasks, **GRID, datasets=counts[0], seed=5))


def test_an_interrupted_run_resumes(tmp_path):
    seen = []

    def interrupting(progress):
        seen.append(progress.done)
        if len(seen) == 7:
            raise KeyboardInterrupt

    tasks = nx.SpectrumTiedTasks(1)
    with pytest.raises(KeyboardInterrupt):
        phase_diagram(tasks, **GRID, datasets=1250, seed=6, store=tmp_path, progress=interrupting)
    rest = []
    diagram = phase_diagram(tasks, **GRID, datasets=1250, seed=6, store=tmp_path, progress=rest.append)
    assert rest[-1].done == rest[-1].total < 2 * 1250, "the first cell was complete, and must not be computed again"
    xarray.testing.assert_identical(diagram, phase_diagram(tasks, **GRID, datasets=1250, seed=6))


def test_a_killed_run_resumes(tmp_path):
    """The process is killed outright, at no chosen moment, until a run gets through."""
    program = (
        "import sys, numerics as nx; from numerics.phase import phase_diagram\n"
        "phase_diagram(nx.SpectrumTiedTasks(2), [50, 400], [3, 10, 30], [0.1, 0.5], 1500, 8, store=sys.argv[1], workers=1)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(nx.__file__).parents[1])}
    killed = 0
    for wait in (0.3, 0.6):
        run = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "store")], env=environment)
        started = time.monotonic()
        while (
            run.poll() is None and not list((tmp_path / "store").glob("cells/*/excess/c")) and time.monotonic() - started < 60
        ):
            time.sleep(0.01)
        time.sleep(wait)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            killed += 1
        run.wait()
    assert killed > 0
    arguments = (nx.SpectrumTiedTasks(2), [50, 400], [3, 10, 30], [0.1, 0.5], 1500, 8)
    xarray.testing.assert_identical(phase_diagram(*arguments, store=tmp_path / "store"), phase_diagram(*arguments))


def test_undefined_estimates_are_counted_and_left_out():
    diagram = phase_diagram(nx.SpectrumTiedTasks(5), [2, 4, 6], [1], [0.3], datasets=30, seed=0)
    assert diagram.undefined.sel(N=1, alpha=0.3, estimator="drs").values.tolist() == [30, 0, 0]
    assert diagram.undefined.sel(N=1, alpha=0.3, estimator="maml").values.tolist() == [30, 30, 0]
    assert diagram.compared.values.ravel().tolist() == [0, 0, 30]
    assert np.isnan(diagram.pre.sel(M=[2, 4])).all()
    assert np.isfinite(diagram.pre.sel(M=6)).all()
    assert np.isfinite(diagram.excess_quantile.sel(M=4, estimator="drs")).all()
    assert np.isnan(diagram.excess_mean.sel(M=4, estimator="maml")).all()


def test_progress_counts_up_to_the_total():
    seen = []
    phase_diagram(nx.SpectrumTiedTasks(2), **GRID, datasets=2100, seed=0, progress=seen.append)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert seen[-1].done == seen[-1].total == 2 * 2100
    assert seen[-1].remaining == 0
    assert all(step.remaining >= 0 and step.elapsed > 0 for step in seen)


def test_results_say_what_made_them():
    diagram = phase_diagram(two_tasks(2), 3, 4, 0.5, datasets=5, seed=11)
    assert diagram.attrs["seed"] == 11
    assert diagram.attrs["datasets"] == 5
    assert diagram.attrs["nested"] == 1
    assert diagram.attrs["alphas"] == [0.5]
    assert any(version.startswith("numpy ") for version in diagram.attrs["versions"])
    other = phase_diagram(two_tasks(3), 3, 4, 0.5, datasets=5, seed=11)
    assert other.attrs["sha256"] != diagram.attrs["sha256"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(0, 1e300) | st.sampled_from([0.0, -0.0, 1.0, np.nan, -np.nan, np.inf]), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=5, unique=True),
)
def test_summaries_are_those_of_sorted_numbers(values, levels):
    levels = np.sort(levels)
    out, means, counts = np.empty((1, len(levels))), np.empty(1), np.empty(1, dtype=np.int64)
    summaries(np.array([values]), levels, out, means, counts)
    known = np.sort([value for value in values if value == value])
    assert counts == len(known)
    if not len(known):
        assert np.isnan(out).all()
        assert np.isnan(means)
        return
    np.testing.assert_allclose(means, known.mean(), rtol=1e-12)
    positions = levels * (len(known) - 1)
    low, high = known[np.floor(positions).astype(int)], known[np.ceil(positions).astype(int)]
    inside = np.isfinite(high)
    expected = low[inside] + (positions - np.floor(positions))[inside] * (high[inside] - low[inside])
    np.testing.assert_allclose(out[0][inside], expected, rtol=1e-12)


@pytest.mark.parametrize("p", [1, 2, 4])
@pytest.mark.parametrize("features", ["gaussian", "sphere", "student_t"])
def test_expected_losses_are_the_executed_rules_risks(p, features):
    rng = np.random.default_rng(p)
    rates = np.array([-0.4, 0.0, 0.3, 1.1])
    for tasks in (two_tasks(p, features), nx.SpectrumTiedTasks(p, 3.0, features)):
        weights, centres, minima = (losses := ExpectedLosses(tasks, rates)).quadratics(4)
        theta = rng.standard_normal((1, 1, p))
        out = np.empty((2, 2, 1, len(rates), 1))
        losses.excess(theta, np.broadcast_to(theta[:, :, None], (1, 1, len(rates), p)).copy(), weights, centres, out)
        np.testing.assert_array_equal(out[:, 0], out[:, 1])
        for a, rate in enumerate(rates):
            after = nx.reducible_risk(tasks, nx.MAML(rate, inner_samples=4), theta[0, 0])
            np.testing.assert_allclose(out[1, 0, 0, a, 0] + minima[a + 1], after, rtol=1e-10)
            np.testing.assert_allclose(
                out[0, 0, 0, a, 0] + minima[0], nx.reducible_risk(tasks, nx.DRS(), theta[0, 0]), rtol=1e-10
            )


def test_tasks_without_curvature_in_a_direction_still_have_losses():
    flat = nx.DiscreteTasks([1.0], [[[1.0, 0.0], [0.0, 0.0]]], [[1.0, 5.0]])
    _, centres, minima = ExpectedLosses(flat, np.array([0.5])).quadratics(2)
    np.testing.assert_allclose(centres[:, 0], 1.0)
    np.testing.assert_allclose(minima, 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_tasks": [5, 2]}, r"num_tasks is \[5, 2\]; it must be a whole number or an increasing sequence of them"),
        ({"samples": []}, r"samples is \[\]; it must be a whole number or an increasing sequence of them"),
        ({"samples": [0]}, "samples is 0; it must be a whole number, at least 1"),
        ({"quantiles": [0.5, 0.2]}, r"quantiles is \[0.5, 0.2\]; it must be an increasing sequence of numbers in \[0, 1\]"),
        ({"datasets": 0}, "datasets is 0; it must be a whole number, at least 1"),
        ({"alphas": [np.inf]}, "alphas is"),
    ],
)
def test_bad_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        phase_diagram(nx.SpectrumTiedTasks(), **{**GRID, "datasets": 2, "seed": 0, **change})


def test_a_store_of_other_parameters_is_refused(tmp_path):
    phase_diagram(nx.SpectrumTiedTasks(), **GRID, datasets=2, seed=0, store=tmp_path / "a")
    with pytest.raises(
        ValueError, match=r"holds seed = 0, not 1; a run resumes or is appended to with the same parameters only"
    ):
        phase_diagram(nx.SpectrumTiedTasks(), **GRID, datasets=2, seed=1, store=tmp_path / "a")
    import zarr

    zarr.open_group(str(tmp_path / "b"), mode="w").create_group("mine")
    with pytest.raises(ValueError, match="a zarr group of something else; it must be new or one of this function's"):
        phase_diagram(nx.SpectrumTiedTasks(), **GRID, datasets=2, seed=1, store=tmp_path / "b")


BITS = """
import hashlib, numpy as np, numerics as nx
factors = np.random.default_rng(0).standard_normal((3, 100, 100)).round(2)
hessians = np.stack([(factor @ factor.T).round(2) / 100 + np.eye(100) for factor in factors])
tasks = nx.DiscreteTasks([0.2, 0.3, 0.5], hessians, factors[:, 0], [0.1, 0.2, 0.3])
found = [nx.population_optimum(tasks, nx.MAML(0.2)), nx.asymptotic_covariance(tasks, nx.DRS(), 5)]
found += nx.estimates(tasks, 4, 50, [0.2], 2, 0)
found.append(nx.phase_diagram(tasks, 4, 50, 0.2, 2, 0).excess_mean.values)
print([hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() for array in found])
"""


def test_no_bit_depends_on_the_number_of_blas_threads():
    runs = [
        subprocess.run(
            [sys.executable, "-c", BITS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        for threads in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != ""
