"""A field of a claim, or of a part of one, that is of another kind is refused in one sentence that says what would be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from one_claim import SIZE, X, made
from sympy import (
    Dummy,
    Eq,
    I,
    Integer,
    Interval,
    Lambda,
    Matrix,
    Range,
    Rational,
    Symbol,
    nan,
    oo,
)

import numerics as nx
from theory.claim import (
    Argued,
    Assumption,
    Extremal,
    FalseSibling,
    Instances,
    Measured,
    Source,
    Tasks,
    measured,
)
from theory.notation import alpha, beta, excess, nu, p, x
from theory.rules import DRS, MAML

TWIN = Symbol("X")
FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "a name of no kind": ({"name": 3}, "name is 3; it must be letters"),
    "no source": ({"source": None}, "source of claim mine is None; it must be a Source"),
    "a source as text": (
        {"source": "mine"},
        r'is .mine.; it must be a Source such as Source\("derived here"\)',
    ),
    "a class for a source": (
        {"source": Source},
        "source of claim mine is the class Source itself; it must be a Source",
    ),
    "a sibling as text": ({"false_sibling": "half"}, "false_sibling of claim mine is 'half'; it must be a FalseSibling"),
    "a sibling's class": ({"false_sibling": FalseSibling}, "the class FalseSibling itself"),
    "tasks as text": ({"tasks": "free"}, r'tasks of claim mine is \'free\'; it must be such as Tasks\("free"\)'),
    "a class for tasks": ({"tasks": Tasks}, "tasks of claim mine is the class Tasks itself"),
    "a title of no kind": ({"title": None}, "title of claim mine is None"),
    "printed": ({"printed": "yes"}, "printed of claim mine is 'yes'; it must be True or False"),
    "on average": ({"on_average": 1}, "on_average of claim mine is 1; it must be True or False"),
    "an average with a probability": (
        {"on_average": True, "failure_probability": Rational(1, 2)},
        "claim mine is on_average and has a failure_probability",
    ),
    "expected": ({"expected": "hold"}, "expected of claim mine is 'hold'; it must be 'holds' or 'refuted'"),
    "sharp": ({"sharp": True}, "sharp of claim mine is True; it must be an Extremal"),
    "sharp elsewhere": ({"sharp": Extremal("there", True, {alpha: 1})}, "claim mine uses alpha, which it neither declares"),
    "parameters": ({"parameters": [X]}, r"parameters of claim mine is \[X\]; it must be a mapping"),
    "a name for a symbol": (
        {"parameters": {"X": Interval(0, 1)}},
        "a key of parameters of claim mine is 'X'",
    ),
    "an assumption alone": ({"assumptions": Assumption("it is so", {})}, "assumptions of claim mine is .* it must be a tuple"),
    "an assumption as text": ({"assumptions": ("it is so",)}, "an entry of assumptions of claim mine is 'it is so'"),
    "a step as text": ({"reductions": ("so",)}, "an entry of reductions of claim mine is 'so'; it must be a Claim or Argued"),
    "a class for a step": ({"reductions": (Argued,)}, "an entry of reductions of claim mine is the class Argued itself"),
    "a quantity as text": ({"measured": {excess: "modeling_error"}}, "an entry of measured of claim mine is 'modeling_error'"),
    "a class for a quantity": ({"measured": {excess: Measured}}, "the class Measured itself"),
    "the other relation": ({"relation": ">="}, "it must be '<=' or '==': swap the sides and write '<='"),
    "another relation": ({"relation": "<"}, "it must be '<=' or '=='$"),
    "a side as text": ({"rhs": "X"}, "rhs of claim mine is 'X'; it must be a formula"),
    "a side as a relation": ({"lhs": X <= 1}, "lhs of claim mine is X <= 1; it must be a formula"),
    "a side as a matrix": ({"lhs": Matrix([X])}, "lhs of claim mine is .* it must be a formula"),
    "a side as truth": ({"lhs": True}, "lhs of claim mine is True; it must be a formula"),
    "a float": ({"rhs": 0.1482}, r"rhs of claim mine holds the rounded number 0.1482; write Rational\('0.1482'\)"),
    "a float inside": ({"rhs": 1 + X * 0.5}, r"write Rational\('0.5'\)"),
    "not a number": ({"rhs": nan}, "rhs of claim mine is nan; it must be finite"),
    "infinity": ({"rhs": oo}, "rhs of claim mine is oo; it must be finite"),
    "a complex side": ({"rhs": 2 * I}, "rhs of claim mine is 2[*]I, which is no real number"),
    "a float probability": ({"failure_probability": 0.1}, r"failure_probability of claim mine .* write Rational\('0.1'\)"),
    "no probability": (
        {"failure_probability": Integer(2)},
        "failure_probability of claim mine is 2; it must be at least 0 and less than 1",
    ),
    "a misspelt symbol": ({"rhs": Symbol("XX", real=True)}, "uses XX, which it neither declares .*; perhaps X is meant"),
    "a twin in a side": (
        {"rhs": TWIN},
        "that of `parameters` is real, another one in rhs is without assumptions",
    ),
    "a twin in a domain": (
        {"parameters": {X: Interval(0, 1), beta: Interval(1, 2 + Symbol("X", positive=True))}},
        "two symbols named X: that of `parameters` is real, another one in a domain is positive",
    ),
    "a twin in a probability": ({"failure_probability": TWIN / 2}, "two symbols named X: .* in failure_probability"),
    "a twin in an argument": (
        {"measured": {excess: measured("modeling_error", trained=DRS(), deployed=MAML(TWIN))}},
        "two symbols named X: .* in an argument in `measured`",
    ),
    "a twin in a function": (
        {"measured": {excess: measured("weighted_risk", weight=Lambda(alpha, alpha * TWIN))}},
        "two symbols named X: .* in an argument in `measured`",
    ),
    "a twin in an assumption": ({"assumptions": (Assumption(Eq(TWIN, 1), {}),)}, "two symbols named X: .* in an assumption"),
    "a twin of a size": (
        {"tasks": Tasks("free"), "rhs": Symbol("p")},
        "two symbols named p: that of the sizes of its instances is integer, positive, another one in rhs",
    ),
    "a stand-in": ({"rhs": Dummy("X", real=True)}, "two symbols named"),
    "two of one name": (
        {"parameters": {X: Interval(0, 1), TWIN: Interval(0, 1)}},
        "claim mine declares X in `parameters` and in",
    ),
    "a parameter that is measured": ({"measured": {X: measured("diameter")}}, "declares X in `parameters` and in `measured`"),
    "a size that is a parameter": (
        {"tasks": Tasks("free"), "parameters": {X: Interval(0, 1), p: Range(1, 3)}},
        "declares p in",
    ),
    "a measured symbol that promises too much": (
        {"measured": {Symbol("m", even=True): measured("diameter")}},
        "the measured symbol m is assumed to be .*even.*, which no measured value is checked for",
    ),
    "a size that is not one of these instances": (
        {"tasks": Instances("sets", {SIZE: Range(1, 4)}), "rhs": p},
        "claim mine uses p",
    ),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_of_another_kind_is_refused(case: str) -> None:
    changes, words = FIELDS[case]
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        made(**changes)
    assert "\n" not in str(caught.value)


PARTS: dict[str, tuple[Callable[[], Any], str]] = {
    "a misspelt field": (
        lambda: made(soruce=Source("derived here")),
        "Claim names 'soruce', which is no field of Claim; it must be one of source",
    ),
    "a misspelt change": (lambda: FalseSibling("half", {"rsh": X / 2}), "changes names 'rsh', .* it must be one of rhs"),
    "a misspelt change without": (
        lambda: Assumption("so", {"parameter": {}}),
        "without names 'parameter', .* one of parameters",
    ),
    "no changes": (lambda: FalseSibling("half", X / 2), "changes is X/2; it must be a mapping"),
    "a relation that is true": (lambda: Assumption(nu >= 0, {}), "statement is True; it must be a relation"),
    "a dimension": (lambda: Tasks(dimension=3), r"dimension is 3; .* write Range\(3, 4\) for 3 alone"),
    "two dimensions": (lambda: Tasks(dimension=(1, 3)), r"write Range\(1, 4\) for 1 to 3"),
    "no dimension": (lambda: Tasks(dimension=Range(3, 3)), "dimension is .* which is empty"),
    "a dimension of nothing": (lambda: Tasks(number=Range(0, 3)), "size n: n is assumed to be positive"),
    "every other dimension": (lambda: Tasks(dimension=Range(1, 9, 2)), "dimension is .* a Range must go up by one"),
    "a law": (lambda: Tasks(3), "law is 3; it must be the name of a law of tasks, such as 'free'"),  # type: ignore[arg-type]
    "a family": (lambda: Instances(Tasks, {}), "family is .* it must be the name of a family"),  # type: ignore[arg-type]
    "sizes": (lambda: Instances("sets", [SIZE]), "sizes is .* it must be a mapping"),  # type: ignore[arg-type]
    "a size by name": (lambda: Instances("sets", {"size": Range(1, 3)}), "a size is 'size'; it must be a symbol"),
    "an empty size": (lambda: Instances("sets", {SIZE: Range(0)}), "size size is .* which is empty"),
    "a size of reals": (lambda: Instances("sets", {SIZE: Interval(0, 1)}), "size size is .* it must be a Range"),
    "a quantity of no kind": (lambda: Measured(DRS()), "quantity is DRS.* it must be the name of a quantity"),  # type: ignore[arg-type]
    "a class among arguments": (lambda: measured("optimum", rule=DRS), "argument rule of optimum holds the class DRS"),
    "a rule of the wrong side": (
        lambda: measured("optimum", rule=nx.MAML(0.1)),
        "argument rule of optimum holds MAML of numerics; it must be a rule of theory",
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_of_another_kind_is_refused(case: str) -> None:
    make, words = PARTS[case]
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_users_rule_for_numerics_is_told_from_that_for_theory() -> None:
    class Decaying(nx.GradientSteps):
        pass

    with pytest.raises(TypeError, match="argument rule of optimum holds Decaying of numerics; it must be a rule of theory"):
        measured("optimum", rule=Decaying(0.1))


def test_siblings_and_what_is_left_without_an_assumption_are_checked_alike() -> None:
    wider = {"parameters": {x: Interval(-1, 1)}}
    claim = made(
        parameters={x: Interval(0, 1)},
        lhs=x,
        false_sibling=FalseSibling("below zero too", wider),
        assumptions=(Assumption("x is not negative", wider),),
    )
    for make in (claim.sibling, lambda: claim.without(claim.assumptions[0])):
        with pytest.raises(ValueError, match="x is assumed to be nonnegative"):
            make()
