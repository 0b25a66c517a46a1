"""Quantities of smooth risks at a point or two: slopes, outer steps and how they change, in any dimension.

The float path runs numerics' rules on the instance's risks; the exact path follows the inner loop in rational vectors
(:mod:`theory.smooth.separable`), whose lengths are rational or enclosed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory.rules import DRS, FirstOrderMAML
from theory.smooth.separable import Vector, along
from verify.arithmetic.enclosure import Exact, smallest, square_root
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.paths import executed
from verify.quantities.quantity import Quantity
from verify.quantities.smooth_instances import all_risks, at, fraction, inner_steps, mean, separable


def _length(vectors: Array) -> Array:
    """Lengths (...,) of vectors (..., p)."""
    return np.sqrt((vectors**2).sum(axis=-1)) if vectors.shape[-1] > 1 else np.abs(vectors[..., 0])


def _exact_length(vector: Vector) -> Exact:
    return abs(vector[0]) if len(vector) == 1 else square_root(sum((entry * entry for entry in vector), Fraction(0)))


def _exact_point(instance: Batch, point: str = "start") -> Vector:
    return tuple(getattr(instance.tasks, point)[0])


def mean_step(batch: Batch, rule: Any, point: str = "start") -> Array:
    """Mean outer steps, (batch, p)."""
    moves = executed(batch.rule(rule), batch).outer_step(all_risks(batch), at(batch, point))
    weights = batch.tasks.probabilities
    return np.asarray((weights[..., None] * moves).sum(axis=1) / weights.sum(axis=1, keepdims=True))


def _exact_step(instance: Batch, rule: Any, point: Vector) -> Vector:
    kind = instance.rule(rule)
    alpha, steps = inner_steps(instance, kind)
    total: Vector = tuple(Fraction(0) for _ in point)
    for risk, weight in zip(*separable(instance), strict=True):
        if isinstance(kind, FirstOrderMAML):
            move = risk.gradient(risk.path(point, alpha, steps)[-1])
        else:
            move = risk.meta_gradient(point, alpha, steps)
        total = along(total, weight, move)
    return total


def mean_slope(batch: Batch, rule: Any, point: str = "start") -> Array:
    """Mean lengths of the gradients after a rule's inner loop, (batch, 1)."""
    adapted = executed(batch.rule(rule), batch).adapt(all_risks(batch), at(batch, point))
    return mean(batch, _length(all_risks(batch).gradient(adapted)))


def _exact_slope(instance: Batch, rule: Any, point: str = "start") -> list[Exact]:
    alpha, steps = inner_steps(instance, instance.rule(rule))
    here = _exact_point(instance, point)
    total: Exact = Fraction(0)
    for risk, weight in zip(*separable(instance), strict=True):
        total = total + _exact_length(risk.gradient(risk.path(here, alpha, steps)[-1])) * weight
    return [total]


def _difference(batch: Batch, rule: Any, base: Any, factor: Any) -> Array:
    return _length(mean_step(batch, rule) - batch.number(factor) * mean_step(batch, base))[:, None]


def _exact_difference(instance: Batch, rule: Any, base: Any, factor: Any) -> list[Exact]:
    here = _exact_point(instance)
    parts = _exact_step(instance, rule, here), _exact_step(instance, base, here)
    return [_exact_length(along(parts[0], -fraction(instance, factor), parts[1]))]


def _difference_scale(batch: Batch, rule: Any, base: Any, factor: Any) -> Array:
    """Differences cancel: rounding counts against the slopes."""
    return mean_slope(batch, DRS()) + mean_slope(batch, rule)


def _change(batch: Batch, rule: Any) -> Array:
    return _length(mean_step(batch, rule) - mean_step(batch, rule, "other"))[:, None]


def _exact_change(instance: Batch, rule: Any) -> list[Exact]:
    here, there = (_exact_step(instance, rule, _exact_point(instance, point)) for point in ("start", "other"))
    return [_exact_length(along(here, Fraction(-1), there))]


def _change_scale(batch: Batch, rule: Any) -> Array:
    return mean_slope(batch, DRS()) + mean_slope(batch, rule) + mean_slope(batch, rule, "other")


def _apart(batch: Batch) -> Array:
    return _length(batch.tasks.start - batch.tasks.other)[:, None]


def _exact_apart(instance: Batch) -> list[Exact]:
    return [_exact_length(along(_exact_point(instance), Fraction(-1), _exact_point(instance, "other")))]


def _flatter(batch: Batch) -> Array:
    return np.minimum(mean_slope(batch, DRS()), mean_slope(batch, DRS(), "other"))


def _exact_flatter(instance: Batch) -> list[Exact]:
    return [smallest(*_exact_slope(instance, DRS()), *_exact_slope(instance, DRS(), "other"))]


def _quotient_error(batch: Batch, spacing: Any) -> Array:
    losses, start = all_risks(batch), at(batch)
    first = np.zeros_like(start)
    first[..., 0] = 1
    quotient = losses.difference(start, first, np.asarray(batch.number(spacing))[..., None])
    return mean(batch, _length(quotient - losses.hessian_vector(start, first)))


def _exact_quotient_error(instance: Batch, spacing: Any) -> list[Exact]:
    size, here = fraction(instance, spacing), _exact_point(instance)
    first: Vector = tuple(Fraction(int(i == 0)) for i in range(len(here)))
    total: Exact = Fraction(0)
    for risk, weight in zip(*separable(instance), strict=True):
        ends = [risk.gradient(along(here, sign * size, first)) for sign in (1, -1)]
        rise = along(ends[0], Fraction(-1), ends[1])
        error = along(risk.product(here, first), -1 / (2 * size), rise)
        total = total + _exact_length(error) * weight
    return [total]


def _quotient_scale(batch: Batch, spacing: Any) -> Array:
    return (mean_slope(batch, DRS()) + np.abs(batch.tasks.first).max(axis=1, keepdims=True)) / batch.number(spacing)


QUANTITIES = {
    "mean_slope": Quantity(mean_slope, _exact_slope),
    "step_difference": Quantity(_difference, _exact_difference, _difference_scale),
    "step_change": Quantity(_change, _exact_change, _change_scale),
    "points_apart": Quantity(_apart, _exact_apart),
    "flatter_slope": Quantity(_flatter, _exact_flatter),
    "quotient_error": Quantity(_quotient_error, _exact_quotient_error, _quotient_scale),
}
