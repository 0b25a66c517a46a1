"""Sequences of linear losses, spreads of tasks, and tasks with a common preconditioner.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["unit_losses"].decode(Codes(np.zeros((1, 4), int), 2, exact=True), {p: 2, T: 1})
>>> made.losses.tolist()
[[[Fraction(0, 1), Fraction(0, 1)]]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Range

from theory.notation import T, n, p
from verify.instances.codes import Array, Codes, Values, congruence
from verify.instances.family import Family


@dataclass
class LinearLosses:
    """A batch of runs of a diagonal quadratic map.

    Attributes
    ----------
    scales : array (batch, p)
        Diagonal of P, positive.
    losses : array (batch, T, p)
    start, comparator : array (batch, p)
    """

    scales: Array
    losses: Array
    start: Array
    comparator: Array


@dataclass
class UnitLosses:
    """A batch of sequences of losses between 0 and 1.

    Attributes
    ----------
    losses : array (batch, T, p)
    """

    losses: Array


@dataclass
class Spreads:
    """A batch of second moments of distances and of gradients, and a quadratic map.

    Attributes
    ----------
    spread, slopes, matrix : array (batch, p, p)
        A, G and P, positive definite.
    """

    spread: Array
    slopes: Array
    matrix: Array


@dataclass
class Preconditioned:
    """A batch of task distributions with a common preconditioner Pi = S S'.

    Attributes
    ----------
    probabilities : array (batch, n)
    optima : array (batch, n, p)
    curvatures : array (batch, n, p, p)
        Q, made so that S'QS has the eigenvalues mu.
    eigenvalues : array (batch, n, p)
        mu, the eigenvalues of Pi Q.
    preconditioner : array (batch, p, p)
        Pi.
    """

    probabilities: Array
    optima: Array
    curvatures: Array
    eigenvalues: Array
    preconditioner: Array


def _linear(codes: Codes, values: Values) -> LinearLosses:
    size, steps = values[p], values[T]
    scales = 1 - codes.ratio(7, 8) * codes.unit(size)
    losses, start, comparator = (1 - 2 * codes.unit(*shape) for shape in ((steps, size), (size,), (size,)))
    return LinearLosses(scales, losses, start, 4 * comparator)


def _unit(codes: Codes, values: Values) -> UnitLosses:
    return UnitLosses(codes.unit(values[T], values[p], bits=2))


def _positive(codes: Codes, size: int) -> Array:
    return congruence(codes.rotations(1, size)[:, 0], 1 - codes.ratio(15, 16) * codes.unit(size))


def _spreads(codes: Codes, values: Values) -> Spreads:
    size = values[p]
    return Spreads(_positive(codes, size), _positive(codes, size), 4 * _positive(codes, size))


def _preconditioned(codes: Codes, values: Values) -> Preconditioned:
    size, number = values[p], values[n]
    eigenvalues = 1 - codes.ratio(63, 64) * codes.unit(number, size)
    turned = congruence(codes.rotations(number, size), eigenvalues)  # S'QS
    basis, scales = codes.rotations(1, size)[:, 0], 1 + 3 * codes.unit(size)
    back = basis * (1 / scales)[:, None, :]  # S^{-T}
    curvatures = back[:, None] @ turned @ np.swapaxes(back, -1, -2)[:, None]
    return Preconditioned(
        codes.probabilities(number),
        codes.points(number, size),
        curvatures,
        eigenvalues,
        congruence(basis, scales * scales),
    )


FAMILIES = {
    "linear_losses": Family(
        "linear_losses", "runs of a diagonal quadratic map on linear losses", _linear, {p: Range(1, 5), T: Range(1, 9)}
    ),
    "unit_losses": Family(
        "unit_losses",
        "losses of arms between 0 and 1",
        _unit,
        {p: Range(2, 7), T: Range(1, 9)},
        holds=lambda run, values: all(0 <= loss <= 1 for loss in run.losses.ravel()),
    ),
    "spreads": Family("spreads", "second moments of distances and gradients", _spreads, {p: Range(1, 5)}),
    "preconditioned": Family(
        "preconditioned", "tasks with a common preconditioner", _preconditioned, {p: Range(1, 4), n: Range(1, 6)}
    ),
}
