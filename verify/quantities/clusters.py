"""Quantities for two clusters of tasks, the easy ones first: their centres, spread and share of the curvature."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import finite
from verify.quantities.quantity import Quantity


def _clusters(batch: Batch) -> tuple[Any, ...]:
    """Conditional probabilities, optima and share of E[Q] of the easy and of the hard half; in floats or rationals alike."""
    tasks = finite(batch)
    half = tasks.probabilities.shape[1] // 2
    parts: list[Any] = []
    for part in (slice(None, half), slice(half, None)):
        chances = tasks.probabilities[:, part]
        total = chances.sum(axis=1, keepdims=True)
        parts += [chances / total, tasks.optima[:, part], total * tasks.eigenvalues[:, part][:, 0, :1]]
    return tuple(parts)


def _centre(chances: Array, points: Array) -> Array:
    return np.asarray((chances[..., None] * points).sum(axis=1))


def _cluster_gap_squared(batch: Batch) -> Array:
    easy, easy_points, _, hard, hard_points, _ = _clusters(batch)
    gap = _centre(easy, easy_points) - _centre(hard, hard_points)
    return np.asarray((gap * gap).sum(axis=1, keepdims=True))


def _hard_variance(batch: Batch) -> Array:
    *_, hard, points, _ = _clusters(batch)
    spread = points - _centre(hard, points)[:, None]
    return np.asarray((hard * (spread * spread).sum(axis=2)).sum(axis=1, keepdims=True))


def _easy_share(batch: Batch) -> Array:
    _, _, easy, _, _, hard = _clusters(batch)
    return np.asarray(easy / (easy + hard))


def _exactly(measure: Any) -> Any:
    def exact(instance: Batch) -> list[Exact]:
        return [Fraction(measure(instance)[0, 0])]

    return exact


#: these describe the instance and solve nothing, so one formula in two kinds of number is all there is to say
QUANTITIES = {
    "cluster_gap_squared": Quantity(_cluster_gap_squared, _exactly(_cluster_gap_squared)),
    "hard_variance": Quantity(_hard_variance, _exactly(_hard_variance)),
    "easy_share": Quantity(_easy_share, _exactly(_easy_share)),
}
