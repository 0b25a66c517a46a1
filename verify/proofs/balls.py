r"""Enclosures of functions and of their slopes, in Arb's balls or in rational intervals.

A claim's parameters are mapped onto the unit cube as in :mod:`verify.proofs.normal_form`, and F = rhs - lhs is enclosed on a
box: directly, by the mean-value form F(middle) + sum of slope times half width, and, where slopes keep their sign, on the face
where F is least.  Where F has a kink, what is enclosed are the slopes on both sides, for which the mean-value form holds as
well.

Examples
--------
>>> from sympy import Integer, Interval, exp
>>> from theory.notation import t
>>> statement = Statement("example", {t: Interval(0, 1)}, Integer(0), "<=", exp(-t) + t)
>>> lowest, _ = Difference(statement, {}, intervals()).lowest(((Fraction(0), Fraction(1)),))
>>> bool(lowest > Fraction(1, 3)), bool(lowest <= 1)
(True, True)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import FiniteSet, Symbol

from verify import enclosure
from verify.compile import Backend, evaluate
from verify.proofs.normal_form import on_unit_interval
from verify.proofs.statement import Statement

#: bits of Arb's balls
_PRECISION = 96

Box = tuple[tuple[Fraction, Fraction], ...]


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

    return Numbers(
        between=lambda low, high: constant(low).union(constant(high)) if low != high else constant(low),
        constant=constant,
        absolute=lambda value: value if value >= 0 else -value if value <= 0 else arb(0).union(abs(value).upper()),
        root=root,
        exponential=lambda value: value.exp(),
        inverse=inverse,
        hull=lambda a, b: a.union(b),
        least=lambda value: value.lower(),
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

    return Numbers(
        between=lambda low, high: enclosure.Enclosure(low, high) if low != high else low,
        constant=lambda value: value,
        absolute=enclosure.absolute,
        root=root,
        exponential=enclosure.exponential,
        inverse=lambda value: 1 / value,
        hull=hull,
        least=lambda value: enclosure.ends(value)[0],
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
    )


class Difference:
    """F = rhs - lhs of a claim on boxes of the unit cube, in one kind of interval.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        Values of the integers that are fixed.
    numbers : Numbers
    """

    def __init__(self, statement: Statement, integers: Mapping[Symbol, int], numbers: Numbers) -> None:
        self.statement, self.integers, self.numbers = statement, dict(integers), numbers
        self.real = [
            symbol
            for symbol, domain in statement.parameters.items()
            if symbol not in integers and not isinstance(domain, FiniteSet)
        ]
        self._backend = backend(numbers, len(self.real))
        self._derived = {symbol: entry.expression(self.integers) for symbol, entry in statement.derived.items()}

    def on(self, box: Box) -> Dual:
        """Its enclosure with slopes.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        values: dict[Symbol, Any] = dict(self.integers)
        position = 0
        for symbol, domain in self.statement.parameters.items():
            if symbol in self.integers:
                continue
            tau: Any = None
            if not isinstance(domain, FiniteSet):
                slopes = tuple(int(index == position) for index in range(len(self.real)))
                tau = Dual(self.numbers.between(*box[position]), slopes)
                position += 1
            values[symbol] = on_unit_interval(domain, values, tau, self._backend)
        for symbol, expression in self._derived.items():
            values[symbol] = evaluate(expression, values, self._backend)
        lhs, rhs = (evaluate(side, values, self._backend) for side in (self.statement.lhs, self.statement.rhs))
        return self._backend.constant(Fraction(0)) + rhs - lhs

    def lowest(self, box: Box) -> tuple[Any, Dual]:
        """The best lower bound on a box, and the enclosure that it started from.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        whole = self.on(box)
        best = self.numbers.least(whole.value)
        if best >= 0 or whole.slopes is None:
            return best, whole
        middle = tuple(((low + high) / 2,) * 2 for low, high in box)
        form = self.on(middle).value
        for slope, (low, high) in zip(whole.slopes, box, strict=True):
            half = (high - low) / 2
            form = form + slope * self.numbers.between(-half, half)
        best = max(best, self.numbers.least(form))
        face = self._face(box, whole.slopes)
        if best < 0 and face != box:
            best = max(best, self.lowest(face)[0])
        return best, whole

    def _face(self, box: Box, slopes: Sequence[Any]) -> Box:
        """The part of a box on which F is least, as far as slopes of one sign tell."""
        zero, found = self.numbers.constant(Fraction(0)), []
        for slope, (low, high) in zip(slopes, box, strict=True):
            if self.numbers.least(zero + slope) >= 0:
                found.append((low, low))
            elif self.numbers.least(zero - slope) >= 0:
                found.append((high, high))
            else:
                found.append((low, high))
        return tuple(found)
