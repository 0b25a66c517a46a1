r"""Deterministic annealing to first order around coinciding prototypes, and the second moment of the online recursion, exactly.

>>> from fractions import Fraction as F
>>> half = F(1, 2)
>>> first_order_step([half, half], [[F(-1)], [F(1)]], [[F(2)]], F(4))
[[Fraction(1, 2)]]
>>> mean_square(F(1), 3)
Fraction(1, 3)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any


def mean(chances: Sequence[Any], points: Sequence[Sequence[Any]]) -> list[Any]:
    """E X."""
    return [sum(c * x[i] for c, x in zip(chances, points, strict=True)) for i in range(len(points[0]))]


def curvature(chances: Sequence[Any], points: Sequence[Sequence[Any]], divergence: str) -> list[list[Any]]:
    """Second derivative at the mean of the function whose Bregman divergence is meant: diagonal."""
    centre = mean(chances, points)
    entries = [2 + 0 * m if divergence == "squared" else 1 / m for m in centre]
    return [[entry if i == j else 0 * entry for j in range(len(centre))] for i, entry in enumerate(entries)]


def first_order_step(
    chances: Sequence[Any], points: Sequence[Sequence[Any]], curved: Sequence[Sequence[Any]], temperature: Any
) -> list[list[Any]]:
    """Derivative of half the distance of two prototypes at the mean, half the mass each, after a step by it before.

    A point x shares itself by e^{-d/T}; to first order in half the distance delta its share in the first exceeds a half by
    <curvature delta, x - m>/(2 T), and the first one's mean moves by twice the covariance of that share with x.
    """
    centre = mean(chances, points)
    size = range(len(centre))
    found = [[0 * temperature for _ in size] for _ in size]
    for chance, x in zip(chances, points, strict=True):
        apart = [a - m for a, m in zip(x, centre, strict=True)]
        for j in size:
            share = sum(curved[i][j] * apart[i] for i in size) / (2 * temperature)
            for i in size:
                found[i][j] += 2 * chance * share * apart[i]
    return found


def apart(centre: Sequence[Any], prototype: Sequence[Any], point: Sequence[Any], divergence: str, logarithm: Any) -> Any:
    """d(x, mu) - d(x, m), linear in x.

    Parameters
    ----------
    centre, prototype, point : sequence of numbers
        m, mu and x.
    divergence : {"squared", "relative entropy"}
    logarithm : callable

    Examples
    --------
    >>> apart([Fraction(0)], [Fraction(1)], [Fraction(3)], "squared", None)
    Fraction(-5, 1)
    """
    if divergence == "squared":
        return sum((mu - m) * (mu + m - 2 * x) for m, mu, x in zip(centre, prototype, point, strict=True))
    return sum((mu - m - x * logarithm(mu / m) for m, mu, x in zip(centre, prototype, point, strict=True)), Fraction(0))


def two_point_step(above: Any, below: Any) -> Any:
    """Where a step takes the upper of two prototypes at mu and -mu on the points 1 and -1.

    Parameters
    ----------
    above, below : number
        e^{-(1 - mu)^2/T} and e^{-(1 + mu)^2/T}: the shares of the point 1 in the two prototypes, unnormalised.
    """
    return (above - below) / (above + below)


def mean_square(contraction: Any, steps: int) -> Any:
    """E e^2 after steps 1/t of the recursion e <- (1 - b/t) e + noise/t of unit variance, from zero."""
    found = 0 * contraction
    for t in range(1, steps + 1):
        found = (1 - contraction / t) ** 2 * found + Fraction(1, t * t)
    return found
