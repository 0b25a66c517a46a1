"""The study on non-convex risks: its exact instance, its parts add up, its controls, where it runs, and its command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import numerics as nx
from numerics.bilevel import outer_objective
from numerics.smooth.quadratic_runs import QuadraticRuns, flips
from verify.simulation.nonconvex import main
from verify.simulation.nonconvex_bounds import BOUNDS, ratios, steps_and_bounds
from verify.simulation.nonconvex_families import FAMILIES, landmarks, lowest, mean_step, objective, settled, sines
from verify.simulation.nonconvex_jobs import Job
from verify.simulation.nonconvex_reference import best_training_rates, curves, price, reference, reference_flips
from verify.simulation.nonconvex_study import band, best_rates, charged_ratio, jobs_of, log_ratio, run, takes_the_lead

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")
SMALL = {"rates": (0.0, 0.5), "updates": (5, 20), "test_steps": (0, 2), "runs": 40, "steps": 5}


def bowls(runs: QuadraticRuns) -> nx.PiecewiseQuadratic:
    q = runs.curvatures
    return nx.PiecewiseQuadratic(runs.weights, np.empty((len(q), 0)), q[:, None], -q * runs.optima)


@pytest.mark.parametrize("deployed", [0.6, 0.2])
@pytest.mark.parametrize("adapts", [False, True])
def test_exact_moments_are_those_of_simulated_runs(adapts: bool, deployed: float) -> None:
    exact = replace(reference(5), deployed=deployed)
    rate, updates, runs = 0.4, 12, 6000
    algorithm = nx.Sampling(nx.MAML(0.6) if adapts else nx.DRS(), nx.Oracle(nx.Rademacher(1.0)), batch=5, calls=2)
    theta = nx.meta_train(bowls(exact), algorithm, [-3.0], updates=updates, rates=rate, runs=runs, seed=2).theta[:, 0, 0]
    risks = objective(bowls(exact), nx.MAML(deployed), theta)
    least = lowest(replace(sines(), losses=bowls(exact)), nx.MAML(deployed))[1]
    expected = exact.excess(adapts, np.array([rate]), -3.0, updates)[0, -1]
    assert abs(risks.mean() - least - expected) <= 5 * risks.std() / np.sqrt(runs)


def test_the_leader_changes_once_from_the_left_and_never_from_joint_trainings_optimum() -> None:
    assert [reference_flips(batch) for batch in (1, 5, 20)] == [[103], [21], [15]]
    joint, meta = curves(5, reference(5).optimum(False), 300)
    assert np.all(meta < joint)
    joint, meta = curves(5, 3.0, 300)
    assert joint[199] < meta[199]
    assert joint.min() < reference(5).modeling_error()


@pytest.mark.parametrize("curvature", [0.2, 0.7])
def test_without_a_modeling_error_joint_training_leads_at_every_budget(curvature: float) -> None:
    runs = QuadraticRuns(np.full(2, curvature), np.array([1.0, -0.5]), np.full(2, 0.5), 0.6, 1.0, 5, 2)
    assert runs.modeling_error() == pytest.approx(0, abs=1e-15)
    joint, meta = (runs.excess(adapts, np.geomspace(0.003, 3, 40), -3.0, 500).min(axis=0) for adapts in (False, True))
    assert flips(joint[10:], meta[10:]) == []
    assert np.all(joint[10:] <= meta[10:] * (1 + 1e-9))


def test_the_best_rate_to_train_with_grows_from_zero_to_the_deployed_one() -> None:
    best = best_training_rates(5, -3.0, 1500, np.linspace(0, 0.6, 13))
    assert best[0] == 0
    assert best[-1] == pytest.approx(0.6)
    assert np.all(np.diff(best[best.argmax() - 1 :]) >= -0.05 - 1e-12)


def test_parts_add_up_and_a_rate_of_zero_is_half_the_batch() -> None:
    jobs = jobs_of(["sines", "welsch"], [2], [2], **SMALL)
    result = run(jobs, workers=1)
    assert dict(result.sizes) == {
        "family": 2, "M": 1, "N": 1, "a": 2, "update": 2, "algorithm": 2, "run": 20, "test_step": 2, "part": 3, "half": 2,
    }  # fmt: skip
    assert np.allclose(result["parts"].sum("part"), result["excess"].mean("run"), atol=1e-12)
    assert np.allclose(result["parts"].sel(algorithm="meta", part="modeling"), 0, atol=1e-12)
    xarray.testing.assert_identical(run(jobs, workers=2), result)
    # without adaptation the objectives are one, and so are basin and modeling error
    still = result["parts"].sel(a=0.0, part=["basin", "modeling"])
    assert np.allclose(still.sel(algorithm="joint"), still.sel(algorithm="meta"), atol=1e-9)
    # and no step on a fresh task changes anything at rate 0
    none = result["tested"].sel(a=0.0)
    assert np.array_equal(none.sel(test_step=0), none.sel(test_step=2))
    low, high = band(result, resamples=50)
    assert np.all(low <= high)
    assert np.mean((low <= log_ratio(result["excess"].values)) & (log_ratio(result["excess"].values) <= high)) > 0.9
    picked, below, above = best_rates(result["fixed"].sel(half="choosing", family="sines", M=2, N=2).values, result.a.values)
    assert np.all((below <= picked) & (picked <= above))


def test_an_interrupted_study_goes_on_and_another_grid_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "jobs.zarr"
    jobs = jobs_of(["sines"], [1], [1, 2], **SMALL)
    run(jobs[:1], workers=1, store=store)
    seen: list[int] = []
    together = run(jobs, workers=1, store=store, done=lambda finished, _: seen.append(finished))
    assert seen == [1, 2]
    xarray.testing.assert_identical(together, run(jobs, workers=1))
    with pytest.raises(ValueError, match="holds seed = 0, not 1; a study goes on with the same grid only"):
        run(jobs_of(["sines"], [1], [1, 2], **SMALL, seed=1), store=store)


def test_a_job_is_the_same_on_a_cluster() -> None:
    distributed = pytest.importorskip("distributed")
    jobs = jobs_of(["sines"], [1], [1], **SMALL)
    with distributed.LocalCluster(1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None) as cluster:
        far = run(jobs, scheduler=cluster.scheduler_address)
    xarray.testing.assert_identical(far, run(jobs, workers=1))


@pytest.mark.parametrize("family", ["sines", "welsch", "logistic"])
def test_global_minima_are_below_random_points_and_flows_end_where_the_slope_is_small(family: str) -> None:
    setting = FAMILIES[family]()
    losses, rule = setting.losses, nx.MAML(0.3)
    point, least = lowest(setting, rule)
    assert float(objective(losses, rule, point)) == pytest.approx(least)
    cloud = np.random.default_rng(0).uniform(-setting.reach, setting.reach, (2000, losses.dimension))
    assert objective(losses, rule, cloud).min() >= least - 1e-12
    end = settled(losses, rule, setting.start)
    assert np.abs(mean_step(losses, rule, end)).max() < 1e-6
    assert float(objective(losses, rule, end)) <= float(objective(losses, rule, setting.start))


@pytest.mark.parametrize(("family", "a"), [("sines", 0.3), ("sines", 1.8), ("welsch", 0.5)])
def test_the_price_of_joint_training_holds_where_its_flow_ends(family: str, a: float) -> None:
    found = landmarks(family, 0.0, a)
    assert 0 < found.slope <= price(a, FAMILIES[family]().losses.dimension) * found.slopes


def test_measured_sums_stay_below_the_bounds_derived_here() -> None:
    found = ratios(sines().losses, 2.0, (5, 30), 1.0, runs=60)
    means = found.mean("run") + 2 * found.std("run") / np.sqrt(60)
    assert float(means.sel(bound=[name for name in BOUNDS if not name.startswith("gao_sener")]).max()) < 1


@pytest.mark.parametrize("batch", [1, 5])
def test_the_bounds_that_are_drawn_are_those_written_out_by_hand(batch: int) -> None:
    losses, count, variance, a = sines().losses, 30, 1.5, 1 / 6
    found = losses.constants(nx.Oracle(nx.Rademacher(variance)))
    L, G, rough, spread = found.L, found.G, found.L_H, float(found.V_t)
    alpha, rho, noise = a / L, 1 + a, np.sqrt(variance)
    line = np.linspace(-20, 20, 20001)[:, None, None]
    joint, meta = nx.DRS(), nx.MAML(alpha)
    (gap, least), (deep, floor) = (
        (float(outer_objective(losses, rule, [2.0])), float((rule.adapted_value(losses, line) @ losses.weights).min()))
        for rule in (joint, meta)
    )
    smooth = rho**2 * L + alpha * (rough * G - L**2 / 2)
    bias = rho**2 * G * min(a * noise, alpha**2 * rough * variance / 2)
    plain = L * (G**2 + variance / (2 * batch)) * count
    better = L * (spread + variance / 2) / batch * count
    all_calls = smooth * rho**2 * (G**2 + variance) * count
    aware = smooth * rho**2 * (G**2 + variance / batch) * count
    near = min(alpha * noise, L / rough)
    drift = rho * (rough * near**2 / 2 + L * (alpha * noise - near))
    terms = smooth * (rho**2 * G**2 + rho**2 * (1 + a**2) * variance) / batch * count
    small = min(1 / smooth, np.sqrt(2 * deep / terms))
    printed_1 = plain + L * spread / batch * count
    inside = (2 + 40 / batch) * rho**2 * G**2 + 14 * spread / batch + 3 * variance * (1 + a**2 * batch) / batch
    printed_2 = (4 * L + 2 * rough * alpha * G) * inside * count
    by_hand = {
        "descent_sum": (np.sqrt(2 * gap / plain), np.sqrt(2 * gap * plain)),
        "descent_sum_spread": (
            2 / (L + np.sqrt(L**2 + 2 * better / gap)),
            L * gap + np.sqrt((L * gap) ** 2 + 2 * gap * better),
        ),
        "gao_sener_theorem_1": (np.sqrt(2 * gap / plain), np.sqrt((found.Delta + least) / 2 * printed_1)),
        "meta_descent_sum": (np.sqrt(2 * deep / all_calls), count * bias + np.sqrt(2 * deep * all_calls)),
        "meta_descent_sum_tasks": (np.sqrt(2 * deep / aware), count * bias + np.sqrt(2 * deep * aware)),
        "meta_descent_sum_floor": (small, 2 * deep / small + count * drift**2 + small * terms),
        "gao_sener_theorem_2": (
            np.sqrt(2 * deep / all_calls),
            count * a * rho**2 * G * noise + np.sqrt((found.Delta + floor + alpha * G**2) / 2 * printed_2),
        ),
    }
    drawn = steps_and_bounds(losses, 2.0, count, variance, a, batch)
    assert tuple(by_hand) == BOUNDS
    for (name, expected), (rule, *measured) in zip(by_hand.items(), drawn, strict=True):
        assert measured == pytest.approx(expected, rel=1e-9), name
        assert isinstance(rule, nx.MAML) == name.startswith(("meta", "gao_sener_theorem_2"))


def test_a_charge_that_no_budget_pays_tells_nothing() -> None:
    assert np.isnan(takes_the_lead(np.array([10.0, 20.0]), np.array([np.nan, np.nan])))
    assert takes_the_lead(np.array([10.0, 20.0]), np.array([np.nan, 1.0])) == 0


def test_charged_budgets_shift_what_adapts() -> None:
    """Twice the calls for an update are half as many updates."""
    result = run(jobs_of(["welsch"], [2], [2], **(SMALL | {"updates": (4, 8, 16)})), workers=1)
    plain, charged = log_ratio(result["excess"].values), charged_ratio(result, 2)
    means = np.log10(result["excess"].mean("run").transpose("family", "M", "N", "a", "update", "algorithm").values)
    assert np.allclose(charged_ratio(result, 0), plain)
    assert np.isnan(charged[..., 0]).all()
    assert np.allclose(charged[..., 1:], means[..., 1:, 0] - means[..., :-1, 1])


def test_the_step_of_the_theorem_pays_more_than_the_validated_one() -> None:
    result = Job("welsch", 5, 5, **SMALL).run()
    assert float(result["theorem"].mean()) > float(result["excess"].mean())


def test_the_command_prints_the_flips_and_writes_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--flips"]) == 0
    assert "M = 1: 103" in capsys.readouterr().out
    folder = tmp_path / "out"
    small = ["--families", "sines", "--batches", "1", "--calls", "1,2", "--rates", "0,0.5", "--updates", "3,6", "--runs", "8"]
    assert main([*small, "--out", str(folder)]) == 0
    pictures = {"flip.png", "parts.png", "rates.png", "bounds.png"}
    assert {path.name for path in folder.glob("*.*")} == {*pictures, "study.nc", "bounds.nc", "jobs.zarr"}
    assert "T_te = 20" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--runs", "2"], "--runs is 2"),
        (["--runs", "7"], "--runs is 7"),
        (["--families", "sines,cosines"], "--families has 'cosines'; it must be of sines, welsch, logistic"),
        (["--variance", "-1"], "--variance is -1.0"),
        (["--rates", "0.3,0.1"], "--rates is 0.3,0.1; it must increase"),
        (["--updates", "0,5"], "--updates is 0,5"),
        (["--test-steps", "-1"], "--test-steps is -1"),
        (["--batches", "0"], "--batches has 0"),
        (["--calls", "2,2"], "--calls is 2,2"),
        (["--jobs", "0"], "--jobs is 0"),
        (["--scheduler", "nowhere"], "no Dask scheduler answers"),
    ],
)
def test_bad_options_get_a_sentence(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
