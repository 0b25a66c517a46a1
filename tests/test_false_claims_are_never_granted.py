"""Planted false claims of every kind that was ever granted, and their true siblings: none of the former is proved or certified.

Every false statement is first denied by exact numbers at a point.  The kinds: sets of several values, domains that cross or are
empty, symbols that know more than their domains, tiny open boxes, exponentials with parts of one exponent, sine, logarithm and
real powers.
"""

from __future__ import annotations

import json
import time
from fractions import Fraction
from typing import Any

import pytest
from sympy import (
    Abs,
    E,
    EmptySet,
    FiniteSet,
    Float,
    Integer,
    Interval,
    Max,
    Min,
    Range,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)

from theory.claim import Claim, Source
from theory.notation import k
from verify import replay
from verify.proofs import certificates, certified, points, proved, solvers, violations
from verify.proofs.formulas import Invalid
from verify.proofs.statement import Statement, Unprovable, cells

x, y, z, w, m = symbols("x y z w m", real=True)
UNIT = Interval(0, 1)
KNOWN = {"x": x, "y": y, "z": z, "w": w, "m": m, "k": k}


def says(lhs: Any, relation: str, rhs: Any, **domains: Any) -> Statement:
    parameters = {KNOWN[name]: domain for name, domain in domains.items()}
    return Statement("planted", parameters, Integer(0) + lhs, relation, Integer(0) + rhs)


TINY = Rational(1, 10**12)
#: false statements, each with a point at which it is
FALSE: dict[str, tuple[Statement, dict[Any, Any]]] = {
    # sets of several values
    "set: the second value": (says(x, "<=", 1, x=FiniteSet(1, 2)), {x: 2}),
    "set: the first value": (says(1, "<=", x, x=FiniteSet(Rational(1, 2), 2)), {x: Fraction(1, 2)}),
    "set: one of ten": (says((x - 7) ** 2 * (1 + y), "<=", 36, x=FiniteSet(*range(1, 11)), y=UNIT), {x: 1, y: Fraction(1)}),
    "set: an equality": (says(x**2, "==", x, x=FiniteSet(0, 1, 3)), {x: 3}),
    "set: an expression": (
        says(y, "<=", x, x=Interval(1, 2), y=FiniteSet(x, x / 2, 1 + x / 10)),
        {x: Fraction(1), y: Fraction(11, 10)},
    ),
    "set: an exponent": (says(x**m, "<=", x, x=Interval(1, 2), m=FiniteSet(1, 2)), {x: Fraction(2), m: 2}),
    "set: a set of sets": (says(x * y, "<=", 5, x=FiniteSet(1, 2), y=FiniteSet(2, 3)), {x: 2, y: 3}),
    "set: the end of a domain": (says(y, "<=", 2, x=FiniteSet(1, 3), y=Interval(0, x)), {x: 3, y: Fraction(3)}),
    "set: a root": (says(sqrt(x), "<=", 1, x=FiniteSet(1, 4)), {x: 4}),
    # domains that cross
    "crossing: where they meet": (says(y, "<=", -1, x=UNIT, y=Interval(0, x - 1)), {x: Fraction(1), y: Fraction(0)}),
    "crossing: beyond": (
        says(y, "<=", x - Rational(1, 2), x=Interval(0, 2), y=Interval(1, x)),
        {x: Fraction(1), y: Fraction(1)},
    ),
    "crossing: one point": (
        says(1, "<=", Abs(x - Rational(1, 2)), x=UNIT, y=Interval(0, -((x - Rational(1, 2)) ** 2))),
        {x: Fraction(1, 2), y: Fraction(0)},
    ),
    # open boxes too small for doubles
    "tiny: at the end": (says(Rational(1, 10**700), "<=", x, x=UNIT), {x: Fraction(0)}),
    "tiny: a root": (says(Rational(1, 10**400), "<=", sqrt(x), x=Interval.Lopen(0, 1)), {x: Fraction(1, 10**900)}),
    "tiny: in a corner": (says(Rational(1, 10**500), "<=", x + y, x=UNIT, y=UNIT), {x: Fraction(0), y: Fraction(0)}),
    "tiny: an exponential": (says(x + Rational(1, 10**350), "<=", exp(x) - 1, x=UNIT), {x: Fraction(0)}),
    # exponentials
    "exp: thirds": (says(exp(Max(2 * x, 3 * x)), "==", exp(2 * x), x=Interval(-1, TINY)), {x: Fraction(1, 10**13)}),
    "exp: halves": (says(exp(Max(x / 2, x / 3)), "==", exp(x / 3), x=Interval(-1, 1)), {x: Fraction(1)}),
    "exp: fifths of the other path": (says(exp(Abs(x) / 5), "==", exp(-x / 5), x=Interval(-1, 1)), {x: Fraction(1)}),
    "exp: powers of E": (says(exp(Rational(3, 2)) * x, "==", E * x, x=UNIT), {x: Fraction(1)}),
    "exp: a constant more": (says(exp(Max(x, 0)), "==", exp((x + Abs(x)) / 2) + TINY, x=Interval(-1, 1)), {x: Fraction(0)}),
    "exp: its modulus": (says(Abs(exp(x) - 2), "==", exp(x) - 2, x=UNIT), {x: Fraction(0)}),
    "exp: least of two": (says(Min(exp(x), exp(2 * x)), "==", exp(x), x=Interval(-1, 1)), {x: Fraction(-1)}),
    # functions that are not algebraic
    "sin: a digit too few": (says(sin(x), "<=", Rational(999, 1000), x=Interval(0, 3)), {x: Fraction(11, 7)}),
    "sin: its tangent above": (says(x, "<=", sin(x), x=UNIT), {x: Fraction(1)}),
    "cos: a parabola": (says(cos(x), "<=", 1 - x**2 / 2, x=UNIT), {x: Fraction(1)}),
    "log: its tangent below": (says(x - 1, "<=", log(x), x=Interval(Rational(1, 2), 2)), {x: Fraction(2)}),
    "tanh: below one": (says(tanh(x), "<=", 1 - Rational(1, 10**6), x=Interval(0, 10)), {x: Fraction(10)}),
    "power: concave": (says(1 + (x - 1) / 3, "<=", x ** Rational(1, 3), x=Interval(0, 8)), {x: Fraction(8)}),
    "power: real exponents": (
        says(x**y, "<=", x, x=Interval(1, 2), y=Interval(0, 1 + TINY)),
        {x: Fraction(2), y: 1 + Fraction(1, 10**12)},
    ),
    "pi: a digit too few": (
        says(x, "<=", Rational(314159, 100000), x=Interval(0, pi)),
        {x: Fraction(355, 113) - Fraction(1, 10**6)},
    ),
    "sin: an identity with a wrong digit": (
        says(sin(x) ** 2 + cos(x) ** 2, "==", 1 + Rational(1, 10**30), x=UNIT),
        {x: Fraction(1, 2)},
    ),
    # needles, far ends, integers
    "needle: a third": (says(Rational(1, 10**14), "<=", (x - Rational(1, 3)) ** 2, x=UNIT), {x: Fraction(1, 3)}),
    "needle: an algebraic point": (
        says(Rational(1, 10**18), "<=", (x**2 - 2) ** 2, x=Interval(0, 2)),
        {x: Fraction(141421356237, 10**11)},
    ),
    "needle: on a diagonal": (
        says(Rational(1, 10**10), "<=", (x - y) ** 2 + (x - Rational(2, 7)) ** 2, x=UNIT, y=UNIT),
        {x: Fraction(2, 7), y: Fraction(2, 7)},
    ),
    "needle: near a constant": (says(Max(0, x - 1 + TINY), "<=", 0, x=UNIT), {x: Fraction(1)}),
    "bump: three dimensions": (
        says(
            1 - 30 * (Abs(x - Rational(1, 7)) + Abs(y - Rational(6, 7)) + Abs(z - Rational(3, 7))),
            "<=",
            Rational(1, 2),
            x=UNIT,
            y=UNIT,
            z=UNIT,
        ),
        {x: Fraction(1, 7), y: Fraction(6, 7), z: Fraction(3, 7)},
    ),
    "far: a half-line": (says(x, "<=", 10**6, x=Interval(0, oo)), {x: Fraction(10**7)}),
    "far: both ends": (says(-(10**6), "<=", x, x=Interval(-oo, oo)), {x: Fraction(-(10**7))}),
    "far: an integer": (says(m, "<=", 10**9, m=Range(1, oo)), {m: 10**9 + 1}),
    "integer: at one": (says(1, "<=", (m - 23) ** 2, m=Range(1, 90)), {m: 23}),
    "integer: at one of a square": (
        says(Rational(1, 2), "<=", (m - 23) ** 2 * (1 + x), m=Range(1, 90), x=UNIT),
        {m: 23, x: Fraction(0)},
    ),
    "integer: an exponent": (says(k, "<=", 2**k - 2, k=Range(1, 30)), {k: 1}),
    "large: constants": (says(10**400 * x, "<=", 10**399, x=UNIT), {x: Fraction(1)}),
    "large: lost in a sum": (says(10**30 + x, "<=", 10**30 + x / 2, x=UNIT), {x: Fraction(1)}),
    "small: a square": (says((x / 10**200) ** 2, "<=", 0, x=UNIT), {x: Fraction(1)}),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_false_claim_is_denied_at_a_point_and_never_granted(name: str) -> None:
    statement, point = FALSE[name]
    assert points.denied(statement, point)
    with pytest.raises((Unprovable, TypeError, ZeroDivisionError)):
        proved.by_polynomials(statement, time.monotonic() + 0.5)
    assert not certified.certify(statement, time.monotonic() + 0.3).conclusive


@pytest.mark.parametrize("name", FALSE)
def test_a_violation_of_a_false_claim_is_found_at_once(name: str) -> None:
    statement, _ = FALSE[name]
    found = violations.suspects(statement, solver=name.startswith("crossing"), seconds=3.0)
    if name.startswith("crossing: one point") or name == "power: real exponents":
        return  # a single point of the plane, and a sliver: neither balls nor corners meet them
    assert found
    assert all(points.denied(statement, point) for point in found)
    assert all(set(point) == set(statement.parameters) for point in found)


@pytest.mark.parametrize("name", [name for name in FALSE if name.startswith(("set", "crossing", "needle: a third", "integer"))])
def test_no_solver_proves_a_false_claim(name: str) -> None:
    statement, _ = FALSE[name]
    questions = [solvers.script(statement, cell) for cell in cells(statement, relaxed=True)][:10]
    if name == "integer: an exponent":
        questions = questions[:1]
    assert any(solvers.ask("z3", question, 3.0).answer != "unsat" for question in questions)


#: true ones of the same kinds, which are granted and confirmed
TRUE: dict[str, Statement] = {
    "set: all values": says(x, "<=", 2, x=FiniteSet(1, 2)),
    "set: an equality": says(x**3, "==", x, x=FiniteSet(-1, 0, 1)),
    "set: expressions": says(y, "<=", 2 * x, x=Interval(1, 2), y=FiniteSet(x, x / 2, 1 + x / 10)),
    "set: exponents": says(x ** (m + 1), "<=", x**m, x=UNIT, m=FiniteSet(1, 2, 5)),
    "set: one exponent": says(x ** (m + 1), "<=", x**m, x=UNIT, m=FiniteSet(3)),
    "set: two of them": says(x * y, "<=", 6, x=FiniteSet(1, 2), y=FiniteSet(2, 3)),
    "set: a root": says(sqrt(x), "<=", 2 + Rational(1, 10), x=FiniteSet(1, 4)),
    "crossing: still true": says(y**2, "<=", 1 + x**2, x=UNIT, y=Interval(0, x - Rational(1, 2))),
    "exp: a finer unit": says(exp(x / 2) * exp(Max(x / 3, 0)), "==", exp(x / 2 + Max(x / 3, 0)), x=Interval(-1, 1)),
    "exp: two forms": says(exp(Abs(y) + x) * (x**2 - 4), "==", exp(Abs(y) + x) * (x - 2) * (x + 2), x=UNIT, y=Interval(-1, 1)),
    "exp: its modulus": says(Abs(exp(x) - exp(2 * x)), "==", exp(x) * Abs(1 - exp(x)), x=Interval(-1, 1)),
    "exp: squares": says((exp(x / 3) - exp(x / 2)) ** 2, "==", exp(2 * x / 3) - 2 * exp(5 * x / 6) + exp(x), x=Interval(-1, 1)),
    "sin below its tangent": says(sin(x), "<=", x + Rational(1, 100), x=Interval(0, 3)),
    "sin and cos": says(sin(x) * cos(y), "<=", 1 + Rational(1, 100), x=Interval(-3, 3), y=Interval(-3, 3)),
    "log below its tangent": says(log(x), "<=", x - 1 + Rational(1, 100), x=Interval(Rational(1, 4), 4)),
    "tanh below one": says(tanh(x), "<=", 1, x=Interval(0, 10)),
    "a third power": says(x ** Rational(1, 3), "<=", 1 + (x - 1) / 3 + Rational(1, 100), x=Interval(0, 8)),
    "a real power": says(x**y, "<=", x + Rational(1, 100), x=Interval(1, 2), y=UNIT),
    "pi": says(sin(pi * x), "<=", pi * x + Rational(1, 100), x=UNIT),
    "E": says(E, "<=", exp(x), x=Interval(Rational(101, 100), 2)),
    "entropy": says(-x * log(x), "<=", Rational(369, 1000), x=Interval(Rational(1, 1000), 1)),
    "large numbers": says(10**400 * x, "<=", 10**400, x=UNIT),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_of_the_same_kind_is_granted_and_confirmed(name: str) -> None:
    statement = TRUE[name]
    assert not violations.suspects(statement, solver=False, seconds=0.2)
    parts: dict[str, Any] = {}
    try:
        parts["polynomials"] = proved.by_polynomials(statement, time.monotonic() + 20)
    except (Unprovable, TypeError):
        finding = certified.certify(statement, time.monotonic() + 20)
        assert finding.conclusive
        parts |= finding.certificate
    assert replay.check(json.loads(certificates.text(statement, parts, {}))).whole


@pytest.mark.parametrize("name", [name for name in TRUE if name.startswith("set")])
def test_a_proof_for_one_value_of_a_set_is_rejected(name: str) -> None:
    statement = TRUE[name]
    try:
        parts = {"polynomials": proved.by_polynomials(statement)}
    except Unprovable:
        parts = dict(certified.certify(statement).certificate)
    content = json.loads(certificates.text(statement, parts, {}))
    (part,) = (content[kind] for kind in ("polynomials", "boxes", "enclosures") if kind in content)
    entries = part.get("cells", part.get("trees"))
    if len(entries) > 1:
        del entries[1:]
        with pytest.raises(Invalid):
            replay.check(content)
    else:
        assert name in ("set: one exponent",)


# --- what is refused ----------------------------------------------------------------------------------------------------------

told = {name: Symbol(name, **facts) for name, facts in (("a", {"nonnegative": True}), ("b", {"positive": True}))}
integral = Symbol("i", integer=True)
REFUSED: dict[str, tuple[dict[Any, Any], Any, str]] = {
    "nonnegative below zero": ({told["a"]: Interval(-1, 1)}, Abs(told["a"]), "nonnegative"),
    "positive at zero": ({told["b"]: UNIT}, told["b"], "positive"),
    "integer on an interval": ({integral: UNIT}, cos(pi * integral) ** 2, "integer"),
    "nonnegative in a set": ({told["a"]: FiniteSet(1, -1)}, Abs(told["a"]), "nonnegative"),
    "nonnegative in a range": ({told["a"]: Range(-1, 2)}, Abs(told["a"]), "nonnegative"),
    "even": ({Symbol("i", even=True): Range(0, 5)}, Integer(1), "even"),
    "imaginary": ({Symbol("i", imaginary=True): UNIT}, Integer(1), "hermitian"),
    "nonnegative between symbols": ({x: Interval(-1, 1), told["a"]: Interval(x, 2)}, Abs(told["a"]), "nonnegative"),
    "an empty range": ({m: Range(5, 5)}, m, "empty"),
    "an empty interval": ({x: Interval(2, 1)}, x, "empty"),
    "an empty set": ({x: EmptySet}, x, "empty"),
    "two of one name": ({x: UNIT, Symbol("x"): UNIT}, x, "name"),
    "a later symbol": ({x: Interval(0, y), y: UNIT}, x, "before it"),
    "no declaration": ({x: UNIT}, y, "not declared"),
    "a double": ({x: UNIT}, Float(0.1) * x, "Float"),
    "an end that is a double": ({x: Interval(0, Float(0.1))}, x, "Float"),
    "a long number": ({x: UNIT}, Integer(10) ** 5000 + x, "digits"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_statement_that_says_something_else_or_nothing_is_refused(name: str) -> None:
    parameters, lhs, why = REFUSED[name]
    with pytest.raises(Unprovable, match=why):
        Statement("refused", parameters, lhs, "<=", Integer(0))


def test_assumptions_that_follow_from_domains_are_none_to_refuse() -> None:
    one, other, third = told["a"], Symbol("c", positive=True), Symbol("d", nonpositive=True)
    Statement("ours", {one: UNIT, other: Interval.Lopen(one, 2), third: Interval(-other, 0)}, one, "<=", other)
    Statement("ours", {Symbol("i", even=True, positive=True): FiniteSet(2, 4)}, Integer(0), "<=", Integer(0))
    ranges = {integral: Range(-3, 9, 2), Symbol("j", integer=True, positive=True): Range(1, oo)}
    Statement("ours", ranges, Integer(0), "<=", Integer(0))


def test_open_leaves_decide_and_not_their_volume() -> None:
    touching = says(Rational(1, 10**700), "<=", x, x=UNIT)
    found = certified.certify(touching, time.monotonic() + 1)
    assert not found.conclusive
    assert found.region["open"] > 0
    assert found.region["undecided"] > 0
    assert found.region["settled"] < 1
    content = json.loads(certificates.text(touching, found.certificate, {}))
    checked = replay.check(content)
    assert not checked.whole
    assert "confirms no claim" in checked.lines[-1]


def test_violations_seen_by_balls_and_solvers_come_with_their_points() -> None:
    for name in ("set: the second value", "needle: a third", "integer: at one", "far: a half-line"):
        statement, _ = FALSE[name]
        claim = as_claim(statement)
        for finding in (proved.gather(claim, time.monotonic() + 20), certified.gather(claim, time.monotonic() + 20)):
            assert not finding.conclusive
            assert finding.suspects
            assert all(points.denied(statement, point) for point in finding.suspects)


def as_claim(statement: Statement) -> Claim:
    sides = (statement.lhs, statement.relation, statement.rhs)
    return Claim("planted", "", *sides, Source("derived here"), None, dict(statement.parameters))


@pytest.mark.parametrize("name", ["root_0", "true", "ite", "a|b", "a\\b", "-", "pi"])
def test_a_name_that_means_something_to_solvers_is_not_put_to_them(name: str) -> None:
    own = Symbol(name, real=True)
    statement = Statement("named", {own: UNIT}, sqrt(own + 2), "<=", own)
    with pytest.raises(Unprovable, match="name"):
        solvers.script(statement, {})
