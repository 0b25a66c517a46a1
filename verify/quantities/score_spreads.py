"""Quantities for the spread of scores between tasks, and for the floor that sampling leaves, in any dimension."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Integer, Matrix, zeros

from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite
from verify.quantities.paths import (
    exact_trained_optimum,
    largest_eigenvalue,
    mean,
    norm,
    numbers,
    trained_optimum,
    training_weight,
)
from verify.quantities.quantity import Quantity


def _pulls(batch: Batch, rule: Any, places: Array) -> Array:
    """w(Q) times a vector per task, (batch, n, p)."""
    return np.asarray(np.einsum("bnij,bnj->bni", training_weight(batch, rule), places))


def _total_variance(batch: Batch, vectors: Array) -> Array:
    chances = finite(batch).probabilities[..., None]
    centred = vectors - (chances * vectors).sum(axis=1, keepdims=True)
    return np.asarray((chances * centred**2).sum(axis=(1, 2))[:, None])


def _pull_variance(batch: Batch, rule: Any) -> Array:
    return _total_variance(batch, _pulls(batch, rule, finite(batch).optima))


def _pull_spread(batch: Batch, rule: Any) -> Array:
    pulls = _pulls(batch, rule, trained_optimum(batch, rule)[:, None] - finite(batch).optima)
    return np.asarray((finite(batch).probabilities[..., None] * pulls**2).sum(axis=(1, 2))[:, None])


def _weight_variance_norm(batch: Batch, rule: Any) -> Array:
    centred = training_weight(batch, rule) - mean(batch, training_weight(batch, rule))[:, None]
    return np.asarray(np.linalg.eigvalsh(mean(batch, centred @ centred))[..., -1:])


def _optimum_norm(batch: Batch, rule: Any) -> Array:
    return np.asarray(np.linalg.norm(trained_optimum(batch, rule), axis=-1, keepdims=True))


def _floor_gap(batch: Batch, rule: Any) -> Array:
    one = _on_one_sample(batch.rule(rule))
    gaps = trained_optimum(batch, rule)[:, None] - finite(batch).optima
    gradient = np.einsum("bnij,bnj->bni", training_weight(batch, one), gaps)
    gradient = (finite(batch).probabilities[..., None] * gradient).sum(axis=1)
    step = np.linalg.solve(mean(batch, training_weight(batch, rule)), gradient[..., None])[..., 0]
    return np.asarray((gradient * step).sum(axis=-1, keepdims=True))


def _on_one_sample(rule: Any) -> Any:
    """The rule with one sample in its inner step."""
    return replace(rule, inner_samples=1)


def _exact_weights(instance: Batch, rule: Any) -> list[tuple[Any, Matrix, Matrix]]:
    """Probability, weight and optimum of each task."""
    tasks = distribution(instance)
    weights = tasks.weights(exact_rule(instance, rule))  # type: ignore[union-attr]
    return [(task.probability, weight.to_Matrix(), task.optimum) for task, weight in zip(tasks.tasks, weights, strict=True)]  # type: ignore[union-attr]


def _exact_pull_variance(instance: Batch, rule: Any) -> list[Exact]:
    tasks = _exact_weights(instance, rule)
    pulls = [(chance, weight * optimum) for chance, weight, optimum in tasks]
    centre = sum((chance * pull for chance, pull in pulls), zeros(*pulls[0][1].shape))
    return numbers(sum((chance * (pull - centre).dot(pull - centre) for chance, pull in pulls), Integer(0)))


def _exact_pull_spread(instance: Batch, rule: Any) -> list[Exact]:
    place = exact_trained_optimum(instance, rule)
    pulls = [(chance, weight * (place - optimum)) for chance, weight, optimum in _exact_weights(instance, rule)]
    return numbers(sum((chance * pull.dot(pull) for chance, pull in pulls), Integer(0)))


def _exact_weight_variance_norm(instance: Batch, rule: Any) -> list[Exact]:
    tasks = _exact_weights(instance, rule)
    shape = tasks[0][1].shape
    centre = sum((chance * weight for chance, weight, _ in tasks), zeros(*shape))
    variance = sum((chance * (weight - centre) ** 2 for chance, weight, _ in tasks), zeros(*shape))
    return [largest_eigenvalue(variance.to_DM(field=True))]


def _exact_optimum_norm(instance: Batch, rule: Any) -> list[Exact]:
    return [norm(numbers(exact_trained_optimum(instance, rule)))]


def _exact_floor_gap(instance: Batch, rule: Any) -> list[Exact]:
    place = exact_trained_optimum(instance, rule)
    one = _exact_weights(instance, _on_one_sample(instance.rule(rule)))
    gradient = sum((chance * weight * (place - optimum) for chance, weight, optimum in one), place * 0)
    whole = sum((chance * weight for chance, weight, _ in _exact_weights(instance, rule)), zeros(place.rows, place.rows))
    return numbers((gradient.T * whole.LUsolve(gradient))[0, 0])


def _scale(batch: Batch, **_: Any) -> Array:
    return np.ones((len(finite(batch).optima), 1))


QUANTITIES = {
    "pull_spread": Quantity(_pull_spread, _exact_pull_spread, _scale),
    "pull_variance": Quantity(_pull_variance, _exact_pull_variance, _scale),
    "weight_variance_norm": Quantity(_weight_variance_norm, _exact_weight_variance_norm, _scale),
    "optimum_norm": Quantity(_optimum_norm, _exact_optimum_norm, _scale),
    "floor_gap": Quantity(_floor_gap, _exact_floor_gap, _scale),
}
