"""Where claims break: dropped assumptions have exact counterexamples, boundaries come out of bisection by themselves."""

import time
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Integer, Interval, Rational, oo, sqrt

from theory import bounds
from theory.claim import Assumption, Claim, FalseSibling, Source
from theory.notation import alpha, beta, t, x
from verify.breaks import main
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Effort
from verify.studies import thresholds
from verify.studies.assumptions import Status, breaks, text
from verify.studies.thresholds import boundary, fixed, simplest_between

#: claims with one dropped assumption that is not a scalar's range, and the position of the assumption
DROPPED = [("distance", 0), ("transfer_bound", 0), ("transfer_bound", 1), ("ratio_bound", 1), ("easy_and_hard", 0)]


#: a claim whose domain ends for no stated reason, at the end of a spectrum, about numbers that take no time to compare
PLAIN = Claim(
    name="plain", title="a product is at least zero", lhs=Integer(0), relation="<=", rhs=alpha * beta * (2 + alpha),
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 1 / beta)}, source=Source("here"),
    false_sibling=FalseSibling("more", {"lhs": alpha * beta * (3 + alpha)}),
)  # fmt: skip


def executed(script):
    """A counterexample's Python, run as a reader would; it asserts its own outcome."""
    names = {}
    exec(script, names)
    return names


@pytest.fixture(scope="module")
def theorem_5():
    (found,) = breaks(Question(bounds.claim("gao_sener_theorem5_minimum")))
    return found


def test_theorem_5_holds_up_to_twice_the_printed_rate(theorem_5):
    found = theorem_5
    assert found.assumption == "alpha beta <= 1"
    assert found.boundary.unit == 1 / beta
    assert found.boundary.guess == 2
    # the printed end is 1, and what is found is tight on both sides
    assert Fraction(199, 100) < found.boundary.holds <= 2 < found.boundary.fails < 2 + Fraction(1, 2**20)


def test_the_order_of_optima_reverses_at_five_thirds():
    found = boundary(Question(bounds.claim("gao_sener_lower_curvature")), alpha, 1 / beta, Fraction(2))
    assert found.guess == Fraction(5, 3)


def test_both_counterexamples_of_a_boundary_execute_and_one_is_plain(theorem_5):
    for script in (theorem_5.boundary.counterexample, theorem_5.boundary.edge):
        assert "'violated'" in script
        executed(script)
    sides = executed(theorem_5.boundary.counterexample)
    assert sides["lhs"][0] > sides["rhs"][0] * (1 + Fraction(1, 1000))


@pytest.mark.parametrize(("name", "position"), DROPPED)
def test_a_needed_assumption_has_a_counterexample_that_executes(name, position):
    claim = bounds.claim(name)
    only = f"CLAIM = CLAIM.changed(assumptions=(CLAIM.assumptions[{position}],))"
    made = ("from theory.bounds import claim", f"CLAIM = claim({name!r})", only)
    (found, *_) = breaks(Question(claim.changed(assumptions=(claim.assumptions[position],)), origin=made))
    assert found.status is Status.NEEDED
    executed(found.counterexample)


def test_an_assumption_that_is_not_needed_is_not_called_needed():
    claim = bounds.claim("transfer_bound/identity")
    superfluous = Assumption("half of the range", without={"tasks": claim.tasks})
    (found,) = breaks(Question(claim.changed(assumptions=(superfluous,))))
    assert found.status is Status.NOT_NEEDED
    assert not found.counterexample


def test_silence_without_a_control_is_undecided():
    claim = bounds.claim("transfer_bound/identity").changed(false_sibling=None)
    (found,) = breaks(Question(claim.changed(assumptions=(Assumption("nothing", without={"tasks": claim.tasks}),))))
    assert found.status is Status.UNDECIDED


def test_a_domain_that_ends_for_no_stated_reason_is_continued():
    found = list(breaks(Question(PLAIN)))
    assert [entry.assumption for entry in found] == ["alpha beta <= 1"]
    assert found[0].status is Status.NOT_NEEDED
    assert found[0].boundary.fails is None


def test_claims_that_hold_with_a_probability_are_left_out():
    assert not list(breaks(Question(bounds.claim("finite_sample_bound"))))


def test_a_deadline_that_has_passed_decides_nothing():
    claim = bounds.claim("gao_sener_theorem5_limit")
    assert [entry.status for entry in breaks(Question(claim), Effort.of(0, deadline=0.0))] == [Status.UNDECIDED]


def test_a_search_that_was_cut_short_has_found_nothing_out(monkeypatch):
    looked = []

    def twice(question, effort, **options):
        looked.append(question)
        return search_locally(question, replace(effort, deadline=0.0) if len(looked) > 2 else effort, **options)

    monkeypatch.setattr(thresholds, "search_locally", twice)
    found = boundary(Question(PLAIN), alpha, 1 / beta, Fraction(3))
    assert (found.holds, found.fails, found.complete) == (1, None, False)
    assert str(found) == "no violation up to alpha = 1/beta, and not all was searched up to 3/beta: time ran out"


def test_a_bracket_that_was_not_narrowed_is_not_read_as_a_number(monkeypatch):
    violated = []

    def up_to_the_first(question, effort, **options):
        found = search_locally(question, replace(effort, deadline=0.0) if violated else effort, **options)
        violated.extend(filter(None, [found.violation]))
        return found

    monkeypatch.setattr(thresholds, "search_locally", up_to_the_first)
    # no multiple that is looked at is 5/3
    found = boundary(Question(bounds.claim("lower_curvature")), alpha, 1 / beta, Fraction(9, 4))
    assert (found.guess, found.complete) == (None, False)
    assert 1 < found.holds < Fraction(5, 3) < found.fails
    assert str(found).endswith("between them nothing is known: time ran out")


def test_where_nothing_has_a_value_the_search_is_open():
    claim = Claim(
        name="rooted", title="a root shrinks", lhs=sqrt(1 - x) * t, relation="<=", rhs=t,
        parameters={x: Interval(0, 1), t: Interval(0, 1)}, source=Source("here"), false_sibling=None,
    )  # fmt: skip
    found = boundary(Question(claim), x, Integer(1), Fraction(2))
    assert (found.holds, found.gap) == (1, "no instance has a value")


def test_the_control_has_the_seed_and_the_time_of_the_search(monkeypatch):
    asked = []

    def noted(question, effort, **options):
        asked.append((effort.seed.entropy, effort.seed.spawn_key, effort.deadline))
        return search_locally(question, effort, **options)

    monkeypatch.setattr("verify.studies.assumptions.search_locally", noted)
    until = time.monotonic() + 1000
    list(breaks(Question(PLAIN), Effort.of(3, until)))
    assert asked == [(3, (), until)]


@pytest.mark.parametrize(
    ("low", "high", "simplest"), [("1", "2", "1"), ("1.5", "1.6", "3/2"), ("0.3334", "0.5", "2/5"), ("1.9999", "2.0001", "2")]
)
def test_the_simplest_fraction_of_a_bracket(low, high, simplest):
    assert simplest_between(Fraction(low), Fraction(high)) == Fraction(simplest)


def test_a_parameter_fixed_at_a_multiple_has_that_value_on_every_instance():
    claim = fixed(bounds.claim("transfer_drs_maml"), alpha, 1 / beta, Fraction(3, 4))
    space = Question(claim).space
    cell = space.smallest_cell()
    batch = space.exact(cell, [7] * space.length(cell))
    assert (batch.values[alpha] * batch.values[beta]).item() == Fraction(3, 4)


def test_a_hunt_starts_where_it_is_told():
    claim = bounds.claim("gao_sener_theorem5_minimum")
    above = claim.changed(parameters={alpha: Interval(Rational(5, 2) / beta, 3 / beta)})
    first = search_locally(Question(above), Effort.of(0))
    assert first.violation.outcome is Outcome.VIOLATED
    again = search_locally(Question(above), Effort.of(1), starts=[(first.violation.cell, first.violation.codes)])
    assert again.violation.cell == first.violation.cell


def test_the_command_prints_a_paragraph_for_each(capsys):
    assert main(["lower_curvature"]) == 0
    assert "lower_curvature without `alpha beta <= 5/3`: needed" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_findings_read_as_text():
    assert "exact counterexample" in text(list(breaks(Question(bounds.claim("lower_curvature")))))
