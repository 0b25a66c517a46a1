r"""Polynomials that are at least zero wherever others are: multipliers found by linear programming, made exact.

If G = sum_j m_j C_j + r with m_j and r at least zero on the cube, then G >= 0 where all C_j >= 0.  Halving cannot show this
where G and a C_j vanish together; multipliers can.  With m_j and r sought among the polynomials whose Bernstein coefficients
are at least zero, this is a linear programme.  Its solution in doubles only tells which coefficients are zero; the others are
solved for in rationals.

Examples
--------
>>> x, y = (1, 0), (0, 1)
>>> goal = {x: Fraction(1), y: Fraction(-1)}                       # x - y is at least zero
>>> condition = {x: Fraction(2), y: Fraction(-2)}                  # where 2x - 2y is
>>> multipliers(goal, [condition])["multipliers"]
[[[[0, 0], '1/2']]]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import comb, prod
from typing import Any

import numpy as np

from verify.proofs.algebras import Terms

#: entries of the linear programme's matrix at most
_MOST_ENTRIES = 4_000_000
_ZERO = 1e-7

Degrees = tuple[int, ...]


def bernstein_coefficients(terms: Terms, degrees: Sequence[int] = ()) -> np.ndarray[Any, np.dtype[Any]]:
    """Bernstein coefficients on the unit cube, at will in a degree that is higher than the polynomial's, as fractions.

    Parameters
    ----------
    terms : dict
        Exponents to coefficient.
    degrees : sequence of int
        At least the polynomial's, variable by variable; by default those.
    """
    degrees = degrees or _degrees(terms)
    tensor = np.full([n + 1 for n in degrees], Fraction(0), dtype=object)
    for exponents, value in terms.items():
        tensor[exponents] = value
    for axis, n in enumerate(degrees):
        change = np.array([[Fraction(comb(i, j), comb(n, j)) for j in range(n + 1)] for i in range(n + 1)], dtype=object)
        tensor = np.moveaxis(np.tensordot(change, tensor, axes=(1, axis)), 0, axis)
    return tensor


def _degrees(terms: Terms) -> Degrees:
    return tuple(map(max, zip(*terms, strict=True)))


def multipliers(goal: Terms, conditions: Sequence[Terms]) -> dict[str, Any] | None:
    """Multipliers that show a polynomial to be at least zero on the unit cube where the conditions are.

    Parameters
    ----------
    goal : dict
        Exponents to coefficient, not empty.
    conditions : sequence of dict
        Not empty.

    Returns
    -------
    dict or None
        ``degrees``, in which the remainder's Bernstein coefficients are at least zero, and ``multipliers``, one polynomial for
        each condition, as JSON can hold them; None if there are none of these degrees.
    """
    degrees = tuple(map(max, zip(*map(_degrees, (goal, *conditions)), strict=True)))
    room = [tuple(n - d for n, d in zip(degrees, _degrees(condition), strict=True)) for condition in conditions]
    rows = prod(n + 1 for n in degrees)
    if rows * sum(prod(n + 1 for n in own) for own in room) > _MOST_ENTRIES:
        return None
    columns: list[np.ndarray[Any, np.dtype[Any]]] = []
    owners: list[tuple[int, Degrees]] = []
    for index, (condition, own) in enumerate(zip(conditions, room, strict=True)):
        coefficients = bernstein_coefficients(condition, _degrees(condition))
        for alpha in product(*(range(n + 1) for n in own)):
            columns.append(_times_basis(coefficients, alpha, own, degrees))
            owners.append((index, alpha))
    target = bernstein_coefficients(goal, degrees).ravel()
    weights = _solve(np.array(columns, dtype=object).T, target)
    if weights is None:
        return None
    found: list[Terms] = [{} for _ in conditions]
    for (index, alpha), weight in zip(owners, weights, strict=True):
        if weight:
            _add_basis(found[index], alpha, room[index], weight)
    return {
        "degrees": list(degrees),
        "multipliers": [[[list(key), str(value)] for key, value in sorted(one.items()) if value] for one in found],
    }


def _times_basis(
    coefficients: np.ndarray[Any, np.dtype[Any]], alpha: Degrees, own: Degrees, degrees: Degrees
) -> np.ndarray[Any, np.dtype[Any]]:
    """Bernstein coefficients of B_alpha times a polynomial: C(D,a) C(d,b)/C(D+d,a+b) in every variable."""
    found = np.full([n + 1 for n in degrees], Fraction(0), dtype=object)
    for beta in np.ndindex(*coefficients.shape):
        if coefficients[beta]:
            scale = Fraction(1)
            for a, b, n_own, n in zip(alpha, beta, own, degrees, strict=True):
                scale *= Fraction(comb(n_own, a) * comb(n - n_own, b), comb(n, a + b))
            found[tuple(a + b for a, b in zip(alpha, beta, strict=True))] = coefficients[beta] * scale
    return found.ravel()


def _add_basis(terms: Terms, alpha: Degrees, own: Degrees, weight: Fraction) -> None:
    """Add weight B_alpha, B_a(t) = C(D,a) t^a (1-t)^(D-a), in powers."""
    for steps in product(*(range(n - a + 1) for a, n in zip(alpha, own, strict=True))):
        value = weight
        for a, i, n in zip(alpha, steps, own, strict=True):
            value *= comb(n, a) * comb(n - a, i) * (-1) ** i
        key = tuple(a + i for a, i in zip(alpha, steps, strict=True))
        terms[key] = terms.get(key, Fraction(0)) + value


def _solve(matrix: Any, target: Any) -> list[Fraction] | None:
    """Weights at least zero with matrix @ weights <= target, exactly, if there are some."""
    from scipy.optimize import linprog

    scale = np.array([max(abs(float(entry)) for entry in column) or 1.0 for column in matrix.T])
    size = max(abs(float(entry)) for entry in target) or 1.0
    floats = matrix.astype(float) / scale
    right = target.astype(float) / size
    answer = linprog(np.ones(matrix.shape[1]), A_ub=floats, b_ub=right, method="highs-ds")
    if answer.status != 0:
        return None
    support = np.flatnonzero(answer.x > _ZERO)
    tight = np.flatnonzero(right - floats @ answer.x < _ZERO)
    weights = _exact(matrix[np.ix_(tight, support)], target[tight])
    if weights is None or any(weight < 0 for weight in weights):
        return None
    whole = [Fraction(0)] * matrix.shape[1]
    for position, weight in zip(support, weights, strict=True):
        whole[position] = weight
    used = [(position, weight) for position, weight in enumerate(whole) if weight]
    for row, bound in zip(matrix, target, strict=True):
        if sum((row[position] * weight for position, weight in used), Fraction(0)) > bound:
            return None
    return whole


def _exact(matrix: Any, target: Any) -> list[Fraction] | None:
    """The solution of a consistent system with more equations than unknowns; free unknowns are zero."""
    from flint import fmpq, fmpq_mat

    rows, columns = matrix.shape
    if columns == 0:
        return []
    entries = [fmpq(value.numerator, value.denominator) for row, b in zip(matrix, target, strict=True) for value in (*row, b)]
    if rows == 0:
        return [Fraction(0)] * columns
    reduced, rank = fmpq_mat(rows, columns + 1, entries).rref()
    solution = [Fraction(0)] * columns
    for row in range(rank):
        pivot = next(column for column in range(columns + 1) if reduced[row, column] != 0)
        if pivot == columns:
            return None
        value = reduced[row, columns]
        solution[pivot] = Fraction(int(value.p), int(value.q))
    return solution
