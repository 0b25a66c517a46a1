"""A claim that cannot mean what it says is refused when it is made, in one sentence that says what would be right."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_claim import SIZE, X, made
from sympy import (
    Abs,
    EmptySet,
    FiniteSet,
    Float,
    I,
    Integer,
    Interval,
    Max,
    Min,
    Range,
    Rational,
    S,
    Symbol,
    Union,
    oo,
    sqrt,
)

import numerics as nx
import verify
from theory import bounds
from theory.claim import (
    Claim,
    Instances,
    NoValue,
    Tasks,
    measured,
)
from theory.domains import contradiction, is_empty
from theory.notation import alpha, beta, excess, gap, k, meaning, n, nu, p, q, rule, x
from theory.optima import SingularExpectation
from theory.rules import DRS, MAML, FirstOrderMAML
from verify.proofs.declared import fault


def ranging(**domains: Any) -> Callable[[], Claim]:
    """A claim of which X alone has another domain."""
    return lambda: made(parameters={X: domains["X"]})


def symbol_over(symbol: Symbol, domain: Any) -> Callable[[], Claim]:
    return lambda: made(parameters={symbol: domain}, lhs=symbol)


DOMAINS = {
    "an empty set": (ranging(X=EmptySet), "the domain of X in claim mine is EmptySet, which is empty"),
    "crossed ends": (ranging(X=Interval(2, 1)), "which is empty; it must hold a value"),
    "an open point": (ranging(X=Interval.open(1, 1)), "which is empty"),
    "an empty range": (ranging(X=Range(5, 5)), "which is empty"),
    "no choices": (symbol_over(rule, ()), r"the domain of rule in claim mine is \(\), which is empty"),
    "no values": (ranging(X=FiniteSet()), "which is empty"),
    "a range of twos": (symbol_over(k, Range(1, 9, 2)), "a Range must go up by one from an integer"),
    "a range downwards": (symbol_over(k, Range(9, 1, -1)), "a Range must go up by one from an integer"),
    "a range from nowhere": (symbol_over(Symbol("i", integer=True), Range(-oo, 3)), "go up by one from an integer"),
    "a range to a symbol": (
        lambda: made(parameters={X: Interval(0, 1), k: Range(1, 5), Symbol("i", integer=True): Range(1, k)}),
        "the ends of a Range must be integers",
    ),
    "a list": (ranging(X=[0, 1]), r"is \[0, 1\]; it must be an Interval .* write Interval\(0, 1\)"),
    "a tuple for an interval": (ranging(X=(0, 1)), r"write Interval\(0, 1\) for all between, FiniteSet\(0, 1\) for these"),
    "a tuple of numbers": (
        ranging(X=(0, 1, 2)),
        r"write FiniteSet\(0, 1, 2\) for these numbers alone, or use",
    ),
    "a tuple of fractions": (ranging(X=(Rational(1, 2), 1)), r"choices are rules or whole numbers: write FiniteSet\(1/2, 1\)"),
    "a tuple of floats": (ranging(X=(0.5, 1)), r"write FiniteSet\(Rational\('0.5'\), 1\)"),
    "Python's range": (ranging(X=range(1, 5)), r"write sympy's Range\(1, 5\)"),
    "a Python set": (ranging(X={0, 1}), "it must be an Interval"),
    "a number": (ranging(X=3), "it must be an Interval"),
    "a class": (ranging(X=Interval), "it must be an Interval"),
    "a union": (ranging(X=Union(Interval(0, 1), Interval(2, 3))), "write one claim for each part"),
    "all naturals": (symbol_over(k, S.Naturals), r"write Range\(1, oo\)"),
    "a complex number": (ranging(X=FiniteSet(I)), "holds I; it must hold finite real numbers"),
    "an infinite number": (ranging(X=FiniteSet(1, oo)), "holds oo; it must hold finite real numbers"),
    "a truth value": (ranging(X=FiniteSet(True)), "holds True; it must hold finite real numbers"),
    "a float in an end": (ranging(X=Interval(0, 0.1482)), r"holds the rounded number 0.1482; write Rational\('0.1482'\)"),
    "a float in a set": (ranging(X=FiniteSet(Float("0.1"))), r"write Rational\('0.1'\)"),
    "a class for a rule": (
        symbol_over(rule, (DRS(), MAML)),
        r"holds the class MAML; it must be an instance",
    ),
    "a rule of numerics": (symbol_over(rule, (nx.DRS(),)), "holds DRS of numerics; it must be a rule of theory, such as"),
    "a truth value for a rule": (symbol_over(rule, (True,)), "offers True; a choice must be a rule"),
    "what comes later": (
        lambda: made(parameters={X: Interval(0, beta), beta: Interval.open(0, 1)}),
        "the domain of X in claim mine uses beta; it may use only parameters declared before it",
    ),
    "a rule of what comes later": (
        lambda: made(parameters={X: Interval(0, 1), rule: (MAML(alpha),), alpha: Interval(0, 1)}),
        "the domain of rule in claim mine uses alpha",
    ),
    "a nonnegative symbol": (symbol_over(x, Interval(-1, 1)), "x is assumed to be nonnegative, which does not follow"),
    "a positive symbol at zero": (symbol_over(beta, Interval(0, 1)), "beta is assumed to be positive"),
    "an integer among reals": (symbol_over(k, Interval(1, 5)), "k is assumed to be integer"),
    "a positive integer at zero": (symbol_over(k, Range(0, 5)), "k is assumed to be positive"),
    "a set with one wrong value": (symbol_over(x, FiniteSet(1, 2, -1)), "x is assumed to be nonnegative"),
    "a choice with one wrong value": (symbol_over(k, (1, 0)), "k is assumed to be positive"),
    "an even symbol": (symbol_over(Symbol("e", even=True), Range(0, 9)), "e is assumed to be even"),
    "a prime symbol": (symbol_over(Symbol("e", prime=True), Range(2, 9)), "e is assumed to be prime"),
    "an imaginary symbol": (
        symbol_over(Symbol("e", imaginary=True), Interval(0, 1)),
        "e, which is no real number",
    ),
    "a rational symbol": (symbol_over(Symbol("e", rational=True), Interval(0, 1)), "e is assumed to be rational"),
    "a symbol that is not an integer": (
        symbol_over(Symbol("e", integer=False), Interval(0, 1)),
        "e is assumed not to be",
    ),
    "a zero": (symbol_over(Symbol("e", zero=True), Interval(0, 1)), "e is assumed to be zero"),
    "a matrix symbol": (
        symbol_over(Symbol("e", commutative=False), Interval(0, 1)),
        "is e; it must be a formula",
    ),
    "an end that may be negative": (
        lambda: made(parameters={X: Interval(-1, 1), x: Interval(X, 2)}),
        "x is assumed to be nonnegative",
    ),
}


@pytest.mark.parametrize("case", DOMAINS)
def test_a_domain_that_says_nothing_or_something_else_is_refused(case: str) -> None:
    make, words = DOMAINS[case]
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
    assert "mine" in str(caught.value)


ADMITTED: dict[str, dict[Symbol, Any]] = {
    "ends in earlier symbols": {
        beta: Interval.open(0, oo),
        nu: Interval.Lopen(0, beta),
        alpha: Interval(0, 1 / beta),
        x: Interval(nu, 9),
    },
    "a positive symbol above zero": {nu: Interval.Lopen(0, 1), beta: Interval(nu, oo)},
    "a positive symbol, by an earlier domain": {
        nu: Interval.Lopen(0, 1),
        k: Range(1, 9),
        beta: Interval(nu**2 * k / (1 + nu), oo),
    },
    "a sum of signs": {nu: Interval(0, 1), beta: Interval(1 + nu, 3), alpha: Interval(Min(nu, 2 / beta), 4)},
    "a set of several values": {X: FiniteSet(0, Rational(1, 3), sqrt(2))},
    "a set of one integer for an integer": {k: FiniteSet(3)},
    "a set of expressions": {nu: Interval(0, 1), x: FiniteSet(nu, 2 * nu, Min(nu, Rational(1, 3)))},
    "choices of whole numbers": {k: (1, 2, 4)},
    "choices of rules": {alpha: Interval(0, 1), rule: (DRS(), MAML(alpha))},
    "a prime of one range": {Symbol("e", prime=True): Range(2, 4)},
    "negative symbols": {Symbol("e", negative=True): Interval.Ropen(-1, 0), Symbol("f", nonpositive=True): Range(-4, 1)},
    "a symbol without assumptions": {Symbol("e"): Interval(-1, 1), Symbol("f"): Range(-3, 3)},
    "a half-line": {X: Interval(0, oo), k: Range(1, oo)},
}


@pytest.mark.parametrize("case", ADMITTED)
def test_a_domain_that_says_enough_is_admitted(case: str) -> None:
    claim = made(parameters=ADMITTED[case], lhs=Integer(0))
    assert dict(claim.parameters) == ADMITTED[case]
    assert contradictions(claim.parameters) == ""


# --- properties ---------------------------------------------------------------------------------------------------------------

FACTS = (
    "positive",
    "nonnegative",
    "negative",
    "nonpositive",
    "nonzero",
    "integer",
    "zero",
    "even",
    "odd",
    "rational",
    "real",
    "prime",
)
ENDS = st.integers(-4, 4)


def contradictions(parameters: Mapping[Symbol, Any]) -> str:
    """The first contradiction among parameters whose domains may use those before them; empty if there is none."""
    earlier = list(parameters.items())
    found = (contradiction(*pair, dict(earlier[:place])) for place, pair in enumerate(earlier))
    return next(filter(None, found), "")


@st.composite
def domains(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    """A domain and points of it, as many as tell apart all assumptions of :data:`FACTS`."""
    low, width = draw(ENDS), draw(st.integers(1, 3))
    kind = draw(st.sampled_from(("interval", "range", "set")))
    if kind == "range":
        return Range(low, low + width), [Integer(value) for value in range(low, low + width)]
    if kind == "set":
        values = draw(st.lists(st.builds(Rational, ENDS, st.integers(1, 3)), min_size=1, max_size=3, unique=True))
        return FiniteSet(*values), list(values)
    left, right = draw(st.booleans()), draw(st.booleans())
    unbounded = draw(st.booleans())
    ends = [end for end, is_open in ((low, left), (low + width, right)) if not is_open]
    inside = [low + sqrt(2) / 2, *(low + width * Rational(j, 12) for j in range(1, 12))]
    domain = Interval(low, oo, left, True) if unbounded else Interval(low, low + width, left, right)
    return domain, [*map(Integer, ends[: 1 - left] if unbounded else ends), *map(S, inside)]


@given(domains(), st.sampled_from(FACTS), st.booleans())
def test_an_assumption_is_accepted_exactly_where_every_point_satisfies_it(
    domain: tuple[Any, list[Any]], fact: str, plain: bool
) -> None:
    ranged, points = domain
    symbol = Symbol("e", **{fact: True})
    satisfied = all(getattr(point, f"is_{fact}") for point in points)
    assert (contradiction(symbol, ranged) == "") is satisfied
    parameters = {symbol: ranged} if plain else {X: Interval(0, 1), symbol: ranged}
    if satisfied:
        assert made(parameters=parameters, lhs=symbol).lhs == symbol
    else:
        with pytest.raises(ValueError, match="which does not follow from its domain"):
            made(parameters=parameters, lhs=symbol)


@given(st.integers(-3, 3), st.integers(1, 3), st.integers(-3, 3), st.booleans(), st.booleans())
def test_what_follows_from_two_symbols_follows_on_every_instance(
    low: int, width: int, shift: int, is_open: bool, plus: bool
) -> None:
    first = Symbol("first", real=True)
    start = first + shift if plus else first * shift
    parameters = {first: Interval(low, low + width, is_open, False), Symbol("e", positive=True): Interval.open(start, oo)}
    values = [low + width * Fraction(j, 8) for j in range(int(is_open), 9)]
    if contradictions(parameters) == "":
        assert all((value + shift if plus else value * shift) >= 0 for value in values)


@given(domains(), domains(), st.sampled_from(FACTS), st.sampled_from(FACTS))
def test_a_claim_and_a_certificate_are_checked_with_the_same_outcome(
    first: tuple[Any, list[Any]], second: tuple[Any, list[Any]], one: str, other: str
) -> None:
    parameters = {Symbol("d", **{one: True}): first[0], Symbol("e", **{other: True}): second[0]}
    assert (contradictions(parameters) == "") is (fault(parameters, (), ()) == "")


def test_the_three_forms_of_a_false_claim_that_simplification_made_true() -> None:
    for side, other in ((Abs(x), x), (Max(nu, 0), nu), (sqrt(x**2), x)):
        (symbol,) = other.free_symbols
        assert side == other  # sympy has simplified the statement away
        with pytest.raises(ValueError, match="is assumed to be nonnegative"):
            made(parameters={symbol: Interval(-1, 1)}, lhs=side, relation="==", rhs=other)


@pytest.mark.parametrize("name", bounds.names())
def test_the_projects_claims_their_siblings_and_what_is_left_without_an_assumption_pass(name: str) -> None:
    waiting = [bounds.claim(name)]
    while waiting:
        claim = waiting.pop()
        waiting += [step for step in claim.reductions if isinstance(step, Claim)]
        sibling = [claim.sibling()] if claim.false_sibling is not None else []
        for made_of_it in (claim, *sibling, *map(claim.without, claim.assumptions)):
            sizes: Mapping[Symbol, Any] = {} if made_of_it.tasks is None else made_of_it.tasks.sizes
            assert contradictions({**sizes, **made_of_it.parameters}) == ""


# --- what is said besides -----------------------------------------------------------------------------------------------------


def test_a_claim_may_quantify_over_any_family_and_use_its_sizes() -> None:
    sets = Instances("sets", {SIZE: Range(2, 7)})
    claim = made(tasks=sets, rhs=X * SIZE, parameters={X: Interval(0, SIZE)})
    assert claim.rhs.has(SIZE)
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert sets.resized(SIZE, Range(3, 4)) == Instances("sets", {SIZE: Range(3, 4)})
    assert {sets, Instances("sets", {SIZE: Range(2, 7)})} == {sets}


def test_tasks_are_such_a_family() -> None:
    tasks = Tasks("commuting", dimension=Range(1, 3))
    assert isinstance(tasks, Instances)
    assert (tasks.family, dict(tasks.sizes)) == ("commuting", {p: Range(1, 3), n: Range(1, 9)})
    assert tasks.resized(n, Range(2, 3)) == Tasks("commuting", Range(1, 3), Range(2, 3))
    assert pickle.loads(pickle.dumps(tasks)) == tasks
    assert repr(tasks) == "Tasks(law='commuting', dimension=Range(1, 3, 1), number=Range(1, 9, 1))"


def test_what_measured_symbols_promise_is_told() -> None:
    count = Symbol("count", integer=True, nonnegative=True)
    strict = Symbol("strict", positive=True)
    quantities = {gap: measured("curvature_gap"), excess: measured("diameter"), count: measured("a"), strict: measured("b")}
    assert made(measured=quantities).demands() == {
        gap: ["nonnegative"],
        count: ["integer", "nonnegative"],
        strict: ["positive"],
    }


@settings(max_examples=20)
@pytest.mark.parametrize("fact", ["positive", "nonnegative", "negative", "nonpositive", "nonzero", "zero", "integer", "real"])
@given(rate=st.fractions(0, 3, max_denominator=4), curvature=st.fractions(0, 2, max_denominator=2))
def test_a_measured_value_without_its_symbols_sign_is_an_error(fact: str, rate: Fraction, curvature: Fraction) -> None:
    symbol, value = Symbol("w", **{fact: True}), curvature * (1 - rate * curvature)
    weight = measured("weight_at", rule=FirstOrderMAML(alpha, 1), curvature=q)
    claim = made(parameters={alpha: Interval(0, 3), q: Interval(0, 2)}, measured={symbol: weight}, lhs=symbol)
    numbers = verify.instance({alpha: rate, q: curvature})
    if getattr(Rational(value.numerator, value.denominator), f"is_{fact}"):
        assert verify.exact_sides(claim, numbers)[0] == (value,)
    else:
        with pytest.raises(ValueError, match="its symbol w cannot be by assumption"):
            verify.exact_sides(claim, numbers)


def test_no_value_is_one_exception_for_all_families() -> None:
    assert issubclass(SingularExpectation, NoValue)
    assert issubclass(NoValue, ArithmeticError)
    assert issubclass(SingularExpectation, ValueError)


def test_emptiness_is_told() -> None:
    assert all(map(is_empty, (EmptySet, Range(2, 2), ())))
    assert not any(map(is_empty, (Interval(0, 1), FiniteSet(1), (1,), Range(0, oo))))


def test_a_symbol_without_a_meaning_is_told_apart() -> None:
    with pytest.raises(KeyError, match="x is positive and not in the table, whose x is nonnegative; import it"):
        meaning(Symbol("x", positive=True))
    with pytest.raises(KeyError, match="alhpa is not in the table; perhaps alpha is meant"):
        meaning(Symbol("alhpa"))
