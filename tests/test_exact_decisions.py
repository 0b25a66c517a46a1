"""What doubles cannot tell is decided in exact numbers: ties, overflow, underflow, needles, thresholds, and ends that cross."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Abs, Expr, FiniteSet, Integer, Interval, Max, Range, Rational, Symbol, exp, oo, sqrt

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import k, q, x
from verify.evidence import sampled, searched
from verify.evidence.counterexample import script, simplest
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Effort, Evidence, Verdict
from verify.evidence.sampled import EXAMPLES
from verify.judging.judge import judge
from verify.quantities import Quantity

#: a real number of either sign
FREE = Symbol("free", real=True)
TINY = Rational(1, 10**30)


def about(lhs: Any, rhs: Any, parameters: dict[Any, Any], relation: str = "<=", own: Any = None, **changes: Any) -> Question:
    return Question(Claim("mine", "mine", lhs, relation, rhs, Source("derived here"), None, parameters, **changes), own)


def refuted(question: Question) -> Any:
    """The violation that sampling finds; its Python runs."""
    found = sampled.gather(question, Effort()).violation
    assert found is not None
    assert found.outcome is Outcome.VIOLATED
    plain = simplest(question, found)
    names: dict[str, Any] = {"CLAIM": question.claim}
    exec(script(question, plain), names)
    assert (names["lhs"], names["rhs"]) == (plain.lhs, plain.rhs)
    return found


def not_refuted(question: Question) -> Evidence:
    seen = [gather(question, Effort()) for gather in (sampled.gather, searched.gather)]
    assert all(evidence.violation is None for evidence in seen)
    return seen[0]


#: claims that are false, of which doubles do not see that they are: the two sides are the same to them, or no numbers
UNSEEN: dict[str, tuple[Expr, Expr, dict[Any, Any]]] = {
    "a tie everywhere": (x, x * (1 - TINY), {x: Interval(1, 2)}),
    "a tie at one point": (x * (1 - x), Rational(1, 4) - TINY, {x: Interval(0, 1)}),
    "sides that overflow": (x**2, x**2 / 2, {x: Interval(10**200, 10**201)}),
    "one side that overflows": (x**2, Integer(10) ** 300, {x: Interval(10**200, 10**201)}),
    "sides that underflow": (x**2, x**2 / 2, {x: Interval(Rational(1, 10**201), Rational(1, 10**200))}),
    "a right side that underflows": (Rational(1, 10**400), x**2 / 10**400, {x: Interval(0, Rational(1, 2))}),
    "powers that overflow": (2**k, 2**k - 1, {k: Range(1100, 1110)}),
    "terms that overflow and cancel": (x + 10**400 - 10**400 * (x + 1 - x), -x, {x: Interval(1, 2)}),
    "a constant beside a large number": (x + 1, x, {x: Interval(10**20, 10**21)}),
    "exponentials that overflow": (exp(x), exp(x) / 2, {x: Interval(800, 900)}),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_violation_that_doubles_do_not_see_is_found_exactly(name: str) -> None:
    refuted(about(*UNSEEN[name]))


#: the same the right way round: true
TRUE: dict[str, tuple[Expr, Expr, dict[Any, Any]]] = {
    "a tie everywhere": (x * (1 - TINY), x, {x: Interval(1, 2)}),
    "a tie at one point": (x * (1 - x), Rational(1, 4), {x: Interval(0, 1)}),
    "sides that overflow": (x**2 / 2, x**2, {x: Interval(10**200, 10**201)}),
    "sides that underflow": (x**2 / 2, x**2, {x: Interval(Rational(1, 10**201), Rational(1, 10**200))}),
    "powers that overflow": (2**k - 1, 2**k, {k: Range(1100, 1110)}),
    "a constant beside a large number": (x, x + 1, {x: Interval(10**20, 10**21)}),
    "numbers of all scales": (2 * FREE, FREE**2 + 1, {FREE: Interval(-oo, oo)}),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_at_the_ends_of_doubles_is_not_refuted_and_is_compared(name: str) -> None:
    evidence = not_refuted(about(*TRUE[name]))
    assert evidence.compared > 0


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ((x + 1) ** 2, x**2 + 2 * x + 1 + TINY),
        (x, x + TINY * x),
        (x * 10**200 * 10**200, x * 10**400 + 1),
    ],
    ids=str,
)
def test_an_equality_that_is_false_by_less_than_doubles_see_is_refuted(lhs: Expr, rhs: Expr) -> None:
    refuted(about(lhs, rhs, {x: Interval(1, 2)}, "=="))


def test_an_equality_is_one_to_the_last_digit() -> None:
    not_refuted(about((x + 1) ** 3, x**3 + 3 * x**2 + 3 * x + 1, {x: Interval(0, oo)}, "=="))


def test_what_has_a_value_only_in_exact_numbers_is_not_counted_as_undefined() -> None:
    question = about(x**2 / 2, x**2, {x: Interval(10**200, 10**201)})
    evidence = sampled.gather(question, Effort())
    # some are looked at, the others are said to be undefined; hypothesis' examples are counted, not compared in doubles
    assert evidence.compared > 0
    assert evidence.compared + evidence.undefined == evidence.instances - EXAMPLES


def test_a_claim_without_any_value_is_not_granted() -> None:
    claim = about(sqrt(x - 2), Integer(1), {x: Interval(0, 1)}).claim
    sibling = FalseSibling("elsewhere", {"lhs": Integer(2)})
    record, control = judge(Question(claim.changed(false_sibling=sibling)), level="sampled")
    assert record.verdict is Verdict.UNDECIDED
    assert "no instance has a value" in record.detail
    assert control.verdict is Verdict.REFUTED


# --- places that the claim's text tells ---------------------------------------------------------------------------------------


NEEDLES: dict[str, tuple[Expr, Expr, dict[Any, Any]]] = {
    "one point": (TINY, (x - Rational(1, 3)) ** 2, {x: Interval(0, 1)}),
    "one point, of an absolute value": (TINY, Abs(FREE + Rational(7, 5)), {FREE: Interval(-oo, oo)}),
    "a thin neighbourhood": (Integer(1), Abs(x - Rational(5, 7)) * 10**9, {x: Interval(0, 1)}),
    "where two pieces cross": (Rational(1, 2) + TINY, Max(x, 1 - x), {x: Interval(0, 1)}),
    "a line": (TINY, Abs(q - x / 3), {x: Interval(0, 1), q: Interval(0, 1)}),
    "beyond a threshold that is far": (x, Integer(10) ** 15, {x: Interval(0, oo)}),
    "next to zero alone": (Rational(1, 10**15), x, {x: Interval.open(0, 1)}),
}


@pytest.mark.parametrize("name", NEEDLES)
def test_a_needle_is_found_where_the_text_points(name: str) -> None:
    refuted(about(*NEEDLES[name]))


def test_an_irrational_zero_is_approached() -> None:
    found = refuted(about(Rational(1, 10**20), Abs(x**2 - 2), {x: Interval(0, 2)}))
    assert abs(found.instance.values[x].item() - Fraction("1.41421356237309504880168872420969807856967")) < Fraction(1, 10**20)


THRESHOLDS: dict[str, tuple[Expr, Expr, Range, range]] = {
    "from a constant on": (k, Integer(1000), Range(1, oo), range(1001, 2**41)),
    "at one integer": (Integer(1), (k - 777) ** 2, Range(1, oo), range(777, 778)),
    "at a power of two": (k, Integer(2) ** 20, Range(1, oo), range(2**20 + 1, 2**41)),
    "at the end of a range": (k, Integer(499), Range(1, 501), range(500, 501)),
    "at the zero of a polynomial": (Integer(1), (k**2 - 12321) ** 2, Range(1, 10**6), range(111, 112)),
    "where an exponential overtakes": (2**k, 1000 * k**2, Range(1, 200), range(19, 200)),
}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_an_integer_at_a_threshold_is_looked_at(name: str) -> None:
    lhs, rhs, domain, where = THRESHOLDS[name]
    found = refuted(about(lhs, rhs, {k: domain}))
    assert found.instance.values[k] in where


def test_a_claim_that_is_true_for_the_integers_of_its_range_is_not_refuted_by_others() -> None:
    not_refuted(about(k, Integer(1000), {k: Range(1, 1001)}))
    not_refuted(about(Integer(1), (2 * k - 777) ** 2, {k: Range(1, oo)}))


# --- domains ------------------------------------------------------------------------------------------------------------------


def test_instances_whose_ends_cross_are_no_counterexamples() -> None:
    """From x to 1 - x there is nothing if x is above 1/2."""
    crossing = {x: Interval(0, 1), q: Interval(x, 1 - x)}
    question = about(x, Rational(1, 2), crossing)
    evidence = not_refuted(question)
    assert evidence.undefined > 0
    assert evidence.compared > 0
    cell, top = question.space.smallest_cell(), 1 << 16
    beyond = question.replay(cell, (top, 0))
    assert (beyond.outcome, beyond.lhs) == (Outcome.UNDEFINED, ())
    sides = question.sides(cell, np.array([[top, 0], [0, 0]]))
    assert sides.undefined.tolist() == [True, False]
    assert sides.gap[0] == -1


def test_a_claim_that_is_false_where_ends_do_not_cross_is_refuted_there() -> None:
    crossing = {x: Interval(0, 1), q: Interval(x, 1 - x)}
    found = refuted(about(x, Rational(2, 5), crossing))
    assert Fraction(2, 5) < found.instance.values[x].item() <= Fraction(1, 2)


def test_open_ends_that_meet_leave_nothing_between_them() -> None:
    meeting = {x: Interval(0, 1), q: Interval.open(x, 1)}
    not_refuted(about(x, 1 - (1 - x) * (1 - q) / 10**9, meeting))
    question = about(x, q * (1 - TINY) + TINY * x, meeting)
    cell = question.space.smallest_cell()
    assert question.replay(cell, (1 << 16, 0)).outcome is Outcome.UNDEFINED


SET = FiniteSet(0, Rational(1, 2), 2, sqrt(2))


def test_all_values_of_a_set_are_looked_at_and_no_other() -> None:
    vanishes = x * (x - Rational(1, 2)) * (x - 2) * (x**2 - 2)
    not_refuted(about(Abs(vanishes), Rational(1, 10**12), {x: SET}))
    for value in (Integer(0), Rational(1, 2), Integer(2)):
        found = refuted(about(TINY, Abs(x - value), {x: SET}))
        assert found.instance.values[x].item() == Fraction(int(value.p), int(value.q))


def test_a_set_and_an_integer_are_looked_at_together() -> None:
    found = refuted(about(Integer(1), Abs(x - 2) + (k - 7) ** 2, {x: SET, k: Range(1, 20)}))
    assert (found.instance.values[x].item(), found.instance.values[k]) == (2, 7)


def test_ends_that_depend_on_a_set_are_those_of_its_values() -> None:
    dependent = {x: SET, q: Interval(0, x)}
    not_refuted(about(q, Integer(2), dependent))
    found = refuted(about(q, Rational(3, 2), dependent))
    assert found.instance.values[x].item() == 2


# --- what is measured ---------------------------------------------------------------------------------------------------------


def test_a_measured_value_of_the_wrong_sign_is_an_error_and_not_a_verdict() -> None:
    """|x| = x for a symbol that is assumed to be nonnegative: a negative value would be compared with the wrong formula."""
    negative = {"negative": Quantity(lambda batch: -batch.values[x], lambda instance: [-instance.values[x].item()])}
    wrong, domain = Abs(q), {x: Interval(Rational(1, 2), 1)}
    question = about(wrong, Integer(0), domain, own=negative, measured={q: measured("negative")})
    with pytest.raises(ValueError, match=r"claim mine measures negative as -0.5, which its symbol q cannot be by assumption"):
        question.replay(question.space.smallest_cell(), (0,))
    free = about(Abs(FREE), Integer(0), domain, own=negative, measured={FREE: measured("negative")})
    assert sampled.gather(free, Effort()).violation is not None


def test_judging_stops_at_a_measured_value_of_the_wrong_sign() -> None:
    """In doubles the claim holds everywhere, and so does what its formula was simplified to."""
    negative = {"negative": Quantity(lambda batch: -batch.values[x], lambda instance: [-instance.values[x].item()])}
    domain = {x: Interval(Rational(1, 2), 1)}
    question = about(Abs(q), Integer(0), domain, own=negative, measured={q: measured("negative")})
    with pytest.raises(ValueError, match="cannot be by assumption"):
        judge(question, level="sampled")


def test_a_measured_value_that_should_be_whole_and_is_not_is_an_error() -> None:
    whole = Symbol("whole", integer=True)
    half = {"half": Quantity(lambda batch: batch.values[x], lambda instance: [instance.values[x].item()])}
    domain = {x: Interval(Rational(1, 3), Rational(2, 3))}
    question = about(whole, Integer(0), domain, own=half, measured={whole: measured("half")})
    with pytest.raises(ValueError, match="its symbol whole cannot be by assumption"):
        question.replay(question.space.smallest_cell(), (5,))
