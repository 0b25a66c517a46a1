"""Ends of domains and numbers between them, at the values of parameters declared before.

Examples
--------
>>> from sympy import Interval, Symbol
>>> x = Symbol("x", real=True)
>>> codes, lacking = Codes(np.array([[2]]), bits=2, exact=True), (np.zeros(1, bool), np.zeros(1, bool))
>>> end = told(1 / x, {x: np.array([[Fraction(1, 3)]])}, codes, lacking)
>>> point(Interval(0, 1 / x), Fraction(0), end, codes)
array([[Fraction(3, 2)]], dtype=object)
>>> told(1 / x, {x: np.array([[Fraction(0)]])}, codes, lacking), lacking[0]
(array([[Fraction(0, 1)]], dtype=object), array([ True]))
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

import numpy as np
from sympy import Expr, Interval, Rational

from theory.claim import NoValue
from verify.arithmetic.enclosure import TooWide, ends
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.instances.codes import Array, Codes, Values


def below(low: Any, high: Any, *, strictly: bool) -> Array:
    """Whether numbers are certainly in order; of two that are not rational and hardly differ it is not certain."""
    low, high = np.broadcast_arrays(np.asarray(low), np.asarray(high))
    if low.dtype == object or high.dtype == object:
        ordered = [ends(a)[1] < ends(b)[0] or (not strictly and a == b) for a, b in zip(low.flat, high.flat, strict=True)]
        return np.array(ordered, dtype=bool).reshape(low.shape)
    return np.asarray(low < high if strictly else low <= high)


@lru_cache(maxsize=512)
def _constant(number: Rational, exact: bool) -> Any:
    """A number as both kinds of instances have it, if they do: most domains end at some."""
    found = evaluate(number, {}, EXACT if exact else FLOATS)
    return found if exact or isfinite(found) else None


def told(expression: Expr, values: Values, codes: Codes, lacking: tuple[Array, Array]) -> Any:
    """The value of an end of a domain, or of an element of one, at the values already there; None where it is infinite.

    Where it has no value, or is too large to be computed with, zero stands for it and the instance is marked in the first or
    the second of `lacking`.
    """
    if expression.is_infinite:
        return None
    if isinstance(expression, Rational) and (constant := _constant(expression, codes.exact)) is not None:
        return constant
    without, large = lacking
    if codes.exact:
        try:
            return evaluate(expression, values, EXACT)
        except (OverflowError, TooWide):
            large[:] = True
        except (ZeroDivisionError, NoValue):
            without[:] = True
        return np.full((1, 1), Fraction(0), dtype=object)
    found = evaluate(expression, values, FLOATS)
    array = np.asarray(found, dtype=float)
    if np.isfinite(array).all():
        return found
    without |= np.broadcast_to(np.isnan(array), (len(codes), 1))[:, 0]
    large |= np.broadcast_to(np.isinf(array), (len(codes), 1))[:, 0]
    return np.where(np.isfinite(array), array, 0.0)


def point(domain: Interval, low: Any, high: Any, codes: Codes) -> Any:
    """A number of an interval, of which both ends are given, None where infinite."""
    if low is None and high is None:
        return codes.anywhere(1)
    if low is None or high is None:
        open_ = domain.left_open if high is None else domain.right_open
        step = codes.positive(1) if open_ else codes.nonnegative(1)
        return low + step if high is None else high - step
    fraction = codes.unit(1, left_open=bool(domain.left_open), right_open=bool(domain.right_open))
    return low + (high - low) * fraction
