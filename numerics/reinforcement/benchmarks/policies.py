r"""Gaussian policies whose parameters are one vector a task, so that every task may have its own.

The mean is a network with two hidden layers of 64 tanh units, the standard deviations are parameters.  What a policy chose, the
log-likelihood of it and divergences are torch's distributions; parameters are rows of a matrix, so that a step of adaptation is
one line and autograd goes through it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.distributions import Independent, Normal

Real = NDArray[np.float64]
Tensor = Any

#: log of the smallest standard deviation
_SMALLEST = float(np.log(1e-3))


class GaussianPolicy:
    """A family of policies: shapes without parameters.

    Parameters
    ----------
    observations, actions : int
        Numbers seen and chosen.
    hidden : tuple of int
        Units of the hidden layers.

    Examples
    --------
    >>> family = GaussianPolicy(2, 1, (3,))
    >>> family.parameters
    14
    >>> family.initial(np.random.default_rng(0)).shape
    torch.Size([14])
    """

    def __init__(self, observations: int, actions: int, hidden: tuple[int, ...] = (64, 64)) -> None:
        self.actions = actions
        widths = (observations, *hidden, actions)
        self._shapes = list(pairwise(widths))
        self.parameters = sum((inputs + 1) * outputs for inputs, outputs in self._shapes) + actions

    def initial(self, rng: np.random.Generator) -> Tensor:
        """Orthogonal weights, the last layer's a hundredth of the others', no shifts, and standard deviations of one."""
        parts = []
        for layer, (inputs, outputs) in enumerate(self._shapes):
            turned = np.linalg.qr(rng.standard_normal((max(inputs, outputs), min(inputs, outputs))))[0]
            weights = turned if inputs >= outputs else turned.T
            parts += [(np.sqrt(2) if layer < len(self._shapes) - 1 else 0.01) * weights.ravel(), np.zeros(outputs)]
        return torch.tensor(np.concatenate([*parts, np.zeros(self.actions)]))

    def distribution(self, parameters: Tensor, observations: Tensor) -> Any:
        """What is chosen.

        Parameters
        ----------
        parameters : tensor (n, P)
        observations : tensor (n, B, O)

        Returns
        -------
        torch.distributions.Independent
            Over actions (n, B, A).
        """
        at, signal = 0, observations
        for layer, (inputs, outputs) in enumerate(self._shapes):
            weights = parameters[:, at : at + inputs * outputs].reshape(-1, inputs, outputs)
            at += inputs * outputs
            signal = torch.baddbmm(parameters[:, None, at : at + outputs], signal, weights)
            at += outputs
            if layer < len(self._shapes) - 1:
                signal = torch.tanh(signal)
        deviations = parameters[:, None, at:].clamp(min=_SMALLEST).exp().expand_as(signal)
        return Independent(Normal(signal, deviations, validate_args=False), 1, validate_args=False)

    def choose(self, parameters: Tensor, observations: Real, noise: Real) -> Real:
        """Actions (n, E, A) for observations (n, E, O) from standard normal noise (n, E, A)."""
        with torch.no_grad():
            found = self.distribution(parameters, torch.from_numpy(observations))
            chosen = found.base_dist.loc + found.base_dist.scale * torch.from_numpy(noise)
        return np.asarray(chosen.numpy())
