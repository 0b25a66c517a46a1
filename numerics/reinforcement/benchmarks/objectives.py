r"""What is descended on: surrogate losses of a batch, and parameters after steps of adaptation as functions of those before.

With :math:`\rho` the likelihood ratio of an action under the policy and the one that drew it and A the advantage, a task's loss
is :math:`-\langle\rho A\rangle`, or clipped
:math:`-\langle\min(\rho A,\operatorname{clip}(\rho,1-\epsilon,1+\epsilon)A)\rangle` (Schulman and others, 2017), the
mean being over steps.  An inner step is a step along the gradient of the first one, for every method, in training and at
deployment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.distributions import Independent, Normal, kl_divergence

from numerics.reinforcement.benchmarks.environments import Batch
from numerics.reinforcement.benchmarks.policies import GaussianPolicy

Real = NDArray[np.float64]
Tensor = Any


class Data(NamedTuple):
    """A batch as tensors, episodes of a task behind one another.

    Parameters
    ----------
    observations, actions : tensor (n, B, O), (n, B, A)
    advantages, alive : tensor (n, B)
        The second 1 where a step was taken.
    likelihood : tensor (n, B)
        Logarithm of the chosen actions' likelihood under the policy that drew them.
    drawn_from : torch.distributions.Distribution
        That policy.
    """

    observations: Tensor
    actions: Tensor
    advantages: Tensor
    alive: Tensor
    likelihood: Tensor
    drawn_from: Any

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the steps of each task, (n,)."""
        return (values * self.alive).sum(dim=1) / self.alive.sum(dim=1)


def advantages(batch: Batch, discount: float = 0.99) -> Real:
    """Discounted returns from each step on minus a linear baseline, standardised within each task, (n, E, T).

    The baseline is fitted to the batch by least squares, a ridge of 1e-5 added, in what is seen, its squares, three powers of
    time and one (Duan and others, 2016); no return is bootstrapped, that is, lambda is 1.

    Parameters
    ----------
    batch : Batch
    discount : float

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> batch = Batch(rng.normal(size=(1, 4, 3, 1)), np.zeros((1, 4, 3, 1)), rng.normal(size=(1, 4, 3)), np.ones((1, 4, 3)) > 0)
    >>> found = advantages(batch)
    >>> bool(abs(found.mean()) < 1e-12), round(float(found.std()), 6)
    (True, 1.0)
    """
    number, episodes, horizon = batch.rewards.shape
    to_come = np.zeros_like(batch.rewards)
    running = np.zeros((number, episodes))
    for step in reversed(range(horizon)):
        running = batch.rewards[:, :, step] + discount * running
        to_come[:, :, step] = running
    seen = np.clip(batch.observations, -10, 10)
    time = np.broadcast_to(np.arange(horizon)[:, None] / 100, (number, episodes, horizon, 1))
    features = np.concatenate([seen, seen**2, time, time**2, time**3, np.ones_like(time)], axis=-1) * batch.alive[..., None]
    features = features.reshape(number, episodes * horizon, -1)
    goal = (to_come * batch.alive).reshape(number, -1, 1)
    turned = features.transpose(0, 2, 1)
    normal = turned @ features + 1e-5 * np.eye(features.shape[-1])
    fitted = (features @ np.linalg.solve(normal, turned @ goal)).reshape(batch.rewards.shape)
    found = np.where(batch.alive, to_come - fitted, 0.0)
    count = batch.alive.sum(axis=(1, 2), keepdims=True)
    centre = found.sum(axis=(1, 2), keepdims=True) / count
    spread = np.sqrt((np.where(batch.alive, found - centre, 0.0) ** 2).sum(axis=(1, 2), keepdims=True) / count)
    # what is left of a perfect fit is rounding, which must not be blown up to unit size
    floor = 1e-8 * (1 + np.abs(to_come).max(axis=(1, 2), keepdims=True))
    return np.asarray(np.where(batch.alive, (found - centre) / (spread + floor), 0.0))


def data(policy: GaussianPolicy, parameters: Tensor, batch: Batch, discount: float = 0.99) -> Data:
    """A batch that was drawn with parameters (n, P), as tensors."""
    number = len(batch.rewards)
    seen = torch.from_numpy(batch.observations.reshape(number, -1, batch.observations.shape[-1]))
    taken = torch.from_numpy(batch.actions.reshape(number, -1, batch.actions.shape[-1]))
    worth = torch.from_numpy(advantages(batch, discount).reshape(number, -1))
    alive = torch.from_numpy(batch.alive.reshape(number, -1).astype(np.float64))
    with torch.no_grad():
        found = policy.distribution(parameters, seen)
        likelihood = found.log_prob(taken)
        base = found.base_dist
        kept = Independent(Normal(base.loc, base.scale, validate_args=False), 1, validate_args=False)
    return Data(seen, taken, worth, alive, likelihood, kept)


def surrogate(policy: GaussianPolicy, parameters: Tensor, batch: Data, clip: float | None = None) -> Tensor:
    """Each task's loss (n,) at parameters (n, P); clipped if `clip` is given."""
    ratio = (policy.distribution(parameters, batch.observations).log_prob(batch.actions) - batch.likelihood).exp()
    gain = ratio * batch.advantages
    if clip is not None:
        gain = torch.minimum(gain, ratio.clamp(1 - clip, 1 + clip) * batch.advantages)
    return -batch.mean(gain)


def divergence(policy: GaussianPolicy, parameters: Tensor, batch: Data) -> Tensor:
    """Mean Kullback-Leibler divergence of the policy that drew the batch from the one at parameters (n, P), (n,)."""
    return batch.mean(kl_divergence(batch.drawn_from, policy.distribution(parameters, batch.observations)))


def adapted(
    policy: GaussianPolicy, parameters: Tensor, batches: Sequence[Data], rate: float, *, differentiable: bool
) -> Tensor:
    """Parameters (n, P) after a gradient step on each batch in turn.

    Parameters
    ----------
    policy : GaussianPolicy
    parameters : tensor (n, P)
    batches : sequence of Data
        None of them: the parameters as they are.
    rate : float
    differentiable : bool
        Whether what comes out depends on `parameters` for autograd, curvature included.
    """
    for batch in batches:
        at = parameters if parameters.requires_grad else parameters.detach().requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(surrogate(policy, at, batch).sum(), at, create_graph=differentiable)
        parameters = at - rate * slope
        if not differentiable:
            parameters = parameters.detach()
    return parameters
