r"""Sine, cosine, hyperbolic tangent, logarithm, real powers and pi in rational enclosures, by series with their remainders.

Series are summed in integers, which stand for multiples of a power of two; every step rounds by less than one unit, so that
the number of steps bounds the error.  Arguments are brought near zero first, with an enclosure of pi or of log 2 that has as
many bits more as the argument is large.  Nothing here shares code with Arb.

Examples
--------
>>> found = sine(Fraction(1))
>>> round(float(found.lower), 6), found.upper - found.lower < Fraction(1, 2**180)
(0.841471, True)
>>> logarithm(Fraction(1)), power(Fraction(8, 27), Fraction(1, 3))
(Fraction(0, 1), Fraction(2, 3))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from verify.arithmetic.enclosure import Enclosure, Exact, NoNumber, bits, ends, exponential, square_root

_GUARD = 24
#: bits by which an argument may exceed the usual before it is not reduced any more, and by which it may be smaller
_MOST_SHIFT = 1 << 14
#: bits of an integer power that is worth computing exactly, and the largest root taken without a logarithm
_MOST_POWER, _MOST_ROOT = 1 << 20, 64
#: bits of a rational number's power up to which it is exact: sums of larger ones take seconds each to be reduced
_MOST_EXACT = 1 << 15

Bounds = tuple[Fraction, Fraction]


class NonpositiveLogarithm(NoNumber):
    """A logarithm was taken of what is certainly not positive: an expression has no value there."""


# --- constants ----------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def pi_bounds(kept: int) -> Bounds:
    """Rationals around pi at a distance of about 2^-kept: 16 arctan(1/5) - 4 arctan(1/239)."""
    scale = kept + _GUARD

    def arctangent(inverse: int) -> tuple[int, int]:
        power, total, k = (1 << scale) // inverse, 0, 0
        while power:
            total += (-1) ** k * (power // (2 * k + 1))
            power, k = power // inverse**2, k + 1
        return total, 2 * k + 2

    (first, slack), (second, other) = arctangent(5), arctangent(239)
    middle, off = 16 * first - 4 * second, 16 * slack + 4 * other
    return Fraction(middle - off, 1 << scale), Fraction(middle + off, 1 << scale)


@lru_cache(maxsize=16)
def _log_two(kept: int) -> Bounds:
    return _inverse_tangent_twice(Fraction(1, 3), kept)


def _inverse_tangent_twice(z: Fraction, kept: int) -> Bounds:
    """2 artanh(z), 0 <= z <= 1/3: 2 (z + z^3/3 + z^5/5 + ...)."""
    scale = kept + _GUARD
    power = math.floor(z * 2**scale)
    square, total, k = math.floor(z * z * 2**scale), 0, 0
    while power:
        total += power // (2 * k + 1)
        power, k = power * square >> scale, k + 1
    return Fraction(2 * total, 1 << scale), Fraction(2 * total + 6 * k + 8, 1 << scale)


def pi() -> Enclosure:
    """An enclosure of pi."""
    return Enclosure.around(*pi_bounds(bits()))


# --- sine and cosine ----------------------------------------------------------------------------------------------------------


def _small(value: Fraction) -> int:
    """How many leading bits after the point are zero."""
    if not value:
        return 0
    return min(_MOST_SHIFT, max(0, value.denominator.bit_length() - abs(value.numerator).bit_length()))


def _series(x: Fraction, kept: int, first: int) -> Bounds:
    """sin x (first = 1) or cos x (first = 0), 0 <= x <= 1."""
    scale = kept + _GUARD
    argument, square = math.floor(x * 2**scale), math.floor(x * x * 2**scale)
    term, total, order = argument if first else 1 << scale, 0, first
    while term:
        total += term if (order - first) % 4 == 0 else -term
        term = (term * square >> scale) // ((order + 1) * (order + 2))
        order += 2
    off = 2 * order + 8
    return Fraction(total - off, 1 << scale), Fraction(total + off, 1 << scale)


def _signed(x: Fraction, kept: int, first: int) -> Bounds:
    if first == 0 or x >= 0:
        return _series(abs(x), kept, first)
    low, high = _series(-x, kept, first)
    return -high, -low


def _circular(x: Fraction, quarter: int) -> Bounds:
    """sin(x + quarter pi/2) at a rational."""
    kept = bits()
    if abs(x) <= 1:
        at, off, turned = x, Fraction(0), quarter
        kept += _small(x)
    else:
        size = abs(x.numerator).bit_length() - x.denominator.bit_length() + 2
        if size > _MOST_SHIFT:
            return Fraction(-1), Fraction(1)
        low, high = pi_bounds(kept + size)
        k = round(x / ((low + high) / 4))
        one, two = x - k * low / 2, x - k * high / 2
        at, off, turned = (one + two) / 2, abs(one - two) / 2, quarter + k
    least, most = _signed(at, kept, 1 - turned % 2)
    if turned % 4 in (2, 3):
        least, most = -most, -least
    return max(least - off, Fraction(-1)), min(most + off, Fraction(1))


def _wave(value: Exact, quarter: int) -> Exact:
    """sin(value + quarter pi/2): from the ends, and one or minus one where an extremum may lie between."""
    low, high = ends(value)
    if low == high == 0:
        return Fraction(quarter)
    if high - low > 6:
        return Enclosure(Fraction(-1), Fraction(1))
    (least, most), (other_least, other_most) = _circular(low, quarter), _circular(high, quarter)
    least, most = min(least, other_least), max(most, other_most)
    if low < high:
        small, large = pi_bounds(bits() + max(0, math.ceil(max(abs(low), abs(high))).bit_length()))
        offset = Fraction(1 - quarter, 2)
        for m in range(math.floor(low / large - offset) - 2, math.ceil(high / small - offset) + 3):
            places = ((m + offset) * small, (m + offset) * large)
            if min(places) <= high and low <= max(places):
                least, most = (least, Fraction(1)) if m % 2 == 0 else (Fraction(-1), most)
    return Enclosure.around(least, most)


def sine(value: Exact) -> Exact:
    """Sine."""
    return _wave(value, 0)


def cosine(value: Exact) -> Exact:
    """Cosine."""
    return _wave(value, 1)


# --- hyperbolic tangent, logarithm --------------------------------------------------------------------------------------------


def _tangent(x: Fraction) -> Bounds:
    """tanh x."""
    if x < 0:
        low, high = _tangent(-x)
        return -high, -low
    if x > bits():
        return 1 - Fraction(1, 2 ** bits()), Fraction(1)  # 2 e^-2x < 2^-x
    if x < Fraction(1, 4):
        # u/(u + 2), u = e^2x - 1 by its series, with bits for its size
        scale = bits() + _GUARD + _small(x)
        argument = math.floor(2 * x * 2**scale)
        term, total, order = argument, 0, 1
        while term:
            total += term
            order += 1
            term = (term * argument >> scale) // order
        low, high = Fraction(total, 1 << scale), Fraction(total + 4 * order + 8, 1 << scale)
        return low / (low + 2), high / (high + 2)
    least, most = ends(exponential(-2 * x))
    return (1 - most) / (1 + most), (1 - least) / (1 + least)


def hyperbolic_tangent(value: Exact) -> Exact:
    """Hyperbolic tangent."""
    low, high = ends(value)
    if low == high == 0:
        return Fraction(0)
    return Enclosure.around(_tangent(low)[0], _tangent(high)[1])


def _logarithm_of(x: Fraction) -> Bounds:
    """log x, x > 0: a multiple of log 2 and 2 artanh((m - 1)/(m + 1)), 2/3 <= m <= 4/3."""
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** exponent
    if m > Fraction(4, 3):
        m, exponent = m / 2, exponent + 1
    elif m < Fraction(2, 3):
        m, exponent = m * 2, exponent - 1
    z = (m - 1) / (m + 1)
    kept = bits() + (_small(z) if exponent == 0 else exponent.bit_length())
    low, high = _inverse_tangent_twice(abs(z), kept)
    if z < 0:
        low, high = -high, -low
    if exponent:
        two = _log_two(kept)
        low, high = low + min(exponent * end for end in two), high + max(exponent * end for end in two)
    return low, high


def logarithm(value: Exact) -> Exact:
    """Natural logarithm.

    Raises
    ------
    NonpositiveLogarithm
        If the value is certainly not positive.
    ZeroDivisionError
        If that is not known.
    """
    low, high = ends(value)
    if high <= 0:
        raise NonpositiveLogarithm("a logarithm was taken of a number that is not positive")
    if low <= 0:
        raise ZeroDivisionError("the logarithm's argument has an enclosure that reaches zero")
    if low == high == 1:
        return Fraction(0)
    return Enclosure.around(_logarithm_of(low)[0], _logarithm_of(high)[1])


# --- powers -------------------------------------------------------------------------------------------------------------------


def _whole_root(number: int, degree: int) -> int:
    """The largest integer whose power is at most a number."""
    if number < 2:
        return number
    found = 1 << -(-number.bit_length() // degree)
    while True:
        better = ((degree - 1) * found + number // found ** (degree - 1)) // degree
        if better >= found:
            return found
        found = better


def root(value: Exact, degree: int) -> Exact:
    """The root of a degree, rational for the power of a rational.

    Raises
    ------
    NoNumber
        If the value is certainly negative.
    """
    low, high = ends(value)
    if high < 0:
        raise NoNumber("a real power was taken of a negative number")
    low = max(low, Fraction(0))
    if low == high:
        top, bottom = _whole_root(low.numerator, degree), _whole_root(low.denominator, degree)
        if top**degree == low.numerator and bottom**degree == low.denominator:
            return Fraction(top, bottom)

    def below(number: Fraction) -> tuple[Fraction, Fraction]:
        size = number.denominator.bit_length() - number.numerator.bit_length()
        shift = max(0, bits() + 2 + size // degree)
        scaled = _whole_root(math.floor(number * 2 ** (shift * degree)), degree)
        return Fraction(scaled, 1 << shift), Fraction(scaled + 1, 1 << shift)

    return Enclosure.around(below(low)[0] if low else low, below(high)[1])


def _whole_power(base: Exact, exponent: int) -> Exact:
    low, high = ends(base)
    if low == high and abs(exponent) > 1:
        size = max(low.numerator.bit_length(), low.denominator.bit_length()) * abs(exponent)
        if low not in (0, 1, -1) and size > _MOST_POWER:
            raise OverflowError(f"a power has some {size} bits, too many to be computed with")
        if low not in (0, 1, -1) and size > _MOST_EXACT:
            base = Enclosure(low, low)
    elif abs(exponent) > _MOST_POWER:
        raise OverflowError(f"a power has the exponent {exponent}, too large to be computed with")
    if isinstance(base, Enclosure):
        return _repeated(base, exponent) if exponent > 0 else base**exponent
    return base**exponent if exponent >= 0 else 1 / Fraction(base) ** -exponent


def _repeated(base: Enclosure, exponent: int) -> Enclosure:
    """A positive whole power, rounded outwards after every multiplication: all digits of a large one take too long."""
    found: Enclosure | None = None
    while True:
        if exponent & 1:
            found = base if found is None else found * base
        exponent >>= 1
        if found is not None and not exponent:
            return found
        base = base**2


def power(base: Exact, exponent: Exact) -> Exact:
    """A real power; of a negative number only an integer one.

    Raises
    ------
    NoNumber
        If the base is certainly negative and the exponent no integer.
    ZeroDivisionError
        If the base is, or may be, zero and the exponent is not positive.
    OverflowError
        If the number is too large to be computed with.
    """
    least, most = ends(exponent)
    if least == most:
        if least.denominator == 1:
            return _whole_power(base, least.numerator)
        if least < 0:
            return Fraction(1) / power(base, -least)
        if least.denominator == 2:
            return _whole_power(square_root(base), least.numerator)
        if least.denominator <= _MOST_ROOT:
            return _whole_power(root(base, least.denominator), least.numerator)
    low, high = ends(base)
    if high < 0:
        raise NoNumber("a real power was taken of a negative number")
    if low == high == 0 and least > 0:
        return Fraction(0)
    if low <= 0 and least > 0:
        # monotone in the base: from zero to the power of the largest
        return Enclosure(Fraction(0), ends(power(Enclosure(high, high), exponent))[1])
    return exponential(_product(exponent, logarithm(base)))


def _product(a: Exact, b: Exact) -> Exact:
    return a * b if isinstance(a, Enclosure) or not isinstance(b, Enclosure) else b * a


#: the functions by the name that sympy gives them
FUNCTIONS: dict[str, Callable[..., Exact]] = {
    "sin": sine,
    "cos": cosine,
    "tanh": hyperbolic_tangent,
    "log": logarithm,
    "pow": power,
}
