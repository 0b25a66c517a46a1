r"""Mirror steps of a diagonal quadratic map, and the least regret bound of all quadratic maps, exactly.

>>> from fractions import Fraction as F
>>> diagonal_path([F(2)], [[F(1)], [F(-1)]], [F(0)], F(1))
[[Fraction(0, 1)], [Fraction(-1, 2)], [Fraction(0, 1)]]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from sympy import QQ, Matrix, Poly, Rational, Symbol
from sympy.polys.matrices import DomainMatrix

from theory.instances import NoValue


def diagonal_path(
    scales: Sequence[Any], gradients: Sequence[Sequence[Any]], start: Sequence[Any], rate: Any
) -> list[list[Any]]:
    """Points w_1, ..., w_{T+1} of the steps w <- w - rate P^{-1} g with the diagonal map P."""
    path = [list(start)]
    for slope in gradients:
        path.append([w - rate * g / p for w, g, p in zip(path[-1], slope, scales, strict=True)])
    return path


def multiplicative_path(boosts: Sequence[Sequence[Any]], start: Sequence[Any]) -> list[list[Any]]:
    """Points of multiplicative weights whose entries are multiplied by given factors at each step, and normalised.

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> multiplicative_path([[F(1), F(3)]], [F(1, 2), F(1, 2)])[1]
    [Fraction(1, 4), Fraction(3, 4)]
    """
    path = [list(start)]
    for factors in boosts:
        raised = [w * f for w, f in zip(path[-1], factors, strict=True)]
        total = sum(raised[1:], raised[0])
        path.append([w / total for w in raised])
    return path


def eigenvalue_brackets(matrix: Matrix, digits: int = 40) -> list[tuple[Fraction, Fraction]]:
    """Rational brackets of the eigenvalues of a matrix that has real ones, each as often as it counts.

    Examples
    --------
    >>> eigenvalue_brackets(Matrix([[2, 1], [1, 2]]))
    [(Fraction(1, 1), Fraction(1, 1)), (Fraction(3, 1), Fraction(3, 1))]
    """
    at = Symbol("at")
    brackets = []
    for (low, high), multiplicity in Poly(matrix.charpoly(at).as_expr(), at).intervals(eps=Rational(1, 10**digits)):
        ends = (Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q)))
        brackets += [ends] * multiplicity
    return brackets


def squared_roots(spread: Matrix, slopes: Matrix) -> list[tuple[Fraction, Fraction]]:
    r"""Rational brackets of the eigenvalues of A G, whose roots add up to :math:`\operatorname{tr}(A^{1/2}GA^{1/2})^{1/2}`.

    Examples
    --------
    >>> squared_roots(Matrix([[4]]), Matrix([[1]]))
    [(Fraction(4, 1), Fraction(4, 1))]
    """
    return eigenvalue_brackets(spread * slopes)


def step_risk(chances: Sequence[Any], curvatures: Sequence[Matrix], gaps: Sequence[Matrix], kind: str) -> Any:
    """Least mean risk after one step d -> d - Pi Q d, over all matrices Pi, over the symmetric ones, or over rates.

    Parameters
    ----------
    chances, curvatures, gaps : sequence
        Of the tasks: probability, Q and d, from the optimum to the parameter.
    kind : {"matrix", "symmetric", "rate"}

    Raises
    ------
    NoValue
        If the best matrix is not unique.

    Examples
    --------
    >>> step_risk([1], [Matrix([[2]])], [Matrix([3])], "rate")
    0
    """
    size = range(gaps[0].rows)
    # the places of the ones in each matrix of a basis
    places = {
        "matrix": [{(i, j)} for i in size for j in size],
        "symmetric": [{(i, j), (j, i)} for i in size for j in size if i <= j],
        "rate": [{(i, i) for i in size}],
    }[kind]
    basis = [DomainMatrix([[QQ(int((i, j) in ones)) for j in size] for i in size], (len(size),) * 2, QQ) for ones in places]
    # task by task, all basis matrices' moves as the columns of one matrix
    systems, rights, start = [], [], QQ(0)
    for chance, curvature, gap in zip(chances, curvatures, gaps, strict=True):
        q, d = (DomainMatrix.from_Matrix(each).convert_to(QQ) for each in (curvature, gap))
        share, slope = QQ.from_sympy(Rational(chance)), q * d
        moved = (basis[0] * slope).hstack(*(step * slope for step in basis[1:]))
        systems.append(share * (moved.transpose() * q * moved))
        rights.append(share * (moved.transpose() * slope))
        start += share * (d.transpose() * slope)[0, 0].element
    system, right = (reduce(add, parts) for parts in (systems, rights))
    if not system.det():
        raise NoValue("the best matrix of a step is not unique")
    return Rational((start - (right.transpose() * system.lu_solve(right))[0, 0].element) / 2)
