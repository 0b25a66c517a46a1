"""All methods of finding out about a claim, in the order in which the judge uses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Range, Symbol

from verify.evidence import expectation, replicated, sampled, searched
from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence, Method, Verdict
from verify.proofs import certified, proved, violations
from verify.proofs.statement import Statement, Unprovable

#: seconds for which balls look for a violation beside every search
_GLANCE = 0.4


def _provable(question: Question) -> bool:
    """Whether a claim is about numbers alone: the scalar core of one about tasks is among the steps of its proof."""
    return question.claim.tasks is None and not question.random


def _decided(question: Question, points: Sequence[Mapping[Symbol, Any]], evidence: Evidence) -> Evidence:
    """Decide exactly at the points where a method sees a violation."""
    for point in points:
        values = {
            symbol: value if isinstance(question.claim.parameters[symbol], Range) else Fraction(value)
            for symbol, value in point.items()
        }
        evidence.violation = question.suspected(values)
        if evidence.violation is not None:
            break
    return evidence


def _glanced(question: Question, effort: Effort) -> Evidence:
    """Let balls look for a violation, best first."""
    try:
        statement = Statement.of(question.claim, question.quantities)
        seen = violations.suspects(statement, effort.deadline, solver=False, seconds=_GLANCE)
    except (Unprovable, TypeError):
        return Evidence()
    return _decided(question, seen, Evidence())


def _excluding(gather: Callable[..., Evidence]) -> Callable[[Question, Effort], Evidence]:
    """A way to exclude violations; where it sees one instead, exact numbers decide."""

    def found(question: Question, effort: Effort) -> Evidence:
        evidence = gather(question.claim, effort.deadline, question.quantities)
        return _decided(question, evidence.suspects, evidence)

    return found


METHODS = (
    sampled.METHOD,
    replicated.METHOD,
    expectation.METHOD,
    Method("balls", "sampled", None, _provable, _glanced, controlled=False),
    searched.METHOD,
    Method("proved", "proved", Verdict.PROVED, _provable, _excluding(proved.gather), controlled=False),
    Method("certified", "certified", Verdict.CERTIFIED, _provable, _excluding(certified.gather), controlled=False),
)
