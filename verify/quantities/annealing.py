"""Quantities of annealing: numerics runs the step and the recursion, theory expands them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from numerics.related import annealing
from theory.related import annealing as exact
from verify.arithmetic.enclosure import Exact, exponential
from verify.arithmetic.functions import logarithm
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity, of_order_one


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


def _heats(batch: Batch, temperature: Any) -> Array:
    return np.broadcast_to(np.asarray(batch.number(temperature), dtype=float), (len(batch.tasks.chances), 1))[:, 0]


def _excess(batch: Batch, temperature: Any, divergence: str) -> Array:
    """Free energies before a step from two prototypes and from one."""
    cloud, heat = batch.tasks, _heats(batch, temperature)
    mean = np.einsum("bn,bni->bi", cloud.chances, cloud.points)[:, None]
    two, one = (
        annealing.expectation_step(cloud.points, cloud.chances, places, masses, heat, divergence)[2]
        for places, masses in ((cloud.places, cloud.masses), (mean, np.ones((len(heat), 1))))
    )
    return np.asarray((two - one)[:, None])


def _exact_excess(instance: Batch, temperature: Any, divergence: str) -> list[Exact]:
    """-T E log of the mixture relative to one prototype at the mean."""
    heat = _rational(instance.rational(temperature))
    found: Exact = Fraction(0)
    for chance, mixture in _exact_mixtures(instance, heat, divergence):
        found = found - heat * chance * logarithm(mixture)
    return [found]


def _exact_mixtures(instance: Batch, heat: Fraction, divergence: str) -> list[tuple[Fraction, Exact]]:
    cloud = instance.tasks
    chances, points = cloud.chances[0].tolist(), cloud.points[0].tolist()
    centre, found = exact.mean(chances, points), []
    for chance, point in zip(chances, points, strict=True):
        mixture: Exact = Fraction(0)
        for place, mass in zip(cloud.places[0].tolist(), cloud.masses[0], strict=True):
            mixture = mixture + mass * exponential(-exact.apart(centre, place, point, divergence, logarithm) / heat)
        found.append((chance, mixture))
    return found


def _gain(batch: Batch, temperature: Any, divergence: str) -> Array:
    cloud = batch.tasks
    law = cloud.points, cloud.chances, cloud.places, cloud.masses
    return np.asarray(annealing.mean_gain(*law, _heats(batch, temperature), divergence)[:, None])


def _exact_gain(instance: Batch, temperature: Any, divergence: str) -> list[Exact]:
    heat = _rational(instance.rational(temperature))
    total: Exact = Fraction(0)
    for chance, mixture in _exact_mixtures(instance, heat, divergence):
        total = total + chance * mixture
    return [total]


def _tilted(batch: Batch, temperature: Any, variance: Any) -> Array:
    """Moment generating functions of the points about their mean over those of a normal law, a prototype each."""
    cloud, heat, wide = batch.tasks, _heats(batch, temperature), _heats(batch, variance)
    apart = cloud.points - np.einsum("bn,bni->bi", cloud.chances, cloud.points)[:, None]
    tilt = 2 * (cloud.places - cloud.points[:, :1] + apart[:, :1]) / heat[:, None, None]
    generated = np.einsum("bn,bnk->bk", cloud.chances, np.exp(apart @ np.swapaxes(tilt, 1, 2)))
    normal = np.exp((tilt**2).sum(axis=2) * wide[:, None] / 2)
    return np.asarray((cloud.masses * generated / normal).sum(axis=1, keepdims=True))


def _exact_tilted(instance: Batch, temperature: Any, variance: Any) -> list[Exact]:
    cloud, heat, wide = instance.tasks, *(_rational(instance.rational(each)) for each in (temperature, variance))
    chances, points = cloud.chances[0].tolist(), cloud.points[0].tolist()
    centre = exact.mean(chances, points)
    total: Exact = Fraction(0)
    for place, mass in zip(cloud.places[0].tolist(), cloud.masses[0], strict=True):
        tilt = [2 * (mu - m) / heat for mu, m in zip(place, centre, strict=True)]
        square = sum(s * s for s in tilt)
        for chance, point in zip(chances, points, strict=True):
            power = sum(s * (x - m) for s, x, m in zip(tilt, point, centre, strict=True))
            total = total + mass * chance * exponential(power - square * wide / 2)
    return [total]


def _two_points(batch: Batch, temperature: Any, place: Any) -> Array:
    heat, at = np.broadcast_arrays(*(np.asarray(batch.number(each), dtype=float)[:, 0] for each in (temperature, place)))
    points, half = np.array([[-1.0], [1.0]]), np.array([0.5, 0.5])
    prototypes = np.stack([-at, at], axis=1)[..., None]
    shape = (len(heat), 2)
    moved = annealing.expectation_step(
        np.broadcast_to(points, (*shape, 1)), np.broadcast_to(half, shape), prototypes, np.broadcast_to(half, shape), heat
    )[0]
    return np.asarray(moved[:, 1])


def _exact_two_points(instance: Batch, temperature: Any, place: Any) -> list[Exact]:
    heat, at = (_rational(instance.rational(each)) for each in (temperature, place))
    return [exact.two_point_step(*(exponential(-((1 - side * at) ** 2) / heat) for side in (1, -1)))]


def _online(batch: Batch, contraction: Any, steps: Any) -> Array:
    """The recursion run on unit impulses."""
    slope = np.asarray(batch.number(contraction), dtype=float)[:, 0]
    return np.asarray((annealing.online_responses(slope, int(batch.number(steps))) ** 2).sum(axis=1, keepdims=True))


def _exact_online(instance: Batch, contraction: Any, steps: Any) -> list[Exact]:
    return [exact.mean_square(_rational(instance.rational(contraction)), int(instance.number(steps)))]


QUANTITIES = {
    "split_slopes": Quantity(_split_slopes, _exact_split_slopes, of_order_one),
    "covariance_curvature": Quantity(_covariance_curvature, _exact_covariance_curvature, of_order_one),
    "excess_free_energy": Quantity(_excess, _exact_excess, of_order_one),
    "mean_gain": Quantity(_gain, _exact_gain, of_order_one),
    "tilted_moment": Quantity(_tilted, _exact_tilted, of_order_one),
    "two_point_step": Quantity(_two_points, _exact_two_points, of_order_one),
    "online_mean_square": Quantity(_online, _exact_online),
}
