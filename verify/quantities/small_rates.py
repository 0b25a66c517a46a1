"""Quantities for the expansion of optimum and modeling error at small rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import numerics
from theory import optima, series
from theory.notation import alpha
from theory.rules import DRS, MAML
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, finite, hessians
from verify.quantities.paths import exact_trained_optimum, mean, numbers, optimum_of, squared, trained_optimum
from verify.quantities.quantity import Quantity, of_order_one

#: points of the circle on which Cauchy's integral is taken; the error is this power of the ratio of radii, 1/4
_CIRCLE = 16


def _pull(batch: Batch) -> Array:
    """E[Q^2 (theta_gamma - theta_drs)], (batch, p)."""
    tasks = finite(batch)
    gaps = (tasks.optima - trained_optimum(batch, DRS())[:, None])[..., None]
    return np.asarray((tasks.probabilities[..., None] * (hessians(batch) @ (hessians(batch) @ gaps))[..., 0]).sum(axis=1))


def _curvature_shift(batch: Batch) -> Array:
    """E[Q]^-1 E[Q^2 (theta_gamma - theta_drs)], (batch, p)."""
    return np.asarray(np.linalg.solve(mean(batch, hessians(batch)), _pull(batch)[..., None])[..., 0])


def _curvature_gap(batch: Batch) -> Array:
    """The squared norm of E[Q^2 (theta_gamma - theta_drs)] in the inverse of E[Q]."""
    return np.asarray((_pull(batch) * _curvature_shift(batch)).sum(axis=-1, keepdims=True))


def _exact_pull(instance: Batch) -> Any:
    drs = exact_trained_optimum(instance, DRS())
    pulled = drs * 0
    for task in distribution(instance).tasks:  # type: ignore[union-attr]
        pulled += task.probability * task.hessian * (task.hessian * (task.optimum - drs))
    return pulled


def _exact_curvature_shift(instance: Batch) -> list[Exact]:
    return numbers(optima.mean_weight(distribution(instance), DRS()).LUsolve(_exact_pull(instance)))


def _exact_curvature_gap(instance: Batch) -> list[Exact]:
    pulled = _exact_pull(instance)
    return numbers((pulled.T * optima.mean_weight(distribution(instance), DRS()).LUsolve(pulled))[0, 0])


def _coefficient(batch: Batch, steps: Any, order: Any, value: Callable[[numerics.MAML], Array]) -> Array:
    """A Taylor coefficient in the rate, by Cauchy's integral over *executed* inner loops at complex rates.

    E[w] is invertible for rates of modulus below sin(pi/4k)/beta, where (1 - rate q)^2k keeps a positive real part; a quarter
    of that is used.
    """
    order, count = batch.number(order), batch.number(steps)
    radius = np.sin(np.pi / (4 * count)) / (4 * finite(batch).eigenvalues.max(axis=(1, 2)))
    # the values on the lower half circle are the conjugates of those on the upper one
    total: Any = 0.0
    for position in range(_CIRCLE // 2 + 1):
        turn = np.exp(2j * np.pi * position / _CIRCLE)
        share = 1 if position in (0, _CIRCLE // 2) else 2
        total = total + share * (value(numerics.MAML(radius * turn, count)) * turn**-order).real
    return np.asarray(total / _CIRCLE / radius[:, None] ** order)


def _optimum_coefficient(batch: Batch, steps: Any, order: Any) -> Array:
    return _coefficient(batch, steps, order, lambda rule: optimum_of(batch, rule.training_weight(hessians(batch))))


def _modeling_error_coefficient(batch: Batch, steps: Any, order: Any) -> Array:
    drs = trained_optimum(batch, DRS())

    def error(rule: numerics.MAML) -> Array:
        shift = drs - optimum_of(batch, rule.training_weight(hessians(batch)))
        return squared(shift, mean(batch, rule.deployment_weight(hessians(batch)))) / 2

    return _coefficient(batch, steps, order, error)


def _exact_optimum_coefficient(instance: Batch, steps: Any, order: Any) -> list[Exact]:
    rule, order = MAML(alpha, instance.rational(steps)), instance.rational(order)
    return numbers(series.optimum_coefficients(distribution(instance), rule, alpha, order)[order])


def _exact_modeling_error_coefficient(instance: Batch, steps: Any, order: Any) -> list[Exact]:
    rule, order = MAML(alpha, instance.rational(steps)), instance.rational(order)
    return numbers(series.modeling_error_coefficients(distribution(instance), DRS(), rule, alpha, order)[order])


QUANTITIES = {
    "curvature_shift": Quantity(_curvature_shift, _exact_curvature_shift, of_order_one),
    "curvature_gap": Quantity(_curvature_gap, _exact_curvature_gap, of_order_one),
    "optimum_coefficient": Quantity(_optimum_coefficient, _exact_optimum_coefficient, of_order_one),
    "modeling_error_coefficient": Quantity(_modeling_error_coefficient, _exact_modeling_error_coefficient, of_order_one),
}
