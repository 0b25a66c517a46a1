"""Quantities of mirror descent: numerics runs the steps, theory follows them in rationals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Matrix, Rational, eye

from numerics import population
from numerics.quadratics import Quadratics
from numerics.related import mirror_descent
from numerics.related.mirror_descent import EntropicMap, MirrorSteps, QuadraticMap
from theory.claim import NoValue
from theory.related import mirror_steps as exact
from verify.arithmetic.enclosure import Enclosure, Exact, exponential, largest, smallest, square_root
from verify.instances.batch import Batch, as_matrix, as_rational
from verify.instances.codes import Array
from verify.instances.families.quadratic import finite, hessians
from verify.quantities.paths import numbers
from verify.quantities.quantity import Quantity, of_order_one

#: the parameter from which the best rate of one step is sought, outside of the optima's interval
PROBE = Fraction(2)


def _flat(batch: Batch, expression: Any, count: int) -> Array:
    value = np.asarray(batch.number(expression), dtype=float)
    return np.broadcast_to(value[..., 0] if value.ndim else value, (count,))


def _exact(instance: Batch, expression: Any) -> Fraction:
    value = instance.rational(expression)
    return Fraction(int(value.p), int(value.q)) if isinstance(value, Rational) else Fraction(value)


# --- quadratic maps on linear losses ----------------------------------------------------------------------------------


def _map(batch: Batch) -> QuadraticMap:
    return QuadraticMap(batch.tasks.scales[..., None] * np.eye(batch.tasks.scales.shape[-1]))


def _path(batch: Batch, rate: Any) -> mirror_descent.Path:
    run = batch.tasks
    return mirror_descent.mirror_descent(_map(batch), run.losses, run.start, _flat(batch, rate, len(run.start)))


def _exact_path(instance: Batch, rate: Any) -> list[list[Fraction]]:
    run = instance.tasks
    arrays = (run.scales[0].tolist(), run.losses[0].tolist(), run.start[0].tolist())
    return exact.diagonal_path(*arrays, _exact(instance, rate))


def _regret(batch: Batch, rate: Any) -> Array:
    return np.asarray(_path(batch, rate).regret(batch.tasks.comparator)[:, None])


def _exact_regret(instance: Batch, rate: Any) -> list[Exact]:
    run, path = instance.tasks, _exact_path(instance, rate)
    return [sum((np.array(w) - run.comparator[0]) @ g for w, g in zip(path, run.losses[0], strict=False))]


def _divergence(batch: Batch, rate: Any, last: bool) -> Array:
    point = _path(batch, rate).last if last else batch.tasks.start
    return np.asarray(_map(batch).divergence(batch.tasks.comparator, point)[:, None])


def _exact_divergence(instance: Batch, rate: Any, last: bool) -> list[Exact]:
    run = instance.tasks
    point = _exact_path(instance, rate)[-1 if last else 0]
    shift = run.comparator[0] - np.array(point)
    return [(run.scales[0] * shift) @ shift / 2]


def _norms(batch: Batch) -> Array:
    run = batch.tasks
    ones = np.ones(len(run.start))
    return np.asarray(mirror_descent.mirror_descent(_map(batch), run.losses, run.start, ones).squared_norms[:, None])


def _exact_norms(instance: Batch) -> list[Exact]:
    run = instance.tasks
    return [(run.losses[0] ** 2 / run.scales[0]).sum()]


def _entropic(batch: Batch, rate: Any) -> Array:
    losses = batch.tasks.losses
    start = np.full((len(losses), losses.shape[-1]), 1 / losses.shape[-1])
    path = mirror_descent.mirror_descent(EntropicMap(), losses, start, _flat(batch, rate, len(losses)))
    return np.asarray((path.loss - path.gradient_sum.min(axis=1))[:, None])


def _exact_entropic(instance: Batch, rate: Any) -> list[Exact]:
    losses, eta = instance.tasks.losses[0], _exact(instance, rate)
    arms = losses.shape[1]
    factors = [[exponential(-eta * loss) for loss in row] for row in losses]
    path = exact.multiplicative_path(factors, [Fraction(1, arms)] * arms)
    suffered: Exact = Fraction(0)
    for point, row in zip(path, losses, strict=False):
        for weight, loss in zip(point, row, strict=True):
            suffered = suffered + weight * loss
    return [suffered - min(losses.sum(axis=0))]


# --- learned maps -----------------------------------------------------------------------------------------------------


def _learned(batch: Batch) -> Array:
    spread, slopes = batch.tasks.spread, batch.tasks.slopes
    found = mirror_descent.learned_map(_symmetric(spread), _symmetric(slopes))
    return np.asarray(mirror_descent.regret_bound(found.matrix, spread, slopes)[:, None])


def _symmetric(matrices: Array) -> Array:
    return np.asarray((matrices + np.swapaxes(matrices, -1, -2)) / 2)


def _exact_learned(instance: Batch) -> list[Exact]:
    brackets = exact.squared_roots(as_matrix(instance.tasks.spread[0]), as_matrix(instance.tasks.slopes[0]))
    total: Exact = Fraction(0)
    for low, high in brackets:
        total = total + square_root(low if low == high else Enclosure(low, high))
    return [total]


def _diagonal(batch: Batch) -> Array:
    """That of the map with the entries sqrt(G_ii/A_ii)."""
    spread, slopes = batch.tasks.spread, batch.tasks.slopes
    entries = np.sqrt(np.einsum("bii->bi", slopes) / np.einsum("bii->bi", spread))
    return np.asarray(mirror_descent.regret_bound(entries[:, None] * np.eye(entries.shape[1]), spread, slopes)[:, None])


def _exact_diagonal(instance: Batch) -> list[Exact]:
    total: Exact = Fraction(0)
    for a, g in zip(np.diag(instance.tasks.spread[0]), np.diag(instance.tasks.slopes[0]), strict=True):
        total = total + square_root(a * g)
    return [total]


def _euclidean(batch: Batch) -> Array:
    """That of the best multiple of the identity."""
    spread, slopes = batch.tasks.spread, batch.tasks.slopes
    scale = np.sqrt(np.einsum("bii->b", slopes) / np.einsum("bii->b", spread))
    return np.asarray(mirror_descent.regret_bound(scale[:, None, None] * np.eye(spread.shape[-1]), spread, slopes)[:, None])


def _exact_euclidean(instance: Batch) -> list[Exact]:
    spread, slopes = instance.tasks.spread[0], instance.tasks.slopes[0]
    return [square_root(np.trace(spread) * np.trace(slopes))]


def _map_bound(batch: Batch) -> Array:
    tasks = batch.tasks
    return np.asarray(mirror_descent.regret_bound(tasks.matrix, tasks.spread, tasks.slopes)[:, None])


def _exact_map_bound(instance: Batch) -> list[Exact]:
    tasks = instance.tasks
    spread, slopes, matrix = (as_matrix(entries[0]) for entries in (tasks.spread, tasks.slopes, tasks.matrix))
    return numbers(((matrix * spread).trace() + (matrix.inv() * slopes).trace()) / 2)


# --- mirror steps as an inner loop ------------------------------------------------------------------------------------


def _excess(batch: Batch, rate: Any, steps: Any) -> Array:
    """Half the squared distance of the optima in the norm of the expected deployment weight, the steps executed."""
    tasks = batch.tasks
    alpha = _flat(batch, rate, len(tasks.optima)) / tasks.eigenvalues.max(axis=(1, 2))
    rule = MirrorSteps(alpha, int(batch.number(steps)), _symmetric(tasks.preconditioner))
    weights = rule.deployment_weight(tasks.curvatures)
    shift = population.optimum(tasks.probabilities, tasks.curvatures, tasks.optima)
    shift = shift - population.optimum(tasks.probabilities, weights, tasks.optima)
    mean = population.mean_weight(tasks.probabilities, weights)
    return np.asarray(0.5 * np.einsum("bi,bij,bj->b", shift, mean, shift)[:, None])


def _exact_excess(instance: Batch, rate: Any, steps: Any) -> list[Exact]:
    """The difference of two risks in the deployment weight."""
    tasks = instance.tasks
    alpha = as_rational(_exact(instance, rate) / max(tasks.eigenvalues[0].ravel()))
    preconditioner = as_matrix(tasks.preconditioner[0])
    curvatures = [as_matrix(q) for q in tasks.curvatures[0]]
    residuals = [(eye(q.rows) - alpha * preconditioner * q) ** int(instance.number(steps)) for q in curvatures]
    weights = [r.T * q * r for r, q in zip(residuals, curvatures, strict=True)]
    return numbers(_exact_risk(instance, weights, curvatures) - _exact_risk(instance, weights, weights))


def _exact_risk(instance: Batch, weights: list[Matrix], trained: list[Matrix]) -> Any:
    """Risk in a weight of the optimum of another."""
    tasks = instance.tasks
    chances = [as_rational(chance) for chance in tasks.probabilities[0]]
    optima = [as_matrix(optimum[:, None]) for optimum in tasks.optima[0]]
    matrix = sum((c * w for c, w in zip(chances, trained, strict=True)), 0 * trained[0])
    vector = sum((c * w * o for c, w, o in zip(chances, trained, optima, strict=True)), 0 * optima[0])
    if matrix.det() == 0:
        raise NoValue("the expected weight is singular, so that its optimum is not unique")
    theta = matrix.LUsolve(vector)
    return sum(c * ((theta - o).T * w * (theta - o))[0, 0] for c, w, o in zip(chances, weights, optima, strict=True)) / 2


def _joint_risk(batch: Batch) -> Array:
    tasks = batch.tasks
    theta = population.optimum(tasks.probabilities, tasks.curvatures, tasks.optima)
    return np.asarray(population.risk(tasks.probabilities, tasks.curvatures, tasks.optima, theta)[:, None])


def _exact_joint_risk(instance: Batch) -> list[Exact]:
    curvatures = [as_matrix(q) for q in instance.tasks.curvatures[0]]
    return numbers(_exact_risk(instance, curvatures, curvatures))


def _preconditioned_eigenvalue(batch: Batch, end: str) -> Array:
    """By the eigenvalues of the product, as a user finds them."""
    tasks = batch.tasks
    found = np.linalg.eigvals(tasks.preconditioner[:, None] @ tasks.curvatures).real
    return np.asarray((found.max(axis=(1, 2)) if end == "upper" else found.min(axis=(1, 2)))[:, None])


def _exact_preconditioned_eigenvalue(instance: Batch, end: str) -> list[Exact]:
    found = instance.tasks.eigenvalues[0].ravel()
    return [max(found) if end == "upper" else min(found)]


def _curvature_eigenvalue(batch: Batch, end: str) -> Array:
    found = np.linalg.eigvalsh(_symmetric(batch.tasks.curvatures))
    return np.asarray((found.max(axis=(1, 2)) if end == "upper" else found.min(axis=(1, 2)))[:, None])


def _exact_curvature_eigenvalue(instance: Batch, end: str) -> list[Exact]:
    brackets = [pair for q in map(as_matrix, instance.tasks.curvatures[0]) for pair in exact.eigenvalue_brackets(q)]
    found = [low if low == high else Enclosure(low, high) for low, high in brackets]
    return [largest(*found) if end == "upper" else smallest(*found)]


def _step_risk(batch: Batch, kind: str) -> Array:
    """From a fixed parameter outside of the optima's cube."""
    tasks = batch.tasks
    law = tasks.probabilities, _symmetric(tasks.curvatures), float(PROBE) - tasks.optima
    if kind == "rate":
        matrix = mirror_descent.best_rate(*law)[:, None, None] * np.eye(tasks.optima.shape[-1])
    else:
        matrix = mirror_descent.best_preconditioner(*law, symmetric=kind == "symmetric")
    return np.asarray(mirror_descent.step_risk(matrix, *law)[:, None])


def _exact_step_risk(instance: Batch, kind: str) -> list[Exact]:
    tasks = instance.tasks
    chances = [as_rational(chance) for chance in tasks.probabilities[0]]
    gaps = [as_matrix((PROBE - optimum)[:, None]) for optimum in tasks.optima[0]]
    return numbers(exact.step_risk(chances, [as_matrix(q) for q in tasks.curvatures[0]], gaps, kind))


def _start_scale(batch: Batch, **_: Any) -> Array:
    """The risk before the step, from which what is left is a difference."""
    tasks = batch.tasks
    gap = float(PROBE) - tasks.optima
    return np.asarray(np.einsum("bn,bni,bnij,bnj->b", tasks.probabilities, gap, tasks.curvatures, gap)[:, None])


def _best_rate_share(batch: Batch) -> Array:
    tasks = finite(batch)
    gap = float(PROBE) - tasks.optima
    rate = mirror_descent.best_rate(tasks.probabilities, hessians(batch), gap)
    losses = Quadratics(hessians(batch), np.zeros_like(gap))
    after = gap - rate[:, None, None] * losses.gradient(gap)
    risks = [(tasks.probabilities * losses.value(at)).sum(axis=1) for at in (after, gap)]
    return np.asarray((risks[0] / risks[1])[:, None])


def _exact_best_rate_share(instance: Batch) -> list[Exact]:
    tasks = finite(instance)
    moments = []
    for power in (1, 2, 3):
        terms = tasks.probabilities[0] * tasks.eigenvalues[0, :, 0] ** power * (PROBE - tasks.optima[0, :, 0]) ** 2
        moments.append(terms.sum())
    return [1 - moments[1] ** 2 / (moments[0] * moments[2])]


QUANTITIES = {
    "mirror_regret": Quantity(_regret, _exact_regret, of_order_one),
    "mirror_divergence": Quantity(_divergence, _exact_divergence, of_order_one),
    "mirror_norms": Quantity(_norms, _exact_norms),
    "entropic_regret": Quantity(_entropic, _exact_entropic, of_order_one),
    "learned_map_bound": Quantity(_learned, _exact_learned),
    "diagonal_map_bound": Quantity(_diagonal, _exact_diagonal),
    "euclidean_map_bound": Quantity(_euclidean, _exact_euclidean),
    "map_bound": Quantity(_map_bound, _exact_map_bound),
    "mirror_excess": Quantity(_excess, _exact_excess, of_order_one),
    "joint_risk": Quantity(_joint_risk, _exact_joint_risk, of_order_one),
    "preconditioned_eigenvalue": Quantity(_preconditioned_eigenvalue, _exact_preconditioned_eigenvalue),
    "curvature_eigenvalue": Quantity(_curvature_eigenvalue, _exact_curvature_eigenvalue),
    "step_risk": Quantity(_step_risk, _exact_step_risk, _start_scale),
    "best_rate_share": Quantity(_best_rate_share, _exact_best_rate_share, of_order_one),
}
