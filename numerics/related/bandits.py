r"""The meta-problem of one state: a policy over arms, adapted to each task by one softmax step, and its landscape.

A task i has rewards r_i.  Adaptation multiplies the policy by e^{eta r_i}, which maximises <q, r_i> - KL(q, pi)/eta over
policies q; the meta-objective is the mean reward after adaptation,

.. math::  L(\pi) = \sum_i c_i \langle\pi'_i, r_i\rangle,\qquad \pi'_i \propto \pi e^{\eta r_i}.

It is concave for two arms and not for three.  `wang-2020` (2006.13182) poses the problem for whole decision processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import doubles
from numerics.kernels import softmax_adaptation as kernels

Array = NDArray[np.float64]


class Bandits:
    """Tasks on common arms, with their probabilities and the inner step.

    Parameters
    ----------
    rewards : array (..., m, k)
        r_i of m tasks on k arms; leading axes are instances.
    rate : float or array (...)
        eta >= 0.
    chances : array (..., m), optional
        Probabilities of the tasks; equal if not given.

    Raises
    ------
    ValueError
        If an entry is not finite, the rate is negative, or the chances are no probabilities.

    Examples
    --------
    >>> bandits = Bandits([[1.0, 0.0], [0.0, 1.0]], np.log(3.0))
    >>> round(float(bandits.value([0.5, 0.5])), 12), bandits.slope([0.5, 0.5]).round(12).tolist()
    (0.75, [0.0, 0.0])
    """

    def __init__(self, rewards: Any, rate: Any, chances: Any = None) -> None:
        array = doubles("rewards", rewards, "(..., m, k)")
        if array.ndim < 2 or 0 in array.shape:
            raise ValueError(f"rewards has shape {array.shape}; it must be (..., m, k), m tasks on k arms")
        eta = doubles("rate", rate, "(...)")
        shares = np.full(array.shape[-2], 1 / array.shape[-2]) if chances is None else np.asarray(chances, dtype=np.float64)
        for name, entries in (("rewards", array), ("rate", eta), ("chances", shares)):
            if not np.all(np.isfinite(entries)):
                raise ValueError(f"{name} has the entry {entries[~np.isfinite(entries)][0]}; every entry must be finite")
        if np.any(eta < 0):
            raise ValueError(f"rate is {rate!r}; it must be at least zero")
        if shares.ndim < 1 or shares.shape[-1] != array.shape[-2]:
            raise ValueError(f"chances has shape {shares.shape}; it must be (..., {array.shape[-2]}), one for each task")
        if np.any(shares < 0) or np.any(np.abs(shares.sum(axis=-1) - 1) > 1e-9):
            raise ValueError("chances do not sum to one or are negative; they must be probabilities")
        self._rewards, self._rate, self._chances = array, eta, shares

    @property
    def arms(self) -> int:
        """Number of arms k."""
        return self._rewards.shape[-1]

    def _evaluated(self, policy: Any) -> tuple[Array, Array]:
        pi = doubles("policy", policy, f"(..., {self.arms})")
        if pi.ndim < 1 or pi.shape[-1] != self.arms:
            raise ValueError(f"policy has shape {pi.shape}; it must be (..., {self.arms})")
        if not np.all(pi >= 0) or np.any(np.abs(pi.sum(axis=-1) - 1) > 1e-9):
            raise ValueError("policy is not on the simplex; its entries must be at least zero and sum to one")
        lead = np.broadcast_shapes(pi.shape[:-1], self._rewards.shape[:-2], self._rate.shape, self._chances.shape[:-1])
        count = int(np.prod(lead))

        def flat(array: Array, trailing: tuple[int, ...]) -> Array:
            return np.ascontiguousarray(np.broadcast_to(array, lead + trailing)).reshape((count, *trailing))

        value, slope = np.empty(count), np.empty((count, self.arms))
        kernels.adapted_value(
            flat(pi, pi.shape[-1:]),
            flat(self._rewards, self._rewards.shape[-2:]),
            flat(self._chances, self._chances.shape[-1:]),
            flat(self._rate, ()),
            value,
            slope,
        )
        return value.reshape(lead), slope.reshape((*lead, self.arms))

    def value(self, policy: Any) -> Array:
        """L of policies (..., k), (...)."""
        return self._evaluated(policy)[0]

    def slope(self, policy: Any) -> Array:
        """Derivatives of L with respect to the arms' probabilities, (..., k); they say something along the simplex only.

        By homogeneity of degree zero, <pi, slope> = 0.
        """
        return self._evaluated(policy)[1]

    def logit_gradient(self, policy: Any) -> Array:
        """Gradient of L with respect to the logits of a softmax policy, pi_a times the slope, (..., k)."""
        return np.asarray(policy, dtype=np.float64) * self._evaluated(policy)[1]

    def adapted(self, policy: Any) -> Array:
        """The policy of each task after the inner step, (..., m, k)."""
        self._evaluated(policy)
        pi = np.asarray(policy, dtype=np.float64)[..., None, :]
        powers = self._rate[..., None, None] * self._rewards
        weights = pi * np.exp(powers - np.where(pi > 0, powers, -np.inf).max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))

    def ascend(self, start: Any, *, rate: float = 0.5, steps: int = 10_000, tolerance: float = 1e-12) -> Ascent:
        """Multiplicative ascent on the simplex, pi <- pi e^{rate slope} normalised, the rate halved where L would fall.

        Entries of the start that are zero stay zero.

        Returns
        -------
        Ascent
            Stopped where the gradient with respect to the logits is within `tolerance` times the largest reward, where no rate
            raises L in doubles, or at the end of the steps.
        """
        if self._rewards.ndim != 2:
            raise ValueError(f"rewards has shape {self._rewards.shape}; one instance at a time ascends, of shape (m, k)")
        self._evaluated(start)
        policy = np.array(start, dtype=np.float64)[None]
        chances, eta = np.ascontiguousarray(self._chances)[None], self._rate.reshape(1)
        admitted = tolerance * float(np.abs(self._rewards).max())
        found = kernels.ascend(policy, np.ascontiguousarray(self._rewards)[None], chances, eta, rate, steps, admitted)
        return Ascent(policy[0], *found)


@dataclass(frozen=True)
class Ascent:
    """Where an ascent ended.

    Attributes
    ----------
    policy : array (k,)
    value : float
        L there.
    stationarity : float
        Largest entry of the gradient with respect to the logits.
    steps : int
    """

    policy: Array
    value: float
    stationarity: float
    steps: int


def concavity_violation(bandits: Bandits, left: Any, right: Any) -> Array:
    """Mean of L at two policies minus L half way between, at most zero for a concave objective, (...).

    Examples
    --------
    >>> bandits = Bandits([[0.0, 0.7, 1.0]], 5.0)
    >>> bool(concavity_violation(bandits, [0.72, 0.2, 0.08], [0.9, 0.0, 0.1]) > 0)
    True
    """
    a, b = doubles("left", left, "(..., k)"), doubles("right", right, "(..., k)")
    return np.asarray((bandits.value(a) + bandits.value(b)) / 2 - bandits.value((a + b) / 2))
