"""The command at the levels that exclude violations: replay confirms its certificates; one sentence says what cannot work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from verify import bounds, replay
from verify.judging import judge

USERS = """
from sympy import Interval, Rational, exp
from theory.claim import Claim, FalseSibling, Source
from theory.notation import t

CLAIM = Claim(
    name="decay",
    title="e^-t <= 1.01 - t/3 up to 2",
    parameters={t: Interval(0, 2)},
    lhs=exp(-t),
    relation="<=",
    rhs=Rational(101, 100) - t / 3,
    source=Source("derived here"),
    false_sibling=FalseSibling("without slack", {"rhs": Rational(9, 10) - t / 3}),
)
"""


def test_proofs_are_written_and_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "records.json"
    asked = ["distance/core", "--level", "proved", "--jobs", "1", "--certificates", str(tmp_path), "--json", str(out)]
    assert bounds.main(asked) == 0
    record = json.loads(out.read_text())[0]
    assert record["verdict"] == "proved"
    assert re.fullmatch(r"distance\.core-[0-9a-f]{8}\.json", Path(record["certificate"]).name)
    assert "1 certificate in" in capsys.readouterr().out
    assert replay.main([record["certificate"], "--no-solvers"]) == 0
    assert "not asked again" in capsys.readouterr().out


def test_a_users_own_claim_is_certified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "decay.py"
    file.write_text(USERS)
    asked = [str(file), "--level", "proved", "--jobs", "1", "--certificates", str(tmp_path)]
    assert bounds.main(asked) == 0
    printed = capsys.readouterr().out
    assert "certified" in printed
    (made,) = tmp_path.glob("decay-*.json")
    assert replay.main([str(made)]) == 0
    assert "a statement of one's own" in capsys.readouterr().out


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(judge, "find_spec", lambda name: None)
    assert bounds.main(["distance/core", "--level", "proved"]) == 2
    assert (
        "python-flint, z3-solver, cvc5; python -m pip install -e '.[proof]' in the project's folder installs it"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(("level", "folder"), [("searched", "."), ("proved", "no/such/folder")])
def test_certificates_that_cannot_be_written_are_refused_at_once(
    level: str, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bounds.main(["distance/core", "--level", level, "--certificates", folder]) == 2
    assert capsys.readouterr().err.count("\n") == 1
