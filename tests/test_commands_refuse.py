"""Every command says in one sentence what cannot be done, ends with status 2 and leaves nothing behind."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from verify.shell import commands

#: of a claim that is proved, and of a decision
CORE = ["distance/core", "--level", "proved"]
BUDGET = ["--num-tasks", "5", "--samples", "5", "--alpha", "0.1"]
#: a command, what it is asked, and how its sentence begins
REFUSED = [
    ("bounds", ["--budget", "0"], "--budget is 0.0; it must be a positive number of seconds"),
    ("bounds", [*CORE, "--certificates", "/proc"], "--certificates is /proc, where nothing can be written; it must be an exis"),
    ("bounds", [*CORE, "--certificates", "no/such"], "--certificates is no/such, where nothing can be written; it must be an"),
    ("breaks", ["no_such_claim"], "claim is 'no_such_claim'; it must be one of those"),
    ("conformance", ["tensorflow"], "library is 'tensorflow'; it must be one of plain_torch, plain_jax"),
    ("conformance", ["none.py:f"], "file is none.py, which does not exist or is not a file"),
    ("conformance", ["--steps", "0"], "--steps is 0; it must be at least 1"),
    ("conformance", ["--markdown", "no/such"], "--markdown is no/such"),
    ("decide", ["--example", "--num-tasks", "0", "--samples", "5", "--alpha", "1"], "--num-tasks is 0; it must be at least 1"),
    ("decide", ["--data", "wide.csv", *BUDGET], "file wide.csv: a feature is not finite"),
    ("decide", ["--tasks", "scalars.npz", *BUDGET], "file scalars.npz: hessians has shape (); it must have shape (n, p, p)"),
    ("families", ["--certificates", "wide.csv"], "--certificates is wide.csv, which cannot be made a folder: File exists"),
    ("families", ["--certificates", "/proc"], "--certificates is /proc, where nothing can be written; it must be an exis"),
    ("families", ["--patience", "-1"], "--patience is -1.0; it must be a positive number of seconds"),
    ("families", ["--slack=-1/2"], "--slack is -1/2; it must be at least 0"),
    ("families", ["--slack", "1/0"], "argument --slack: '1/0' is no fraction such as 1/64"),
    ("long_search", ["distance", "--state", "state", "--seed", "-1"], "--seed is -1; it must be at least 0"),
    ("long_search", ["distance", "--state", "state", "--runs", "-5"], "--runs is -5; it must be at least 1"),
    ("mutation", ["--seed", "-1"], "--seed is -1; it must be at least 0"),
    ("decide", ["--data", "wide.csv", "--columns", "x,response", *BUDGET], "--columns has response, which --response names; "),
    ("decide", ["--data", "wide.csv", "--columns", "task", *BUDGET], "--columns has task, which --task names; a feature must"),
    ("decide", ["--data", "wide.csv", "--columns", "x,y,x", *BUDGET], "--columns has x twice; name it once"),
    ("decide", ["--data", "wide.csv", "--task", "response", *BUDGET], "--response is response, which --task names too; they"),
    ("phase", ["--alphas", "nan"], "--alphas has nan; it must be finite numbers"),
    ("phase", ["--alphas", "0.1,0.1"], "--alphas is 0.1,0.1; it must be different values"),
    ("phase", ["--alphas", "1e200", "--out", "a/b"], "alpha is 1e+200; it must be so small that the moments of these tasks"),
    ("decide", ["--tasks", "scalars.npz", "--raw", *BUDGET], "--raw means nothing with --tasks; leave it out"),
    ("decide", ["--example", "--features", "sphere", *BUDGET], "--features means nothing with --example; leave it out"),
    ("decide", ["--tasks", "scalars.npz", "--df", "9", *BUDGET], "--df means nothing with --features gaussian; leave it out"),
    ("phase", ["--tasks", "scalars.npz", "--dim", "2"], "--dim means nothing with --tasks; leave it out"),
    ("phase", ["--features", "sphere", "--df", "9"], "--df means nothing with --features sphere; leave it out"),
    ("phase", ["--jobs", "0"], "--jobs is 0; it must be at least 1"),
    ("sweep", ["--jobs", "0"], "--jobs is 0; it must be at least 1"),
    ("sweep", ["--dims", "0"], "dim is 0; it must be a whole number, at least 1"),
    ("tightness", ["--budget", "-1"], "--budget is -1.0; it must be a positive number of seconds"),
]
COMMANDS = sorted({name for name, _, _ in REFUSED} | {"replay"})


def status(name: str, arguments: list[str]) -> object:
    """The exit status of a command, whether it refuses an option's form or its value."""
    try:
        return import_module(f"verify.{name}").main(arguments)
    except SystemExit as stop:
        return stop.code


@pytest.mark.parametrize(("name", "arguments", "words"), REFUSED)
def test_bad_values_are_refused(
    name: str,
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("scalars.npz", hessians=1.0, optima=2.0)
    Path("wide.csv").write_text(f"task,response,x\n1,2,{'9' * 140_000}\n")
    there = set(tmp_path.iterdir())
    assert status(name, arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: {words}")
    assert err.count("\n") == 1
    assert set(tmp_path.iterdir()) == there


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"replay"} | {"boxes"}))
def test_help_has_exit_statuses_and_an_example_that_can_be_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(name, ["--help"]) == 0
    out = capsys.readouterr().out
    assert "2: what was asked for cannot be done" in out
    (example,) = [line.strip() for line in out.splitlines() if line.startswith(f"  python -m verify.{name} ")]
    command = import_module(f"verify.{name}")
    made = command.parser() if hasattr(command, "parser") else command._parser()
    made.parse_args(example.split()[3:])


@pytest.mark.parametrize("columns", [60, 80])
def test_the_list_of_commands_fits_a_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(commands, "_called", ["metabounds "])  # what it is called by is put back
    assert commands.run("python -m verify", []) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= columns


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("name", sorted(commands.COMMANDS))
def test_help_fits_a_terminal(
    name: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        import_module(commands.module(name)).main(["--help"])
    usage, rest = capsys.readouterr().out.split("\n\n", 1)
    lines = [*(usage.splitlines() if columns > 60 else []), *rest.splitlines()]  # options of usage stand beside a long name
    # command lines stay whole, to be copied
    assert [line for line in lines if len(line) > columns and not line.startswith("  python -m ")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_options_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(name, ["--no-such-option"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: ")
    assert err.count("\n") == 1
