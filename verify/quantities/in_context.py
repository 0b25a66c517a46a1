"""Quantities of linear attention: numerics solves for its matrix, theory derives the moments and inverts rationals."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Integer, Matrix, Rational, oo

from numerics.quadratics import Quadratics
from numerics.related import linear_attention
from theory.notation import q, tau2
from theory.related import prompts as exact
from verify.arithmetic.enclosure import Exact
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.instances.batch import Batch, as_matrix
from verify.instances.codes import Array
from verify.instances.families.quadratic import exact_rule
from verify.quantities.paths import executed, numbers
from verify.quantities.quantity import Quantity


def _flat(batch: Batch, expression: Any) -> Array:
    """An argument as an array (batch,), infinity admitted."""
    if expression == oo:
        return np.full(len(batch.tasks.mean), np.inf)
    value = np.asarray(batch.number(expression), dtype=float)
    return np.broadcast_to(value[..., 0] if value.ndim else value, (len(batch.tasks.mean),))


def _prior(batch: Batch, from_zero: bool) -> Array:
    law = batch.tasks
    return np.asarray(law.prior + law.mean[:, :, None] * law.mean[:, None, :] if from_zero else law.prior)


def _laws(instance: Batch, from_zero: bool = False) -> tuple[Matrix, Matrix]:
    law = instance.tasks
    prior, mean = as_matrix(law.prior[0]), as_matrix(law.mean[0][:, None])
    return as_matrix(law.covariance[0]), prior + mean * mean.T if from_zero else prior


def _share(instance: Batch, context: Any) -> Rational:
    return Integer(0) if context == oo else 1 / Rational(instance.rational(context))


def _least(batch: Batch, noise: Any, context: Any, from_zero: bool = False) -> Array:
    law = batch.tasks.covariance, _prior(batch, from_zero), _flat(batch, noise), _flat(batch, context)
    return linear_attention.risk(linear_attention.best_matrix(*law), *law)[:, None]


def _exact_least(instance: Batch, noise: Any, context: Any, from_zero: bool = False) -> list[Exact]:
    law = *_laws(instance, from_zero), instance.rational(noise), _share(instance, context)
    return numbers(exact.risk(exact.best_matrix(*law), *law))


def _best_matrix(batch: Batch, noise: Any, context: Any) -> Array:
    law = batch.tasks.covariance, batch.tasks.prior, _flat(batch, noise), _flat(batch, context)
    return linear_attention.best_matrix(*law).reshape((len(batch.tasks.covariance), -1))


def _exact_best_matrix(instance: Batch, noise: Any, context: Any) -> list[Exact]:
    law = *_laws(instance), instance.rational(noise), _share(instance, context)
    return [number for entry in exact.best_matrix(*law) for number in numbers(entry)]


def _inverse_of_sum(batch: Batch, share: Any, noise: Any, context: Any) -> Array:
    """(share Q + (tr Q + noise)/context I)^-1."""
    covariance = batch.tasks.covariance
    rest = (np.einsum("bii->b", covariance) + _flat(batch, noise)) / _flat(batch, context)
    total = _flat(batch, share)[:, None, None] * covariance + rest[:, None, None] * np.eye(covariance.shape[-1])
    return np.asarray(np.linalg.inv(total).reshape((len(total), -1)))


def _exact_inverse_of_sum(instance: Batch, share: Any, noise: Any, context: Any) -> list[Exact]:
    covariance, _ = _laws(instance)
    rest = (covariance.trace() + instance.rational(noise)) * _share(instance, context)
    total = instance.rational(share) * covariance + rest * Matrix.eye(covariance.rows)
    return [number for entry in total.inv() for number in numbers(entry)]


def _scalar(batch: Batch, rate: Any, noise: Any, context: Any) -> Array:
    law = batch.tasks.covariance, batch.tasks.prior, _flat(batch, noise), _flat(batch, context)
    matrix = _flat(batch, rate)[:, None, None] * np.eye(batch.tasks.covariance.shape[-1])
    return linear_attention.risk(matrix, *law)[:, None]


def _exact_scalar(instance: Batch, rate: Any, noise: Any, context: Any) -> list[Exact]:
    law = *_laws(instance), instance.rational(noise), _share(instance, context)
    return numbers(exact.risk(instance.rational(rate) * Matrix.eye(law[0].rows), *law))


def _best_rate(batch: Batch, noise: Any, context: Any) -> Array:
    law = batch.tasks.covariance, batch.tasks.prior, _flat(batch, noise), _flat(batch, context)
    matrix = linear_attention.best_rate(*law)[:, None, None] * np.eye(batch.tasks.covariance.shape[-1])
    return linear_attention.risk(matrix, *law)[:, None]


def _exact_best_rate(instance: Batch, noise: Any, context: Any) -> list[Exact]:
    law = *_laws(instance), instance.rational(noise), _share(instance, context)
    return numbers(exact.risk(exact.best_rate(*law) * Matrix.eye(law[0].rows), *law))


def _transferred(batch: Batch, noise: Any, context: Any, length: Any) -> Array:
    law = batch.tasks.covariance, batch.tasks.prior, _flat(batch, noise)
    matrix = linear_attention.best_matrix(*law, _flat(batch, context))
    return linear_attention.risk(matrix, *law, _flat(batch, length))[:, None]


def _exact_transferred(instance: Batch, noise: Any, context: Any, length: Any) -> list[Exact]:
    law = *_laws(instance), instance.rational(noise)
    matrix = exact.best_matrix(*law, _share(instance, context))
    return numbers(exact.risk(matrix, *law, _share(instance, length)))


def _spectral_sum(batch: Batch, summand: Any) -> Array:
    """Sum over the eigenvalues of the covariance of a function of them and of their sum."""
    spectrum = batch.tasks.spectrum
    at, total = summand.variables
    values = {**batch.values, at: spectrum, total: spectrum.sum(axis=1, keepdims=True)}
    return np.asarray(np.broadcast_to(evaluate(summand.expr, values, FLOATS), spectrum.shape).sum(axis=1, keepdims=True))


def _exact_spectral_sum(instance: Batch, summand: Any) -> list[Exact]:
    spectrum = instance.tasks.spectrum
    at, total = summand.variables
    values = {**instance.values, at: spectrum, total: spectrum.sum(axis=1, keepdims=True)}
    return [np.asarray(evaluate(summand.expr, values, EXACT)).sum()]


def _from_zero(batch: Batch, rule: Any, noise: Any) -> Array:
    """Mean risk after the rule's step from zero on tasks whose optima are root(p) times the unit vectors, without the noise."""
    law, variance = batch.tasks, _flat(batch, noise)
    size = law.covariance.shape[-1]
    shape = (len(variance), size, size, size)
    optima = np.broadcast_to(np.sqrt(size) * np.eye(size), shape[:-1])
    losses = Quadratics(np.broadcast_to(law.covariance[:, None], shape), optima, np.repeat(variance[:, None], size, axis=1))
    values = executed(batch.rule(rule), batch).adapted_value(losses, np.zeros(shape[:-1]))
    return (values.mean(axis=1) - variance / 2)[:, None]


def _exact_from_zero(instance: Batch, rule: Any, noise: Any) -> list[Exact]:
    """Half the trace of the rule's weight, from its eigenvalues, and what label noise adds."""
    chosen: Any = exact_rule(instance, rule)
    spectrum = [Rational(value.numerator, value.denominator) for value in instance.tasks.spectrum[0]]
    squares = sum(value**2 for value in spectrum)
    weight = sum(chosen.training_weight(q).subs({q: value, tau2: squares}) for value in spectrum)
    share = instance.rational(noise) * chosen.alpha**2 / chosen.inner_samples
    return numbers(weight / 2 + share * squares / 2)


def _pretrained(batch: Batch, seen: Any) -> Array:
    tasks = batch.tasks.tasks
    prior = np.swapaxes(tasks, -1, -2) @ tasks / tasks.shape[1]
    unit = np.broadcast_to(np.eye(tasks.shape[-1]), prior.shape)
    matrix = linear_attention.best_matrix(unit, prior, 0.0, np.inf)
    return linear_attention.risk(matrix, unit, prior if int(seen) else unit, 0.0, np.inf)[:, None]


def _exact_pretrained(instance: Batch, seen: Any) -> list[Exact]:
    tasks = as_matrix(instance.tasks.tasks[0])
    return numbers(exact.misses(exact.span_projector(tasks), tasks if int(seen) else None))


def _unit_scale(batch: Batch, **_: Any) -> Array:
    """Risks are differences of numbers of the size of the prior."""
    law = batch.tasks
    matrices = law.tasks if hasattr(law, "tasks") else law.prior
    return np.asarray((1 + np.abs(matrices).sum(axis=(1, 2)))[:, None])


QUANTITIES = {
    "best_attention_matrix": Quantity(_best_matrix, _exact_best_matrix),
    "inverse_of_sum": Quantity(_inverse_of_sum, _exact_inverse_of_sum),
    "least_attention_risk": Quantity(_least, _exact_least, _unit_scale),
    "scalar_attention_risk": Quantity(_scalar, _exact_scalar, _unit_scale),
    "best_rate_risk": Quantity(_best_rate, _exact_best_rate, _unit_scale),
    "transferred_attention_risk": Quantity(_transferred, _exact_transferred, _unit_scale),
    "spectral_sum": Quantity(_spectral_sum, _exact_spectral_sum),
    "sampled_step_from_zero": Quantity(_from_zero, _exact_from_zero, _unit_scale),
    "pretrained_risk": Quantity(_pretrained, _exact_pretrained, _unit_scale),
}
