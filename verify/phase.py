"""The command: ``python -m verify.phase`` simulates and predicts which method wins where, Figure 3 of the source.

Without options it is the paper's figure on its full grid: the tasks of eq. (13) at p = 1 and beta = 2, 12 numbers of tasks by
12 numbers of samples, 1,000 data sets a cell, rates 0.1, 0.25 and 0.75.  The colours are simulated, the lines predicted by
:mod:`verify.simulation.normal_law`; cells in which the prediction is off by more than sampling error are marked and
tabulated.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted; the
same command goes on from there.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.shell.command_line import Parser, at_least, bar, command, different, needed, numbers, output_folder
from verify.shell.usage_error import UsageError

if TYPE_CHECKING:
    import xarray

#: the grid of the paper's Figure 3
NUM_TASKS = (2, 5, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400)
SAMPLES = (1, 5, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400)
ALPHAS = (0.1, 0.25, 0.75)
#: laws of features, spelled out so that --help need not import the numerical stack
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
    """The distribution of tasks that the options name."""
    if options.tasks is not None:
        from verify.simulation.task_files import read_tasks

        return read_tasks(options.tasks, options.features, options.df)
    import numerics as nx

    return nx.SpectrumTiedTasks(options.dim, options.beta, options.features, options.df)


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.phase", description="Simulate and predict where MAML beats joint training.")
    task_options(made)
    made.add_argument("--alphas", type=numbers(float), default=ALPHAS, metavar="A,...", help="rates (default: 0.1,0.25,0.75)")
    made.add_argument("--num-tasks", type=numbers(int), default=NUM_TASKS, metavar="M,...", help="default: the paper's 12")
    made.add_argument("--samples", type=numbers(int), default=SAMPLES, metavar="N,...", help="default: the paper's 12")
    made.add_argument("--datasets", type=int, default=1000, help="data sets a cell (default: %(default)s)")
    made.add_argument("--independent", action="store_true", help="own data sets for every M, instead of the first M of one set")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same bits (default: %(default)s)")
    threads = len(os.sched_getaffinity(0))
    made.add_argument("--jobs", type=int, default=threads, help="threads, which change no bit (default: one per core)")
    made.add_argument(
        "--out", type=Path, default=Path("phase"), metavar="FOLDER",
        help="where files go; what is there is not computed again (default: %(default)s)",
    )  # fmt: skip
    return made


def _run(options: argparse.Namespace) -> int:
    needed("grid", "a phase diagram", "xarray", "zarr", "h5netcdf", "h5py", "matplotlib")
    if len(options.num_tasks) < 2 or len(options.samples) < 2:
        raise UsageError("--num-tasks and --samples must have at least two numbers each, for a figure with two axes")
    check_grid(options)
    tasks = chosen_tasks(options)
    import numerics as nx
    from verify.simulation.phase_figure import draw
    from verify.simulation.phase_prediction import confronted, departures, predicted, tables

    # first, since it is quick, and refuses rates at which doubles are of no use
    prediction = predicted(tasks, options.num_tasks, options.samples, options.alphas)
    with output_folder(options.out) as folder, bar("data sets") as seen:
        diagram = nx.phase_diagram(
            tasks, list(options.num_tasks), list(options.samples), list(options.alphas), options.datasets, options.seed,
            nested=not options.independent, store=folder / "phase.zarr", workers=options.jobs, progress=seen,
        )  # fmt: skip
    result = confronted(diagram, prediction)
    result.to_zarr(str(folder / "phase.zarr"), group="confronted", mode="w", consolidated=False)
    result.to_netcdf(folder / "phase.nc", engine="h5netcdf")
    found = departures(result)
    (folder / "gaps.txt").write_text(tables(result), encoding="utf-8")
    (folder / "misleading.csv").write_text(_as_csv(found), encoding="utf-8")
    pictures = draw(result, tasks, folder)
    print(summary(result))
    files = [*pictures, folder / "phase.nc", folder / "phase.zarr", folder / "gaps.txt", folder / "misleading.csv"]
    print("written: " + ", ".join(str(path) for path in files))
    return 0


def _as_csv(cells: Sequence[Any]) -> str:
    from verify.simulation.phase_prediction import Departure

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Departure._fields)
    writer.writerows([*cell[:4], *(f"{value:.6g}" for value in cell[4:])] for cell in cells)
    return text.getvalue()


def summary(result: xarray.Dataset) -> str:
    """A line per panel: where MAML wins, the crossover, and how far the normal law is off."""
    import numpy as np

    from verify.simulation.phase_prediction import STAGES

    lines = [f"{'alpha':>6}  {'adaptation':10}  {'MAML wins':>10}  {'largest gap of the prediction':>42}  {'misled':>12}"]
    for stage in STAGES:
        for a, alpha in enumerate(result.alpha.values):
            simulated, chance = (result[name].values[:, :, a] for name in (stage, f"predicted_{stage}"))
            marked = result[f"misleads_{stage}"].values[:, :, a]
            gap = np.abs(np.nan_to_num(simulated - chance))
            m, j = np.unravel_index(gap.argmax(), gap.shape)
            where = f"M = {int(result.M[m])}, N = {int(result.N[j])}: {simulated[m, j]:.3f} for {chance[m, j]:.3f}"
            word = "before" if stage == "pre" else "after"
            wins = f"{int((simulated > 0.5).sum())} of {simulated.size}"
            lines.append(f"{alpha:6g}  {word:10}  {wins:>10}  {where:>42}  {f'{int(marked.sum())} of {marked.size}':>12}")
    lines.append("MAML wins: cells in which it has the lower expected loss in more than half of the data sets")
    return "\n".join(lines)


# numerics says of a user's numbers what is wrong with them
main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
