"""Quantities of meta-objectives: bandits with softmax adaptation, and gradients of linear models."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import rel_entr
from sympy import Matrix

from numerics import population
from numerics.quadratics import Quadratics
from numerics.related.bandits import Bandits
from theory import optima
from theory.related import bandits as exact
from verify.arithmetic.enclosure import Exact
from verify.arithmetic.functions import logarithm
from verify.instances.batch import Batch, as_rational
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite, hessians
from verify.quantities.paths import DIGITS, exact_trained_optimum, executed, numbers, trained_optimum, training_weight
from verify.quantities.quantity import Quantity, of_order_one


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


def _penalised(batch: Batch, boost: Any, policy: str, penalty: int) -> Array:
    """eta times the mean reward of another or of the adapted policy, less its divergence from the policy."""
    bandits, (start, other) = _bandits(batch, boost), _policies(batch)
    chosen = bandits.adapted(start)[:, 0] if policy == "adapted" else other
    rate = np.log(np.broadcast_to(batch.number(boost), (len(chosen), 1)))
    earned = rate[:, 0] * (chosen * batch.tasks.rewards[:, 0]).sum(axis=1)
    return np.asarray((earned - int(penalty) * rel_entr(chosen, start).sum(axis=1))[:, None])


def _exact_penalised(instance: Batch, boost: Any, policy: str, penalty: int) -> list[Exact]:
    (rewards, *_), _, factor = _exact(instance, boost)
    start = instance.tasks.policy[0].tolist()
    chosen = exact.adapted(start, rewards, factor) if policy == "adapted" else instance.tasks.other[0].tolist()
    found: Exact = sum(c * r for c, r in zip(chosen, rewards, strict=True)) * logarithm(factor)
    for c, before in zip(chosen, start, strict=True):
        found = found - int(penalty) * c * logarithm(c / before)
    return [found]


def _divergence(batch: Batch) -> Array:
    policy, other = _policies(batch)
    return np.asarray(((other / policy - 1) ** 2 * policy).sum(axis=1, keepdims=True))


def _exact_divergence(instance: Batch) -> list[Exact]:
    """sum pi*^2/pi - 1."""
    policy, other = instance.tasks.policy[0], instance.tasks.other[0]
    return [sum(b * b / a for a, b in zip(policy, other, strict=True)) - 1]


def _slope_variance(batch: Batch, boost: Any) -> Array:
    policy, _ = _policies(batch)
    slope = _bandits(batch, boost).slope(policy)
    mean = (policy * slope).sum(axis=1, keepdims=True)
    return np.asarray((policy * (slope - mean) ** 2).sum(axis=1, keepdims=True))


def _exact_slope_variance(instance: Batch, boost: Any) -> list[Exact]:
    policy = instance.tasks.policy[0].tolist()
    slope = exact.slope(policy, *_exact(instance, boost))
    return [sum(share * entry**2 for share, entry in zip(policy, slope, strict=True))]


def _arms(batch: Batch, rewards: Any, boost: Any, policy: Any) -> tuple[Bandits, Array]:
    """Equally likely tasks with given rewards, and policies given share by share."""
    shares = np.broadcast_arrays(*(np.asarray(share, dtype=float) for share in batch.number(policy)))
    rate = np.log(np.asarray(batch.number(boost), dtype=float))
    stacked = np.concatenate([np.atleast_2d(share) for share in shares], axis=1)
    return Bandits(rewards, rate.ravel() if rate.ndim else rate), stacked / stacked.sum(axis=1, keepdims=True)


def _exact_arms(instance: Batch, rewards: Any, boost: Any, policy: Any) -> tuple[list[Any], Any, list[Any], Any]:
    shares = [Fraction(str(share)) for share in instance.rational(policy)]
    return shares, rewards, [Fraction(1, len(rewards))] * len(rewards), Fraction(str(instance.rational(boost)))


def _arms_value(batch: Batch, policy: Any, **tasks: Any) -> Array:
    bandits, at = _arms(batch, policy=policy, **tasks)
    return np.asarray(bandits.value(at)[:, None])


def _exact_arms_value(instance: Batch, policy: Any, **tasks: Any) -> list[Exact]:
    return [exact.value(*_exact_arms(instance, policy=policy, **tasks))]


def _arms_slope(batch: Batch, policy: Any, towards: Any, **tasks: Any) -> Array:
    bandits, at = _arms(batch, policy=policy, **tasks)
    return np.asarray((bandits.slope(at) @ np.array(towards, dtype=float))[:, None])


def _exact_arms_slope(instance: Batch, policy: Any, towards: Any, **tasks: Any) -> list[Exact]:
    slope = exact.slope(*_exact_arms(instance, policy=policy, **tasks))
    return [sum(int(part) * entry for part, entry in zip(towards, slope, strict=True))]


def _arm_logit_gradient(batch: Batch, policy: Any, arm: int, **tasks: Any) -> Array:
    bandits, at = _arms(batch, policy=policy, **tasks)
    return np.asarray(bandits.logit_gradient(at)[:, int(arm)][:, None])


def _exact_arm_logit_gradient(instance: Batch, policy: Any, arm: int, **tasks: Any) -> list[Exact]:
    law = _exact_arms(instance, policy=policy, **tasks)
    return [law[0][int(arm)] * exact.slope(*law)[int(arm)]]


def _stationary(batch: Batch, rewards: Any, boost: Any, low: Any, high: Any) -> Array:
    """Changes of sign of the slope along the face of the last two of three arms, on a grid."""
    at = np.linspace(float(low), float(high), 401)
    slope = Bandits(rewards, np.log(float(boost))).slope(np.stack([0 * at, at, 1 - at], axis=1))
    return np.full((1, 1), float((np.diff(np.sign(slope[:, 1] - slope[:, 2])) != 0).sum()))


def _exact_stationary(instance: Batch, rewards: Any, boost: Any, low: Any, high: Any) -> list[Exact]:
    return [Fraction(exact.stationary_policies(rewards, boost, low, high))]


def _reward_scale(batch: Batch, boost: Any) -> Array:
    return np.asarray(1.0 + batch.tasks.rewards.max(axis=(1, 2)).astype(float)[:, None])


def _penalty_scale(batch: Batch, **_: Any) -> Array:
    return np.asarray(1.0 + _reward_scale(batch, None))


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
    "penalised_reward": Quantity(_penalised, _exact_penalised, _penalty_scale),
    "policy_divergence": Quantity(_divergence, _exact_divergence, of_order_one),
    "slope_variance": Quantity(_slope_variance, _exact_slope_variance),
    "arms_value": Quantity(_arms_value, _exact_arms_value),
    "arms_slope": Quantity(_arms_slope, _exact_arms_slope, of_order_one),
    "arm_logit_gradient": Quantity(_arm_logit_gradient, _exact_arm_logit_gradient),
    "stationary_policies": Quantity(_stationary, _exact_stationary),
    "step_square": Quantity(_gradient_square, _exact_gradient_square),
    "suboptimality": Quantity(_suboptimality, _exact_suboptimality),
}
