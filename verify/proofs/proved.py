r"""Evidence by proof: identities, Bernstein coefficients and two solvers, for claims about numbers.

A claim becomes polynomial statements on the unit cube (:mod:`verify.proofs.normal_form`), which are factored
(:mod:`verify.proofs.factors`); the signs of factors and of what is left are seen in Bernstein coefficients
(:mod:`verify.proofs.bernstein`), or where conditions are at least zero by multipliers (:mod:`verify.proofs.multipliers`).
:mod:`verify.replay` checks the certificate with other code.

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

from theory.claim import Claim
from verify.evidence.result import Evidence
from verify.proofs import bernstein, solvers
from verify.proofs.factors import Certificate, by_factors
from verify.proofs.points import of_models
from verify.proofs.statement import Fixed, Statement, Unprovable, cells
from verify.proofs.trees import HOLDS
from verify.quantities import QUANTITIES, Quantity

#: questions that are put to a solver at most
_MOST_QUESTIONS = 8


def gather(claim: Claim, deadline: float = float("inf"), quantities: Mapping[str, Quantity] = QUANTITIES) -> Evidence:
    """Try to prove a claim, by polynomials and by both solvers.

    Parameters
    ----------
    claim : Claim
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    quantities : mapping
        What the claim's symbols may be measured by.

    Returns
    -------
    Evidence
        Its detail names every method that proved the claim, and says where solvers differ.
    """
    try:
        statement = Statement.of(claim, quantities)
    except Unprovable as reason:
        return Evidence.of_proof(f"not proved: {reason}")
    parts: Certificate = {}
    try:
        parts["polynomials"] = by_polynomials(statement, deadline)
        said = [parts["polynomials"]["method"]]
    except (Unprovable, TypeError, ArithmeticError, RecursionError) as reason:
        said = [f"not by polynomials: {reason}"]
    chosen, questions = _questions(statement)
    answers = {name: _asked(name, questions, deadline) for name in solvers.SOLVERS} if questions else {}
    suspects = [
        point
        for answer, index in answers.values()
        if answer.answer == "sat"
        for point in of_models(statement, chosen[index], answer.models)
    ]
    agreed = [{"solver": name, "questions": questions} for name, (answer, _) in answers.items() if answer.answer == "unsat"]
    if agreed:
        parts["solvers"] = agreed
    said += _said({name: answer for name, (answer, _) in answers.items()})
    # a violation that one method sees and another excludes is a defect of one of them, unless it lies between two integers
    exact = not statement.relaxable()
    denied = exact and any(answer.answer == "sat" for answer, _ in answers.values())
    contradicted = bool(parts) and (bool(suspects) or denied)
    granted = bool(parts) and not contradicted
    return Evidence.of_proof(
        "; ".join(said),
        parts if granted else {},
        statement=statement,
        denied=denied,
        contradicted=contradicted,
        suspects=suspects,
    )


def _said(answers: Mapping[str, solvers.Answer]) -> list[str]:
    """Which solvers agree, and what the others say."""
    meaning = {"sat": "sees a violation", "unknown": "does not know", "killed": solvers.LATE}
    named = {name: f"{name} {answer.version}".strip() for name, answer in answers.items()}
    agreed = [named[name] for name, answer in answers.items() if answer.answer == "unsat"]
    proves = [f"{' and '.join(agreed)} {'agree' if len(agreed) > 1 else 'agrees'}"] if agreed else []
    others = [(named[name], answer.answer) for name, answer in answers.items() if answer.answer != "unsat"]
    return proves + [f"{name} {meaning.get(answer, answer)}" for name, answer in others]


def _questions(statement: Statement) -> tuple[list[Fixed], list[str]]:
    """The questions to a solver and the cells that they are about, none if the claim cannot be put into them."""
    try:
        chosen = cells(statement, relaxed=True)
        if len(chosen) > _MOST_QUESTIONS:
            return [], []
        return chosen, [solvers.script(statement, integers) for integers in chosen]
    except (Unprovable, TypeError):
        return [], []


def _asked(name: str, questions: Sequence[str], deadline: float) -> tuple[solvers.Answer, int]:
    """The first answer that is not unsat, if there is one, and which question it answers."""
    answer, index = solvers.Answer("killed"), 0
    for index, question in enumerate(questions):
        left = deadline - time.monotonic()
        if left < 1:
            return solvers.Answer("killed"), index
        answer = solvers.ask(name, question, min(solvers.PATIENCE, left))
        if answer.answer != "unsat":
            break
    return answer, index


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
        ``method`` beside what :func:`verify.proofs.factors.by_factors` returns.

    Raises
    ------
    Unprovable
        If no proof is found, with the reason.
    """
    reasons = []
    for relaxed in (True, False) if statement.relaxable() else (True,):
        try:
            found = by_factors(statement, bernstein.nonnegative, deadline, relaxed=relaxed)
        except Unprovable as reason:
            reasons.append(str(reason))
            continue
        return {"method": _method(statement, found["cells"]), **found}
    raise Unprovable(reasons[-1])


def _method(statement: Statement, found: Sequence[Certificate]) -> str:
    if statement.relation == "==":
        return "identity"
    cases = [case for cell in found for case in cell["cases"] if case["goal"] is not None]
    if any("multipliers" in case for case in cases):
        return "multipliers"
    halved = any(len(case["rest"]) > 1 or case["tree"] != [HOLDS] for case in ({**c["goal"], **c} for c in cases))
    return "Bernstein coefficients" if halved else "factors of one sign"
