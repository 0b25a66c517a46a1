"""Points at which exact numbers deny a statement about numbers: what a search or a solver says is only believed there.

A point is given exactly, in the statement's own parameters, inside their domains, integers among them whole.

Examples
--------
>>> from sympy import Interval
>>> from theory.notation import t
>>> unit = Statement("unit", {t: Interval(0, 1)}, t, "<=", t**2)
>>> at_cube(unit, {}, [Fraction(1, 2)])
{t: Fraction(1, 2)}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import FiniteSet, Range, Symbol

from verify.arithmetic.enclosure import Enclosure, NoNumber, bits, ends, precise
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.proofs.normal_form import on_unit_interval
from verify.proofs.statement import Fixed, Statement, fixed_value

#: a point by the exact values of a statement's parameters
Point = dict[Symbol, Any]

#: bits of exact numbers up to which a comparison is tried
_MOST_BITS = 3072
_NO_VALUE = (NoNumber, ZeroDivisionError, OverflowError)


def denied(statement: Statement, point: Mapping[Symbol, Any], most: int = _MOST_BITS) -> bool:
    """Whether a point lies in the domains and exact numbers deny the statement there.

    Parameters
    ----------
    statement : Statement
    point : mapping
        Every parameter to a ``Fraction`` or an ``int``.
    most : int
        Bits up to which undecided comparisons are made again.

    Examples
    --------
    >>> from sympy import Integer, Interval
    >>> from theory.notation import t
    >>> unit = Statement("unit", {t: Interval(0, 1)}, t, "<=", t**2)
    >>> denied(unit, {t: Fraction(1, 2)}), denied(unit, {t: Fraction(1)}), denied(unit, {t: Fraction(-1)})
    (True, False, False)
    """
    kept = bits()
    while kept <= most:
        with precise(kept):
            try:
                said = _denied(statement, point)
            except NoNumber:
                return False
            except OverflowError:
                return False
            except ZeroDivisionError:
                said = None
        if said is not None:
            return said
        kept *= 4
    return False


def _denied(statement: Statement, point: Mapping[Symbol, Any]) -> bool | None:
    """Whether the statement is denied; None where enclosures are too wide to say."""
    values: dict[Symbol, Any] = {}
    sure = True
    for symbol, domain in statement.parameters.items():
        inside = _inside(point[symbol], domain, values)
        if inside is False:
            return False
        sure &= inside is True
        values[symbol] = point[symbol]
    integers = {symbol: value for symbol, value in values.items() if isinstance(value, int)}
    for symbol, entry in statement.derived.items():
        values[symbol] = entry.value(values, integers, EXACT)
    (least, most), (other_least, other_most) = (_ends(statement.lhs, values), _ends(statement.rhs, values))
    if least > other_most or (statement.relation == "==" and most < other_least):
        return True if sure else None
    if most <= other_least if statement.relation == "<=" else least == most == other_least == other_most:
        return False
    return None


def _inside(value: Any, domain: Any, values: Mapping[Symbol, Any]) -> bool | None:
    if isinstance(domain, FiniteSet):
        found = [_ends(one, values) for one in domain.args]
        return True if (value, value) in found else None if any(low <= value <= high for low, high in found) else False
    if isinstance(domain, Range):
        return isinstance(value, int) and value in domain
    known: bool | None = True
    for end, is_open, sign in ((domain.start, domain.left_open, 1), (domain.end, domain.right_open, -1)):
        if end.is_infinite:
            continue
        low, high = sorted(sign * side for side in _ends(end, values))
        if low > sign * value or (is_open and low == high == sign * value):
            return False
        if high > sign * value or (is_open and high == sign * value):
            known = None
    return known


def _ends(expression: Any, values: Mapping[Symbol, Any]) -> tuple[Fraction, Fraction]:
    return ends(np.ravel(np.array(evaluate(expression, values, EXACT), dtype=object))[0])


def points(statement: Statement, fixed: Fixed, at: Mapping[Symbol, Any]) -> Iterator[Point]:
    """Exact points near one that is given by the reals among its parameters.

    Parameters
    ----------
    statement : Statement
    fixed : mapping
        A cell, from :func:`verify.proofs.statement.cells`.
    at : mapping
        The other parameters' values, or functions from a domain and earlier values to them.

    Yields
    ------
    dict
        Integers are rounded, down and up; a number that only enclosures have is the middle of one.
    """
    found: list[Point] = [{}]
    for symbol, domain in statement.parameters.items():
        grown: list[Point] = []
        for point in found:
            grown += [{**point, symbol: value} for value in _values(symbol, domain, point, fixed, at)]
        found = grown[:16]
    yield from found


def _values(symbol: Symbol, domain: Any, point: Point, fixed: Fixed, at: Mapping[Symbol, Any]) -> list[Any]:
    try:
        if symbol in fixed:
            value = fixed_value(fixed[symbol], point, EXACT)
        elif isinstance(domain, FiniteSet):
            value = evaluate(domain.args[0], point, EXACT)
        else:
            value = at[symbol](domain, point) if callable(at[symbol]) else at[symbol]
    except _NO_VALUE:
        return []
    value = np.ravel(np.array(value, dtype=object))[0]
    if isinstance(value, Enclosure):
        if isinstance(domain, FiniteSet):
            return []
        value = (value.lower + value.upper) / 2
    if isinstance(domain, Range):
        least, most = domain.inf, domain.sup
        near = {math.floor(value), math.ceil(value)}
        return sorted({min(max(whole, least), most) for whole in near} if value not in domain else {int(value)}, key=int)
    return [value if isinstance(value, int) and symbol in fixed else Fraction(value)]


def _on_cube(tau: Fraction) -> Any:
    return lambda domain, values: on_unit_interval(domain, values, tau, EXACT)


def at_cube(statement: Statement, fixed: Fixed, place: Sequence[Fraction], most: int = _MOST_BITS) -> Point | None:
    """A point of the cube onto which the domain is mapped, or one beside it with whole integers, where exact numbers deny the
    statement; None if there is none.

    Parameters
    ----------
    statement : Statement
    fixed : mapping
        A cell, from :func:`verify.proofs.statement.cells`.
    place : sequence of Fraction
        In [0, 1], one for each parameter that is neither fixed nor the only value of a set.
    most : int
        As of :func:`denied`.
    """
    at = {symbol: _on_cube(tau) for symbol, tau in zip(free_parameters(statement, fixed), place, strict=True)}
    return next((_plain(point) for point in points(statement, fixed, at) if denied(statement, _plain(point), most)), None)


def _plain(point: Point) -> Point:
    return {symbol: value if isinstance(value, Fraction) else int(value) for symbol, value in point.items()}


def free_parameters(statement: Statement, fixed: Fixed) -> list[Symbol]:
    """The parameters that a cell leaves free, which are the sides of the cube."""
    return [
        symbol for symbol, domain in statement.parameters.items() if symbol not in fixed and not isinstance(domain, FiniteSet)
    ]


def of_models(statement: Statement, fixed: Fixed, models: Sequence[Mapping[str, str]]) -> list[Point]:
    """The violations among a solver's models.

    Parameters
    ----------
    statement : Statement
    fixed : mapping
        A cell, from :func:`verify.proofs.statement.cells`.
    models : sequence of mapping
        Name to rational number, as text.
    """
    for model in models:
        try:
            at = {symbol: Fraction(model[symbol.name]) for symbol in free_parameters(statement, fixed)}
        except (KeyError, ValueError):  # a number of more digits than Python reads
            continue
        for point in points(statement, fixed, at):
            if denied(statement, _plain(point)):
                return [_plain(point)]
    return []
