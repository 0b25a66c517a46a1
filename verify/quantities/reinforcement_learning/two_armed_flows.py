"""The two-armed pair: the time of joint training's flow, and returns and slopes after an inner step."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.reinforcement import DecisionProcesses, two_arms
from theory import two_arms as arms
from verify.arithmetic.enclosure import Exact
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity, of_order_one
from verify.quantities.reinforcement_learning.process_instances import column

#: nodes of the quadrature of a flow's time
_NODES = 48


def _flow_time(batch: Batch, weight: Any, gap: Any) -> Array:
    """Time of the executed flow up to a difference of logits: the integral of one over its speed, a gradient at each node."""
    weights, ends = (np.ravel(np.asarray(batch.number(entry), dtype=float)) for entry in (weight, gap))
    weights, ends = np.broadcast_arrays(weights, ends)
    nodes, shares = np.polynomial.legendre.leggauss(_NODES)
    places = ends[:, None] * (nodes + 1) / 2
    logits = np.stack([places / 2, -places / 2], axis=-1).reshape(-1, 1, 2)
    slopes = []
    for task in range(2):
        gradients = _arm_gradients(logits, task)[1][:, 0]
        slopes.append((gradients[:, 0] - gradients[:, 1]).reshape(places.shape))
    speed = weights[:, None] * slopes[0] + (1 - weights[:, None]) * slopes[1]
    return column((shares / speed).sum(axis=1) * ends / 2)


def _arm_gradients(logits: Array, task: int) -> tuple[DecisionProcesses, Array]:
    """One of the two tasks many times over, and its gradient at each of the logits (..., 1, 2)."""
    both = two_arms(0.5)
    count = len(logits)
    alone = DecisionProcesses(np.zeros((count, 1, 2, 1)), np.repeat(both.rewards[task : task + 1], count, axis=0), [1.0], 0.0)
    return alone, alone.gradients(logits, workers=1)


def _adapted(batch: Batch, weight: Any, gap: Any, rate: Any) -> tuple[Array, Array, Array]:
    """Weights of the first task, returns after an executed inner step, and their derivatives in x."""
    weights, ends = (np.ravel(np.asarray(batch.number(entry), dtype=float)) for entry in (weight, gap))
    step, logits = float(batch.number(rate)), np.stack([ends / 2, -ends / 2], axis=-1)[:, None]
    value, slope = np.zeros(len(ends)), np.zeros(len(ends))
    for task, chance in enumerate((weights, 1 - weights)):
        alone, gradients = _arm_gradients(logits, task)
        later = logits + step * gradients
        adjoint = alone.gradients(later, workers=1)
        adjoint = adjoint + step * alone.curvature_vectors(logits, adjoint, workers=1)
        value = value + chance * alone.returns(later, workers=1)
        slope = slope + chance * (adjoint[:, 0, 0] - adjoint[:, 0, 1]) / 2
    return weights, value, slope


def _supremum_gap(batch: Batch, weight: Any, gap: Any, rate: Any) -> Array:
    weights, value, _ = _adapted(batch, weight, gap, rate)
    return column(weights - value)


def _adapted_slope(batch: Batch, weight: Any, gap: Any, rate: Any) -> Array:
    return column(np.abs(_adapted(batch, weight, gap, rate)[2]))


def _at_arms(instance: Batch, formula: Any, weight: Any, gap: Any) -> Exact:
    found = evaluate(formula.subs({arms.WEIGHT: weight, arms.GAP: gap}), instance.values, EXACT)
    value: Exact = np.ravel(np.asarray(found, dtype=object))[0]
    return value


def _exact_supremum_gap(instance: Batch, weight: Any, gap: Any, rate: Any) -> list[Exact]:
    return [_at_arms(instance, arms.WEIGHT - arms.adapted_return(rate), weight, gap)]


def _exact_adapted_slope(instance: Batch, weight: Any, gap: Any, rate: Any) -> list[Exact]:
    return [_at_arms(instance, abs(arms.adapted_slope(rate)), weight, gap)]


def _exact_flow_time(instance: Batch, weight: Any, gap: Any) -> list[Exact]:
    return [_at_arms(instance, arms.flow_time(), weight, gap)]


#: the quantities of this family by name
QUANTITIES = {
    "flow_time": Quantity(_flow_time, _exact_flow_time),
    "supremum_gap": Quantity(_supremum_gap, _exact_supremum_gap, of_order_one),
    "adapted_slope": Quantity(_adapted_slope, _exact_adapted_slope, of_order_one),
}
