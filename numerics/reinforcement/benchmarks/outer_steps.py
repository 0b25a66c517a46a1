r"""Steps of training on batches of all tasks: clipped, and within a trust region.

Both take the batches of k inner steps and the one after; without inner steps, :math:`k=0`, they are PPO and TRPO on all tasks
together (joint training), with them ProMP and TRPO-MAML.  Nothing else differs between the methods.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.reinforcement.benchmarks.objectives import Data, adapted, divergence, surrogate
from numerics.reinforcement.benchmarks.policies import GaussianPolicy

Real = NDArray[np.float64]
Tensor = Any


class OuterStep(ABC):
    """What moves the parameters (P,) that all tasks share.

    Parameters
    ----------
    policy : GaussianPolicy
    rate : float
        Of Adam, or the divergence that a step may have.
    inner_rate : float
    """

    def __init__(self, policy: GaussianPolicy, rate: float, inner_rate: float) -> None:
        self.policy, self.rate, self.inner_rate = policy, rate, inner_rate

    @abstractmethod
    def __call__(self, theta: Tensor, batches: Sequence[Data]) -> Tensor:
        """The parameters after a step on the batches of the inner steps and the one after them."""

    def state(self) -> dict[str, Real]:
        """What the next step needs of the last ones."""
        return {}

    def restore(self, state: dict[str, Real]) -> None:
        """Go on from a state.

        Raises
        ------
        ValueError
            If there is something in it, where steps remember nothing.
        """
        if state:
            raise ValueError(f"state has {', '.join(state)}; {type(self).__name__} remembers nothing")

    def _after(self, theta: Tensor, batches: Sequence[Data]) -> Tensor:
        """Every task's parameters after its inner steps, differentiable."""
        spread = theta.expand(len(batches[-1].observations), -1)
        return adapted(self.policy, spread, batches[:-1], self.inner_rate, differentiable=True)


class Clipped(OuterStep):
    """Epochs of Adam on the clipped loss after adaptation, the whole batch each (PPO; ProMP with inner steps).

    Parameters
    ----------
    policy, rate, inner_rate
        As :class:`OuterStep`.
    clip : float
    epochs : int
    penalty : float
        Times the mean divergence that the new parameters have from the old ones on each batch of the inner steps is added to
        the loss, as in ProMP.
    """

    def __init__(
        self,
        policy: GaussianPolicy,
        rate: float,
        inner_rate: float,
        clip: float = 0.3,
        epochs: int = 5,
        penalty: float = 5e-4,
    ) -> None:
        super().__init__(policy, rate, inner_rate)
        self.clip, self.epochs, self.penalty = clip, epochs, penalty
        self._point = torch.zeros(policy.parameters, dtype=torch.float64, requires_grad=True)
        self._adam = torch.optim.Adam([self._point], lr=rate)

    def __call__(self, theta: Tensor, batches: Sequence[Data]) -> Tensor:
        """As :class:`OuterStep`."""
        with torch.no_grad():
            self._point.copy_(theta)
        for _ in range(self.epochs):
            self._adam.zero_grad()
            loss = surrogate(self.policy, self._after(self._point, batches), batches[-1], self.clip).mean()
            for place, batch in enumerate(batches[:-1]):
                there = self._after(self._point, batches[: place + 1])
                loss = loss + self.penalty * divergence(self.policy, there, batch).mean()
            loss.backward()
            self._adam.step()
        return self._point.detach().clone()

    def state(self) -> dict[str, Real]:
        """Adam's moments and its count of steps."""
        kept = self._adam.state.get(self._point, {})
        return {name: value.numpy().copy() for name, value in kept.items()}

    def restore(self, state: dict[str, Real]) -> None:
        """Give Adam its moments back."""
        if state:
            self._adam.state[self._point] = {
                # Adam counts its steps in a float of single precision
                name: torch.tensor(value, dtype=torch.float32 if name == "step" else torch.float64)
                for name, value in state.items()
            }


class TrustRegion(OuterStep):
    """One step along the natural gradient, its divergence after adaptation at most `rate` (TRPO; TRPO-MAML with inner steps).

    Conjugate gradients solve for the direction with products of the divergence's curvature; the step is shortened until the
    loss is below what it was and the divergence allowed, and not taken if that never happens.

    Parameters
    ----------
    policy, rate, inner_rate
        As :class:`OuterStep`.
    iterations : int
        Of conjugate gradients.
    damping : float
        Added to the curvature.
    """

    def __init__(
        self, policy: GaussianPolicy, rate: float, inner_rate: float, iterations: int = 10, damping: float = 1e-5
    ) -> None:
        super().__init__(policy, rate, inner_rate)
        self.iterations, self.damping = iterations, damping

    def __call__(self, theta: Tensor, batches: Sequence[Data]) -> Tensor:
        """As :class:`OuterStep`."""
        point = theta.detach().clone().requires_grad_()
        after = self._after(point, batches)
        loss = surrogate(self.policy, after, batches[-1]).mean()
        (slope,) = torch.autograd.grad(loss, point, retain_graph=True)
        (bend,) = torch.autograd.grad(divergence(self.policy, after, batches[-1]).mean(), point, create_graph=True)

        def curved(vector: Tensor) -> Tensor:
            (found,) = torch.autograd.grad(bend @ vector, point, retain_graph=True)
            return found + self.damping * vector

        direction = conjugate_gradients(curved, slope, self.iterations)
        length = float(direction @ curved(direction))
        if not 0 < length < np.inf:
            return theta
        full = np.sqrt(2 * self.rate / length) * direction
        for power in range(15):
            found = (point - 0.8**power * full).detach()
            there = self._after(found.clone().requires_grad_(), batches).detach()
            with torch.no_grad():
                better = surrogate(self.policy, there, batches[-1]).mean() < loss
                allowed = divergence(self.policy, there, batches[-1]).mean() <= self.rate
            if better and allowed:
                return found
        return theta


def conjugate_gradients(product: Callable[[Tensor], Tensor], right: Tensor, iterations: int) -> Tensor:
    """An approximate solution of a positive definite system, from zero.

    Examples
    --------
    >>> matrix = torch.tensor([[2.0, 1.0], [1.0, 3.0]])
    >>> conjugate_gradients(lambda vector: matrix @ vector, torch.tensor([3.0, 4.0]), 2).round(decimals=4).tolist()
    [1.0, 1.0]
    """
    found, left = torch.zeros_like(right), right.clone()
    way, size = left.clone(), left @ left
    for _ in range(iterations):
        if size < 1e-20:
            break
        turned = product(way)
        step = size / (way @ turned)
        found, left = found + step * way, left - step * turned
        size, before = left @ left, size
        way = left + size / before * way
    return found
