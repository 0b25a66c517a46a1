"""Quantities of meta-learning with a constant kernel; importing it makes the rules of `zhou-2021` known to numerics."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import scipy.linalg
from sympy import eye

from numerics.quadratics import Quadratics
from numerics.related import kernel_rules  # noqa: F401  (defining a rule enters it in numerics' table)
from numerics.related.kernel_regression import adapted_outputs
from numerics.rules import GradientFlow
from theory.notation import q
from theory.related import kernel_machines as exact
from verify.arithmetic.enclosure import Exact, absolute, exponential
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.batch import Batch, as_matrix
from verify.instances.codes import Array, congruence
from verify.instances.families.quadratic import exact_rule
from verify.instances.family import mapped
from verify.quantities.paths import executed, numbers
from verify.quantities.quantity import Quantity


def _grams(batch: Batch) -> Array:
    machine = batch.tasks
    return np.asarray(batch.remembered("gram", lambda: congruence(machine.eigenvectors, machine.eigenvalues)))


def _adaptation(batch: Batch, rule: Any) -> Array:
    """The rule run on the tasks in feature space, and the adapted functions at the other points; f there is zero."""
    chosen, machine = executed(batch.rule(rule), batch), batch.tasks
    return adapted_outputs(_grams(batch), machine.miss, machine.cross, chosen)[:, None]


def _exact_adaptation(instance: Batch, rule: Any) -> list[Exact]:
    formula = exact_rule(instance, rule).residual(q)
    return [_in_eigenvectors(instance, lambda at: np.asarray(evaluate(formula, {q: at}, EXACT)).ravel()[0])]


def _in_eigenvectors(instance: Batch, residual: Any) -> Exact:
    machine = instance.tasks
    vectors, values = machine.eigenvectors[0].T.tolist(), machine.eigenvalues[0].tolist()
    found: Exact = exact.adapted(Fraction(0), machine.cross[0].tolist(), machine.miss[0].tolist(), vectors, values, residual)
    return found


def _exponential(batch: Batch, time: Any) -> Array:
    """k K^-1 (e^{-time K} - 1)(f - Y), by matrix exponentials and solves."""
    machine, span = batch.tasks, np.asarray(batch.number(time))[..., None]
    moved = (scipy.linalg.expm(-span * _grams(batch)) @ machine.miss[..., None])[..., 0] - machine.miss
    solved = np.linalg.solve(_grams(batch), moved[..., None])[..., 0]
    return (machine.cross * solved).sum(axis=-1, keepdims=True)


def _exact_exponential(instance: Batch, time: Any) -> list[Exact]:
    span, number = _fraction(instance.rational(time)), instance.tasks.miss.shape[1]
    return [_in_eigenvectors(instance, lambda curvature: exponential(-span * number * curvature))]


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q)) if hasattr(value, "p") else Fraction(value)


def _ridge(batch: Batch, ridge: Any) -> Array:
    """k (K + ridge)^-1 (Y - f), by a solve."""
    machine, strength = batch.tasks, np.asarray(batch.number(ridge))[..., None]
    shifted = _grams(batch) + strength * np.eye(machine.miss.shape[-1])
    solved = np.linalg.solve(shifted, -machine.miss[..., None])[..., 0]
    return (machine.cross * solved).sum(axis=-1, keepdims=True)


def _exact_ridge(instance: Batch, ridge: Any) -> list[Exact]:
    strength, number = _fraction(instance.rational(ridge)), instance.tasks.miss.shape[1]
    return [_in_eigenvectors(instance, lambda curvature: strength / (strength + number * curvature))]


def _miss(batch: Batch, rule: Any) -> Array:
    """The adapted functions' misses: at each training point the other point's kernel values are its own."""
    chosen, machine, grams = executed(batch.rule(rule), batch), batch.tasks, _grams(batch)
    columns = [adapted_outputs(grams, machine.miss, grams[:, :, at], chosen) for at in range(grams.shape[1])]
    return np.asarray(machine.miss + np.stack(columns, axis=1))


def _exact_miss(instance: Batch, rule: Any) -> list[Exact]:
    """The residual along each eigenvector."""
    machine, formula = instance.tasks, exact_rule(instance, rule).residual(q)
    vectors, number = machine.eigenvectors[0], machine.miss.shape[1]
    along = vectors.T @ machine.miss[0]
    left = [np.asarray(evaluate(formula, {q: value / number}, EXACT)).ravel()[0] for value in machine.eigenvalues[0]]
    return list(vectors @ (along * np.array(left, dtype=object)))


def _posterior_miss(batch: Batch, noise: Any) -> Array:
    """By conditioning the joint normal law of values and noisy targets."""
    machine, grams = batch.tasks, _grams(batch)
    seen = grams + np.asarray(batch.number(noise))[..., None] * np.eye(grams.shape[1])
    return np.asarray(machine.miss - (grams @ np.linalg.solve(seen, machine.miss[..., None]))[..., 0])


def _exact_posterior_miss(instance: Batch, noise: Any) -> list[Exact]:
    """noise (K + noise)^-1 (f - Y), by elimination."""
    machine = instance.tasks
    gram, variance = as_matrix(congruence(machine.eigenvectors, machine.eigenvalues)[0]), instance.rational(noise)
    left = variance * (gram + variance * eye(gram.rows)).LUsolve(as_matrix(machine.miss[0][:, None]))
    return [number for entry in left for number in numbers(entry)]


def _one_example_error(batch: Batch, time: Any, signed: bool = False) -> Array:
    """|E R(after the flow on one example) - E[R - T |grad R|^2]|, or without the bars; the flow run on every example."""
    law, span = batch.tasks, np.broadcast_to(batch.number(time), (len(batch.tasks.gap), 1))
    x, gap = law.features.astype(float), law.gap.astype(float)
    losses = Quadratics(x[..., :, None] * x[..., None, :], np.zeros_like(x))
    left = GradientFlow(span[:, 0]).adapt(losses, np.broadcast_to(gap[:, None], x.shape))
    whole = np.einsum("bn,bni,bnj->bij", law.probabilities, x, x)
    after = 0.5 * np.einsum("bn,bni,bij,bnj->b", law.probabilities, left, whole, left)
    slope = np.einsum("bij,bj->bi", whole, gap)
    before = 0.5 * (gap * slope).sum(axis=1) - span[:, 0] * (slope**2).sum(axis=1)
    return (after - before if signed else np.abs(after - before))[:, None]


def _exact_one_example_error(instance: Batch, time: Any, signed: bool = False) -> list[Exact]:
    law, span = instance.tasks, _fraction(instance.rational(time))
    features = [[Fraction(int(v)) for v in row] for row in law.features[0]]
    gap = [Fraction(int(v)) for v in law.gap[0]]
    decays = [exponential(-span * exact.dot(x, x)) for x in features]
    before, slope, after = exact.one_example_energies(law.probabilities[0].tolist(), features, gap, decays)
    error = after - (before - span * slope)
    return [error if signed else absolute(error)]


def _one_example_curvature(batch: Batch) -> Array:
    """Second derivative of the error at time zero: the flow by matrix exponentials at complex times on a circle around it."""
    law, rows = batch.tasks, len(batch.tasks.gap)
    if (law.features == law.features[:1]).all() and (law.gap == law.gap[:1]).all():
        law = mapped(law, lambda array: array[:1])  # one law throughout
    x, gap = law.features.astype(float), law.gap.astype(float)
    whole = np.einsum("bn,bni,bnj->bij", law.probabilities, x, x)
    nodes = np.exp(2j * np.pi * np.arange(32) / 32)
    radius = 1 / (x**2).sum(axis=-1).max(axis=1)
    found = np.zeros(len(gap), complex)
    for node in nodes:
        flow = scipy.linalg.expm(-(radius * node)[:, None, None, None] * x[..., :, None] * x[..., None, :])
        left = (flow @ gap[:, None, :, None])[..., 0]
        found += np.einsum("bn,bni,bij,bnj->b", law.probabilities, left, whole, left) / 2 / node**2
    return np.broadcast_to((2 * found.real / len(nodes) / radius**2)[:, None], (rows, 1))


def _exact_one_example_curvature(instance: Batch) -> list[Exact]:
    law = instance.tasks
    features = [[Fraction(int(v)) for v in row] for row in law.features[0]]
    return [exact.one_example_curvature(law.probabilities[0].tolist(), features, [Fraction(int(v)) for v in law.gap[0]])]


def _error_scale(batch: Batch, time: Any = None, signed: bool = False) -> Array:
    law = batch.tasks
    sizes = (law.features.astype(float) ** 2).sum(axis=-1).max(axis=-1) * (law.gap.astype(float) ** 2).sum(axis=-1)
    return np.asarray(sizes[:, None])


def _curvature_scale(batch: Batch) -> Array:
    law = batch.tasks
    sizes = (law.features.astype(float) ** 2).sum(axis=-1).max(axis=-1)
    return np.asarray((sizes**3 * (law.gap.astype(float) ** 2).sum(axis=-1))[:, None])


QUANTITIES = {
    "kernel_adaptation": Quantity(_adaptation, _exact_adaptation),
    "kernel_exponential": Quantity(_exponential, _exact_exponential),
    "kernel_ridge": Quantity(_ridge, _exact_ridge),
    "kernel_miss": Quantity(_miss, _exact_miss),
    "posterior_miss": Quantity(_posterior_miss, _exact_posterior_miss),
    "one_example_curvature": Quantity(_one_example_curvature, _exact_one_example_curvature, _curvature_scale),
    "one_example_error": Quantity(_one_example_error, _exact_one_example_error, _error_scale),
}
