"""Certification: enclosures contain what they enclose, certificates hold in other arithmetic, and what remains is said."""

from __future__ import annotations

import json
import math
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import (
    Abs,
    Expr,
    FiniteSet,
    Integer,
    Interval,
    Max,
    Min,
    Pow,
    Range,
    Rational,
    exp,
    oo,
    preorder_traversal,
    sqrt,
    symbols,
)
from topics import CORE

from theory import bounds
from theory.claim import Claim, Source
from theory.notation import alpha
from theory.rules import GradientFlow
from verify import replay
from verify.arithmetic import balls
from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.judging import judge
from verify.proofs import certificates, certified, enclosed
from verify.proofs.formulas import Invalid
from verify.proofs.multipliers import bernstein_coefficients
from verify.proofs.statement import Statement
from verify.quantities.formulas import Derived

x, y, m = symbols("x y m", real=True)
UNIT = Interval(0, 1)
dyadic = st.integers(0, 16).map(lambda k: Fraction(k, 16))

CORES = [part.name for name in CORE for part in judge.parts(bounds.claim(name)) if part.tasks is None]
CORES = [name for name in CORES if not name.endswith("/false-sibling")]


def statement(lhs: Any, rhs: Any, **domains: Any) -> Statement:
    known = {"x": x, "y": y, "m": m}
    return Statement(
        "example", {known[name]: domain for name, domain in domains.items()}, Integer(0) + lhs, "<=", Integer(0) + rhs
    )


CERTIFIED = {
    "exponential with slack": statement(exp(-x), Rational(101, 100) - x / 3, x=Interval(0, 2)),
    "exponential, equal at a corner": statement(1 - x, exp(-x / 2), x=UNIT),
    "maximum of t exp(-t)": statement(x * exp(-x), Rational(3679, 10000), x=Interval(0, 8)),
    "roots": statement(sqrt(x) + sqrt(1 - x), Rational(14143, 10000), x=UNIT),
    "root of a sum": statement(sqrt(x + y), Rational(1, 20) + sqrt(x) + sqrt(y), x=UNIT, y=UNIT),
    "absolute values": statement(Abs(x - y) * exp(-x), 1 + Rational(1, 1000), x=UNIT, y=UNIT),
    "minimum": statement(Min(exp(-x), x), Rational(568, 1000), x=Interval(0, 3)),
    "maximum": statement(Rational(567, 1000), Max(exp(-x), x), x=Interval(0, 3)),
    "quotient": statement(1 / (1 + exp(-x)), Rational(3, 4) + Rational(1, 50) * x, x=UNIT),
    "dependent domain": statement(y * exp(-y), x, x=Interval(Rational(1, 10), 2), y=Interval(0, x / 2)),
    "integers as reals": statement(exp(-m * x), 1 + Rational(1, 100), x=UNIT, m=Range(1, 9)),
    "integers as exponents": statement((1 - x) ** m * exp(-x), Rational(101, 100), x=UNIT, m=Range(1, 4)),
    "a fixed parameter": statement(y * exp(-x), Rational(2, 5), x=UNIT, y=FiniteSet(x)),
}


@pytest.mark.parametrize("name", CERTIFIED)
def test_true_claims_with_slack_are_certified_and_confirmed(name: str) -> None:
    one = CERTIFIED[name]
    found = certified.search(one)
    assert found.complete
    assert found.remainder == 0
    assert found.slack >= 0
    (line,), whole = certified.recheck(one, {"trees": found.trees})
    assert whole
    assert "confirmed in rational intervals" in line


def test_a_certificate_of_one_claim_is_none_of_another() -> None:
    found = certified.search(CERTIFIED["exponential with slack"])
    tighter = statement(exp(-x), Rational(90, 100) - x / 3, x=Interval(0, 2))
    with pytest.raises(Invalid, match="not in order"):
        certified.recheck(tighter, {"trees": found.trees})
    for trees in ([], [[]], [[-1]], [found.trees[0][:-1]], [[*found.trees[0], -1]], [[7]], [["0"]]):
        with pytest.raises(Invalid):
            certified.recheck(CERTIFIED["exponential with slack"], {"trees": trees})


def test_what_remains_is_said_with_its_volume_and_where() -> None:
    # equality at x = 1/3, inside: no enclosure is that narrow
    touching = statement(2 * exp(x) / 3 * 3 * x, exp(x) * (Rational(1, 3) + 3 * x**2), x=UNIT)
    found = certified.search(touching, most=300)
    assert not found.complete
    assert not found.violated
    assert 0 < found.remainder < 0.01
    assert any(low <= Fraction(1, 3) <= high for ((low, high),) in found.found[0].open)
    finding = certified.gather(as_claim(touching), time.monotonic() + 3)
    assert not finding.conclusive
    assert 0 < finding.region["undecided"] < 0.001
    assert finding.region["where"].startswith("x in [0.333")
    assert "undecided: " in finding.detail
    # what is settled is a certificate of that part, and is confirmed as no more
    (line,), whole = certified.recheck(touching, finding.certificate["boxes"])
    assert not whole
    assert "confirmed in rational intervals" in line
    assert "only in part" in line
    with pytest.raises(Invalid, match="nothing is settled"):
        certified.recheck(touching, {"trees": [[None]]})


def as_claim(one: Statement) -> Claim:
    return Claim("example", "", one.lhs, one.relation, one.rhs, Source("derived here"), None, dict(one.parameters))


@pytest.mark.parametrize("name", CORES)
def test_every_core_is_certified_without_a_proof_and_confirmed(name: str) -> None:
    finding = certified.gather(bounds.claim(name))
    assert finding.conclusive
    assert finding.region["undecided"] == 0
    assert finding.statement is not None
    checked = replay.check(json.loads(certificates.text(finding.statement, finding.certificate, {})))
    assert checked.whole
    assert "confirmed in rational intervals" in checked.lines[-1]
    assert "only in part" not in checked.lines[-1]


@pytest.mark.parametrize("name", [name for name in CORES if bounds.claim(name).relation == "<="])
def test_signs_in_balls_are_none_of_a_false_sibling(name: str) -> None:
    forged = certified.gather(bounds.claim(name))
    false = Statement.of(bounds.claim(name).sibling())
    with pytest.raises(Invalid):
        replay.check(json.loads(certificates.text(false, forged.certificate, {})))


def test_an_unbounded_domain_leaves_as_a_factor() -> None:
    finding = certified.gather(as_claim(statement(2 * x * y, x**2 + y**2, x=Interval(0, oo), y=Interval(x, oo))))
    assert finding.conclusive
    assert "enclosures" in finding.certificate


@given(st.lists(st.integers(-3, 5), min_size=6, max_size=6), st.lists(dyadic, min_size=4, max_size=4), st.data())
def test_polynomials_are_enclosed(entries: list[int], corners: list[Fraction], data: st.DataObject) -> None:
    terms = {(i, j): Fraction(entries[2 * i + j]) for i in range(3) for j in range(2) if entries[2 * i + j]}
    terms = terms or {(0, 0): Fraction(1)}
    box = tuple((min(pair), max(pair)) for pair in (corners[:2], corners[2:]))
    at = [low + (high - low) * data.draw(dyadic) for low, high in box]
    coefficients = bernstein_coefficients(terms)
    # what is enclosed is the multiple that makes all coefficients integers
    scale = math.lcm(*(c.denominator for c in coefficients.flat))
    value = scale * sum(c * at[0] ** i * at[1] ** j for (i, j), c in terms.items())
    for numbers in (balls.balls(), balls.intervals()):
        target = enclosed.Polynomial(coefficients, numbers)
        ends = target.bounds(box)
        assert ends.low <= numbers.constant(value) <= ends.high
        assert target.lowest(box)[0] <= numbers.constant(value)


def test_an_unbounded_domain_is_not_certified_as_a_whole() -> None:
    found = certified.search(statement(x * exp(-x), 1, x=Interval(0, oo)), most=300)
    assert not found.complete
    assert found.remainder < 0.1


def test_false_claims_are_found_out_at_once() -> None:
    thin = statement(exp(-x), 1 - x + x**2 / 2 - x**3 / 7, x=UNIT)
    found = certified.search(thin)
    assert found.violated
    assert not found.complete
    assert found.boxes < 200


def test_time_that_ran_out_leaves_a_remainder() -> None:
    found = certified.search(CERTIFIED["roots"], deadline=time.monotonic() - 1)
    assert not found.complete
    assert found.remainder == 1


def test_a_derived_weight_is_enclosed() -> None:
    weight = symbols("w")
    derived = {weight: Derived(GradientFlow(x), alpha)}
    one = Statement("flow", {x: Interval(0, 2), alpha: UNIT}, weight, "<=", Rational(101, 100), derived)
    found = certified.search(one)
    assert found.complete
    assert certified.recheck(one, {"trees": found.trees})


# --- enclosures ---------------------------------------------------------------------------------------------------------------

leaves = st.sampled_from([x, y, Rational(1, 3), Integer(2), Rational(-3, 2)])


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda two: two[0] + two[1]),
        pair.map(lambda two: two[0] * two[1]),
        pair.map(lambda two: Min(*two)),
        pair.map(lambda two: Max(*two)),
        pair.map(lambda two: two[0] / (2 + two[1] ** 2)),
        inner.map(lambda one: one**2),
        inner.map(Abs),
        inner.map(lambda one: exp(-Abs(one))),
        inner.map(lambda one: sqrt(Min(Abs(one), 3))),
    )


@given(st.recursive(leaves, grown, max_leaves=5), st.lists(dyadic, min_size=4, max_size=4), st.data())
def test_enclosures_contain_every_point_of_their_box(expression: Expr, corners: list[Fraction], data: st.DataObject) -> None:
    # sympy makes one power of nested roots of a number, which no claim may use
    assume(all((2 * node.exp).is_integer for node in preorder_traversal(expression) if isinstance(node, Pow)))
    one = statement(0, expression, x=UNIT, y=Interval(-1, 2))
    box = tuple(tuple(sorted(corners[2 * i : 2 * i + 2])) for i in range(2))
    part = data.draw(st.tuples(dyadic, dyadic))
    tau = [low + (high - low) * t for (low, high), t in zip(box, part, strict=True)]
    point = {x: np.array([[tau[0]]], dtype=object), y: np.array([[-1 + 3 * tau[1]]], dtype=object)}
    least, most = ends(np.ravel(np.asarray(evaluate(one.rhs, point, EXACT), dtype=object))[0])
    for numbers in (balls.balls(), balls.intervals()):
        difference = enclosed.Difference(one, {}, numbers)
        bound, whole = difference.lowest(box)
        least_value, most_value = numbers.constant(least), numbers.constant(most)
        assert not bound > most_value
        assert not whole.low > most_value
        assert not whole.high < least_value
