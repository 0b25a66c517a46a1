"""Maps of validity: two parameters of a claim, and at each point whether it holds, fails or is undecided."""

from dataclasses import replace

import pytest
from sympy import Interval, sqrt

from theory import bounds
from theory.claim import Claim, Source
from theory.notation import s, t, x
from verify.breaks import main
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.shell.usage_error import UsageError
from verify.studies.regions import FAILS, HOLDS, UNDECIDED, named_axes, validity_map


def drawn(name, names, *effort):
    claim = bounds.claim(name)
    return validity_map(Question(claim), *named_axes(claim, names), *effort)


def test_the_order_of_optima_changes_where_it_was_derived_to_change():
    found = drawn("lower_curvature", ["alpha", "p"])
    for value, status in zip(found.x.values, found.status[0], strict=True):
        assert status == (HOLDS if value * 3 <= 5 else FAILS)


def test_a_map_marks_where_the_claim_itself_ends():
    claim = bounds.claim("gao_sener_theorem5_minimum")
    x, y = named_axes(claim, ["alpha", "p"])
    assert (x.label, x.stated, max(x.values)) == ("alpha beta", 1, 3)
    assert [int(value) for value in y.values] == [1, 2, 3, 4]


def test_a_deadline_that_has_passed_leaves_everything_undecided():
    found = drawn("lower_curvature", ["alpha", "p"], Effort.of(0, deadline=0.0))
    assert {status for row in found.status for status in row} == {UNDECIDED}


def test_where_nothing_has_a_value_nothing_is_said_to_hold():
    unit = Interval(0, 1)
    claim = Claim(
        name="rooted", title="a root shrinks", lhs=sqrt(1 - x) * t * s, relation="<=", rhs=t * s,
        parameters={x: Interval(0, 2), t: unit, s: unit}, source=Source("here"), false_sibling=None,
    )  # fmt: skip
    axes = named_axes(claim, ["x", "t"])
    found = validity_map(Question(claim), *(replace(axis, values=axis.values[7::4]) for axis in axes))
    assert [value > 1 for value in found.x.values] == [False, True, True]
    assert set(found.status) == {(HOLDS, UNDECIDED, UNDECIDED)}


def test_a_parameter_of_the_law_of_tasks_is_an_axis():
    claim = bounds.claim("adaptation_never_hurts")
    x_axis, y_axis = named_axes(claim, ["beta", "p"])
    one = replace(x_axis, values=x_axis.values[:1]), replace(y_axis, values=y_axis.values[:1])
    assert validity_map(Question(claim), *one).status == ((HOLDS,),)


@pytest.mark.parametrize("names", [["alpha", "lambda"], ["alpha", "alpha"]])
def test_axes_that_a_claim_has_not_are_refused(names):
    with pytest.raises(UsageError, match="--map"):
        named_axes(bounds.claim("lower_curvature"), names)


def test_a_choice_is_no_axis():
    with pytest.raises(UsageError, match="must be a number"):
        named_axes(bounds.claim("transfer_between_rules"), ["trained", "alpha"])


def test_the_command_draws_a_map(capsys):
    assert main(["lower_curvature", "--map", "alpha", "p"]) == 0
    assert "+++++++++++++xxx" in capsys.readouterr().out
    assert main(["lower_curvature", "--map", "alpha", "zeta"]) == 2
