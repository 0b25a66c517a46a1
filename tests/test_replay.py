"""Replay: every certificate that is made is confirmed by other code, and every tampered one is rejected."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sympy import Abs, Integer, Interval, Min, Range, Rational, exp, oo, symbols
from topics import CORE

from theory import bounds
from theory.claim import Claim
from verify import bounds as command
from verify import replay
from verify.judging import judge
from verify.proofs import certificates, certified, formulas, proved, solvers
from verify.proofs.formulas import Invalid
from verify.proofs.statement import Statement, Unprovable

x, y = symbols("x y", real=True)

CORES = [part.name for name in CORE for part in judge.parts(bounds.claim(name)) if part.tasks is None]
CORES = [name for name in CORES if not name.endswith("/false-sibling")]


def content(statement: Statement, **parts: Any) -> dict[str, Any]:
    """What a file would hold."""
    return json.loads(certificates.text(statement, parts, {}))


def polynomial(name: str) -> dict[str, Any]:
    statement = Statement.of(bounds.claim(name))
    return content(statement, polynomials=proved.by_polynomials(statement))


@pytest.mark.parametrize("name", CORES)
def test_every_proof_of_a_core_is_confirmed(name: str) -> None:
    found = replay.check(polynomial(name))
    assert found.whole
    assert found.lines[0] == f"{name}: the statement is that of the claim"
    assert "confirmed by exact arithmetic" in found.lines[-1]


@pytest.mark.parametrize("name", CORES)
def test_a_proof_does_not_prove_the_false_sibling(name: str) -> None:
    claim: Claim = bounds.claim(name)
    false = Statement.of(claim.sibling())
    forged = polynomial(name) | {"statement": certificates.described(false)}
    with pytest.raises(Invalid):
        replay.check(forged)


# --- tampering ----------------------------------------------------------------------------------------------------------------

HALVED = Statement("halved", {x: Interval(0, 1)}, x - x**2, "<=", Rational(26, 100))
SPLIT = Statement("split", {x: Interval(0, 2), y: Interval(0, Min(x, 1))}, y**2, "<=", x)
CASES = Statement("cases", {x: Interval(-1, 1), y: Interval(-2, 1)}, Abs(x + y), "<=", Abs(x) + Abs(y))
DECAY = Statement("decay", {x: Interval(0, 2)}, exp(-x), "<=", 1 + Integer(1) / 100 - x / 3)


def prepared() -> dict[str, dict[str, Any]]:
    made = {one.name: content(one, polynomials=proved.by_polynomials(one)) for one in (HALVED, SPLIT, CASES)}
    made["residual"] = polynomial("adaptation_never_hurts/residual")
    made["ratio"] = polynomial("transfer_drs_maml/ratio")
    made["ends"] = polynomial("adaptation_never_hurts_sampled/ends")
    made["decay"] = content(DECAY, boxes={"trees": certified.search(DECAY).trees})
    own = Statement.of(bounds.claim("distance/core"))
    made["asked"] = content(own, solvers=proved.gather(bounds.claim("distance/core")).certificate["solvers"])
    return made


@pytest.fixture(scope="module")
def sound() -> dict[str, dict[str, Any]]:
    return prepared()


def cell(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole["polynomials"]["cells"][0]
    return found


def case(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cell(whole)["cases"][0]
    return found


def factor(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = case(whole)["goal"]["definite"][0]
    return found


def put(holder: Any, key: Any, value: Any) -> None:
    holder[key] = value


def rational(number: str, text: str) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        for side in ("lhs", "rhs"):
            whole["statement"][side] = whole["statement"][side].replace(number, text)

    return change


TAMPERED: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "a constant of the statement": ("halved", rational("Rational(13, 50)", "Rational(6, 25)")),
    "the relation": ("halved", lambda w: put(w["statement"], "relation", "==")),
    "the sides exchanged": ("halved", lambda w: w["statement"].update(lhs=w["statement"]["rhs"], rhs=w["statement"]["lhs"])),
    "the domain": ("split", lambda w: put(w["statement"]["parameters"][1], 1, "Interval(Integer(0), Integer(2))")),
    "another claim's name": ("residual", lambda w: put(w["statement"], "name", "distance/core")),
    "a claim's own statement": ("residual", lambda w: put(w["statement"], "rhs", "Integer(2)")),
    "an unknown relation": ("halved", lambda w: put(w["statement"], "relation", "<")),
    "a statement that executes": ("halved", lambda w: put(w["statement"], "lhs", "__import__('os').getpid()")),
    "a statement of other functions": ("halved", lambda w: put(w["statement"], "lhs", "gamma(Symbol('x', real=True))")),
    "a statement in an attribute": ("halved", lambda w: put(w["statement"], "lhs", "Integer(1).__class__")),
    "no statement": ("halved", lambda w: w.pop("statement")),
    "no proof": ("halved", lambda w: w.pop("polynomials")),
    "a halving left out": ("halved", lambda w: put(factor(w), "tree", [-1])),
    "half of a tree": ("halved", lambda w: factor(w)["tree"].pop()),
    "a leaf too many": ("halved", lambda w: factor(w)["tree"].append(-1)),
    "an axis that is none": ("halved", lambda w: put(factor(w)["tree"], 0, 5)),
    "a mark that is none": ("halved", lambda w: put(factor(w)["tree"], 0, "0")),
    "a condition that is none": ("halved", lambda w: put(factor(w)["tree"], -1, -2)),
    "an empty tree": ("halved", lambda w: put(case(w), "tree", [])),
    "a coefficient": ("halved", lambda w: put(factor(w)["polynomial"][0], 1, "3/10")),
    "a constant factor's sign": ("halved", lambda w: put(case(w)["goal"], "constant", "-1/50")),
    "a constant of zero": ("halved", lambda w: put(case(w)["goal"], "constant", "0")),
    "nothing left": ("halved", lambda w: put(case(w)["goal"], "rest", [])),
    "no goal": ("halved", lambda w: put(case(w), "goal", None)),
    "a decision": ("residual", lambda w: put(case(w), "decisions", [False])),
    "a case left out": ("residual", lambda w: cell(w)["cases"].pop()),
    "a case twice": ("residual", lambda w: put(cell(w)["cases"], 1, copy.deepcopy(case(w)))),
    "a factor's sign": (
        "residual",
        lambda w: put(factor(w), "sign", -factor(w)["sign"]),
    ),
    "a factor's sign of zero": ("residual", lambda w: put(factor(w), "sign", 0)),
    "a factor's multiplicity": ("residual", lambda w: put(factor(w), "multiplicity", 2)),
    "a negative multiplicity": ("residual", lambda w: put(factor(w), "multiplicity", -1)),
    "a factor left out": ("residual", lambda w: case(w)["goal"]["definite"].pop()),
    "a factor's tree": ("residual", lambda w: put(factor(w), "tree", [])),
    "a value of the integers left out": ("ratio", lambda w: w["polynomials"]["cells"].pop()),
    "a value of the integers twice": ("ratio", lambda w: put(w["polynomials"]["cells"], 1, copy.deepcopy(cell(w)))),
    "integers said to be other": ("ratio", lambda w: put(cell(w), "integers", {"k": 7})),
    "conditions left out": ("ends", lambda w: put(case(w), "conditions", [])),
    "a condition's factor": ("ends", lambda w: put(case(w)["conditions"][0], "constant", "-1")),
    "multipliers left out": ("ends", lambda w: put(case(w), "multipliers", [[] for _ in case(w)["multipliers"]])),
    "a multiplier too few": ("ends", lambda w: case(w)["multipliers"].pop()),
    "a negative multiplier": ("ends", lambda w: put(case(w), "multipliers", [[[[0] * len(case(w)["degrees"]), "-1"]]])),
    "a larger multiplier": ("ends", lambda w: put(case(w), "multipliers", [[[[0] * len(case(w)["degrees"]), "9"]]])),
    "degrees too low": ("ends", lambda w: put(case(w), "degrees", [0] * len(case(w)["degrees"]))),
    "boxes left out": ("decay", lambda w: put(w["boxes"], "trees", [])),
    "a box that is too large": ("decay", lambda w: put(w["boxes"], "trees", [[-1]])),
    "half of the boxes": ("decay", lambda w: w["boxes"]["trees"][0].pop()),
    "boxes of another statement": ("decay", rational("Rational(101, 100)", "Rational(9, 10)")),
    "a question to a solver": ("asked", lambda w: put(w["solvers"][0]["questions"], 0, "(assert false)(check-sat)")),
    "a question left out": ("asked", lambda w: w["solvers"][0]["questions"].clear()),
    "a solver that is none": ("asked", lambda w: put(w["solvers"][0], "solver", "oracle")),
    "a proof of the wrong kind": ("halved", lambda w: put(w, "polynomials", [1, 2])),
}


@pytest.mark.parametrize("change", TAMPERED)
def test_tampered_certificates_are_rejected(change: str, sound: dict[str, dict[str, Any]]) -> None:
    name, tamper = TAMPERED[change]
    forged = copy.deepcopy(sound[name])
    rerun = name == "asked"
    assert replay.check(sound[name], rerun=rerun).whole
    tamper(forged)
    assert forged != sound[name]
    with pytest.raises(Invalid):
        replay.check(forged, rerun=rerun)


def test_answers_that_are_not_asked_for_again_prove_nothing(sound: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(Invalid, match="without asking again"):
        replay.check(sound["asked"], rerun=False)


def test_solvers_are_asked_again_and_not_believed(sound: dict[str, dict[str, Any]]) -> None:
    lines = replay.check(sound["asked"]).lines
    assert sum("unsat again" in line and "cannot be checked" in line for line in lines) == 2
    false = Statement("mine", {x: Interval(0, 1)}, x, "<=", x**2)
    forged = content(false, solvers=[{"solver": "z3", "questions": [solvers.script(false, {})]}])
    with pytest.raises(Invalid, match="'sat'"):
        replay.check(forged)


# --- statements as text -------------------------------------------------------------------------------------------------------


def test_statements_of_all_claims_survive_being_written() -> None:
    derived = 0
    for claim in (part for name in bounds.names() for part in judge.parts(bounds.claim(name))):
        try:
            statement = Statement.of(claim)
        except Unprovable:
            continue
        derived += bool(statement.derived)
        assert certificates.parsed(json.loads(json.dumps(certificates.described(statement)))) == statement, claim.name
    assert derived > 10
    assert certificates.parsed(certificates.described(CASES)) == CASES


def test_a_choice_is_no_domain_of_numbers() -> None:
    entry = certificates.described(HALVED) | {"parameters": [["Symbol('x', real=True)", "Tuple(Integer(1))"]]}
    with pytest.raises(Invalid, match="domain"):
        certificates.parsed(entry)
    assert formulas.formula("Range(Integer(1), oo, Integer(1))") == Range(1, oo)


# --- the command --------------------------------------------------------------------------------------------------------------


def test_the_command_confirms_and_rejects(
    tmp_path: Path, sound: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, none, deep = (tmp_path / f"{name}.json" for name in ("good", "bad", "none", "deep"))
    good.write_text(json.dumps(sound["residual"]))
    forged = copy.deepcopy(sound["residual"])
    cell(forged)["cases"].pop()
    bad.write_text(json.dumps(forged))
    none.write_text("{")
    deep.write_text("[" * 100_000)
    assert replay.main([str(good)]) == 0
    assert "confirmed by exact arithmetic" in capsys.readouterr().out
    assert replay.main([str(good), str(bad), str(none), str(deep)]) == 1
    printed = capsys.readouterr().out
    assert printed.count("REJECTED") == 3
    assert "nested too deeply" in printed
    assert "no JSON" in printed
    with pytest.raises(SystemExit) as stopped:
        replay.main([])
    assert stopped.value.code == 2


def test_a_file_that_is_missing_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file, said in ((tmp_path / "missing.json", "which is no file"), (tmp_path, "which holds no certificate")):
        assert replay.main([str(file)]) == 2
        assert said in capsys.readouterr().err


def test_a_folder_stands_for_the_certificates_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder := tmp_path / "certificates").mkdir()
    assert command.main(["comparison_is_loose", "--level", "proved", "--jobs", "1", "--certificates", str(folder)]) == 0
    assert "replay checks it" in capsys.readouterr().out
    assert replay.main([str(folder)]) == 0
    assert "confirmed" in capsys.readouterr().out
