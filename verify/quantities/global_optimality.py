"""Quantities of meta-objectives: bandits with softmax adaptation, and gradients of linear models."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Matrix

from numerics import population
from numerics.quadratics import Quadratics
from numerics.related.bandits import Bandits
from theory import optima
from theory.related import bandits as exact
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch, as_rational
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite, hessians
from verify.quantities.paths import DIGITS, exact_trained_optimum, executed, numbers, trained_optimum, training_weight
from verify.quantities.quantity import Quantity


def _bandits(batch: Batch, boost: Any) -> Bandits:
    rate = np.log(np.broadcast_to(batch.number(boost), (len(batch.tasks.policy), 1))[:, 0])
    chances = batch.tasks.chances / batch.tasks.chances.sum(axis=1, keepdims=True)
    return Bandits(batch.tasks.rewards.astype(float), rate, chances)


def _policies(batch: Batch) -> tuple[Array, Array]:
    return tuple(policy / policy.sum(axis=1, keepdims=True) for policy in (batch.tasks.policy, batch.tasks.other))


def _exact(instance: Batch, boost: Any) -> tuple[list[list[int]], list[Any], Fraction]:
    factor = instance.rational(boost)
    rewards = [[int(r) for r in row] for row in instance.tasks.rewards[0]]
    return rewards, instance.tasks.chances[0].tolist(), Fraction(int(factor.p), int(factor.q))


def _chord(batch: Batch, boost: Any) -> Array:
    bandits = _bandits(batch, boost)
    left, right = _policies(batch)
    return ((bandits.value(left) + bandits.value(right)) / 2)[:, None]


def _exact_chord(instance: Batch, boost: Any) -> list[Exact]:
    law, tasks = _exact(instance, boost), instance.tasks
    return [(exact.value(tasks.policy[0].tolist(), *law) + exact.value(tasks.other[0].tolist(), *law)) / 2]


def _middle(batch: Batch, boost: Any) -> Array:
    left, right = _policies(batch)
    return _bandits(batch, boost).value((left + right) / 2)[:, None]


def _exact_middle(instance: Batch, boost: Any) -> list[Exact]:
    between = ((instance.tasks.policy[0] + instance.tasks.other[0]) / 2).tolist()
    return [exact.value(between, *_exact(instance, boost))]


def _plain(batch: Batch) -> Array:
    policy, _ = _policies(batch)
    return np.einsum("bn,bnk,bk->b", batch.tasks.chances, batch.tasks.rewards, policy)[:, None]


def _exact_plain(instance: Batch) -> list[Exact]:
    law = instance.tasks
    rewards, chances = law.rewards[0].tolist(), law.chances[0].tolist()
    return [exact.value(law.policy[0].tolist(), rewards, chances, Fraction(1))]


def _adapted(batch: Batch, boost: Any) -> Array:
    """Rewards of the adapted policies, which are formed."""
    policy, _ = _policies(batch)
    after = _bandits(batch, boost).adapted(policy)
    return np.einsum("bn,bnk,bnk->b", batch.tasks.chances, batch.tasks.rewards, after)[:, None]


def _exact_adapted(instance: Batch, boost: Any) -> list[Exact]:
    return [exact.value(instance.tasks.policy[0].tolist(), *_exact(instance, boost))]


def _difference(batch: Batch, boost: Any) -> Array:
    bandits = _bandits(batch, boost)
    policy, other = _policies(batch)
    return (bandits.value(other) - bandits.value(policy))[:, None]


def _exact_difference(instance: Batch, boost: Any) -> list[Exact]:
    law, tasks = _exact(instance, boost), instance.tasks
    return [exact.value(tasks.other[0].tolist(), *law) - exact.value(tasks.policy[0].tolist(), *law)]


def _tangent(batch: Batch, boost: Any) -> Array:
    policy, other = _policies(batch)
    return (_bandits(batch, boost).slope(policy) * (other - policy)).sum(axis=1, keepdims=True)


def _exact_tangent(instance: Batch, boost: Any) -> list[Exact]:
    policy, other = instance.tasks.policy[0], instance.tasks.other[0]
    slope = exact.slope(policy.tolist(), *_exact(instance, boost))
    return [sum(s * (b - a) for s, a, b in zip(slope, policy, other, strict=True))]


def _reward_scale(batch: Batch, boost: Any) -> Array:
    return np.asarray(1.0 + batch.tasks.rewards.max(axis=(1, 2)).astype(float)[:, None])


def _probe(dim: int) -> list[Fraction]:
    """A fixed parameter outside the cube of the optima: 2, 3, 4, ..."""
    return [Fraction(i + 2) for i in range(dim)]


def _gradient_square(batch: Batch, rule: Any) -> Array:
    """The outer step executed at the probe on every task."""
    tasks = finite(batch)
    losses = Quadratics(hessians(batch), tasks.optima)
    probe = np.broadcast_to(np.array(_probe(tasks.optima.shape[-1]), float), tasks.optima.shape)
    steps = executed(batch.rule(rule), batch).outer_step(losses, probe)
    return (np.einsum("bn,bni->bi", tasks.probabilities, steps) ** 2).sum(axis=1, keepdims=True)


def _exact_gradient_square(instance: Batch, rule: Any) -> list[Exact]:
    moments = distribution(instance).moments(exact_rule(instance, rule), False, DIGITS)
    probe = Matrix([as_rational(entry) for entry in _probe(finite(instance).optima.shape[-1])])
    step = moments.weight.to_Matrix() * probe - moments.weighted_optimum.to_Matrix()
    return numbers((step.T * step)[0, 0])


def _suboptimality(batch: Batch, rule: Any) -> Array:
    tasks, weights = finite(batch), training_weight(batch, rule)
    probe = np.broadcast_to(np.array(_probe(tasks.optima.shape[-1]), float), (len(weights), tasks.optima.shape[-1]))
    points = probe, trained_optimum(batch, rule)
    there, least = (population.risk(tasks.probabilities, weights, tasks.optima, point) for point in points)
    return np.asarray((there - least)[:, None])


def _exact_suboptimality(instance: Batch, rule: Any) -> list[Exact]:
    chosen = exact_rule(instance, rule)
    points = [as_rational(entry) for entry in _probe(finite(instance).optima.shape[-1])], exact_trained_optimum(instance, rule)
    there, least = (
        optima.reducible_risk(distribution(instance), chosen, point, deployed=False, digits=DIGITS) for point in points
    )
    return numbers(there - least)


QUANTITIES = {
    "meta_chord": Quantity(_chord, _exact_chord),
    "meta_middle": Quantity(_middle, _exact_middle),
    "plain_reward": Quantity(_plain, _exact_plain),
    "adapted_reward": Quantity(_adapted, _exact_adapted),
    "meta_difference": Quantity(_difference, _exact_difference, _reward_scale),
    "meta_tangent": Quantity(_tangent, _exact_tangent, _reward_scale),
    "step_square": Quantity(_gradient_square, _exact_gradient_square),
    "suboptimality": Quantity(_suboptimality, _exact_suboptimality),
}
