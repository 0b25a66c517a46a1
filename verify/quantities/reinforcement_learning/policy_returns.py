"""Quantities of policies: gaps of returns, visits, gradients and what bounds them.

Arguments: `rate` of an inner step (0: none), `own` or `centred` as 0 or 1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory import policy_curvature as exactly
from verify.arithmetic.enclosure import Exact, square_root
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity
from verify.quantities.reinforcement_learning.process_instances import (
    adapted_logits,
    as_fraction,
    column,
    compared_actions,
    evaluated,
    exact_mean,
    exact_policy,
    exact_process,
    exact_psi,
    exact_weights,
    mean_over_tasks,
    processes,
    return_scale,
    returns_after,
)


def _return_gap(batch: Batch, rate: Any) -> Array:
    return column(mean_over_tasks(batch, returns_after(batch, rate, "others") - returns_after(batch, rate)))


def _advantage_sum(batch: Batch, own: Any) -> Array:
    other, judged = evaluated(batch, 0, "others"), evaluated(batch, 0)
    visits = judged.visits if batch.number(own) else other.visits
    return column(mean_over_tasks(batch, (visits[..., None] * other.policies * judged.advantages).sum(axis=(1, 2))))


def _centred_terms(batch: Batch, rate: Any, centred: Any) -> Array:
    """psi and the gradients, entry by entry multiplied, (batch * n, S, A)."""
    at, other = evaluated(batch, rate), evaluated(batch, rate, "others")
    psi = other.visits[..., None] * other.policies / (at.visits[..., None] * at.policies)
    if batch.number(centred):
        psi = psi - psi.mean(axis=-1, keepdims=True)
    else:
        psi = 1 / at.policies
    return np.asarray(psi * (at.visits[..., None] * at.policies * at.advantages))


def _centred_sum(batch: Batch, rate: Any, centred: Any) -> Array:
    return column(mean_over_tasks(batch, _centred_terms(batch, rate, centred).sum(axis=(1, 2))))


def _centred_scale(batch: Batch, rate: Any, centred: Any) -> Array:
    """Rare actions make large terms, which cancel."""
    terms = np.abs(_centred_terms(batch, rate, centred)).sum(axis=(1, 2))
    return return_scale(batch) + column(mean_over_tasks(batch, terms))


def _first_order_bound(batch: Batch, rate: Any) -> Array:
    """|v| |grad F| + E |psi - (I + rate Hessian) v| |gradient after adaptation|, v the direction."""
    tasks, at, other = processes(batch), evaluated(batch, rate), evaluated(batch, rate, "others")
    psi = other.visits[..., None] * other.policies / (at.visits[..., None] * at.policies)
    psi = psi - psi.mean(axis=-1, keepdims=True)
    gradients = at.visits[..., None] * at.policies * at.advantages
    number = batch.tasks.probabilities.shape[1]
    steps = np.repeat(np.broadcast_to(batch.number(rate), (len(batch.tasks.direction), 1)).astype(float), number, axis=0)

    def carried(vectors: Array) -> Array:
        return vectors + steps[..., None] * tasks.curvature_vectors(adapted_logits(batch, 0), vectors, workers=1)

    def norm(vectors: Array) -> Array:
        return np.asarray(np.sqrt((vectors**2).sum(axis=(-2, -1))))

    direction = np.repeat(batch.tasks.direction, number, axis=0)
    first = norm(batch.tasks.direction) * norm(mean_over_tasks(batch, carried(gradients)))
    return column(first + mean_over_tasks(batch, norm(psi - carried(direction)) * norm(gradients)))


def _comparator_gap(batch: Batch, rate: Any) -> Array:
    _, values = compared_actions(batch)
    return column((processes(batch).start * values).sum(axis=1) - returns_after(batch, rate))


def _chosen(batch: Batch, rate: Any) -> Array:
    """Probabilities of the compared actions, (batch, S)."""
    return np.asarray(np.take_along_axis(evaluated(batch, rate).policies, batch.tasks.compared[..., None], axis=-1)[..., 0])


def _ratios(batch: Batch, rate: Any) -> Array:
    return np.asarray(compared_actions(batch)[0] / evaluated(batch, rate).visits)


def _mismatch(batch: Batch, rate: Any) -> Array:
    return column(((_ratios(batch, rate) / _chosen(batch, rate)) ** 2).sum(axis=1))


def _mismatch_ratio(batch: Batch) -> Array:
    return column(_ratios(batch, 0).max(axis=1))


def _rarest(batch: Batch) -> Array:
    return column(_chosen(batch, 0).min(axis=1))


def _improvement(batch: Batch) -> Array:
    at = evaluated(batch, 0)
    return column((at.visits * at.advantages.max(axis=-1)).sum(axis=1))


def _most_visited(batch: Batch) -> Array:
    return column(evaluated(batch, 0).visits.max(axis=1))


def _gradient_square(batch: Batch, rate: Any) -> Array:
    at = evaluated(batch, rate)
    gradient = at.visits[..., None] * at.policies * at.advantages
    steps = np.asarray(batch.number(rate), dtype=float)
    if np.any(steps != 0):
        bent = processes(batch).curvature_vectors(adapted_logits(batch, 0), gradient, workers=1)
        gradient = gradient + np.broadcast_to(steps, (len(gradient), 1))[..., None] * bent
    return column((gradient**2).sum(axis=(1, 2)))


def _exact_return_gap(instance: Batch, rate: Any) -> list[Exact]:
    def gap(task: int) -> Fraction:
        ends = [
            exact_process(instance, task).value(exact_weights(instance, rate, task, field)) for field in ("others", "weights")
        ]
        return ends[0] - ends[1]

    return exact_mean(instance, gap)


def _exact_advantage_sum(instance: Batch, own: Any) -> list[Exact]:
    def found(task: int) -> Fraction:
        process = exact_process(instance, task)
        judged, other = (process.policy(getattr(instance.tasks, field)[0, task].tolist()) for field in ("weights", "others"))
        return exactly.advantage_sum(process, judged if instance.rational(own) else other, other, judged)

    return exact_mean(instance, found)


def _exact_centred_sum(instance: Batch, rate: Any, centred: Any) -> list[Exact]:
    def found(task: int) -> Fraction:
        process = exact_process(instance, task)
        weights, others = (exact_weights(instance, rate, task, field) for field in ("weights", "others"))
        if instance.rational(centred):
            rows = exact_psi(process, weights, others)
        else:
            rows = [[1 / chance for chance in row] for row in process.policy(weights)]
        return exactly.product(rows, process.gradient(weights))

    return exact_mean(instance, found)


def _exact_first_order_bound(instance: Batch, rate: Any) -> list[Exact]:
    step, direction = as_fraction(instance.rational(rate)), instance.tasks.direction[0].tolist()
    total: list[list[Fraction]] = [[Fraction(0)] * len(row) for row in direction]
    rest: Exact = Fraction(0)
    for task, chance in enumerate(instance.tasks.probabilities[0]):
        process, before = exact_process(instance, task), instance.tasks.weights[0, task].tolist()
        weights, others = (exact_weights(instance, rate, task, field) for field in ("weights", "others"))
        slope = exactly.adapted_gradient(process, before, step)
        total = [[x + chance * y for x, y in zip(*rows, strict=True)] for rows in zip(total, slope, strict=True)]
        bent = process.hessian_vector(before, direction)
        rows = zip(exact_psi(process, weights, others), direction, bent, strict=True)
        left = [[p - v - step * h for p, v, h in zip(*row, strict=True)] for row in rows]
        rest = rest + chance * square_root(exactly.square(left)) * square_root(exactly.square(process.gradient(weights)))
    return [square_root(exactly.square(direction)) * square_root(exactly.square(total)) + rest]


def _exact_comparator_gap(instance: Batch, rate: Any) -> list[Exact]:
    process = exact_process(instance)
    values = process.values(process.certain(instance.tasks.compared[0].tolist()))
    best = sum((m * v for m, v in zip(process.start, values, strict=True)), Fraction(0))
    return [best - process.value(exact_weights(instance, rate))]


def _exact_mismatch(instance: Batch, rate: Any) -> list[Exact]:
    return [exactly.mismatch(exact_process(instance), exact_policy(instance, rate), instance.tasks.compared[0].tolist())]


def _exact_mismatch_ratio(instance: Batch) -> list[Exact]:
    return [max(exactly.visit_ratios(exact_process(instance), exact_policy(instance, 0), instance.tasks.compared[0].tolist()))]


def _exact_rarest(instance: Batch) -> list[Exact]:
    rows = zip(exact_policy(instance, 0), instance.tasks.compared[0].tolist(), strict=True)
    return [min(row[action] for row, action in rows)]


def _exact_improvement(instance: Batch) -> list[Exact]:
    return [exactly.improvement(exact_process(instance), exact_policy(instance, 0))]


def _exact_most_visited(instance: Batch) -> list[Exact]:
    return [max(exact_process(instance).visits(exact_policy(instance, 0)))]


def _exact_gradient_square(instance: Batch, rate: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [exactly.square(exactly.adapted_gradient(exact_process(instance), weights, as_fraction(instance.rational(rate))))]


#: the quantities of this family by name
QUANTITIES = {
    "return_gap": Quantity(_return_gap, _exact_return_gap, return_scale),
    "advantage_sum": Quantity(_advantage_sum, _exact_advantage_sum, return_scale),
    "centred_sum": Quantity(_centred_sum, _exact_centred_sum, _centred_scale),
    "first_order_bound": Quantity(_first_order_bound, _exact_first_order_bound, return_scale),
    "comparator_gap": Quantity(_comparator_gap, _exact_comparator_gap, return_scale),
    "mismatch": Quantity(_mismatch, _exact_mismatch),
    "mismatch_ratio": Quantity(_mismatch_ratio, _exact_mismatch_ratio),
    "rarest_action": Quantity(_rarest, _exact_rarest),
    "improvement": Quantity(_improvement, _exact_improvement, return_scale),
    "most_visited": Quantity(_most_visited, _exact_most_visited),
    "gradient_square": Quantity(_gradient_square, _exact_gradient_square, return_scale),
}
