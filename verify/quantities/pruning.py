"""Quantities of pruned contexts: numerics prunes and averages over subsets, theory has sums and formulas."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from sympy import Matrix

from numerics.quadratics import Quadratics
from numerics.related import context_pruning
from theory.claim import NoValue
from theory.related import pruning as exact
from theory.related.mirror_steps import eigenvalue_brackets
from verify.arithmetic.enclosure import Enclosure, Exact, largest, square_root
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.paths import numbers
from verify.quantities.quantity import Quantity


def _gradients(batch: Batch) -> Array:
    return np.asarray(batch.tasks.gradients.astype(float))


def _exact_gradients(instance: Batch) -> list[list[Fraction]]:
    return [[Fraction(int(entry)) for entry in row] for row in instance.tasks.gradients[0]]


def _discrepancy(batch: Batch, kept: Any, selection: str) -> Array:
    gradients, count = _gradients(batch), int(batch.number(kept))
    if selection == "least":
        choices = (np.broadcast_to(each, (len(gradients), count)) for each in combinations(range(gradients.shape[1]), count))
        return np.min([context_pruning.discrepancy(gradients, chosen) for chosen in choices], axis=0)[:, None]
    first = np.broadcast_to(np.arange(count), (len(gradients), count))
    chosen = context_pruning.top_examples(gradients, count) if selection == "top" else first
    return context_pruning.discrepancy(gradients, chosen)[:, None]


def _exact_discrepancy(instance: Batch, kept: Any, selection: str) -> list[Exact]:
    gradients, count = _exact_gradients(instance), int(instance.number(kept))
    if selection == "least":
        return [square_root(min(exact.left_out(gradients, each) for each in combinations(range(len(gradients)), count)))]
    chosen = exact.largest(exact.squared_norms(gradients), count) if selection == "top" else list(range(count))
    return [square_root(exact.left_out(gradients, chosen))]


def _mean_norm(batch: Batch) -> Array:
    return np.asarray(np.linalg.norm(_gradients(batch), axis=-1).mean(axis=1, keepdims=True))


def _exact_mean_norm(instance: Batch) -> list[Exact]:
    squares = exact.squared_norms(_exact_gradients(instance))
    total: Exact = Fraction(0)
    for square in squares:
        total = total + square_root(square)
    return [total / len(squares)]


def _alignment(batch: Batch, kept: Any, selection: str) -> Array:
    gradients, count = _gradients(batch), int(batch.number(kept))
    select = context_pruning.top_examples if selection == "top" else context_pruning.aligned_examples
    part = context_pruning.mean_of(gradients, select(gradients, count))
    return np.asarray((gradients.mean(axis=1) * part).sum(axis=1, keepdims=True))


def _exact_alignment(instance: Batch, kept: Any, selection: str) -> list[Exact]:
    gradients, count = _exact_gradients(instance), int(instance.number(kept))
    whole = exact.mean(gradients)
    scores = exact.squared_norms(gradients) if selection == "top" else [exact.dot(whole, g) for g in gradients]
    return [exact.alignment(gradients, exact.largest(scores, count))]


def _rates(batch: Batch, rate: Any) -> Array:
    return np.broadcast_to(np.asarray(batch.number(rate), dtype=float), (len(batch.tasks.features), 1))[:, 0]


def _form(weights: Array, batch: Batch) -> Array:
    direction = batch.tasks.direction.astype(float)
    return np.einsum("bi,bij,bj->b", direction, weights, direction)[:, None]


def _random_form(batch: Batch, rate: Any, kept: Any) -> Array:
    features = batch.tasks.features.astype(float)
    return _form(context_pruning.random_pruning_weight(features, _rates(batch, rate), int(batch.number(kept))), batch)


def _exact_random_form(instance: Batch, rate: Any, kept: Any) -> list[Exact]:
    return _exact_finite_form(instance, rate, kept, True)


def _finite_form(batch: Batch, rate: Any, kept: Any, finite: bool) -> Array:
    """The weight of an exact step plus what the spread of one example adds over the number of examples."""
    z, count = batch.tasks.features.astype(float), int(batch.number(kept))
    number, alpha = z.shape[1], _rates(batch, rate)[:, None, None]
    whole = np.swapaxes(z, 1, 2) @ z / number
    one = context_pruning.random_pruning_weight(z, _rates(batch, rate), 1)
    step = np.eye(z.shape[2]) - alpha * whole
    spread = one - step @ whole @ step
    return _form(step @ whole @ step + spread / count * ((number - count) / (number - 1) if finite else 1.0), batch)


def _exact_finite_form(instance: Batch, rate: Any, kept: Any, finite: bool) -> list[Exact]:
    features, direction = Matrix(instance.tasks.features[0].tolist()), Matrix(instance.tasks.direction[0].tolist())
    weight = exact.finite_population_weight(features, instance.rational(rate), int(instance.number(kept)), finite)
    return numbers((direction.T * weight * direction)[0, 0])


def _largest_eigenvalue(matrix: Matrix) -> Exact:
    return largest(*(low if low == high else Enclosure(low, high) for low, high in eigenvalue_brackets(matrix)))


def _stretched_loss(batch: Batch, rate: Any, stretch: Any) -> Array:
    """Loss of the whole context, over the one before, after a step `stretch` times as long as one of `rate` over beta."""
    z, start = batch.tasks.features.astype(float), batch.tasks.direction.astype(float)
    whole = np.swapaxes(z, 1, 2) @ z / z.shape[1]
    losses = Quadratics(whole, np.zeros_like(start))
    alpha = (_rates(batch, rate) * _rates(batch, stretch) / np.linalg.eigvalsh(whole)[:, -1])[:, None]
    return np.asarray((losses.value(start - alpha * losses.gradient(start)) / losses.value(start))[:, None])


def _exact_stretched_loss(instance: Batch, rate: Any, stretch: Any) -> list[Exact]:
    """By the parabola that the loss is along the gradient."""
    features, start = Matrix(instance.tasks.features[0].tolist()), Matrix(instance.tasks.direction[0].tolist())
    whole = features.T * features / features.rows
    slope = whole * start
    level, square, curved = (
        Fraction(int(v.p), int(v.q)) for v in ((start.T * slope)[0], (slope.T * slope)[0], (slope.T * whole * slope)[0])
    )
    if not square:
        raise NoValue("the loss has no slope, or is zero, where the step begins")
    length = Fraction(str(instance.rational(rate))) * Fraction(str(instance.rational(stretch))) / _largest_eigenvalue(whole)
    return [1 - 2 * length * square / level + length**2 * curved / level]


def _form_scale(batch: Batch, **_: Any) -> Array:
    """Powers of the features up to the sixth, as a step squared of a second moment has them."""
    sizes = (batch.tasks.features.astype(float) ** 2).sum(axis=2).max(axis=1)
    return np.asarray(((1 + sizes) ** 3 * (1 + (batch.tasks.direction.astype(float) ** 2).sum(axis=1)))[:, None])


QUANTITIES = {
    "pruning_discrepancy": Quantity(_discrepancy, _exact_discrepancy),
    "mean_gradient_norm": Quantity(_mean_norm, _exact_mean_norm),
    "pruned_alignment": Quantity(_alignment, _exact_alignment),
    "stretched_loss": Quantity(_stretched_loss, _exact_stretched_loss),
    "random_pruning_form": Quantity(_random_form, _exact_random_form, _form_scale),
    "finite_population_form": Quantity(_finite_form, _exact_finite_form, _form_scale),
}
