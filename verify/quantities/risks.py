"""Quantities for population risks and optima: what a rule finds and what its user pays."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import numerics
from numerics import population
from theory import optima
from theory.notation import beta, p
from verify.arithmetic.enclosure import Exact, square_root
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite
from verify.quantities.paths import (
    DIGITS,
    deployed_optimum,
    deployment_weight,
    diameter,
    exact_deployed_optimum,
    exact_difference,
    exact_trained_optimum,
    executed,
    mean,
    norm,
    numbers,
    single,
    squared,
    trained_optimum,
    training_weight,
)
from verify.quantities.quantity import Quantity


def _risk(batch: Batch, weights: Array, theta: Array) -> Array:
    tasks = finite(batch)
    return np.asarray(population.risk(tasks.probabilities, weights, tasks.optima, theta)[..., None])


def _half_squared_distance(batch: Batch, trained: Any, deployed: Any) -> Array:
    shift = trained_optimum(batch, trained) - deployed_optimum(batch, deployed)
    return squared(shift, mean(batch, deployment_weight(batch, deployed))) / 2


def _exact_half_squared_distance(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    shift = exact_difference(instance, trained, deployed)
    weight = optima.mean_weight(distribution(instance), exact_rule(instance, deployed), True, digits=DIGITS)
    return numbers((shift.T * weight * shift)[0, 0] / 2)


def _modeling_error(batch: Batch, trained: Any, deployed: Any) -> Array:
    """The squared distance of the optima in the norm of E[B]: a difference of risks would cancel where the error is small."""
    if batch.tasks is None:
        rules = (executed(batch.rule(rule), batch) for rule in (trained, deployed))
        return _each_spectrum_tied(batch, numerics.modeling_error, *rules)
    return _half_squared_distance(batch, trained, deployed)


def _exact_modeling_error(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    """The difference of two risks, as the definition has it."""
    rules = exact_rule(instance, trained), exact_rule(instance, deployed)
    return numbers(optima.modeling_error(distribution(instance), *rules, digits=DIGITS))


def _training_risk(batch: Batch, rule: Any) -> Array:
    return _risk(batch, training_weight(batch, rule), trained_optimum(batch, rule))


def _exact_training_risk(instance: Batch, rule: Any) -> list[Exact]:
    theta, tasks = exact_trained_optimum(instance, rule), distribution(instance)
    return numbers(optima.reducible_risk(tasks, exact_rule(instance, rule), theta, deployed=False, digits=DIGITS))


def _transferred_risk(batch: Batch, trained: Any, deployed: Any) -> Array:
    return _risk(batch, deployment_weight(batch, deployed), trained_optimum(batch, trained))


def _exact_transferred_risk(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    theta = exact_trained_optimum(instance, trained)
    return numbers(optima.reducible_risk(distribution(instance), exact_rule(instance, deployed), theta, digits=DIGITS))


def _minimal_risk(batch: Batch, deployed: Any) -> Array:
    return _risk(batch, deployment_weight(batch, deployed), deployed_optimum(batch, deployed))


def _exact_minimal_risk(instance: Batch, deployed: Any) -> list[Exact]:
    theta = exact_deployed_optimum(instance, deployed)
    return numbers(optima.reducible_risk(distribution(instance), exact_rule(instance, deployed), theta, digits=DIGITS))


def _optimum(batch: Batch, rule: Any) -> Array:
    if batch.tasks is None:
        return _each_spectrum_tied(batch, numerics.population_optimum, executed(batch.rule(rule), batch))
    return trained_optimum(batch, rule)


def _exact_optimum(instance: Batch, rule: Any) -> list[Exact]:
    return numbers(exact_trained_optimum(instance, rule))


def _each_spectrum_tied(batch: Batch, function: Any, *rules: Any) -> Array:
    """A public function of numerics on eq. (13)'s distribution, instance by instance: it has no arrays to batch."""
    values = []
    for index, top in enumerate(np.ravel(batch.values[beta])):
        chosen = (single(rule, index) for rule in rules)
        values.append(np.atleast_1d(function(numerics.SpectrumTiedTasks(batch.cell[p], float(top)), *chosen)))
    return np.array(values)


def _distance(batch: Batch, trained: Any, deployed: Any) -> Array:
    shift = trained_optimum(batch, trained) - deployed_optimum(batch, deployed)
    return np.asarray(np.linalg.norm(shift, axis=-1, keepdims=True))


def _exact_distance(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    return [norm(numbers(exact_difference(instance, trained, deployed)))]


def _exact_diameter(instance: Batch) -> list[Exact]:
    points = finite(instance).optima[0]
    squares = [sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for x in points for y in points]
    return [square_root(Fraction(max(squares)))]


def _largest(weights: Array) -> Array:
    return np.asarray(np.abs(weights).max(axis=(-3, -2, -1))[..., None])


def _length_scale(batch: Batch, **_: Any) -> Array:
    """The size of the optima: rounding errors are relative to that, however close the optima lie."""
    if batch.tasks is None:
        return np.zeros((1, 1))
    return np.asarray(np.linalg.norm(batch.tasks.optima, axis=-1).max(axis=-1)[:, None])


def _deployed_scale(batch: Batch, deployed: Any, trained: Any = None) -> Array:
    if batch.tasks is None:
        return np.zeros((1, 1))
    return _length_scale(batch) ** 2 * _largest(deployment_weight(batch, deployed))


def _trained_scale(batch: Batch, rule: Any) -> Array:
    return _length_scale(batch) ** 2 * _largest(training_weight(batch, rule))


QUANTITIES = {
    "modeling_error": Quantity(_modeling_error, _exact_modeling_error, _deployed_scale),
    "half_squared_distance": Quantity(_half_squared_distance, _exact_half_squared_distance, _deployed_scale),
    "training_risk": Quantity(_training_risk, _exact_training_risk, _trained_scale),
    "transferred_risk": Quantity(_transferred_risk, _exact_transferred_risk, _deployed_scale),
    "minimal_risk": Quantity(_minimal_risk, _exact_minimal_risk, _deployed_scale),
    "optimum": Quantity(_optimum, _exact_optimum, _length_scale),
    "distance": Quantity(_distance, _exact_distance, _length_scale),
    "diameter": Quantity(diameter, _exact_diameter, _length_scale),
}
