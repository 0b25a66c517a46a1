"""The command: what cannot be done is one sentence and status 2, with nothing half written; what can be is reproducible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verify import bounds
from verify.judging import judge

ROOT = Path(__file__).resolve().parent.parent

Run = Callable[..., tuple[int, str, str]]

#: a claim that is true, quick to judge and has a control
BASE = """
from sympy import *
from theory.bounds.quadratic.distance import CORE
from theory.claim import *
from theory.notation import *
from theory.rules import *
CLAIM = Claim(
    name="mine", title="mine", lhs=x, relation="<=", rhs=Integer(1), parameters={x: Interval(0, 1)},
    source=Source("derived here"), false_sibling=FalseSibling("half", {"rhs": Rational(1, 2)}),
)
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in this process."""

    def command(*arguments: Any) -> tuple[int, str, str]:
        try:
            status = bounds.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        return (status, *capsys.readouterr())

    return command


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(changes: str) -> Path:
        path = tmp_path / "mine.py"
        path.write_text(BASE + changes)
        return path

    return write


def assert_refused(outcome: tuple[int, str, str], *words: str) -> None:
    status, out, err = outcome
    assert status == 2
    assert out == ""
    assert err.startswith("verify.bounds: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for word in words:
        assert word in err, err


OPTIONS = {
    "unknown name": (["xyz"], ["claim is 'xyz'; it must be one of those that the command bounds --list names\n"]),
    "misspelt name": (
        ["transfer_bond"],
        ["claim is 'transfer_bond'; it must be one of those", "--list names, perhaps transfer_bound"],
    ),
    "unknown part": (["distance/no_such_part"], ["part of claim distance", "it must be one of core, square, false-sibling"]),
    "no false sibling": (["gao_sener_lower_curvature/false-sibling"], ["declares no false sibling"]),
    "name to show": (["--show", "no_such_claim"], ["claim is 'no_such_claim'"]),
    "missing file": (["no/such/file.py"], ["file is no/such/file.py, which does not exist; it must be a Python file"]),
    "folder": (["theory.py"], ["file is theory.py, which does not exist"]),
    "unknown source": (["--source", "nobody-1900"], ["--source is 'nobody-1900'", "gao-sener-2020"]),
    "source of the list": (["--list", "--source", "nobody-1900"], ["--source is 'nobody-1900'"]),
    "level": (["--level", "believed"], ["argument --level: invalid choice: 'believed'", "searched"]),
    "budget": (["--budget", "0"], ["--budget is 0.0; it must be a positive number of seconds"]),
    "budget not a number": (["--budget", "nan"], ["--budget is nan; it must be a positive"]),
    "budget in words": (["--budget", "soon"], ["argument --budget: invalid float value: 'soon'"]),
    "jobs": (["--jobs", "0"], ["--jobs is 0; it must be at least 1"]),
    "jobs in words": (["--jobs", "many"], ["argument --jobs: invalid int value: 'many'"]),
    "seed": (["--seed", "-1"], ["--seed is -1; it must be at least 0"]),
    "unknown option": (["--hurry"], ["unrecognized arguments: --hurry"]),
    "at: form": (["transfer_drs_maml", "--at", "alpha"], ["--at has 'alpha'; it must be NAME=VALUE"]),
    "at: name": (["transfer_drs_maml", "--at", "gamma=1"], ["--at names 'gamma'", "it must be one of beta, nu, alpha, k"]),
    "at: value": (["transfer_drs_maml", "--at", "alpha=fast"], ["--at gives alpha the value 'fast'; it must be a decimal"]),
    "at: nan": (["transfer_drs_maml", "--at", "alpha=nan"], ["--at gives alpha the value 'nan'"]),
    "at: zero denominator": (["transfer_drs_maml", "--at", "alpha=1/0"], ["--at gives alpha the value '1/0'"]),
    "at: rate out of range": (
        ["transfer_drs_maml", "--at", "beta=2", "alpha=0.6"],
        ["alpha is 3/5; claim transfer_drs_maml is about alpha in [0, 1/2]"],
    ),
    "at: open end": (
        ["transfer_between_rules", "--at", "beta=2", "alpha=0.5"],
        ["alpha is 1/2; claim transfer_between_rules is about alpha in (0, 1/2)"],
    ),
    "at: steps": (["transfer_drs_maml", "--at", "k=1.5"], ["k is 3/2; claim transfer_drs_maml is about k in {1, ..., 5}"]),
    "json to nowhere": (["distance", "--json", "no/such/folder/x.json"], ["--json is no/such/folder/x.json, which cannot be"]),
    "json to a folder": (["distance", "--json", "."], ["--json is ., which cannot be written; it must be a file"]),
    "json where nobody writes": (["distance", "--json", "/proc/x.json"], ["--json is /proc/x.json, which cannot be written"]),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_what_cannot_be_done_is_one_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, words = OPTIONS[case]
    assert_refused(run(*arguments), *words)
    assert list(tmp_path.iterdir()) == []


FILES = {
    "no claim": ("del CLAIM", ["defines no claim; it must assign a theory.claim.Claim to the name CLAIM"]),
    "another thing named claim": ("CLAIM = 'x <= 1'", ["defines no claim"]),
    "syntax": ("CLAIM = = 1", ["could not be read: SyntaxError", "mine.py"]),
    "error of its own": ("raise RuntimeError('two\\nlines')", ["could not be read: RuntimeError: two lines"]),
    "unknown symbol": ("CLAIM = CLAIM.changed(rhs=beta)", ["claim mine uses beta, which it neither declares in `parameters`"]),
    "symbol of a rule": (
        "CLAIM = CLAIM.changed(measured={weight: measured('weight_at', rule=MAML(alpha), curvature=x)})",
        ["claim mine uses alpha, which it neither declares"],
    ),
    "relation": ("CLAIM = CLAIM.changed(relation='<')", ["relation of claim mine is '<'; it must be '<=' or '=='"]),
    "law": ("CLAIM = CLAIM.changed(tasks=Tasks('lawless'))", ["claim mine is about the family 'lawless'; it must be one of"]),
    "unknown quantity": (
        "CLAIM = CLAIM.changed(measured={weight: measured('guess')})",
        ["claim mine measures 'guess', which is no quantity; it must be one of", "modeling_error"],
    ),
    "arguments of a quantity": (
        "CLAIM = CLAIM.changed(tasks=Tasks(), measured={diameter: measured('diameter', rule=DRS())})",
        ["claim mine:", "unexpected keyword argument 'rule'"],
    ),
    "no tasks to measure": (
        "CLAIM = CLAIM.changed(measured={risk_A: measured('training_risk', rule=DRS())})",
        ["claim mine: a quantity needs a finite task distribution"],
    ),
    "a law that lacks a number": (
        "CLAIM = CLAIM.changed(tasks=Tasks('weight_pairs'))",
        ["claim mine declares no root_l, root_u; tasks of the law 'weight_pairs' need it as a parameter"],
    ),
    "a domain ahead of its time": (
        "CLAIM = CLAIM.changed(parameters={x: Interval(0, q), q: Interval(0, 1)})",
        ["the domain of x in claim mine uses q; it may use only parameters declared before it"],
    ),
    "a domain of no kind": (
        "CLAIM = CLAIM.changed(parameters={x: [0, 1]})",
        ["the domain of x in claim mine is [0, 1]; it must be an Interval"],
    ),
    "a function that nobody evaluates": ("CLAIM = CLAIM.changed(rhs=floor(x))", ["contains floor, which no backend evaluates"]),
    "an integral": ("CLAIM = CLAIM.changed(rhs=Integral(x, x))", ["contains Integral, which no backend evaluates"]),
    "a rule unknown to numerics": (
        "from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\n"
        "class Unheard(MAML): pass\n"
        "CLAIM = CLAIM.changed(tasks=Tasks(), measured={risk_A: measured('training_risk', rule=Unheard(x))})",
        ["rule is Unheard, which has no class of that name in numerics; it must be one of"],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_what_is_wrong_with_a_file_is_one_sentence(run: Run, file: Callable[[str], Path], tmp_path: Path, case: str) -> None:
    changes, words = FILES[case]
    assert_refused(run(file(changes), "--jobs", "1", "--json", tmp_path / "out.json"), *words)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["mine.py"]


def test_a_worker_process_refuses_in_one_sentence_too(run: Run, file: Callable[[str], Path]) -> None:
    path = file("CLAIM = CLAIM.changed(measured={weight: measured('guess')})")
    assert_refused(run(path, "distance/square", "--jobs", "2"), "claim mine measures 'guess', which is no quantity")


def test_a_refusal_on_the_command_line_has_no_traceback(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "verify.bounds", "no/such/file.py", "--json", "x.json"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert_refused((done.returncode, done.stdout, done.stderr), "file is no/such/file.py")
    assert list(tmp_path.iterdir()) == []


def test_the_levels_of_the_command_are_those_that_judge_knows() -> None:
    assert tuple(judge.LEVELS) == tuple(bounds.LEVELS)


def test_a_list_names_every_claim_and_a_source_selects(run: Run) -> None:
    from theory.bounds import names

    status, out, err = run("--list")
    assert (status, err) == (0, "")
    listed = {line.split()[0] for line in out.splitlines() if line.strip()}
    assert set(names()) <= listed
    _, selected, _ = run("--list", "--source", "gao-sener-2020")
    assert "gao_sener_theorem5_limit" in selected
    assert "conditioning_drs_maml" not in selected


def test_a_claim_is_shown_with_proof_source_and_sibling(run: Run) -> None:
    status, out, _ = run("--show", "gao_sener_theorem5_minimum")
    assert status == 0
    for part in (
        "minimal_risk(deployed=",
        "risk_B <= risk_A",
        "alpha in (0, 1/beta]: rate of the inner loop",
        "Audit.",
        "@",
        "False sibling: 1 % less",
        "Assumptions",
    ):
        assert part in out


def test_a_bound_at_ones_own_numbers(run: Run) -> None:
    status, out, _ = run("transfer_drs_maml", "--at", "alpha=0.1", "beta=2", "nu=0", "k=1", "risk_A=1/2", "excess=0.01")
    assert status == 0
    assert out.splitlines()[1:] == ["0.01 <= 0.02", "slack: 0.01", "ratio: 0.5"]
    status, out, _ = run("transfer_drs_maml", "--at", "beta=2")
    assert status == 0
    assert "left open: alpha, excess, k, nu, risk_A" in out


def _without_times(text: str) -> Any:
    return [{name: value for name, value in record.items() if name != "seconds"} for record in json.loads(text)]


def test_verdicts_do_not_depend_on_the_number_of_jobs(run: Run, tmp_path: Path) -> None:
    found = []
    for jobs in (1, 2):
        path = tmp_path / f"{jobs}.json"
        status, out, err = run("distance/square", "no_gain_constant_ratio", "--jobs", jobs, "--json", path, "--seed", "3")
        assert (status, err) == (0, "")
        assert "4 of 4 verdicts as expected" in out
        found.append(_without_times(path.read_text()))
    assert found[0] == found[1]
    names = [record["name"] for record in found[0]]
    assert names[::2] == ["distance/square", "no_gain_constant_ratio"]
    assert names[1::2] == [f"{name}/false-sibling" for name in names[::2]]


def test_records_say_what_the_design_promises(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    run("distance/core", "--json", path)
    record, sibling = json.loads(path.read_text())
    fields = ["name", "source", "printed", "expected", "verdict", "worst_ratio", "instances"]
    fields += ["counterexample", "seconds", "seed", "versions"]
    assert set(fields) <= set(record)
    assert (record["expected"], record["verdict"], record["counterexample"]) == ("holds", "searched", {})
    assert (sibling["expected"], sibling["verdict"], set(sibling["counterexample"])) == (
        "refuted",
        "refuted",
        {"simplest", "worst"},
    )


def test_a_pipe_gets_a_plain_table_and_counterexamples_on_request(run: Run) -> None:
    status, out, err = run("distance/core", "--counterexamples")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    for part in ("worst ratio", "searched", "# distance/core/false-sibling: the simplest"):
        assert part in out
    assert "counterexample" not in run("distance/core")[1]


#: the claims of sections 1 and 2 of the theory, by the theorem that they state
THEOREMS = {
    "the table of rules": {"adapted_risk", "stationarity"},
    "transfer": {"transfer_bound", "transfer_between_rules", "transfer_drs_maml"},
    "ratio": {"ratio_bound"},
    "conditioning": {"conditioning", "conditioning_drs_maml"},
    "distance": {"distance", "distance_drs_maml"},
    "small rates": {"small_rate_optimum", "small_rate_modeling_error"},
    "no gain": {
        "no_gain_common_curvature",
        "no_gain_common_optimum",
        "no_gain_constant_ratio",
        "no_gain_independent",
    },
    "clusters": {"easy_and_hard"},
    "never hurts": {"adaptation_never_hurts", "adaptation_never_hurts_sampled", "lower_curvature"},
    "Theorem 5": {"gao_sener_theorem5_risk", "gao_sener_theorem5_limit", "gao_sener_theorem5_minimum"},
}


def test_the_theorems_are_found_as_expected_by_default(run: Run, tmp_path: Path) -> None:
    """All other claims are judged so by the first command of the README, which CI runs."""
    stated = sorted(set().union(*THEOREMS.values()))
    status, out, err = run(*stated, "gao_sener_lower_curvature", "--jobs", 2, "--json", tmp_path / "all.json")
    assert (status, err) == (0, ""), out
    verdicts = {record["name"]: record["verdict"] for record in json.loads((tmp_path / "all.json").read_text())}
    for claims in THEOREMS.values():
        assert {verdicts[name] for name in claims} == {"searched"}
        assert {verdicts[f"{name}/false-sibling"] for name in claims} == {"refuted"}
    assert verdicts["gao_sener_lower_curvature"] == "refuted"


#: options that would be ignored, a claim named twice, and a value given twice
MEANINGLESS = {
    "show and a claim": (["distance", "--show", "transfer_bound"], "CLAIM means nothing with --show; leave it out"),
    "show and list": (["--list", "--show", "transfer_bound"], "--list means nothing with --show"),
    "list and json": (["--list", "--json", "x.json"], "--json means nothing with --list"),
    "list and the default level": (["--list", "--level", "searched"], "--level means nothing with --list"),
    "numbers and jobs": (["transfer_bound", "--at", "root_u=1", "--jobs", "1"], "--jobs means nothing with --at"),
    "a claim twice": (["distance", "ratio_bound", "distance"], "claim distance is named twice; name it once"),
    "a claim and its topic": (["quadratic", "distance"], "claim distance is named twice; name it once"),
    "a value twice": (["transfer_drs_maml", "--at", "alpha=0.1", "alpha=0.2"], "--at gives alpha twice; it must have"),
}


@pytest.mark.parametrize("case", MEANINGLESS)
def test_what_would_be_ignored_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, words = MEANINGLESS[case]
    assert_refused(run(*arguments), words)
    assert list(tmp_path.iterdir()) == []


def test_a_topic_names_its_claims(run: Run) -> None:
    from theory.bounds import names

    _, out, _ = run("--list", "finite_samples")
    assert [line for line in out.splitlines() if not line.startswith(" ")] == names("finite_samples")


def test_an_interrupted_run_writes_over_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("verify.judging.workers.judged", interrupted)
    files = {name: tmp_path / name for name in ("json", "junit", "tex", "html", "regressions")}
    for path in files.values():
        path.write_text("of an earlier run")
    words = [word for name, path in files.items() for word in (f"--{name}", path)]
    status, out, _ = run("distance/core", *words)
    assert status == 130
    assert "interrupted, so that no file was written" in out
    assert {path.read_text() for path in files.values()} == {"of an earlier run"}


def test_help_says_levels_exit_statuses_and_an_example(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    said = ("exit status:", "1: some verdict is not", "2: what was asked", "python -m verify.bounds distance")
    for part in (*bounds.LEVELS, *said):
        assert part in out


def test_records_have_a_schema_and_the_level_that_was_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    run("distance/square", "--level", "sampled", "--json", path)
    assert {(record["schema"], record["level"]) for record in json.loads(path.read_text())} == {(1, "sampled")}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "verify.bounds", "--list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "verify.bounds: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("other", ["copy.py", "distance"])
def test_two_claims_of_one_name_are_refused(run: Run, tmp_path: Path, other: str) -> None:
    text = "from theory.bounds import claim\n\nCLAIM = claim('distance')\n"
    for name in ("mine.py", "copy.py"):
        (tmp_path / name).write_text(text)
    status, _, said = run(tmp_path / "mine.py", tmp_path / other if other.endswith(".py") else other)
    assert status == 2
    assert "both hold a claim distance; give one of them another name" in said


def test_who_reads_no_further_causes_no_traceback(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m verify.bounds --list | head -n 1"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = ["sh", "-c", shell]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == ("adaptation_never_hurts\n", "")
