"""The command: ``python -m verify.simulation.reinforcement`` compares joint training with MAML where returns are known exactly.

Tabular tasks (goals on a grid), linear quadratic regulators, the two-armed pair and point navigation, with exact gradients and
with sampled ones, at equal budgets that are charged two ways.  Every method has its own best step size at each budget, and is
shown at the budget's end and early-stopped.  Tables are printed and written to ``tables.md``, figures beside it.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted; the
same command goes on from there.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, at_least, command, different, needed, numbers, output_folder
from verify.shell.terminal import bar
from verify.shell.usage_error import UsageError


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.simulation.reinforcement", description="Compare joint training with MAML on exact returns."
    )
    made.add_argument("--size", type=int, default=5, help="rows of the grid (default: %(default)s)")
    made.add_argument(
        "--sides", type=numbers(int), default=[1, 2, 3, 5], metavar="H,...", help="blocks of goals (default: 1,2,3,5)"
    )
    made.add_argument(
        "--rates", type=numbers(float), default=[1.0, 3.0, 10.0, 30.0, 100.0], metavar="A,...",
        help="inner rates on the grid (default: 1,3,10,30,100)",
    )  # fmt: skip
    made.add_argument(
        "--steps", type=int, default=1, metavar="K", help="inner steps on the grid, 1 to 5 (default: %(default)s)"
    )
    made.add_argument("--starts", type=int, default=3, help="starts, the equal logits among them (default: %(default)s)")
    made.add_argument(
        "--seeds", type=int, default=10, help="seeds of sampled runs, half of them to tune; 0 for no sampled runs (default: 10)"
    )
    made.add_argument("--sampled-budget", type=int, default=256, metavar="B", help="batches of sampled runs (default: 256)")
    threads = len(os.sched_getaffinity(0))
    made.add_argument("--jobs", type=int, default=threads, help="processes, which change no bit (default: one per core)")
    made.add_argument(
        "--out", type=Path, default=Path("reinforcement"), metavar="FOLDER",
        help="where files go; what is finished there is not computed again (default: %(default)s)",
    )  # fmt: skip
    return made


def _check(options: argparse.Namespace) -> None:
    """Refuse options before anything is computed or written.

    Raises
    ------
    UsageError
        Naming the option, its value and what is valid.
    """
    for name, least in (
        ("size", 1),
        ("starts", 1),
        ("jobs", 1),
        ("sides", 1),
        ("steps", 1),
        ("seeds", 0),
        ("sampled_budget", 4),
    ):
        at_least(f"--{name.replace('_', '-')}", getattr(options, name), least)
    if options.steps > 5:
        raise UsageError(f"--steps is {options.steps}; it must be at most 5, the updates that deployment is seen after")
    if 0 < options.seeds < 4:
        raise UsageError(f"--seeds is {options.seeds}; it must be 0 or at least 4, half to tune and two to compare")
    if max(options.sides) > options.size:
        raise UsageError(f"--sides has {max(options.sides)}; it must be at most the grid's size, {options.size}")
    for rate in options.rates:
        if not 0 < rate < math.inf:
            raise UsageError(f"--rates has {rate}; it must be positive finite numbers")
    different("--sides", options.sides)
    different("--rates", options.rates)


def _run(options: argparse.Namespace) -> int:
    needed("grid", "the study's figures", "matplotlib")
    _check(options)
    from verify.simulation.jobs import progress
    from verify.simulation.learning_figures import draw
    from verify.simulation.learning_study import Settings, Study
    from verify.simulation.learning_tables import report

    settings = Settings(
        options.size,
        tuple(options.sides),
        tuple(options.rates),
        options.steps,
        options.starts,
        options.seeds,
        options.sampled_budget,
    )
    with output_folder(options.out) as folder, bar("jobs") as seen:
        kept = folder / "jobs"
        kept.mkdir(exist_ok=True)
        study = Study(settings, kept, options.jobs, progress(seen))
        text = report(study)
        write(folder / "tables.md", text)
        pictures = draw(study, folder)
    print(text)
    print("written: " + ", ".join(str(path) for path in (folder / "tables.md", *pictures)))
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
