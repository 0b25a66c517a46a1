"""Rational functions by two libraries: flint's, with which proofs are found, and sympy's, with which they are checked.

Both give reduced fractions with ``numer`` and ``denom``, which are the same up to a positive factor.

Examples
--------
>>> for kind in (FlintAlgebra, SympyAlgebra):
...     algebra = kind(2)
...     x, y = algebra.generator(0), algebra.generator(1)
...     algebra.terms(((x**2 - y**2) / (x + y)).numer) == {(1, 0): 1, (0, 1): -1}
True
True
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

#: a polynomial: exponents to coefficient, none of them zero
Terms = dict[tuple[int, ...], Fraction]


class Algebra(Protocol):
    """Rational functions of numbered generators: what polynomials are made of, by one library or another."""

    def __init__(self, generators: int) -> None: ...

    def generator(self, index: int) -> Any:
        """A generator as a rational function; it has ``numer`` and ``denom``."""

    def constant(self, value: Fraction | int) -> Any:
        """A number as a rational function."""

    def terms(self, polynomial: Any) -> Terms:
        """Exponents to coefficient of a numerator or denominator."""


class FlintAlgebra:
    """Rational functions over flint's polynomials, which factor fast: what proofs are found with."""

    def __init__(self, generators: int) -> None:
        from flint import Ordering, fmpq_mpoly_ctx

        self._context = fmpq_mpoly_ctx.get([f"t{i}" for i in range(max(generators, 1))], Ordering.lex)
        self.one = self._context.constant(1)

    def generator(self, index: int) -> _Quotient:
        """A generator."""
        return _Quotient(self._context.gens()[index], self.one)

    def constant(self, value: Fraction | int) -> _Quotient:
        """A number."""
        from flint import fmpq

        value = Fraction(value)
        return _Quotient(self._context.constant(fmpq(value.numerator, value.denominator)), self.one)

    def terms(self, polynomial: Any) -> Terms:
        """Exponents to coefficient."""
        return {tuple(map(int, key)): Fraction(int(c.p), int(c.q)) for key, c in polynomial.to_dict().items()}

    def polynomial(self, terms: Terms) -> Any:
        """The polynomial with these terms."""
        from flint import fmpq

        return self._context.from_dict({key: fmpq(c.numerator, c.denominator) for key, c in terms.items()})


class _Quotient:
    """A reduced fraction of two flint polynomials."""

    __slots__ = ("denom", "numer")

    def __init__(self, numer: Any, denom: Any) -> None:
        if not denom.is_constant():
            common = numer.gcd(denom)
            numer, denom = divmod(numer, common)[0], divmod(denom, common)[0]
        # one of the two signs of a fraction, so that equal ones look alike
        if denom.leading_coefficient() < 0:
            numer, denom = -numer, -denom
        self.numer, self.denom = numer, denom

    def _with(self, other: Any) -> _Quotient:
        if isinstance(other, _Quotient):
            return other
        return _Quotient(self.denom * 0 + other, self.denom * 0 + 1)

    def __add__(self, other: Any) -> _Quotient:
        other = self._with(other)
        return _Quotient(self.numer * other.denom + other.numer * self.denom, self.denom * other.denom)

    __radd__ = __add__

    def __neg__(self) -> _Quotient:
        return _Quotient(-self.numer, self.denom)

    def __sub__(self, other: Any) -> _Quotient:
        return self + -self._with(other)

    def __rsub__(self, other: Any) -> _Quotient:
        return self._with(other) - self

    def __mul__(self, other: Any) -> _Quotient:
        other = self._with(other)
        return _Quotient(self.numer * other.numer, self.denom * other.denom)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> _Quotient:
        other = self._with(other)
        if other.numer.is_zero():
            raise ZeroDivisionError("a denominator is zero for all parameters")
        return _Quotient(self.numer * other.denom, self.denom * other.numer)

    def __rtruediv__(self, other: Any) -> _Quotient:
        return self._with(other) / self

    def __pow__(self, exponent: int) -> _Quotient:
        return _Quotient(self.numer**exponent, self.denom**exponent)


class SympyAlgebra:
    """Rational functions by sympy's fields: slower, and independent of flint's polynomials; what proofs are checked with."""

    def __init__(self, generators: int) -> None:
        from sympy import QQ
        from sympy.polys.fields import field as field_of

        names = [f"t{i}" for i in range(max(generators, 1))]
        self._field, *self._generators = field_of(names, QQ)

    def generator(self, index: int) -> Any:
        """A generator."""
        return self._generators[index]

    def constant(self, value: Fraction | int) -> Any:
        """A number."""
        from sympy import QQ

        value = Fraction(value)
        return self._field(QQ(value.numerator, value.denominator))

    def terms(self, polynomial: Any) -> Terms:
        """Exponents to coefficient."""
        return {
            tuple(map(int, key)): Fraction(int(value.numerator), int(value.denominator)) for key, value in polynomial.terms()
        }
