"""Random factors of sample covariances, assembled from independent variates.

A scatter matrix of N standardised samples in p dimensions is W = A A' with A of p rows and r = min(N, p) columns.  For
Gaussian samples A is Bartlett's factor, here in its *upper* form: A[i, j] is standard normal for i < j + p - r, the square
root of a chi-square variate with N - (r - 1 - j) degrees of freedom for i = j + p - r, and zero below.  For N < p this is the
trapezoid that the RQ decomposition of the Gaussian data leaves, so that a singular Wishart matrix needs no more variates than
it has degrees of freedom.  (Bartlett 1933; Odell and Feiveson 1966.)

The two halves of a task's data stand side by side in one array of 2 r columns, the second half with its columns reversed.
A A' does not see the order of columns, and in this order the non-zero part of the rows i, i + 1, ... is one contiguous range of
columns, which is what the rotation of :mod:`numerics.kernels.haar` runs over.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def bartlett_factors(normals: Array, chi_squares: Array, samples: int, out: Array) -> None:
    """Fill `out` with Bartlett factors, scaled so that A A' is the *mean* of `samples` outer products.

    Parameters
    ----------
    normals : array (tasks, at least 2 (p r - r (r + 1) / 2))
        Standard normal variates; the first entries of each row are used.
    chi_squares : array (tasks, 2, r)
        Chi-square variates, the one in column j with samples - (r - 1 - j) degrees of freedom.
    samples : int
        Number N of samples in each half.
    out : array (tasks, p, 2 r)
        Receives both factors, the columns of the second one reversed.
    """
    tasks, p, width = out.shape
    r = width // 2
    offset = p - r
    scale = 1.0 / math.sqrt(samples)
    for t in range(tasks):
        used = 0
        row = normals[t]
        for i in range(p):
            factor = out[t, i]
            first = max(0, i - offset)
            factor[:] = 0.0
            if i >= offset:
                factor[first] = scale * math.sqrt(chi_squares[t, 0, first])
                factor[width - 1 - first] = scale * math.sqrt(chi_squares[t, 1, first])
                first += 1
            # what is above the diagonal of both halves is one stretch
            inside = factor[first : width - first]
            for j in range(inside.shape[0]):
                inside[j] = scale * row[used + j]
            used += inside.shape[0]


@compiled
def scatter_factors(points: Array, out: Array) -> None:
    """Fill `out` with factors of the mean outer product of given standardised samples.

    Parameters
    ----------
    points : array (tasks, 2, N, p)
        The samples of both halves.
    out : array (tasks, p, 2 r), r = min(N, p)
        Receives the transposed data themselves for N <= p, otherwise the upper triangular factor of their mean outer product.
    """
    tasks, p, width = out.shape
    r = width // 2
    samples = points.shape[2]
    scale = 1.0 / math.sqrt(samples)
    scatter = np.empty((p, p))
    for t in range(tasks):
        for half in range(2):
            data = points[t, half]
            if samples <= p:
                for j in range(r):
                    column = j if half == 0 else width - 1 - j
                    for i in range(p):
                        out[t, i, column] = scale * data[j, i]
                continue
            np.dot(data.T, data, scatter)
            # Cholesky's recursion from the last row upwards leaves an upper triangular factor
            for i in range(p - 1, -1, -1):
                for j in range(p - 1, i - 1, -1):
                    rest = scatter[i, j]
                    for k in range(j + 1, p):
                        rest -= scatter[i, k] * scatter[j, k]
                    scatter[i, j] = math.sqrt(max(rest, 0.0)) if i == j else rest / scatter[j, j]
            for i in range(p):
                for j in range(p):
                    column = j if half == 0 else width - 1 - j
                    out[t, i, column] = scale * scatter[i, j] if j >= i else 0.0
