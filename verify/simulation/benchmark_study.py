"""The study on benchmarks: rates tuned on seeds of their own, methods compared on others, and with what power.

Every method gets the same number of tuning runs.  At each look it is shown with the rate that was the best one there on the
tuning seeds, after as many updates as meta-training has inner steps; and once more deployed as suits it, with the rate and the
number of updates, or none, that were best there together.  The other seeds are run with every rate that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from verify.shell.usage_error import UsageError
from verify.simulation.benchmark_jobs import BenchmarkRun
from verify.simulation.intervals import expanded_interval, student
from verify.simulation.kept_jobs import finished
from verify.simulation.races import compared

Real = NDArray[np.float64]

#: what is compared: joint training and the meta-method with the same outer step
PAIRS = {"ppo": ("DRS+PPO", "ProMP"), "trpo": ("DRS+TRPO", "TRPO-MAML")}
#: error of all tests of one comparison together
LEVEL = 0.05
#: chance with which a difference is to be found
POWER = 0.8


@dataclass(frozen=True)
class Benchmark:
    """One environment with its budget.

    Parameters
    ----------
    environment : str
    pairs : tuple of str
        Of :data:`PAIRS`.
    rates : mapping
        Pair to the rates that each of its methods is tuned over.
    inner_rate : float
    budget, looks : int
        Environment steps of a run, and the parts after which it is looked at.
    tuning, seeds : int
        Seeds to tune on, and others to compare on.
    tasks, episodes, horizon, deployed : int
        Of an iteration, of a task, of an episode, and tasks at deployment.
    """

    environment: str
    pairs: tuple[str, ...]
    rates: dict[str, tuple[float, ...]]
    inner_rate: float
    budget: int
    looks: int
    tuning: int
    seeds: int
    tasks: int
    episodes: int
    horizon: int
    deployed: int

    def job(self, method: str, rate: float, seed: int) -> BenchmarkRun:
        """A run; tuning seeds come first."""
        sizes = self.budget, self.looks, self.tasks, self.episodes, self.horizon, self.deployed
        return BenchmarkRun(self.environment, method, rate, self.inner_rate, seed, *sizes)

    @property
    def marks(self) -> tuple[int, ...]:
        """Environment steps at which runs are looked at."""
        return self.job("DRS+PPO", 1.0, 0).marks

    def candidates(self) -> list[tuple[str, float]]:
        """Every method with every rate."""
        return [(method, rate) for pair in self.pairs for method in PAIRS[pair] for rate in self.rates[pair]]


class Cell(NamedTuple):
    """Both methods at one look after one number of updates.

    Parameters
    ----------
    joint, meta, difference : float
        Mean returns over seeds, and meta's minus joint's.
    low, high : float
        Bootstrap interval of 95 % of the difference between runs of one seed.
    p_meta, p_joint : float
        Of Welch's one-sided tests that the difference is positive, and that it is negative.
    adjusted_meta, adjusted_joint : float
        The same after Holm's correction for both directions in all cells of the comparison.
    """

    joint: float
    meta: float
    difference: float
    low: float
    high: float
    p_meta: float
    p_joint: float
    adjusted_meta: float
    adjusted_joint: float

    @property
    def winner(self) -> str | None:
        """Who is separated by the corrected tests, "joint" or "meta"; None if nobody is."""
        if min(self.adjusted_meta, self.adjusted_joint) > LEVEL:
            return None
        return "meta" if self.adjusted_meta <= self.adjusted_joint else "joint"


class Deployment(NamedTuple):
    """How a method is deployed at one look.

    Parameters
    ----------
    rate : float
    updates : int
    """

    rate: float
    updates: int


class Duel(NamedTuple):
    """One comparison.

    Parameters
    ----------
    benchmark : Benchmark
    pair : str
    chosen : mapping
        Method to its rate at each look.
    edges : mapping
        Method to whether that is the first or last of its grid, beyond which a better one may lie.
    values : mapping
        Method to returns (seeds, looks, updates + 1).
    cells : list of list of Cell
        By look, then updates.
    tuned : mapping
        Method to what its rates were chosen by, (rates, looks).
    suited : mapping
        Method to how it was deployed best at each look on the tuning seeds.
    best : list of Cell
        The methods so deployed, by look; Holm's correction is for these alone.
    """

    benchmark: Benchmark
    pair: str
    chosen: dict[str, list[float]]
    edges: dict[str, list[bool]]
    values: dict[str, Real]
    cells: list[list[Cell]]
    tuned: dict[str, Real]
    suited: dict[str, list[Deployment]]
    best: list[Cell]


def study(
    benchmarks: Sequence[Benchmark],
    folder: Path,
    workers: int,
    done: Callable[[int, int], None] = lambda count, total: None,
    scheduler: str | None = None,
) -> list[Duel]:
    """Run what is not kept in the folder, tune, and compare.

    Raises
    ------
    UsageError
        If the folder has runs of other versions of the libraries, or the scheduler does not answer.
    """
    tuning = [
        one.job(method, rate, seed) for one in benchmarks for method, rate in one.candidates() for seed in range(one.tuning)
    ]
    tuned = dict(zip(tuning, finished(tuning, folder, workers, done, scheduler), strict=True))
    chosen = [_chosen(one, tuned) for one in benchmarks]
    testing = [
        one.job(method, rate, one.tuning + seed)
        for one, rates in zip(benchmarks, chosen, strict=True)
        for method, at in rates.items()
        for rate in dict.fromkeys([*at, *(how.rate for how in _suited(one, method, tuned))])
        for seed in range(one.seeds)
    ]
    results = finished([*tuning, *testing], folder, workers, done, scheduler)
    known = {tuple(result["versions"]) for result in results}
    if len(known) > 1:
        one, two = sorted(known)[:2]
        raise UsageError(f"{folder} has runs of different versions, whose bits may differ: {', '.join(set(one) ^ set(two))}")
    tested = dict(zip([*tuning, *testing], results, strict=True))
    return [
        duel(one, pair, {method: rates[method] for method in PAIRS[pair]}, tested)
        for one, rates in zip(benchmarks, chosen, strict=True)
        for pair in one.pairs
    ]


def returns(result: dict[str, Any]) -> Real:
    """Returns of a finished run, (looks, updates + 1)."""
    return np.array([[-np.inf if value is None else value for value in row] for row in result["returns"]])


def tuning_scores(one: Benchmark, method: str, tuned: dict[BenchmarkRun, dict[str, Any]]) -> Real:
    """A method's returns on the tuning seeds, mean over them, (rates, looks, updates + 1)."""
    return np.array(
        [
            np.mean([returns(tuned[one.job(method, rate, seed)]) for seed in range(one.tuning)], axis=0)
            for rate in one.rates[_pair(method)]
        ]
    )


def _pair(method: str) -> str:
    return next(pair for pair, methods in PAIRS.items() if method in methods)


def _suited(one: Benchmark, method: str, tuned: dict[BenchmarkRun, dict[str, Any]]) -> list[Deployment]:
    """A method's best rate and number of updates at each look."""
    scores = tuning_scores(one, method, tuned)
    found = [np.unravel_index(scores[:, look].argmax(), scores[:, look].shape) for look in range(scores.shape[1])]
    return [Deployment(one.rates[_pair(method)][rate], int(updates)) for rate, updates in found]


def _chosen(one: Benchmark, tuned: dict[BenchmarkRun, dict[str, Any]]) -> dict[str, list[float]]:
    """Each method's best rate at each look."""
    return {
        method: [one.rates[pair][best] for best in tuning_scores(one, method, tuned)[:, :, 1].argmax(axis=0)]
        for pair in one.pairs
        for method in PAIRS[pair]
    }


def duel(one: Benchmark, pair: str, chosen: dict[str, list[float]], tested: dict[BenchmarkRun, dict[str, Any]]) -> Duel:
    """Compare the two methods of a pair on the seeds that are not for tuning; `tested` has the runs of all seeds."""
    seeds = range(one.tuning, one.tuning + one.seeds)

    def shown(method: str, rates: Sequence[float]) -> Real:
        return np.array(
            [[returns(tested[one.job(method, rate, seed)])[look] for look, rate in enumerate(rates)] for seed in seeds]
        )

    values = {method: shown(method, rates) for method, rates in chosen.items()}
    suited = {method: _suited(one, method, tested) for method in chosen}
    best = [
        shown(method, [how.rate for how in hows])[:, range(one.looks), [how.updates for how in hows], None]
        for method, hows in suited.items()
    ]
    rates = one.rates[pair]
    edges = {method: [len(rates) > 1 and rate in (min(rates), max(rates)) for rate in at] for method, at in chosen.items()}
    joint, meta = (values[method] for method in PAIRS[pair])
    tuned = {method: tuning_scores(one, method, tested)[:, :, 1] for method in chosen}
    return Duel(one, pair, chosen, edges, values, cells(joint, meta), tuned, suited, [row[0] for row in cells(*best)])


def cells(joint: Real, meta: Real) -> list[list[Cell]]:
    """Every look and number of updates compared.

    Parameters
    ----------
    joint, meta : array (seeds, looks, updates + 1)
        Row by row of the same seed.
    """
    seeds, looks, updates = joint.shape
    with np.errstate(invalid="ignore"):
        gaps = meta - joint
    rng = np.random.default_rng(0)
    drawn = gaps[rng.integers(0, seeds, (2000, seeds))].mean(axis=1)
    table = np.ones((looks, updates, 2))
    ends = np.full((looks, updates, 2), np.nan)
    for look in range(looks):
        for update in range(updates):
            first, second = meta[:, look, update], joint[:, look, update]
            if np.isfinite(first).all() and np.isfinite(second).all():
                table[look, update] = compared(first, second).p_value, compared(second, first).p_value
                low, high = interval(gaps[:, look, update], drawn[:, look, update], 0.95)
                ends[look, update] = low, high
    adjusted = holm(table.ravel()).reshape(table.shape)
    return [
        [
            Cell(
                float(joint[:, look, update].mean()),
                float(meta[:, look, update].mean()),
                float(gaps[:, look, update].mean()),
                *map(float, ends[look, update]),
                *map(float, table[look, update]),
                *map(float, adjusted[look, update]),
            )
            for update in range(updates)
        ]
        for look in range(looks)
    ]


def interval(values: Real, drawn: Real, level: float) -> tuple[float, float]:
    """Bootstrap interval of the mean of few differences, which may have either sign.

    The hull of expanded percentiles and of Student's interval with the bootstrap's deviation: percentiles alone are too narrow.

    Parameters
    ----------
    values : array (n,)
    drawn : array (resamples,)
        Means of resampled values.
    level : float

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> drawn = np.random.default_rng(0).choice(values, (2000, 4)).mean(axis=1)
    >>> low, high = interval(values, drawn, 0.95)
    >>> round(low, 1), round(high, 1)
    (0.5, 4.5)
    """
    low, high = (float(end) for end in expanded_interval(drawn, values.size, level))
    half, centre = student(values.size, level) * float(drawn.std(ddof=1)), float(values.mean())
    return min(low, centre - half), max(high, centre + half)


def holm(p_values: Real) -> Real:
    """p-values after Holm's correction (1979): at most the level of false findings among all of them.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    number = p_values.size
    raised = np.maximum.accumulate(p_values[order] * (number - np.arange(number)))
    found = np.empty(number)
    found[order] = np.minimum(raised, 1)
    return found


class Sensitivity(NamedTuple):
    """What a comparison could have seen, at the strictest level that the correction asks for.

    Parameters
    ----------
    smallest : float
        Difference that as many seeds find with chance :data:`POWER`, if seeds vary as they did.
    power : float
        Chance of finding a true difference of the size that was observed.
    needed : int or None
        Seeds a method that would find it with chance :data:`POWER`; None above 10,000, or if nothing was observed.
    """

    smallest: float
    power: float
    needed: int | None


def sensitivity(one: Real, two: Real, tests: int) -> Sensitivity:
    """Power of Welch's one-sided test at :data:`LEVEL` / `tests`, from the spreads of two methods.

    Parameters
    ----------
    one, two : array (seeds,)
    tests : int
        For how many tests the level is corrected.

    Examples
    --------
    Twenty seeds find a shift of one standard deviation at level 0.05 with the chance that tables give:

    >>> ones = np.array([-1.0, 1.0] * 10) * np.sqrt(19 / 20)
    >>> round(sensitivity(ones + 1, ones, 1).power, 3)
    0.928
    """
    spread = np.array([one.var(ddof=1), two.var(ddof=1)])
    observed = abs(float(one.mean() - two.mean()))
    level = LEVEL / tests
    if not np.isfinite(observed) or not spread.sum() > 0:
        return Sensitivity(float("nan"), float("nan"), None)

    def chance(difference: float, seeds: int) -> float:
        error = np.sqrt(spread.sum() / seeds)
        freedom = spread.sum() ** 2 / (spread**2).sum() * (seeds - 1)
        return float(stats.nct.sf(stats.t.isf(level, freedom), freedom, difference / error))

    def least(reached: Callable[[float], bool]) -> float:
        low, high = 0.0, float(np.sqrt(spread.sum()))
        while not reached(high):
            low, high = high, 2 * high
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return high

    smallest = least(lambda difference: chance(difference, one.size) >= POWER)
    needed = None
    if observed > 0 and chance(observed, 10_000) >= POWER:
        upper = next(2**power for power in count(1) if chance(observed, 2**power) >= POWER)
        lower = max(upper // 2, 1)
        while upper - lower > 1:
            middle = (lower + upper) // 2
            lower, upper = (lower, middle) if chance(observed, middle) >= POWER else (middle, upper)
        needed = upper
    return Sensitivity(smallest, chance(observed, one.size), needed)
