"""The study on non-convex risks: its exact instance, its parts add up, its controls, and its command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import numerics as nx
from numerics.smooth.quadratic_runs import QuadraticRuns
from verify.simulation.nonconvex import main
from verify.simulation.nonconvex_bounds import ratios
from verify.simulation.nonconvex_study import Grid, lowest, objective, reference, reference_curves, reference_flips, run, waves


def bowls(runs: QuadraticRuns) -> nx.PiecewiseQuadratic:
    q = runs.curvatures
    return nx.PiecewiseQuadratic(runs.weights, np.empty((len(q), 0)), q[:, None], -q * runs.optima)


@pytest.mark.parametrize("adapts", [False, True])
def test_exact_moments_are_those_of_simulated_runs(adapts: bool) -> None:
    exact = reference(5)
    rate, updates, runs = 0.4, 12, 6000
    algorithm = nx.Sampling(nx.MAML(0.6) if adapts else nx.DRS(), nx.Oracle(nx.Rademacher(1.0)), batch=5, calls=2)
    theta = nx.meta_train(bowls(exact), algorithm, [-3.0], updates=updates, rates=rate, runs=runs, seed=2).theta[:, 0, 0, 0]
    weight = exact.weights @ (exact.curvatures * (1 - 0.6 * exact.curvatures) ** 2)
    excess = 0.5 * weight * (theta - exact.optimum(True)) ** 2
    expected = exact.excess(adapts, np.array([rate]), -3.0, updates)[0, -1]
    assert abs(excess.mean() - expected) <= 5 * excess.std() / np.sqrt(runs)


def test_the_leader_changes_once_from_the_left_and_never_from_joint_trainings_optimum() -> None:
    assert [reference_flips(batch) for batch in (1, 5, 20)] == [[103], [21], [15]]
    joint, meta = reference_curves(5, reference(5).optimum(False), 300)
    assert np.all(meta < joint)
    joint, meta = reference_curves(5, 3.0, 300)
    assert joint[199] < meta[199]
    assert joint.min() < reference(5).modeling_error()


def test_parts_add_up_and_a_rate_of_zero_is_half_the_batch() -> None:
    grid = Grid((2,), (2,), (0.0, 0.5), (5, 20), runs=40, steps=5)
    result = run(grid, workers=1)
    assert np.allclose(result["parts"].sum("part"), result["excess"].mean("run"), atol=1e-12)
    assert np.allclose(result["parts"].sel(algorithm="meta", part="modeling"), 0, atol=1e-12)
    again = run(grid, workers=2)
    assert np.array_equal(result["excess"], again["excess"])
    # without adaptation the objectives are one, and so are basin and modeling error
    still = result["parts"].sel(a=0.0, part=["basin", "modeling"])
    assert np.allclose(still.sel(algorithm="joint"), still.sel(algorithm="meta"), atol=1e-9)


def test_global_minima_are_below_random_points() -> None:
    losses = waves()
    rule = nx.MAML(0.3)
    point, least = lowest(losses, rule, -8.0, 8.0)
    assert objective(losses, rule, np.array([point]))[0] == pytest.approx(least)
    assert objective(losses, rule, np.random.default_rng(0).uniform(-8, 8, 2000)).min() >= least - 1e-12


def test_measured_sums_stay_below_the_bounds_derived_here() -> None:
    found = ratios(waves(), 2.0, (5, 30), 1.0, runs=60)
    means = found.mean("run") + 2 * found.std("run") / np.sqrt(60)
    assert float(means.sel(bound=["N3", "N3+", "N4", "N4'"]).max()) < 1


def test_the_command_prints_the_flips_and_writes_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--flips"]) == 0
    assert "M = 1: 103" in capsys.readouterr().out
    folder = tmp_path / "out"
    small = ["--batches", "1", "--calls", "1,2", "--rates", "0,0.5", "--updates", "3,6", "--runs", "8"]
    assert main([*small, "--out", str(folder)]) == 0
    pictures = {"flip.png", "parts.png", "rates.png", "bounds.png"}
    assert {path.name for path in folder.glob("*.*")} == {*pictures, "study.nc", "bounds.nc"}
    assert main(["--runs", "2", "--out", str(folder)]) == 2
    assert "--runs is 2" in capsys.readouterr().err
