"""The command: ``python -m verify.sweep`` makes phase diagrams over dimensions, spectra, laws of features and seeds.

Each combination is one job: a phase diagram of the tasks of eq. (13) with its predictions
(:mod:`verify.simulation.phase_prediction`).  Jobs run on threads, or with ``--scheduler ADDRESS`` on the workers of a Dask
cluster; a job's bits depend on its parameters alone, so that both give the same result, and so does a run in which workers die
and their jobs are done again elsewhere.  Finished jobs are kept in the output folder: an interrupted sweep goes on from there.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from verify.shell.atomic_write import made_aside
from verify.shell.command_line import Parser, command, needed, numbers, output_folder
from verify.shell.terminal import bar, say
from verify.simulation.grid import ALPHAS, FEATURES, NUM_TASKS, SAMPLES, check_grid
from verify.simulation.jobs import progress
from verify.simulation.sweep_grid import jobs_of, summary, sweep


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.sweep",
        description="Phase diagrams over dimensions, spectra, features and seeds.",
        example="python -m verify.sweep --dims 1,2 --features gaussian,sphere --out sweep",
    )
    made.add_argument("--dims", type=numbers(int), default=[1, 2, 5], metavar="P,...", help="dimensions (default: 1,2,5)")
    made.add_argument("--betas", type=numbers(float), default=[2.0], metavar="B,...", help="largest eigenvalues (default: 2)")
    made.add_argument(
        "--features", type=lambda text: text.split(","), default=["gaussian"], metavar="LAW,...",
        help=f"laws of features, of {', '.join(FEATURES)} (default: gaussian)",
    )  # fmt: skip
    made.add_argument("--seeds", type=numbers(int), default=[0], metavar="S,...", help="seeds (default: 0)")
    made.add_argument("--alphas", type=numbers(float), default=ALPHAS, metavar="A,...", help="rates (default: 0.1,0.25,0.75)")
    made.add_argument("--num-tasks", type=numbers(int), default=NUM_TASKS, metavar="M,...", help="default: the paper's 12")
    made.add_argument("--samples", type=numbers(int), default=SAMPLES, metavar="N,...", help="default: the paper's 12")
    made.add_argument("--datasets", type=int, default=100, help="data sets a cell (default: %(default)s)")
    where = made.add_mutually_exclusive_group()
    threads = len(os.sched_getaffinity(0))
    where.add_argument("--jobs", type=int, default=threads, help="threads (default: one per core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:port, whose workers do the work")
    made.add_argument(
        "--out", type=Path, default=Path("sweep"), metavar="FOLDER",
        help="where files go; jobs that are finished there are not run again (default: %(default)s)",
    )  # fmt: skip
    return made


def _run(options: argparse.Namespace) -> int:
    needed("grid", "a sweep", "xarray", "zarr", "h5netcdf", "h5py")
    if options.scheduler is not None:
        needed("grid", "--scheduler", "distributed")
    check_grid(options)
    jobs = jobs_of(
        options.dims, options.betas, options.features, options.seeds, num_tasks=tuple(options.num_tasks),
        samples=tuple(options.samples), alphas=tuple(options.alphas), datasets=options.datasets,
    )  # fmt: skip
    # what cannot be computed is refused before anything is written
    for job in jobs:
        job.tasks()
    with output_folder(options.out) as folder, bar("jobs") as seen:
        done = progress(seen)
        result = sweep(jobs, workers=options.jobs, scheduler=options.scheduler, store=folder / "jobs.zarr", done=done)
    with made_aside(folder) as aside:
        result.to_netcdf(aside / "sweep.nc", engine="h5netcdf")
    say(summary(result))
    say(f"written: {folder / 'sweep.nc'}, {folder / 'jobs.zarr'}")
    return 0


# numerics says of a user's numbers what is wrong with them
main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
