r"""Episodes drawn under a policy, and what they estimate: gradients, and the curvatures that inner losses give.

An episode has steps t with scores :math:`s_t=\nabla_\theta\log\pi_\theta(a_t|x_t)` and outcomes :math:`\hat A_t`, the cost from
step t on minus a baseline (the exact expected cost from that state on, or nothing).  Its estimate of the gradient is
:math:`\sum_ts_t\hat A_t`; along v, with :math:`\sigma_t=s_t^\top v` and :math:`B_t=\nabla^2\log\pi\,v`, its curvatures are

.. math:: \text{log-likelihood: }\sum_tB_t\hat A_t,\qquad \text{likelihood ratio: }\sum_t(B_t+s_t\sigma_t)\hat A_t,\qquad
   \text{exact: }\sum_t\Bigl(B_t+s_t\sigma_t+s_t\sum_{i<t}\sigma_i\Bigr)\hat A_t+s_t\sum_{i>t}\sigma_i\hat A_i.

All are unbiased for what :mod:`numerics.reinforcement.decision_processes` calls by these names; the last one for the Hessian:
it is the pairs of different steps that the surrogates of the inner step drop.

Discounts are executed as the chance that the episode goes on, so that sums are not discounted and end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.losses import Losses
from numerics.reinforcement.decision_processes import KINDS, NegativeReturns
from numerics.reinforcement.navigation import Navigation, split

Real = NDArray[np.float64]


class Episodes(ABC):
    """Episodes of every task under its policy.

    Parameters
    ----------
    outcomes : array (n, N, T)
        Cost from each step on minus the baseline; zero after an episode's end.
    """

    def __init__(self, outcomes: Real) -> None:
        self.outcomes = outcomes

    @abstractmethod
    def scored(self, weights: Real) -> Real:
        """Mean over episodes of the sum of scores with these weights (n, N, T), (n, p)."""

    @abstractmethod
    def along(self, vectors: Real) -> Real:
        """Scores times the tasks' vectors (n, p): (n, N, T), zero after an episode's end."""

    @abstractmethod
    def bent(self, weights: Real, vectors: Real) -> Real:
        """Mean over episodes of the weighted sum of Hessians of the log-likelihood, times the vectors (n, p)."""

    def gradients(self) -> Real:
        """An unbiased estimate of each task's gradient, (n, p)."""
        return self.scored(self.outcomes)

    def curvature_vectors(self, vectors: Real, kind: str = "exact") -> Real:
        """An unbiased estimate of each task's curvature times its vector, (n, p); kinds as in the module's equations.

        With the baseline, "log-likelihood" has the expectation zero, which is "first order".

        Raises
        ------
        ValueError
            If the kind is unknown.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}")
        if kind == "first order":
            return np.zeros_like(vectors)
        found = self.bent(self.outcomes, vectors)
        if kind == "log-likelihood":
            return found
        slopes = self.along(vectors)
        weights = slopes * self.outcomes
        if kind == "exact":
            before = np.cumsum(slopes, axis=-1) - slopes
            after = np.cumsum(weights[..., ::-1], axis=-1)[..., ::-1] - weights
            weights = weights + before * self.outcomes + after
        return found + self.scored(weights)


class TabularEpisodes(Episodes):
    """Episodes of softmax policies: states, actions and where an episode is still on, each (n, N, T)."""

    def __init__(self, outcomes: Real, states: Any, actions: Any, policies: Real) -> None:
        super().__init__(outcomes)
        self.states, self.actions, self.policies = states, actions, policies

    @classmethod
    def drawn(
        cls, family: NegativeReturns, theta: Real, episodes: int, rng: np.random.Generator, baseline: bool
    ) -> TabularEpisodes:
        """Episodes under logits (n, S A)."""
        tasks = family.processes
        logits = np.broadcast_to(theta, (tasks.number, family.dimension)).reshape(tasks.number, tasks.states, tasks.actions)
        at = tasks.evaluation(logits, workers=1)
        chances = np.cumsum(at.policies, axis=-1)
        moves = np.cumsum(tasks.discount * tasks.transitions, axis=-1)
        task = np.repeat(np.arange(tasks.number), episodes)
        first = np.cumsum(tasks.start, axis=-1)
        state = _drawn(first[task], rng)
        going = np.arange(task.size)
        visited: list[Any] = []
        chosen: list[Any] = []
        paid: list[Real] = []
        while going.size:
            who = task[going]
            action = _drawn(chances[who, state], rng)
            for record, entries in ((visited, state), (chosen, action)):
                record.append(np.full(task.size, -1))
                record[-1][going] = entries
            paid.append(np.zeros(task.size))
            paid[-1][going] = -tasks.rewards[who, state, action]
            following = (rng.random(going.size)[:, None] >= moves[who, state, action]).sum(axis=-1)
            on = following < tasks.states
            going, state = going[on], following[on]
        shape = (tasks.number, episodes, -1)
        states, actions = (np.stack(record, axis=-1).reshape(shape) for record in (visited, chosen))
        costs = np.stack(paid, axis=-1).reshape(shape)
        outcomes = np.cumsum(costs[..., ::-1], axis=-1)[..., ::-1]
        if baseline:
            expected = -np.take_along_axis(at.values[:, None], np.maximum(states, 0), axis=-1)
            outcomes = np.where(states >= 0, outcomes - expected, 0.0)
        return cls(outcomes, states, actions, at.policies)

    def _tables(self, weights: Real) -> Real:
        """Sums of weights by state and action, mean over episodes: (n, S, A)."""
        number, states, actions = self.policies.shape
        place = (np.arange(number)[:, None, None] * states + self.states) * actions + self.actions
        on = self.states >= 0
        sums = np.bincount(place[on], weights[on], number * states * actions)
        return sums.reshape(number, states, actions) / self.outcomes.shape[1]

    def scored(self, weights: Real) -> Real:
        """As :meth:`Episodes.scored`."""
        sums = self._tables(weights)
        found = sums - sums.sum(axis=-1, keepdims=True) * self.policies
        return found.reshape(len(found), -1)

    def along(self, vectors: Real) -> Real:
        """As :meth:`Episodes.along`."""
        tables = self._centred(vectors).reshape(len(vectors), 1, -1)
        place = self.states * self.policies.shape[2] + self.actions
        found = np.take_along_axis(tables, np.maximum(place, 0), axis=-1)
        return np.where(self.states >= 0, found, 0.0)

    def bent(self, weights: Real, vectors: Real) -> Real:
        """As :meth:`Episodes.bent`."""
        found = -self._tables(weights).sum(axis=-1, keepdims=True) * self.policies * self._centred(vectors)
        return found.reshape(len(found), -1)

    def _centred(self, vectors: Real) -> Real:
        tables = vectors.reshape(self.policies.shape)
        return tables - (self.policies * tables).sum(axis=-1, keepdims=True)


class NavigationEpisodes(Episodes):
    """Episodes of navigation: positions and the policy's standard normal noise, each (n, N, T, 2)."""

    def __init__(self, outcomes: Real, positions: Real, noises: Real, scale: float) -> None:
        super().__init__(outcomes)
        self.positions, self.noises, self.scale = positions, noises, scale

    @classmethod
    def drawn(
        cls, family: Navigation, theta: Real, episodes: int, rng: np.random.Generator, baseline: bool
    ) -> NavigationEpisodes:
        """Episodes under gains and shifts (n, 6)."""
        if family.noise <= 0:
            raise ValueError(f"noise is {family.noise!r}; a policy without noise has no scores, it must be positive")
        theta = np.broadcast_to(theta, (family.number, 6))
        gain, shift = split(theta)
        noises = rng.standard_normal((family.horizon, family.number, episodes, 2))
        position = np.sqrt(family.spread) * rng.standard_normal((family.number, episodes, 2))
        positions, costs = [], []
        for noise in noises:
            control = shift[:, None] - position @ np.swapaxes(gain, -1, -2) + family.noise * noise
            positions.append(position)
            away, used = ((position - family.goals[:, None]) ** 2).sum(axis=-1), (control**2).sum(axis=-1)
            costs.append((away + family.effort * used) / family.horizon)
            position = position + family.pace * family.motors[:, None] * control
        places = np.stack(positions, axis=2)
        outcomes = np.cumsum(np.stack(costs, axis=-1)[..., ::-1], axis=-1)[..., ::-1]
        if baseline:
            for step, (square, slope, constant) in enumerate(family.costs_to_go(theta)):
                place = places[:, :, step]
                expected = ((place @ square + 2 * slope[:, None]) * place).sum(axis=-1) + constant[:, None]
                outcomes[..., step] -= expected
        return cls(outcomes, places, np.moveaxis(noises, 0, 2), family.noise)

    def _pulled(self, weights: Real) -> Real:
        """Mean over episodes of the sum of J' w, J the derivative of the policy's mean; w (n, N, T, 2)."""
        count = weights.shape[1]
        gain = -np.einsum("neti,netj->nij", weights, self.positions).reshape(-1, 4)
        return np.concatenate([gain, weights.sum(axis=(1, 2))], axis=-1) / count

    def _pushed(self, vectors: Real) -> Real:
        """J v for every step, (n, N, T, 2)."""
        gain, shift = split(vectors)
        return shift[:, None, None] - self.positions @ np.swapaxes(gain, -1, -2)[:, None]

    def scored(self, weights: Real) -> Real:
        """As :meth:`Episodes.scored`."""
        return self._pulled(weights[..., None] * self.noises / self.scale)

    def along(self, vectors: Real) -> Real:
        """As :meth:`Episodes.along`."""
        return (self._pushed(vectors) * self.noises).sum(axis=-1) / self.scale

    def bent(self, weights: Real, vectors: Real) -> Real:
        """As :meth:`Episodes.bent`."""
        return self._pulled(-weights[..., None] * self._pushed(vectors) / self.scale**2)


def drawn_episodes(
    family: Losses, theta: Real, episodes: int, rng: np.random.Generator, *, baseline: bool = True
) -> TabularEpisodes | NavigationEpisodes:
    """Episodes of every task under its policy.

    Parameters
    ----------
    family : NegativeReturns or Navigation
        The tasks.
    theta : array (p,) or (n, p)
        One policy, or one for each task.
    episodes : int
        Episodes of a task, at least 1.
    rng : numpy.random.Generator
        What chance is drawn from.
    baseline : bool
        Whether the exact expected cost from a state on is subtracted from outcomes.

    Raises
    ------
    TypeError, ValueError
        If episodes of such a family cannot be drawn, or there is none to draw.

    Examples
    --------
    >>> from numerics.reinforcement import DecisionProcesses
    >>> arms = DecisionProcesses(np.zeros((1, 1, 2, 1)), [[[1.0, 0.0]]], [1.0], 0.0)
    >>> found = drawn_episodes(arms.losses(), np.zeros(2), 10_000, np.random.default_rng(0)).gradients()
    >>> bool(np.abs(found - [[-0.25, 0.25]]).max() < 0.01)
    True
    """
    if isinstance(episodes, bool) or not isinstance(episodes, int | np.integer) or episodes < 1:
        raise ValueError(f"episodes is {episodes!r}; it must be an integer of at least 1")
    point = np.asarray(theta, dtype=np.float64)
    if point.shape not in ((family.dimension,), (family.number, family.dimension)) or not np.isfinite(point).all():
        shapes = f"({family.dimension},) or ({family.number}, {family.dimension})"
        raise ValueError(f"theta has shape {point.shape}; it must be a finite array of shape {shapes}")
    if isinstance(family, NegativeReturns):
        return TabularEpisodes.drawn(family, point, episodes, rng, baseline)
    if isinstance(family, Navigation):
        return NavigationEpisodes.drawn(family, point, episodes, rng, baseline)
    raise TypeError(f"family is a {type(family).__name__}; episodes are drawn of NegativeReturns or Navigation")


def sampled_meta_gradients(
    family: Losses, theta: Real, rates: Any, episodes: int, rng: np.random.Generator, kind: str = "likelihood ratio"
) -> Real:
    """Estimates of each task's meta-gradient from k + 1 batches of episodes, (n, p).

    Every inner step is a step along a batch's gradient; the last batch's gradient is taken back through the steps with the
    curvature of that kind that each step's own batch gives.  No rates: joint training.

    Parameters
    ----------
    family, theta, episodes, rng
        As in :func:`drawn_episodes`; episodes are those of each batch.
    rates : array (k,)
        Of the inner steps.
    kind : str
        As in :meth:`Episodes.curvature_vectors`.

    Raises
    ------
    FloatingPointError
        If an inner step leads beyond finite numbers.
    ValueError, TypeError
        As in :func:`drawn_episodes`.

    Examples
    --------
    >>> from numerics.reinforcement import random_navigation
    >>> family, rng = random_navigation(0.4, 3), np.random.default_rng(0)
    >>> sampled_meta_gradients(family, np.zeros(6), [0.1], 5, rng).shape
    (3, 6)
    """
    batches = [drawn_episodes(family, theta, episodes, rng)]
    point = np.broadcast_to(theta, (family.number, family.dimension))
    for rate in rates:
        point = point - rate * batches[-1].gradients()
        if not np.isfinite(point).all():
            raise FloatingPointError(f"an inner step of rate {rate:g} led beyond finite numbers; the rate is too large here")
        batches.append(drawn_episodes(family, point, episodes, rng))
    found = batches[-1].gradients()
    for rate, batch in zip(reversed(list(rates)), reversed(batches[:-1]), strict=True):
        found = found - rate * batch.curvature_vectors(found, kind)
    return found


def _drawn(cumulated: Real, rng: np.random.Generator) -> Any:
    """One outcome for each row of cumulated chances that end at one, up to rounding."""
    return (rng.random(len(cumulated))[:, None] >= cumulated[:, :-1]).sum(axis=-1)
