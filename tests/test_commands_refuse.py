"""Every command says in one sentence what cannot be done, ends with status 2 and leaves nothing behind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

REFUSED = {
    "bounds": (["--budget", "0"], "--budget is 0.0; it must be a positive number of seconds"),
    "breaks": (["no_such_claim"], "claim is 'no_such_claim'; it must be one of those"),
    "decide": (["--example", "--num-tasks", "0", "--samples", "5", "--alpha", "1"], "--num-tasks is 0; it must be at least 1"),
    "long_search": (["distance", "--state", "state", "--seed", "-1"], "--seed is -1; it must be at least 0"),
    "mutation": (["--seed", "-1"], "--seed is -1; it must be at least 0"),
    "phase": (["--alphas", "nan"], "alphas is [nan]; it must be a finite number or a sequence of them"),
    "sweep": (["--dims", "0"], "dim is 0; it must be a whole number, at least 1"),
    "tightness": (["--budget", "-1"], "--budget is -1.0; it must be a positive number of seconds"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_values_are_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, words = REFUSED[name]
    assert import_module(f"verify.{name}").main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: {words}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [*REFUSED, "replay"])
def test_unknown_options_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        import_module(f"verify.{name}").main(["--no-such-option"])
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"verify.{name}: ")
    assert err.count("\n") == 1
