"""Claims about expectations and probabilities of a user's own: bets and counts grant what is true and refute what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import FiniteSet, Interval, Range, Rational, Symbol

import verify
from theory.bounds import claim
from theory.claim import Claim, FalseSibling, Instances, NoValue, Source, measured
from theory.notation import k, x
from verify import long_search
from verify.evidence import expectation, replicated
from verify.evidence.counterexample import script
from verify.evidence.question import Question
from verify.evidence.result import Effort, Verdict
from verify.instances.family import Family
from verify.judging.judge import judge
from verify.quantities import Quantity
from verify.studies import long_runs
from verify.studies.regions import Axis, validity_map

DRAWN, SECOND = Symbol("drawn", real=True), Symbol("second", real=True)
HERE = Source("derived here")


def coin(batch: Any, rng: np.random.Generator, count: int) -> Any:
    """One with probability x, otherwise zero."""
    return (rng.random((len(batch.values[x]), count)) < batch.values[x]).astype(float)


def unit(batch: Any) -> tuple[Any, Any]:
    return np.zeros_like(batch.values[x]), np.ones_like(batch.values[x])


def tosses(**changes: Any) -> dict[str, Quantity]:
    fields = {
        "floats": lambda batch: batch.values[x],
        "exact": lambda one: [one.values[x].item()],
        "replicates": coin,
        "bounds": unit,
    }
    return {"toss": Quantity(**{**fields, **changes})}


def on_average(rhs: Any, relation: str = "<=", lhs: Any = DRAWN, **changes: Any) -> Claim:
    """A coin that shows heads with probability x in [1/4, 3/4]."""
    fields: dict[str, Any] = {
        "parameters": {x: Interval(Rational(1, 4), Rational(3, 4))},
        "measured": {DRAWN: measured("toss")},
        "false_sibling": None,
        "on_average": True,
    } | changes
    return Claim("heads", "heads on average", lhs, relation, rhs, HERE, **fields)


SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rhs", "relation"), [(x, "<="), (x, "=="), (x + Rational(1, 20), "<=")], ids=str)
def test_a_true_claim_is_never_refuted(rhs: Any, relation: str, seed: int) -> None:
    evidence = expectation.gather(Question(on_average(rhs, relation), tosses()), Effort.of(seed))
    assert evidence.violation is None
    assert not evidence.contradicted
    assert evidence.compared == expectation.CELLS * expectation.BATCH


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("rhs", "relation"), [(x - Rational(1, 20), "<="), (x + Rational(1, 20), "=="), (x - Rational(1, 20), "==")]
)
def test_a_claim_that_is_false_by_a_margin_is_refuted_from_a_seed_that_replays(rhs: Any, relation: str, seed: int) -> None:
    question = Question(on_average(rhs, relation), tosses())
    evidence = expectation.gather(question, Effort.of(seed))
    found = evidence.violation
    assert found is not None
    assert "beyond doubt" in evidence.detail
    assert abs(abs(found.mean) - 0.05) < 0.05
    assert found.gap() > 0
    assert expectation.replay(question, found.cell, found.codes, found.entropy) == found


def test_a_claim_with_a_margin_is_granted_and_one_without_is_open() -> None:
    """At the expectation itself no number of draws says on which side of it the claim is."""
    above = expectation.gather(Question(on_average(x + Rational(1, 20)), tosses()), Effort())
    assert above.conclusive
    at = expectation.gather(Question(on_average(x), tosses()), Effort())
    assert not at.conclusive
    assert f"{expectation.MOST} draws cannot tell" in at.open


def test_an_equality_is_granted_to_a_width_that_is_said_and_its_control_is_seen() -> None:
    sibling = FalseSibling("a twentieth more", {"rhs": x + Rational(1, 20)})
    records = judge(Question(on_average(x, "==", false_sibling=sibling), tosses()), level="sampled")
    assert [record.verdict for record in records] == [Verdict.SAMPLED, Verdict.REFUTED]
    assert "means are known to" in records[0].detail
    assert "beyond doubt not what is claimed" in records[1].detail


def test_an_inequality_with_a_margin_is_judged_with_its_control() -> None:
    sibling = FalseSibling("a tenth less", {"rhs": x - Rational(1, 20)})
    records = judge(Question(on_average(x + Rational(1, 20), false_sibling=sibling), tosses()), level="sampled")
    assert [record.verdict for record in records] == [Verdict.SAMPLED, Verdict.REFUTED]


def test_draws_without_bounds_leave_a_claim_open_and_ungranted() -> None:
    question = Question(on_average(x + 1, false_sibling=FalseSibling("less", {"rhs": x - 1})), tosses(bounds=None))
    evidence = expectation.gather(question, Effort())
    assert (evidence.violation, evidence.instances, evidence.conclusive) == (None, 0, False)
    assert "no bounds on the draws of drawn are known" in evidence.open
    record, control = judge(question, level="sampled")
    assert record.verdict is Verdict.UNDECIDED
    assert "no bounds on the draws" in record.detail
    assert control.verdict is Verdict.UNDECIDED


def test_a_claim_that_is_not_affine_in_its_random_symbol_is_open() -> None:
    evidence = expectation.gather(Question(on_average(x, lhs=DRAWN**2), tosses()), Effort())
    assert evidence.open == "lhs - rhs is not affine in the random drawn"
    assert not evidence.conclusive


def test_draws_beyond_their_bounds_are_an_error() -> None:
    narrow = tosses(bounds=lambda batch: (np.zeros_like(batch.values[x]), 0.5 * np.ones_like(batch.values[x])))
    with pytest.raises(ValueError, match="claim heads draws drawn beyond the bounds that toss gives"):
        expectation.gather(Question(on_average(x), narrow), Effort())
    nothing = tosses(replicates=lambda batch, rng, count: np.full((len(batch.values[x]), count), np.nan))
    with pytest.raises(ValueError, match="or as no number"):
        expectation.gather(Question(on_average(x), nothing), Effort())


@pytest.mark.parametrize("relation", ["<=", "=="])
def test_theory_whose_expectation_is_not_the_mean_of_the_draws_is_an_error_and_not_a_verdict(relation: str) -> None:
    wrong = tosses(exact=lambda one: [one.values[x].item() / 2])
    rhs = x if relation == "==" else x + Rational(1, 20)
    (record,) = judge(Question(on_average(rhs, relation), wrong), level="sampled")
    assert record.verdict is Verdict.DISAGREEMENT
    assert "theory and numerics disagree on the expectation of drawn = toss" in record.detail


def test_an_expectation_that_theory_does_not_know_is_judged_by_draws_alone() -> None:
    def unknown(one: Any) -> Any:
        raise NoValue("no closed form")

    evidence = expectation.gather(Question(on_average(x + Rational(1, 20)), tosses(exact=unknown)), Effort())
    assert evidence.conclusive


def test_draws_that_do_not_vary_decide_at_once() -> None:
    fixed = tosses(
        replicates=lambda batch, rng, count: np.repeat(batch.values[x], count, axis=1),
        bounds=lambda batch: (batch.values[x], batch.values[x]),
    )
    assert expectation.gather(Question(on_average(x + Rational(1, 10**6)), fixed), Effort()).conclusive
    found = expectation.gather(Question(on_average(x - Rational(1, 10**6)), fixed), Effort()).violation
    assert found is not None
    assert found.draws == 1


def test_bets_lose_against_the_truth_and_win_against_what_is_off() -> None:
    """Over many streams of a fair coin the capital against its mean stays below 1/delta, as Ville's inequality says."""
    rng, limit = np.random.default_rng(0), np.log(100)
    exceeded = 0
    for _ in range(300):
        bet = expectation.Bet(0.5)
        top = 0.0
        for _ in range(8):
            bet.take((rng.random(64) < 0.5).astype(float))
            top = max(top, bet.log_capital)
        exceeded += top > limit
    assert exceeded / 300 <= 0.03
    won = expectation.Bet(0.45)
    for _ in range(40):
        won.take((rng.random(256) < 0.5).astype(float))
    assert won.log_capital > limit


def test_evidence_about_an_expectation_is_fixed_by_its_seed() -> None:
    question = Question(on_average(x + Rational(1, 20)), tosses())
    assert expectation.gather(question, Effort.of(3)) == expectation.gather(question, Effort.of(3))
    late = expectation.gather(question, Effort.of(3, deadline=0.0))
    assert not late.complete
    assert not late.conclusive


# --- probabilities ------------------------------------------------------------------------------------------------------------


def with_probability(allowed: Any, **changes: Any) -> Claim:
    """A uniform number exceeds 9/10 with probability 1/10."""
    fields: dict[str, Any] = {
        "parameters": {x: Interval(0, 1)},
        "measured": {DRAWN: measured("uniform")},
        "false_sibling": FalseSibling("a hundredth", {"failure_probability": Rational(1, 100)}),
        "failure_probability": allowed,
    } | changes
    return Claim("uniform", "a uniform number", DRAWN, "<=", Rational(9, 10), HERE, **fields)


UNIFORM = {
    "uniform": Quantity(
        lambda batch: batch.values[x],
        lambda one: [one.values[x].item()],
        replicates=lambda batch, rng, count: rng.random((len(batch.values[x]), count)),
    )
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_probability_that_is_claimed_a_little_too_small_is_never_granted(seed: int) -> None:
    """0.095 for 0.1: few replicates do not see that it is false, and none say that it is true."""
    question = Question(with_probability(Rational(95, 1000)), UNIFORM)
    evidence = replicated.gather(question, Effort.of(seed))
    assert not evidence.conclusive
    record, control = judge(question, level="sampled", seed=seed)
    assert record.verdict in (Verdict.UNDECIDED, Verdict.REFUTED)
    assert control.verdict is Verdict.REFUTED
    if record.verdict is Verdict.UNDECIDED:
        assert "replicates cannot tell" in record.detail


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loose_probability_is_granted_and_one_that_is_half_the_truth_refuted(seed: int) -> None:
    loose = judge(Question(with_probability(Rational(1, 5)), UNIFORM), level="sampled", seed=seed)
    assert [record.verdict for record in loose] == [Verdict.SAMPLED, Verdict.REFUTED]
    half = judge(Question(with_probability(Rational(1, 20)), UNIFORM), level="sampled", seed=seed)
    assert half[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize("seed", SEEDS)
def test_the_probability_itself_is_never_refuted(seed: int) -> None:
    evidence = replicated.gather(Question(with_probability(Rational(1, 10)), UNIFORM), Effort.of(seed))
    assert evidence.violation is None
    assert not evidence.conclusive


# --- replay -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["finite_sample_bound", "fourth_moment_bound", "line_bound"])
def test_what_replicates_found_of_ours_is_printed_as_python_that_draws_again(name: str) -> None:
    question = Question(claim(name)).sibling()
    found = replicated.gather(question, Effort()).violation
    assert found is not None
    text = script(question, found)
    assert "assert replicated.replay" in text
    exec(text, {})


@dataclass
class Bowl:
    """Numbers of which one is drawn."""

    numbers: Any


elements = Symbol("elements", integer=True, positive=True)
BOWLS = {
    "own_bowls": Family(
        "own_bowls", "numbers", lambda codes, values: Bowl(codes.unit(values[elements])), {elements: Range(1, 4)}
    )
}


def picked(batch: Any, rng: np.random.Generator, count: int) -> Any:
    numbers = batch.tasks.numbers
    return np.take_along_axis(numbers, rng.integers(numbers.shape[1], size=(len(numbers), count)), axis=1)


PICKED = {
    "picked": Quantity(
        lambda batch: batch.tasks.numbers.mean(axis=1, keepdims=True),
        lambda one: [sum(one.tasks.numbers[0], Fraction(0)) / one.tasks.numbers.shape[1]],
        replicates=picked,
        bounds=lambda batch: (np.zeros((len(batch.tasks.numbers), 1)), np.ones((len(batch.tasks.numbers), 1))),
    ),
    "largest": Quantity(
        lambda batch: batch.tasks.numbers.max(axis=1, keepdims=True), lambda one: [Fraction(max(one.tasks.numbers[0]))]
    ),
}


@pytest.mark.parametrize("kind", ["average", "probability"])
def test_what_draws_found_of_a_family_of_ones_own_is_printed_as_python_that_draws_again(kind: str) -> None:
    """With a choice among fractions, which are named by their places, and an integer."""
    sides: dict[str, Any] = {"lhs": DRAWN + x * k / 100, "rhs": SECOND - Rational(1, 4)}
    changes: dict[str, Any] = {"on_average": True} if kind == "average" else {"failure_probability": Rational(1, 100)}
    wrong = Claim(
        "bowl", "a number drawn", relation="<=", source=HERE, false_sibling=None, tasks=Instances("own_bowls"),
        parameters={x: FiniteSet(Rational(1, 3), Rational(1, 2)), k: Range(1, 4)},
        measured={DRAWN: measured("picked"), SECOND: measured("largest")}, **sides, **changes,
    )  # fmt: skip
    question = Question(wrong, PICKED, BOWLS, origin=("CLAIM, QUANTITIES, FAMILIES = WRONG, PICKED, BOWLS",))
    gather: Callable[..., Any] = expectation.gather if kind == "average" else replicated.gather
    found = gather(question, Effort()).violation
    assert found is not None
    text = script(question, found)
    assert "Question(CLAIM, own=QUANTITIES, families=FAMILIES)" in text
    exec(text, {"WRONG": wrong, "PICKED": PICKED, "BOWLS": BOWLS})
    with pytest.raises(AssertionError):
        exec(text, {"WRONG": wrong.changed(rhs=SECOND + 2), "PICKED": PICKED, "BOWLS": BOWLS})


def test_a_claim_about_an_expectation_needs_one_random_symbol() -> None:
    two = on_average(x, lhs=DRAWN + SECOND, measured={DRAWN: measured("toss"), SECOND: measured("toss")})
    with pytest.raises(ValueError, match="claim heads has 2 random symbols; one that is not certain needs one"):
        expectation.gather(Question(two, tosses()), Effort())
    none = on_average(x, measured={DRAWN: measured("toss")})
    with pytest.raises(ValueError, match="claim heads has 0 random symbols"):
        expectation.gather(Question(none, tosses(replicates=None)), Effort())


def test_a_claim_that_says_nothing_is_vacuous_and_not_granted() -> None:
    record, _ = judge(Question(with_probability(Rational(19, 20)), UNIFORM), level="sampled")
    assert record.verdict is Verdict.UNDECIDED
    assert "says next to nothing" in record.detail


@pytest.mark.parametrize("about", ["average", "probability"])
def test_where_single_instances_decide_claims_about_something_random_are_refused(about: str, tmp_path: Path) -> None:
    """Each draw may be on either side: a search would call one of them a counterexample."""
    bet, own = (on_average(x), tosses()) if about == "average" else (with_probability(Rational(1, 5)), UNIFORM)
    question = Question(bet, own)
    axes = [Axis("x", (Fraction(1, 2),), None, x)] * 2
    for look in (
        lambda: verify.property_test(bet, own),
        lambda: long_runs.search(question, 1, tmp_path / "state"),
        lambda: validity_map(question, *axes),
    ):
        with pytest.raises(ValueError, match="is about something random, which no single instance decides; judge it with"):
            look()
    assert not (tmp_path / "state").exists()


def test_commands_that_look_at_single_instances_refuse_a_random_claim_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert long_search.main(["line_bound", "--runs", "1", "--state", str(tmp_path / "state")]) == 2
    err = capsys.readouterr().err
    assert "claim line_bound is about something random" in err
    assert err.count("\n") == 1
