"""Population quantities of many small instances: mean weights, optima, risks.

An instance has n tasks in dimension p; B instances are stacked on the first axis.  All arrays are C-contiguous float64 and
`out` is filled.  The linear systems are solved in scratch memory of one instance, which stays in the first-level cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def mean_weight(probabilities: Array, weights: Array, out: Array) -> None:
    """E[w] per instance: probabilities (B, n), weights (B, n, p, p), out (B, p, p)."""
    batch, tasks, dim = weights.shape[0], weights.shape[1], weights.shape[2]
    for b in range(batch):
        for i in range(dim):
            for j in range(dim):
                total = 0.0
                for t in range(tasks):
                    total += probabilities[b, t] * weights[b, t, i, j]
                out[b, i, j] = total


@compiled
def solve_cholesky(matrix: Array, vector: Array) -> bool:
    """Solve in place by Cholesky's factorisation of the lower triangle; False if the matrix is not positive definite."""
    dim = vector.shape[0]
    for j in range(dim):
        pivot = matrix[j, j]
        for m in range(j):
            pivot -= matrix[j, m] * matrix[j, m]
        if not pivot > 0.0:
            return False
        root = np.sqrt(pivot)
        matrix[j, j] = root
        for i in range(j + 1, dim):
            total = matrix[i, j]
            for m in range(j):
                total -= matrix[i, m] * matrix[j, m]
            matrix[i, j] = total / root
    for i in range(dim):
        total = vector[i]
        for m in range(i):
            total -= matrix[i, m] * vector[m]
        vector[i] = total / matrix[i, i]
    for i in range(dim - 1, -1, -1):
        total = vector[i]
        for m in range(i + 1, dim):
            total -= matrix[m, i] * vector[m]
        vector[i] = total / matrix[i, i]
    return True


@compiled
def solve_pivoting(matrix: Array, vector: Array) -> None:
    """Solve in place by elimination with row pivoting; a singular matrix gives inf or nan."""
    dim = vector.shape[0]
    for j in range(dim):
        best = j
        for i in range(j + 1, dim):
            if abs(matrix[i, j]) > abs(matrix[best, j]):
                best = i
        if best != j:
            for m in range(dim):
                matrix[j, m], matrix[best, m] = matrix[best, m], matrix[j, m]
            vector[j], vector[best] = vector[best], vector[j]
        for i in range(j + 1, dim):
            factor = matrix[i, j] / matrix[j, j]
            for m in range(j + 1, dim):
                matrix[i, m] -= factor * matrix[j, m]
            vector[i] -= factor * vector[j]
    for i in range(dim - 1, -1, -1):
        total = vector[i]
        for m in range(i + 1, dim):
            total -= matrix[i, m] * vector[m]
        vector[i] = total / matrix[i, i]


@compiled
def optimum(probabilities: Array, weights: Array, optima: Array, out: Array) -> None:
    """Solve E[w] theta = E[w theta_gamma] per instance: optima (B, n, p), out (B, p).

    Cholesky first; where E[w] is not positive definite (a fixed point of an indefinite weight) elimination with pivoting.
    """
    batch, tasks, dim = weights.shape[0], weights.shape[1], weights.shape[2]
    matrix = np.empty((dim, dim))
    vector = np.empty(dim)
    for b in range(batch):
        for attempt in range(2):
            matrix[:] = 0.0
            vector[:] = 0.0
            for t in range(tasks):
                for i in range(dim):
                    for j in range(dim):
                        entry = probabilities[b, t] * weights[b, t, i, j]
                        matrix[i, j] += entry
                        vector[i] += entry * optima[b, t, j]
            if attempt == 1:
                solve_pivoting(matrix, vector)
            elif solve_cholesky(matrix, vector):
                break
        for i in range(dim):  # to assign the whole row takes three seconds to compile: numba adds the text of an error message
            out[b, i] = vector[i]


@compiled
def risk(probabilities: Array, weights: Array, optima: Array, theta: Array, out: Array) -> None:
    """Half the mean of (theta - theta_gamma)' w (theta - theta_gamma) per instance: theta (B, p), out (B,)."""
    batch, tasks, dim = weights.shape[0], weights.shape[1], weights.shape[2]
    for b in range(batch):
        total = 0.0
        for t in range(tasks):
            form = 0.0
            for i in range(dim):
                row = 0.0
                for j in range(dim):
                    row += weights[b, t, i, j] * (theta[b, j] - optima[b, t, j])
                form += (theta[b, i] - optima[b, t, i]) * row
            total += probabilities[b, t] * form
        out[b] = 0.5 * total
