"""Every command says in one sentence what cannot be done, ends with status 2 and leaves nothing behind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

#: a command, what it is asked, and how its sentence begins
REFUSED = [
    ("bounds", ["--budget", "0"], "--budget is 0.0; it must be a positive number of seconds"),
    ("breaks", ["no_such_claim"], "claim is 'no_such_claim'; it must be one of those"),
    ("decide", ["--example", "--num-tasks", "0", "--samples", "5", "--alpha", "1"], "--num-tasks is 0; it must be at least 1"),
    ("long_search", ["distance", "--state", "state", "--seed", "-1"], "--seed is -1; it must be at least 0"),
    ("long_search", ["distance", "--state", "state", "--runs", "-5"], "--runs is -5; it must be at least 1"),
    ("mutation", ["--seed", "-1"], "--seed is -1; it must be at least 0"),
    ("phase", ["--alphas", "nan"], "alphas is [nan]; it must be a finite number or a sequence of them"),
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
    assert status(name, arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: {words}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_options_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(name, ["--no-such-option"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: ")
    assert err.count("\n") == 1
