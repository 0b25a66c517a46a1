"""Second derivatives of returns along directions, of the return itself and of what inner losses put in its place.

Arguments: `block` of the direction (0: all of it, 1 or 2: its part at a state), `baseline` as 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from theory import policy_curvature as exactly
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity
from verify.quantities.reinforcement_learning.process_instances import (
    adapted_logits,
    column,
    evaluated,
    exact_process,
    processes,
    return_scale,
)


def _direction(batch: Batch, block: Any) -> Array:
    """The direction (block 0), or its part at the first or second state (1 or 2)."""
    direction, kept = np.array(batch.tasks.direction), batch.number(block)
    if kept:
        others = [s for s in range(direction.shape[1]) if s != kept - 1]
        direction[:, others] = 0 * direction[:, others]
    return direction


def _direction_square(batch: Batch, block: Any) -> Array:
    return column((_direction(batch, block) ** 2).sum(axis=(1, 2)))


def _form(kind: str) -> Callable[[Batch, Any], Array]:
    def measured(batch: Batch, block: Any) -> Array:
        direction = _direction(batch, block)
        bent = processes(batch).curvature_vectors(adapted_logits(batch, 0), direction, kind, workers=1)
        return column((direction * bent).sum(axis=(1, 2)))

    return measured


def _mixed_form(batch: Batch) -> Array:
    bent = processes(batch).curvature_vectors(adapted_logits(batch, 0), _direction(batch, 2), workers=1)
    return column((_direction(batch, 1) * bent).sum(axis=(1, 2)))


def _cross_form(batch: Batch) -> Array:
    """The change of values along the direction by the complex step, which knows no formula for it."""
    tasks, at, direction = processes(batch), evaluated(batch, 0), np.asarray(batch.tasks.direction)
    points = (adapted_logits(batch, 0) + 1e-30j * direction).reshape(tasks.number, -1)
    change = tasks.losses()._by_inverse(points)[2].imag / 1e-30
    following = tasks.discount * np.einsum("nsat,nt->nsa", tasks.transitions, change)
    scores = direction - (at.policies * direction).sum(axis=-1, keepdims=True)
    return column(2 * (at.visits[..., None] * at.policies * scores * following).sum(axis=(1, 2)))


def _loglik_form(batch: Batch, baseline: Any) -> Array:
    return _form("first order" if batch.number(baseline) else "log-likelihood")(batch, 0)


def _exact_direction(instance: Batch, block: Any) -> list[list[Fraction]]:
    rows, kept = instance.tasks.direction[0].tolist(), instance.rational(block)
    return [row if kept in (0, s + 1) else [Fraction(0)] * len(row) for s, row in enumerate(rows)]


def _exact_direction_square(instance: Batch, block: Any) -> list[Exact]:
    return [exactly.square(_exact_direction(instance, block))]


def _exact_form(instance: Batch, block: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [2 * exact_process(instance).taylor(weights, _exact_direction(instance, block), 2)[2]]


def _exact_mixed_form(instance: Batch) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [exact_process(instance).form(weights, _exact_direction(instance, 1), _exact_direction(instance, 2))]


def _exact_surrogate_form(instance: Batch, block: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [exactly.surrogate_form(exact_process(instance), weights, _exact_direction(instance, block))]


def _exact_cross_form(instance: Batch) -> list[Exact]:
    return [
        exactly.cross_form(exact_process(instance), instance.tasks.weights[0, 0].tolist(), instance.tasks.direction[0].tolist())
    ]


def _exact_loglik_form(instance: Batch, baseline: Any) -> list[Exact]:
    weights, direction = instance.tasks.weights[0, 0].tolist(), instance.tasks.direction[0].tolist()
    return [exactly.loglik_form(exact_process(instance), weights, direction, bool(instance.rational(baseline)))]


def _form_scale(batch: Batch, **_: Any) -> Array:
    return return_scale(batch) * _direction_square(batch, 0)


#: the quantities of this family by name
QUANTITIES = {
    "direction_square": Quantity(_direction_square, _exact_direction_square),
    "curvature_form": Quantity(_form("exact"), _exact_form, _form_scale),
    "mixed_form": Quantity(_mixed_form, _exact_mixed_form, _form_scale),
    "surrogate_form": Quantity(_form("likelihood ratio"), _exact_surrogate_form, _form_scale),
    "cross_form": Quantity(_cross_form, _exact_cross_form, _form_scale),
    "loglik_form": Quantity(_loglik_form, _exact_loglik_form, _form_scale),
}
