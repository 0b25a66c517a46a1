r"""Moments of tasks from their raw data, without a model of the features, and how sure they are.

A random 2N of a task's samples, split into two halves, is a genuine draw of what the estimators take from a task: the
curvatures H and pulls h of joint training and of MAML.  Their empirical law over tasks and splits (:class:`Splits`) therefore
estimates the moments of :mod:`theory.estimators` without bias, and draws from it are data sets of any number of tasks.  To fit
each task and put the fits in place of the tasks would not do: with eight samples a task that doubles the statistical errors and
loses four fifths of the modeling error.

What is left is that the tasks at hand are a sample.  The bootstrap over tasks weights them by how often each is drawn among n
draws with replacement.  From a functional and from each of its resampled values the bias is taken off that the resamples
have on average; nothing that is positive becomes negative by that.  Intervals: :mod:`verify.simulation.intervals`.

>>> import numpy as np
>>> values = np.random.default_rng(0).exponential(size=50)
>>> mean = estimated(lambda weights: weights @ values, 50, resamples=400, seed=1)
>>> low, high = mean.interval(0.9)
>>> bool(low < 1 < high)
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.shell.usage_error import UsageError
from verify.simulation.intervals import hull_interval
from verify.simulation.task_data import TaskData

Array = NDArray[np.float64]

#: random splits of each task
SPLITS = 60
#: entries whose products with one another doubles hold
_LARGEST = 1e100


@dataclass(frozen=True)
class Splits:
    """What both estimators take from tasks: arrays over (method, task, split).

    Parameters
    ----------
    curvatures : array (2, n, k, p, p)
        H of joint training and of MAML.
    pulls : array (2, n, k, p)
        h.
    """

    curvatures: Array
    pulls: Array

    @classmethod
    def of(cls, data: TaskData, samples: int, alpha: float, seed: int, count: int = SPLITS) -> Splits:
        """Random splits of each task's data into N samples inside and N outside.

        Raises
        ------
        UsageError
            If a task has fewer than 2N samples, or the rate is so large that doubles overflow.
        """
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
        p = data.features[0].shape[1]
        curvatures = np.empty((2, len(data.names), count, p, p))
        pulls = np.empty((2, len(data.names), count, p))
        for i, (name, x, y) in enumerate(zip(data.names, data.features, data.responses, strict=True)):
            if len(x) < 2 * samples:
                most = f"each must have 2N, so that N is at most {len(x) // 2} here"
                raise UsageError(f"--samples is {samples}, but task {name} has {len(x)} samples; {most}")
            chosen = rng.permuted(np.tile(np.arange(len(x)), (count, 1)), axis=1)[:, : 2 * samples]
            rows, responses = x[chosen].reshape(count, 2, samples, p), y[chosen].reshape(count, 2, samples)
            scatter = rows.swapaxes(-1, -2) @ rows / samples
            moved = (rows.swapaxes(-1, -2) @ responses[..., None])[..., 0] / samples
            curvatures[0, i], pulls[0, i] = scatter.mean(axis=1), moved.mean(axis=1)
            step = np.eye(p) - alpha * scatter[:, 0]
            with np.errstate(over="ignore", invalid="ignore"):
                curvatures[1, i] = step @ scatter[:, 1] @ step
                outer = moved[:, 1] - alpha * np.einsum("kij,kj->ki", scatter[:, 1], moved[:, 0])
                pulls[1, i] = np.einsum("kij,kj->ki", step, outer)
        # their squares are averaged
        if not max(np.abs(curvatures).max(), np.abs(pulls).max()) < _LARGEST:
            raise UsageError(f"--alpha is {alpha:g}; it must be so small that the moments of these data fit into doubles")
        return cls(curvatures, pulls)

    @property
    def number(self) -> int:
        """Number of tasks."""
        return self.pulls.shape[1]

    @property
    def dimension(self) -> int:
        """Dimension p."""
        return self.pulls.shape[-1]

    def limits(self, weights: Array) -> tuple[Array, Array]:
        """E[H] (2, p, p) and what the estimates tend to (2, p), for probabilities of the tasks.

        Raises
        ------
        UsageError
            If an expected curvature is singular.
        """
        mean = np.einsum("i,mikab->mab", weights, self.curvatures) / self.pulls.shape[2]
        pull = np.einsum("i,mika->ma", weights, self.pulls) / self.pulls.shape[2]
        try:
            return mean, np.linalg.solve(mean, pull[..., None])[..., 0]
        except np.linalg.LinAlgError:
            raise UsageError(
                "the mean curvature of the tasks is singular; a feature has no variance that tells it apart"
            ) from None

    def leading_order(self, weights: Array) -> Array:
        """Modeling error of joint training and M times both statistical errors, in MAML's deployment weight: (3,)."""
        mean, limits = self.limits(weights)
        gap, weight, errors = limits[0] - limits[1], mean[1], []
        for method in range(2):
            inverse = np.linalg.inv(mean[method])
            scores = np.einsum("ikab,b->ika", self.curvatures[method], limits[method]) - self.pulls[method]
            moved = scores @ inverse.T
            covariance = np.einsum("i,ika,ikb->ab", weights, moved, moved) / scores.shape[1]
            bias = inverse @ np.einsum("i,ikab,ikb->a", weights, self.curvatures[method], moved) / scores.shape[1]
            shift = gap @ weight @ bias if method == 0 else 0.0
            errors.append(0.5 * np.trace(weight @ covariance) + shift)
        return np.array([0.5 * gap @ weight @ gap, *errors])

    def simulated_excess(self, weights: Array, sizes: Any, datasets: int, seed: int) -> Array:
        """Deployed risks above the least one of estimates from data sets drawn from the splits.

        Parameters
        ----------
        weights : array (n,)
            Probabilities of the tasks.
        sizes : increasing sequence of int
            Numbers of tasks.
        datasets, seed : int

        Returns
        -------
        array (2, m, datasets)
            Nan where an estimate is undefined.
        """
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,)))
        mean, limits = self.limits(weights)
        steps = np.cumsum(weights)
        shape = (datasets, int(max(sizes)))
        tasks = np.minimum(np.searchsorted(steps, rng.random(shape) * steps[-1], side="right"), self.number - 1)
        splits = rng.integers(self.pulls.shape[2], size=shape)
        excess = np.full((2, len(sizes), datasets), np.nan)
        for method in range(2):
            total = np.zeros((datasets, self.dimension, self.dimension))
            pull = np.zeros((datasets, self.dimension))
            done = 0
            for m, size in enumerate(sizes):
                part = tasks[:, done:size], splits[:, done:size]
                total += self.curvatures[method][part].sum(axis=1)
                pull += self.pulls[method][part].sum(axis=1)
                done = size
                known = np.linalg.cond(total) < 1e12
                errors = np.linalg.solve(total[known], pull[known][..., None])[..., 0] - limits[1]
                excess[method, m, known] = 0.5 * np.einsum("da,ab,db->d", errors, mean[1], errors)
        return excess


@dataclass(frozen=True)
class Estimate:
    """A functional of the law of tasks.

    Parameters
    ----------
    plain : array
        Its value on the tasks at hand.
    drawn : array (resamples, ...)
        Its values on resampled tasks.
    number : int
        n, of tasks.
    """

    plain: Array
    drawn: Array
    number: int

    @property
    def value(self) -> Array:
        """The estimate, with the bias taken off that the resamples have."""
        return np.maximum(2 * self.plain - self.drawn.mean(axis=0), self._least)

    @property
    def resampled(self) -> Array:
        """The resampled values, with the same taken off."""
        return np.maximum(self.drawn - (self.drawn.mean(axis=0) - self.plain), self._least)

    @property
    def _least(self) -> Array:
        return np.where((self.plain > 0) & (self.drawn > 0).all(axis=0), 0.0, -np.inf)

    def interval(self, level: float) -> tuple[Array, Array]:
        """Lower and upper ends at a confidence level, the estimate between them."""
        low, high = hull_interval(self.plain, self.drawn, self.number, level)
        return np.minimum(low, self.value), np.maximum(high, self.value)


def estimated(
    functional: Callable[[Array], Any], number: int, resamples: int, seed: int, done: Callable[[], None] = lambda: None
) -> Estimate:
    """Estimate a functional by the bootstrap over tasks.

    Parameters
    ----------
    functional : callable
        Takes probabilities of the tasks (n,), gives an array of a fixed shape.
    number : int
        n.
    resamples, seed : int
    done : callable
        Called after each evaluation.
    """

    def value(weights: Array) -> Array:
        found = np.asarray(functional(weights), dtype=np.float64)
        done()
        return found

    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    equal = np.full(number, 1 / number)
    plain = value(equal)
    drawn = np.array([value(rng.multinomial(number, equal) / number) for _ in range(resamples)])
    return Estimate(plain, drawn, number)


def task_moments(data: TaskData) -> Array:
    """Each task's mean eigenvalue of the curvature, noise variance, optimum, and the optimum's sampling variance a coordinate.

    Parameters
    ----------
    data : TaskData

    Returns
    -------
    array (n, 3 + p)

    Raises
    ------
    UsageError
        If a task's data do not determine its optimum and noise variance.
    """
    rows = []
    for name, x, y in zip(data.names, data.features, data.responses, strict=True):
        freedom, p = len(x) - data.centred, x.shape[1]
        if freedom < p + 1:
            raise UsageError(f"task {name} has {len(x)} samples; with {p} features it needs at least {p + 1 + data.centred}")
        optimum, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
        if rank < p:
            raise UsageError(f"task {name} has linearly dependent features; its optimum is not determined")
        # centred data are scaled up by n / (n - 1), which the residuals carry too
        noise = ((y - x @ optimum) ** 2).sum() / (freedom - p) * freedom / len(x)
        variance = noise * np.trace(np.linalg.inv(x.T @ x)) * len(x) / freedom / p
        rows.append([np.trace(x.T @ x) / len(x) / p, noise, *optimum, variance])
    return np.array(rows)
