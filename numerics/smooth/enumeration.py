"""Expectations of short runs as finite sums: every outcome of every task and every call, with its probability.

It runs the rules' own steps on risks with given noise (:class:`numerics.smooth.perturbed.Given`) and shares with the
sampled loop nothing but the rules, so that the two check each other.  With T updates of M tasks the work grows like a
power of M T.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import whole
from numerics.losses import Losses
from numerics.rules import Rule
from numerics.smooth.algorithms import Sampling
from numerics.smooth.oracles import Minibatch
from numerics.smooth.perturbed import Given
from numerics.smooth.terms import Terms

Array = NDArray[Any]

#: most points that a law of the parameter may have
POINTS = 2_000_000


class TooManyOutcomes(ValueError):
    """A run whose outcomes are too many to go through."""


@dataclass(frozen=True)
class PointLaw:
    """A law of the parameter with finitely many points.

    Parameters
    ----------
    points : array (o, p)
        Distinct points.
    chances : array (o,)
        Their probabilities.
    """

    points: Array
    chances: Array

    def mean(self, function: Any) -> Any:
        """Expectation of a function of the points (o, p), whose results are (o, ...)."""
        return np.tensordot(self.chances, function(self.points), axes=1)


def one_update(losses: Losses, algorithm: Sampling, law: PointLaw, rate: float) -> PointLaw:
    """Law of the parameter after one update from a law of it.

    Raises
    ------
    TooManyOutcomes
        If the law would have more than `POINTS` points before equal ones are joined.
    TypeError
        If the oracle has infinitely many outcomes.

    Examples
    --------
    >>> from numerics.rules import DRS
    >>> from numerics.smooth.families import PiecewiseQuadratic
    >>> from numerics.smooth.oracles import Oracle, Rademacher
    >>> bowl = PiecewiseQuadratic([1.0], np.empty((1, 0)), [[1.0]])
    >>> algorithm = Sampling(DRS(), Oracle(Rademacher(1.0)), calls=1, doubled=False)
    >>> one_update(bowl, algorithm, PointLaw(np.ones((1, 1)), np.ones(1)), 0.5).points.ravel().tolist()
    [0.0, 1.0]
    """
    steps, chances = _steps(losses, algorithm, law.points)
    outcomes = steps.shape[1] ** algorithm.batch
    if len(law.points) * outcomes > POINTS:
        raise TooManyOutcomes(f"an update from {len(law.points)} points has {outcomes} outcomes each; use fewer tasks or calls")
    total, share = steps, chances
    for _ in range(algorithm.batch - 1):
        total = (total[:, :, None, :] + steps[:, None, :, :]).reshape(len(steps), -1, losses.dimension)
        share = (share[:, None] * chances[None, :]).ravel()
    new = law.points[:, None, :] - rate / algorithm.batch * total
    return _joined(new.reshape(-1, losses.dimension), (law.chances[:, None] * share).ravel())


def _steps(losses: Losses, algorithm: Sampling, points: Array) -> tuple[Array, Array]:
    """Outer steps of every task and outcome at every point (points, outcomes, p), and the outcomes' probabilities."""
    rule, oracle = algorithm.rule, algorithm.oracle
    probe = Given(losses)
    rule.outer_step(probe, points[:1, None, :])
    requests = [algorithm.request_calls] * probe.asked
    if oracle.minibatch:
        return _minibatch_steps(losses, algorithm, points, probe.asked, probe.asked_products)
    p = losses.dimension
    laws = [oracle.gradient.outcomes(calls, p) for calls in requests]
    laws += [oracle.hessian.outcomes(int(algorithm.samples or 0), p, divided=False) for _ in range(probe.asked_products)]
    grid = np.array(list(itertools.product(*(range(len(chances)) for _, chances in laws)))).reshape(-1, len(laws))
    if len(points) * len(grid) * losses.number > POINTS:
        raise TooManyOutcomes(f"{len(points)} points have {len(grid)} outcomes each; use fewer calls or a simpler law")
    noises = [vectors[grid[:, index]][None, :, None, :] for index, (vectors, _) in enumerate(laws)]
    shares = np.prod([chances[grid[:, index]] for index, (_, chances) in enumerate(laws)], axis=0)
    told = Given(losses, noises[: probe.asked], noises[probe.asked :])
    moves = rule.outer_step(told, points[:, None, None, :])
    moves = np.broadcast_to(moves, (len(points), len(grid), losses.number, p))
    return moves.reshape(len(points), -1, p), (shares[:, None] * losses.weights).ravel()


def _minibatch_steps(losses: Losses, algorithm: Sampling, points: Array, gradients: int, products: int) -> tuple[Array, Array]:
    if not isinstance(losses, Terms):
        raise TypeError("a Minibatch needs risks that are sums of terms; use additive noise")
    counts = [algorithm.request_calls] * gradients + [int(algorithm.samples or 0)] * products
    laws = [Minibatch.factors(count, losses.terms) for count in counts]
    moves, shares = [], []
    for outcome in itertools.product(*(range(len(chances)) for _, chances in laws)):
        seen = [losses.reweighted(factors[index]) for (factors, _), index in zip(laws, outcome, strict=True)]
        moves.append(algorithm.rule.outer_step(_Switching(losses, seen[:gradients], seen[gradients:]), points[:, None, :]))
        shares.append(np.prod([chances[index] for (_, chances), index in zip(laws, outcome, strict=True)]))
    stacked = np.broadcast_to(np.stack(moves, axis=1), (len(points), len(moves), losses.number, losses.dimension))
    return stacked.reshape(len(points), -1, losses.dimension), (np.array(shares)[:, None] * losses.weights).ravel()


class _Switching(Losses):
    """Risks that answer each request by another minibatch."""

    def __init__(self, exact: Terms, gradients: list[Terms], products: list[Terms]) -> None:
        super().__init__(exact.weights, exact.dimension)
        self._exact, self._gradients, self._products = exact, gradients, products
        self._asked = self._asked_products = 0

    def chunk(self, tasks: slice) -> Losses:
        raise TypeError("a minibatch cannot be taken apart")

    def _value(self, theta: Array) -> Array:
        return self._exact.value(theta)

    def _gradient(self, theta: Array) -> Array:
        self._asked += 1
        return self._gradients[self._asked - 1].gradient(theta)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        self._asked_products += 1
        return self._products[self._asked_products - 1].hessian_vector(theta, vector)


def _joined(points: Array, chances: Array) -> PointLaw:
    distinct, which = np.unique(points, axis=0, return_inverse=True)
    return PointLaw(distinct, np.bincount(which.ravel(), weights=chances, minlength=len(distinct)))


def final_law(losses: Losses, algorithm: Sampling, start: Any, *, updates: int, rate: float) -> PointLaw:
    """Law of the parameter after a number of updates from a point (p,).

    Parameters
    ----------
    losses, algorithm
        As for :func:`numerics.smooth.training.meta_train`; the oracle's laws are finite.
    start : array (p,)
        Where to start.
    updates : int
        At least zero; few.
    rate : float
        Step size.

    Returns
    -------
    PointLaw

    Raises
    ------
    TooManyOutcomes
        If there are too many.
    ValueError, TypeError
        If an argument is not as described.
    """
    law = PointLaw(np.asarray(start, dtype=np.float64).reshape(1, losses.dimension), np.ones(1))
    for _ in range(whole("updates", updates, 0)):
        law = one_update(losses, algorithm, law, rate)
    return law


def gradient_sum(
    losses: Losses,
    algorithm: Sampling,
    start: Any,
    *,
    updates: int,
    test_steps: int,
    rate: float,
    watched: Rule,
) -> float:
    """E of the sum of |mean outer step of `watched`|^2 over training and of |grad R(theta; gamma)|^2 over testing, exactly.

    Training takes `updates` updates; a task is drawn afresh, on which plain gradient descent with N calls takes `test_steps`
    steps at the same step size.

    Parameters
    ----------
    losses, algorithm, start, updates, rate
        As for :func:`final_law`.
    test_steps : int
        At least zero; not both zero.
    watched : Rule
        DRS() for grad R_drs, MAML(alpha) for grad F.

    Returns
    -------
    float

    Raises
    ------
    TooManyOutcomes
        If there are too many outcomes.
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> from numerics.rules import DRS
    >>> from numerics.smooth.families import PiecewiseQuadratic
    >>> bowl = PiecewiseQuadratic([1.0], np.empty((1, 0)), [[1.0]])
    >>> gradient_sum(bowl, Sampling(DRS()), [1.0], updates=1, test_steps=1, rate=0.5, watched=DRS())
    1.25
    """
    updates, test_steps = whole("updates", updates, 0), whole("test_steps", test_steps, 0)
    if updates + test_steps == 0:
        raise ValueError("updates and test_steps are both 0; a sum of gradients needs at least one step")
    law = PointLaw(np.asarray(start, dtype=np.float64).reshape(1, losses.dimension), np.ones(1))
    total = 0.0

    def squared(points: Array) -> Array:
        moves = np.broadcast_to(watched.outer_step(losses, points[:, None, :]), (len(points), losses.number, losses.dimension))
        return np.sum(np.einsum("n,bnp->bp", losses.weights, moves) ** 2, axis=1)

    for _ in range(updates):
        total += law.mean(squared)
        law = one_update(losses, algorithm, law, rate)
    plain = Sampling(Rule(), algorithm.oracle, calls=algorithm.calls, doubled=False)
    parts: dict[int, PointLaw] = defaultdict(lambda: law)
    for task in range(losses.number):
        one = losses.chunk(slice(task, task + 1))
        chance, one.weights = float(losses.weights[task]), np.ones(1)
        for _ in range(test_steps):
            gradients = one.gradient(parts[task].points[:, None, :])[:, 0]
            total += chance * float(parts[task].chances @ np.sum(gradients**2, axis=1))
            parts[task] = one_update(one, plain, parts[task], rate)
    return float(total)


def gradient_sums(
    losses: Losses,
    weights: Array,
    rule: Rule,
    start: Array,
    *,
    updates: int,
    test_steps: int,
    rates: Array,
    deviation: Array,
    bend_deviation: Array,
    batch: int = 1,
) -> Array:
    """:func:`gradient_sum` of many distributions of tasks at once, with signs for noise, N = D = 1 and the equal budget.

    Parameters
    ----------
    losses : Losses
        Tasks (b, n): n tasks of each of b distributions, in one dimension.
    weights : array (b, n)
        Their probabilities.
    rule : Rule
        Trained and watched; its fields may be arrays (b,).
    start : array (b,)
        Where to start.
    updates, test_steps : int
        As for :func:`gradient_sum`.
    rates, deviation, bend_deviation : array (b,)
        Step sizes, and standard deviations of one call and of one sample.
    batch : int
        M.

    Returns
    -------
    array (b,)
    """
    points, chances = start[None, :, None], np.ones((1, len(start)))
    total = np.zeros(len(start))
    inside = type(rule).inner is not Rule.inner
    for _ in range(updates):
        moves = np.broadcast_to(rule.outer_step(losses, points[:, :, None, :]), (*points.shape[:2], *weights.shape[1:], 1))
        total += (chances * np.einsum("bn,obn->ob", weights, moves[..., 0]) ** 2).sum(axis=0)
        points, chances = _after(losses, weights, rule, points, chances, rates, deviation, bend_deviation, batch, inside)
    its = np.repeat(points[:, :, None, :], weights.shape[1], axis=2)
    shares = chances
    for _ in range(test_steps):
        gradients = losses.gradient(its)
        total += (shares * np.einsum("bn,obn->ob", weights, gradients[..., 0] ** 2)).sum(axis=0)
        noise = deviation[:, None, None]
        its = np.concatenate([its - rates[:, None, None] * (gradients + sign * noise) for sign in (1, -1)])
        shares = np.concatenate([shares / 2, shares / 2])
    return total


def _after(
    losses: Losses,
    weights: Array,
    rule: Rule,
    points: Array,
    chances: Array,
    rates: Array,
    deviation: Array,
    bend_deviation: Array,
    batch: int,
    inside: bool,
) -> tuple[Array, Array]:
    """Points (o, b, 1) and chances (o, b) after an update from such."""
    # two signs per request; the one request of joint training averages two of them
    signs = np.array([1.0, -1.0] if inside else [1.0, 0.0, -1.0])
    halves = np.array([0.5, 0.5] if inside else [0.25, 0.5, 0.25])
    probe = Given(losses)
    rule.outer_step(probe, points[:1, :, None, :])
    kinds = [(signs, halves, deviation)] * probe.asked
    kinds += [(np.array([1.0, -1.0]), np.full(2, 0.5), bend_deviation)] * probe.asked_products
    grid = np.array(list(itertools.product(*(range(len(values)) for values, _, _ in kinds))))
    noises = [values[grid[:, i]][None, :, None, None, None] * size[:, None, None] for i, (values, _, size) in enumerate(kinds)]
    share = np.prod([halves_[grid[:, i]] for i, (_, halves_, _) in enumerate(kinds)], axis=0)
    told = Given(losses, noises[: probe.asked], noises[probe.asked :])
    moves = rule.outer_step(told, points[:, None, :, None, :])
    moves = np.broadcast_to(moves, (len(points), len(grid), *weights.shape, 1))[..., 0]
    steps = np.moveaxis(moves, 2, 1).reshape(len(points), len(weights), -1)
    odds = (share[None, :, None] * weights[:, None, :]).reshape(len(weights), -1)
    sums, all_odds = steps, odds
    for _ in range(batch - 1):
        sums = (sums[..., :, None] + steps[..., None, :]).reshape(*sums.shape[:2], -1)
        all_odds = (all_odds[:, :, None] * odds[:, None, :]).reshape(len(weights), -1)
    new = points - rates[:, None] / batch * sums
    likely = chances[..., None] * all_odds
    return np.moveaxis(new, 2, 1).reshape(-1, len(weights), 1), np.moveaxis(likely, 2, 1).reshape(-1, len(weights))
