"""What a task adds to the coefficients of both estimators, from factors of its sample covariances.

Each half i = 1, 2 of a task's data enters through a factor G_i of S_i = G_i G_i' (p x r, r = min(N, p)) and w_i = G_i' theta +
sigma N^{-1/2} z_i, z_i standard normal: u = S_2 theta + e_2 = G_2 w_2 and v = S_1 theta + e_1 = G_1 w_1.  With P = S_1 S_2,

    MAML:  H = S_2 - a (P + P') + a^2 P S_1,     h = u - a (S_1 u + S_2 v) + a^2 P v,
    DRS:   2 H = S_1 + S_2,                      2 h = u + v.

The vectors ride along as further rows of the products of matrices, which are four:

    [S_1; v'] = [G_1; w_1'] G_1',        [S_2; u'] = [G_2; w_2'] G_2',
    [P; (S_2 v)'; u'] = [[S_1; v'] S_2; u'],        [P S_1; (P v)'; (S_1 u)'] = [P; (S_2 v)'; u'] S_1.

Where r < p/2 the last two run through W = G_1 (G_1' G_2) instead: S_1 S_2 = W G_2' and S_1 S_2 S_1 = W W'.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.blas import add_product

Array = NDArray[np.float64]

#: rows of a symmetric product computed together
PANEL = 48


@compiled
def _add_lower_product(left: Array, right: Array, keep: float, out: Array) -> None:
    """out = keep out + left right' in panels of rows, each up to the diagonal at least; in whole rows from row p on."""
    rows, p = left.shape[0], right.shape[0]
    panels = (rows + PANEL - 1) // PANEL
    size = (rows + panels - 1) // panels
    for start in range(0, rows, size):
        stop = min(start + size, rows)
        columns = min(stop, p)
        add_product(1.0, left[start:stop], right[:columns].T, keep, out[start:stop, :columns])


@compiled
def _add(part: Array, total: Array) -> None:
    """Add the rows of a symmetric matrix up to the diagonal, and those below it whole."""
    p = part.shape[1]
    for i in range(part.shape[0]):
        for j in range(min(i + 1, p)):
            total[i, j] += part[i, j]


@compiled
def _mirror(matrix: Array) -> None:
    """Copy the lower triangle to the upper one."""
    for i in range(matrix.shape[1]):
        for j in range(i):
            matrix[j, i] = matrix[i, j]


@compiled
def _add_dense(factors: Array, sums: Array, scratch: Array) -> None:
    """Through the p x p matrices S_1, S_2, P."""
    p, r = factors.shape[0] - 1, factors.shape[1] // 2
    one = scratch[: (p + 1) * p].reshape(p + 1, p)
    two = scratch[(p + 1) * p : 2 * (p + 1) * p].reshape(p + 1, p)
    product = scratch[2 * (p + 1) * p : 2 * (p + 1) * p + (p + 2) * p].reshape(p + 2, p)
    for half in range(2):
        factor = factors[:, half * r : (half + 1) * r]
        scatter = one if half == 0 else two
        _add_lower_product(factor, factor[:p], 0.0, scatter)
        _add(scatter, sums[half])
        if p >= PANEL:  # more than one panel, and some entries above the diagonal not computed
            _mirror(scatter)
    add_product(1.0, one, two[:p], 0.0, product[: p + 1])
    product[p + 1] = two[p]
    for i in range(p + 2):
        for j in range(p):
            sums[2, i, j] += product[i, j]
    _add_lower_product(product, one[:p], 1.0, sums[3])


@compiled
def _add_thin(factors: Array, sums: Array, scratch: Array) -> None:
    """Through the r x r matrix G_1' G_2."""
    p, r = factors.shape[0] - 1, factors.shape[1] // 2
    core = scratch[: r * r].reshape(r, r)
    product = scratch[r * r : r * r + (p + 2) * r].reshape(p + 2, r)
    first, second = factors[:, :r], factors[:, r:]
    _add_lower_product(first, first[:p], 1.0, sums[0])
    _add_lower_product(second, second[:p], 1.0, sums[1])
    add_product(1.0, first[:p].T, second[:p], 0.0, core)
    add_product(1.0, first, core, 0.0, product[: p + 1])
    product[p + 1] = second[p]
    add_product(1.0, product, second[:p].T, 1.0, sums[2])
    _add_lower_product(product, product[:p], 1.0, sums[3])


@compiled
def add_task(optimum: Array, deviation: float, factors: Array, sums: Array, scratch: Array) -> None:
    """Add a task's coefficients.

    Parameters
    ----------
    optimum : array (p,)
        theta.
    deviation : float
        sigma N^{-1/2}.
    factors : array (p + 1, 2 r)
        G_1 and G_2 side by side, and in the last row z_1 and z_2, which w_1 and w_2 replace.
    sums : array (4, p + 2, p)
        What is added to: [S_1; v'], [S_2; u'], [P; (S_2 v)'; u'], [P S_1; (P v)'; (S_1 u)'], the symmetric ones as lower
        triangles.
    scratch : array (at least 3 p (p + 2),)
        Workspace.
    """
    p, width = factors.shape[0] - 1, factors.shape[1]
    add_product(1.0, optimum.reshape(1, p), factors[:p], deviation, factors[p:])
    if width < p:
        _add_thin(factors, sums, scratch)
    else:
        _add_dense(factors, sums, scratch)
