"""Quantities of coverage functions: numerics tabulates and maximises them, theory exhausts sets."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from numerics.related import set_functions
from theory.related import set_functions as exact
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity


def _tables(batch: Batch) -> Array:
    tables = lambda: set_functions.coverage_tables(batch.tasks.covers, batch.tasks.weights)  # noqa: E731
    return np.asarray(batch.remembered("coverage tables", tables))


def _tasks(instance: Batch) -> list[exact.Task]:
    covers, weights = instance.tasks.covers[0], instance.tasks.weights[0]
    return [(c.tolist(), [Fraction(int(v)) for v in w]) for c, w in zip(covers, weights, strict=True)]


def _violation(batch: Batch, own: Any) -> Array:
    objective = set_functions.meta_objective(_tables(batch), batch.number(own))
    return set_functions.submodularity_violation(objective)[:, None]


def _exact_violation(instance: Batch, own: Any) -> list[Exact]:
    return [Fraction(exact.violation(_tasks(instance), int(instance.number(own))))]


def _best(batch: Batch, shared: Any, own: Any) -> Array:
    return set_functions.best_value(_tables(batch), *_counts(batch, shared, own))[:, None]


def _exact_best(instance: Batch, shared: Any, own: Any) -> list[Exact]:
    return [Fraction(exact.best_value(_tasks(instance), *_counts(instance, shared, own)))]


def _counts(batch: Batch, *numbers: Any) -> list[int]:
    """Numbers of elements, no more than there are."""
    ground = batch.tasks.covers.shape[-2]
    return [min(int(batch.number(number)), ground) for number in numbers]


def _joint_then_adapted(batch: Batch, shared: Any, own: Any) -> Array:
    return set_functions.shared_first_value(_tables(batch), *_counts(batch, shared, own))[:, None]


def _exact_joint_then_adapted(instance: Batch, shared: Any, own: Any) -> list[Exact]:
    return [Fraction(exact.shared_first(_tasks(instance), *_counts(instance, shared, own)))]


def _greedy(batch: Batch, shared: Any, own: Any, own_first: Any) -> Array:
    common, further = _counts(batch, shared, own)
    first = bool(batch.number(own_first))
    return set_functions.greedy_value(_tables(batch), common, further, own_first=first)[:, None]


def _exact_greedy(instance: Batch, shared: Any, own: Any, own_first: Any) -> list[Exact]:
    common, further = _counts(instance, shared, own)
    return [Fraction(exact.both_greedy(_tasks(instance), common, further, bool(instance.number(own_first))))]


QUANTITIES = {
    "submodularity_violation": Quantity(_violation, _exact_violation),
    "best_meta_value": Quantity(_best, _exact_best),
    "joint_then_adapted_value": Quantity(_joint_then_adapted, _exact_joint_then_adapted),
    "greedy_meta_value": Quantity(_greedy, _exact_greedy),
}
