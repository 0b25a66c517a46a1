"""Estimates of both methods in any dimension from factors of the sample covariances, for nested numbers of tasks.

Each half i = 1, 2 of a task's data enters through a factor G_i of S_i = G_i G_i' (p x r, r = min(N, p)) and normal variates
z_i: e_i = sigma N^{-1/2} G_i z_i.  With u = S_2 theta + e_2, v = S_1 theta + e_1 and P = S_1 S_2,

    MAML:  H = S_2 - a (P + P') + a^2 P S_1,     h = u - a (S_1 u + S_2 v) + a^2 P v,
    DRS:   2 H = S_1 + S_2,                      2 h = u + v,

so that the coefficients of the rate a are summed over tasks, at two products of p x p matrices per task and half the work
where the result is symmetric, and a rate costs one Cholesky factorisation per number of tasks.  Where r < p/2 the products
run through the r x r matrix G_1' G_2 instead.

A task's curvature enters as V diag(root^2) V', V Haar and given by Gaussian vectors that define Householder reflectors (Stewart
1980), which are applied to diag(root) A_i without ever forming V; or as a matrix root.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.haar import rotate
from numerics.kernels.solve_positive import LANES, solve_positive, solve_positive_together

Array = NDArray[np.float64]

#: up to this inner dimension, loops beat BLAS
LOOPS = 8
#: rows of a symmetric product computed together
PANEL = 48
#: up to this dimension, rates are solved for together
TOGETHER = 32
#: a pivot below this times p times the terms it is the sum of has no correct digit
TOLERANCE = 4.0 * 2.220446049250313e-16


@compiled
def multiply(left: Array, right: Array, out: Array) -> None:
    """out = left right, all contiguous (either order).

    Not meant for a transposed right operand: BLAS is at half its speed there where matrices are small.
    """
    rows, inner = left.shape
    columns = right.shape[1]
    if inner > LOOPS:
        np.dot(left, right, out)
        return
    for i in range(rows):
        for j in range(columns):
            total = 0.0
            for k in range(inner):
                total += left[i, k] * right[k, j]
            out[i, j] = total


@compiled
def _multiply_vector(matrix: Array, vector: Array, out: Array) -> None:
    """out = matrix vector."""
    rows, columns = matrix.shape
    if columns > 2 * LOOPS:
        np.dot(matrix, vector, out)
        return
    for i in range(rows):
        total = 0.0
        for j in range(columns):
            total += matrix[i, j] * vector[j]
        out[i] = total


@compiled
def _multiply_vector_transposed(matrix: Array, vector: Array, out: Array) -> None:
    """out = matrix' vector."""
    rows, columns = matrix.shape
    if columns > 4 * LOOPS:
        np.dot(matrix.T, vector, out)
        return
    for j in range(columns):
        out[j] = 0.0
    for i in range(rows):
        factor = vector[i]
        for j in range(columns):
            out[j] += factor * matrix[i, j]


@compiled
def _transpose(matrix: Array, out: Array) -> None:
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            out[j, i] = matrix[i, j]


@compiled
def _add_lower(block: Array, start: int, total: Array) -> None:
    """Add the rows from `start` on of a symmetric matrix, up to the diagonal, to `total`."""
    for i in range(block.shape[0]):
        for j in range(start + i + 1):
            total[start + i, j] += block[i, j]


@compiled
def _gram(factor: Array, turned: Array, out: Array, total: Array, scratch: Array) -> None:
    """out = factor factor', and its lower triangle added to `total`; `turned` is the transposed factor where p <= PANEL."""
    p = factor.shape[0]
    if p <= PANEL:
        multiply(turned.T, turned, out)
        _add_lower(out, 0, total)
        return
    for start in range(0, p, PANEL):
        stop = min(start + PANEL, p)
        block = scratch[: (stop - start) * stop].reshape(stop - start, stop)
        np.dot(factor[start:stop], factor[:stop].T, block)
        for i in range(start, stop):
            for j in range(start):
                out[j, i] = block[i - start, j]
            for j in range(stop):
                out[i, j] = block[i - start, j]
        _add_lower(block, start, total)


@compiled
def _add_gram(factor: Array, turned: Array, product: Array, total: Array, scratch: Array) -> None:
    """Add the lower triangle of factor factor' to `total`; `turned` and `product` are scratch memory of their shapes."""
    p = factor.shape[0]
    if p <= PANEL:
        _transpose(factor, turned)
        multiply(turned.T, turned, product)
        _add_lower(product, 0, total)
        return
    for start in range(0, p, PANEL):
        stop = min(start + PANEL, p)
        block = scratch[: (stop - start) * stop].reshape(stop - start, stop)
        np.dot(factor[start:stop], factor[:stop].T, block)
        _add_lower(block, start, total)


@compiled
def _transform(root: Array, columns: Array, first: Array, second: Array, scratch: Array) -> None:
    """Fill `first` and `second` with the halves of root columns."""
    p, r = first.shape
    product = scratch[: columns.size].reshape(columns.shape)
    multiply(root, columns, product)
    for i in range(p):
        for j in range(r):
            first[i, j] = product[i, j]
            second[i, j] = product[i, r + j]


@compiled
def _score(
    first: Array, second: Array, optimum: Array, deviation: float, normals: Array, vectors: Array, joint: Array, total: Array
) -> None:
    """u and v of the module's docstring in vectors[0] and vectors[1]; their sums added to `joint` and total[0].

    `first`, `second` are G_1 and G_2, `deviation` is sigma N^{-1/2}, `normals` (2 r,) z_1 and z_2.
    """
    r = first.shape[1]
    weights = vectors[3, :r]
    for half in range(2):
        factor = first if half == 0 else second
        _multiply_vector_transposed(factor, optimum, weights)
        for j in range(r):
            weights[j] += deviation * normals[half * r + j]
        _multiply_vector(factor, weights, vectors[1 - half])
    for i in range(optimum.shape[0]):
        joint[i] += vectors[0, i] + vectors[1, i]
        total[0, i] += vectors[0, i]


@compiled
def _accumulate_dense(
    first: Array, second: Array, vectors: Array, sums: Array, totals: Array, squares: Array, scratch: Array
) -> None:
    """Add one task's coefficients through the p x p matrices S_1, S_2, P."""
    p, r = first.shape
    one, two, turned = squares[0], squares[1], squares[2].reshape(-1)[: r * p].reshape(r, p)
    if p <= PANEL:
        _transpose(first, turned)
    _gram(first, turned, one, sums[0], scratch)
    if p <= PANEL:
        _transpose(second, turned)
    _gram(second, turned, two, sums[1], scratch)
    # P and P S_1 by panels of rows, which are used up while they are in the cache
    for start in range(0, p, PANEL):
        stop = min(start + PANEL, p)
        rows = stop - start
        product = scratch[: rows * p].reshape(rows, p)
        block = scratch[rows * p : rows * (p + stop)].reshape(rows, stop)
        multiply(one[start:stop], two, product)
        if p <= PANEL:
            multiply(product, one, block)
        else:
            np.dot(product, one[:stop].T, block)
        for i in range(rows):
            for j in range(p):
                sums[2, start + i, j] += product[i, j]
        _add_lower(block, start, sums[3])
    u, v, image, other = vectors[0], vectors[1], vectors[2], vectors[3]
    _multiply_vector(two, v, image)
    _multiply_vector(one, u, other)
    for i in range(p):
        totals[1, i] += image[i] + other[i]
    _multiply_vector(one, image, other)
    for i in range(p):
        totals[2, i] += other[i]


@compiled
def _accumulate_thin(
    first: Array, second: Array, vectors: Array, sums: Array, totals: Array, squares: Array, scratch: Array
) -> None:
    """Add one task's coefficients through G_1' G_2: S_1 S_2 = W G_2' and S_1 S_2 S_1 = W W' with W = G_1 G_1' G_2."""
    p, r = first.shape
    core = scratch[: r * r].reshape(r, r)
    image = scratch[r * r : r * r + p * r].reshape(p, r)
    turned = scratch[r * r + p * r : r * r + 2 * p * r].reshape(r, p)
    used = r * r + 2 * p * r
    product = squares[0]
    multiply(first.T, second, core)
    multiply(first, core, image)
    _add_gram(first, turned, product, sums[0], scratch[used:])
    _add_gram(image, turned, product, sums[3], scratch[used:])
    _add_gram(second, turned, product, sums[1], scratch[used:])
    _transpose(second, turned)
    multiply(image, turned, product)
    for i in range(p):
        for j in range(p):
            sums[2, i, j] += product[i, j]
    u, v, far, weights = vectors[0], vectors[1], vectors[2], vectors[3, :r]
    _multiply_vector_transposed(second, v, weights)
    _multiply_vector(second, weights, far)
    for i in range(p):
        totals[1, i] += far[i]
    _multiply_vector(image, weights, far)
    for i in range(p):
        totals[2, i] += far[i]
    _multiply_vector_transposed(first, u, weights)
    _multiply_vector(first, weights, far)
    for i in range(p):
        totals[1, i] += far[i]


@compiled
def _solve_joint(sums: Array, total: Array, enough: bool, drs: Array, squares: Array, scratch: Array) -> None:
    """Joint training's estimate; nan if there are not `enough` samples or the sum is singular."""
    p = drs.shape[0]
    matrix, floor = squares[0], squares[1, 0]
    for i in range(p):
        drs[i] = total[i]
        for j in range(i, p):
            matrix[i, j] = sums[0, j, i] + sums[1, j, i]
        floor[i] = TOLERANCE * p * matrix[i, i]
    if not (enough and solve_positive(matrix, drs, floor, scratch)):
        for i in range(p):
            drs[i] = np.nan


@compiled
def _solve_rates(totals: Array, rates: Array, maml: Array, squares: Array, scratch: Array) -> None:
    """MAML's estimates from the coefficients of the rate, upper triangles in squares[2:5], one rate after the other."""
    p = maml.shape[1]
    matrix, floor = squares[0], squares[1, 0]
    for a in range(rates.shape[0]):
        rate, out = rates[a], maml[a]
        for i in range(p):
            out[i] = totals[0, i] - rate * (totals[1, i] - rate * totals[2, i])
            for j in range(i, p):
                matrix[i, j] = squares[2, i, j] - rate * (squares[3, i, j] - rate * squares[4, i, j])
            # rounding is relative to the terms, which may cancel
            size = abs(squares[2, i, i]) + abs(rate * squares[3, i, i]) + rate * rate * squares[4, i, i]
            floor[i] = TOLERANCE * p * size
        if not solve_positive(matrix, out, floor, scratch):
            for i in range(p):
                out[i] = np.nan


@compiled
def _solve_rates_together(totals: Array, rates: Array, maml: Array, squares: Array, scratch: Array) -> None:
    """As :func:`_solve_rates` for small p, LANES rates at a time."""
    p = maml.shape[1]
    matrices = scratch[: p * p * LANES].reshape(p, p, LANES)
    vectors = scratch[p * p * LANES : p * (p + 1) * LANES].reshape(p, LANES)
    floors = scratch[p * (p + 1) * LANES : p * (p + 2) * LANES].reshape(p, LANES)
    rate = np.empty(LANES)
    for start in range(0, rates.shape[0], LANES):
        for lane in range(LANES):
            rate[lane] = rates[min(start + lane, rates.shape[0] - 1)]
        for i in range(p):
            for lane in range(LANES):
                vectors[i, lane] = totals[0, i] - rate[lane] * (totals[1, i] - rate[lane] * totals[2, i])
            for j in range(i, p):
                constant, slope, bend = squares[2, i, j], squares[3, i, j], squares[4, i, j]
                for lane in range(LANES):
                    matrices[i, j, lane] = constant - rate[lane] * (slope - rate[lane] * bend)
            for lane in range(LANES):
                size = abs(squares[2, i, i]) + abs(rate[lane] * squares[3, i, i]) + rate[lane] * rate[lane] * squares[4, i, i]
                floors[i, lane] = TOLERANCE * p * size
        solve_positive_together(matrices, vectors, floors)
        for a in range(start, min(start + LANES, rates.shape[0])):
            for i in range(p):
                maml[a, i] = vectors[i, a - start]


def workspace_size(p: int, r: int) -> int:
    """Length of the scratch memory of :func:`matrix_estimates`: matrices, vectors, and what rotations and solutions need."""
    together = LANES * p * (p + 2) if p <= TOGETHER else 0
    return 5 * p * p + 2 * p * r + 4 * p + max(6 * p * p + 96 * (p + 2 * r + 32), together)


@compiled
def matrix_estimates(
    index: NDArray[np.int64],
    optima: Array,
    deviations: Array,
    scales: Array,
    roots: Array,
    reflectors: Array,
    factors: Array,
    normals: Array,
    offset: int,
    first_task: int,
    samples: int,
    sizes: NDArray[np.int64],
    rates: Array,
    sums: Array,
    totals: Array,
    workspace: Array,
    drs: Array,
    maml: Array,
) -> None:
    """Run a block of tasks of every data set through both estimators, and fill in the estimates at the sizes that it completes.

    Parameters
    ----------
    index : array (data sets, tasks)
        Row of each drawn task in the tables `optima`, `deviations` and `scales` or `roots`.
    optima : array (n, p)
        theta_gamma.
    deviations : array (n,)
        sigma.
    scales : array (n, p)
        Square roots of Q's eigenvalues where V is Haar; no rows otherwise.
    roots : array (n, p, p)
        Otherwise some F with F F' = Q.
    reflectors : array (data sets, tasks, p (p + 1) / 2 - 1)
        Normal variates for :func:`numerics.kernels.haar.rotate`; unused with `roots`.
    factors : array (data sets, tasks, p, 2 r)
        Factors A of the standardised scatter matrices, see :mod:`numerics.kernels.wishart`.  Overwritten.
    normals : array (data sets, tasks, 2 r)
        z_1 and z_2.
    offset : int
        Where the factors' zeros begin: p - r, or p if they have none.
    first_task : int
        Number of tasks of each data set that earlier blocks held.
    samples : int
        N, samples in each half.
    sizes : array of int (m,)
        Increasing numbers of tasks at which estimates are wanted.
    rates : array (a,)
        Inner rates.
    sums : array (data sets, 4, p, p)
        State: sums of S_1, S_2, P, P S_1 over tasks (the symmetric ones as lower triangles).  Zero before the first block.
    totals : array (data sets, 4, p)
        State: sums of the three coefficients of h and of u + v.
    workspace : array (:func:`workspace_size`,)
        Scratch memory.
    drs : array (data sets, m, p)
        Receives joint training's estimates, nan where undefined.
    maml : array (data sets, m, a, p)
        Receives MAML's.
    """
    datasets, tasks, p, width = factors.shape
    r = width // 2
    haar = scales.shape[0] > 0
    squares = workspace[: 5 * p * p].reshape(5, p, p)
    used = 5 * p * p
    first = workspace[used : used + p * r].reshape(p, r)
    second = workspace[used + p * r : used + 2 * p * r].reshape(p, r)
    vectors = workspace[used + 2 * p * r : used + 2 * p * r + 4 * p].reshape(4, p)
    scratch = workspace[used + 2 * p * r + 4 * p :]
    for d in range(datasets):
        m = 0
        while m < sizes.shape[0] and sizes[m] <= first_task:
            m += 1
        for t in range(tasks):
            task = index[d, t]
            if haar:
                rotate(reflectors[d, t], scales[task], factors[d, t], offset, first, second, scratch)
            else:
                _transform(roots[task], factors[d, t], first, second, scratch)
            deviation = deviations[task] / math.sqrt(samples)
            _score(first, second, optima[task], deviation, normals[d, t], vectors, totals[d, 3], totals[d])
            if 2 * r < p:
                _accumulate_thin(first, second, vectors, sums[d], totals[d], squares, scratch)
            else:
                _accumulate_dense(first, second, vectors, sums[d], totals[d], squares, scratch)
            if m < sizes.shape[0] and first_task + t + 1 == sizes[m]:
                for i in range(p):
                    for j in range(i, p):
                        squares[2, i, j] = sums[d, 1, j, i]
                        squares[3, i, j] = sums[d, 2, i, j] + sums[d, 2, j, i]
                        squares[4, i, j] = sums[d, 3, j, i]
                _solve_joint(sums[d], totals[d, 3], 2 * samples * sizes[m] >= p, drs[d, m], squares, scratch)
                if samples * sizes[m] < p:
                    for a in range(rates.shape[0]):
                        for i in range(p):
                            maml[d, m, a, i] = np.nan
                elif p <= TOGETHER:
                    _solve_rates_together(totals[d], rates, maml[d, m], squares, scratch)
                else:
                    _solve_rates(totals[d], rates, maml[d, m], squares, scratch)
                m += 1
