"""Numbers that cannot lie: rational when they can be, rational intervals when they cannot.

A value is a :class:`fractions.Fraction` as long as only field operations were used.  A square root or an exponential makes it
an :class:`Enclosure`, an interval with rational ends that contains the true value and is about 2^-160 wide relative to it.  A
comparison of such values is a proof whenever it is decided; one that is not may be made again with more bits
(:func:`precise`).  Other functions are in :mod:`verify.arithmetic.functions`.

Examples
--------
>>> from fractions import Fraction
>>> root = square_root(Fraction(2))
>>> (root * root).contains(Fraction(2))
True
>>> square_root(Fraction(9, 4))
Fraction(3, 2)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral

from theory.instances import NoValue

#: bits kept in the ends of an interval unless told otherwise; enough for most comparisons, few enough that it stays fast
PRECISION = 192
_bits: ContextVar[int] = ContextVar("bits", default=PRECISION)
#: bits of the largest exponential whose enclosure is worth computing
_MOST_BITS = 1 << 20


def bits() -> int:
    """Bits that are kept in the ends of an interval here and now."""
    return _bits.get()


@contextmanager
def precise(kept: int) -> Iterator[None]:
    """Keep that many bits in the ends of intervals.

    Parameters
    ----------
    kept : int
        From 64.

    Raises
    ------
    ValueError
        If it is less.

    Examples
    --------
    >>> with precise(2000):
    ...     found = square_root(Fraction(2))
    >>> found.upper - found.lower < Fraction(1, 2**1900)
    True
    """
    if kept < 64:
        raise ValueError(f"kept is {kept}; intervals keep at least 64 bits")
    token = _bits.set(kept)
    try:
        yield
    finally:
        _bits.reset(token)


class NoNumber(NoValue, ValueError):
    """A function was applied outside its domain: an expression has no value there."""


def rounded(value: Fraction, up: bool) -> Fraction:
    """The nearest number with :func:`bits` significant bits that is not below (up) or not above (down) `value`."""
    if value == 0:
        return value
    top, bottom = value.numerator, value.denominator
    shift = bits() - (abs(top).bit_length() - bottom.bit_length())
    if shift >= 0:
        top <<= shift
    else:
        bottom <<= -shift
    whole = -(-top // bottom) if up else top // bottom
    return Fraction(whole, 1 << shift) if shift >= 0 else Fraction(whole << -shift)


class TooWide(ZeroDivisionError):
    """The enclosure of a denominator contains zero and other numbers, so that more bits may tell."""


@dataclass(frozen=True)
class Enclosure:
    """The interval [lower, upper] of rationals around one real number.

    Parameters
    ----------
    lower, upper : Fraction
        Ends, ``lower <= upper``.
    """

    lower: Fraction
    upper: Fraction

    @classmethod
    def around(cls, lower: Fraction, upper: Fraction) -> Enclosure:
        """The interval with its ends rounded outward to :func:`bits` bits."""
        return cls(rounded(lower, up=False), rounded(upper, up=True))

    def contains(self, value: Fraction) -> bool:
        """Whether `value` lies in the interval."""
        return self.lower <= value <= self.upper

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.upper, -self.lower)

    # what is no exact number, an array of such above all, deals with an enclosure itself
    def __add__(self, other: Enclosure | Fraction | int) -> Enclosure:
        if not isinstance(other, Exact | int):
            return NotImplemented
        low, high = ends(other)
        return Enclosure.around(self.lower + low, self.upper + high)

    __radd__ = __add__

    def __sub__(self, other: Enclosure | Fraction | int) -> Enclosure:
        if not isinstance(other, Exact | int):
            return NotImplemented
        low, high = ends(other)
        return Enclosure.around(self.lower - high, self.upper - low)

    def __rsub__(self, other: Fraction | int) -> Enclosure:
        return -self + other

    def __mul__(self, other: Enclosure | Fraction | int) -> Enclosure:
        if not isinstance(other, Exact | int):
            return NotImplemented
        corners = [a * b for a in (self.lower, self.upper) for b in ends(other)]
        return Enclosure.around(min(corners), max(corners))

    __rmul__ = __mul__

    def __truediv__(self, other: Enclosure | Fraction | int) -> Enclosure:
        if not isinstance(other, Exact | int):
            return NotImplemented
        low, high = ends(other)
        if low <= 0 <= high:
            raise (TooWide if low < high else ZeroDivisionError)("the denominator's enclosure contains zero")
        return self * Enclosure(1 / high, 1 / low)

    def __rtruediv__(self, other: Fraction | int) -> Enclosure:
        low, high = ends(other)
        return Enclosure(low, high) / self

    def __pow__(self, exponent: int) -> Enclosure:
        if exponent < 0:
            return 1 / self**-exponent
        if exponent % 2 == 0:
            low, high = ends(absolute(self))
        else:
            low, high = self.lower, self.upper
        return Enclosure.around(low**exponent, high**exponent)


Exact = Fraction | Enclosure


def ends(value: Exact | int) -> tuple[Fraction, Fraction]:
    """Lower and upper end of a value; the value itself twice if it is rational."""
    if isinstance(value, Enclosure):
        return value.lower, value.upper
    # an integer of numpy's would overflow
    exact = Fraction(int(value) if isinstance(value, Integral) else value)
    return exact, exact


def absolute(value: Exact) -> Exact:
    """Absolute value."""
    if not isinstance(value, Enclosure):
        return abs(value)
    if value.lower >= 0:
        return value
    if value.upper <= 0:
        return -value
    return Enclosure(Fraction(0), max(-value.lower, value.upper))


def smallest(*values: Exact) -> Exact:
    """Minimum, as narrow an enclosure as the arguments allow."""
    if not any(isinstance(value, Enclosure) for value in values):
        return min(values)  # type: ignore[type-var]
    return Enclosure(min(ends(value)[0] for value in values), min(ends(value)[1] for value in values))


def largest(*values: Exact) -> Exact:
    """Maximum, as narrow an enclosure as the arguments allow."""
    negated: list[Exact] = [-value for value in values]
    return -smallest(*negated)


def _floor_root(value: Fraction) -> Fraction:
    """The square root rounded down to a dyadic number with about :func:`bits` bits."""
    shift = max(0, bits() - value.numerator.bit_length() // 2 + value.denominator.bit_length() // 2)
    return Fraction(math.isqrt(value.numerator * 4**shift // value.denominator), 2**shift)


class NegativeRoot(NoNumber):
    """A square root was taken of what is certainly negative: an expression has no value there."""


def square_root(value: Exact) -> Exact:
    """Square root; rational for the square of a rational.

    Raises
    ------
    NegativeRoot
        If the value is certainly negative.
    """
    low, high = ends(value)
    if high < 0:
        raise NegativeRoot(f"a square root was taken of {float(high):.6g}; its argument must be at least 0")
    if low == high:
        top, bottom = math.isqrt(low.numerator), math.isqrt(low.denominator)
        if top * top == low.numerator and bottom * bottom == low.denominator:
            return Fraction(top, bottom)
    low = max(low, Fraction(0))
    above = _floor_root(high)
    while above * above < high:
        above = above * (1 + Fraction(1, 2 ** (bits() - 2))) + Fraction(1, 2 ** (4 * bits()))
    return Enclosure(_floor_root(low), above)


def _exponential_of(value: Fraction) -> tuple[Fraction, Fraction]:
    """Rational bounds on e^value: Taylor's series with its remainder in whole numbers, after halving the argument."""
    if value < -_MOST_BITS:
        return Fraction(0), Fraction(1, 2**_MOST_BITS)  # e > 2
    if value > _MOST_BITS:
        raise OverflowError(f"an exponent is above {_MOST_BITS}; its exponential has too many digits to be computed with")
    size, halvings = abs(value), math.ceil(abs(value)).bit_length() + 8
    # every squaring doubles the relative error
    scale = bits() + 2 * halvings + 16
    x = (size.numerator << scale) // (size.denominator << halvings)
    total = term = 1 << scale
    order = 0
    while term:
        order += 1
        term = term * x // (order << scale)
        total += term
    # all is rounded down: each term by at most 1 and 1/256 of what its predecessor was off by, the argument by 1, the tail is
    # less than 1
    low, high = total, total + 2 * order + 4
    low_place = high_place = -scale
    for _ in range(halvings):
        low, low_place = low * low, 2 * low_place
        high, high_place = high * high, 2 * high_place
        cut = low.bit_length() - scale
        low, low_place = low >> cut, low_place + cut
        cut = high.bit_length() - scale
        high, high_place = -(-high >> cut), high_place + cut
    bounds = _shifted(low, low_place), _shifted(high, high_place)
    return bounds if value >= 0 else (1 / bounds[1], 1 / bounds[0])


def _shifted(whole: int, place: int) -> Fraction:
    return Fraction(whole << place) if place >= 0 else Fraction(whole, 1 << -place)


def exponential(value: Exact) -> Exact:
    """e to the power of the value.

    Raises
    ------
    OverflowError
        If the value is so large that its exponential has a million digits.
    """
    low, high = ends(value)
    if low == high == 0:
        return Fraction(1)
    least, most = _exponential_of(low)
    return Enclosure.around(least, most if low == high else _exponential_of(high)[1])
