"""Coverage of the intervals of ``python -m verify.decide``: ``python -m benchmarks.intervals [--write]``.

Data of few tasks are drawn from a law whose moments are known, and each way to make intervals from the same bootstrap over
tasks is asked how often it holds the truth.  ``--write`` puts the table into ``docs/intervals.md``; it takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from benchmarks.table import Table
from verify.simulation.budget import Budget, leading_order
from verify.simulation.intervals import difference_interval, expanded_interval, hull_interval
from verify.simulation.moment_estimates import Splits
from verify.simulation.task_data import TaskData

Array = NDArray[np.float64]
Ends = tuple[Any, Any]

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "intervals.md"
RATE, LEVEL, SPLITS = 0.3, 0.9, 30
#: tasks in the budget whose risks are asked for
NUM_TASKS = 50
TASKS, SAMPLES = (11, 20, 40), (10, 4)
QUANTITIES = ("modeling error", "MAML's stat. error", "risk, joint", "risk, MAML", "gain", "crossover")


def data(rng: np.random.Generator, tasks: int, samples: int) -> TaskData:
    """Data of tasks at p = 1: curvatures uniform on [0.5, 2.5], optima that fall with them, noise of variance 0.49."""
    curvatures = rng.uniform(0.5, 2.5, tasks)
    optima = 1.5 - 0.5 * curvatures + 0.3 * rng.standard_normal(tasks)
    x = rng.standard_normal((tasks, samples, 1)) * np.sqrt(curvatures)[:, None, None]
    y = x[..., 0] * optima[:, None] + 0.7 * rng.standard_normal((tasks, samples))
    return TaskData([str(i) for i in range(tasks)], list(x), list(y))


def law() -> nx.DiscreteTasks:
    """The same by Gauss nodes, exact for moments."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    normal, masses = np.polynomial.hermite_e.hermegauss(4)
    q, z = (grid.ravel() for grid in np.meshgrid(1.5 + nodes, normal, indexing="ij"))
    chances = np.multiply.outer(weights / 2, masses / masses.sum()).ravel()
    return nx.DiscreteTasks(chances / chances.sum(), q[:, None, None], (1.5 - 0.5 * q + 0.3 * z)[:, None], 0.49)


def told(leading: Array) -> Array:
    """The quantities from modeling error and both statistical errors, (..., 3) to (..., 6)."""
    modeling, joint, meta = np.moveaxis(leading, -1, 0)
    risks = modeling + joint / NUM_TASKS, meta / NUM_TASKS
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.where(modeling > 0, np.maximum(meta - joint, 0.0) / modeling, np.inf)
    return np.stack([modeling, meta, *risks, risks[0] - risks[1], crossing], axis=-1)


def _percentiles(plain: Array, drawn: Array, number: int) -> Ends:
    tail = (1 - LEVEL) / 2
    return tuple(np.quantile(told(drawn), [tail, 1 - tail], axis=0, method="nearest"))


def _shifted(plain: Array, drawn: Array, number: int) -> Ends:
    least = np.where((plain > 0) & (drawn > 0).all(axis=0), 0.0, -np.inf)
    return _percentiles(plain, np.maximum(drawn - (drawn.mean(axis=0) - plain), least), number)


def _expanded(plain: Array, drawn: Array, number: int) -> Ends:
    return expanded_interval(told(drawn), number, LEVEL)


def _used(plain: Array, drawn: Array, number: int) -> Ends:
    """As :mod:`verify.simulation.decision` makes them: the gain from both risks, the crossover by percentiles."""
    plain, drawn = told(plain), told(drawn)
    low, high = hull_interval(plain[:4], drawn[:, :4], number, LEVEL)
    gain = difference_interval(plain[2:4], drawn[:, 2:4], number, LEVEL)
    flip = expanded_interval(drawn[:, 5], number, LEVEL)
    return np.array([*low, gain[0], flip[0]]), np.array([*high, gain[1], flip[1]])


WAYS: dict[str, Callable[[Array, Array, int], Ends]] = {
    "percentiles": _percentiles,
    "percentiles, bias taken off": _shifted,
    "expanded percentiles": _expanded,
    "hull, used": _used,
}


def coverage(tasks: int, samples: int, trials: int, resamples: int = 200, seed: int = 0) -> dict[str, tuple[Array, Array]]:
    """How often each way's interval holds each quantity, and its median width over the quantity.

    Parameters
    ----------
    tasks, samples : int
        Tasks in the data and N.
    trials, resamples, seed : int
    """
    truth = told(leading_order(law(), Budget(NUM_TASKS, samples, RATE))[:3])
    held: dict[str, list[Array]] = {name: [] for name in WAYS}
    widths: dict[str, list[Array]] = {name: [] for name in WAYS}
    equal = np.full(tasks, 1 / tasks)
    for trial in range(trials):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(tasks, samples, trial)))
        splits = Splits.of(data(rng, tasks, 2 * samples), samples, RATE, seed=trial, count=SPLITS)
        plain = splits.leading_order(equal)
        drawn = np.array([splits.leading_order(rng.multinomial(tasks, equal) / tasks) for _ in range(resamples)])
        for name, way in WAYS.items():
            low, high = way(plain, drawn, tasks)
            held[name].append((low <= truth) & (truth <= high))
            widths[name].append((high - low) / np.abs(truth))
    return {name: (np.mean(held[name], axis=0), np.median(widths[name], axis=0)) for name in WAYS}


def page(found: dict[tuple[int, int], dict[str, tuple[Array, Array]]], trials: int) -> str:
    """The document."""
    rows = []
    for (tasks, samples), ways in found.items():
        for name, (held, widths) in ways.items():
            cells = [f"{share:.0%} ({width:.2g})" for share, width in zip(held, widths, strict=True)]
            rows.append((str(tasks), str(samples), name, *cells))
    shown = Table("Coverage", (), ("tasks", "N", "interval", *QUANTITIES), tuple(rows)).markdown()
    lines = []
    for name in WAYS:
        by_samples = {n: np.array([ways[name][0] for (_, at), ways in found.items() if at == n]) for n in SAMPLES}
        spans = (f"N = {n}: {held.min():.0%} to {held.max():.0%}" for n, held in by_samples.items() if held.size)
        lines.append(f"- {name}: {', '.join(spans)}")
    summary = "\n".join(lines)
    return f"""# Coverage of the intervals of a decision

How often intervals of nominally {LEVEL:.0%} hold the truth, and in brackets their median width over the true value. Data of
a few tasks with 2N samples each are drawn from a law at p = 1 whose moments are known; {trials} trials a row, so that a
coverage is known to {np.sqrt(LEVEL * (1 - LEVEL) / trials):.1%} (one standard error). Rate {RATE:g}; risks and gain are those
of {NUM_TASKS} tasks to leading order. All ways use the same bootstrap over tasks; `verify/simulation/intervals.py` says
what they are.

{summary}

{shown}

What is left: at N = 4 MAML's statistical error is the mean of a variable with so heavy a tail that the tasks at hand rarely
show it, and no interval from resampling them can know what they do not hold.

`python -m benchmarks.intervals --write` made this page.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and perhaps write."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.intervals", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--write", action="store_true", help="write docs/intervals.md")
    made.add_argument("--trials", type=int, default=300, help="data sets a row (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same page (default: %(default)s)")
    options = made.parse_args(arguments)
    found = {}
    for samples in SAMPLES:
        for tasks in TASKS:
            found[tasks, samples] = coverage(tasks, samples, options.trials, seed=options.seed)
            print(f"{tasks} tasks, N = {samples}: done", file=sys.stderr, flush=True)
    text = page(found, options.trials)
    print(text)
    if options.write:
        _DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
