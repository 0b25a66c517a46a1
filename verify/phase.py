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
import os
import sys
from pathlib import Path

from verify.shell.atomic_write import made_aside
from verify.shell.command_line import Parser, command, needed, numbers, output_folder
from verify.shell.terminal import bar, say
from verify.shell.usage_error import UsageError
from verify.simulation.grid import ALPHAS, NUM_TASKS, SAMPLES, check_grid, chosen_tasks, task_options


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.phase",
        description="Simulate and predict where MAML beats joint training.",
        example="python -m verify.phase --alphas 0.1 --datasets 200 --out phase",
    )
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
    from verify.simulation.phase_prediction import confronted, departures, predicted
    from verify.simulation.phase_tables import as_csv, summary, tables

    # first, since it is quick, and refuses rates at which doubles are of no use
    prediction = predicted(tasks, options.num_tasks, options.samples, options.alphas)
    with output_folder(options.out) as folder, bar("data sets") as seen:
        diagram = nx.phase_diagram(
            tasks, list(options.num_tasks), list(options.samples), list(options.alphas), options.datasets, options.seed,
            nested=not options.independent, store=folder / "phase.zarr", workers=options.jobs, progress=seen,
        )  # fmt: skip
    result = confronted(diagram, prediction)
    result.to_zarr(str(folder / "phase.zarr"), group="confronted", mode="w", consolidated=False)
    found = departures(result)
    with made_aside(folder) as aside:
        result.to_netcdf(aside / "phase.nc", engine="h5netcdf")
        (aside / "gaps.txt").write_text(tables(result), encoding="utf-8")
        (aside / "misleading.csv").write_text(as_csv(found), encoding="utf-8")
        pictures = draw(result, tasks, aside)
    say(summary(result))
    files = [
        *(folder / picture.name for picture in pictures),
        folder / "phase.nc",
        folder / "phase.zarr",
        folder / "gaps.txt",
        folder / "misleading.csv",
    ]
    say("written: " + ", ".join(str(path) for path in files))
    return 0


# numerics says of a user's numbers what is wrong with them
main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
