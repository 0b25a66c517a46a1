r"""Numbers with slopes, in Arb's balls or in rational intervals: what enclosures are computed with.

Where a function has a kink, what is enclosed are the slopes on both sides, for which the mean-value form holds as well.

Examples
--------
>>> from sympy import exp
>>> from verify.arithmetic.evaluate import evaluate
>>> from theory.notation import t
>>> there = Dual(intervals().between(Fraction(0), Fraction(1)), (1,))
>>> found = evaluate(exp(-t), {t: there}, backend(intervals(), 1))
>>> [round(float(end), 3) for end in enclosure.ends(found.slopes[0])]
[-1.0, -0.368]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.arithmetic import enclosure, functions
from verify.arithmetic.evaluate import Backend

#: bits of Arb's balls
_PRECISION = 96


@dataclass(frozen=True)
class Numbers:
    """One kind of interval: what certification needs beyond + - * and integer powers.

    Parameters
    ----------
    between : callable
        The interval between two dyadic rationals.
    constant, absolute, root, exponential, inverse : callable
        The last raises ``ZeroDivisionError`` if the interval contains zero or is unbounded.
    hull : callable
        An interval around two.
    sine, cosine, tangent, logarithm : callable
        The third is hyperbolic; the last raises ``ZeroDivisionError`` if the interval reaches zero.
    pi : callable
        An interval around pi.
    least : callable
        The lower end, as a number that can be compared with zero and turned into a float.
    """

    between: Callable[[Fraction, Fraction], Any]
    constant: Callable[[Fraction], Any]
    absolute: Callable[[Any], Any]
    root: Callable[[Any], Any]
    exponential: Callable[[Any], Any]
    inverse: Callable[[Any], Any]
    hull: Callable[[Any, Any], Any]
    least: Callable[[Any], Any]
    sine: Callable[[Any], Any]
    cosine: Callable[[Any], Any]
    tangent: Callable[[Any], Any]
    logarithm: Callable[[Any], Any]
    pi: Callable[[], Any]


def balls() -> Numbers:
    """Arb's balls."""
    from flint import arb, ctx, fmpq

    ctx.prec = _PRECISION

    def constant(value: Fraction) -> Any:
        return arb(fmpq(value.numerator, value.denominator))

    def root(value: Any) -> Any:
        if value > 0:
            return value.sqrt()
        top = value.upper()
        if top < 0:
            raise ZeroDivisionError("a square root of a negative number")
        return arb(0).union(top.sqrt())

    def inverse(value: Any) -> Any:
        found = 1 / value
        if not found.is_finite():
            raise ZeroDivisionError("the denominator's ball contains zero")
        return found

    def logarithm(value: Any) -> Any:
        if not value > 0:
            raise ZeroDivisionError("a logarithm's ball reaches zero")
        return value.log()

    return Numbers(
        between=lambda low, high: constant(low).union(constant(high)) if low != high else constant(low),
        constant=constant,
        absolute=lambda value: value if value >= 0 else -value if value <= 0 else arb(0).union(abs(value).upper()),
        root=root,
        exponential=lambda value: value.exp(),
        inverse=inverse,
        hull=lambda a, b: a.union(b),
        least=lambda value: value.lower(),
        sine=lambda value: value.sin(),
        cosine=lambda value: value.cos(),
        tangent=lambda value: value.tanh(),
        logarithm=logarithm,
        pi=arb.pi,
    )


def intervals() -> Numbers:
    """Rational intervals."""

    def hull(a: Any, b: Any) -> Any:
        (low, high), (least, most) = enclosure.ends(a), enclosure.ends(b)
        return enclosure.Enclosure(min(low, least), max(high, most))

    def root(value: Any) -> Any:
        try:
            return enclosure.square_root(value)
        except ValueError as error:
            raise ZeroDivisionError("a square root of a negative number") from error

    def logarithm(value: Any) -> Any:
        try:
            return functions.logarithm(value)
        except functions.NonpositiveLogarithm as error:
            raise ZeroDivisionError("a logarithm of a number that is not positive") from error

    return Numbers(
        between=lambda low, high: enclosure.Enclosure(low, high) if low != high else low,
        constant=lambda value: value,
        absolute=enclosure.absolute,
        root=root,
        exponential=enclosure.exponential,
        inverse=lambda value: 1 / value,
        hull=hull,
        least=lambda value: enclosure.ends(value)[0],
        sine=functions.sine,
        cosine=functions.cosine,
        tangent=functions.hyperbolic_tangent,
        logarithm=logarithm,
        pi=functions.pi,
    )


# --- values with slopes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dual:
    """An enclosure of a function on a box and of its slopes there; slopes None where they are unbounded."""

    value: Any
    slopes: tuple[Any, ...] | None

    def _with(self, other: Any) -> Dual:
        return other if isinstance(other, Dual) else Dual(other, tuple(0 for _ in self.slopes or ()))

    def _map(self, value: Any, factor: Any) -> Dual:
        return Dual(value, None if self.slopes is None else tuple(factor * slope for slope in self.slopes))

    def _both(self, other: Dual, value: Any, left: Any, right: Any) -> Dual:
        if self.slopes is None or other.slopes is None:
            return Dual(value, None)
        return Dual(value, tuple(left * a + right * b for a, b in zip(self.slopes, other.slopes, strict=True)))

    def __add__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.slopes)
        return self._both(other, self.value + other.value, 1, 1)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return self._map(-self.value, -1)

    def __sub__(self, other: Any) -> Dual:
        return self + -other

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __mul__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return self._map(self.value * other, other)
        return self._both(other, self.value * other.value, other.value, self.value)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Dual:
        if exponent == 0:
            return self._map(self.value * 0 + 1, 0)
        return self._map(self.value**exponent, exponent * self.value ** (exponent - 1))


def backend(numbers: Numbers, size: int) -> Backend:
    """The walker's backend for values with `size` slopes each."""

    def dual(value: Any) -> Dual:
        if isinstance(value, Dual):
            return value
        return Dual(numbers.constant(Fraction(value)), (0,) * size)

    def divide(numerator: Any, denominator: Any) -> Dual:
        denominator = dual(denominator)
        inverse = numbers.inverse(denominator.value)
        return dual(numerator) * denominator._map(inverse, -inverse * inverse)

    def root(value: Any) -> Dual:
        value = dual(value)
        found = numbers.root(value.value)
        if not numbers.least(found) > 0:
            return Dual(found, None)
        return value._map(found, numbers.inverse(2 * found))

    def absolute(value: Any) -> Dual:
        value = dual(value)
        if numbers.least(value.value) >= 0:
            return value
        if numbers.least(-value.value) >= 0:
            return -value
        either = numbers.between(Fraction(-1), Fraction(1))
        return value._map(numbers.absolute(value.value), either)

    def exponential(value: Any) -> Dual:
        value = dual(value)
        found = numbers.exponential(value.value)
        return value._map(found, found)

    def sine(value: Any) -> Dual:
        value = dual(value)
        return value._map(numbers.sine(value.value), numbers.cosine(value.value))

    def cosine(value: Any) -> Dual:
        value = dual(value)
        return value._map(numbers.cosine(value.value), -numbers.sine(value.value))

    def tangent(value: Any) -> Dual:
        value = dual(value)
        found = numbers.tangent(value.value)
        return value._map(found, 1 - found * found)

    def logarithm(value: Any) -> Dual:
        value = dual(value)
        return value._map(numbers.logarithm(value.value), numbers.inverse(value.value))

    def power(base: Any, exponent: Any) -> Dual:
        base, exponent = dual(base), dual(exponent)
        if numbers.least(base.value) > 0:
            return exponential(exponent * logarithm(base))
        # where the base reaches zero: between zero and the power of its largest value, which is monotone in it
        if not numbers.least(exponent.value) > 0 or numbers.least(-base.value) > 0:
            raise ZeroDivisionError("a power's base reaches zero, and its exponent is not known to be positive")
        zero, top = numbers.constant(Fraction(0)), -numbers.least(-base.value)
        if not top > 0:
            return Dual(zero, None)
        return Dual(numbers.hull(zero, numbers.exponential(exponent.value * numbers.logarithm(zero + top))), None)

    # min(a, b) = (a + b - |a - b|)/2 would lose the sign of slopes: choose where the order is known
    def minimum(a: Any, b: Any) -> Dual:
        a, b = dual(a), dual(b)
        if numbers.least(b.value - a.value) >= 0:
            return a
        if numbers.least(a.value - b.value) >= 0:
            return b
        half = numbers.constant(Fraction(1, 2))
        value = (a.value + b.value - numbers.absolute(a.value - b.value)) * half
        if a.slopes is None or b.slopes is None:
            return Dual(value, None)
        zero = numbers.constant(Fraction(0))
        return Dual(value, tuple(numbers.hull(zero + x, zero + y) for x, y in zip(a.slopes, b.slopes, strict=True)))

    return Backend(
        constant=lambda value: Dual(numbers.constant(value), (0,) * size),
        divide=divide,
        root=root,
        absolute=absolute,
        exponential=exponential,
        minimum=minimum,
        maximum=lambda a, b: -minimum(-dual(a), -dual(b)),
        functions={
            "sin": sine,
            "cos": cosine,
            "tanh": tangent,
            "log": logarithm,
            "pow": power,
            "pi": lambda: Dual(numbers.pi(), (0,) * size),
        },
    )
