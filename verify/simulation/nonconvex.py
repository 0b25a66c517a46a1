"""The command: ``python -m verify.simulation.nonconvex`` sets modeling error against optimization error on non-convex risks.

It solves two quadratics exactly, simulates sines at equal numbers of gradient calls, splits what is paid into
optimization, basin and modeling error, and measures sums of squared gradients over the bounds on them.  Four figures,
labelled results and a summary go to a folder; what is there is not computed again.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from verify.shell.command_line import Parser, command, needed, numbers, output_folder


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.simulation.nonconvex", description="Modeling against optimization error on non-convex risks."
    )
    made.add_argument("--batches", type=numbers(int), default=(1, 5), metavar="M,...", help="tasks an update (default: 1,5)")
    made.add_argument("--calls", type=numbers(int), default=(1, 5, 50), metavar="N,...", help="calls (default: 1,5,50)")
    made.add_argument("--rates", type=numbers(float), default=(0.0, 0.1, 0.3, 1.0), metavar="A,...", help="alpha L of MAML")
    made.add_argument(
        "--updates", type=numbers(int), default=(10, 22, 46, 100, 220, 460, 1000), metavar="T,...", help="numbers of updates"
    )
    made.add_argument("--runs", type=int, default=200, help="independent runs; half choose step sizes (default: %(default)s)")
    made.add_argument("--variance", type=float, default=1.0, help="V_d of a gradient call (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same bits (default: %(default)s)")
    made.add_argument("--flips", action="store_true", help="print the exact instance's flips alone, and write nothing")
    threads = len(os.sched_getaffinity(0))
    made.add_argument("--jobs", type=int, default=threads, help="threads, which change no bit (default: one per core)")
    made.add_argument(
        "--out", type=Path, default=Path("nonconvex"), metavar="FOLDER", help="where files go (default: %(default)s)"
    )
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.simulation.nonconvex_study import Grid, reference, reference_flips, run, waves

    if options.runs < 4:
        raise ValueError(f"--runs is {options.runs}; it must be at least 4, so that both halves have two")
    if not 0 <= options.variance < float("inf"):
        raise ValueError(f"--variance is {options.variance}; it must be finite and at least 0")
    print("two quadratics, exact: the leader changes after these numbers of updates, from theta_0 = -3")
    for batch in (1, 5, 20):
        print(f"  M = {batch}: {', '.join(map(str, reference_flips(batch))) or 'never'}")
    print(f"  modeling error {reference(1).modeling_error():.5f}")
    if options.flips:
        return 0
    needed("grid", "the study", "xarray", "h5netcdf", "h5py", "matplotlib")
    from verify.simulation.nonconvex_bounds import ratios
    from verify.simulation.nonconvex_figures import draw

    grid = Grid(
        tuple(options.batches),
        tuple(options.calls),
        tuple(options.rates),
        tuple(options.updates),
        options.runs,
        options.variance,
        seed=options.seed,
    )
    with output_folder(options.out) as folder:
        result = run(grid, folder / "runs", options.jobs)
        measured = ratios(waves(), 2.0, tuple(options.updates), options.variance, runs=options.runs, seed=options.seed)
    result.to_netcdf(folder / "study.nc", engine="h5netcdf")
    measured.to_dataset(name="ratio").to_netcdf(folder / "bounds.nc", engine="h5netcdf")
    edge = float((result["step"] == result.attrs["edge"]).mean())
    if edge > 0:
        print(f"the largest step size was chosen in {edge:.0%} of the cells")
    pictures = draw(result, measured, folder)
    print("written: " + ", ".join(str(path) for path in [*pictures, folder / "study.nc", folder / "bounds.nc"]))
    return 0


main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
