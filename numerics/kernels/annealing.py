"""Passes of deterministic annealing over many points: one of expectation--maximisation, and the online recursion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def divergence(point: Array, prototype: Array, relative_entropy: bool) -> float:
    """|x - mu|^2, or sum x ln(x/mu) - x + mu."""
    total = 0.0
    for j in range(point.shape[0]):
        if relative_entropy:
            if point[j] > 0.0:
                total += point[j] * math.log(point[j] / prototype[j])
            total += prototype[j] - point[j]
        else:
            total += (point[j] - prototype[j]) ** 2
    return total


@compiled
def shares(point: Array, prototypes: Array, masses: Array, temperature: float, relative_entropy: bool, out: Array) -> float:
    """Fill the Gibbs shares of the prototypes in a point; returns -T ln sum_j mass_j e^{-d(x, mu_j)/T}."""
    least = np.inf
    for k in range(prototypes.shape[0]):
        out[k] = divergence(point, prototypes[k], relative_entropy)
        if masses[k] > 0.0:
            least = min(least, out[k])
    total = 0.0
    for k in range(prototypes.shape[0]):
        out[k] = masses[k] * math.exp((least - out[k]) / temperature) if masses[k] > 0.0 else 0.0
        total += out[k]
    for k in range(prototypes.shape[0]):
        out[k] /= total
    return least - temperature * math.log(total)


@compiled
def expectation_pass(
    points: Array,
    chances: Array,
    prototypes: Array,
    masses: Array,
    temperature: float,
    relative_entropy: bool,
    sums: Array,
    totals: Array,
) -> float:
    """Add each point's weighted shares to `totals` (k,), and times the point to `sums` (k, d); returns the free energy."""
    share = np.empty(prototypes.shape[0])
    energy = 0.0
    for i in range(points.shape[0]):
        energy += chances[i] * shares(points[i], prototypes, masses, temperature, relative_entropy, share)
        for k in range(prototypes.shape[0]):
            weight = chances[i] * share[k]
            totals[k] += weight
            for j in range(points.shape[1]):
                sums[k, j] += weight * points[i, j]
    return energy


@compiled
def online_pass(
    points: Array,
    order: NDArray[np.int64],
    masses: Array,
    sums: Array,
    temperature: float,
    relative_entropy: bool,
    gain: float,
    delay: float,
    start: int,
) -> None:
    """Stochastic approximation in place: masses += a (share - masses), sums += a (share x - sums), point by point.

    Prototypes are sums over masses; the step is a = gain/(delay + t) for t = start + 1, start + 2, ...
    """
    prototypes = np.empty_like(sums)
    share = np.empty(masses.shape[0])
    for t in range(order.shape[0]):
        point = points[order[t]]
        for k in range(masses.shape[0]):
            for j in range(sums.shape[1]):
                prototypes[k, j] = sums[k, j] / masses[k]
        shares(point, prototypes, masses, temperature, relative_entropy, share)
        step = gain / (delay + start + t + 1)
        for k in range(masses.shape[0]):
            masses[k] += step * (share[k] - masses[k])
            for j in range(sums.shape[1]):
                sums[k, j] += step * (share[k] * point[j] - sums[k, j])
