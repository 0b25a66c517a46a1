"""No false claim is proved or certified: false siblings, claims without an assumption, and bounds that are only nearly true.

Every false statement here is first shown to be false at a point, in exact numbers.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Expr, Integer, Interval, Max, Min, Range, Rational, Symbol, exp, oo, sqrt, symbols
from topics import CORE

from theory import bounds
from theory.claim import Claim
from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.space import Space
from verify.judging import judge
from verify.proofs import certified, proved, solvers
from verify.proofs.statement import Statement, Unprovable, cells

x, y, u, low, m = symbols("x y u low m", real=True)
UNIT = Interval(0, 1)
TINY = Rational(1, 10**20)
PERMILLE = Rational(999, 1000)

Point = dict[Symbol, Any]


def false(lhs: Any, rhs: Any, at: Point, relation: str = "<=", **domains: Any) -> tuple[Statement, Point]:
    known = {"x": x, "y": y, "u": u, "low": low, "m": m}
    parameters = {known[name]: domain for name, domain in domains.items()}
    return Statement("false", parameters, Integer(0) + lhs, relation, Integer(0) + rhs), at


HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
FALSE: dict[str, tuple[Statement, Point]] = {
    # a constant off by a thousandth or less
    "x (1 - x), 0.1 % less": false(x * (1 - x), PERMILLE / 4, {x: HALF}, x=UNIT),
    "transfer core, 0.1 % less": false(
        (u**2 - x) * (x - low**2),
        PERMILLE * (u - low) ** 2 * x,
        {u: Fraction(2), low: Fraction(1), x: Fraction(2)},
        u=Interval.open(0, oo),
        low=Interval(0, u),
        x=Interval(low**2, u**2),
    ),
    "ratio core, 0.1 % less": false(
        4 * x * (u + low - x),
        PERMILLE * (u + low) ** 2,
        {u: Fraction(3), low: Fraction(1), x: Fraction(2)},
        u=Interval.open(0, oo),
        low=Interval.Lopen(0, u),
        x=Interval(low, u),
    ),
    "distance core, 0.1 % less": false(
        x * (1 - x) * (u + low) ** 2,
        PERMILLE * (low**2 * (1 - x) + u**2 * x),
        {u: Fraction(1), low: Fraction(1), x: HALF},
        u=Interval.open(0, oo),
        low=Interval(0, u),
        x=UNIT,
    ),
    "root of a product, a ten-thousandth less": false(
        sqrt(x), Rational(9999, 20000) * (1 + x), {x: Fraction(1)}, x=Interval(0, 4)
    ),
    "sum of roots": false(sqrt(x) + sqrt(1 - x), Rational(14142, 10000), {x: HALF}, x=UNIT),
    "1/e in four digits": false(x * exp(-x), Rational(3678, 10000), {x: Fraction(1)}, x=Interval(0, 4)),
    "e - 2 in three digits": false(exp(x), 1 + x + Rational(718, 1000) * x**2, {x: Fraction(1)}, x=UNIT),
    "least of two": false(Min(x, 1 - x), Rational(4999, 10000), {x: HALF}, x=UNIT),
    "largest difference": false(Abs(x - y), PERMILLE, {x: Fraction(0), y: Fraction(1)}, x=UNIT, y=UNIT),
    "identity with a wrong digit": false(
        (x + y) ** 3, x**3 + 3 * x**2 * y + Rational(2999, 1000) * x * y**2 + y**3, {x: HALF, y: HALF}, "==", x=UNIT, y=UNIT
    ),
    # reversed on a thin set
    "below zero on a thousandth": false(0, x * (x - Rational(1, 1000)), {x: Fraction(1, 2000)}, x=UNIT),
    "below zero between thirds": false(
        0, (3 * x - 1) * (3 * x - 1 - Rational(1, 10**6)), {x: THIRD + Fraction(1, 10**7)}, x=UNIT
    ),
    "below zero on a strip": false(
        0, (x - y) * (x - y - Rational(1, 1000)), {x: HALF, y: HALF - Fraction(1, 2000)}, x=UNIT, y=UNIT
    ),
    "below zero at the edge": false(x, 1 - Rational(1, 10**9), {x: Fraction(1)}, x=UNIT),
    "below zero in a corner": false(x + y, 2 - Rational(1, 10**6), {x: Fraction(1), y: Fraction(1)}, x=UNIT, y=UNIT),
    "below zero far out": false(Rational(1, 10**6), 1 / (1 + x), {x: Fraction(10**7)}, x=Interval(0, oo)),
    "below zero far out, exponentially": false(Rational(1, 10**9), exp(-x), {x: Fraction(100)}, x=Interval(0, oo)),
    "below zero near a pole": false(1 / x, 10**6, {x: Fraction(1, 10**7)}, x=Interval.Lopen(0, 1)),
    "false at one integer": false(1, (m - 7) ** 2, {m: 7}, m=Range(1, 21)),
    "false at one exponent": false(
        x**m, Rational(1, 16), {m: 4, x: Fraction(51, 100)}, m=Range(4, 8), x=Interval(0, Rational(51, 100))
    ),
    # true only up to rounding
    "rounding at the top": false(x * (1 - x), Rational(1, 4) - TINY, {x: HALF}, x=UNIT),
    "rounding everywhere": false(x, x * (1 - TINY), {x: Fraction(1)}, x=UNIT),
    "rounding of an exponential": false(1 - x + TINY, exp(-x), {x: Fraction(0)}, x=UNIT),
    "rounding of an identity": false(x + TINY, x, {x: Fraction(0)}, "==", x=UNIT),
    "rounding of a square": false(2 * x * y, (1 - TINY) * (x**2 + y**2), {x: Fraction(1), y: Fraction(1)}, x=UNIT, y=UNIT),
    # an assumption missing
    "contraction, a thousandth too far": false(
        Abs(1 - x * y),
        1,
        {y: Fraction(1), x: Fraction(2001, 1000)},
        y=Interval.open(0, oo),
        x=Interval(0, Rational(2001, 1000) / y),
    ),
    "spectrum, a thousandth too far": false(
        x**2,
        (u + low) * x - u * low,
        {u: Fraction(1), low: Fraction(0), x: Fraction(1001, 1000)},
        u=Interval.open(0, oo),
        low=Interval(0, u),
        x=Interval(low, Rational(1001, 1000) * u),
    ),
    "multiplied by what may be negative": false(1 / (1 - x), 1 + 2 * x, {x: Fraction(3, 4)}, x=Interval(0, Rational(3, 4))),
    "cancelled what may be negative": false(x * y, x, {x: Fraction(-1), y: Fraction(0)}, x=Interval(-1, 1), y=UNIT),
    "a root of a square": false(Abs(x), x, {x: Fraction(-1, 1000)}, x=Interval(-Rational(1, 1000), 1)),
    "Taylor below zero": false(exp(-x), 1 - x + x**2 / 2, {x: Fraction(-1, 1000)}, x=Interval(-Rational(1, 1000), 1)),
    "largest for least": false(Max(x, y) * Max(x, y), x * y, {x: Fraction(1), y: Fraction(0)}, x=UNIT, y=UNIT),
    "outside a minimum": false(
        y**2, x, {x: Fraction(2), y: Fraction(3, 2)}, x=Interval(0, 2), y=Interval(0, Min(x, Rational(3, 2)))
    ),
}


def refuted_at(statement: Statement, point: Point) -> bool:
    """Whether exact numbers contradict the statement at a point of its domain."""
    values = {symbol: value if isinstance(value, int) else np.array([[value]], dtype=object) for symbol, value in point.items()}

    def number(expression: Any) -> tuple[Fraction, Fraction]:
        return ends(np.ravel(np.asarray(evaluate(expression, values, EXACT), dtype=object))[0])

    for symbol, domain in statement.parameters.items():
        here = Fraction(point[symbol])
        start, end = (domain.start, domain.end) if isinstance(domain, Interval) else (domain.start, domain.stop - 1)
        assert start.is_infinite or number(start)[0] <= here
        assert end.is_infinite or here <= number(end)[1]
    (least, _), (_, most) = number(statement.lhs), number(statement.rhs)
    return least > most or (statement.relation == "==" and number(statement.lhs)[1] < number(statement.rhs)[0])


@pytest.mark.parametrize("name", FALSE)
def test_subtly_false_bounds_are_neither_proved_nor_certified(name: str) -> None:
    statement, point = FALSE[name]
    assert refuted_at(statement, point)
    with pytest.raises(Unprovable):
        proved.by_polynomials(statement)
    if statement.relation == "<=":
        assert not certified.search(statement, most=400).complete


@pytest.mark.parametrize("name", [name for name, (one, _) in FALSE.items() if "exp" not in str(one.lhs) + str(one.rhs)])
def test_no_solver_proves_a_subtly_false_bound(name: str) -> None:
    statement, _ = FALSE[name]
    for solver in solvers.SOLVERS:
        answers = [solvers.ask(solver, solvers.script(statement, integers), 2.0) for integers in cells(statement, relaxed=True)]
        assert any(answer.answer != "unsat" for answer in answers)
        assert "failed" not in {answer.answer for answer in answers}


# --- the theory's own claims --------------------------------------------------------------------------------------------------

ALL = [bounds.claim(name) for name in CORE]
SIBLINGS = {part.name: part for claim in ALL for part in judge.parts(claim) if part.name.endswith("/false-sibling")}
RELAXED = {
    f"{part.name} without {number}": part.without(assumption)
    for claim in ALL
    for part in judge.parts(claim)
    for number, assumption in enumerate(part.assumptions)
}
PRINTED = {claim.name: claim for claim in ALL if claim.expected == "refuted"}


@pytest.mark.parametrize("name", [*SIBLINGS, *RELAXED, *PRINTED])
def test_false_claims_of_the_theory_are_neither_proved_nor_certified(name: str) -> None:
    claim: Claim = {**SIBLINGS, **RELAXED, **PRINTED}[name]
    try:
        statement = Statement.of(claim)
    except Unprovable:
        assert not proved.gather(claim).conclusive
        assert not certified.gather(claim).conclusive
        return
    with pytest.raises(Unprovable):
        proved.by_polynomials(statement)
    if statement.relation == "<=":
        assert not certified.search(statement, most=100).complete


def test_solvers_see_a_violation_of_every_false_sibling_about_numbers() -> None:
    unseen = []
    for name, claim in SIBLINGS.items():
        try:
            statement = Statement.of(claim)
            question = solvers.script(statement, cells(statement, relaxed=True)[0])
        except Unprovable:
            continue
        if solvers.ask("z3", question).answer != "sat":
            unseen.append(name)
    assert not unseen


def test_an_instance_of_the_codec_lies_where_the_solvers_look() -> None:
    # both readings of a domain, mapping and constraints, contain the same points
    claim = bounds.claim("adaptation_never_hurts_sampled/ends")
    statement, space = Statement.of(claim), Space(claim)
    rng = np.random.default_rng(0)
    cell = space.random_cell(rng)
    batch = space.exact(cell, space.random_codes(cell, 1, rng)[0])
    text = solvers.script(statement, {})
    pinned = [
        f"(assert (= |{symbol}| {solvers.number(value if isinstance(value, int) else np.ravel(value)[0])}))"
        for symbol, value in batch.values.items()
    ]
    lines = text.splitlines()
    inside = "\n".join([*lines[:-2], *pinned, lines[-1]])
    assert solvers.ask("z3", inside).answer == "sat"
    assert solvers.ask("z3", "\n".join([*lines[:-1], *pinned, lines[-1]])).answer == "unsat"


# --- claims drawn at random ---------------------------------------------------------------------------------------------------

ATOMS = (
    Integer(1), x, y, Abs(x - y), Abs(3 * x - 1), Min(x, y), Max(x, 1 - y), 1 / (2 + x**2), y / (1 + y**2), (2 * x - y) ** 2,
    x * (1 - x), Min(x, 1) * Max(y, 0), 1 / (3 * x - 1),
)  # fmt: skip
terms = st.tuples(st.integers(-3, 5), st.sampled_from(ATOMS), st.sampled_from(ATOMS[:8])).map(lambda t: t[0] * t[1] * t[2])
DOMAINS = (UNIT, Interval(-1, 2), Interval.open(0, oo), Interval(0, Max(x, 1 - x)), Interval(-x, x), Interval(0, 1 / (1 + x)))
exact = st.fractions(min_value=0, max_value=1, max_denominator=12)


@given(
    st.lists(terms, min_size=1, max_size=3).map(lambda parts: sum(parts, Integer(0))),
    st.sampled_from(DOMAINS[:3]),
    st.sampled_from(DOMAINS),
    st.sampled_from((2, 3, 4)),
)
def test_what_is_proved_holds_at_every_point(expression: Expr, first: Interval, second: Interval, coarse: int) -> None:
    # claimed is the least value on a coarse grid, which is the least of all now and then; the judge is a finer grid
    parameters = {x: first, y: second}

    def least_on(steps: int) -> Fraction:
        grid = (
            at(expression, parameters, (Fraction(i, steps), Fraction(j, steps))) for i, j in np.ndindex(steps + 1, steps + 1)
        )
        return min((value for value in grid if value is not None), default=Fraction(0))

    least = least_on(coarse)
    statement = Statement("drawn", parameters, Rational(least.numerator, least.denominator), "<=", expression)
    try:
        proved.by_polynomials(statement, time.monotonic() + 0.1)
    except Unprovable:
        return
    assert least_on(12) >= least


def at(expression: Expr, parameters: dict[Symbol, Interval], tau: tuple[Fraction, Fraction]) -> Fraction | None:
    """An expression's exact value at a point of the domains, None where it has none."""
    values: dict[Symbol, Any] = {}
    try:
        for (symbol, domain), part in zip(parameters.items(), tau, strict=True):
            low = number(domain.start, values)
            values[symbol] = low + (part / (1 - part) if domain.end.is_infinite else (number(domain.end, values) - low) * part)
        return number(expression, values)
    except ZeroDivisionError:
        return None


def number(expression: Expr, values: dict[Symbol, Fraction]) -> Fraction:
    arrays = {symbol: np.array([[value]], dtype=object) for symbol, value in values.items()}
    return Fraction(np.ravel(np.asarray(evaluate(expression, arrays, EXACT), dtype=object))[0])
