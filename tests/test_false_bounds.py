"""Subtly false bounds are refuted or stay undecided: none is ever granted, at any level."""

import pytest
from sympy import Rational

from benchmarks.catch_rate import table, verdict
from benchmarks.false_bounds import FALSE_BOUNDS
from theory import bounds
from theory.notation import alpha, beta, k, nu, q
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Effort, Verdict

NOT_GRANTED = (Verdict.REFUTED, Verdict.UNDECIDED)
#: the whole set is judged by `python -m benchmarks.catch_rate`; claims about numbers are quick enough to be judged here
NUMBERS = [bound for bound in FALSE_BOUNDS if bound.claim.tasks is None]
ROUND_OFF = [bound for bound in FALSE_BOUNDS if bound.kind == "round-off"]


def name(bound):
    return bound.claim.name


def test_the_set_is_large_and_of_every_kind():
    assert len(FALSE_BOUNDS) >= 40
    assert len({bound.claim.name for bound in FALSE_BOUNDS}) == len(FALSE_BOUNDS)
    kinds = {"constant", "missing assumption", "thin set", "commuting", "one dimension", "round-off", "equal weights"}
    assert {bound.kind for bound in FALSE_BOUNDS} == kinds


@pytest.mark.parametrize("bound", NUMBERS, ids=name)
def test_false_bounds_on_numbers_are_never_granted(bound):
    assert verdict(bound, "searched") is Verdict.REFUTED


@pytest.mark.parametrize("bound", FALSE_BOUNDS[::7], ids=name)
def test_false_bounds_on_tasks_are_never_granted(bound):
    assert verdict(bound, "sampled") in NOT_GRANTED


@pytest.mark.parametrize("level", ["sampled", "searched"])
@pytest.mark.parametrize("wanted", ["missing-assumption/distance-0", "one-dimension/distance"])
def test_false_alarms_of_the_worst_conditioned_instances_hide_no_violation(wanted, level):
    """Tens of nearly singular instances of a batch look violated by far, in doubles alone."""
    (bound,) = (bound for bound in FALSE_BOUNDS if bound.claim.name == wanted)
    assert verdict(bound, level) is Verdict.REFUTED


@pytest.mark.parametrize("bound", [bound for bound in FALSE_BOUNDS if bound.kind != "round-off"][::5], ids=name)
def test_false_bounds_are_false(bound):
    """Not the judge's business but the set's: a member that is true would flatter the table."""
    violation = search_locally(Question(bound.claim), Effort.of(0)).violation
    assert violation is not None
    assert violation.outcome is Outcome.VIOLATED


@pytest.mark.parametrize("bound", ROUND_OFF, ids=name)
def test_what_doubles_cannot_see_is_false_all_the_same(bound):
    """Where the true claim holds with equality, in exact numbers."""
    true = bounds.claim(bound.claim.name.partition("/")[2])
    point = true.sharp.parameters if true.sharp else {beta: 1, nu: 0, alpha: Rational(1, 2), k: 1, q: 1}
    assert true.lhs.subs(point) == true.rhs.subs(point)
    assert bound.claim.lhs.subs(point) > bound.claim.rhs.subs(point)


def test_the_table_counts_what_is_caught_and_lists_the_rest():
    some = [FALSE_BOUNDS[1], ROUND_OFF[0]]
    found, granted = table(some, ["sampled"])
    assert "| constant | 1 of 1 |" in found
    assert "| round-off | 1 of 1 |" in found
    assert "Granted: none." in found
    assert granted == []
