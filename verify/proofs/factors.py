r"""Claims about numbers by factors: a claim becomes polynomial statements on the unit cube, which are factored.

Factors to an even power are at least zero; factors of one sign are recognised as such and leave; the product of the rest must
have the sign that is left over; where conditions are at least zero, by multipliers of theirs (:mod:`verify.proofs.multipliers`)
if there are some.  Zeros inside the cube, where a sharp bound is attained, thus come out as squares, and unbounded domains as
factors 1 - t of denominators.  How the sign of a factor, or of what is left, is recognised is the *method*: Bernstein
coefficients (:mod:`verify.proofs.proved`) or balls (:mod:`verify.proofs.certified`).  Factors, signs, multipliers and trees of
halvings are the certificate.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.proofs import bernstein
>>> proof = by_factors(Statement.of(claim("transfer_bound/core")), bernstein.nonnegative)
>>> proof["relaxed"], len(proof["cells"]), complete(proof)
(True, 1, True)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

from verify.proofs.algebras import FlintAlgebra, Terms
from verify.proofs.formulas import MOST_DIGITS
from verify.proofs.multipliers import multipliers
from verify.proofs.normal_form import Case, cases
from verify.proofs.statement import Statement, Unprovable, cells
from verify.proofs.trees import OPEN, Tree

#: halvings spent on finding out that a single factor has one sign
_FACTOR_BOXES = 64

Certificate = dict[str, Any]
_MOST = 10**MOST_DIGITS


class Method(Protocol):
    """How a polynomial is seen to be at least zero on the unit cube where conditions are."""

    def __call__(
        self, goal: Terms, conditions: Sequence[Terms] = (), *, most: int = ..., deadline: float = ...
    ) -> Tree | list[int] | None:
        """A tree of halvings, perhaps with open leaves; None if the goal is seen to be negative, or nothing was found."""
        ...


def by_factors(
    statement: Statement,
    method: Method,
    deadline: float = float("inf"),
    *,
    relaxed: bool = True,
) -> Certificate:
    """A proof in exact rationals up to the signs that a method sees.

    Parameters
    ----------
    statement : Statement
    method : Method
    deadline : float
        Value of ``time.monotonic()`` after which to give up.
    relaxed : bool
        Whether integers that are no exponents become reals.

    Returns
    -------
    dict
        ``relaxed`` and ``cells``: the values of the other integers and the factors of every case, as JSON can hold them.

    Raises
    ------
    Unprovable
        If no proof is found, with the reason.
    """
    prover = _Prover(method, deadline)
    found = [_cell(statement, integers, prover) for integers in cells(statement, relaxed=relaxed)]
    return {"relaxed": relaxed, "cells": found}


def trees(proof: Mapping[str, Any]) -> Iterator[Sequence[int | None]]:
    """The trees of halvings that settle what is left of each case's goal."""
    for cell in proof["cells"]:
        yield from (case["tree"] for case in cell["cases"] if "tree" in case)


def complete(proof: Mapping[str, Any]) -> bool:
    """Whether no leaf is open."""
    return not any(OPEN in tree for tree in trees(proof))


class _Prover:
    """Treats cases by one method, up to one deadline."""

    def __init__(self, method: Method, deadline: float) -> None:
        self.method, self.deadline = method, deadline

    def inequality(self, case: Case) -> Certificate | None:
        """Factors of the conditions and of the goal, and why what is left of the goal is at least zero."""
        if not case.goal:
            return {"conditions": [], "goal": None}
        conditions, limits = [], []
        for condition in case.conditions:
            if time.monotonic() > self.deadline:
                return None
            factors, left = self._factored(condition, [])
            conditions.append(factors)
            limits.append(left)
        goal, left = self._factored(case.goal, limits)
        found = {"conditions": conditions, "goal": goal}
        if limits and (weights := multipliers(left, limits)):
            return {**found, **weights}
        tree = self.method(left, limits, deadline=self.deadline)
        return None if tree is None else {**found, "tree": tree}

    def _factored(self, polynomial: Terms, limits: Sequence[Terms]) -> tuple[Certificate, Terms]:
        """A polynomial's constant, factors of one sign and rest; and the rest with the sign that the others leave to it."""
        algebra = FlintAlgebra(len(next(iter(polynomial))))
        constant, factors = algebra.polynomial(polynomial).factor()
        definite, sign, rest = [], 1 if constant > 0 else -1, algebra.one
        for factor, multiplicity in factors:
            terms = algebra.terms(factor)
            odd, here, tree = int(multiplicity) % 2, _sign_at_centre(terms), None
            if odd and here:
                tree = self.method(_times(here, terms), limits, most=_FACTOR_BOXES, deadline=self.deadline)
            if tree is not None and OPEN not in tree:
                definite.append(_factor(terms, int(multiplicity), here, tree))
                sign *= here
                continue
            if multiplicity > 1:
                definite.append(_factor(terms, int(multiplicity) - odd, 1, []))
            if odd:
                rest *= factor
        left = algebra.terms(rest)
        factor = Fraction(int(constant.p), int(constant.q))
        if max(abs(factor.numerator), factor.denominator) >= _MOST:
            raise Unprovable(f"a polynomial has numbers of more than {MOST_DIGITS} digits")
        found = {"constant": str(factor), "definite": definite, "rest": _listed(left)}
        return found, _times(sign, left)


def _cell(statement: Statement, integers: dict[Any, Any], prover: _Prover) -> Certificate:
    if time.monotonic() > prover.deadline:
        raise Unprovable("time ran out")
    proofs = []
    for case in cases(statement, integers, FlintAlgebra, prover.deadline):
        proof = _identity(case) if statement.relation == "==" else prover.inequality(case)
        if proof is None:
            where = ", ".join(f"{symbol} = {value}" for symbol, value in integers.items())
            late = time.monotonic() > prover.deadline
            raise Unprovable(("time ran out" if late else "no proof was found") + (f" for {where}" if where else ""))
        proofs.append({"decisions": list(case.decisions), **proof})
    fixed = {str(symbol): value if isinstance(value, int) else str(value) for symbol, value in integers.items()}
    return {"integers": fixed, "cases": proofs}


def _identity(case: Case) -> Certificate | None:
    return None if case.goal else {"conditions": [], "goal": None}


def _factor(terms: Terms, multiplicity: int, sign: int, tree: Tree | list[int]) -> Certificate:
    return {"polynomial": _listed(terms), "multiplicity": multiplicity, "sign": sign, "tree": tree}


def _listed(terms: Terms) -> list[Any]:
    if any(max(abs(value.numerator), value.denominator) >= _MOST for value in terms.values()):
        raise Unprovable(f"a polynomial has numbers of more than {MOST_DIGITS} digits")
    return [[list(exponents), str(value)] for exponents, value in sorted(terms.items())]


def _times(sign: int, terms: Terms) -> Terms:
    return {exponents: sign * value for exponents, value in terms.items()}


def _sign_at_centre(terms: Terms) -> int:
    value = sum((value / 2 ** sum(exponents) for exponents, value in terms.items()), Fraction(0))
    return (value > 0) - (value < 0)
