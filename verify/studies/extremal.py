"""The instance on which a sharp claim is attained, as its author names it, decided exactly.

Examples
--------
>>> from theory.bounds import claim
>>> found = named(Question(claim("transfer_drs_maml")))
>>> found.lhs == found.rhs, found.outcome.value
(True, 'holds')
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Integer, sympify

from theory.notation import n, p
from verify.evidence.question import Question
from verify.evidence.replay import Replay
from verify.instances.batch import instance
from verify.instances.codes import Array
from verify.instances.families.quadratic import TaskArrays


def named(question: Question) -> Replay | None:
    """The extremal instance that a claim names, with both sides.

    Parameters
    ----------
    question : Question

    Returns
    -------
    Replay or None
        None if the claim names none, none that is made of rational numbers and tasks with quadratic losses, or is about
        something random, which no instance decides.
    """
    claim = question.claim
    if claim.sharp is None or question.random or (claim.tasks is not None and not _quadratic(question)):
        return None
    values = {symbol: _number(value) for symbol, value in claim.sharp.parameters.items()}
    if any(value is None for value in values.values()):
        return None
    tasks = _tasks(claim.sharp.tasks) if claim.sharp.tasks else None
    if claim.tasks is not None:
        number, dim = (1, 1) if tasks is None else tasks.optima.shape[1:]
        values = {p: dim, n: number, **values}
    shape = {symbol: value for symbol, value in values.items() if not isinstance(value, Fraction)}
    domains = {symbol: domain for symbol, domain in claim.parameters.items() if symbol in shape}
    # a whole number may stand for a real parameter
    real = {symbol for symbol, value in shape.items() if isinstance(value, int) and _real(domains.get(symbol))}
    whole = {symbol: Fraction(shape[symbol]) for symbol in real}
    batch = instance({**values, **whole})
    batch.tasks = tasks
    return question.decided(batch)


def _real(domain: Any) -> bool:
    return domain is not None and getattr(domain, "is_Interval", False)


def _quadratic(question: Question) -> bool:
    family = question.space.family
    return family is not None and set(family.sizes) == {p, n}


def _number(value: Any) -> Any:
    """An exact number as Python has it, a rule as it is; None for what is not rational."""
    if not isinstance(value, int | Expr):
        return value
    exact = sympify(value)
    if isinstance(exact, Integer):
        return int(exact)
    return Fraction(int(exact.p), int(exact.q)) if exact.is_Rational else None


def _row(value: Any) -> list[Fraction]:
    entries = map(sympify, value if isinstance(value, tuple) else (value,))
    return [Fraction(int(entry.p), int(entry.q)) for entry in entries]


def _tasks(entries: tuple[Mapping[str, Any], ...]) -> TaskArrays:
    """Tasks whose curvatures, or weights, are diagonal."""
    optima = [_row(entry["optimum"]) for entry in entries]
    spectra = [_row(entry.get("curvature", entry.get("A"))) for entry in entries]
    eye = np.array([[Fraction(int(i == j)) for j in range(len(optima[0]))] for i in range(len(optima[0]))], dtype=object)
    weights = {name: _diagonals([_row(entry[name]) for entry in entries]) for name in ("A", "B") if name in entries[0]}
    return TaskArrays(
        probabilities=np.array([[_row(entry["probability"])[0] for entry in entries]], dtype=object),
        optima=np.array([optima], dtype=object),
        eigenvalues=np.array([spectra], dtype=object),
        eigenvectors=np.array([[eye] * len(entries)], dtype=object),
        weights=weights,
    )


def _diagonals(rows: list[list[Fraction]]) -> Array:
    size = range(len(rows[0]))
    return np.array([[[[row[i] if i == j else Fraction(0) for j in size] for i in size] for row in rows]], dtype=object)
