r"""Signs of polynomials on the unit cube by their Bernstein coefficients, in integers.

A polynomial of degree n_i in the i-th variable is a combination of products of B_{j,n}(t) = C(n,j) t^j (1-t)^{n-j}, which are
positive inside the cube and sum to one; its coefficients in them bound it, and those at the corners are its values there.  If
they all are at least zero, so is the polynomial.  If not, the cube is halved, which costs sums only (de Casteljau), and the
coefficients come closer to the values.  A proof is the tree of halvings (:mod:`verify.proofs.trees`): a leaf holds if the
polynomial's coefficients are at least zero, and is outside if those of a condition are at most zero and not all zero, so that
the condition fails inside.

Coefficients fail at zeros inside the cube, however small the boxes: factor first (:mod:`verify.proofs.proved`).

Examples
--------
>>> nonnegative({(2,): Fraction(1), (1,): Fraction(-1), (0,): Fraction(3, 10)})     # t^2 - t + 0.3
[0, -1, -1]
>>> nonnegative({(1,): Fraction(1), (0,): Fraction(-1, 2)}) is None                 # t - 1/2
True
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import comb, gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.proofs.algebras import Terms
from verify.proofs.trees import HOLDS, OUTSIDE

#: boxes after which a proof is given up, unless told otherwise
MOST_BOXES = 4000

Tensor = NDArray[Any]


def coefficients(terms: Terms) -> Tensor:
    """Bernstein coefficients on the unit cube, times one positive integer that makes them integers.

    Parameters
    ----------
    terms : dict
        Exponents to coefficient, not empty.

    Returns
    -------
    array of int, shape (n_1 + 1, ..., n_d + 1)
    """
    shape = tuple(int(degree) + 1 for degree in np.array(list(terms)).max(axis=0))
    scale = reduce(lcm, (value.denominator for value in terms.values()))
    tensor = np.zeros(shape, dtype=object)
    for exponents, value in terms.items():
        tensor[exponents] = int(value * scale)
    for axis, size in enumerate(shape):
        n = size - 1
        common = reduce(lcm, (comb(n, i) for i in range(size)), 1)
        # b_i = sum_j C(i,j)/C(n,j) a_j, times the common multiple of the C(n,j)
        matrix = np.array([[common * comb(i, j) // comb(n, j) for j in range(size)] for i in range(size)], dtype=object)
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)
    return _reduced(tensor)


def _reduced(tensor: Tensor) -> Tensor:
    common = reduce(gcd, tensor.ravel().tolist())
    return tensor // common if common > 1 else tensor


def halves(tensor: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Coefficients on the lower and the upper half of the box along an axis, times a power of two."""
    row = np.moveaxis(tensor, axis, 0)
    n = row.shape[0] - 1
    lower, upper = np.empty_like(row), np.empty_like(row)
    for level in range(n + 1):
        lower[level] = row[0] * 2 ** (n - level)
        upper[n - level] = row[-1] * 2 ** (n - level)
        row = row[:-1] + row[1:]
    return np.moveaxis(lower, 0, axis), np.moveaxis(upper, 0, axis)


def _corners(tensor: Tensor) -> Tensor:
    """The values at the corners, one axis of length two per variable."""
    return tensor[np.ix_(*((0, size - 1) for size in tensor.shape))]


def _fails_somewhere(goal: Tensor, conditions: Sequence[Tensor]) -> bool:
    """Whether the goal is negative at a corner at which every condition holds strictly."""
    failed = _corners(goal) < 0
    for condition in conditions:
        failed = failed & (_corners(condition) > 0)
    return bool(np.any(failed))


def _mark(goal: Tensor, conditions: Sequence[Tensor]) -> int | None:
    """What is settled on a box, if anything."""
    if np.all(goal >= 0):
        return HOLDS
    for index, condition in enumerate(conditions):
        if np.all(condition <= 0) and np.any(condition < 0):
            return OUTSIDE - index
    return None


def _steepest(tensors: Sequence[Tensor]) -> int:
    """The axis along which the polynomials vary most, relative to their size."""
    score = np.zeros(tensors[0].ndim)
    for tensor in tensors:
        size = max(map(abs, tensor.ravel().tolist())) or 1
        for axis in range(tensor.ndim):
            if tensor.shape[axis] > 1:
                score[axis] += float(Fraction(int(np.abs(np.diff(tensor, axis=axis)).max()), size))
    return int(score.argmax())


def nonnegative(
    goal: Terms, conditions: Sequence[Terms] = (), *, most: int = MOST_BOXES, deadline: float = float("inf")
) -> list[int] | None:
    """A proof that a polynomial is at least zero on the unit cube where the conditions hold.

    Parameters
    ----------
    goal : dict
        Exponents to coefficient.
    conditions : sequence of dict
        Polynomials; what is to be shown may fail where one of them is negative.
    most : int
        Boxes after which to give up.
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    list of int or None
        The tree of halvings; None if there is a corner at which it is false, or none was found.
    """
    if not goal:
        return [HOLDS]
    fixed = [coefficients(condition) for condition in conditions if condition]
    indices = [index for index, condition in enumerate(conditions) if condition]
    waiting: list[tuple[Tensor, list[Tensor]]] = [(coefficients(goal), fixed)]
    tree: list[int] = []
    while waiting:
        here, limits = waiting.pop()
        mark = _mark(here, limits)
        if mark is not None:
            tree.append(mark if mark == HOLDS else OUTSIDE - indices[OUTSIDE - mark])
            continue
        if _fails_somewhere(here, limits) or len(tree) >= most or time.monotonic() > deadline:
            return None
        axis = _steepest([here, *limits])
        tree.append(axis)
        low, high = halves(here, axis)
        split = [halves(limit, axis) for limit in limits]
        waiting.append((high, [pair[1] for pair in split]))
        waiting.append((low, [pair[0] for pair in split]))
    return tree
