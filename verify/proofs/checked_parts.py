"""The parts of a certificate that exclude violations, each checked on every value of parameters with finitely many.

Polynomials are derived anew, and on each leaf of a tree of halvings their Bernstein coefficients are computed from themselves;
boxes are evaluated again in intervals.  Sizes are bounded before numbers are built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
from sympy import FiniteSet, Integer, Range, Symbol

from verify.proofs import certified
from verify.proofs.algebras import Terms
from verify.proofs.formulas import Invalid, rational
from verify.proofs.pieces import Sign, pieces, sign
from verify.proofs.rechecked import Coefficients, Intervals, Signs, coefficients_on
from verify.proofs.statement import MOST_CELLS, Statement, cells
from verify.proofs.trees import OPEN, whole

#: terms of a polynomial, Bernstein coefficients, and leaves of a tree at most
_MOST_TERMS, _MOST_COEFFICIENTS, _MOST_LEAVES = 100_000, 500_000, 500_000


def values_of(domain: Any) -> list[Any]:
    """All values of a domain that has finitely many."""
    if isinstance(domain, FiniteSet):
        return [int(value) if isinstance(value, Integer) else value for value in domain.args]
    if not isinstance(domain, Range) or domain.size.is_infinite or domain.size > MOST_CELLS:
        raise Invalid("a proof fixes a parameter that does not have finitely many values, or too many")
    return [int(value) for value in domain]


def _assignments(statement: Statement, given: Sequence[Mapping[str, Any]]) -> list[dict[Symbol, Any]]:
    """The values that cells are for, once it is clear that no value is left out and no set taken for one number."""
    fixed = given[0] if given else {}
    if not isinstance(fixed, Mapping) or not set(fixed) <= {symbol.name for symbol in statement.parameters}:
        raise Invalid("a proof fixes what is no parameter")
    choices = {symbol: values_of(domain) for symbol, domain in statement.parameters.items() if symbol.name in fixed}
    for symbol, domain in statement.parameters.items():
        if isinstance(domain, FiniteSet) and len(domain.args) > 1 and symbol not in choices:
            raise Invalid(f"a proof leaves out that {symbol} has several values")
    if prod(map(len, choices.values())) != len(given):
        raise Invalid(f"{len(given)} values of the integers are proved; there are {prod(map(len, choices.values()))}")
    found = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    for wanted, named in zip(found, given, strict=True):
        said = {symbol.name: value if isinstance(value, int) else str(value) for symbol, value in wanted.items()}
        if any(isinstance(value, bool) for value in named.values()) or said != dict(named):
            raise Invalid(f"a proof is for other values of the integers than the next, {said}")
    return found


# --- polynomials --------------------------------------------------------------------------------------------------------------


def check_polynomials(statement: Statement, proof: Mapping[str, Any]) -> list[str]:
    """Check a proof by polynomials.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        From :func:`verify.proofs.proved.by_polynomials`.

    Returns
    -------
    list of str
        A line that says what was confirmed.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If it does not prove the statement.
    """
    boxes, _ = _cells(statement, proof, Coefficients())
    integers = [cell["integers"] for cell in proof["cells"]]
    count = f"{len(integers)} value{'s' * (len(integers) != 1)} of the integers, " if integers != [{}] else ""
    return [f"polynomials: confirmed by exact arithmetic ({count}{boxes} boxes)"]


def check_enclosures(statement: Statement, proof: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Check a certification by factors whose signs were seen in balls; parts of it may be open.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        From :func:`verify.proofs.certified.gather`.

    Returns
    -------
    (list of str, bool)
        A line that says what was confirmed, and whether that is the whole.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a leaf that is said to be settled is not, or nothing is.
    """
    signs = Intervals()
    boxes, left = _cells(statement, proof, signs)
    return certified.confirmed("enclosures", boxes, signs.open_leaves, left / len(proof["cells"]))


def check_boxes(statement: Statement, proof: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Check a cover of the claim as it stands by boxes; parts of it may be open.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        ``trees`` of a search, one for each value of the integers that are exponents and of sets of several.

    Returns
    -------
    (list of str, bool)
        A line that says what was confirmed, and whether that is the whole.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a leaf is not settled or the trees do not cover the cube.
    """
    wanted = cells(statement, relaxed=True)
    named = [{symbol.name: v if isinstance(v, int) else str(v) for symbol, v in cell.items()} for cell in wanted]
    if _assignments(statement, named) != wanted:
        raise Invalid("the values of the integers are not those of their domains")
    for tree in proof["trees"]:
        _require_tree(tree)
    return certified.recheck(statement, proof)


def _cells(statement: Statement, proof: Mapping[str, Any], signs: Signs) -> tuple[int, Fraction]:
    """Check the cases for all values of the integers; the number of boxes, and the volume that is left open."""
    given = proof["cells"]
    if not isinstance(given, list) or len(given) > MOST_CELLS:
        raise Invalid("the cells are no list of a reasonable length")
    for fixed, cell in zip(_assignments(statement, [cell["integers"] for cell in given]), given, strict=True):
        _require_decisions(cell["cases"])
        wanted = [piece for piece in pieces(statement, fixed) if not piece.zero]
        if not wanted:
            continue
        if statement.relation == "==":
            raise Invalid("the two sides differ as rational functions")
        size = max(sum(symbol not in fixed for symbol in statement.parameters), 1)
        degrees = _degrees([piece.goal for piece in wanted] + [dict(one) for piece in wanted for one in piece.conditions])
        shown = [_case(case, size, degrees, signs) for case in cell["cases"] if case["goal"] is not None]
        for piece in wanted:
            if piece.goal is None:
                raise Invalid("the statement has an exponential, of which no polynomial speaks")
            goal = sign(piece.goal)
            if not any(own == goal and conditions <= piece.conditions for own, conditions in shown):
                raise Invalid("the cases of absolute values, minima and maxima are not those of the statement")
    return signs.boxes, signs.left


def _require_decisions(given: Any) -> None:
    """The sequences of decisions are those of a whole binary tree: none is left out, none begins another."""
    told = [tuple(case["decisions"]) for case in given]
    if not all(isinstance(one, bool) for sequence in told for one in sequence) or max(map(len, told), default=0) > MOST_CELLS:
        raise Invalid("a case's decisions are none")
    begun = {sequence[:length] for sequence in told for length in range(len(sequence))}
    if len(set(told)) < len(told) or begun & set(told) or sum(Fraction(1, 2 ** len(sequence)) for sequence in told) != 1:
        raise Invalid("the cases of absolute values, minima and maxima are not all of them")


def _degrees(polynomials: Sequence[Terms | None]) -> tuple[int, ...]:
    known = [key for terms in polynomials if terms for key in terms]
    return tuple(map(max, zip(*known, strict=True))) if known else ()


def _case(claimed: Mapping[str, Any], size: int, degrees: tuple[int, ...], signs: Signs) -> tuple[Sign, frozenset[Sign]]:
    """A polynomial that is at least zero where others are, once this is confirmed, and those others."""
    reader = _Reader(size, degrees)
    limits: list[Terms] = []
    conditions: set[Sign] = set()
    for factors in claimed["conditions"]:
        own, left = reader.product(factors, [], signs)
        limits.append(left)
        conditions.add(own)
    goal, left = reader.product(claimed["goal"], limits, signs)
    if "multipliers" in claimed:
        _multipliers(left, limits, claimed, reader)
        signs.boxes += 1
    else:
        _require_tree(claimed["tree"])
        signs.check(left, limits, claimed["tree"])
    return goal, frozenset(conditions)


def _require_tree(tree: Any) -> None:
    if not isinstance(tree, list) or len(tree) > _MOST_LEAVES:
        raise Invalid("a tree of halvings is no list of a reasonable length")


class _Reader:
    """Reads polynomials of a certificate, none of which may exceed what the statement's own are made of.

    Parameters
    ----------
    size : int
        Number of variables.
    degrees : tuple of int
        The largest degrees of the statement's polynomials.
    """

    def __init__(self, size: int, degrees: tuple[int, ...]) -> None:
        self.size, self.degrees = size, degrees

    def polynomial(self, entries: Any) -> Terms:
        if not isinstance(entries, list) or len(entries) > _MOST_TERMS:
            raise Invalid("a polynomial is no list of terms, or has too many")
        terms: Terms = {}
        for exponents, value in entries:
            if not isinstance(exponents, list) or len(exponents) != self.size:
                raise Invalid("a polynomial has exponents of other variables")
            if any(type(e) is not int or not 0 <= e <= n for e, n in zip(exponents, self.degrees, strict=True)):
                raise Invalid("a polynomial has exponents that are none, or larger ones than the statement")
            if tuple(exponents) in terms:
                raise Invalid("a polynomial has two terms of the same exponents")
            terms[tuple(exponents)] = rational(value)
        return {exponents: value for exponents, value in terms.items() if value}

    def product(self, factors: Mapping[str, Any], limits: Sequence[Terms], signs: Signs) -> tuple[Sign, Terms]:
        """A product of factors, and what its sign hangs on once those of one sign are left out.

        On the zeros of those factors the two signs may differ; these have no interior (:mod:`verify.proofs.normal_form`).
        """
        constant, rest = rational(factors["constant"]), self.polynomial(factors["rest"])
        if not constant or not rest:
            raise Invalid("a product of factors is zero")
        own, found, total = (constant > 0) - (constant < 0), _times(constant, rest), list(_degrees([rest]))
        for factor in factors["definite"]:
            terms, multiplicity, its = self.polynomial(factor["polynomial"]), factor["multiplicity"], factor["sign"]
            if not terms or type(its) is not int or its not in (1, -1) or type(multiplicity) is not int or multiplicity < 1:
                raise Invalid("a factor has no terms, no sign or no multiplicity")
            if not any(here := _degrees([terms])):
                raise Invalid("a factor is a constant")
            total = [a + multiplicity * b for a, b in zip(total, here, strict=True)]
            if any(a > n for a, n in zip(total, self.degrees, strict=True)):
                raise Invalid("the factors do not multiply to what the statement says: their degree is too high")
            for _ in range(multiplicity):
                found = _multiplied(found, terms)
            if multiplicity % 2:
                _require_tree(factor["tree"])
                if OPEN in factor["tree"]:
                    raise Invalid("the sign of a factor is left open")
                signs.check(_times(Fraction(its), terms), limits, factor["tree"])
                own *= its
        return sign(found), _times(Fraction(own), rest)


def _times(constant: Fraction, terms: Terms) -> Terms:
    return {key: constant * value for key, value in terms.items() if constant * value}


def _multipliers(goal: Terms, limits: Sequence[Terms], claimed: Mapping[str, Any], reader: _Reader) -> None:
    """goal - sum of multiplier times condition, and every multiplier, have Bernstein coefficients that are at least zero."""
    degrees, remainder = claimed["degrees"], dict(goal)
    if not isinstance(degrees, list) or len(degrees) != reader.size or any(type(n) is not int or n < 0 for n in degrees):
        raise Invalid("the degrees of multipliers are none")
    if prod(n + 1 for n in degrees) > _MOST_COEFFICIENTS:
        raise Invalid("the degrees of multipliers are too high")
    cube = whole(len(degrees))
    if len(limits) != len(claimed["multipliers"]):
        raise Invalid("there are not as many multipliers as conditions")
    for limit, entries in zip(limits, claimed["multipliers"], strict=True):
        multiplier = reader.polynomial(entries)
        if not multiplier:
            continue
        if np.any(coefficients_on(multiplier, cube, degrees) < 0):
            raise Invalid("a multiplier has a negative coefficient")
        for key, value in _multiplied(multiplier, limit).items():
            remainder[key] = remainder.get(key, Fraction(0)) - value
    remainder = {key: value for key, value in remainder.items() if value}
    if remainder and np.any(coefficients_on(remainder, cube, degrees) < 0):
        raise Invalid("what the multipliers leave over has a negative coefficient")


def _multiplied(a: Terms, b: Terms) -> Terms:
    if len(a) * len(b) > 20 * _MOST_TERMS:
        raise Invalid("a product of factors has too many terms")
    found: Terms = {}
    for first, x in a.items():
        for second, y in b.items():
            key = tuple(i + j for i, j in zip(first, second, strict=True))
            found[key] = found.get(key, Fraction(0)) + x * y
    return {key: value for key, value in found.items() if value}
