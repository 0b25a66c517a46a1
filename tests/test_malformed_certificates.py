"""Certificates that are none: each is rejected in one sentence, at once, whatever it holds; and what is accepted is true."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, FiniteSet, Integer, Interval, Min, Rational, exp, symbols

from theory import bounds
from verify import replay
from verify.proofs import certificates, certified, proved, violations
from verify.proofs.formulas import Invalid, formula, rational
from verify.proofs.statement import Statement

x, y = symbols("x y", real=True)

HALVED = Statement("halved", {x: Interval(0, 1)}, x - x**2, "<=", Rational(26, 100))
SPLIT = Statement("split", {x: Interval(0, 2), y: Interval(0, Min(x, 1))}, y**2, "<=", x)
CASES = Statement("cases", {x: Interval(-1, 1), y: Interval(-2, 1)}, Abs(x + y), "<=", Abs(x) + Abs(y))
SET = Statement("set", {x: FiniteSet(1, 2, Rational(5, 2)), y: Interval(0, x)}, y, "<=", Rational(5, 2))
EQUAL = Statement("equal", {x: Interval(-1, 1)}, exp(Abs(x)) ** 2, "==", exp(2 * Abs(x)) + 0 * x)
DECAY = Statement("decay", {x: Interval(0, 2)}, exp(-x), "<=", 1 + Integer(1) / 100 - x / 3)
#: a file that makes its reader work without end fails; the limit is for what hangs, and says nothing of speed
AT_ONCE = pytest.mark.timeout(60)


def content(statement: Statement, **parts: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(certificates.text(statement, parts, {}))
    return found


@pytest.fixture(scope="module")
def sound() -> dict[str, dict[str, Any]]:
    made = {one.name: content(one, polynomials=proved.by_polynomials(one)) for one in (HALVED, SPLIT, CASES, SET, EQUAL)}
    made["decay"] = content(DECAY, boxes={"trees": certified.search(DECAY).trees})
    made["core"] = content(
        own := Statement.of(bounds.claim("adaptation_never_hurts_sampled/ends")), polynomials=proved.by_polynomials(own)
    )
    weights = bounds.claim("stationarity/first_order_maml")
    made["weight"] = content(Statement.of(weights), polynomials=proved.by_polynomials(Statement.of(weights)))
    made["balls"] = content(HALVED, **certified.certify(HALVED).certificate)
    return made


def test_what_is_sound_is_confirmed(sound: dict[str, dict[str, Any]]) -> None:
    for name, whole in sound.items():
        assert replay.check(whole).whole, name


# --- by hand ------------------------------------------------------------------------------------------------------------------


def side(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda w: w["statement"].update(lhs=text)


def parameter(symbol: str, domain: str) -> Callable[[dict[str, Any]], None]:
    return lambda w: w["statement"]["parameters"].__setitem__(0, [symbol, domain])


def goal(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda w: w["polynomials"]["cells"][0]["cases"][0]["goal"].update(changes)


def factor(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda w: w["polynomials"]["cells"][0]["cases"][0]["goal"]["definite"][0].update(changes)


X = "Symbol('x', real=True)"
UNIT = "Interval(Integer(0), Integer(1), false, false)"
MALFORMED: dict[str, Callable[[dict[str, Any]], None]] = {
    "a tower of powers": side("Pow(Integer(10), Pow(Integer(10), Pow(Integer(10), Integer(10))))"),
    "a large power": side("Pow(Integer(10), Integer(1000000000))"),
    "a large power of a symbol": side(f"Pow({X}, Integer(1000000000))"),
    "powers of powers": side(f"Pow(Pow(Pow(Add({X}, Integer(1)), Integer(999)), Integer(999)), Integer(999))"),
    "powers of sums": side(f"Pow(Add(Integer(1), Pow(Add(Integer(1), Pow({X}, Integer(900))), Integer(900))), Integer(900))"),
    "a root of a large degree": side("Pow(Integer(3), Rational(1, 1000000007))"),
    "a tower of exponentials": side("exp(exp(exp(exp(Integer(9)))))"),
    "an exponential of a large number": side("exp(Integer(" + "9" * 3000 + "))"),
    "a large sine": side("sin(Pow(Integer(10), Integer(900)))"),
    "a number of a million digits": side("Integer(" + "9" * 1_000_000 + ")"),
    "a number in scientific notation": side("Rational('1e99999999')"),
    "a number that is a double": side("Float('0.5')"),
    "infinity": side("oo"),
    "a number that is none": side("nan"),
    "the denominator zero": side("Rational(1, 0)"),
    "a formula that executes": side("__import__('os').system('true')"),
    "a formula in a text": side("Add('__import__(\"os\").getpid()', Integer(1))"),
    "a set of texts": parameter(X, "FiniteSet('__import__(\"os\").getpid()')"),
    "brackets": side("(" * 50_000),
    "nested deeply": side("Abs(" * 500 + X + ")" * 500),
    "signs": side("-" * 50_000 + "1"),
    "a long sum": side("Add(" + ", ".join([X] * 30_000) + ")"),
    "a set as a side": side("FiniteSet(Integer(1))"),
    "no formula": side(""),
    "a formula that is a number": lambda w: w["statement"].update(lhs=3),
    "a symbol without a name": parameter("Symbol('')", UNIT),
    "a symbol with a name of two lines": parameter("Symbol('x\ny', real=True)", UNIT),
    "a symbol that does not commute": parameter("Symbol('x', commutative=False)", UNIT),
    "a symbol that is positive": parameter("Symbol('x', positive=True)", UNIT),
    "a symbol that is no symbol": parameter("Integer(1)", UNIT),
    "an empty interval": parameter(X, "Interval(Integer(1), Integer(0), false, false)"),
    "an empty range": parameter(X, "Range(Integer(5), Integer(5), Integer(1))"),
    "an interval of a set": parameter(X, "Interval(FiniteSet(Integer(1)), Integer(1), false, false)"),
    "an interval of three": parameter(X, "Interval(Integer(0), Integer(1), Integer(2))"),
    "an interval of itself": parameter(X, f"Interval(Integer(0), {X}, false, false)"),
    "the same symbol twice": lambda w: w["statement"]["parameters"].append(w["statement"]["parameters"][0]),
    "a name of two lines": lambda w: w["statement"].update(name="halved\nconfirmed"),
    "a name that is a path": lambda w: w["statement"].update(name="../../etc/passwd\x00"),
    "a name that is a list": lambda w: w["statement"].update(name=["halved"]),
    "the name of a claim": lambda w: w["statement"].update(name="distance/core"),
    "parameters as a text": lambda w: w["statement"].update(parameters="parameters"),
    "a rule that is none": lambda w: w["statement"].update(
        derived=[{"symbol": X, "rule": "Rule", "fields": {}, "curvature": X, "deployed": False}]
    ),
    "a rule of other fields": lambda w: w["statement"].update(
        derived=[{"symbol": "Symbol('w')", "rule": "DRS", "fields": {"alpha": X}, "curvature": X, "deployed": False}]
    ),
    "a statement that is a list": lambda w: w.update(statement=[1]),
    "a constant in scientific notation": goal(constant="1e99999999"),
    "a constant that is infinite": goal(constant="inf"),
    "a constant that is a double": goal(constant=0.02),
    "a constant over zero": goal(constant="1/0"),
    "a constant of many digits": goal(constant="1" * 100_000),
    "a large multiplicity": factor(multiplicity=10**9),
    "a multiplicity that is true": factor(multiplicity=True),
    "a multiplicity of a half": factor(multiplicity=0.5),
    "a sign of two": factor(sign=2),
    "a sign that is true": factor(sign=True),
    "a constant factor often": factor(polynomial=[[[0], "1"]], multiplicity=10**9),
    "a factor of a large degree": factor(polynomial=[[[10**9], "1"], [[0], "1"]]),
    "a factor of negative degree": factor(polynomial=[[[-1], "1"]]),
    "a factor of two variables": factor(polynomial=[[[1, 1], "1"]]),
    "a factor with a term twice": factor(polynomial=[[[1], "1"], [[1], "2"]]),
    "a factor of texts": factor(polynomial=["ab", "cd"]),
    "a tree of a large axis": factor(tree=[10**9, -1, -1]),
    "a tree of doubles": factor(tree=[0.0, -1, -1]),
    "a tree that goes deep": factor(tree=[0] * 100_000 + [-1] * 100_001),
    "a tree of true": factor(tree=[True, -1, -1]),
    "a tree with an open leaf": factor(tree=[0, None, -1]),
    "a tree that is a text": factor(tree="-1"),
    "a tree of a condition far off": factor(tree=[-(10**9)]),
    "no cells": lambda w: w["polynomials"].update(cells=[]),
    "cells that are a number": lambda w: w["polynomials"].update(cells=7),
    "a million cells": lambda w: w["polynomials"].update(cells=[{}] * 1_000_000),
    "another parameter fixed": lambda w: w["polynomials"]["cells"][0].update(integers={"x": 1}),
    "what is no parameter fixed": lambda w: w["polynomials"]["cells"][0].update(integers={"z": 1}),
    "no cases": lambda w: w["polynomials"]["cells"][0].update(cases=[]),
    "decisions too long": lambda w: w["polynomials"]["cells"][0]["cases"][0].update(decisions=[True] * 1_000_000),
    "degrees of multipliers": lambda w: w["polynomials"]["cells"][0]["cases"][0].update(
        multipliers=[], degrees=[10**9], conditions=[]
    ),
    "a family of no name": lambda w: w.update(family=["x"], slack="0"),
    "a slack in scientific notation": lambda w: w.update(family="ratio_bound@two_directions", slack="1e99999999"),
    "a thousand solvers": lambda w: (w.pop("polynomials"), w.update(solvers=[{"solver": "z3", "questions": []}] * 1000)),
    "solvers that are a text": lambda w: (w.pop("polynomials"), w.update(solvers="z3")),
    "boxes of a number": lambda w: (w.pop("polynomials"), w.update(boxes={"trees": 5})),
    "boxes nobody settled": lambda w: (w.pop("polynomials"), w.update(boxes={"trees": [[None]]})),
}  # fmt: skip


@AT_ONCE
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_certificate_is_rejected_at_once(
    name: str, sound: dict[str, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = copy.deepcopy(sound["halved"])
    MALFORMED[name](forged)
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(forged))
    assert replay.main([str(file)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"REJECTED {file}: ")
    assert printed.count("\n") == 1
    assert len(printed) < 600


NO_CERTIFICATE = (
    *("", "[]", "null", "{" * 5000, '{"format": 1, "statement": NaN}'),
    *('{"format": 1e99999999}', "\ufeff{}", "[" * 200_000, "9" * 10_000),
)


@pytest.mark.parametrize("text", NO_CERTIFICATE)
def test_what_is_no_certificate_is_rejected(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.json"
    file.write_text(text)
    assert replay.main([str(file)]) == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_bytes_that_are_no_text_are_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.json"
    file.write_bytes(bytes(range(256)))
    assert replay.main([str(file)]) == 1
    assert "no JSON" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["1e9", "inf", "0x10", " 1", "1/0", "1/-2", "1.5", "", "--1", "1" * 5000, None, 3, True])
def test_a_rational_number_is_digits_and_nothing_else(text: Any) -> None:
    with pytest.raises(Invalid, match="rational number"):
        rational(text)


@given(st.recursive(st.sampled_from([x, y, Rational(-2, 3), Integer(7)]), lambda inner: st.one_of(
    st.tuples(inner, inner).map(lambda two: two[0] + two[1]),
    st.tuples(inner, inner).map(lambda two: two[0] * two[1]),
    st.tuples(inner, inner).map(lambda two: Min(*two)),
    inner.map(Abs),
    inner.map(lambda one: exp(-Abs(one))),
    inner.map(lambda one: (1 + one**2) ** Rational(-3, 2)),
), max_leaves=6))  # fmt: skip
def test_a_formula_is_read_as_it_was_written(expression: Any) -> None:
    from sympy import srepr

    assert formula(srepr(expression)) == expression


# --- at random ----------------------------------------------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, -2, 2, 10**9, -(10**9), 0.5, 1e308, "", "0", "1", "-1", "1/2", "1e99999999", "x", "Infinity",
    "Integer(1)", "Integer(-3)", "Rational(1, 3)", X, "Symbol('y', real=True)", UNIT, "Pow(Integer(10), Integer(1000000000))",
    [], [[]], [0], [-1], [None], {}, {"x": 1}, "<=", "==", "halved", "distance/core", [[[0], "1"]], [[[1], "-1"]],
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything in a certificate."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 2))):
        ways = list(places(found))
        if not ways:
            break
        *path, last = draw(st.sampled_from(ways))
        holder = found
        for key in path:
            holder = holder[key]
        how = draw(st.sampled_from(("junk", "drop", "twice", "elsewhere", "number")))
        if how == "drop":
            del holder[last]
        elif how == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        elif how == "elsewhere":
            other = found
            for key in draw(st.sampled_from(ways)):
                other = other[key] if isinstance(other, dict | list) and _has(other, key) else other
            holder[last] = copy.deepcopy(other)
        elif how == "number" and isinstance(holder[last], int | str) and not isinstance(holder[last], bool):
            holder[last] = holder[last] + 1 if isinstance(holder[last], int) else holder[last].replace("1", "2", 1)
        else:
            holder[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return found


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


@given(st.data())
def test_a_certificate_changed_at_random_is_rejected_or_true(sound: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(sound)))
    changed = data.draw(mutated(sound[name]))
    found, said = confirmed(changed)
    assert "\n" not in said
    if found is not None:
        before, after = certificates.parsed(sound[name]["statement"]), certificates.parsed(changed["statement"])
        same = (before.parameters, before.lhs, before.relation, before.rhs) == (
            after.parameters, after.lhs, after.relation, after.rhs
        )  # fmt: skip
        assert found.lines
        assert same or not found.whole or not violations.suspects(after, solver=False, seconds=0.3)


def confirmed(changed: dict[str, Any]) -> tuple[Any, str]:
    try:
        return replay.check(changed, rerun=False), ""
    except Invalid as reason:
        return None, str(reason)


# --- the command --------------------------------------------------------------------------------------------------------------

OWN = """
from sympy import Interval, Rational
from theory.claim import Claim, FalseSibling, Source
from theory.notation import t

CLAIM = Claim(
    name="mine",
    title="t (1 - t) is at most a quarter",
    parameters={{t: Interval(0, 1)}},
    lhs=t * (1 - t),
    relation="<=",
    rhs=Rational({rhs}),
    source=Source("derived here"),
    false_sibling=FalseSibling("less", {{"rhs": Rational(1, 5)}}),
)
"""


def test_a_statement_is_compared_with_a_claim_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from verify.judging.sources import load

    file, other = tmp_path / "own.py", tmp_path / "other.py"
    file.write_text(OWN.format(rhs="1, 4"))
    other.write_text(OWN.format(rhs="1, 3"))
    statement = Statement.of(load(file))
    made = tmp_path / "made.json"
    made.write_text(certificates.text(statement, {"polynomials": proved.by_polynomials(statement)}, {}))
    assert replay.main([str(made), "--claim", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "that of the claim in the file" in printed
    assert "for t in [0, 1]: t (1 - t) <= 1/4" in printed
    assert replay.main([str(made), "--claim", str(other)]) == 1
    assert "is not that of the claim mine" in capsys.readouterr().out
    assert replay.main([str(made), "--claim", str(tmp_path / "no.py")]) == 2
    other.write_text(OWN.format(rhs="1, 4").replace('"mine"', '"yours"'))
    assert replay.main([str(made), "--claim", str(other)]) == 1


def test_the_whole_statement_is_printed(sound: dict[str, dict[str, Any]]) -> None:
    lines = replay.check(sound["weight"]).lines
    assert any(line.startswith("for ") for line in lines)
    assert any(line.startswith("where ") and "training weight of FirstOrderMAML" in line for line in lines)
    assert any(line.startswith("sympy was told that ") for line in lines)


def test_a_partial_certificate_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    touching = Statement("touching", {x: Interval(0, 1)}, exp(x) * 2 * x, "<=", exp(x) * (Rational(1, 3) + 3 * x**2))
    found = certified.certify(touching, time.monotonic() + 1)
    assert not found.conclusive
    file = tmp_path / "part.json"
    file.write_text(certificates.text(touching, found.certificate, {}))
    assert replay.main([str(file)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"PARTIAL {file}")
    assert "confirms no claim" in printed


def test_statements_of_one_name_have_files_of_their_own() -> None:
    proof = {"polynomials": proved.by_polynomials(HALVED)}
    other = Statement("halved", {x: Interval(0, 1)}, x - x**2, "<=", Rational(27, 100))
    names = {certificates.file_name("a/b", certificates.text(one, proof, {})) for one in (HALVED, other)}
    assert len(names) == 2
    assert all(name.startswith("a.b-") and name.endswith(".json") for name in names)
    assert certificates.file_name("a/b", certificates.text(HALVED, {}, {"x": "1"})) in names
