"""The study on benchmarks: tuning, tests between seeds and their correction, power, resuming, and what the command refuses."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from verify.simulation import benchmark_study, benchmarks, kept_jobs, predicted_winners
from verify.simulation.benchmark_jobs import BenchmarkRun
from verify.simulation.benchmark_study import Benchmark, cells, holm, interval, sensitivity
from verify.simulation.predicted_winners import Row, benchmark_row, tally

ONE = Benchmark("navigation", ("ppo",), {"ppo": (0.1, 0.2, 0.3)}, 0.1, 100, 2, 2, 3, 2, 2, 5, 2)


def results(score: Any) -> dict[BenchmarkRun, dict[str, Any]]:
    """Made-up results of every job of ONE: score(method, rate, seed, look) after every number of updates."""
    seeds = range(ONE.tuning + ONE.seeds)
    jobs = [ONE.job(method, rate, seed) for method, rate in ONE.candidates() for seed in seeds]
    return {job: {"returns": [[score(job.method, job.rate, job.seed, look)] * 6 for look in range(2)]} for job in jobs}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_correction_is_holms(values: list[float]) -> None:
    """By its definition: the ordered tests are passed one after the other, each at the level over those that are left."""
    p_values = np.array(values)
    found = holm(p_values)
    for level in (0.01, 0.05, 0.3):
        order, rejected = np.argsort(p_values, kind="stable"), np.zeros(len(values), dtype=bool)
        for place, index in enumerate(order):
            if p_values[index] * (len(values) - place) > level:
                break
            rejected[index] = True
        assert ((found <= level) == rejected).all()


def test_the_correction_is_that_of_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p_values = np.random.default_rng(0).random(30) ** 3
    np.testing.assert_allclose(holm(p_values), multitest.multipletests(p_values, method="holm")[1])


def test_power_is_what_simulated_tests_have() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(0, 1, 6), rng.normal(2, 3, 6)
    found = sensitivity(one, two, 4)
    gap = abs(one.mean() - two.mean())
    drawn = rng.normal(0, 1, (2, 40_000, 6)) * np.array([one.std(ddof=1), two.std(ddof=1)])[:, None, None]
    p_values = stats.ttest_ind(drawn[0] + gap, drawn[1], equal_var=False, alternative="greater", axis=1).pvalue
    assert np.isclose((p_values <= 0.05 / 4).mean(), found.power, atol=0.02)
    assert found.needed is not None
    none = sensitivity(np.zeros(3), np.zeros(3), 1)
    assert none.needed is None
    assert np.isnan(none.power)


def test_needed_seeds_are_those_that_suffice() -> None:
    one, two = np.array([0.0, 1.0, 2.0, 1.0]), np.array([0.5, 2.0, 1.5, 2.0])
    needed = sensitivity(one, two, 1).needed
    assert needed is not None

    def power(seeds: int) -> float:
        spread = one.var(ddof=1) + two.var(ddof=1)
        freedom = spread**2 / (one.var(ddof=1) ** 2 + two.var(ddof=1) ** 2) * (seeds - 1)
        return float(stats.nct.sf(stats.t.isf(0.05, freedom), freedom, 0.5 / np.sqrt(spread / seeds)))

    assert power(needed) >= 0.8 > power(needed - 1)


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_cells_are_welch_tests_of_every_look_and_update(seed: int) -> None:
    rng = np.random.default_rng(seed)
    joint, meta = rng.normal(0, 1, (4, 2, 3)), rng.normal(1, 2, (4, 2, 3))
    found = cells(joint, meta)
    for look in range(2):
        for update in range(3):
            cell, one, two = found[look][update], joint[:, look, update], meta[:, look, update]
            wanted = stats.ttest_ind(two, one, equal_var=False, alternative="greater").pvalue
            np.testing.assert_allclose([cell.p_meta, cell.p_joint], [wanted, 1 - wanted])
            assert cell.low <= cell.difference <= cell.high
            assert np.isclose(cell.difference, (two - one).mean())
            assert cell.adjusted_meta >= cell.p_meta
    swapped = cells(meta, joint)
    assert np.isclose(swapped[1][2].p_joint, found[1][2].p_meta)
    apart = cells(joint, joint + 100)
    assert apart[0][0].winner == "meta"
    assert cells(joint + 100, joint)[0][0].winner == "joint"
    assert cells(joint, joint)[0][0].winner is None


def test_a_lost_run_is_no_finding() -> None:
    joint, meta = np.zeros((3, 1, 2)), np.ones((3, 1, 2))
    meta[0, 0, 1] = -np.inf
    found = cells(joint, meta)[0]
    assert found[1].winner is None
    assert found[1].p_meta == 1
    assert np.isnan(found[1].low)
    assert found[0].winner == "meta"


def test_intervals_of_few_seeds_cover() -> None:
    """The nominal level within what 400 repetitions show, which plain percentiles of five values miss by ten points."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        values = rng.standard_normal(5)
        drawn = values[rng.integers(0, 5, (400, 5))].mean(axis=1)
        low, high = interval(values, drawn, 0.95)
        hits += low <= 0 <= high
    assert 0.93 <= hits / 400 <= 1


def test_rates_are_chosen_at_each_look_on_seeds_of_their_own() -> None:
    def score(method: str, rate: float, seed: int, look: int) -> float:
        if seed >= ONE.tuning:
            return 1000 * rate  # the others would choose the largest rate
        best = {("DRS+PPO", 0): 0.1, ("DRS+PPO", 1): 0.2, ("ProMP", 0): 0.3, ("ProMP", 1): 0.2}[method, look]
        return -abs(rate - best) + seed

    found = results(score)
    chosen = benchmark_study._chosen(ONE, found)
    assert chosen == {"DRS+PPO": [0.1, 0.2], "ProMP": [0.3, 0.2]}
    duel = benchmark_study.duel(ONE, "ppo", chosen, found)
    np.testing.assert_allclose(duel.values["DRS+PPO"][:, :, 1], [[100, 200]] * 3)
    assert duel.edges == {"DRS+PPO": [True, False], "ProMP": [True, False]}
    assert duel.cells[0][1].difference == pytest.approx(200)
    np.testing.assert_allclose(duel.tuned["DRS+PPO"], np.array([[0.0, 0.1], [0.1, 0.0], [0.2, 0.1]]) * -1 + 0.5)
    # joint training was said to win with the first budget, and ProMP did
    row = benchmark_row(duel)
    assert (row.early, row.late) == ("MAML", "not separated")
    assert (row.verdict(row.early, False), row.verdict(row.late, True)) == ("wrong", "open")


def test_what_suits_a_method_is_chosen_on_the_tuning_seeds_too() -> None:
    """Joint training is best before an update with one rate, and after one with another; seeds to compare on say otherwise."""

    def run(method: str, rate: float, seed: int) -> list[list[float]]:
        if seed >= ONE.tuning:
            return [[100 * rate + 10 * update + 0.1 * (seed - ONE.tuning - 1) for update in range(6)] for _ in range(2)]
        joint = {0.1: [0, 2, 1, 1, 1, 1], 0.2: [3, 1, 1, 1, 1, 1], 0.3: [0] * 6}[rate]
        return [joint, joint] if method == "DRS+PPO" else [[rate, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, rate]]

    seeds = range(ONE.tuning + ONE.seeds)
    jobs = [ONE.job(method, rate, seed) for method, rate in ONE.candidates() for seed in seeds]
    found: dict[BenchmarkRun, dict[str, Any]] = {job: {"returns": run(job.method, job.rate, job.seed)} for job in jobs}
    chosen = benchmark_study._chosen(ONE, found)
    assert chosen["DRS+PPO"] == [0.1, 0.1]
    duel = benchmark_study.duel(ONE, "ppo", chosen, found)
    assert duel.suited == {"DRS+PPO": [(0.2, 0), (0.2, 0)], "ProMP": [(0.3, 0), (0.3, 5)]}
    assert [(cell.joint, cell.meta) for cell in duel.best] == [pytest.approx((20, 30)), pytest.approx((20, 80))]
    assert [cell.winner for cell in duel.best] == ["meta", "meta"]


def test_every_rate_that_is_shown_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: set[tuple[str, float, int]] = set()

    def finished(jobs: list[BenchmarkRun], *_: Any) -> list[dict[str, Any]]:
        ran.update((job.method, job.rate, job.seed) for job in jobs)
        # best before an update with the last rate, and after one with the first
        shift = [[job.rate, -job.rate, -1, -1, -1, -1] for job in jobs]
        return [
            {"returns": [[value + job.seed for value in row]] * 2, "versions": ("one",)}
            for job, row in zip(jobs, shift, strict=True)
        ]

    monkeypatch.setattr(benchmark_study, "finished", finished)
    (duel,) = benchmark_study.study([ONE], tmp_path, 1)
    assert duel.chosen["ProMP"] == [0.1, 0.1]
    assert duel.suited["ProMP"] == [(0.3, 0), (0.3, 0)]
    tested = {(rate, seed) for method, rate, seed in ran if method == "ProMP" and seed >= ONE.tuning}
    assert tested == {(rate, ONE.tuning + seed) for rate in (0.1, 0.3) for seed in range(ONE.seeds)}


def test_predictions_follow_one_rule() -> None:
    rows = [Row("a", True, "joint", "MAML"), Row("b", False, "tie", "MAML"), Row("c", True, None, "tie")]
    assert tally(rows) == {"right": 3, "wrong": 2, "open": 0}


def test_exact_problems_stand_in_the_same_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The pair is known in closed form: at w = .8 and rate 1 MAML's flow stops at a local maximum below joint training."""
    monkeypatch.setattr(predicted_winners, "GRIDS", ())
    monkeypatch.setattr(predicted_winners, "REGULATOR", ())
    found = {row.problem: (row.early, row.late) for row in predicted_winners.exact_rows(tmp_path, 1)}
    assert found == {
        "two-armed pair, w = 0.6, rate 4": ("joint", "MAML"),
        "two-armed pair, w = 0.8, rate 1": ("joint", "joint"),
        "two-armed pair, w = 0.8, rate 4": ("joint", "MAML"),
    }


RUN = BenchmarkRun("navigation", "ProMP", 0.01, 0.1, 3, 1200, 12, 2, 2, 10, 2, 1)
PROGRAM = """
import sys
from pathlib import Path
from verify.simulation.benchmark_jobs import BenchmarkRun
from verify.simulation.kept_jobs import finished
finished([BenchmarkRun("navigation", "ProMP", 0.01, 0.1, 3, 1200, 12, 2, 2, 10, 2, 1)], Path(sys.argv[1]), 1)
"""


def test_a_killed_run_goes_on_within_itself_to_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("torch", exc_type=ImportError)
    whole = RUN.run()
    run = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)])
    part = tmp_path / f"{kept_jobs.name(RUN)}.part.npz"
    while not part.exists() and run.poll() is None:
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert part.exists()
    with np.load(part) as kept:
        begun = len(kept["found"])
    assert 0 < begun < 12
    seen: list[int] = []
    from numerics.reinforcement.benchmarks import training

    with pytest.MonkeyPatch.context() as patch:
        deployed = training.deployed
        patch.setattr(training, "deployed", lambda *given: (seen.append(given[-1]), deployed(*given))[1])
        assert kept_jobs.finished([RUN], tmp_path, 1) == [whole]
    assert seen == list(range(begun, 12))
    assert not part.exists()
    assert kept_jobs.finished([RUN], tmp_path, 1) == [whole]


def test_a_run_depends_on_its_fields_and_on_no_process(tmp_path: Path) -> None:
    pytest.importorskip("torch", exc_type=ImportError)
    jobs = [replace(RUN, method=method, budget=200, looks=1) for method in ("DRS+PPO", "TRPO-MAML")]
    here = [job.run() for job in jobs]
    assert kept_jobs.finished(jobs, tmp_path, 2) == here
    assert here[0]["returns"] != replace(jobs[0], seed=4).run()["returns"]
    # methods of one seed start from one policy, and deployment is the same for both
    starts = [replace(job, budget=1, looks=1, rate=1e-300).run()["returns"] for job in jobs]
    assert starts[0][0][0] == pytest.approx(starts[1][0][0])


def test_a_cluster_does_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The jobs that a scheduler hands out come back in any order; that one answers is tested with sweeps."""
    jobs = [predicted_winners.PairCrossing(weight, 4.0, 2.0) for weight in (0.6, 0.7)]

    def there(given: Any, address: str) -> Any:
        assert address == "tcp://there"
        for job in reversed(given):
            yield job, job.run()

    monkeypatch.setattr(kept_jobs, "on_dask", there)
    assert kept_jobs.finished(jobs, tmp_path, 1, scheduler="tcp://there") == [job.run() for job in jobs]


TOY = ["--steps", "100", "--looks", "2", "--tuning", "1", "--seeds", "2", "--tasks", "2", "--episodes", "2", "--horizon", "5"]
TOY += ["--deployed", "2", "--rates", "0.01", "--environments", "navigation", "--jobs", "1"]


def test_the_command_writes_tables_and_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", exc_type=ImportError)
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(predicted_winners, "GRIDS", ())
    monkeypatch.setattr(predicted_winners, "REGULATOR", ())
    assert benchmarks.main([*TOY, "--pairs", "ppo,trpo", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert (tmp_path / "tables.md").read_text() in text
    assert "two-armed pair, w = 0.6, rate 4" in text
    assert "navigation: DRS+TRPO against TRPO-MAML" in text
    assert "Corrected tests separate" in text
    for figure in ("maps", "curves"):
        assert (tmp_path / f"{figure}.png").read_bytes().startswith(b"\x89PNG")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "jobs").iterdir()}
    assert benchmarks.main([*TOY, "--pairs", "ppo,trpo", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == text
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "jobs").iterdir()} == before
    kept = next(file for file in before if file.name.startswith("BenchmarkRun"))
    kept.write_text(kept.read_text().replace("numpy ", "numpy 0."))
    assert benchmarks.main([*TOY, "--pairs", "ppo,trpo", "--out", str(tmp_path)]) == 2
    assert "has runs of different versions, whose bits may differ: numpy" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--budget", "huge"], "--budget is 'huge'; it must be one of small, medium"),
        (["--environments", "tennis"], "--environments has 'tennis'; it must be among navigation, HalfCheetah,"),
        (["--environments", "navigation,navigation"], "--environments is navigation,navigation; it must be different values"),
        (["--pairs", "sac"], "--pairs has 'sac'; it must be among ppo, trpo"),
        (["--steps", "0"], "--steps is 0; it must be at least 1"),
        (["--seeds", "1"], "--seeds is 1; it must be at least 2"),
        (["--rates", "0"], "--rates has 0.0; it must be positive finite numbers"),
        (["--rates", "0.1,0.1"], "--rates is 0.1,0.1; it must be different values"),
        (["--inner-rate", "nan"], "--inner-rate has nan; it must be positive finite numbers"),
        (["--looks", "0"], "--looks is 0; it must be at least 1"),
        (["--steps", "2", "--looks", "3"], "--looks is 3; it must be at most the steps of a run, 2"),
        (["--deployed", "0"], "--deployed is 0; it must be at least 1"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    options: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert benchmarks.main([*options, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"verify.simulation.benchmarks: {sentence}")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("navigation", "navigation needs torch, which is not installed; python -m pip install -e '.[rl]'"),
        ("HopperRandParams", "HopperRandParams needs torch, gymnasium, mujoco, which are not installed; python -m pip install"),
        ("ML1-push", "ML1-push needs torch, metaworld, which are not installed; python -m pip install -e '.[metaworld]'"),
    ],
)
def test_a_missing_extra_is_one_sentence(
    name: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert benchmarks.main(["--environments", name, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"verify.simulation.benchmarks: {sentence}")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
