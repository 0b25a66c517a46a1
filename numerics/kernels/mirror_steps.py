"""Mirror steps against linear losses, batches of sequences: the loss suffered, the dual norms met and the last point."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def quadratic_steps(gradients: Array, inverse: Array, rates: Array, points: Array, losses: Array, norms: Array) -> None:
    """w <- w - rate P^{-1} g per step: gradients (B, T, n), inverse (B, n, n), rates (B,), points (B, n).

    `losses` (B,) gains g'w and `norms` (B,) gains g'P^{-1}g.
    """
    batch, steps, size = gradients.shape
    turned = np.empty(size)
    for b in range(batch):
        for t in range(steps):
            suffered = square = 0.0
            for i in range(size):
                total = 0.0
                for j in range(size):
                    total += inverse[b, i, j] * gradients[b, t, j]
                turned[i] = total
                suffered += gradients[b, t, i] * points[b, i]
                square += gradients[b, t, i] * total
            for i in range(size):
                points[b, i] -= rates[b] * turned[i]
            losses[b] += suffered
            norms[b] += square


@compiled
def entropic_steps(gradients: Array, rates: Array, points: Array, losses: Array, norms: Array) -> None:
    """w <- w exp(-rate g), normalised, per step: gradients (B, T, n), rates (B,), points (B, n) on the simplex.

    `losses` (B,) gains g'w and `norms` (B,) gains the square of the largest |g_i|.
    """
    batch, steps, size = gradients.shape
    for b in range(batch):
        for t in range(steps):
            suffered = largest = 0.0
            least = np.inf
            for i in range(size):
                suffered += gradients[b, t, i] * points[b, i]
                largest = max(largest, abs(gradients[b, t, i]))
                if points[b, i] > 0.0:
                    least = min(least, rates[b] * gradients[b, t, i])
            total = 0.0
            for i in range(size):
                points[b, i] *= math.exp(min(least - rates[b] * gradients[b, t, i], 0.0))
                total += points[b, i]
            for i in range(size):
                points[b, i] /= total
            losses[b] += suffered
            norms[b] += largest * largest
