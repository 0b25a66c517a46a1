r"""A claim about numbers as polynomial inequalities on the unit cube.

Every real parameter is mapped onto [0, 1]: an interval [a, b], whose ends may use earlier parameters, by a + (b - a) tau, a
half-infinite one by a + tau/(1 - tau).  Where b < a the interval is empty, and what is shown on the segment between the ends is
more than is claimed.  Integers that are no exponents are relaxed to reals or fixed one by one; exponents are
always fixed.  A claim ``lhs <= rhs`` then says that F = rhs - lhs >= 0, F a rational function piece by piece: each \|x\|, min
and max is a *decision* about the sign of a rational function, and one run of the walker for each sequence of decisions gives
a :class:`Case`, in which F = numerator/denominator has the sign of the polynomial ``goal`` = numerator * denominator.

Why it suffices to look at the interiors of boxes, and not at the zeros of denominators: F is continuous wherever the claim's
own formula is defined, and where it is not, the claim says nothing.  If F >= 0 on a dense subset of the cube, then F >= 0
wherever it is defined.  (Every condition is one side of a decision of which the other side is a case as well; conditions that
cut the domain itself would need more, and there are none.)  So a region may be left out of a case if a condition of the case
is negative in its interior, and
whatever happens where a denominator or a condition vanishes, a set without interior, is settled by continuity.

An equality may hold exponentials.  They become further generators, positive ones: those whose exponents are rational multiples
of each other are powers of one, so fine that all powers are integers; path by path, as exponents depend on decisions.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.proofs.algebras import FlintAlgebra
>>> statement = Statement.of(claim("adaptation_never_hurts/residual"))
>>> [case.decisions for case in cases(statement, {}, FlintAlgebra)]
[(True,), (False,)]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Basic, E, FiniteSet, Interval, Symbol, exp, preorder_traversal

from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.algebras import Algebra, Terms
from verify.proofs.statement import Statement, Unprovable, fixed_value

#: sequences of decisions at most, and the largest power of an exponential's unit
_MOST_CASES, _MOST_POWER = 512, 64
#: terms of a polynomial that is looked at
_MOST_TERMS = 1 << 17


@dataclass(frozen=True)
class Case:
    r"""One sequence of decisions: where all `conditions` are at least zero, the claim is that `goal` is.

    Attributes
    ----------
    decisions : tuple of bool
        Whether each argument of \|.\|, min or max was taken to be nonnegative, in the order in which the walker met them.
    conditions : tuple of Terms
        Polynomials on the unit cube.
    goal : Terms
        A polynomial on the unit cube, to be at least zero; for an equality to be zero.
    """

    decisions: tuple[bool, ...]
    conditions: tuple[Terms, ...]
    goal: Terms


class _Path:
    """One sequence of decisions while it is made."""

    def __init__(self, algebra: Algebra, prefix: tuple[bool, ...], reals: int) -> None:
        self.algebra, self.prefix, self.reals = algebra, prefix, reals
        self.taken: list[bool] = []
        self.conditions: list[Terms] = []
        self._known: list[Terms] = []

    def nonnegative(self, value: Any) -> bool:
        sign = self._without_exponentials(self.algebra.terms(value.numer * value.denom))
        constant = not any(any(exponents) for exponents in sign)
        if constant:
            return all(coefficient >= 0 for coefficient in sign.values())
        if any(any(exponents[self.reals :]) for exponents in sign):
            # exponentials are positive, and parameters of the cube nonnegative
            if all(coefficient > 0 for coefficient in sign.values()):
                return True
            if all(coefficient < 0 for coefficient in sign.values()):
                return False
        # what has been decided once, of the value or of its negative, is not decided again
        scale = abs(sign[max(sign)])
        known = {key: coefficient / scale for key, coefficient in sign.items()}
        for earlier, answer in zip(self._known, self.taken, strict=True):
            if earlier == known:
                return answer
            if earlier == {key: -coefficient for key, coefficient in known.items()}:
                return not answer
        self._known.append(known)
        decision = self.prefix[len(self.taken)] if len(self.taken) < len(self.prefix) else True
        self.taken.append(decision)
        self.conditions.append(sign if decision else {key: -c for key, c in sign.items()})
        return decision

    def _without_exponentials(self, sign: Terms) -> Terms:
        """A polynomial without the powers of exponentials that all terms have: these are positive."""
        if not any(any(exponents[self.reals :]) for exponents in sign):
            return sign
        least = [min(column) for column in zip(*(exponents[self.reals :] for exponents in sign), strict=True)]

        def divided(exponents: tuple[int, ...]) -> tuple[int, ...]:
            powers = exponents[self.reals :]
            return (*exponents[: self.reals], *(e - n for e, n in zip(powers, least, strict=True)))

        return {divided(exponents): value for exponents, value in sign.items()}

    def backend(self, exponential: Callable[[Any], Any]) -> Backend:
        """The walker's backend for rational functions along this path."""

        def element(value: Any) -> Any:
            return self.algebra.constant(value) if isinstance(value, int) else value

        def divide(numerator: Any, denominator: Any) -> Any:
            return element(numerator) / element(denominator)

        def absolute(value: Any) -> Any:
            return value if self.nonnegative(element(value)) else -value

        def least(a: Any, b: Any) -> Any:
            return a if self.nonnegative(element(b) - a) else b

        def greatest(a: Any, b: Any) -> Any:
            return a if self.nonnegative(element(a) - b) else b

        def root(value: Any) -> Any:
            raise Unprovable("a square root is no rational function; state the claim in the roots")

        return Backend(self.algebra.constant, divide, root, absolute, exponential, least, greatest)


def cases(
    statement: Statement, integers: Mapping[Symbol, Any], kind: type[Algebra], deadline: float = float("inf")
) -> list[Case]:
    """The polynomial statements that together say what a claim says for given values of its integers.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        From :func:`verify.proofs.statement.cells`.
    kind : type
        :class:`verify.proofs.algebras.FlintAlgebra` or :class:`verify.proofs.algebras.SympyAlgebra`.
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    list of Case

    Raises
    ------
    Unprovable
        If a side is no rational function piece by piece, there are too many cases or terms, or time ran out.
    """
    found: list[Case] = []
    waiting: list[tuple[bool, ...]] = [()]
    while waiting:
        if time.monotonic() > deadline:
            raise Unprovable("time ran out")
        prefix = waiting.pop(0)
        difference, path = _difference(statement, integers, kind, prefix)
        whole = difference.numer * difference.denom
        if len(whole) > _MOST_TERMS:
            raise Unprovable(f"multiplied out it has more than {_MOST_TERMS} terms")
        goal = path.algebra.terms(whole)
        found.append(Case(tuple(path.taken), tuple(path.conditions), goal))
        waiting += [(*path.taken[:i], False) for i in range(len(prefix), len(path.taken))]
        if len(found) + len(waiting) > _MOST_CASES:
            raise Unprovable(f"absolute values, minima and maxima make more than {_MOST_CASES} cases")
    return found


def _difference(
    statement: Statement, integers: Mapping[Symbol, Any], kind: type[Algebra], prefix: tuple[bool, ...]
) -> tuple[Any, _Path]:
    """rhs - lhs as a rational function along a path."""
    real = [symbol for symbol in statement.parameters if symbol not in integers]
    several = 0 if statement.relation == "<=" else len(_exponentials(statement, integers))
    algebra, units = kind(len(real) + several), [1] * several
    while True:
        path = _Path(algebra, prefix, len(real))
        try:
            lhs, rhs = _sides(statement, integers, real, path, _Generators(algebra, len(real), units))
        except _Finer:
            continue
        # a field of sympy's turns 0 + 1 into the integer
        lhs, rhs = (algebra.constant(side) if isinstance(side, int) else side for side in (lhs, rhs))
        return rhs - lhs, path


def _exponentials(statement: Statement, integers: Mapping[Symbol, Any]) -> set[Basic]:
    expressions = [*statement.expressions(), *(e for entry in statement.derived.values() for e in entry.expressions(integers))]
    return {node for one in expressions for node in preorder_traversal(one) if isinstance(node, exp) or node is E}


class _Finer(Exception):
    """A unit of exponents was too coarse; it is finer now, and the path is to be walked again."""


class _Generators:
    """exp along one path, as a map into powers of generators: exp(2x) is the square of exp(x).

    Parameters
    ----------
    algebra : Algebra
    first : int
        The first generator that stands for an exponential.
    units : list of int
        Parts into which the first exponent of every group is divided; made finer where they do not suffice.
    """

    def __init__(self, algebra: Algebra, first: int, units: list[int]) -> None:
        self.algebra, self.first, self.units = algebra, first, units
        self._bases: list[Any] = []

    def _place(self, value: Any) -> tuple[int, Fraction]:
        """The group of an exponent, and its ratio to the group's first."""
        terms = self.algebra.terms
        for index, base in enumerate(self._bases):
            ratio = value / base
            numer, denom = terms(ratio.numer), terms(ratio.denom)
            if not any(any(key) for key in (*numer, *denom)):
                return index, sum(numer.values(), Fraction(0)) / sum(denom.values(), Fraction(0))
        if len(self._bases) == len(self.units):
            raise Unprovable("an exponential is no rational function")
        self._bases.append(value)
        return len(self._bases) - 1, Fraction(1)

    def __call__(self, value: Any) -> Any:
        value = self.algebra.constant(value) if isinstance(value, int) else value
        if not self.algebra.terms(value.numer):
            return self.algebra.constant(1)
        index, ratio = self._place(value)
        power = ratio * self.units[index]
        if abs(ratio.numerator) > _MOST_POWER or power.denominator * self.units[index] > _MOST_POWER:
            raise Unprovable("exponents of exponentials have no unit of which they all are small multiples")
        if power.denominator > 1:
            self.units[index] *= power.denominator
            raise _Finer
        if abs(power) > _MOST_POWER:
            raise Unprovable("exponents of exponentials have no unit of which they all are small multiples")
        base = self.algebra.generator(self.first + index)
        return base**power.numerator if power > 0 else self.algebra.constant(1) / base**-power.numerator


def _sides(
    statement: Statement, integers: Mapping[Symbol, Any], real: list[Symbol], path: _Path, exponential: Callable[[Any], Any]
) -> tuple[Any, Any]:
    backend = path.backend(exponential)
    values: dict[Symbol, Any] = {}
    for symbol, domain in statement.parameters.items():
        if symbol in integers:
            values[symbol] = fixed_value(integers[symbol], values, backend)
        else:
            values[symbol] = on_unit_interval(domain, values, path.algebra.generator(real.index(symbol)), backend)
    for symbol, entry in statement.derived.items():
        values[symbol] = entry.value(values, integers, backend)
    return evaluate(statement.lhs, values, backend), evaluate(statement.rhs, values, backend)


def on_unit_interval(domain: Any, values: Mapping[Symbol, Any], tau: Any, backend: Backend) -> Any:
    """The point of a domain at `tau` in [0, 1], in the numbers of a backend.

    Parameters
    ----------
    domain : Interval, Range or FiniteSet
        A ``Range`` is relaxed to the interval that it spans; a set has one member.
    values : mapping
        Earlier symbols' values.
    tau : value
    backend : Backend
    """
    if isinstance(domain, FiniteSet):
        (only,) = domain.args
        return evaluate(only, values, backend)
    start, end = (domain.start, domain.end) if isinstance(domain, Interval) else (domain.inf, domain.sup)
    if start.is_infinite and end.is_infinite:
        return backend.divide(2 * tau - 1, tau * (1 - tau))
    if start.is_infinite:
        return evaluate(end, values, backend) - backend.divide(1 - tau, tau)
    low = evaluate(start, values, backend)
    if end.is_infinite:
        return low + backend.divide(tau, 1 - tau)
    return low + (evaluate(end, values, backend) - low) * tau
