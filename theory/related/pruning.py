r"""Pruned contexts, exactly: what is kept, how it aligns, and the weight of a step on examples without replacement.

>>> from fractions import Fraction as F
>>> alignment([[F(-2)], [F(3, 2)], [F(3, 2)]], [0])
Fraction(-2, 3)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sympy import Matrix, Rational, eye, zeros


def dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """Inner product."""
    return sum(a * b for a, b in zip(left, right, strict=True))


def mean(vectors: Sequence[Sequence[Any]]) -> list[Any]:
    """Mean of vectors of rationals."""
    return [Fraction(sum(column)) / len(vectors) for column in zip(*vectors, strict=True)]


def largest(scores: Sequence[Any], kept: int) -> list[int]:
    """Positions of the `kept` largest, of a tie the first ones."""
    return sorted(sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:kept])


def squared_norms(gradients: Sequence[Sequence[Any]]) -> list[Any]:
    """|g_i|^2."""
    return [dot(g, g) for g in gradients]


def left_out(gradients: Sequence[Sequence[Any]], chosen: Sequence[int]) -> Any:
    """|g - (k/n) g_S|^2."""
    rest = [g for index, g in enumerate(gradients) if index not in chosen]
    if not rest:
        return Fraction(0)
    scaled = [entry * len(rest) / len(gradients) for entry in mean(rest)]
    return dot(scaled, scaled)


def alignment(gradients: Sequence[Sequence[Any]], chosen: Sequence[int]) -> Any:
    """<g, g_S>."""
    return dot(mean(gradients), mean([gradients[index] for index in chosen]))


def finite_population_weight(features: Matrix, rate: Any, kept: int, finite: bool) -> Matrix:
    """Q (I - a Q)^2 + (a^2/k) ((n - k)/(n - 1)) V of features (n, p), or without the factor of the finite population."""
    number, size = features.rows, features.cols
    q = features.T * features / number
    spread = zeros(size)
    for index in range(number):
        apart = features[index, :].T * features[index, :] - q
        spread += apart * q * apart / number
    factor = Rational(number - kept, number - 1) if finite else Rational(1)
    step = eye(size) - rate * q
    return step * q * step + rate**2 / kept * factor * spread
