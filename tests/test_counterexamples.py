"""Counterexamples, simplest and worst, of every false sibling: printed as Python that executes as it stands and holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sympy import Expr, Interval, Range, Rational, Symbol

from theory.bounds import claim, names
from theory.claim import Claim, Source, Tasks, measured
from theory.notation import alpha, beta, k, trained, x
from theory.rules import DRS, MAML
from verify.evidence import sampled, searched
from verify.evidence.counterexample import script, simplest
from verify.evidence.question import Question
from verify.evidence.replay import Outcome, Replay
from verify.evidence.result import Effort
from verify.quantities import Quantity


def _siblings() -> Iterator[Claim]:
    """False siblings of claims and of the steps of their proofs; a probability's replay is its seed instead."""
    for name in names():
        whole = claim(name)
        for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim))):
            if part.false_sibling is not None and part.failure_probability is None:
                yield part.control()


def violation(question: Question) -> Replay:
    """A violation that sampling finds, or else the search, perhaps with another seed."""
    for seed in range(4):
        for gather in (sampled.gather, searched.gather):
            if (found := gather(question, Effort.of(seed)).violation) is not None:
                return found
    raise AssertionError(f"no seed refutes {question.claim.name}")


@pytest.mark.parametrize("sibling", list(_siblings()), ids=lambda sibling: sibling.name)
def test_a_counterexample_of_every_false_sibling_executes_and_holds(sibling: Claim) -> None:
    question = Question(sibling)
    known = violation(question)
    plain = simplest(question, known)
    assert plain.outcome is Outcome.VIOLATED
    assert plain.cell.size() <= known.cell.size()
    for replay in (known, plain):
        source = script(question, replay)
        namespace: dict[str, Any] = {}
        exec(compile(source, f"counterexample to {sibling.name}", "exec"), namespace)
        assert namespace["CLAIM"] == sibling
        assert (namespace["lhs"], namespace["rhs"]) == (replay.lhs, replay.rhs)


@pytest.mark.parametrize("name", ["transfer_bound", "distance", "transfer_between_rules", "ratio_bound"])
def test_the_simplest_counterexample_is_simple(name: str) -> None:
    question = Question(claim(name).sibling())
    found = simplest(question, violation(question))
    shape = dict(found.cell.shape)
    assert shape[Symbol("n", integer=True, positive=True)] == 2
    assert shape[Symbol("p", integer=True, positive=True)] == 1
    assert shape.get(k, 1) == 1
    # nothing left can be zeroed
    for index, code in enumerate(found.codes):
        if code:
            zeroed = (*found.codes[:index], 0, *found.codes[index + 1 :])
            assert question.violation(found.cell, zeroed) is None


def test_a_script_that_does_not_hold_fails() -> None:
    question = Question(claim("distance/core/false-sibling"))
    source = script(question, simplest(question, violation(question)))
    with pytest.raises(AssertionError):
        exec(source.replace("== 'violated'", "== 'holds'"), {})


def own(lhs: Expr, rhs: Expr, parameters: dict[Any, Any], **changes: Any) -> Claim:
    return Claim("mine", "mine", lhs, "<=", rhs, Source("derived here"), None, parameters, **changes)


def executed(question: Question, **names_of_the_file: Any) -> tuple[str, dict[str, Any]]:
    source = script(question, simplest(question, violation(question)))
    namespace = {"CLAIM": question.claim, **names_of_the_file}
    exec(source, namespace)
    return source, namespace


def test_a_script_of_a_users_claim_says_where_the_claim_comes_from() -> None:
    source, _ = executed(Question(own(x, Rational(1, 2), {x: Interval(0, 1)})))
    assert "# the claim mine of your file as CLAIM" in source


def test_a_changed_claim_that_kept_its_name_is_not_taken_for_ours() -> None:
    changed = claim("distance/core").changed(rhs=claim("distance/core").rhs / 2)
    source, _ = executed(Question(changed))
    assert "from theory.bounds import" not in source


def test_symbols_that_the_table_lacks_and_verbs_of_ones_own_are_printed() -> None:
    mine, double = Symbol("mine", real=True, nonnegative=True), Symbol("double", real=True)
    quantities = {"twice": Quantity(lambda batch: 2 * batch.values[mine], lambda instance: [2 * instance.values[mine].item()])}
    question = Question(own(double, mine, {mine: Interval(0, 1)}, measured={double: measured("twice")}), quantities)
    source, namespace = executed(question, QUANTITIES=quantities)
    assert "from sympy import Symbol" in source
    assert "verify.exact_sides(CLAIM, instance, QUANTITIES)" in source
    assert namespace["lhs"][0] == 2 * namespace["rhs"][0]


def test_chosen_rules_are_printed_with_their_symbols() -> None:
    rules = (MAML(-alpha, k), MAML(alpha / 2, 2), MAML(alpha, 1, 3))
    for rule in rules:
        question = Question(
            own(
                x,
                Rational(1, 10**6),
                {beta: Interval.Lopen(0, 1), alpha: Interval.Lopen(0, 1 / (2 * beta)), k: Range(1, 3), trained: (rule,)},
                tasks=Tasks("free"),
                measured={x: measured("modeling_error", trained=DRS(), deployed=trained)},
            )
        )
        _, namespace = executed(question)
        assert namespace["instance"].values[trained] == rule
