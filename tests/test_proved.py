"""Proofs: every scalar core of a bound is proved; coefficients bound polynomials; proofs imply what exact points say."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Integer, Interval, Max, Min, Range, Rational, exp, oo, symbols
from topics import CORE

from theory import bounds
from theory.claim import Claim
from theory.notation import k
from verify import replay
from verify.evidence.question import Question
from verify.judging import judge
from verify.proofs import bernstein, proved, solvers
from verify.proofs.algebras import FlintAlgebra, SympyAlgebra, Terms
from verify.proofs.normal_form import cases
from verify.proofs.rechecked import coefficients_on
from verify.proofs.statement import Statement, Unprovable, cells

x, y, m = symbols("x y m", real=True)


def statement(lhs: object, rhs: object, relation: str = "<=", **domains: object) -> Statement:
    parameters = {{"x": x, "y": y, "m": m}[name]: domain for name, domain in domains.items()}
    return Statement("example", parameters, Integer(0) + lhs, relation, Integer(0) + rhs)


CORES = [part.name for name in CORE for part in judge.parts(bounds.claim(name)) if part.tasks is None]
CORES = [name for name in CORES if not name.endswith("/false-sibling")]


@pytest.mark.parametrize("name", CORES)
def test_every_scalar_core_is_proved_in_exact_arithmetic(name: str) -> None:
    statement = Statement.of(bounds.claim(name))
    proof = proved.by_polynomials(statement, time.monotonic() + 60)
    assert replay.check_polynomials(statement, proof)


def test_solvers_prove_a_core_from_its_own_formulas() -> None:
    finding = proved.gather(bounds.claim("distance/core"))
    assert finding.conclusive
    assert finding.detail.startswith("factors of one sign; z3 ")
    assert finding.detail.endswith(" agree")
    assert [entry["solver"] for entry in finding.certificate["solvers"]] == list(solvers.SOLVERS)


def test_claims_about_tasks_are_not_proved_as_such() -> None:
    finding = proved.gather(bounds.claim("transfer_bound"))
    assert not finding.conclusive
    assert "task distributions" in finding.detail


# --- polynomials --------------------------------------------------------------------------------------------------------------

coefficients = st.fractions(min_value=-4, max_value=4, max_denominator=8).map(lambda number: number or Fraction(1))
unit = st.fractions(min_value=0, max_value=1, max_denominator=32)


@st.composite
def polynomials(draw: st.DrawFn) -> Terms:
    dimension = draw(st.integers(1, 3))
    keys = st.tuples(*[st.integers(0, 3)] * dimension)
    return draw(st.dictionaries(keys, coefficients, min_size=1, max_size=5))


def value(terms: Terms, point: tuple[Fraction, ...]) -> Fraction:
    return sum((c * np.prod([t**e for t, e in zip(point, key, strict=True)]) for key, c in terms.items()), Fraction(0))


@given(polynomials(), st.tuples(unit, unit, unit))
def test_coefficients_on_a_box_bound_the_polynomial(terms: Terms, corner: tuple[Fraction, ...]) -> None:
    dimension = len(next(iter(terms)))
    box = tuple(sorted((a, Fraction(1, 2))) for a in corner[:dimension])
    found = coefficients_on(terms, tuple((low, high) for low, high in box))
    for weights in (Fraction(0), Fraction(1, 3), Fraction(1)):
        point = tuple(low + (high - low) * weights for low, high in box)
        assert found.min() <= value(terms, point) <= found.max()
    assert found[(0,) * dimension] == value(terms, tuple(low for low, _ in box))


@given(polynomials(), st.data())
def test_halving_agrees_with_coefficients_computed_anew(terms: Terms, data: st.DataObject) -> None:
    dimension = len(next(iter(terms)))
    axis = data.draw(st.integers(0, dimension - 1))
    lower, upper = bernstein.halves(bernstein.coefficients(terms), axis)
    for half, ends in ((lower, (0, Fraction(1, 2))), (upper, (Fraction(1, 2), 1))):
        box = [(Fraction(0), Fraction(1))] * dimension
        box[axis] = (Fraction(ends[0]), Fraction(ends[1]))
        anew = coefficients_on(terms, tuple(box))
        scale = {Fraction(a) / b for a, b in zip(half.ravel(), anew.ravel(), strict=True) if b}
        assert len(scale) <= 1
        assert all(ratio > 0 for ratio in scale)
        assert all((a == 0) == (b == 0) for a, b in zip(half.ravel(), anew.ravel(), strict=True))


@given(polynomials(), st.lists(st.tuples(unit, unit, unit), min_size=1, max_size=5))
def test_what_is_proved_nonnegative_is_so_at_every_point(terms: Terms, points: list[tuple[Fraction, ...]]) -> None:
    tree = bernstein.nonnegative(terms, most=40)
    values = [value(terms, point[: len(next(iter(terms)))]) for point in points]
    if tree is not None:
        assert min(values) >= 0
    elif min(values) >= 0 and bernstein.coefficients(terms).min() >= 0:
        pytest.fail("nonnegative coefficients are a proof")


def test_positive_polynomials_are_proved_by_halving() -> None:
    # (t - 1/2)^2 + 1/100 has a negative coefficient on the whole interval
    terms = {(2,): Fraction(1), (1,): Fraction(-1), (0,): Fraction(26, 100)}
    tree = bernstein.nonnegative(terms)
    assert tree is not None
    assert len(tree) > 1


# --- forms of claims ----------------------------------------------------------------------------------------------------------

TRUE = {
    "zero inside the square": statement(2 * x * y, x**2 + y**2, x=Interval(0, 1), y=Interval(0, 1)),
    "absolute value": statement(Abs(x - y), 1, x=Interval(0, 1), y=Interval(0, 1)),
    "triangle inequality": statement(Abs(x + y), Abs(x) + Abs(y), x=Interval(-1, 1), y=Interval(-2, 1)),
    "minimum and maximum": statement(Min(x, y) * Max(x, y), x * y, x=Interval(-1, 1), y=Interval(-1, 1)),
    "minimum in a domain": statement(y**2, x, x=Interval(0, 2), y=Interval(0, Min(x, 1))),
    "half-infinite": statement(2 - 1 / x, x, x=Interval.open(0, oo)),
    "both ends infinite": statement(2 * x, 1 + x**2, x=Interval(-oo, oo)),
    "denominator of either sign": statement(0, (x - 1) ** 2 / (x - 1) / (x - 1), x=Interval(0, 3)),
    "integers as reals": statement(1, m * (2 * m - 1), m=Range(1, oo)),
    "integers as exponents": statement((1 - x) ** m, 1, x=Interval(0, 2), m=Range(1, 6)),
    "between integers it fails": statement(0, (m - 1) * (m - 2), m=Range(1, 10)),
    "identity": statement((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3, "==", x=Interval(0, 1), y=Interval(0, oo)),
    "identity of exponentials": statement(exp(x) - 1, (exp(x / 2) - 1) * (exp(x / 2) + 1), "==", x=Interval(0, oo)),
    "identity of quotients": statement(1 / x - 1 / (x + 1), 1 / (x * (x + 1)), "==", x=Interval.open(0, oo)),
    "identity with a maximum": statement(Max(x, y) + Min(x, y), x + y, "==", x=Interval(0, 1), y=Interval(0, 1)),
}


@pytest.mark.parametrize("name", TRUE)
def test_forms_that_are_proved(name: str) -> None:
    proof = proved.by_polynomials(TRUE[name], time.monotonic() + 30)
    assert replay.check_polynomials(TRUE[name], proof)


def test_infinitely_many_exponents_are_not_proved_one_by_one() -> None:
    with pytest.raises(Unprovable, match="infinitely many"):
        proved.by_polynomials(statement((1 - x) ** m, 1, x=Interval(0, 1), m=Range(1, oo)))


def test_an_exponential_is_no_polynomial() -> None:
    with pytest.raises(Unprovable, match="exponential"):
        proved.by_polynomials(statement(1 - x, exp(-x), x=Interval(0, 1)))


def test_algebras_agree_on_every_core() -> None:
    for name in CORES:
        own = Statement.of(bounds.claim(name))
        for integers in cells(own, relaxed=True)[:1]:
            for case in cases(own, integers, SympyAlgebra):
                twin = next(c for c in cases(own, integers, FlintAlgebra) if c.decisions == case.decisions)
                assert bool(case.goal) == bool(twin.goal)
                if case.goal:
                    scale = {case.goal[key] / twin.goal[key] for key in case.goal}
                    assert len(scale) == 1
                    assert min(scale) > 0


# --- solvers ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", solvers.SOLVERS)
def test_solvers_see_both_truth_and_violations(solver: str) -> None:
    true = solvers.script(TRUE["minimum and maximum"], {})
    false = solvers.script(statement(x**2, y, x=Interval(0, 1), y=Interval(Rational(999, 1000), 2)), {})
    assert solvers.ask(solver, true).answer == "unsat"
    assert solvers.ask(solver, false).answer == "sat"


def test_a_solver_that_does_not_answer_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "GRACE", 0.0)
    hard = solvers.script(Statement.of(bounds.claim("transfer_drs_maml/ratio")), {k: 5})
    assert solvers.ask("cvc5", hard, 0.01).answer == "killed"


def test_denominators_that_vanish_are_left_out() -> None:
    # SMT-LIB gives 1/0 some value; the claim says nothing there
    one = statement(x / x, 1, "==", x=Interval(0, 1))
    assert isinstance(one.lhs, Integer) or "(not (= |x| 0.0))" in solvers.script(one, {})
    two = statement(1 / x + 0 * x, 1 / x, "==", x=Interval(0, 1))
    assert "(not (= |x| 0.0))" in solvers.script(two, {})
    assert solvers.ask("z3", solvers.script(two, {})).answer == "unsat"


# --- verdicts -----------------------------------------------------------------------------------------------------------------


def test_judging_grants_proofs_and_says_what_is_argued() -> None:
    records = judge.judge(Question(bounds.claim("adaptation_never_hurts")), level="proved")
    verdicts = {record.name: record.verdict.value for record in records}
    assert verdicts["adaptation_never_hurts"] == "searched"
    assert verdicts["adaptation_never_hurts/residual"] == "proved"
    assert "1 proved" in records[0].detail
    assert "argued" in records[0].detail
    assert records[2].certificate


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "find_spec", lambda name: None)
    claim: Claim = bounds.claim("distance/core")
    with pytest.raises(ValueError, match="python-flint, z3-solver, cvc5"):
        judge.judge(Question(claim), level="proved")
