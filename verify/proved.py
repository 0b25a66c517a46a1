r"""Evidence by proof: identities, Bernstein coefficients and two solvers, for claims about numbers.

A claim becomes polynomial statements on the unit cube (:mod:`verify.proofs.normal_form`), which are factored.  Factors to an
even power are at least zero; factors of one sign are recognised by their Bernstein coefficients
(:mod:`verify.proofs.bernstein`) and leave; the product of the rest must have the sign that is left over, by Bernstein
coefficients too, or where conditions are at least zero by multipliers (:mod:`verify.proofs.multipliers`).  Zeros inside the
cube, where a sharp bound is attained, thus come out as squares.  The factors, signs, trees of halvings and multipliers are the
certificate, which :mod:`verify.replay` checks with other code.

z3 and cvc5 are asked independently, about the claim as it stands (:mod:`verify.proofs.solvers`).

Examples
--------
>>> from theory.bounds import claim
>>> proof = by_polynomials(Statement.of(claim("transfer_bound/core")))
>>> proof["method"]
'factors of one sign'
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.claim import Claim
from verify.proofs import bernstein, solvers
from verify.proofs.algebras import FlintAlgebra, Terms
from verify.proofs.certificates import Finding
from verify.proofs.multipliers import multipliers
from verify.proofs.normal_form import Case, cases
from verify.proofs.statement import Statement, Unprovable, cells

#: halvings spent on finding out that a single factor has one sign
_FACTOR_BOXES = 64

#: questions that are put to a solver at most
_MOST_QUESTIONS = 8

Certificate = dict[str, Any]


def gather(claim: Claim, deadline: float = float("inf")) -> Finding:
    """Try to prove a claim, by polynomials and by both solvers.

    Parameters
    ----------
    claim : Claim
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    verify.proofs.certificates.Finding
        Its detail names every method that proved the claim, and says where solvers differ.
    """
    try:
        statement = Statement.of(claim)
    except Unprovable as reason:
        return Finding(False, f"not proved: {reason}")
    parts: Certificate = {}
    try:
        parts["polynomials"] = by_polynomials(statement, deadline)
        said = [parts["polynomials"]["method"]]
    except (Unprovable, TypeError, ZeroDivisionError) as reason:
        said = [f"not by polynomials: {reason}"]
    questions = _questions(statement)
    answers = {name: _asked(name, questions, deadline) for name in solvers.SOLVERS} if questions else {}
    agreed = [{"solver": name, "questions": questions} for name, answer in answers.items() if answer.answer == "unsat"]
    if agreed:
        parts["solvers"] = agreed
    said += _said(answers)
    # a violation that one method sees and another excludes is a defect of one of them, unless it lies between two integers
    exact = not _relaxable(statement)
    contradicted = bool(parts) and exact and any(answer.answer == "sat" for answer in answers.values())
    granted = bool(parts) and not contradicted
    return Finding(granted, "; ".join(said), parts if granted else {}, statement, contradicted)


def _said(answers: Mapping[str, solvers.Answer]) -> list[str]:
    """Which solvers agree, and what the others say."""
    meaning = {"sat": "sees a violation", "unknown": "does not know", "killed": "gives no answer in time"}
    named = {name: f"{name} {answer.version}".strip() for name, answer in answers.items()}
    agreed = [named[name] for name, answer in answers.items() if answer.answer == "unsat"]
    proves = [f"{' and '.join(agreed)} {'agree' if len(agreed) > 1 else 'agrees'}"] if agreed else []
    others = [(named[name], answer.answer) for name, answer in answers.items() if answer.answer != "unsat"]
    return proves + [f"{name} {meaning.get(answer, answer)}" for name, answer in others]


def _questions(statement: Statement) -> list[str]:
    """The questions to a solver, none if the claim cannot be put into them."""
    try:
        chosen = cells(statement, relaxed=True)
        if len(chosen) > _MOST_QUESTIONS:
            return []
        return [solvers.script(statement, integers) for integers in chosen]
    except (Unprovable, TypeError):
        return []


def _asked(name: str, questions: Sequence[str], deadline: float) -> solvers.Answer:
    """The first answer that is not unsat, if there is one."""
    answer = solvers.Answer("killed")
    for question in questions:
        left = deadline - time.monotonic()
        if left < 1:
            return solvers.Answer("killed")
        answer = solvers.ask(name, question, min(solvers.PATIENCE, left))
        if answer.answer != "unsat":
            break
    return answer


def by_polynomials(statement: Statement, deadline: float = float("inf")) -> Certificate:
    """A proof in exact rationals.

    Parameters
    ----------
    statement : Statement
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    dict
        ``method``, ``relaxed`` (whether integers were treated as reals) and ``cells``: the values of the other integers and
        the factors of every case, as JSON can hold them.

    Raises
    ------
    Unprovable
        If no proof is found, with the reason.
    """
    reasons = []
    for relaxed in (True, False):
        try:
            chosen = cells(statement, relaxed)
            found = [_cell(statement, integers, deadline) for integers in chosen]
        except Unprovable as reason:
            reasons.append(str(reason))
            if not any(_relaxable(statement)):
                break
            continue
        return {"method": _method(statement, found), "relaxed": relaxed, "cells": found}
    raise Unprovable(reasons[-1])


def _relaxable(statement: Statement) -> list[Any]:
    from sympy import Range

    counts = statement.counts()
    return [s for s, domain in statement.parameters.items() if isinstance(domain, Range) and s not in counts]


def _method(statement: Statement, found: Sequence[Certificate]) -> str:
    if statement.relation == "==":
        return "identity"
    cases = [case for cell in found for case in cell["cases"] if case["goal"] is not None]
    if any("multipliers" in case for case in cases):
        return "multipliers"
    halved = any(len(case["rest"]) > 1 or case["tree"] != [bernstein.HOLDS] for case in ({**c["goal"], **c} for c in cases))
    return "Bernstein coefficients" if halved else "factors of one sign"


def _cell(statement: Statement, integers: dict[Any, int], deadline: float) -> Certificate:
    if time.monotonic() > deadline:
        raise Unprovable("time ran out")
    proofs = []
    for case in cases(statement, integers, FlintAlgebra):
        proof = _identity(case) if statement.relation == "==" else _inequality(case, deadline)
        if proof is None:
            where = ", ".join(f"{symbol} = {value}" for symbol, value in integers.items())
            late = time.monotonic() > deadline
            raise Unprovable(("time ran out" if late else "no proof was found") + (f" for {where}" if where else ""))
        proofs.append({"decisions": list(case.decisions), **proof})
    return {"integers": {str(symbol): value for symbol, value in integers.items()}, "cases": proofs}


def _identity(case: Case) -> Certificate | None:
    return None if case.goal else {"conditions": [], "goal": None}


def _inequality(case: Case, deadline: float) -> Certificate | None:
    """Factors of the conditions and of the goal, and why what is left of the goal is at least zero."""
    if not case.goal:
        return {"conditions": [], "goal": None}
    conditions, limits = [], []
    for condition in case.conditions:
        factors, left = _factored(condition, [], deadline)
        conditions.append(factors)
        limits.append(left)
    goal, left = _factored(case.goal, limits, deadline)
    found = {"conditions": conditions, "goal": goal}
    if limits and (weights := multipliers(left, limits)):
        return {**found, **weights}
    tree = bernstein.nonnegative(left, limits, deadline=deadline)
    return None if tree is None else {**found, "tree": tree}


def _factored(polynomial: Terms, limits: Sequence[Terms], deadline: float) -> tuple[Certificate, Terms]:
    """A polynomial's constant, factors of one sign, and the rest; and the rest with the sign that the others leave to it."""
    algebra = FlintAlgebra(len(next(iter(polynomial))))
    constant, factors = algebra.polynomial(polynomial).factor()
    definite, sign, rest = [], 1 if constant > 0 else -1, algebra.one
    for factor, multiplicity in factors:
        terms = algebra.terms(factor)
        odd, here, tree = int(multiplicity) % 2, _sign_at_centre(terms), None
        if odd and here:
            tree = bernstein.nonnegative(_times(here, terms), limits, most=_FACTOR_BOXES, deadline=deadline)
        if tree is not None:
            definite.append(_factor(terms, int(multiplicity), here, tree))
            sign *= here
            continue
        if multiplicity > 1:
            definite.append(_factor(terms, int(multiplicity) - odd, 1, []))
        if odd:
            rest *= factor
    left = algebra.terms(rest)
    found = {"constant": str(Fraction(int(constant.p), int(constant.q))), "definite": definite, "rest": _listed(left)}
    return found, _times(sign, left)


def _factor(terms: Terms, multiplicity: int, sign: int, tree: list[int]) -> Certificate:
    return {"polynomial": _listed(terms), "multiplicity": multiplicity, "sign": sign, "tree": tree}


def _listed(terms: Terms) -> list[Any]:
    return [[list(exponents), str(value)] for exponents, value in sorted(terms.items())]


def _times(sign: int, terms: Terms) -> Terms:
    return {exponents: sign * value for exponents, value in terms.items()}


def _sign_at_centre(terms: Terms) -> int:
    value = sum((value / 2 ** sum(exponents) for exponents, value in terms.items()), Fraction(0))
    return (value > 0) - (value < 0)
