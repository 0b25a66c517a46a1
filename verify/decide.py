"""The command: ``python -m verify.decide`` says which method to train with at a budget.

From tasks that are known (``--tasks``), or from regression data of many tasks (``--data``), and a budget of M tasks with 2N
samples and a rate: which method has the lower expected deployed risk, by how much, how sure that is, and the number of tasks at
which it flips.  Risks are simulated from the law of tasks with exact expected losses; T11's leading order stands beside them.

Exit status 0: decided.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from verify.command_line import Parser, at_least, bar, guarded
from verify.phase import FEATURES
from verify.sources import Unusable

#: a decision is called clear if this share of the evidence agrees
CLEAR = 0.95
METHODS = ("joint training", "MAML")


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
    lower : {"joint training", "MAML"}
        The method with the lower expected deployed risk.
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


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = Parser(prog="python -m verify.decide", description="Decide between MAML and joint training at a budget.")
    source = made.add_mutually_exclusive_group(required=True)
    source.add_argument("--tasks", type=Path, metavar="FILE", help="tasks that are known, npz or netCDF")
    source.add_argument("--data", type=Path, metavar="FILE", help="regression data of many tasks, csv, npz or netCDF")
    source.add_argument("--example", action="store_true", help="Grunfeld's investment data: 11 firms, 20 years")
    made.add_argument("--task", default="task", metavar="COLUMN", help="csv: which task a row is of (default: %(default)s)")
    made.add_argument("--response", default="response", metavar="COLUMN", help="csv: the response (default: %(default)s)")
    made.add_argument(
        "--columns", type=lambda text: text.split(","), metavar="NAME,...", help="csv: features (default: the rest)"
    )
    made.add_argument("--raw", action="store_true", help="do not take off each task's means")
    made.add_argument("--features", choices=FEATURES, default="gaussian", help="law of the features of --tasks")
    made.add_argument("--num-tasks", type=int, required=True, metavar="M", help="tasks in the budget")
    made.add_argument("--samples", type=int, required=True, metavar="N", help="a task has 2N samples")
    made.add_argument(
        "--alpha", type=float, required=True, help="rate of the inner step; features have mean square 1 with --data"
    )
    made.add_argument("--datasets", type=int, help="simulated data sets of a law of tasks (default: 10000, with data 250)")
    made.add_argument("--resamples", type=int, default=200, help="bootstrap over tasks (default: %(default)s)")
    made.add_argument("--level", type=float, default=0.9, help="of the intervals (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same answer (default: %(default)s)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the decision there")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default the process's.

    Returns
    -------
    int
        Exit status.
    """
    return guarded("verify.decide", _run, parser().parse_args(arguments))


def _run(options: argparse.Namespace) -> int:
    if options.datasets is None:
        options.datasets = 250 if options.tasks is None else 10_000
    for name in ("num_tasks", "samples", "datasets", "resamples"):
        at_least(f"--{name.replace('_', '-')}", getattr(options, name), 2 if name == "resamples" else 1)
    at_least("--seed", options.seed, 0)
    if not math.isfinite(options.alpha):
        raise Unusable(f"--alpha is {options.alpha}; it must be a finite number")
    if not 0 < options.level < 1:
        raise Unusable(f"--level is {options.level:g}; it must lie between 0 and 1")
    from verify.budget import Budget

    budget = Budget(options.num_tasks, options.samples, options.alpha)
    if options.tasks is not None:
        from verify.task_files import read_tasks

        tasks = read_tasks(options.tasks, options.features)
        decision = of_tasks(tasks, budget, options.datasets, options.seed)
        origin = f"{tasks.number} known tasks, p = {tasks.dimension}"
    else:
        from verify.task_data import grunfeld, read_data

        if options.example:
            data = grunfeld()
        else:
            data = read_data(options.data, options.task, options.response, options.columns, not options.raw)
        with bar("resamples") as seen:
            decision = of_data(data, budget, options.datasets, options.resamples, options.seed, options.level, seen)
        counts = [len(rows) for rows in data.responses]
        span = f"{min(counts)}" + (f" to {max(counts)}" if max(counts) > min(counts) else "")
        origin = f"data of {len(counts)} tasks with {span} samples each, p = {data.features[0].shape[1]}"
    print(told(decision, origin, budget, options))
    if options.json is not None:
        from verify import report

        try:
            report.write(options.json, json.dumps(_finite(asdict(decision)), indent=2) + "\n")
        except OSError as error:
            raise Unusable(f"--json is {options.json}, which cannot be written: {error.strerror}") from None
    return 0


def of_tasks(tasks: Any, budget: Any, datasets: int, seed: int) -> Decision:
    """Decide for tasks that are known.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
    budget : verify.budget.Budget
    datasets, seed : int
    """
    import numpy as np
    from scipy import stats

    from verify.budget import finite_mean, flip, leading_order, simulated_excess

    sizes = budget.sizes(tasks.dimension)
    place = _place(sizes, budget)
    excess = simulated_excess(tasks, budget, sizes, datasets, seed)
    risks = _means(excess)
    differences = excess[0, place] - excess[1, place]
    known = differences[np.isfinite(differences)]
    if not len(known):
        raise Unusable(_undefined(budget, tasks.dimension))
    gain = float(known.mean())
    error = float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else math.inf
    leading = leading_order(tasks, budget)
    wins = float(np.mean(known > 0))
    return Decision(
        METHODS[int(gain > 0)],
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
    data : verify.task_data.TaskData
    budget : verify.budget.Budget
    datasets, resamples, seed : int
        Data sets simulated for each resample of the tasks, and resamples.
    level : float
        Of the intervals.
    seen : callable, optional
        Takes a :class:`numerics.Progress`.

    Raises
    ------
    Unusable
        If there are too few tasks, or too few samples of one.
    """
    import time

    import numpy as np

    import numerics as nx
    from verify.budget import finite_mean, flip
    from verify.moment_estimates import Splits, estimated, task_moments

    if len(data.names) < 3:
        raise Unusable(f"the data have {len(data.names)} tasks; a bootstrap over tasks needs at least 3")
    moments = task_moments(data)
    splits = Splits.of(data, budget.samples, budget.alpha, seed)
    sizes = budget.sizes(splits.dimension)
    place, many = _place(sizes, budget), len(sizes)
    count, started = 0, time.monotonic()

    def functional(weights: Any) -> Any:
        excess = splits.simulated_excess(weights, sizes, datasets, seed)
        known = np.isfinite(excess[:, place]).all(axis=0)
        if not known.any():
            raise Unusable(_undefined(budget, splits.dimension))
        wins = np.mean(excess[1, place, known] < excess[0, place, known])
        risks, leading = _means(excess), splits.leading_order(weights)
        return np.concatenate([*risks, risks[0] - risks[1], [wins], leading, _of_moments(moments, weights)])

    def done() -> None:
        nonlocal count
        count += 1
        elapsed = time.monotonic() - started
        if seen is not None:
            seen(nx.Progress(count, 1 + resamples, elapsed, elapsed / count * (1 + resamples - count)))

    found = estimated(functional, splits.number, resamples, seed, done)
    tail = (1 - level) / 2

    def quantity(values: Any) -> Quantity:
        # an order statistic, since some are infinite
        low, high = np.quantile(values[1:], [tail, 1 - tail], method="nearest")
        return Quantity(float(values[0]), float(low), float(high))

    rows = np.vstack([found.value, found.resampled])
    curves = rows[:, : 3 * many].reshape(-1, 3, many)
    gains, wins, leading = curves[:, 2], float(np.clip(rows[0, 3 * many], 0, 1)), rows[:, 3 * many + 1 : 3 * many + 4]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = np.where(leading[:, 0] > 0, np.maximum(leading[:, 2] - leading[:, 1], 0) / leading[:, 0], np.inf)
    better = bool(gains[0, place] > 0)
    return Decision(
        METHODS[int(better)],
        float(np.mean((gains[1:, place] > 0) == better)),
        wins if better else 1 - wins,
        {name: quantity(curves[:, i, place]) for i, name in enumerate(METHODS)},
        quantity(gains[:, place]),
        quantity(np.array([flip(sizes, gain) for gain in gains])),
        quantity(crossings),
        {name: quantity(column) for name, column in zip(MOMENTS, [*rows[:, 3 * many + 4 :].T, *leading.T], strict=True)},
        int(sizes[-1]),
        finite_mean(budget, splits.dimension, budget.num_tasks),
    )


def _of_moments(moments: Any, weights: Any) -> list[float]:
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
    import numpy as np

    p, chances = tasks.dimension, tasks.weights
    mean = chances @ tasks.optima
    spread = chances @ ((tasks.optima - mean) ** 2).mean(axis=1)
    traces = np.trace(tasks.hessians, axis1=1, axis2=2)
    return [chances @ traces / p, spread, chances @ tasks.noise_variances, *leading[:3]]


def _means(excess: Any) -> Any:
    """Means over the data sets in which an estimate is defined; nan where there are none."""
    import numpy as np

    known = np.isfinite(excess)
    total = np.where(known, excess, 0.0).sum(axis=-1)
    return np.divide(total, known.sum(axis=-1), out=np.full(total.shape, np.nan), where=known.any(axis=-1))


def _place(sizes: Any, budget: Any) -> int:
    import numpy as np

    return int(np.flatnonzero(sizes == budget.num_tasks)[0])


def _undefined(budget: Any, dimension: int) -> str:
    return (
        f"--num-tasks {budget.num_tasks} with --samples {budget.samples} leave MAML's estimate undefined: "
        f"M times N must be at least the dimension, which is {dimension}"
    )


def told(decision: Decision, origin: str, budget: Any, options: Any) -> str:
    """The decision in words."""
    estimated = not math.isnan(decision.gain.low)
    lines = [origin + (f"; intervals at {options.level:.0%}, by a bootstrap over tasks" if estimated else "")]
    width = max(map(len, MOMENTS))
    lines += [f"  {name:{width}}  {value}" for name, value in decision.moments.items()]
    lines += ["", f"budget: M = {budget.num_tasks} tasks of 2N = {2 * budget.samples} samples, rate {budget.alpha:g}"]
    lines += [f"  {f'{name}: deployed risk above the least':{width}}  {risk}" for name, risk in decision.risks.items()]
    clear = "" if decision.sure >= CLEAR else "; not clear"
    evidence = "of the bootstrap agrees" if estimated else "sure beyond the simulation's sampling error"
    size = decision.gain if decision.gain.value > 0 else decision.gain.turned()
    lines.append(f"{decision.lower} has the lower expected deployed risk, by {size} ({decision.sure:.1%} {evidence}{clear})")
    lines.append(f"it has the lower deployed risk in {decision.wins:.0%} of data sets")
    if not decision.finite:
        lines.append("at this M the mean risk of MAML's estimate may be infinite: trust the share of data sets instead")
    simulated, leading = (_threshold(flip) for flip in (decision.flip, decision.leading_flip))
    lines.append(f"MAML's risk is the lower from M = {simulated} on, to leading order from M = {leading} on")
    seen = [decision.flip.value, decision.flip.low, decision.flip.high]
    if math.inf in seen:
        lines.append(f"(never: not up to {decision.largest} tasks, the most that were simulated)")
    return "\n".join(lines)


def _threshold(flip: Quantity) -> str:
    """A number of tasks with its interval."""

    def word(value: float) -> str:
        return "never" if value == math.inf else f"{max(math.ceil(value), 1)}"

    return word(flip.value) + ("" if math.isnan(flip.low) else f" [{word(flip.low)}, {word(flip.high)}]")


def _short(value: float) -> str:
    return f"{value:.4g}"


def _finite(value: Any) -> Any:
    """JSON has no infinities: they become strings, and what does not exist null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


if __name__ == "__main__":
    sys.exit(main())
