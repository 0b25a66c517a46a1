"""Quantities for the two means that optima in one dimension are: how far their measures on tasks differ.

The optimum of a weight w is the mean of the tasks' optima under the measure with density w/E[w].
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Rational

from theory.rules import Prescribed
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import exact_rule, finite
from verify.quantities.paths import deployment_weight, numbers, training_weight
from verify.quantities.quantity import Quantity


def _measures(batch: Batch, trained: Any, deployed: Any) -> tuple[Array, Array]:
    """Both measures of the tasks, (batch, n) each."""
    shares = finite(batch).probabilities
    found = []
    for weights in (training_weight(batch, trained), deployment_weight(batch, deployed)):
        masses = shares * weights[..., 0, 0]
        found.append(masses / masses.sum(axis=1, keepdims=True))
    return found[0], found[1]


def _exact_measures(instance: Batch, trained: Any, deployed: Any) -> tuple[list[Any], list[Any]]:
    tasks, found = finite(instance), []
    for rule, paid in ((trained, False), (deployed, True)):
        chosen = exact_rule(instance, rule)
        if isinstance(chosen, Prescribed):
            weights = [numbers(weight[0, 0])[0] for weight in chosen.weights]
        else:
            places = [Rational(value[0].numerator, value[0].denominator) for value in tasks.eigenvalues[0]]
            formula = chosen.deployment_weight if paid else chosen.training_weight
            weights = [numbers(formula(place))[0] for place in places]
        masses = [share * weight for share, weight in zip(tasks.probabilities[0], weights, strict=True)]
        total = sum(masses, Fraction(0))
        found.append([mass / total for mass in masses])
    return found[0], found[1]


def _total_variation(batch: Batch, trained: Any, deployed: Any) -> Array:
    first, second = _measures(batch, trained, deployed)
    return np.asarray(np.maximum(second - first, 0).sum(axis=1)[:, None])


def _exact_total_variation(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    pairs = zip(*_exact_measures(instance, trained, deployed), strict=True)
    return [sum((max(b - a, Fraction(0)) for a, b in pairs), Fraction(0))]


def _upper_share(batch: Batch, trained: Any, deployed: Any) -> Array:
    """The first measure of the tasks to which the second one gives more."""
    first, second = _measures(batch, trained, deployed)
    return np.asarray(np.where(second > first, first, 0).sum(axis=1)[:, None])


def _exact_upper_share(instance: Batch, trained: Any, deployed: Any) -> list[Exact]:
    pairs = zip(*_exact_measures(instance, trained, deployed), strict=True)
    return [sum((a for a, b in pairs if b > a), Fraction(0))]


def _whole(batch: Batch, trained: Any, deployed: Any) -> Array:
    """What both quantities are parts of, and are rounded against: a mass of one."""
    return np.ones((len(finite(batch).probabilities), 1))


QUANTITIES = {
    "total_variation": Quantity(_total_variation, _exact_total_variation, scale=_whole),
    "upper_share": Quantity(_upper_share, _exact_upper_share, scale=_whole),
}
