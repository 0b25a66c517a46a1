"""The study of reinforcement learning: races, tests between seeds, resuming, and what the command refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from verify.simulation import learning_figures, learning_study, learning_tables, reinforcement
from verify.simulation.kept_jobs import finished, name
from verify.simulation.learning_jobs import GridRace, RegulatorGap, SampledRace, SurrogateLoss, sampled_marks
from verify.simulation.races import compared, first_lead, standing


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 4]))
def test_a_standing_is_the_best_run_that_the_budget_allows(seed: int, charge: int) -> None:
    rng = np.random.default_rng(seed)
    curves, marks, budgets = rng.normal(size=(3, 5)), [1, 2, 4, 8], [1, 2, 4, 8, 16]
    found = standing(curves, marks, budgets, charge)
    for at, budget in enumerate(budgets):
        allowed = [0, *(place for place, mark in enumerate(marks, start=1) if mark * charge <= budget)]
        assert found.value[at] == curves[:, allowed[-1]].max()
        assert found.stopped[at] == curves[:, allowed].max()
        assert found.edge[at] == (found.step[at] in (0, 2) and len(allowed) > 1)
    assert (np.diff(found.stopped) >= 0).all()


def test_a_lead_is_the_first_one() -> None:
    assert first_lead([0, 2, 0], [1, 1, 1], [4, 8, 16]) == 8
    assert np.isnan(first_lead([0, 1.00005], [1, 1], [4, 8]))


def test_comparisons_are_welch_and_paired() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(0.5, 1, 6), rng.normal(0, 2, 6)
    found = compared(one, two)
    errors = one.var(ddof=1) / 6, two.var(ddof=1) / 6
    freedom = sum(errors) ** 2 / sum(error**2 / 5 for error in errors)
    assert np.isclose(found.p_value, student.sf((one.mean() - two.mean()) / np.sqrt(sum(errors)), freedom))
    half = student.ppf(0.975, 5) * (one - two).std(ddof=1) / np.sqrt(6)
    np.testing.assert_allclose([found.low, found.high], [(one - two).mean() - half, (one - two).mean() + half])
    assert compared([1.0, 1.0], [1.0, 1.0]).p_value == 1
    assert compared([2.0, 2.0], [1.0, 1.0]).p_value == 0
    with pytest.raises(ValueError, match="they must be equally many, at least two"):
        compared([1.0], [2.0])


def test_exact_races_find_what_is_known_of_the_grid() -> None:
    """The row h = 3, rate 10 at budgets 4 and 64, which no symmetry makes sensitive to rounding."""
    rows = {}
    for method in ("joint", "MAML"):
        job = GridRace(5, 3, method, (10.0,), 1, 0, 64)
        curves = np.array(job.run()["returns"][0])[:, :, 1]
        rows[method] = standing(curves, job.marks, [4, 64], 1 if method == "joint" else 2).value
    np.testing.assert_allclose(rows["joint"], [0.5552, 0.5895], atol=6e-4)
    np.testing.assert_allclose(rows["MAML"], [0.5183, 0.6032], atol=6e-4)


def test_small_jobs_find_what_is_known() -> None:
    assert np.isclose(RegulatorGap(0.3, 0.01).run()["gap"], 0.00074, rtol=0.01)
    losses = SurrogateLoss("navigation", 0.3).run()
    assert losses["likelihood ratio"] is None
    assert np.isclose(losses["log-likelihood"], 0.226, atol=1e-3)


def test_a_sampled_run_learns_and_depends_on_its_fields_alone() -> None:
    job = SampledRace("grid", "joint", 0.3, 1, 16)
    risks = np.array(job.run()["risk"])
    assert risks.shape == (4, 6)
    assert risks[-1, 0] < risks[0, 0] - 0.05
    assert job.run() == job.run()
    assert SampledRace("grid", "joint", 0.3, 2, 16).run()["risk"] != risks.tolist()
    wild = SampledRace("navigation", "MAML", 1e6, 0, 8).run()["risk"]
    assert wild[0][0] is not None
    assert wild[-1][-1] is None
    assert sampled_marks(20) == [0, 4, 8, 16]


PROGRAM = """
import sys
from pathlib import Path
from verify.simulation.kept_jobs import finished
from verify.simulation.learning_jobs import SampledRace
jobs = [SampledRace("grid", "joint", 0.3, seed, 32) for seed in range(8)]
finished(jobs, Path(sys.argv[1]), 1)
"""


def test_a_killed_study_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    jobs = [SampledRace("grid", "joint", 0.3, seed, 32) for seed in range(8)]
    whole = finished(jobs, tmp_path, 1)
    killed = tmp_path / "killed"
    killed.mkdir()
    run = subprocess.Popen([sys.executable, "-c", PROGRAM, str(killed)])
    while not list(killed.glob("SampledRace*.json")) and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = {file: file.stat().st_mtime_ns for file in killed.glob("SampledRace*.json")}
    assert kept
    for file in kept:  # what is there is whole
        json.loads(file.read_text())
    assert finished(jobs, killed, 1) == whole
    assert all(file.stat().st_mtime_ns == when for file, when in kept.items())


def test_processes_change_no_bit(tmp_path: Path) -> None:
    jobs: list[Any] = [GridRace(2, side, "MAML", (3.0,), 1, 1, 4) for side in (1, 2)]
    (tmp_path / "two").mkdir()
    told: list[tuple[int, int]] = []
    assert finished(jobs, tmp_path, 1) == finished(jobs, tmp_path / "two", 2, lambda *seen: told.append(seen))
    assert told[0] == (0, 2)
    assert told[-1] == (2, 2)
    assert len({name(job) for job in jobs}) == 2


def test_the_command_writes_tables_and_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(learning_study, "SAMPLED_RATES", {"navigation": (0.03, 0.1), "grid": (0.3, 1.0)})
    options = ["--size", "2", "--sides", "1,2", "--rates", "3", "--starts", "2", "--seeds", "4", "--sampled-budget", "8"]

    for module in (learning_figures, learning_tables, learning_study):
        monkeypatch.setattr(module, "REGULATORS", ((0.1, 0.01),))
        monkeypatch.setattr(module, "PAIRS", ((0.6, 4.0),), raising=False)
        monkeypatch.setattr(module, "SURROGATES", (("navigation", 0.1),), raising=False)
        monkeypatch.setattr(module, "BUDGETS", (4, 8, 16))
    assert reinforcement.main([*options, "--jobs", "1", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert (tmp_path / "tables.md").read_text() in text
    for figure in ("races", "maps", "closed_forms", "sampled"):
        assert (tmp_path / f"{figure}.png").read_bytes().startswith(b"\x89PNG")
    assert "Sampled races, navigation" in text
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "jobs").iterdir()}
    assert reinforcement.main([*options, "--jobs", "1", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == text
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "jobs").iterdir()} == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--sides", "6"], "--sides has 6; it must be at most the grid's size, 5"),
        (["--rates", "0"], "--rates has 0.0; it must be positive finite numbers"),
        (["--rates", "nan"], "--rates has nan; it must be positive finite numbers"),
        (["--rates", "1,1"], "--rates is 1.0,1.0; it must be different values"),
        (["--seeds", "3"], "--seeds is 3; it must be 0 or at least 4, half to tune and two to compare"),
        (["--sampled-budget", "0"], "--sampled-budget is 0; it must be at least 4"),
        (["--steps", "6"], "--steps is 6; it must be at most 5"),
        (["--starts", "0"], "--starts is 0; it must be at least 1"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert reinforcement.main([*options, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"verify.simulation.reinforcement: {sentence}")
    assert error.count("\n") == 1
    assert not out.exists()
