"""Verdicts are kept and reused only as long as nothing they rest on has changed; long searches go on where they stopped."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from theory import bounds
from verify.bounds import main
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging import cache
from verify.judging.judge import judge
from verify.long_search import main as long_search
from verify.shell import cache_folder
from verify.shell.usage_error import UsageError
from verify.studies.long_runs import search

NAME = "distance/core"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("METABOUNDS_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def records():
    return judge(Question(bounds.claim(NAME)), level="sampled")


def run(*options):
    return main([NAME, "--level", "sampled", "--jobs", "1", *options])


def test_a_second_run_reuses_the_first_and_says_so(folder, capsys, tmp_path):
    assert run("--json", str(tmp_path / "first.json")) == 0
    assert "earlier run" not in capsys.readouterr().out
    assert run("--json", str(tmp_path / "second.json")) == 0
    assert "2 of them were reached by an earlier run; --no-cache judges them anew" in capsys.readouterr().out
    first, second = (json.loads((tmp_path / f"{which}.json").read_text()) for which in ("first", "second"))
    assert [entry.pop("cached") for entry in first] == [False, False]
    assert [entry.pop("cached") for entry in second] == [True, True]
    assert first == second


def test_a_run_without_the_cache_leaves_none(folder):
    assert run("--no-cache") == 0
    assert not folder.exists()


def test_what_a_short_budget_cut_is_judged_anew(folder, capsys):
    assert main([NAME, "--level", "proved", "--jobs", "1", "--budget", "0.05"]) in (0, 1)
    assert not folder.exists()
    assert main([NAME, "--level", "proved", "--jobs", "1"]) == 0
    assert "earlier run" not in capsys.readouterr().out


def test_a_solver_that_was_stopped_is_asked_again(folder, records):
    records[0].detail = "factors of one sign; z3 gives no answer in time"
    cache.store(bounds.claim(NAME), "sampled", 0, records)
    assert not folder.exists()


def test_an_empty_name_switches_it_off(monkeypatch, records):
    monkeypatch.setenv("METABOUNDS_CACHE", "")
    assert cache.folder() is None
    cache.store(bounds.claim(NAME), "sampled", 0, records)
    assert cache.load(bounds.claim(NAME), "sampled", 0) is None


def test_records_survive_the_round_trip(folder, records):
    claim = bounds.claim(NAME)
    cache.store(claim, "sampled", 0, records)
    for kept, record in zip(cache.load(claim, "sampled", 0), records, strict=True):
        assert kept.cached
        kept.cached = False
        assert kept == record or math.isnan(record.worst_ratio)


@pytest.mark.parametrize("changed", ["claim", "level", "seed", "sources", "versions"])
def test_whatever_a_verdict_rests_on_is_in_its_key(changed, monkeypatch, folder, records):
    claim = bounds.claim(NAME)
    cache.store(claim, "sampled", 0, records)
    level, seed = "sampled", 0
    if changed == "claim":
        claim = claim.changed(rhs=2 * claim.rhs)
    elif changed == "level":
        level = "searched"
    elif changed == "seed":
        seed = 1
    elif changed == "sources":
        monkeypatch.setattr(cache, "sources", lambda: "other code")
    else:
        monkeypatch.setattr("verify.judging.record.installed", lambda name: "0")
    assert cache.load(claim, level, seed) is None


def test_what_is_undecided_is_not_kept(folder, records):
    claim = bounds.claim(NAME)
    records[0].verdict = Verdict.UNDECIDED
    cache.store(claim, "sampled", 0, records)
    assert cache.load(claim, "sampled", 0) is None


def test_the_digest_is_of_all_code_that_a_verdict_rests_on():
    found = set(cache._files())
    modules = [sys.modules[name] for name in sys.modules if name.partition(".")[0] in ("theory", "numerics", "verify")]
    assert len(modules) > 100
    assert {Path(module.__file__).resolve() for module in modules if module.__file__} <= found


def test_code_that_was_edited_while_it_ran_leaves_no_verdict(folder, records, monkeypatch):
    """What judged is what was loaded, and the digest is of what stands in the files now."""
    newest = max(path.stat().st_mtime for path in cache._files())
    monkeypatch.setattr(cache, "_BEGAN", newest - 1.0)
    cache.store(bounds.claim(NAME), "sampled", 0, records)
    assert not folder.exists()


def test_a_broken_file_is_judged_anew(folder, records):
    claim = bounds.claim(NAME)
    cache.store(claim, "sampled", 0, records)
    (path,) = folder.iterdir()
    for text in ("", "{", "[{}]", '[{"verdict": "granted"}]'):
        path.write_text(text)
        assert cache.load(claim, "sampled", 0) is None


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_keeps_nothing(monkeypatch, records):
    monkeypatch.setenv("METABOUNDS_CACHE", "/proc/self/kept")
    cache.store(bounds.claim(NAME), "sampled", 0, records)


def test_a_users_own_claims_are_not_kept(folder, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from theory.bounds import claim\nCLAIM = claim('distance/core')\n")
    assert main([str(path), "--level", "sampled", "--jobs", "1"]) == 0
    assert not folder.exists()


# --- long searches ----------------------------------------------------------------------------------------------------------


def test_an_interrupted_search_resumes_and_its_counts_add_up(tmp_path):
    question = Question(bounds.claim(NAME))
    whole = search(question, 5, tmp_path / "whole")
    search(question, 2, tmp_path / "parts")
    # killed while it wrote a line
    with (tmp_path / "parts").open("a") as file:
        file.write('{"run": 2, "inst')
    parts = search(question, 5, tmp_path / "parts")
    assert parts.resumed == 2
    assert (parts.runs, parts.instances, parts.worst_ratio) == (whole.runs, whole.instances, whole.worst_ratio)
    assert sorted((tmp_path / "parts").read_text().splitlines()) == sorted((tmp_path / "whole").read_text().splitlines())


def test_runs_differ(tmp_path):
    search(Question(bounds.claim("distance")), 3, tmp_path / "state")
    lines = (tmp_path / "state").read_text().splitlines()[1:]
    assert len({json.loads(line)["worst_ratio"] for line in lines}) > 1


def test_a_deadline_leaves_the_rest_for_later(tmp_path):
    assert search(Question(bounds.claim(NAME)), 3, tmp_path / "state", deadline=0.0).runs == 0


def test_the_state_of_another_search_is_refused(tmp_path):
    search(Question(bounds.claim(NAME)), 1, tmp_path / "state")
    with pytest.raises(UsageError, match="a search of claim distance/core"):
        search(Question(bounds.claim("distance/square")), 1, tmp_path / "state")
    for other in ("no state\n", "a letter that does not end in a new line", "[1]\n", '{"a": 1}\nand a line that was cut'):
        (tmp_path / "state").write_text(other)
        with pytest.raises(UsageError, match="no state of a search"):
            search(Question(bounds.claim(NAME)), 1, tmp_path / "state")
        assert (tmp_path / "state").read_text() == other


def test_the_command_finds_a_violation_and_prints_it(tmp_path, capsys):
    assert long_search([f"{NAME}/false-sibling", "--runs", "1", "--state", str(tmp_path / "state")]) == 1
    exec(capsys.readouterr().out.partition("\n")[2], {})
    assert long_search([NAME, "--runs", "1", "--state", str(tmp_path / "none" / "state")]) == 2


def test_a_command_leaves_nothing_in_the_folder_where_it_runs(tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    environment = os.environ | {"METABOUNDS_CACHE": str(tmp_path / "kept"), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("HYPOTHESIS_STORAGE_DIRECTORY", None)
    words = [sys.executable, "-m", "verify.bounds", NAME, "--level", "sampled", "--jobs", "1"]
    done = subprocess.run(words, cwd=here, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(here.iterdir()) == []


def test_hypothesis_keeps_its_tables_in_the_cache(tmp_path, monkeypatch):
    # whether it writes any depends on where the project is installed
    monkeypatch.setenv("METABOUNDS_CACHE", str(tmp_path))
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "")
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY")
    cache_folder.hold_hypothesis()
    assert os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] == str(tmp_path / "hypothesis")


def test_without_a_cache_hypothesis_keeps_nothing_and_a_users_own_place_wins(monkeypatch):
    monkeypatch.setenv("METABOUNDS_CACHE", "")
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "")
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY")
    cache_folder.hold_hypothesis()
    assert not os.path.isdir(os.path.dirname(os.environ["HYPOTHESIS_STORAGE_DIRECTORY"]))
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "mine")
    cache_folder.hold_hypothesis()
    assert os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] == "mine"


def test_tests_that_call_a_command_keep_their_own_hypothesis(folder):
    before = os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY")
    assert run() == 0
    assert os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY") == before
