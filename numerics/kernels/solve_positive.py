"""Cholesky solution of dense positive definite systems in place: a large one by LAPACK, small ones side by side.

An elimination whose pivot is lost to rounding is reported.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.blas import factorise

Array = NDArray[np.float64]

#: systems solved together by :func:`solve_positive_together`: what a vector register or two hold
LANES = 8


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
def solve_positive(matrix: Array, vector: Array, floor: Array) -> bool:
    """Solve matrix x = vector in place, reading the lower triangle.

    Parameters
    ----------
    matrix : array (p, p)
        Overwritten by its factor.
    vector : array (p,)
        Overwritten by the solution.
    floor : array (p,)
        A pivot at or below its entry means that the matrix is singular to working precision.

    Returns
    -------
    bool
        False if a pivot fell to its floor; matrix and vector are then of no use.
    """
    p = matrix.shape[0]
    if not factorise(matrix):
        return False
    for k in range(p):
        if not matrix[k, k] * matrix[k, k] > floor[k]:
            return False
    for k in range(p):
        vector[k] = (vector[k] - _dot(matrix[k, :k], vector[:k])) / matrix[k, k]
    for k in range(p - 1, -1, -1):
        vector[k] /= matrix[k, k]
        head = vector[k]
        row = matrix[k, :k]
        for j in range(k):
            vector[j] -= head * row[j]
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
