"""False siblings that fail on a stored instance: replayed exactly, said so in the record, beside a control of searches."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Interval, Rational, Symbol

from theory.bounds import claim, names
from theory.claim import Claim, FalseSibling, Source, Stored
from theory.notation import beta, elements, items, n
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.evidence.stored import made, replayed
from verify.judging import judge as judging
from verify.judging.judge import judge, parts

STORED = [
    part for name in names() for part in parts(claim(name)) if part.false_sibling is not None and part.false_sibling.stored
]


@pytest.mark.parametrize("part", STORED, ids=lambda part: part.name)
def test_every_stored_instance_refutes_its_sibling_and_not_its_claim(part: Claim) -> None:
    assert part.false_sibling is not None
    assert part.false_sibling.stored is not None
    stored = part.false_sibling.stored
    evidence = replayed(Question(part).sibling(), stored)
    assert evidence.violation is not None
    assert stored.description in evidence.detail
    own = Question(part)
    if {*part.parameters, *own.space.shapes} == set(stored.parameters) and part.tasks == part.sibling().tasks:
        assert own.decided(made(own, stored)).outcome.value != "violated"


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("entropic_regret", "losses", ((40, 0), (0, 40)) * 3),
        ("descent_sum", "slopes", None),
        ("fallah_smoothness", "frames", (((2,),),)),
        ("fallah_smoothness", "probabilities", (Rational(1, 2),)),
        ("adapting_sets_first", "covers", None),
    ],
)
def test_an_instance_of_no_such_family_is_refused(name: str, field: str, value: Any) -> None:
    whole = claim(name)
    assert whole.false_sibling is not None
    stored = whole.false_sibling.stored
    assert stored is not None
    value = np.multiply(np.array(stored.tasks[field], dtype=object), 9).tolist() if value is None else value
    with pytest.raises(ValueError, match="is none of its family"):
        made(Question(whole).sibling(), replace(stored, tasks={**stored.tasks, field: value}))


def test_a_record_says_that_the_instance_was_stored_and_by_what_searches_are_controlled() -> None:
    records = judge(Question(claim("adapting_sets_first")).alone(), level="sampled")
    assert [record.name.partition("/")[2] for record in records] == ["", "false-sibling", "control"]
    whole, sibling, control = records
    assert (whole.verdict, sibling.verdict, control.verdict) == (Verdict.SAMPLED, Verdict.REFUTED, Verdict.REFUTED)
    assert sibling.instances == 1
    assert "on a stored instance, 4 tasks" in sibling.detail
    assert "stored" not in control.detail
    assert sibling.beside
    assert control.beside
    assert not whole.beside
    assert sibling.counterexample["simplest"] == sibling.counterexample["worst"]
    namespace: dict[str, Any] = {}
    exec(compile(sibling.counterexample["simplest"], "stored", "exec"), namespace)


X = Symbol("x", nonnegative=True)
LOOSE = FalseSibling("a half", {"rhs": Rational(1, 2)})


def square(stored: Stored) -> Claim:
    return Claim(
        name="mine",
        title="x is at most one",
        parameters={X: Interval(0, 1)},
        lhs=X,
        relation="<=",
        rhs=Rational(1),
        source=Source("derived here"),
        false_sibling=FalseSibling("a hair less", {"rhs": 1 - Rational(1, 10**9)}, stored, LOOSE),
    )


@pytest.mark.parametrize("name", ["joint_training_of_sets", "smooth_meta_risk_line", "descent_sum"])
def test_a_claim_that_is_false_where_its_sibling_is_known_to_fail_is_refuted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By less than searches see of most, and with the sibling of the true one."""
    true = claim(name)
    assert true.false_sibling is not None
    sibling = Question(true).sibling().claim
    changes = {
        field: true.false_sibling.changes[field] for field in ("tasks", "parameters") if field in true.false_sibling.changes
    }
    false = true.changed(reductions=(), **changes, rhs=(true.rhs + 9 * sibling.rhs) / 10)
    assert judge(Question(false), level="sampled")[0].verdict is Verdict.REFUTED
    # and by that instance alone
    monkeypatch.setattr(judging, "METHODS", ())
    record = judge(Question(false), level="sampled")[0]
    assert record.verdict is Verdict.REFUTED
    assert record.detail.startswith("false on the instance that its false sibling stores, ")


def test_a_stored_instance_outside_of_the_claims_domain_says_nothing_of_it() -> None:
    record = judge(Question(claim("smooth_meta_risk_line")), level="sampled")[0]
    assert record.verdict is Verdict.SAMPLED


def test_a_claim_about_numbers_may_have_one() -> None:
    whole, sibling, control = judge(Question(square(Stored("x = 1", {X: 1}))), level="sampled")
    assert [record.verdict.value for record in (whole, sibling, control)] == ["sampled", "refuted", "refuted"]


def test_a_stored_instance_that_shows_nothing_leaves_the_sibling_undecided() -> None:
    _, sibling, _ = judge(Question(square(Stored("x = 0", {X: 0}))), level="sampled")
    assert (sibling.verdict, sibling.as_expected) == (Verdict.UNDECIDED, False)
    assert sibling.detail == "no violation on the stored instance, x = 0: holds"


def test_a_control_that_claims_less_than_the_sibling_controls_nothing() -> None:
    weak = FalseSibling(
        "a hair less", {"rhs": Rational(1, 2)}, Stored("x = 1", {X: 1}), FalseSibling("x", {"rhs": Rational(3, 4)})
    )
    whole, *_ = judge(Question(square(Stored("x = 1", {X: 1})).changed(false_sibling=weak)), level="sampled")
    assert whole.verdict is Verdict.UNDECIDED
    assert "no control" in whole.detail


SIZES = {n: 1, elements: 2, items: 1}


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (Stored("none"), "gives no parameter; it must give elements, items, n"),
        (Stored("more", {**SIZES, beta: 1}), "gives beta, elements, items, n; it must give"),
        (Stored("large", {**SIZES, n: 9}), "has n = 9; it must be in Range"),
        (
            Stored("shape", SIZES, {"covers": ((1, 2),)}),
            r"covers .* has the shape \(1, 2\); it must have the shape \(1, 2, 1\)",
        ),
    ],
)
def test_an_instance_that_does_not_fit_is_refused_in_a_sentence(stored: Stored, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(Question(claim("adapting_sets_first")), stored)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: FalseSibling("less", {}, Stored("x", {})),
            ValueError,
            "has stored and no control; it must have both or neither",
        ),
        (lambda: FalseSibling("less", {}, control=LOOSE), ValueError, "has control and no stored"),
        (lambda: FalseSibling("less", {}, {"x": 1}, LOOSE), TypeError, "it must be a Stored instance"),
        (lambda: Stored("x", 3), TypeError, "parameters of a stored instance is 3"),
        (
            lambda: made(Question(square(Stored("x"))), Stored("x", {X: 0.5})),
            ValueError,
            "holds 0.5; it must hold exact numbers",
        ),
    ],
)
def test_what_is_no_stored_instance_is_refused_in_a_sentence(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_statement_and_a_page_say_what_is_stored() -> None:
    from verify.reports.html import as_html, grouped
    from verify.reports.statements import shown

    stated = claim("adapting_sets_first")
    text = shown(stated, "", 100)
    assert "False sibling: two thirds" in text
    assert "It fails on a stored instance: 4 tasks" in text
    assert "Control of searches: four fifths" in text
    records = judge(Question(stated).alone(), level="sampled")
    page = as_html(grouped(records, {stated.name: stated}, {stated.name: "a command"}, {}))
    assert "on a stored instance, 4 tasks" in page
