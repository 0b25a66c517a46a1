"""Where a set of boxes of the unit cube lies, in a claim's own parameters.

Examples
--------
>>> from sympy import Integer, Interval, oo
>>> from theory.notation import t
>>> one = Statement("example", {t: Interval(1, oo)}, Integer(0), "<=", t)
>>> where(one, [({}, ((Fraction(1, 2), Fraction(3, 4)),)), ({}, ((Fraction(3, 4), Fraction(7, 8)),))])
't in [2, 8], the widest box near t = 2.667'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from sympy import FiniteSet, Symbol

from verify.arithmetic import enclosure
from verify.arithmetic.balls import Dual, backend, intervals
from verify.proofs.normal_form import on_unit_interval
from verify.proofs.statement import Statement, fixed_value
from verify.proofs.trees import Box, hull, volume


def where(statement: Statement, left: Sequence[tuple[Mapping[Symbol, Any], Box]]) -> str:
    """What is left undecided, as a reader wants it: ranges of the parameters, and the middle of the widest box.

    Parameters
    ----------
    statement : Statement
    left : sequence of (integers, Box)
        Boxes, each with the values of the integers that are fixed.
    """
    if not left:
        return ""
    ranges = []
    for integers in {tuple(each.items()): each for each, _ in left}.values():
        ends = parameters(statement, integers, hull([box for each, box in left if each == integers]))
        fixed = [f"{symbol} = {value}" for symbol, value in integers.items()]
        ranges.append(", ".join([*fixed, *(f"{s} in {_shown(low, high)}" for s, (low, high) in ends.items())]))
    integers, box = max(left, key=lambda pair: volume(pair[1]))
    middle = parameters(statement, integers, tuple(((low + high) / 2,) * 2 for low, high in box))
    point = ", ".join(f"{s} = {_digits((low + high) / 2)}" for s, (low, high) in middle.items() if low and high)
    return " or ".join(ranges[:3]) + (f", the widest box near {point}" if point else "")


def _shown(low: Fraction | None, high: Fraction | None) -> str:
    return f"{'(-oo' if low is None else f'[{_digits(low)}'}, {'oo)' if high is None else f'{_digits(high)}]'}"


def _digits(value: Fraction) -> str:
    """Four digits of a number that may be beyond doubles."""
    try:
        return f"{float(value):.4g}"
    except OverflowError:
        with localcontext(prec=4, Emax=10**9):
            return f"{Decimal(value.numerator) / Decimal(value.denominator):.4g}"


def parameters(
    statement: Statement, integers: Mapping[Symbol, Any], box: Box
) -> dict[Symbol, tuple[Fraction | None, Fraction | None]]:
    """The ends between which each real parameter lies on a box, None for an infinite one.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        Values of the integers that are fixed.
    box : Box
        Of the parameters that are neither these nor fixed by others.
    """
    found: dict[Symbol, tuple[Fraction | None, Fraction | None]] = {}
    values: dict[Symbol, Any] = {}
    rational, sides = backend(intervals(), 0), iter(box)
    for symbol, domain in statement.parameters.items():
        if symbol in integers:
            values[symbol] = fixed_value(integers[symbol], values, rational)
            continue
        ends = None if isinstance(domain, FiniteSet) else next(sides)
        low, high = (_at(domain, values, rational, side) for side in (ends or (None, None)))
        if ends is not None:
            found[symbol] = (None if low is None else low[0], None if high is None else high[1])
        if low is not None and high is not None:
            values[symbol] = Dual(enclosure.Enclosure(min(low[0], high[0]), max(low[1], high[1])), ())
    return found


def _at(domain: Any, values: Mapping[Symbol, Any], rational: Any, tau: Fraction | None) -> tuple[Fraction, Fraction] | None:
    """The ends of an enclosure of one end of a range; None where it is unbounded or hangs on what is."""
    try:
        found = on_unit_interval(domain, values, None if tau is None else Dual(tau, ()), rational)
        return enclosure.ends(found.value if isinstance(found, Dual) else found)
    except (ZeroDivisionError, OverflowError, KeyError):
        return None
