"""The grid of a phase diagram and the tasks it is about, as a command's options name them.

Nothing here imports the numerical stack before it is needed, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from verify.shell.command_line import at_least, different, refuse_ignored
from verify.shell.usage_error import UsageError

#: the grid of the paper's Figure 3
NUM_TASKS = (2, 5, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400)
SAMPLES = (1, 5, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400)
ALPHAS = (0.1, 0.25, 0.75)
#: laws of features, spelled out for the same reason
FEATURES = ("gaussian", "sphere", "student_t")


def task_options(made: argparse.ArgumentParser) -> None:
    """Options that name a distribution of tasks."""
    made.add_argument("--tasks", type=Path, metavar="FILE", help="your own tasks, npz or netCDF (default: eq. (13))")
    made.add_argument("--dim", type=int, default=1, metavar="P", help="dimension of eq. (13) (default: %(default)s)")
    made.add_argument("--beta", type=float, default=2.0, help="largest eigenvalue of eq. (13) (default: %(default)s)")
    made.add_argument("--features", choices=FEATURES, default="gaussian", help="law of the features (default: %(default)s)")
    made.add_argument("--df", type=float, default=10.0, help="degrees of freedom of student_t, above 8 (default: %(default)s)")


def check_grid(options: argparse.Namespace) -> None:
    """Refuse a grid before anything is computed or written.

    Raises
    ------
    UsageError
        If a number on it is too small, no number, or one rate stands there twice.
    """
    for name in ("num_tasks", "samples", "datasets", "jobs"):
        at_least(f"--{name.replace('_', '-')}", getattr(options, name), 1)
    for alpha in options.alphas:
        if not math.isfinite(alpha):
            raise UsageError(f"--alphas has {alpha}; it must be finite numbers")
    different("--alphas", options.alphas)


def chosen_tasks(options: argparse.Namespace) -> Any:
    """The distribution of tasks that the options name.

    Raises
    ------
    UsageError
        If an option would be ignored.
    """
    if options.features != "student_t" and "df" in options.given:
        raise UsageError(f"--df means nothing with --features {options.features}; leave it out")
    if options.tasks is not None:
        refuse_ignored(options, "with --tasks", options.given - {"dim", "beta"})
        from verify.simulation.task_files import read_tasks

        return read_tasks(options.tasks, options.features, options.df)
    import numerics as nx

    return nx.SpectrumTiedTasks(options.dim, options.beta, options.features, options.df)
