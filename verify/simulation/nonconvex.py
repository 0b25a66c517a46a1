"""The command: ``python -m verify.simulation.nonconvex`` sets modeling error against optimization error on non-convex risks.

It solves two quadratics exactly, simulates sines, robust locations in the plane and penalised classifications at equal numbers
of gradient calls, splits what is paid into optimization, basin and modeling error, adapts to fresh tasks by sampled steps, and
measures sums of squared gradients over the bounds on them.  Each family at one M and N is one job; jobs run on threads, or with
``--scheduler ADDRESS`` on the workers of a Dask cluster, to the same bits.  Four figures and labelled results go to a folder;
jobs that are finished there are not run again.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from verify.shell.atomic_write import made_aside
from verify.shell.command_line import Parser, command, needed, numbers, output_folder


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.simulation.nonconvex",
        description="Modeling against optimization error on non-convex risks.",
        example="python -m verify.simulation.nonconvex --families sines,welsch --out nonconvex",
    )
    made.add_argument(
        "--families", type=lambda text: tuple(text.split(",")), default=("sines", "welsch", "logistic"), metavar="NAME,...",
        help="of sines, welsch, logistic (default: all)",
    )  # fmt: skip
    made.add_argument("--batches", type=numbers(int), default=(1, 5), metavar="M,...", help="tasks an update (default: 1,5)")
    made.add_argument(
        "--calls", type=numbers(int), default=(1, 2, 5, 10, 50), metavar="N,...", help="calls (default: 1,2,5,10,50)"
    )
    made.add_argument(
        "--rates",
        type=numbers(float),
        default=(0.0, 0.05, 0.1, 1 / 6, 0.3, 0.5, 1.0),
        metavar="A,...",
        help="alpha L (default: 0,0.05,0.1,0.1667,0.3,0.5,1)",
    )
    made.add_argument(
        "--updates", type=numbers(int), default=(10, 22, 46, 100, 220, 460, 1000), metavar="T,...", help="numbers of updates"
    )
    made.add_argument(
        "--test-steps", type=numbers(int), default=(0, 1, 5, 20), metavar="T,...", help="sampled steps on a fresh task"
    )
    made.add_argument("--runs", type=int, default=200, help="independent runs; half choose step sizes (default: %(default)s)")
    made.add_argument("--variance", type=float, default=1.0, help="V_d of a gradient call (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same bits (default: %(default)s)")
    made.add_argument("--flips", action="store_true", help="print the exact instance's flips alone, and write nothing")
    where = made.add_mutually_exclusive_group()
    threads = len(os.sched_getaffinity(0))
    where.add_argument("--jobs", type=int, default=threads, help="threads, which change no bit (default: one per core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:port, whose workers do the work")
    made.add_argument(
        "--out", type=Path, default=Path("nonconvex"), metavar="FOLDER",
        help="where files go; jobs that are finished there are not run again (default: %(default)s)",
    )  # fmt: skip
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.simulation.nonconvex_reference import reference, reference_flips
    from verify.simulation.nonconvex_study import jobs_of, run, summary

    jobs = jobs_of(
        options.families, options.batches, options.calls, rates=tuple(options.rates), updates=tuple(options.updates),
        test_steps=tuple(options.test_steps), runs=options.runs, variance=options.variance, seed=options.seed,
    )  # fmt: skip
    if options.jobs < 1:
        raise ValueError(f"--jobs is {options.jobs}; it must be at least 1")
    if not options.flips:
        needed("grid", "the study", "xarray", "zarr", "h5netcdf", "h5py", "matplotlib")
    if options.scheduler is not None:
        needed("grid", "--scheduler", "distributed")
    print("two quadratics, exact: the leader changes after these numbers of updates, from theta_0 = -3")
    for batch in (1, 5, 20):
        print(f"  M = {batch}: {', '.join(map(str, reference_flips(batch))) or 'never'}")
    print(f"  modeling error {reference(1).modeling_error():.5f}")
    if options.flips:
        return 0
    from verify.shell.terminal import bar
    from verify.simulation.jobs import progress
    from verify.simulation.nonconvex_bounds import ratios
    from verify.simulation.nonconvex_families import sines
    from verify.simulation.nonconvex_figures import draw

    with output_folder(options.out) as folder, bar("jobs") as seen:
        where = {"workers": options.jobs, "scheduler": options.scheduler, "store": folder / "jobs.zarr"}
        result = run(jobs, **where, done=progress(seen))
        measured = ratios(sines().losses, 2.0, jobs[0].updates, options.variance, runs=options.runs, seed=options.seed)
    with made_aside(folder) as aside:
        result.to_netcdf(aside / "study.nc", engine="h5netcdf")
        measured.to_dataset(name="ratio").to_netcdf(aside / "bounds.nc", engine="h5netcdf")
        pictures = draw(result, measured, aside)
    for name, edge in zip(("smallest", "largest"), result.attrs["steps"], strict=True):
        share = float((abs(result["step"] / edge - 1) < 1e-9).mean())
        if share > 0:
            print(f"the {name} step size was chosen in {share:.0%} of the cells")
    print(summary(result))
    names = [*(path.name for path in pictures), "study.nc", "bounds.nc"]
    print("written: " + ", ".join(str(folder / name) for name in names))
    return 0


main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
