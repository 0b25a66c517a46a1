"""Domains that are more, less or other than they look, and symbols that assume what their domain does not say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import (
    Abs,
    EmptySet,
    FiniteSet,
    I,
    Integer,
    Interval,
    Max,
    Range,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
)  # fmt: skip

from benchmarks.hostile.case import FALSE, REFUSE, TRUE, UNIT, Cases, X, Y, Z, own
from theory.claim import measured
from theory.notation import k, loss, nu
from theory.notation import x as nonnegative
from verify.quantities import Quantity

CASES = Cases()
R = Rational
m = Symbol("m", integer=True)

# --- 1: domains -----------------------------------------------------------------------------------------------------------

CASES(1, "set_of_two", FALSE, "X = 2 violates it", {X: FiniteSet(1, 2)}, X, "<=", 1, {"rhs": R(1, 2)})
CASES(1, "empty_range", REFUSE, "no k is admitted", lambda: {k: Range(5, 5)}, k, "<=", 0, {"rhs": Integer(-1)})
CASES(1, "empty_interval", REFUSE, "the ends are the wrong way round", lambda: {X: Interval(2, 1)}, X, "<=", 0, {"rhs": -1})
CASES(1, "empty_set", REFUSE, "no X is admitted", lambda: {X: EmptySet}, X, "<=", 0, {"rhs": Integer(-1)})
CASES(1, "set_with_infinity", REFUSE, "infinity is no number", lambda: {X: FiniteSet(1, oo)}, X, "<=", 2, {"rhs": R(1, 2)})
CASES(1, "set_with_i", REFUSE, "X is real", lambda: {X: FiniteSet(1, I)}, X**2, "<=", 1, {"rhs": R(1, 2)})
CASES(
    1, "open_and_of_no_length", REFUSE, "no Y lies strictly between X and X",
    lambda: {X: Interval(1, 2), Y: Interval.open(X, X)}, Y, "<=", 0, {"rhs": -1},
)  # fmt: skip
CASES(
    1, "ends_cross_for_every_x", REFUSE, "no Y lies between 2 and 1",
    lambda: {X: Interval(2, 3), Y: Interval(X, 1)}, X + Y, "<=", 0, {"rhs": Integer(-1)},
)  # fmt: skip
CASES(
    1, "one_of_thirty", FALSE, "X = 23 violates it", {X: FiniteSet(*range(1, 31))}, 1, "<=", 2 * (X - 23) ** 2,
    {"lhs": Integer(10**4)},
)  # fmt: skip
CASES(1, "one_of_5000", FALSE, "the 4321st violates it", {X: FiniteSet(*(R(j, 5001) for j in range(1, 5001)))}, R(1, 10**9),
    "<=", (X - R(4321, 5001)) ** 2, {"lhs": Integer(10)})  # fmt: skip
CASES(1, "one_of_900_beside_integers", FALSE, "(3/901, 11) violates it", {X: FiniteSet(*(R(j, 901) for j in range(1, 901))),
    k: Range(1, 17)}, 1, "<=", 10**7 * ((X - R(3, 901)) ** 2 + (k - 11) ** 2), {"lhs": Integer(10**10)})  # fmt: skip
CASES(1, "one_pair_of_64", FALSE, "(7, 3) violates it", {X: FiniteSet(*range(1, 9)), Y: FiniteSet(*range(1, 9))},
    1, "<=", 2 * (X**2 - 14 * X + Y**2 - 6 * Y + 58), {"lhs": Integer(10**4)})  # fmt: skip
CASES(1, "set_in_an_end", FALSE, "Y reaches 3 where X = 3", {X: FiniteSet(1, 3), Y: Interval(0, X)}, Y, "<=", 2,
    {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "set_of_roots", FALSE, "the root of 3 violates it", {X: FiniteSet(sqrt(2), sqrt(3))}, X**2, "<=", 2, {"rhs": R(1, 2)})
CASES(1, "tiny_element", FALSE, "1e-30 is not 0", {X: FiniteSet(0, R(1, 10**30))}, X, "<=", 0, {"rhs": Integer(-1)})
CASES(1, "set_of_expressions", FALSE, "Y = 1 - X is larger for small X", {X: UNIT, Y: FiniteSet(X, 1 - X)}, Y, "<=", X,
    {"rhs": X - 1})  # fmt: skip
CASES(1, "nested_ends", FALSE, "false at Z = X only", {X: UNIT, Y: Interval(0, X), Z: Interval(Y, X)},
    Z, "<=", X * (1 - R(1, 10**13)), {"rhs": X / 2})  # fmt: skip
CASES(1, "where_the_ends_meet", FALSE, "false at X = 1/2 only, where Y has one value",
    {X: UNIT, Y: Interval(X, R(1, 2))}, X, "<=", R(1, 2) - R(1, 10**13), {"rhs": R(1, 3)})  # fmt: skip
CASES(1, "nonempty_up_to_1", FALSE, "Y lies between the square of X and X, so up to 1",
    {X: Interval(0, oo), Y: Interval(X**2, X)}, Y, "<=", 1 - R(1, 10**9), {"rhs": R(1, 3)})  # fmt: skip
CASES(1, "included_end", FALSE, "false at 1 by 1e-30", {X: UNIT}, X**3, "<=", 1 - R(1, 10**30), {"rhs": R(1, 2)})
CASES(1, "before_an_open_end", FALSE, "false just below 1", {X: Interval.open(0, 1)}, X, "<=", 1 - R(1, 10**30),
    {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "power_of_0", FALSE, "0^X is 1 at X = 0 only", {X: UNIT}, Integer(0) ** X, "<=", R(1, 2), {"rhs": Integer(-1)})
CASES(1, "whole_numbers_chosen", FALSE, "the last of three violates it", {m: (3, 5, 1000)}, m, "<=", 999, {"rhs": Integer(2)})
CASES(1, "half_without_value", FALSE, "false at 0; beyond 1 there is no value", {X: Interval(-2, 2)},
    sqrt(1 - X**2), "<=", 1 - R(1, 10**15), {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "no_value_anywhere", REFUSE, "the root has no value for any X", lambda: {X: UNIT}, sqrt(-1 - X**2), "<=", 5,
    {"rhs": Integer(-1)})  # fmt: skip
CASES(1, "crossed_beyond_half", TRUE, "no Y is admitted for X above 1/2", {X: UNIT, Y: Interval(X, R(1, 2))},
    X + Y, "<=", 1, {"rhs": R(9, 10)})  # fmt: skip
CASES(1, "idempotent_on_a_set", TRUE, "an identity on {0, 1} alone", {X: FiniteSet(0, 1)}, X**2, "==", X, {"rhs": X + 1})
CASES(1, "true_of_integers", TRUE, "false between 0 and 1, where no integer is", {m: Range(-40, 41)}, m, "<=", m**2,
    {"rhs": m**2 - 1})  # fmt: skip
CASES(1, "open_end_saves_it", TRUE, "0^X is 1 at 0, which is excluded", {X: Interval.Lopen(0, 1)}, Integer(0) ** X, "<=",
    R(1, 2), {"rhs": Integer(-1)})  # fmt: skip

CASES(1, "end_with_a_pole", TRUE, "Y has no end where X = 0", {X: UNIT, Y: Interval(0, 1 / X)}, X * Y, "<=", 1,
    {"rhs": Integer(-1)})  # fmt: skip
CASES(1, "end_with_a_pole_reached", FALSE, "X Y = 1 at the end", {X: UNIT, Y: Interval(0, 1 / X)}, X * Y, "<=",
    1 - R(1, 10**13), {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "end_beyond_all_bounds", FALSE, "1/X is larger for small X", {X: UNIT, Y: Interval(0, 1 / X)}, Y, "<=", 10**6,
    {"rhs": Integer(1)})  # fmt: skip
CASES(1, "pole_at_an_integer", FALSE, "for k = 4 Y reaches 1; for k = 3 it has no end", {k: Range(1, 6), Y: Interval(-2,
    1 / (k - 3))}, Y, "<=", R(9, 10), {"rhs": Integer(-1)})  # fmt: skip
CASES(1, "element_with_a_pole", TRUE, "1/X is no number where X = 0", {X: UNIT, Y: FiniteSet(1 / X, 1)}, X * Y, "<=", 1,
    {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "element_beyond_all_bounds", FALSE, "1/X exceeds 100", {X: UNIT, Y: FiniteSet(1 / X, 1)}, Y, "<=", 100,
    {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "end_is_a_root_of_less_than_0", TRUE, "no Y is admitted for X below 1/2", {X: UNIT, Y: Interval(0, sqrt(X - R(1, 2)))},
    Y, "<=", R(3, 4), {"rhs": R(1, 2)})  # fmt: skip
CASES(1, "end_is_a_logarithm_of_0", FALSE, "log X is below -20 for small X, and no number at 0", {X: UNIT, Y: Interval(log(X),
    0)}, -Y, "<=", 20, {"rhs": Integer(1)})  # fmt: skip
CASES(1, "end_too_large_to_compute", TRUE, "Y has an end of a million digits", {X: UNIT, Y: Interval(0, exp(10**7 * X))}, -Y,
    "<=", 0, {"rhs": Integer(-1)})  # fmt: skip

# --- 2: assumptions -------------------------------------------------------------------------------------------------------

free = Symbol("V")
CASES(2, "abs_of_nonnegative", FALSE, "|x| <= x is false below 0", {nonnegative: Interval(-1, 1)}, Abs(nonnegative), "<=",
    nonnegative, {"rhs": nonnegative - 1})  # fmt: skip
CASES(2, "max_of_nonnegative", FALSE, "false for nu < 0", {nu: Interval(-1, 1)}, Max(nu, 0), "==", nu, {"rhs": nu + 1})
CASES(2, "root_of_square", FALSE, "false below 0", {X: Interval(-1, R(1, 10**9))}, sqrt(X**2), "==", -X + 0 * free,
    {"rhs": X + 3})  # fmt: skip
CASES(2, "no_assumptions", FALSE, "false below 0", {free: Interval(-1, 1)}, sqrt(free**2), "<=", free, {"rhs": free - 1})


def _refused(name: str, why: str, symbol: Symbol, domain: Any, lhs: Any) -> None:
    CASES(2, name, REFUSE, why, lambda: {symbol: domain}, lhs, "<=", 1, {"rhs": Integer(-1)})


_even, _prime = Symbol("e", even=True), Symbol("r", prime=True)
_nonzero, _broken = Symbol("z", real=True, nonzero=True), Symbol("w", real=True, integer=False)
_refused("even_on_all", "3 is odd", _even, Range(1, 5), cos(pi * _even))
_refused("prime_on_a_set", "4 is no prime", _prime, FiniteSet(2, 4), _prime / 4)
_refused("nonzero_through_zero", "0 is admitted", _nonzero, Interval(-1, 1), _nonzero / _nonzero + Abs(_nonzero) - 1)
_refused("no_integer", "0 and 1 are integers", _broken, UNIT, _broken)
_refused("integer_on_reals", "1/2 is no integer", k, Interval(1, 5), sin(pi * k))
_refused("positive_from_0", "0 is not positive", k, Range(0, 5), 1 / k)

CASES(2, "two_of_one_name", REFUSE, "which X is meant", lambda: {X: UNIT, Symbol("X", positive=True): Interval(1, 2)},
    X, "<=", 1, {"rhs": R(1, 2)})  # fmt: skip
CASES(2, "nonnegative_from_an_end", REFUSE, "Y may be negative, and so may be x",
    lambda: {Y: Interval(-1, 1), nonnegative: Interval(Y, 1)}, Abs(nonnegative), "<=", nonnegative, {"rhs": nonnegative - 1},
)  # fmt: skip
CASES(2, "control_contradicts", REFUSE, "the control's domain denies what x assumes", {nonnegative: UNIT},
    nonnegative, "<=", 1, {"parameters": {nonnegative: Interval(-1, 2)}})  # fmt: skip
_whole = Symbol("count", integer=True)
CASES(2, "measured_is_no_integer", FALSE, "the measured value is 1/2, whose sine is 1", {X: UNIT}, sin(pi * _whole), "<=", X,
    {"rhs": X - 1}, measured={_whole: measured("own")}, own=own(lambda place: place * 0 + Fraction(1, 2)))  # fmt: skip
_signed = Symbol("signed", nonnegative=True)
CASES(2, "measured_is_negative", FALSE, "the measured value is negative for X > 9/10", {X: UNIT}, Abs(_signed), "<=", _signed,
    {"rhs": _signed - 1}, measured={_signed: measured("own")}, own=own(lambda place: Fraction(9, 10) - place))  # fmt: skip
_half = Quantity(lambda batch: np.full((1, 1), 0.5), lambda instance: [Fraction(1, 2)])
CASES(2, "measured_and_ranged", REFUSE, "the symbol means two things", {loss: UNIT}, loss, "<=", 1, {"rhs": R(1, 3)},
    measured={loss: measured("half")}, own={"half": _half})  # fmt: skip
CASES(2, "positive_on_open", TRUE, "the assumption follows", {Symbol("g", positive=True): Interval.open(0, 1)},
    sqrt(Symbol("g", positive=True) ** 2), "==", Symbol("g", positive=True), {"rhs": Symbol("g",
    positive=True) + 1})  # fmt: skip
