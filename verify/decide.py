"""The command: ``python -m verify.decide`` says which method to train with at a budget.

From tasks that are known (``--tasks``), or from regression data of many tasks (``--data``), and a budget of M tasks with 2N
samples and a rate: which method has the lower expected deployed risk, by how much, how sure that is, and the number of tasks at
which it flips.  Risks are simulated from the law of tasks with exact expected losses; the crossover's leading order stands
beside them.

Exit status 0: decided.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from verify.shell.command_line import Parser, at_least, command, refuse_ignored, writable
from verify.shell.terminal import bar, say
from verify.shell.usage_error import UsageError
from verify.simulation.grid import FEATURES

#: options that mean nothing with a source of tasks
_IGNORED = {
    "tasks": {"task", "response", "columns", "raw", "resamples", "level"},
    "data": {"features", "df"},
    "example": {"task", "response", "columns", "raw", "features", "df"},
}


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.decide",
        description="Decide between MAML and joint training at a budget.",
        example="python -m verify.decide --example --num-tasks 11 --samples 10 --alpha 0.1",
    )
    source = made.add_mutually_exclusive_group(required=True)
    source.add_argument("--tasks", type=Path, metavar="FILE", help="tasks that are known, npz or netCDF")
    source.add_argument("--data", type=Path, metavar="FILE", help="data of many tasks, csv, tsv, parquet, npz or netCDF")
    source.add_argument("--example", action="store_true", help="Grunfeld's investment data: 11 firms, 20 years")
    made.add_argument("--task", default="task", metavar="COLUMN", help="tables: which task a row is of (default: %(default)s)")
    made.add_argument("--response", default="response", metavar="COLUMN", help="tables: the response (default: %(default)s)")
    made.add_argument(
        "--columns", type=lambda text: text.split(","), metavar="NAME,...", help="tables: features (default: the rest)"
    )
    made.add_argument("--raw", action="store_true", help="do not take off each task's means")
    made.add_argument("--features", choices=FEATURES, default="gaussian", help="law of the features of --tasks")
    made.add_argument("--df", type=float, default=10.0, help="degrees of freedom of student_t, above 8 (default: %(default)s)")
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


def _check_columns(options: argparse.Namespace) -> None:
    """Refuse a column that is named for two purposes, or twice: a response that predicts itself leaves nothing to decide."""
    if options.task == options.response:
        raise UsageError(f"--response is {options.response}, which --task names too; they must be two columns")
    for place, name in enumerate(options.columns or ()):
        if name in (options.task, options.response):
            other = "--task" if name == options.task else "--response"
            raise UsageError(f"--columns has {name}, which {other} names; a feature must be another column")
        if name in options.columns[:place]:
            raise UsageError(f"--columns has {name} twice; name it once")


def _run(options: argparse.Namespace) -> int:
    if options.datasets is None:
        options.datasets = 250 if options.tasks is None else 10_000
    for name in ("num_tasks", "samples", "datasets", "resamples"):
        at_least(f"--{name.replace('_', '-')}", getattr(options, name), 2 if name == "resamples" else 1)
    at_least("--seed", options.seed, 0)
    if not math.isfinite(options.alpha):
        raise UsageError(f"--alpha is {options.alpha}; it must be a finite number")
    if not 0 < options.level < 1:
        raise UsageError(f"--level is {options.level:g}; it must lie between 0 and 1")
    source = "tasks" if options.tasks is not None else "data" if options.data is not None else "example"
    refuse_ignored(options, f"with --{source}", options.given - _IGNORED[source])
    if options.features != "student_t" and "df" in options.given:
        raise UsageError(f"--df means nothing with --features {options.features}; leave it out")
    _check_columns(options)
    if options.json is not None:
        writable("--json", options.json)
    from verify.simulation.budget import Budget
    from verify.simulation.decision import of_data, of_tasks
    from verify.simulation.decision_text import as_json, told

    budget = Budget(options.num_tasks, options.samples, options.alpha)
    if options.tasks is not None:
        from verify.simulation.task_files import read_tasks

        tasks = read_tasks(options.tasks, options.features, options.df)
        decision = of_tasks(tasks, budget, options.datasets, options.seed)
        origin = f"{tasks.number} known tasks, p = {tasks.dimension}"
    else:
        from verify.simulation.task_data import grunfeld, read_data

        if options.example:
            data = grunfeld()
        else:
            data = read_data(options.data, options.task, options.response, options.columns, not options.raw)
        for note in data.notes:
            say(f"note: {note}")
        with bar("resamples") as seen:
            decision = of_data(data, budget, options.datasets, options.resamples, options.seed, options.level, seen)
        counts = [len(rows) for rows in data.responses]
        span = f"{min(counts)}" + (f" to {max(counts)}" if max(counts) > min(counts) else "")
        origin = f"data of {len(counts)} tasks with {span} samples each, p = {data.features[0].shape[1]}"
    say(told(decision, origin, budget, options.level))
    if options.json is not None:
        from verify.shell.atomic_write import write

        write(options.json, as_json(decision))
    return 0


# numerics says of a user's numbers what is wrong with them
main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
