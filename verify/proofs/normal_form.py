r"""A claim about numbers as polynomial inequalities on the unit cube.

Every real parameter is mapped onto [0, 1]: an interval [a, b], whose ends may use earlier parameters, by a + (b - a) tau, a
half-infinite one by a + tau/(1 - tau).  Integers that are no exponents are relaxed to reals or fixed one by one; exponents are
always fixed.  A claim ``lhs <= rhs`` then says that F = rhs - lhs >= 0, F a rational function piece by piece: each \|x\|, min
and max is a *decision* about the sign of a rational function, and one run of the walker for each sequence of decisions gives
a :class:`Case`, in which F = numerator/denominator has the sign of the polynomial ``goal`` = numerator * denominator.

Why it suffices to look at the interiors of boxes, and not at the zeros of denominators: F is continuous wherever the claim's
own formula is defined, and where it is not, the claim says nothing.  If F >= 0 on a dense subset of the cube, then F >= 0
wherever it is defined.  So a region may be left out of a case if a condition of the case is negative in its interior, and
whatever happens where a denominator or a condition vanishes, a set without interior, is settled by continuity.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.proofs.algebras import FlintAlgebra
>>> statement = Statement.of(claim("adaptation_never_hurts/residual"))
>>> [case.decisions for case in cases(statement, {}, FlintAlgebra)]
[(True,), (False,)]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any

from sympy import Basic, FiniteSet, Interval, Symbol, exp, preorder_traversal

from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.algebras import Algebra, Terms
from verify.proofs.statement import Statement, Unprovable


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

    def __init__(self, algebra: Algebra, prefix: tuple[bool, ...]) -> None:
        self.algebra, self.prefix = algebra, prefix
        self.taken: list[bool] = []
        self.conditions: list[Terms] = []
        self._known: list[Terms] = []

    def nonnegative(self, value: Any) -> bool:
        sign = self.algebra.terms(value.numer * value.denom)
        constant = not any(any(exponents) for exponents in sign)
        if constant:
            return all(coefficient >= 0 for coefficient in sign.values())
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


def cases(statement: Statement, integers: Mapping[Symbol, int], kind: type[Algebra]) -> list[Case]:
    """The polynomial statements that together say what a claim says for given values of its integers.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        From :func:`verify.proofs.statement.cells`.
    kind : type
        :class:`verify.proofs.algebras.FlintAlgebra` or :class:`verify.proofs.algebras.SympyAlgebra`.

    Returns
    -------
    list of Case

    Raises
    ------
    Unprovable
        If a side is no rational function piece by piece.
    """
    found: list[Case] = []
    waiting: list[tuple[bool, ...]] = [()]
    while waiting:
        prefix = waiting.pop(0)
        difference, path = _difference(statement, integers, kind, prefix)
        goal = path.algebra.terms(difference.numer * difference.denom)
        found.append(Case(tuple(path.taken), tuple(path.conditions), goal))
        waiting += [(*path.taken[:i], False) for i in range(len(prefix), len(path.taken))]
    return found


def _difference(
    statement: Statement, integers: Mapping[Symbol, int], kind: type[Algebra], prefix: tuple[bool, ...]
) -> tuple[Any, _Path]:
    """rhs - lhs as a rational function along a path."""
    real = [symbol for symbol in statement.parameters if symbol not in integers]
    exponentials = _exponents(statement, integers)
    if exponentials and statement.relation == "<=":
        raise Unprovable("an exponential is no rational function")
    arguments: list[Any] = []

    def collect(value: Any) -> Any:
        arguments.append(value)
        return algebra.constant(1)

    # exponentials become generators of their own, one for all that are powers of each other
    algebra = kind(len(real) + len(exponentials))
    if exponentials:
        _sides(statement, integers, real, _Path(algebra, ()), collect)
    path = _Path(algebra, prefix)
    lhs, rhs = _sides(statement, integers, real, path, _generators_of(algebra, len(real), arguments))
    # a field of sympy's turns 0 + 1 into the integer
    sides = (algebra.constant(side) if isinstance(side, int) else side for side in (rhs, lhs))
    return next(sides) - next(sides), path


def _exponents(statement: Statement, integers: Mapping[Symbol, int]) -> set[Basic]:
    expressions = [
        statement.lhs,
        statement.rhs,
        *(e for entry in statement.derived.values() for e in entry.expressions(integers)),
    ]
    return {node for expression in expressions for node in preorder_traversal(expression) if isinstance(node, exp)}


def _sides(
    statement: Statement, integers: Mapping[Symbol, int], real: list[Symbol], path: _Path, exponential: Callable[[Any], Any]
) -> tuple[Any, Any]:
    backend = path.backend(exponential)
    values: dict[Symbol, Any] = dict(integers)
    for index, symbol in enumerate(real):
        values[symbol] = on_unit_interval(statement.parameters[symbol], values, path.algebra.generator(index), backend)
    for symbol, entry in statement.derived.items():
        values[symbol] = entry.value(values, integers, backend)
    return evaluate(statement.lhs, values, backend), evaluate(statement.rhs, values, backend)


def on_unit_interval(domain: Any, values: Mapping[Symbol, Any], tau: Any, backend: Backend) -> Any:
    """The point of a domain at `tau` in [0, 1], in the numbers of a backend.

    Parameters
    ----------
    domain : Interval, Range or FiniteSet
        A ``Range`` is relaxed to the interval that it spans.
    values : mapping
        Earlier symbols' values.
    tau : value
    backend : Backend
    """
    if isinstance(domain, FiniteSet):
        return evaluate(domain.args[0], values, backend)
    start, end = (domain.start, domain.end) if isinstance(domain, Interval) else (domain.start, domain.stop - 1)
    if start.is_infinite and end.is_infinite:
        return backend.divide(2 * tau - 1, tau * (1 - tau))
    if start.is_infinite:
        return evaluate(end, values, backend) - backend.divide(1 - tau, tau)
    low = evaluate(start, values, backend)
    if end.is_infinite:
        return low + backend.divide(tau, 1 - tau)
    return low + (evaluate(end, values, backend) - low) * tau


def _generators_of(algebra: Algebra, first: int, arguments: list[Any]) -> Callable[[Any], Any]:
    """exp as a map into powers of generators: commensurable exponents share one, so that exp(2x) is the square of exp(x)."""
    groups: list[tuple[Any, list[Fraction]]] = []

    def place(value: Any) -> tuple[int, Fraction]:
        for index, (base, _) in enumerate(groups):
            ratio = value / base
            numer, denom = algebra.terms(ratio.numer), algebra.terms(ratio.denom)
            if not any(any(key) for key in (*numer, *denom)):
                return index, sum(numer.values(), Fraction(0)) / sum(denom.values(), Fraction(0))
        groups.append((value, []))
        return len(groups) - 1, Fraction(1)

    for value in arguments:
        if algebra.terms(value.numer):
            index, ratio = place(value)
            groups[index][1].append(ratio)
    units = [_common_unit(ratios) for _, ratios in groups]

    def exponential(value: Any) -> Any:
        if not algebra.terms(value.numer):
            return algebra.constant(1)
        index, ratio = place(value)
        power = ratio / units[index]
        base = algebra.generator(first + index)
        return base ** int(power) if power >= 0 else 1 / base ** int(-power)

    return exponential


def _common_unit(ratios: list[Fraction]) -> Fraction:
    """The largest number of which all `ratios` are integer multiples."""
    denominator = reduce(lcm, (ratio.denominator for ratio in ratios))
    return Fraction(reduce(gcd, (int(ratio * denominator) for ratio in ratios)), denominator)
