"""Which method has the lower expected deployed risk at a budget, by how much, how sure, and where it flips."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import numerics as nx
from verify.shell.usage_error import UsageError
from verify.simulation.budget import Budget, finite_mean, flip, leading_order, simulated_excess
from verify.simulation.intervals import difference_interval, expanded_interval
from verify.simulation.moment_estimates import Splits, estimated, task_moments

Array = NDArray[np.float64]

METHODS = ("joint training", "MAML")
#: to what part of itself an estimate is right, be it ill conditioned
_ROUNDING = 1e-12


def lower(gain: float, risks: Any, scale: float = 1.0) -> str:
    """The method with the lower risk.

    Parameters
    ----------
    gain : float
        By how much joint training's is the larger.
    risks : sequence of float
        Both.
    scale : float
        Mean square of the responses: a risk is a square of errors, which are right to a part of what they are errors of.

    Examples
    --------
    >>> lower(-0.1, [0.2, 0.3]), lower(7e-34, [0.2, 0.2]), lower(7e-34, [8e-34, 1e-34])
    ('joint training', 'neither', 'neither')
    """
    rounding = max(_ROUNDING * np.max(np.abs(risks)), _ROUNDING**2 * scale)
    return METHODS[int(gain > 0)] if abs(gain) > rounding else "neither"


@dataclass(frozen=True)
class Quantity:
    """A number with its interval; without one where the tasks are known."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def turned(self) -> Quantity:
        """The same with the other sign."""
        return Quantity(-self.value, -self.high, -self.low)

    def __str__(self) -> str:
        if math.isnan(self.low):
            return _short(self.value)
        return f"{_short(self.value)} [{_short(self.low)}, {_short(self.high)}]"


@dataclass(frozen=True)
class Decision:
    """What the command found.

    Parameters
    ----------
    lower : {"joint training", "MAML", "neither"}
        The method with the lower expected deployed risk; neither if the two differ by rounding alone.
    sure : float
        Share of the bootstrap over tasks that agrees; where the tasks are known, the normal probability that the simulation's
        sampling error does not hide the opposite.
    wins : float
        Share of data sets in which it has the lower deployed risk.
    risks : mapping
        Deployed risk above the least one, by method.
    gain : Quantity
        Joint training's minus MAML's.
    flip : Quantity
        Number of tasks from which on MAML's is the lower.
    leading_flip : Quantity
        The same to order 1/M.
    moments : mapping
        What the law of tasks is like.
    largest : int
        Largest number of tasks that was looked at.
    finite : bool
        Whether the mean risks are finite at the budget.
    """

    lower: str
    sure: float
    wins: float
    risks: dict[str, Quantity]
    gain: Quantity
    flip: Quantity
    leading_flip: Quantity
    moments: dict[str, Quantity]
    largest: int
    finite: bool


def of_tasks(tasks: nx.DiscreteTasks, budget: Budget, datasets: int, seed: int) -> Decision:
    """Decide for tasks that are known.

    Parameters
    ----------
    tasks : DiscreteTasks
    budget : verify.simulation.budget.Budget
    datasets, seed : int
    """
    sizes = budget.sizes(tasks.dimension)
    place = _place(sizes, budget)
    excess = simulated_excess(tasks, budget, sizes, datasets, seed)
    risks = _means(excess)
    differences = excess[0, place] - excess[1, place]
    known = differences[np.isfinite(differences)]
    if not len(known):
        raise UsageError(_undefined(budget, tasks.dimension))
    gain = float(known.mean())
    if not math.isfinite(gain):
        raise UsageError("the tasks' numbers are so large that the difference of the risks is no number; change their units")
    error = float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else math.inf
    leading = leading_order(tasks, budget)
    wins = float(np.mean(known > 0))
    return Decision(
        lower(gain, risks[:, place], _mean_square(tasks)),
        float(stats.norm.cdf(abs(gain) / error)) if error > 0 else 1.0,
        wins if gain > 0 else 1 - wins,
        {name: Quantity(float(risks[i, place])) for i, name in enumerate(METHODS)},
        Quantity(gain),
        Quantity(flip(sizes, risks[0] - risks[1])),
        Quantity(float(leading[3])),
        {name: Quantity(float(value)) for name, value in zip(MOMENTS, _moments(tasks, leading), strict=True)},
        int(sizes[-1]),
        finite_mean(budget, tasks.dimension, budget.num_tasks),
    )


def of_data(data: Any, budget: Any, datasets: int, resamples: int, seed: int, level: float = 0.9, seen: Any = None) -> Decision:
    """Decide for tasks of which there are data.

    Parameters
    ----------
    data : verify.simulation.task_data.TaskData
    budget : verify.simulation.budget.Budget
    datasets, resamples, seed : int
        Data sets simulated for each resample of the tasks, and resamples.
    level : float
        Of the intervals.
    seen : callable, optional
        Takes a :class:`numerics.Progress`.

    Raises
    ------
    UsageError
        If there are too few tasks, or too few samples of one.
    """
    if len(data.names) < 3:
        raise UsageError(f"the data have {len(data.names)} tasks; a bootstrap over tasks needs at least 3")
    moments = task_moments(data)
    splits = Splits.of(data, budget.samples, budget.alpha, seed)
    sizes = budget.sizes(splits.dimension)
    place, many = _place(sizes, budget), len(sizes)
    count, started = 0, time.monotonic()

    def functional(weights: Any) -> Any:
        excess = splits.simulated_excess(weights, sizes, datasets, seed)
        known = np.isfinite(excess[:, place]).all(axis=0)
        if not known.any():
            raise UsageError(_undefined(budget, splits.dimension))
        wins = np.mean(excess[1, place, known] < excess[0, place, known])
        risks, leading = _means(excess), splits.leading_order(weights)
        return np.concatenate([*risks, risks[0] - risks[1], [wins], leading, of_moments(moments, weights)])

    def done() -> None:
        nonlocal count
        count += 1
        elapsed = time.monotonic() - started
        if seen is not None:
            seen(nx.Progress(count, 1 + resamples, elapsed, elapsed / count * (1 + resamples - count)))

    found = estimated(functional, splits.number, resamples, seed, done)
    value, (low, high) = found.value, found.interval(level)

    def curves(rows: Any) -> Any:
        """Risks of both methods and the gain over the numbers of tasks, (..., 3, m)."""
        return rows[..., : 3 * many].reshape(*rows.shape[:-1], 3, many)

    def quantity(column: int) -> Quantity:
        return Quantity(float(value[column]), float(low[column]), float(high[column]))

    def thresholds(of: Callable[[Any], Any]) -> Quantity:
        """A number of tasks, which may be infinite."""
        ends = expanded_interval(np.array([of(row) for row in found.drawn]), found.number, level)
        middle = float(of(value))
        return Quantity(middle, min(float(ends[0]), middle), max(float(ends[1]), middle))

    gain, pair = float(curves(value)[2, place]), (place, many + place)
    ends = difference_interval(found.plain[[*pair]], found.drawn[:, [*pair]], found.number, level)
    better, first = gain > 0, 3 * many + 1
    wins = float(np.clip(value[3 * many], 0, 1))
    return Decision(
        lower(gain, value[[*pair]]),
        float(np.mean((curves(found.resampled)[:, 2, place] > 0) == better)),
        wins if better else 1 - wins,
        {name: quantity(column) for name, column in zip(METHODS, pair, strict=True)},
        Quantity(gain, min(ends[0], gain), max(ends[1], gain)),
        thresholds(lambda row: flip(sizes, curves(row)[2])),
        thresholds(lambda row: _crossing(*row[first : first + 3])),
        {name: quantity(first + (3 + i) % 6) for i, name in enumerate(MOMENTS)},
        int(sizes[-1]),
        finite_mean(budget, splits.dimension, budget.num_tasks),
    )


def _mean_square(tasks: nx.DiscreteTasks) -> float:
    """Of the responses."""
    squares = np.einsum("ni,nij,nj->n", tasks.optima, tasks.hessians, tasks.optima) + tasks.noise_variances
    return float(tasks.weights @ squares)


def _crossing(modeling: float, joint: float, meta: float) -> float:
    """The number of tasks above which MAML has the lower risk, to order 1/M."""
    return max(meta - joint, 0.0) / modeling if modeling > 0 else math.inf


def of_moments(moments: Any, weights: Any) -> list[float]:
    """Means over tasks, and the spread of the optima without what noise adds to it."""
    curvatures, noises, *_, variances = moments.T
    optima = moments[:, 2:-1]
    mean = weights @ optima
    spread = weights @ ((optima - mean) ** 2).mean(axis=1) - weights @ variances
    return [weights @ curvatures, spread, weights @ noises]


#: what is told of a law of tasks
MOMENTS = (
    "mean curvature, tr E[Q] / p",
    "spread of the optima, tr Cov / p",
    "mean noise variance",
    "modeling error of joint training",
    "M times its statistical error",
    "M times MAML's statistical error",
)


def _moments(tasks: Any, leading: Any) -> list[float]:
    p, chances = tasks.dimension, tasks.weights
    mean = chances @ tasks.optima
    spread = chances @ ((tasks.optima - mean) ** 2).mean(axis=1)
    traces = np.trace(tasks.hessians, axis1=1, axis2=2)
    return [chances @ traces / p, spread, chances @ tasks.noise_variances, *leading[:3]]


def _means(excess: Any) -> Any:
    """Means over the data sets in which an estimate is defined; nan where there are none."""
    known = np.isfinite(excess)
    total = np.where(known, excess, 0.0).sum(axis=-1)
    return np.divide(total, known.sum(axis=-1), out=np.full(total.shape, np.nan), where=known.any(axis=-1))


def _place(sizes: Any, budget: Any) -> int:
    return int(np.flatnonzero(sizes == budget.num_tasks)[0])


def _undefined(budget: Any, dimension: int) -> str:
    return (
        f"--num-tasks {budget.num_tasks} with --samples {budget.samples} leave MAML's estimate undefined: "
        f"M times N must be at least the dimension, which is {dimension}"
    )


def _short(value: float) -> str:
    return f"{value:.4g}"
