"""Softmax adaptation of a policy for one state: its value averaged over tasks, the gradient, and ascent along it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def adapted_value(policy: Array, rewards: Array, chances: Array, temperature: Array, value: Array, slope: Array) -> None:
    """L(pi) = sum_i c_i <pi'_i, r_i> with pi'_i ~ pi e^{eta r_i}, and its derivatives with respect to the arms' probabilities.

    policy (B, k), rewards (B, m, k), chances (B, m), temperature eta (B,); value (B,), slope (B, k).  dL/dpi_a is the sum of
    c_i e^{eta r_ia} (r_ia - v_i) / Z_i, with Z_i the sum of pi e^{eta r_i} and v_i its mean reward.
    """
    batch, tasks, arms = rewards.shape
    raised = np.empty(arms)
    for b in range(batch):
        value[b] = 0.0
        slope[b, :] = 0.0
        for i in range(tasks):
            top = -np.inf
            for a in range(arms):
                if policy[b, a] > 0.0:
                    top = max(top, temperature[b] * rewards[b, i, a])
            total = mean = 0.0
            for a in range(arms):
                raised[a] = math.exp(temperature[b] * rewards[b, i, a] - top)
                if policy[b, a] > 0.0:
                    total += policy[b, a] * raised[a]
                    mean += policy[b, a] * raised[a] * rewards[b, i, a]
            mean /= total
            value[b] += chances[b, i] * mean
            for a in range(arms):
                slope[b, a] += chances[b, i] * raised[a] * (rewards[b, i, a] - mean) / total


@compiled
def ascend(
    policy: Array, rewards: Array, chances: Array, temperature: Array, rate: float, steps: int, tolerance: float
) -> tuple[float, float, int]:
    """Multiplicative ascent of one instance in place, arrays as in :func:`adapted_value` with B = 1.

    A step that would lower L is refused and the rate divided by four; one that does not doubles it.  Returns L, the largest
    |pi slope| and the steps made; it stops where that is within the tolerance.
    """
    arms = policy.shape[1]
    value, after = np.empty(1), np.empty(1)
    slope, steeper, proposal = np.empty((1, arms)), np.empty((1, arms)), np.empty((1, arms))
    adapted_value(policy, rewards, chances, temperature, value, slope)
    made, size = 0, rate
    while True:
        gradient, top = 0.0, -np.inf
        for a in range(arms):
            gradient = max(gradient, abs(policy[0, a] * slope[0, a]))
            if policy[0, a] > 0.0:
                top = max(top, slope[0, a])
        if gradient <= tolerance or made == steps or size < 1e-300:
            return value[0], gradient, made
        made += 1
        total = 0.0
        for a in range(arms):
            proposal[0, a] = policy[0, a] * math.exp(size * (slope[0, a] - top)) if policy[0, a] > 0.0 else 0.0
            total += proposal[0, a]
        for a in range(arms):
            proposal[0, a] /= total
        adapted_value(proposal, rewards, chances, temperature, after, steeper)
        if after[0] >= value[0]:
            for a in range(arms):
                policy[0, a], slope[0, a] = proposal[0, a], steeper[0, a]
            value[0] = after[0]
            size = min(2.0 * size, 1e6)
        else:
            size /= 4.0
