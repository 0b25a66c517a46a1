"""The linear flow dr/dt = -A r integrated as a differential equation, by products with A alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled, compiled_sums

Array = NDArray[np.float64]


@compiled_sums
def slope(matrix: Array, point: Array, out: Array) -> None:
    """out = -A r."""
    for i in range(matrix.shape[0]):
        total = 0.0
        for j in range(matrix.shape[1]):
            total += matrix[i, j] * point[j]
        out[i] = -total


@compiled
def integrate(matrix: Array, point: Array, time: float, tolerance: float) -> int:
    """Take r to e^{-tA} r in place by the embedded Runge--Kutta pair of Bogacki and Shampine; returns the products with A."""
    size = point.shape[0]
    slopes = np.empty((4, size))
    stage = np.empty(size)
    if time == 0.0 or tolerance == 0.0:
        return 0
    scale = 0.0
    for i in range(size):
        row = 0.0
        for j in range(size):
            row += abs(matrix[i, j])
        scale = max(scale, row)
    if scale == 0.0:
        return 0
    now, step, products = 0.0, min(time, 0.1 / scale), 1
    slope(matrix, point, slopes[0])
    while now < time:
        step = min(step, time - now)
        for i in range(size):
            stage[i] = point[i] + 0.5 * step * slopes[0, i]
        slope(matrix, stage, slopes[1])
        for i in range(size):
            stage[i] = point[i] + 0.75 * step * slopes[1, i]
        slope(matrix, stage, slopes[2])
        for i in range(size):
            stage[i] = point[i] + step / 9.0 * (2.0 * slopes[0, i] + 3.0 * slopes[1, i] + 4.0 * slopes[2, i])
        slope(matrix, stage, slopes[3])
        products += 3
        error = 0.0
        for i in range(size):
            miss = step / 72.0 * (-5.0 * slopes[0, i] + 6.0 * slopes[1, i] + 8.0 * slopes[2, i] - 9.0 * slopes[3, i])
            error = max(error, abs(miss))
        if error <= tolerance:
            now = time if step == time - now else now + step
            for i in range(size):
                point[i] = stage[i]
                slopes[0, i] = slopes[3, i]
        step *= min(4.0, max(0.2, 0.9 * (tolerance / max(error, 1e-300)) ** (1.0 / 3.0)))
    return products
