"""A false sibling controls a method only if it says more than its claim: one that allows more somewhere is no control."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Interval, Range, Rational, Symbol, oo

from theory.bounds import claim, names
from theory.claim import Claim, FalseSibling, Instances, Source, Tasks, measured
from theory.notation import alpha, beta, diameter, x
from verify.evidence.question import Question
from verify.evidence.result import Effort, Verdict
from verify.evidence.strengthening import weaker_somewhere
from verify.judging.judge import judge

SAID = "the false sibling allows more than the claim on some instances, so that it is no control"


def parabola(sibling: dict[str, Any], **changes: Any) -> Question:
    """x (1 - x) <= 1/4 on [0, 1], with a false sibling."""
    fields = {"parameters": {x: Interval(0, 1)}} | changes
    base = Claim("parabola", "at most a quarter", x * (1 - x), "<=", Rational(1, 4), Source("derived here"),
                 FalseSibling("changed", sibling), **fields)  # fmt: skip
    return Question(base)


def weaker(question: Question) -> str:
    return weaker_somewhere(question, question.sibling(), Effort())


#: siblings that say more everywhere
STRONGER = {
    "a smaller right side": {"rhs": Rational(99, 400)},
    "a larger left side": {"lhs": x * (1 - x) + Rational(1, 100)},
    "more on both sides": {"lhs": 2 * x * (1 - x), "rhs": Rational(1, 4) + x * (1 - x) / 2},
}
#: siblings that are false and yet allow more somewhere
WEAKER = {
    "false in the middle, more at an end": {"rhs": Rational(1, 5) + x / 10},
    "false at an end, more everywhere else": {"lhs": x, "rhs": Rational(1, 4) + Rational(1, 2)},
    "false at one end": {"lhs": x * (1 - x) - Rational(1, 10) + x / 2},
}


@pytest.mark.parametrize("name", STRONGER)
def test_a_sibling_that_says_more_is_a_control(name: str) -> None:
    question = parabola(STRONGER[name])
    assert weaker(question) == ""
    assert judge(question, level="sampled")[0].verdict is Verdict.SAMPLED


def test_a_sibling_with_a_larger_domain_is_compared_on_the_claims_own() -> None:
    free = Symbol("free", real=True)
    larger = FalseSibling("from -1 on", {"parameters": {free: Interval(-1, 1)}})
    base = parabola({}).claim.changed(lhs=free**2, rhs=free, parameters={free: Interval(0, 1)}, false_sibling=larger)
    assert weaker(Question(base)) == ""
    assert judge(Question(base), level="sampled")[0].verdict is Verdict.SAMPLED


@pytest.mark.parametrize("name", WEAKER)
def test_a_sibling_that_allows_more_somewhere_is_no_control(name: str) -> None:
    """It is refuted, so that only the comparison tells that it controls nothing."""
    question = parabola(WEAKER[name])
    assert weaker(question) == SAID
    record, sibling = judge(question, level="searched")
    assert sibling.verdict is Verdict.REFUTED
    assert record.verdict is Verdict.UNDECIDED
    assert SAID in record.detail


def test_a_control_that_turns_an_inequality_into_an_equality_is_none() -> None:
    question = parabola({"relation": "=="})
    record, sibling = judge(question, level="searched")
    assert sibling.verdict is Verdict.REFUTED
    assert record.verdict is Verdict.UNDECIDED
    assert "turns <= into ==" in record.detail


def test_between_two_equalities_may_stand_an_inequality() -> None:
    """An equality whose tight sibling, a part of the same, is shown by a stored instance alone."""
    question = Question(claim("expected_improvement_once"))
    assert (question.sibling().claim.relation, question.control().claim.relation) == ("<=", "==")
    assert judge(question, level="sampled")[0].verdict is Verdict.SAMPLED


def test_what_excludes_violations_needs_no_control() -> None:
    record, _ = judge(parabola(WEAKER["false in the middle, more at an end"]), level="proved")
    assert record.verdict is Verdict.PROVED


def test_a_weaker_sibling_saves_no_false_claim() -> None:
    question = parabola({"rhs": Rational(1, 5) + x / 10})
    false = Question(question.claim.changed(rhs=Rational(1, 5)))
    assert judge(false, level="sampled")[0].verdict is Verdict.REFUTED


def test_measured_sides_are_compared_too() -> None:
    base = Claim(
        "diameters", "not negative", diameter, "<=", 2 * diameter, Source("derived here"),
        FalseSibling("less than itself", {"rhs": Rational(9, 10) * diameter}), {beta: Interval.open(0, oo)},
        Tasks("free", dimension=Range(1, 3)), {diameter: measured("diameter")},
    )  # fmt: skip
    assert weaker(Question(base)) == ""
    more = Question(base.changed(false_sibling=FalseSibling("false near zero", {"rhs": 3 * diameter - Rational(1, 10)})))
    assert weaker(more) == SAID


def test_what_cannot_be_compared_is_said_to_be_nothing() -> None:
    """Equalities, another set of parameters, other instances: whether such a sibling says more is not decided here."""
    equal = parabola({"rhs": 2 * x}).claim.changed(lhs=x, rhs=x, relation="==")
    assert weaker(Question(equal)) == ""
    other = parabola({"parameters": {x: Interval(0, 1), alpha: Interval(0, 1)}, "rhs": Rational(1, 4) - alpha})
    assert weaker(other) == ""
    size = Symbol("size", integer=True, positive=True)
    assert Instances("free", {size: Range(1, 3)}).resized(size, Range(1, 2)).sizes == {size: Range(1, 2)}


@pytest.mark.parametrize("name", [name for name in names() if claim(name).false_sibling is not None])
def test_no_false_sibling_of_ours_allows_more_than_its_claim(name: str) -> None:
    question = Question(claim(name))
    for each in (question, *(question.part(step) for step in question.claim.reductions if isinstance(step, Claim))):
        if each.claim.false_sibling is not None:
            assert weaker(each) == "", each.claim.name
