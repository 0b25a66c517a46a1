"""What is wrong with a quantity or family of one's own is said in one sentence; that an instance has no value is not wrong."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Range, Symbol

from theory.claim import NoValue
from theory.notation import n
from verify.instances.batch import instance
from verify.instances.codes import Codes
from verify.instances.family import Family
from verify.instances.family import guarded as guarded_family
from verify.quantities import Quantity
from verify.quantities.guarded import guarded
from verify.shell.usage_error import UsageError

BATCH = instance({})


def _raising(error: BaseException) -> Any:
    def fails(*_: Any, **__: Any) -> Any:
        raise error

    return fails


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("two\nlines"), RuntimeError(), NoValue("not in floats")])
def test_errors_become_a_sentence(error: Exception) -> None:
    if isinstance(error, NoValue):
        with pytest.raises(NoValue):
            guarded("own", Quantity(_raising(error), _raising(error))).floats(BATCH)
        return
    wrapped = guarded("own", Quantity(_raising(error), _raising(error), _raising(error), _raising(error)))
    for part in ("floats", "exact", "scale", "replicates"):
        with pytest.raises(UsageError, match=f"the quantity 'own' fails in `{part}`: {type(error).__name__}") as caught:
            getattr(wrapped, part)(BATCH)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [NoValue("none"), ZeroDivisionError("by zero")])
def test_no_value_passes(error: Exception) -> None:
    with pytest.raises(type(error)):
        guarded("own", Quantity(_raising(error), _raising(error))).exact(BATCH)


@pytest.mark.parametrize("value", ["half", np.array([1j]), [None], np.zeros((2, 2, 2)), np.zeros(3)])
def test_what_is_no_array_of_numbers_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"the quantity 'own' returns .* in `floats`; "):
        guarded("own", Quantity(lambda batch: value, lambda one: [])).floats(BATCH)


@pytest.mark.parametrize("value", [[0.5], Fraction(1), None, [], ["1/2"]])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="it must return a list of fractions or enclosures"):
        guarded("own", Quantity(lambda batch: value, lambda one: value)).exact(BATCH)


@pytest.mark.parametrize("value", [0.75, np.zeros(4), np.zeros((2, 4)), np.zeros((1, 1)), np.zeros((4, 1)), "draws"])
def test_draws_of_another_shape_than_asked_for_are_refused(value: Any) -> None:
    three = Quantity(lambda batch: 0.5, lambda one: [1], replicates=lambda batch, rng, count: value)
    batch = instance({Symbol("x"): Fraction(1, 2)})
    with pytest.raises(
        UsageError, match=r"returns .* in `replicates`; it must return an array of real numbers of shape .*\(1, 4\)"
    ):
        guarded("own", three).replicates(batch, np.random.default_rng(0), 4)


def test_a_row_of_draws_is_taken() -> None:
    right = Quantity(lambda batch: 0.5, lambda one: [1], replicates=lambda batch, rng, count: np.ones((1, count)))
    assert guarded("own", right).replicates(instance({}), None, 4).shape == (1, 4)


def test_an_expectation_need_not_be_known_but_a_value_must_be() -> None:
    def later(_: Any) -> Any:
        raise NotImplementedError("later")

    with pytest.raises(
        UsageError, match=r"fails in `exact`: NotImplementedError: later; where there is no value it must raise"
    ):
        guarded("own", Quantity(lambda batch: 0.5, later)).exact(BATCH)
    with pytest.raises(NotImplementedError):
        guarded("own", Quantity(lambda batch: 0.5, later, replicates=lambda *_: None)).exact(BATCH)


def test_fractions_and_whole_numbers_are_taken() -> None:
    wrapped = guarded("own", Quantity(lambda batch: np.array([[Fraction(1, 2)]], object), lambda one: [3, Fraction(1, 2)]))
    assert wrapped.floats(BATCH).tolist() == [[0.5]]
    assert wrapped.exact(BATCH) == [Fraction(3), Fraction(1, 2)]


@dataclass
class Rows:
    """One array."""

    rows: Any


@pytest.mark.parametrize(
    ("decode", "said"),
    [
        (_raising(KeyError("x")), "KeyError: 'x'"),
        (lambda codes, values: 5, "must return a dataclass"),
        (lambda codes, values: Rows(np.zeros(7)), "a row for each of 2 instances"),
        (lambda codes, values: Rows([1, 2]), "a row for each of 2 instances"),
    ],
)
def test_decoders_are_refused_in_a_sentence(decode: Any, said: str) -> None:
    family = guarded_family(Family("mine", "rows", decode, {n: Range(1, 3)}))
    with pytest.raises(UsageError, match=said):
        family.decode(Codes(np.zeros((2, 4), int), 4, exact=False), {})
