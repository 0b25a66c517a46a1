"""The polynomial statements that a statement about numbers says, derived by the checker: other code than the prover's.

The prover walks a statement once for every sequence of decisions.  Here it is walked once, and every value is a list of
*pieces*: conditions, and a function that holds where they do.  Functions are sums of exponentials of rational functions with
rational functions as coefficients, over sympy's fields; two are equal if and only if their terms are, so that no common unit of
exponents is looked for.  Pieces whose conditions exclude each other but on a set without interior are dropped.

Examples
--------
>>> from sympy import Abs, Integer, Interval
>>> from theory.notation import t
>>> found = pieces(Statement("one", {t: Interval(0, 1)}, Abs(t - Integer(1) / 2), "<=", Integer(1)), {})
>>> [(len(piece.conditions), piece.zero) for piece in found]
[(1, False), (1, False)]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import QQ, FiniteSet, Interval, Range, Symbol
from sympy.polys.fields import field as field_of

from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.algebras import Terms
from verify.proofs.formulas import Invalid
from verify.proofs.statement import Statement

#: pieces, pairs of them that are joined, degrees, terms of a power, and bits of all its coefficients at most
_MOST_PIECES, _MOST_PAIRS, _MOST_DEGREE, _MOST_TERMS, _MOST_BITS = 2000, 50_000, 400, 20_000, 20_000_000

#: a polynomial up to a positive factor
Sign = frozenset[tuple[tuple[int, ...], Fraction]]


def sign(terms: Terms) -> Sign:
    """A polynomial up to a positive factor."""
    scale = abs(terms[max(terms)])
    return frozenset((key, value / scale) for key, value in terms.items())


def _opposite(one: Sign) -> Sign:
    return frozenset((key, -value) for key, value in one)


@dataclass(frozen=True)
class Piece:
    """Where conditions are at least zero, what rhs - lhs is.

    Attributes
    ----------
    conditions : frozenset of Sign
    zero : bool
        Whether it is zero as a function.
    goal : Terms or None
        A polynomial of the same sign; None where it holds exponentials or is zero.
    """

    conditions: frozenset[Sign]
    zero: bool
    goal: Terms | None


class _Function:
    """A quotient of two sums of exponentials: exponent to coefficient, both rational functions."""

    __slots__ = ("bottom", "field", "top")

    def __init__(self, field: Any, top: dict[Any, Any], bottom: dict[Any, Any] | None = None) -> None:
        self.field = field
        self.top = {key: value for key, value in top.items() if value}
        self.bottom = {field.zero: field.one} if bottom is None else bottom
        if len(self.bottom) == 1:
            ((key, value),) = self.bottom.items()
            self.top = {own - key: each / value for own, each in self.top.items()}
            self.bottom = {field.zero: field.one}

    def rational(self) -> Any:
        """The rational function that it is; None if it holds exponentials."""
        if set(self.top) <= {self.field.zero} and set(self.bottom) == {self.field.zero}:
            return self.top.get(self.field.zero, self.field.zero)
        return None

    def plus(self, other: _Function) -> _Function:
        if self.bottom == other.bottom:
            return _Function(self.field, _sum(self.top, other.top), self.bottom)
        first, second = _product(self.top, other.bottom), _product(other.top, self.bottom)
        return _Function(self.field, _sum(first, second), _product(self.bottom, other.bottom))

    def times(self, other: _Function) -> _Function:
        return _Function(self.field, _product(self.top, other.top), _product(self.bottom, other.bottom))

    def inverse(self) -> _Function:
        if not self.top:
            raise ZeroDivisionError("a denominator is zero for all parameters")
        return _Function(self.field, self.bottom, self.top)

    def negative(self) -> _Function:
        return _Function(self.field, {key: -value for key, value in self.top.items()}, self.bottom)


def _sum(a: dict[Any, Any], b: dict[Any, Any]) -> dict[Any, Any]:
    found = dict(a)
    for key, value in b.items():
        found[key] = found[key] + value if key in found else value
    return {key: value for key, value in found.items() if value}


def _product(a: dict[Any, Any], b: dict[Any, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for first, x in a.items():
        for second, y in b.items():
            found = _sum(found, {first + second: x * y})
    return found


class _Value:
    """A number of the walker's: pieces, of which one holds at almost every point of the cube."""

    __slots__ = ("parts", "work")

    def __init__(self, work: _Work, parts: list[tuple[frozenset[Sign], _Function]]) -> None:
        self.work, self.parts = work, parts
        if len(parts) > _MOST_PIECES:
            raise Invalid(f"the statement has more than {_MOST_PIECES} pieces")

    def map(self, function: Callable[[_Function], _Function]) -> _Value:
        return _Value(self.work, [(conditions, function(one)) for conditions, one in self.parts])

    def join(self, other: Any, function: Callable[[_Function, _Function], _Function]) -> _Value:
        found, others = [], self.work.value(other).parts
        if len(self.parts) * len(others) > _MOST_PAIRS:
            raise Invalid("the statement has too many pieces")
        for mine, a in self.parts:
            for theirs, b in others:
                both = mine | theirs
                if not any(_opposite(one) in both for one in both):
                    found.append((both, function(a, b)))
        return _Value(self.work, found)

    def __add__(self, other: Any) -> _Value:
        return self.join(other, _Function.plus)

    __radd__ = __add__

    def __neg__(self) -> _Value:
        return self.map(_Function.negative)

    def __sub__(self, other: Any) -> _Value:
        return self + -self.work.value(other)

    def __rsub__(self, other: Any) -> _Value:
        return -self + other

    def __mul__(self, other: Any) -> _Value:
        return self.join(other, _Function.times)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> _Value:
        if not isinstance(exponent, int) or not 0 <= exponent <= _MOST_DEGREE:
            raise Invalid("the statement has a power that is no polynomial of a reasonable degree")
        if exponent == 0:
            return self.work.value(1)

        def power(one: _Function) -> _Function:
            if (found := one.rational()) is not None:
                self.work.require(found.numer, exponent)
                self.work.require(found.denom, exponent)
                return _Function(one.field, {one.field.zero: found**exponent})
            result = one
            for _ in range(exponent - 1):
                result = result.times(one)
            return result

        return self.map(power)


class _Work:
    """The field of rational functions, and the walker's backend."""

    def __init__(self, size: int) -> None:
        self.field, *self.generators = field_of([f"s{i}" for i in range(max(size, 1))], QQ)

    def require(self, polynomial: Any, power: int) -> None:
        """Refuse a power with more terms than are worth multiplying out."""
        terms = 1
        for degree in polynomial.degrees() if polynomial else ():
            terms *= int(degree) * power + 1
        size = max((max(abs(c.numerator), c.denominator).bit_length() for c in polynomial.coeffs()), default=1)
        if terms > _MOST_TERMS or terms * size * power > _MOST_BITS:
            raise Invalid("the statement has a power with too many terms")

    def function(self, element: Any) -> _Function:
        return _Function(self.field, {self.field.zero: element})

    def value(self, number: Any) -> _Value:
        if isinstance(number, _Value):
            return number
        exact = Fraction(number)
        return _Value(self, [(frozenset(), self.function(self.field(QQ(exact.numerator, exact.denominator))))])

    def terms(self, element: Any) -> Terms:
        """A polynomial with the sign of a rational function."""
        product = element.numer * element.denom
        return {tuple(map(int, key)): Fraction(int(c.numerator), int(c.denominator)) for key, c in product.terms()}

    def _sides(self, one: _Function) -> list[tuple[frozenset[Sign], bool]]:
        """The two ways in which a function has a sign, each with its condition; one where it is known."""
        element = one.rational()
        if element is None:
            known = [self.terms(value) for value in one.top.values()]
            if set(one.bottom) == {self.field.zero}:
                if all(value > 0 for terms in known for value in terms.values()):
                    return [(frozenset(), True)]
                if all(value < 0 for terms in known for value in terms.values()):
                    return [(frozenset(), False)]
                return self._both(self._exponential_sign(one.top))
            return [(frozenset(), True), (frozenset(), False)]  # either may hold: more than there is to be shown
        terms = self.terms(element)
        if not any(any(key) for key in terms):
            return [(frozenset(), all(value >= 0 for value in terms.values()))]
        return self._both(sign(terms))

    def _both(self, condition: Sign) -> list[tuple[frozenset[Sign], bool]]:
        return [(frozenset({condition}), True), (frozenset({_opposite(condition)}), False)]

    def _exponential_sign(self, top: dict[Any, Any]) -> Any:
        """A sum of exponentials up to a positive factor: one exponential, and a positive number."""
        first = min(top, key=str)
        scale = abs(top[first].numer.LC / top[first].denom.LC)
        return frozenset((("exp", key - first), value / scale) for key, value in top.items())

    def _split(self, value: _Value, chosen: Callable[[bool], _Value]) -> _Value:
        """One value where another is nonnegative, a second elsewhere."""
        found: list[tuple[frozenset[Sign], _Function]] = []
        for conditions, one in value.parts:
            for more, nonnegative in self._sides(one):
                for theirs, function in chosen(nonnegative).parts:
                    both = conditions | more | theirs
                    if not any(_opposite(each) in both for each in both):
                        found.append((both, function))
        return _Value(self, list({(c, _key(f)): (c, f) for c, f in found}.values()))

    def exponential(self, number: Any) -> _Value:
        def apply(one: _Function) -> _Function:
            element = one.rational()
            if element is None:
                raise Invalid("the statement has an exponential of an exponential")
            return _Function(self.field, {element: self.field.one})

        return self.value(number).map(apply)

    def backend(self) -> Backend:
        def absolute(number: Any) -> _Value:
            value = self.value(number)
            return self._split(value, lambda nonnegative: value if nonnegative else -value)

        def least(a: Any, b: Any) -> _Value:
            one, other = self.value(a), self.value(b)
            return self._split(other - one, lambda nonnegative: one if nonnegative else other)

        def root(number: Any) -> Any:
            raise Invalid("the statement has a root, which no polynomial statement has")

        return Backend(
            constant=self.value,
            divide=lambda a, b: self.value(a) * self.value(b).map(_Function.inverse),
            root=root,
            absolute=absolute,
            exponential=self.exponential,
            minimum=least,
            maximum=lambda a, b: -least(-self.value(a), -self.value(b)),
        )


def _key(one: _Function) -> Any:
    return frozenset(one.top.items()), frozenset(one.bottom.items())


def pieces(statement: Statement, fixed: Mapping[Symbol, Any]) -> list[Piece]:
    """The pieces of rhs - lhs on the unit cube.

    Parameters
    ----------
    statement : Statement
    fixed : mapping
        Values of some parameters: an ``int``, or an expression in earlier symbols.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a side is no rational function of parameters and exponentials piece by piece, or it is too large.
    """
    free = [symbol for symbol in statement.parameters if symbol not in fixed]
    work = _Work(len(free))
    backend = work.backend()
    values: dict[Symbol, Any] = {}
    for symbol, domain in statement.parameters.items():
        if symbol in fixed:
            chosen = fixed[symbol]
            values[symbol] = chosen if isinstance(chosen, int) else evaluate(chosen, values, backend)
        else:
            generator = _Value(work, [(frozenset(), work.function(work.generators[free.index(symbol)]))])
            values[symbol] = _placed(domain, values, generator, backend)
    integers = {symbol: value for symbol, value in fixed.items() if isinstance(value, int)}
    for symbol, entry in statement.derived.items():
        values[symbol] = entry.value(values, integers, backend)
    difference = work.value(evaluate(statement.rhs, values, backend)) - evaluate(statement.lhs, values, backend)
    found = []
    for conditions, one in difference.parts:
        element = one.rational()
        goal = None if element is None or not element else work.terms(element)
        found.append(Piece(conditions, not one.top, goal))
    return found


def _placed(domain: Any, values: Mapping[Symbol, Any], s: _Value, backend: Backend) -> Any:
    """A parameter as a function of its side of the cube."""
    if isinstance(domain, FiniteSet):
        if len(domain.args) != 1:
            raise Invalid("a parameter has several values, of which each needs its own proof")
        return evaluate(domain.args[0], values, backend)
    if isinstance(domain, Range):
        start, end = domain.inf, domain.sup
    else:
        assert isinstance(domain, Interval)
        start, end = domain.start, domain.end
    if start.is_infinite and end.is_infinite:
        return backend.divide(2 * s - 1, s * (1 - s))
    if start.is_infinite:
        return evaluate(end, values, backend) - backend.divide(1 - s, s)
    if end.is_infinite:
        return evaluate(start, values, backend) + backend.divide(s, 1 - s)
    return evaluate(start, values, backend) * (1 - s) + evaluate(end, values, backend) * s
