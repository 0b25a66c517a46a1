"""Where a claim's own text says to look: its constants, where its pieces change sign, and what lies right beside.

A bound that is wrong at one point, or in a small neighbourhood of it, names that point more often than not: an absolute value's
argument vanishes there, two arguments of a maximum cross, a square is zero, a constant is passed.

Examples
--------
>>> from sympy import Interval, Rational
>>> from theory.claim import Claim, Source
>>> from theory.notation import theta
>>> needle = Claim("needle", "", Rational(1, 100), "<=", (theta - Rational(1, 3)) ** 2, Source("derived here"), None,
...                {theta: Interval(0, 1)})
>>> Rational(1, 3) in places(needle)[theta]
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from math import comb, prod
from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    FiniteSet,
    Integer,
    Interval,
    Max,
    Min,
    Mul,
    Poly,
    PolynomialError,
    Pow,
    Range,
    Rational,
    Symbol,
    preorder_traversal,
)

from theory.claim import Claim

#: places of one parameter, pieces of a claim whose zeros are looked for, and operations in one of them
_PLACES, _PIECES, _OPERATIONS = 24, 48, 200
#: terms of a piece that is multiplied out, times the symbols for whose sake that is done, and a power that is multiplied out
_TERMS, _POWER = 1 << 12, 200
#: digits to which an irrational zero is taken
_DIGITS = 30


def places(claim: Claim) -> dict[Symbol, list[Expr]]:
    """For every real parameter, values at which something happens: numbers, or expressions in earlier parameters.

    These are zeros of the claim's pieces, then where a polynomial piece is stationary, then the claim's constants.
    """
    known: set[Symbol] = {symbol for symbol, domain in claim.parameters.items() if not isinstance(domain, tuple)}
    sizes = set(claim.tasks.sizes) if claim.tasks is not None else set()
    constants = _constants(claim)
    zeros: dict[Symbol, list[Expr]] = {symbol: [] for symbol in known}
    turns: dict[Symbol, list[Expr]] = {symbol: [] for symbol in known}
    for piece in _pieces(claim):
        if piece.free_symbols <= known | sizes:
            for symbol in piece.free_symbols & known:
                polynomial = _polynomial(piece, symbol)
                zeros[symbol] += _zeros(polynomial)
                # where it is largest or least both sides may be the same to doubles
                turns[symbol] += [] if polynomial is None or polynomial.degree() < 2 else _zeros(polynomial.diff())
    found: dict[Symbol, list[Expr]] = {}
    earlier: set[Any] = set(sizes)
    for symbol, domain in claim.parameters.items():
        if isinstance(domain, Interval):
            admitted = [place for place in (*zeros[symbol], *turns[symbol]) if place.free_symbols <= earlier]
            found[symbol] = list(dict.fromkeys([*admitted, *constants]))[:_PLACES]
        earlier.add(symbol)
    return found


def whole_places(claim: Claim, symbol: Symbol, domain: Range) -> list[int]:
    """Values of an integer parameter at which something happens, and their neighbours."""
    numbers = [*_constants(claim)]
    for piece in _pieces(claim):
        if piece.free_symbols == {symbol}:
            numbers += _zeros(_polynomial(piece, symbol))
    found = {int(number) + step for number in numbers if abs(number) < 2**40 for step in (-2, -1, 0, 1, 2)}
    return sorted(value for value in found if value in domain)


def _constants(claim: Claim) -> list[Rational]:
    """The claim's numbers, of either sign, those that stand alone first."""
    numbers = dict.fromkeys(
        node for expression in _expressions(claim) for node in preorder_traversal(expression) if isinstance(node, Rational)
    )
    ordered = sorted(numbers, key=lambda number: (number.q != 1, abs(number)))
    return [sign * number for number in ordered[: _PLACES // 2] for sign in (1, -1) if number]


def _expressions(claim: Claim) -> Iterator[Expr]:
    yield from (claim.lhs, claim.rhs)
    for domain in claim.parameters.values():
        if isinstance(domain, Interval | FiniteSet):
            yield from (end for end in domain.args[:2] if isinstance(end, Expr) and end.is_finite is not False)


def kinks(claim: Claim) -> list[Expr]:
    """Expressions at whose zeros a side bends: an absolute value's argument, the difference of two of a maximum's."""
    found: dict[Expr, None] = {}
    for expression in _expressions(claim):
        for node in preorder_traversal(expression):
            if isinstance(node, Abs):
                found[node.args[0]] = None
            elif isinstance(node, Max | Min):
                found |= dict.fromkeys(a - b for a, b in combinations(node.args, 2))
    return _short(found)


def _pieces(claim: Claim) -> list[Expr]:
    """Expressions whose zeros matter."""
    powers = [
        node.base for expression in _expressions(claim) for node in preorder_traversal(expression) if isinstance(node, Pow)
    ]
    return _short(dict.fromkeys([claim.lhs - claim.rhs, *powers, *kinks(claim)]))


def _short(pieces: Iterable[Expr]) -> list[Expr]:
    return [piece for piece in pieces if piece.free_symbols and piece.count_ops() <= _OPERATIONS][:_PIECES]


def _polynomial(piece: Expr, symbol: Symbol) -> Poly | None:
    """A piece's numerator as a polynomial in one symbol, None if it is none."""
    if _terms(piece) * len(piece.free_symbols) > _TERMS:
        return None
    try:
        return Poly(piece.as_numer_denom()[0], symbol)
    except PolynomialError:
        return None


def _terms(piece: Expr) -> int:
    """How many terms an expression has at most when it is multiplied out; more than :data:`_TERMS` if it has too many."""
    if isinstance(piece, Add):
        found = sum(map(_terms, piece.args))
    elif isinstance(piece, Mul):
        found = prod(map(_terms, piece.args))
    elif isinstance(piece, Pow) and isinstance(piece.exp, Integer):
        power, base = abs(int(piece.exp)), _terms(piece.base)
        found = comb(base + power - 1, power) if power <= _POWER else _TERMS + 1
    else:
        found = 1
    return min(found, _TERMS + 1)


def _zeros(polynomial: Poly | None) -> list[Expr]:
    """Zeros of a polynomial: exact if it is linear, else approximated if it has no other symbol."""
    if polynomial is None:
        return []
    if polynomial.degree() == 1:
        slope, constant = polynomial.all_coeffs()
        return [-constant / slope]
    if polynomial.degree() < 1 or polynomial.free_symbols_in_domain or polynomial.degree() > 12:
        return []
    return list(_approximated(polynomial))


def _approximated(polynomial: Poly) -> Iterable[Rational]:
    for root in polynomial.real_roots(multiple=False):
        value = root[0]
        yield value if value.is_Rational else Rational(str(value.evalf(_DIGITS)))
