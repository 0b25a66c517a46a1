"""Kernel machines at a few training points, and laws of single examples to adapt on.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["kernel_task"].decode(Codes(np.zeros((1, 9), int), 2, exact=True), {points: 1})
>>> made.eigenvalues.tolist(), made.miss.tolist()
([[Fraction(1, 1)]], [[Fraction(1, 1)]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import n, p, points
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family


@dataclass
class KernelMachines:
    """A batch of functions with a kernel.

    Attributes
    ----------
    eigenvectors : array (batch, n, n)
        Of the kernel matrix, in columns.
    eigenvalues : array (batch, n)
        From 1/16 to 1.
    miss, cross : array (batch, n)
        f - Y at the training points, and the kernel's values between these and another point.
    """

    eigenvectors: Array
    eigenvalues: Array
    miss: Array
    cross: Array


@dataclass
class Examples:
    """A batch of laws of one example.

    Attributes
    ----------
    probabilities : array (batch, n)
    features : integer array (batch, n, p)
        x.
    gap : integer array (batch, p)
        From the optimum to the parameter.
    """

    probabilities: Array
    features: NDArray[np.int64]
    gap: NDArray[np.int64]


def _kernel_task(codes: Codes, values: Values) -> KernelMachines:
    number = values[points]
    return KernelMachines(
        codes.rotations(1, number)[:, 0],
        1 - codes.ratio(15, 16) * codes.unit(number),
        1 - 2 * codes.unit(number),
        1 - 2 * codes.unit(number),
    )


def _one_example(codes: Codes, values: Values) -> Examples:
    number, size = values[n], values[p]
    # directions of small integers at lengths of 1, 2, 4 and 8
    directions = codes.signs(number, size) * codes.integers(number, size, most=3)
    scales = 1 << codes.integers(number, 1, most=3)
    gap = codes.signs(size) * codes.integers(size, most=4)
    return Examples(codes.probabilities(number), directions * scales, gap)


def _rare_example(codes: Codes, values: Values) -> Examples:
    """x = (8, 24) with probability 1/64 and (1, -2) otherwise, d = (4, -1), whatever the codes."""
    many = len(codes)
    chances = np.broadcast_to(codes.ratio(np.array([1, 63]), 64), (many, 2))
    features = np.broadcast_to(np.array([[8, 24], [1, -2]]), (many, 2, 2))
    return Examples(np.array(chances), np.array(features), np.array(np.broadcast_to(np.array([4, -1]), (many, 2))))


FAMILIES = {
    "kernel_task": Family(
        "kernel_task", "a function, its targets and a positive definite kernel", _kernel_task, {points: Range(1, 5)}
    ),
    "one_example": Family(
        "one_example", "a law of single examples without noise", _one_example, {p: Range(1, 4), n: Range(1, 5)}
    ),
    "rare_example": Family("rare_example", "one law of two examples, of which one is large and rare", _rare_example),
}
