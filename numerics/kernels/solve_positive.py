"""Cholesky solution of one dense positive definite system in place, without allocation, at BLAS speed for large ones.

Rows are eliminated in panels; within a panel by vectorisable row operations, the remaining matrix by matrix products of panels.
An elimination whose pivot is lost to rounding is reported, not carried through.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]

#: rows eliminated together
PANEL = 32
#: systems solved together by :func:`solve_positive_together`: what a vector register or two hold
LANES = 8


@compiled
def _eliminate(matrix: Array, start: int, stop: int, floor: Array) -> bool:
    """Turn rows start..stop of the upper triangle, already reduced by the rows above, into rows of the factor U of U'U."""
    p = matrix.shape[0]
    for k in range(start, stop):
        pivot = matrix[k, k]
        if not pivot > floor[k]:
            return False
        row = matrix[k, k:p]
        inverse = 1.0 / math.sqrt(pivot)
        for j in range(p - k):
            row[j] *= inverse
        for i in range(k + 1, stop):
            factor = row[i - k]
            source = matrix[k, i:p]
            target = matrix[i, i:p]
            for j in range(p - i):
                target[j] -= factor * source[j]
    return True


@compiled
def _dot(left: Array, right: Array) -> float:
    """Inner product by eight partial sums: fast, and in one fixed order."""
    size = left.shape[0]
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = size - size % 8
    for i in range(0, whole, 8):
        s0 += left[i] * right[i]
        s1 += left[i + 1] * right[i + 1]
        s2 += left[i + 2] * right[i + 2]
        s3 += left[i + 3] * right[i + 3]
        s4 += left[i + 4] * right[i + 4]
        s5 += left[i + 5] * right[i + 5]
        s6 += left[i + 6] * right[i + 6]
        s7 += left[i + 7] * right[i + 7]
    for i in range(whole, size):
        s0 += left[i] * right[i]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


@compiled
def solve_positive(matrix: Array, vector: Array, floor: Array, scratch: Array) -> bool:
    """Solve matrix x = vector in place, reading the upper triangle.

    Parameters
    ----------
    matrix : array (p, p)
        Overwritten by its factor.
    vector : array (p,)
        Overwritten by the solution.
    floor : array (p,)
        A pivot at or below its entry means that the matrix is singular to working precision.
    scratch : array (at least 2 PANEL p,)
        Workspace.

    Returns
    -------
    bool
        False if a pivot fell to its floor; matrix and vector are then of no use.
    """
    p = matrix.shape[0]
    for start in range(0, p, PANEL):
        stop = min(start + PANEL, p)
        if not _eliminate(matrix, start, stop, floor):
            return False
        if stop == p:
            break
        rest, rows = p - stop, stop - start
        panel = scratch[: rest * rows].reshape(rest, rows)
        for i in range(rows):
            for j in range(rest):
                panel[j, i] = matrix[start + i, stop + j]
        for first in range(0, rest, PANEL):
            last = min(first + PANEL, rest)
            block = scratch[rest * rows : rest * rows + (last - first) * (rest - first)].reshape(last - first, rest - first)
            np.dot(panel[first:last], panel[first:].T, block)
            for i in range(last - first):
                target = matrix[stop + first + i, stop + first + i : p]
                source = block[i, i:]
                for j in range(target.shape[0]):
                    target[j] -= source[j]
    for k in range(p):
        vector[k] /= matrix[k, k]
        head = vector[k]
        row = matrix[k, k + 1 : p]
        rest_of = vector[k + 1 : p]
        for j in range(p - k - 1):
            rest_of[j] -= head * row[j]
    for k in range(p - 1, -1, -1):
        vector[k] = (vector[k] - _dot(matrix[k, k + 1 : p], vector[k + 1 : p])) / matrix[k, k]
    return True


@compiled
def solve_positive_together(matrices: Array, vectors: Array, floors: Array) -> None:
    """Solve LANES small systems of one size in place, each in its own lane of vector instructions.

    Parameters
    ----------
    matrices : array (p, p, LANES)
        Upper triangles are read, and overwritten by their factors.
    vectors : array (p, LANES)
        Overwritten by the solutions, nan in the lanes whose matrix is singular to working precision.
    floors : array (p, LANES)
        See :func:`solve_positive`.
    """
    p = matrices.shape[0]
    scale = np.empty(LANES)
    for k in range(p):
        for lane in range(LANES):
            pivot = matrices[k, k, lane]
            # nan spreads to the lane's solution and to nothing else
            scale[lane] = 1.0 / math.sqrt(pivot) if pivot > floors[k, lane] else np.nan
        for j in range(k, p):
            for lane in range(LANES):
                matrices[k, j, lane] *= scale[lane]
        for lane in range(LANES):
            vectors[k, lane] *= scale[lane]
        for i in range(k + 1, p):
            for j in range(i, p):
                for lane in range(LANES):
                    matrices[i, j, lane] -= matrices[k, i, lane] * matrices[k, j, lane]
            for lane in range(LANES):
                vectors[i, lane] -= matrices[k, i, lane] * vectors[k, lane]
    for k in range(p - 1, -1, -1):
        for j in range(k + 1, p):
            for lane in range(LANES):
                vectors[k, lane] -= matrices[k, j, lane] * vectors[j, lane]
        for lane in range(LANES):
            vectors[k, lane] /= matrices[k, k, lane]
