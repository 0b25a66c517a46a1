"""Estimates of both methods in any dimension from sums over tasks, for nested numbers of tasks.

The sums of :mod:`numerics.kernels.estimator_products` are the coefficients of the rate a in both estimators' H and h, so that a
rate costs one Cholesky factorisation per number of tasks.

A task's curvature enters as V diag(root^2) V', V Haar and given by Gaussian vectors that define Householder reflectors
(:mod:`numerics.kernels.haar`), which are applied to diag(root) A_i without ever forming V; or as a matrix root.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.blas import add_product
from numerics.kernels.estimator_products import add_task
from numerics.kernels.haar import PANEL as ROTATION
from numerics.kernels.haar import rotate
from numerics.kernels.solve_positive import LANES, solve_positive, solve_positive_together

Array = NDArray[np.float64]

#: up to this dimension, rates are solved for together
TOGETHER = 32
#: a pivot below this times p times the terms it is the sum of has no correct digit
TOLERANCE = 4.0 * 2.220446049250313e-16


@compiled
def _solve_joint(sums: Array, enough: bool, drs: Array, matrix: Array, floor: Array) -> None:
    """Joint training's estimate; nan if there are not `enough` samples or the sum is singular."""
    p = drs.shape[0]
    for i in range(p):
        drs[i] = sums[0, p, i] + sums[1, p, i]
        for j in range(i + 1):
            matrix[i, j] = sums[0, i, j] + sums[1, i, j]
        floor[i] = TOLERANCE * p * matrix[i, i]
    if not (enough and solve_positive(matrix, drs, floor)):
        drs[:] = np.nan


@compiled
def _coefficients(sums: Array, out: Array) -> None:
    """MAML's H (lower triangles) and h (last rows) by powers of the rate."""
    p = out.shape[2]
    for i in range(p):
        for j in range(i + 1):
            out[0, i, j] = sums[1, i, j]
            out[1, i, j] = -(sums[2, i, j] + sums[2, j, i])
            out[2, i, j] = sums[3, i, j]
        out[0, p, i] = sums[1, p, i]
        out[1, p, i] = -(sums[2, p, i] + sums[3, p + 1, i])
        out[2, p, i] = sums[3, p, i]


@compiled
def _solve_rates(coefficients: Array, rates: Array, maml: Array, matrix: Array, floor: Array) -> None:
    """MAML's estimates, one rate after the other."""
    p = maml.shape[1]
    constant, slope, bend = coefficients[0], coefficients[1], coefficients[2]
    for a in range(rates.shape[0]):
        rate, out = rates[a], maml[a]
        for i in range(p):
            out[i] = constant[p, i] + rate * (slope[p, i] + rate * bend[p, i])
            for j in range(i + 1):
                matrix[i, j] = constant[i, j] + rate * (slope[i, j] + rate * bend[i, j])
            # rounding is relative to the terms, which may cancel
            floor[i] = TOLERANCE * p * (abs(constant[i, i]) + abs(rate * slope[i, i]) + rate * rate * bend[i, i])
        if not solve_positive(matrix, out, floor):
            out[:] = np.nan


@compiled
def _solve_rates_together(coefficients: Array, rates: Array, maml: Array, scratch: Array) -> None:
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
            constant, slope, bend = coefficients[0, p, i], coefficients[1, p, i], coefficients[2, p, i]
            for lane in range(LANES):
                vectors[i, lane] = constant + rate[lane] * (slope + rate[lane] * bend)
            for j in range(i, p):
                constant, slope, bend = coefficients[0, j, i], coefficients[1, j, i], coefficients[2, j, i]
                for lane in range(LANES):
                    matrices[i, j, lane] = constant + rate[lane] * (slope + rate[lane] * bend)
            constant, slope, bend = abs(coefficients[0, i, i]), abs(coefficients[1, i, i]), coefficients[2, i, i]
            for lane in range(LANES):
                floors[i, lane] = TOLERANCE * p * (constant + abs(rate[lane]) * slope + rate[lane] * rate[lane] * bend)
        solve_positive_together(matrices, vectors, floors)
        for a in range(start, min(start + LANES, rates.shape[0])):
            for i in range(p):
                maml[a, i] = vectors[i, a - start]


def workspace_size(p: int, r: int) -> int:
    """Length of the scratch memory of :func:`matrix_estimates`: a task's factors, and what its products or the systems need."""
    systems = 3 * p * (p + 1) + max(p * (p + 1), LANES * p * (p + 2) if p <= TOGETHER else 0)
    return 2 * r * (p + 1) + max(3 * p * (p + 2), ROTATION * (p + 4 * r + 2 * ROTATION), systems)


@compiled
def matrix_estimates(
    index: NDArray[np.int64],
    optima: Array,
    deviations: Array,
    scales: Array,
    roots: Array,
    reflectors: Array,
    factors: Array,
    offset: int,
    first_task: int,
    samples: int,
    sizes: NDArray[np.int64],
    rates: Array,
    sums: Array,
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
    factors : array (data sets, tasks, p + 1, 2 r)
        Factors A of the standardised scatter matrices, see :mod:`numerics.kernels.wishart`, above a row of standard normal
        variates z_1 and z_2.  Overwritten.
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
    sums : array (data sets, 4, p + 2, p)
        State: see :func:`numerics.kernels.estimator_products.add_task`.  Zero before the first block.
    workspace : array (:func:`workspace_size`,)
        Scratch memory.
    drs : array (data sets, m, p)
        Receives joint training's estimates, nan where undefined.
    maml : array (data sets, m, a, p)
        Receives MAML's.
    """
    datasets, tasks, p, width = factors.shape[0], factors.shape[1], factors.shape[2] - 1, factors.shape[3]
    area = (p + 1) * width
    transformed, scratch = workspace[:area].reshape(p + 1, width), workspace[area:]
    coefficients = scratch[: 3 * p * (p + 1)].reshape(3, p + 1, p)
    systems = scratch[3 * p * (p + 1) :]
    matrix, floor = systems[: p * p].reshape(p, p), systems[p * p : p * (p + 1)]
    for d in range(datasets):
        m = 0
        while m < sizes.shape[0] and sizes[m] <= first_task:
            m += 1
        for t in range(tasks):
            task, factor = index[d, t], factors[d, t]
            if scales.shape[0] > 0:
                rotate(reflectors[d, t], scales[task], factor[:p], offset, scratch)
            else:
                add_product(1.0, roots[task], factor[:p], 0.0, transformed[:p])
                transformed[p] = factor[p]
                factor = transformed
            add_task(optima[task], deviations[task] / math.sqrt(samples), factor, sums[d], scratch)
            if m < sizes.shape[0] and first_task + t + 1 == sizes[m]:
                _solve_joint(sums[d], 2 * samples * sizes[m] >= p, drs[d, m], matrix, floor)
                _coefficients(sums[d], coefficients)
                if samples * sizes[m] < p:
                    maml[d, m] = np.nan
                elif p <= TOGETHER:
                    _solve_rates_together(coefficients, rates, maml[d, m], systems)
                else:
                    _solve_rates(coefficients, rates, maml[d, m], matrix, floor)
                m += 1
