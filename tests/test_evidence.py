"""What a verdict takes: a control that the same procedure sees, violations confirmed exactly, fixed seeds, and enough time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Integer, Interval, Range, Rational, oo, sqrt
from topics import CORE

from theory.bounds import claim
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, diameter, excess, k, nu, q, risk_A, x
from theory.rules import DRS, MAML
from verify.arithmetic.enclosure import Enclosure, square_root
from verify.evidence import sampled, searched
from verify.evidence.question import Question, Sides
from verify.evidence.replay import Outcome, outcome
from verify.evidence.result import Effort, Evidence, Verdict
from verify.judging.judge import judge
from verify.judging.record import Record
from verify.quantities import QUANTITIES, Quantity

LEVELS = {"sampled": sampled.gather, "searched": searched.gather}


def numbers(**changes: Any) -> Claim:
    """x (1 - x) <= 1/4 for x in [0, 1], and changes of it."""
    base = Claim(
        name="numbers",
        title="a square is not negative",
        lhs=x * (1 - x),
        relation="<=",
        rhs=Rational(1, 4),
        parameters={x: Interval(0, 1)},
        source=Source("derived here"),
        false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 400)}),
    )
    return base.changed(**changes)


def judged(claim: Claim, own: Any = None, **options: Any) -> list[Record]:
    return judge(Question(claim, own), **options)


def verdicts(claim: Claim, own: Any = None, **options: Any) -> list[Verdict]:
    return [record.verdict for record in judged(claim, own, **options)]


# --- verdicts -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_true_claim_whose_control_is_seen_is_granted_the_level(level: str) -> None:
    assert verdicts(numbers(), level=level) == [Verdict(level), Verdict.REFUTED]


def test_a_false_claim_is_refuted_with_two_counterexamples_and_is_not_as_expected() -> None:
    (record, _) = judged(numbers(rhs=Rational(1, 5)))
    assert record.verdict is Verdict.REFUTED
    assert not record.as_expected
    assert set(record.counterexample) == {"simplest", "worst"}
    assert record.worst_ratio > 1


def test_a_refuted_claim_is_as_expected_if_an_audit_says_so() -> None:
    (record, _) = judged(numbers(rhs=Rational(1, 5), printed=True, expected="refuted"))
    assert record.as_expected


def test_a_claim_that_should_be_refuted_and_is_not_is_not_as_expected() -> None:
    (record, _) = judged(numbers(expected="refuted"))
    assert record.verdict is Verdict.SEARCHED
    assert not record.as_expected


@pytest.mark.parametrize("level", LEVELS)
def test_a_control_that_is_missed_leaves_a_true_claim_undecided(level: str) -> None:
    question = numbers(false_sibling=FalseSibling("no smaller", {"rhs": Rational(1, 4)}))
    record, sibling = judged(question, level=level)
    assert (record.verdict, record.detail) == (Verdict.UNDECIDED, "control missed")
    assert not record.as_expected
    assert sibling.verdict is Verdict.UNDECIDED
    assert not sibling.as_expected


def test_a_control_that_is_false_by_less_than_doubles_see_is_seen_in_exact_numbers() -> None:
    question = numbers(false_sibling=FalseSibling("hardly smaller", {"rhs": Rational(1, 4) - Rational(1, 10**30)}))
    assert verdicts(question, level="sampled") == [Verdict.SAMPLED, Verdict.REFUTED]


def test_a_claim_without_a_false_sibling_is_undecided_unless_it_is_refuted() -> None:
    (record,) = judged(numbers(false_sibling=None))
    assert record.verdict is Verdict.UNDECIDED
    assert record.detail == "no false sibling, so nothing shows that a violation would be seen"
    assert verdicts(numbers(false_sibling=None, rhs=Rational(1, 5))) == [Verdict.REFUTED]


def test_silence_is_no_evidence() -> None:
    """A claim that has no value anywhere is not granted because its control has one."""

    def fails(batch: Any) -> Any:
        raise ZeroDivisionError

    nothing = {"nothing": Quantity(lambda batch: np.full((len(batch.values[x]), 1), np.nan), fails)}
    question = numbers(
        measured={q: measured("nothing")},
        lhs=q,
        false_sibling=FalseSibling("something else", {"lhs": x, "measured": {q: measured("something")}}),
    )
    nothing["something"] = Quantity(lambda batch: batch.values[x], lambda instance: [instance.values[x].item()])
    record, sibling = judged(question, nothing)
    assert (record.verdict, record.detail) == (Verdict.UNDECIDED, "no instance has a value")
    assert sibling.verdict is Verdict.REFUTED


def test_steps_of_a_proof_are_judged_with_controls_of_their_own() -> None:
    whole = claim("transfer_bound")
    found = [record.name for record in judged(whole, level="sampled")]
    steps = [step.name for step in whole.reductions if isinstance(step, Claim)]
    assert found[::2] == ["transfer_bound", *steps]
    assert found[1::2] == [f"{name}/false-sibling" for name in found[::2]]


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="level is 'believed'; it must be one of sampled, searched"):
        judged(numbers(), level="believed")


# --- theory against numerics --------------------------------------------------------------------------------------------------


def _diameters(quantity: str = "diameter") -> Claim:
    return Claim(
        name="diameters",
        title="a diameter is not negative",
        lhs=diameter,
        relation="<=",
        rhs=2 * diameter,
        parameters={beta: Interval.open(0, oo)},
        tasks=Tasks("free", dimension=Range(1, 4)),
        measured={diameter: measured(quantity)},
        source=Source("derived here"),
        false_sibling=FalseSibling("less than itself", {"rhs": Rational(9, 10) * diameter}),
    )


@pytest.mark.parametrize("relative", [1e-5, -1e-5])
def test_a_verb_whose_two_paths_disagree_is_an_error_and_not_a_verdict(relative: float) -> None:
    ours = QUANTITIES["diameter"]
    theirs = Quantity(lambda batch: ours.floats(batch) * (1 + relative), ours.exact, ours.scale)
    assert verdicts(_diameters(), level="sampled") == [Verdict.SAMPLED, Verdict.REFUTED]
    (record,) = judged(_diameters("theirs"), {"theirs": theirs})
    assert record.verdict is Verdict.DISAGREEMENT
    assert not record.as_expected
    assert "theory and numerics disagree on diameter = theirs: theory finds" in record.detail


def test_a_value_that_only_theory_finds_is_a_disagreement() -> None:
    ours = QUANTITIES["diameter"]
    theirs = Quantity(lambda batch: np.where((found := ours.floats(batch)) > 0.3, np.nan, found), ours.exact, ours.scale)
    assert verdicts(_diameters("theirs"), own={"theirs": theirs}) == [Verdict.DISAGREEMENT]


def test_differences_that_rounding_explains_are_no_disagreement() -> None:
    ours = QUANTITIES["diameter"]
    theirs = Quantity(lambda batch: ours.floats(batch) * (1 + 1e-12), ours.exact, ours.scale)
    assert verdicts(_diameters("theirs"), own={"theirs": theirs}, level="sampled") == [Verdict.SAMPLED, Verdict.REFUTED]


# --- exactness ----------------------------------------------------------------------------------------------------------------


def test_doubles_that_violate_a_true_claim_by_rounding_refute_nothing() -> None:
    """An equality of which a double sees a violation of 10^-6 everywhere: every nomination is replayed and dropped."""
    quantity = Quantity(lambda batch: batch.values[x] * (1 + 1e-6) + 1e-6, lambda instance: [instance.values[x].item()])
    question = Question(numbers(measured={q: measured("blurred")}, lhs=q, rhs=x), {"blurred": quantity})
    for gather in LEVELS.values():
        evidence = gather(question, Effort())
        assert evidence.violation is None
        assert evidence.complete


def test_a_violation_is_what_exact_numbers_call_one() -> None:
    question = Question(numbers(rhs=Rational(1, 5)))
    violation = searched.gather(question, Effort()).violation
    assert violation is not None
    assert violation.outcome is Outcome.VIOLATED
    (lhs,), (rhs,) = violation.lhs, violation.rhs
    assert isinstance(lhs, Fraction)
    assert lhs > rhs == Fraction(1, 5)
    assert violation.ratio() == pytest.approx(float(lhs) * 5)


@pytest.mark.parametrize(
    ("lhs", "relation", "rhs", "found"),
    [
        (Fraction(1), "<=", Fraction(1), "holds"),
        (Fraction(1), "<=", Fraction(1) - Fraction(1, 10**60), "violated"),
        (Fraction(1), "==", Fraction(1) + Fraction(1, 10**60), "violated"),
        (square_root(Fraction(2)), "==", square_root(Fraction(2)), "undecided"),
        (square_root(Fraction(2)), "<=", Fraction(141421356, 10**8), "violated"),
        (square_root(Fraction(2)), "<=", Fraction(141421357, 10**8), "holds"),
        (Enclosure(Fraction(1), Fraction(2)), "<=", Fraction(3, 2), "undecided"),
        (Enclosure(Fraction(1), Fraction(2)), "==", Fraction(3, 2), "undecided"),
        (Enclosure(Fraction(1), Fraction(2)), "==", Fraction(3), "violated"),
    ],
    ids=str,
)
def test_exact_numbers_decide_or_say_that_they_do_not(lhs: Any, relation: str, rhs: Any, found: str) -> None:
    assert outcome(numbers(relation=relation), [lhs], [rhs]) == found


def test_what_is_measured_may_be_equal_up_to_the_digits_that_theory_takes() -> None:
    """Theory makes transcendental weights rational to many digits; numbers that are rational are equal or not."""
    claim = numbers(relation="==", measured={q: measured("diameter")})
    root = square_root(Fraction(2))
    assert outcome(claim, [root], [root]) == "holds"
    assert outcome(claim, [root], [root * (1 + Fraction(1, 2**80))]) == "violated"
    assert outcome(claim, [Fraction(1)], [1 + Fraction(1, 2**200)]) == "violated"


def test_a_vector_is_as_good_as_its_worst_component() -> None:
    one, two = Fraction(1), Fraction(2)
    assert outcome(numbers(), [one, one], [two, one]) == "holds"
    assert outcome(numbers(), [one, two], [two, one]) == "violated"


def test_evidence_keeps_the_worst_instance_and_counts_the_undefined() -> None:
    question = Question(numbers())
    cell = question.space.smallest_cell()
    evidence = Evidence()
    codes = np.array([[0], [1 << 14], [1 << 15]])
    evidence.add(question, cell, codes, question.sides(cell, codes))
    assert (evidence.instances, evidence.undefined, evidence.worst) == (3, 0, (cell, (1 << 15,)))
    assert (evidence.worst_gap, evidence.worst_ratio) == (0.0, 1.0)


def nowhere(count: int) -> Sides:
    """What doubles say of instances of which they have no value."""
    return Sides(np.full(count, -1.0), np.full(count, np.nan), np.ones(count, dtype=bool), np.zeros(count, dtype=bool))


def test_what_has_no_value_in_doubles_is_compared_exactly_and_counted_if_it_has_one() -> None:
    question = Question(numbers())
    cell, codes, seen = question.space.smallest_cell(), np.arange(3)[:, None], Evidence()
    seen.add(question, cell, codes, nowhere(3))
    assert (seen.instances, seen.undefined, seen.compared, seen.worst) == (3, 0, 3, None)


def test_what_has_no_value_at_all_is_no_evidence() -> None:
    question = Question(numbers(lhs=sqrt(x - 2)))
    cell, codes, silent = question.space.smallest_cell(), np.arange(3)[:, None], Evidence()
    silent.add(question, cell, codes, nowhere(3))
    assert (silent.undefined, silent.worst, silent.conclusive) == (3, None, False)
    assert math.isnan(silent.worst_ratio)


# --- seeds and time -----------------------------------------------------------------------------------------------------------


def _records(question: Claim, seed: int) -> list[dict[str, Any]]:
    return [{**asdict(record), "seconds": 0.0} for record in judged(question, seed=seed)]


def half_the_truth() -> tuple[Question, Any, Any]:
    """A false bound, violated in every instance of a batch, by more than rounding."""
    question = Question(numbers(rhs=Rational(1, 8), parameters={x: Interval(Rational(1, 4), Rational(3, 4))}))
    cell = question.space.smallest_cell()
    return question, cell, question.space.random_codes(cell, 40, np.random.default_rng(0))


def test_every_instance_that_doubles_are_sure_of_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    question, cell, codes = half_the_truth()
    sides = question.sides(cell, codes)
    least = tuple(codes[sides.gap.argmin()].tolist())
    truly = question.confirmed
    monkeypatch.setattr(question, "confirmed", lambda at, one: truly(at, one) if one == least else None)
    seen = Evidence()
    seen.add(question, cell, codes, sides)
    assert seen.violation is not None
    assert seen.violation.codes == least


def test_what_doubles_are_sure_of_and_nobody_replayed_is_an_open_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    question, cell, codes = half_the_truth()
    monkeypatch.setattr(question, "confirmed", lambda *_: None)
    monkeypatch.setattr("verify.evidence.result._MOST_ERRORS", len(codes) - 1)
    seen = Evidence()
    seen.add(question, cell, codes, question.sides(cell, codes))
    assert seen.doubted == 1
    assert not seen.conclusive


def test_a_claim_with_an_open_doubt_is_undecided_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.evidence.result._MOST_ERRORS", 1)
    blurred = Quantity(
        lambda batch: batch.values[x] + 1e-3, lambda instance: [instance.values[x].item()], lambda batch: np.ones((1, 1))
    )
    monkeypatch.setattr("verify.judging.judge._AGREEMENTS", 0)
    found, control = judged(
        numbers(measured={q: measured("blurred")}, lhs=q, rhs=x, false_sibling=FalseSibling("half", {"rhs": x / 2})),
        {"blurred": blurred},
    )
    assert found.verdict is Verdict.UNDECIDED
    assert "violations more than were replayed" in found.detail
    assert "control missed" not in found.detail
    assert control.verdict is Verdict.REFUTED


def test_the_same_seed_gives_the_same_records_and_another_one_others() -> None:
    question = claim("ratio_bound").changed(reductions=())
    first = _records(question, 0)
    assert first == _records(question, 0)
    second = _records(question, 1)
    assert [record["verdict"] for record in first] == [record["verdict"] for record in second]
    assert [record["worst_ratio"] for record in first] != [record["worst_ratio"] for record in second] or (
        [record["instances"] for record in first] != [record["instances"] for record in second]
    )


@pytest.mark.parametrize("level", LEVELS)
def test_evidence_is_fixed_by_its_seed(level: str) -> None:
    question = Question(claim("distance_drs_maml"))
    found = [LEVELS[level](question, Effort.of(7)) for _ in range(2)]
    assert found[0] == found[1]


@pytest.mark.parametrize("level", LEVELS)
def test_no_time_is_no_evidence(level: str) -> None:
    evidence = LEVELS[level](Question(numbers()), Effort.of(0, time.monotonic() - 1))
    assert (evidence.instances, evidence.complete, evidence.conclusive) == (0, False, False)


def test_a_budget_that_ends_leaves_claims_undecided_and_says_so() -> None:
    record, sibling = judged(numbers(), budget=1e-9)
    assert record.verdict is Verdict.UNDECIDED
    assert "time ran out" in record.detail
    assert not record.as_expected
    assert not sibling.as_expected


def test_a_budget_stops_a_long_search() -> None:
    records = judged(claim("transfer_bound").changed(reductions=()), budget=0.3)
    assert "time ran out" in records[0].detail


# --- the search ---------------------------------------------------------------------------------------------------------------


def _sharp() -> Iterator[Claim]:
    for name in CORE:
        whole = claim(name)
        for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim))):
            if part.sharp is not None:
                yield part


@pytest.mark.parametrize("question", list(_sharp()), ids=lambda question: question.name)
def test_the_search_comes_within_a_thousandth_of_a_sharp_bound(question: Claim) -> None:
    searching = Question(question)
    evidence = searched.gather(searching, Effort())
    assert evidence.violation is None
    assert evidence.worst is not None
    worst = searching.replay(*evidence.worst)
    assert worst.outcome is Outcome.HOLDS
    assert 0.999 <= worst.ratio() <= 1


def test_the_search_is_told_nothing_about_the_extremal_instance() -> None:
    question = claim("transfer_drs_maml")
    found = [searched.gather(Question(changed), Effort()) for changed in (question, question.changed(sharp=None))]
    assert found[0] == found[1]


def test_an_instance_without_codes_is_compared_once() -> None:
    question = Question(numbers(lhs=k, rhs=Integer(5), parameters={k: Range(1, 6)}).changed(measured={}))
    lone = Question(Claim("lone", "2 <= 2", Integer(2), "<=", Integer(2), Source("derived here"), None, {k: Range(1, 2)}))
    evidence = searched.gather(lone, Effort())
    assert evidence.violation is None
    assert evidence.worst_ratio == 1
    assert sampled.gather(question, Effort()).violation is None


@pytest.mark.parametrize("level", LEVELS)
def test_both_levels_refute_a_bound_that_is_half_the_truth(level: str) -> None:
    half = Claim(
        name="half",
        title="half of joint training's risk",
        lhs=excess,
        relation="<=",
        rhs=(alpha * beta) ** 2 * risk_A / 2,
        parameters={beta: Interval.open(0, oo), nu: Interval(0, beta), alpha: Interval(0, 1 / beta)},
        tasks=Tasks("free"),
        measured={
            excess: measured("modeling_error", trained=DRS(), deployed=MAML(alpha)),
            risk_A: measured("training_risk", rule=DRS()),
        },
        source=Source("derived here"),
        false_sibling=None,
    )
    evidence = LEVELS[level](Question(half), Effort())
    assert evidence.violation is not None
    assert evidence.violation.outcome is Outcome.VIOLATED


def test_a_quantity_that_is_one_number_for_all_is_compared_on_every_instance() -> None:
    """Its sides have a single row, which once left the others' gaps what memory held."""
    one = {"one": Quantity(lambda batch: np.ones((1, 1)), lambda instance: [Fraction(1)])}
    question = Question(numbers(measured={q: measured("one")}, lhs=q, rhs=q, relation="==", false_sibling=None), one)
    sides = question.sides(question.space.smallest_cell(), np.zeros((300, 1), np.int64))
    assert sides.gap.tolist() == [0.0] * 300
