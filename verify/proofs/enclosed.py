r"""Lower bounds of functions on boxes of the unit cube: a claim's F = rhs - lhs, or a polynomial.

A function is enclosed on a box directly, by the mean-value form F(middle) + sum of slope times half width, and, where slopes
keep their sign, on the face where F is least.  A claim's parameters are mapped onto the cube as in
:mod:`verify.proofs.normal_form`.

Examples
--------
>>> from sympy import Integer, Interval, exp
>>> from theory.notation import t
>>> from verify.arithmetic.balls import intervals
>>> statement = Statement("example", {t: Interval(0, 1)}, Integer(0), "<=", exp(-t) + t)
>>> lowest, _ = Difference(statement, {}, intervals()).lowest(((Fraction(0), Fraction(1)),))
>>> bool(lowest > Fraction(1, 3)), bool(lowest <= 1)
(True, True)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import comb, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import FiniteSet, Symbol

from verify.arithmetic.balls import Dual, Numbers, backend
from verify.arithmetic.evaluate import evaluate
from verify.proofs.normal_form import on_unit_interval
from verify.proofs.statement import Statement, fixed_value
from verify.proofs.trees import Box

Tensor = NDArray[Any]


@dataclass(frozen=True)
class Bounds:
    """Ends between which a function and its slopes lie on a box.

    Attributes
    ----------
    low, high : number
        Exact ones or balls around them; what is derived from them is rounded outwards.
    slopes : list of (low, high), or None
        Per axis; None where slopes are unbounded.
    """

    low: Any
    high: Any
    slopes: list[tuple[Any, Any]] | None


class Enclosed(ABC):
    """A function on the unit cube that can be enclosed on boxes.

    Parameters
    ----------
    numbers : Numbers
        Balls or rational intervals.
    size : int
        Dimension of the cube.
    """

    def __init__(self, numbers: Numbers, size: int) -> None:
        self.numbers, self.size = numbers, size

    @abstractmethod
    def bounds(self, box: Box) -> Bounds:
        """Its enclosure with slopes.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """

    def lowest(self, box: Box) -> tuple[Any, Bounds]:
        """The best lower bound on a box, and the enclosure that it started from.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        whole = self.bounds(box)
        best, least = whole.low, self.numbers.least
        if best >= 0 or whole.slopes is None:
            return best, whole
        form = self.bounds(tuple(((low + high) / 2,) * 2 for low, high in box)).low
        for slope, (low, high) in zip(whole.slopes, box, strict=True):
            form = form - max(abs(slope[0]), abs(slope[1])) * self.numbers.constant((high - low) / 2)
        best = max(best, least(form))
        face = tuple(
            (low, low) if slope[0] >= 0 else (high, high) if slope[1] <= 0 else (low, high)
            for slope, (low, high) in zip(whole.slopes, box, strict=True)
        )
        if best < 0 and face != box:
            best = max(best, self.lowest(face)[0])
        return best, whole

    def negative(self, box: Box) -> bool:
        """Whether the function is certainly below zero on all of a box."""
        return bool(self.bounds(box).high < 0)


class Difference(Enclosed):
    """F = rhs - lhs of a claim on boxes of the unit cube, in one kind of interval.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        Values of the parameters that are fixed, from :func:`verify.proofs.statement.cells`.
    numbers : Numbers
    """

    def __init__(self, statement: Statement, integers: Mapping[Symbol, Any], numbers: Numbers) -> None:
        self.statement, self.integers = statement, dict(integers)
        self.real = [
            symbol
            for symbol, domain in statement.parameters.items()
            if symbol not in integers and not isinstance(domain, FiniteSet)
        ]
        super().__init__(numbers, len(self.real))
        self._backend = backend(numbers, self.size)

    def parameters(self, box: Box) -> dict[Symbol, Any]:
        """The claim's parameters on a box, with slopes.

        Raises
        ------
        ZeroDivisionError
            If one is unbounded there.
        """
        values: dict[Symbol, Any] = {}
        position = 0
        for symbol, domain in self.statement.parameters.items():
            if symbol in self.integers:
                values[symbol] = fixed_value(self.integers[symbol], values, self._backend)
                continue
            tau: Any = None
            if not isinstance(domain, FiniteSet):
                slopes = tuple(int(index == position) for index in range(self.size))
                tau = Dual(self.numbers.between(*box[position]), slopes)
                position += 1
            values[symbol] = on_unit_interval(domain, values, tau, self._backend)
        return values

    def bounds(self, box: Box) -> Bounds:
        """Its enclosure with slopes."""
        found, ends = self.on(box), self._ends
        return Bounds(*ends(found.value), None if found.slopes is None else [ends(slope) for slope in found.slopes])

    def _ends(self, value: Any) -> tuple[Any, Any]:
        value = self.numbers.constant(Fraction(0)) + value
        return self.numbers.least(value), -self.numbers.least(-value)

    def on(self, box: Box) -> Dual:
        """F on a box, in the numbers that it is computed with.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        values = self.parameters(box)
        for symbol, entry in self.statement.derived.items():
            values[symbol] = entry.value(values, self.integers, self._backend)
        lhs, rhs = (evaluate(side, values, self._backend) for side in (self.statement.lhs, self.statement.rhs))
        return self._backend.constant(Fraction(0)) + rhs - lhs


class Polynomial(Enclosed):
    """A positive multiple of a polynomial on boxes of the unit cube, in the basis of products of C(n,i) t^i (1-t)^(n-i).

    Members of the basis are at least zero, so that a polynomial whose coefficients in it are so needs no box but the cube.  The
    coefficients of its slopes are differences of its own.

    Parameters
    ----------
    coefficients : array of Fraction, shape (n_1 + 1, ..., n_d + 1)
    numbers : Numbers

    Examples
    --------
    >>> from verify.arithmetic.balls import intervals
    >>> from verify.proofs.trees import whole
    >>> Polynomial(np.array([Fraction(1, 2), Fraction(3, 2)]), intervals()).lowest(whole(1))[0]       # 2 t + 1
    Fraction(1, 1)
    """

    def __init__(self, coefficients: Tensor, numbers: Numbers) -> None:
        super().__init__(numbers, coefficients.ndim)
        scale = reduce(lcm, (value.denominator for value in coefficients.flat), 1)
        self._value = _Sum(coefficients * scale, numbers)
        self._slopes = [
            _Sum(np.diff(coefficients, axis=axis) * (size - 1) * scale, numbers) if size > 1 else None
            for axis, size in enumerate(coefficients.shape)
        ]

    def bounds(self, box: Box) -> Bounds:
        """Its enclosure with slopes."""
        zero = self.numbers.constant(Fraction(0))
        slopes = [(zero, zero) if tensor is None else tensor.ends(box) for tensor in self._slopes]
        return Bounds(*self._value.ends(box), slopes)


class _Sum:
    """A sum of members of the basis.  They sum to one: beside the least coefficient no term is negative."""

    def __init__(self, coefficients: Tensor, numbers: Numbers) -> None:
        least = coefficients.min()
        constants = np.frompyfunc(numbers.constant, 1, 1)
        self._numbers, self._least = numbers, numbers.constant(least)
        self._rest: Tensor = np.asarray(constants(coefficients - least), dtype=object)

    def ends(self, box: Box) -> tuple[Any, Any]:
        """Lower and upper end on a box."""
        low = high = self._rest
        for low_t, high_t in box:
            n = len(low) - 1
            # both powers are monotone on an interval of [0, 1]
            low = self._summed(low, [comb(n, i) * low_t**i * (1 - high_t) ** (n - i) for i in range(n + 1)])
            high = self._summed(high, [comb(n, i) * high_t**i * (1 - low_t) ** (n - i) for i in range(n + 1)])
        least = self._numbers.least
        return least(self._least + low), -least(-(self._least + high))

    def _summed(self, tensor: Tensor, weights: Sequence[Fraction]) -> Any:
        return sum(self._numbers.constant(weight) * row for weight, row in zip(weights, tensor, strict=True) if weight) + (
            tensor[0] * 0
        )


class Condition:
    """A polynomial, not zero, outside of whose nonnegative part nothing need be shown.

    Parameters
    ----------
    coefficients : array of Fraction
        As of a :class:`Polynomial`.
    numbers : Numbers
    """

    def __init__(self, coefficients: Tensor, numbers: Numbers) -> None:
        self._opposite = Polynomial(-coefficients, numbers)

    def fails(self, box: Box) -> bool:
        """Whether the polynomial is at most zero on a box, so that it is negative on a dense part of it."""
        return bool(self._opposite.lowest(box)[0] >= 0)

    def holds(self, box: Box) -> bool:
        """Whether it is positive on a box."""
        return self._opposite.negative(box)
