"""Quantities of annealing: numerics runs the step and the recursion, theory expands them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from numerics.related import annealing
from theory.related import annealing as exact
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity


def _rational(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q)) if hasattr(value, "p") else Fraction(value)


def _split_slopes(batch: Batch, temperature: Any, divergence: str) -> Array:
    cloud = batch.tasks
    heat = np.broadcast_to(batch.number(temperature), (len(cloud.chances), 1))[:, 0]
    found = annealing.split_slope(cloud.points, cloud.chances, heat, divergence)
    return np.asarray(found.reshape((len(found), -1)))


def _exact_split_slopes(instance: Batch, temperature: Any, divergence: str) -> list[Exact]:
    chances, points = instance.tasks.chances[0].tolist(), instance.tasks.points[0].tolist()
    curved = exact.curvature(chances, points, divergence)
    heat = _rational(instance.rational(temperature))
    return [entry for row in exact.first_order_step(chances, points, curved, heat) for entry in row]


def _covariance_curvature(batch: Batch, divergence: str) -> Array:
    cloud = batch.tasks
    centre = np.einsum("bn,bni->bi", cloud.chances, cloud.points)
    apart = cloud.points - centre[:, None]
    covariance = np.einsum("bn,bni,bnj->bij", cloud.chances, apart, apart)
    curved = np.full_like(centre, 2.0) if divergence == "squared" else 1 / centre
    return np.asarray((covariance * curved[:, None, :]).reshape((len(centre), -1)))


def _exact_covariance_curvature(instance: Batch, divergence: str) -> list[Exact]:
    chances, points = instance.tasks.chances[0].tolist(), instance.tasks.points[0].tolist()
    curved = exact.curvature(chances, points, divergence)
    centre, size = exact.mean(chances, points), range(len(points[0]))
    second = [[sum(c * x[i] * x[j] for c, x in zip(chances, points, strict=True)) for j in size] for i in size]
    return [(second[i][j] - centre[i] * centre[j]) * curved[j][j] for i in size for j in size]


def _unit(batch: Batch, **_: Any) -> Array:
    return np.ones((1, 1))


def _online(batch: Batch, contraction: Any, steps: Any) -> Array:
    """The recursion run on unit impulses."""
    slope = np.asarray(batch.number(contraction), dtype=float)[:, 0]
    return np.asarray((annealing.online_responses(slope, int(batch.number(steps))) ** 2).sum(axis=1, keepdims=True))


def _exact_online(instance: Batch, contraction: Any, steps: Any) -> list[Exact]:
    return [exact.mean_square(_rational(instance.rational(contraction)), int(instance.number(steps)))]


QUANTITIES = {
    "split_slopes": Quantity(_split_slopes, _exact_split_slopes, _unit),
    "covariance_curvature": Quantity(_covariance_curvature, _exact_covariance_curvature, _unit),
    "online_mean_square": Quantity(_online, _exact_online),
}
