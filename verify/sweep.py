"""The command: ``python -m verify.sweep`` makes phase diagrams over dimensions, spectra, laws of features and seeds.

Each combination is one job: a phase diagram of the tasks of eq. (13) with its predictions
(:mod:`verify.simulation.phase_prediction`).  Jobs run on threads, or with ``--scheduler ADDRESS`` on the workers of a Dask
cluster; a job's bits depend on its parameters alone, so that both give the same result, and so does a run in which workers die
and their jobs are done again elsewhere.  Finished jobs are kept in the output folder: an interrupted sweep goes on from there.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.phase import ALPHAS, FEATURES, NUM_TASKS, SAMPLES, check_grid
from verify.shell.command_line import Parser, bar, command, different, needed, numbers, output_folder
from verify.shell.usage_error import UsageError
from verify.simulation.sweep_jobs import Job, on_dask, on_threads

if TYPE_CHECKING:
    import xarray

#: axes of a sweep, before those of a phase diagram
AXES = ("p", "beta", "features", "seed")


def sweep(
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Path | None = None,
    done: Callable[[int, int], None] | None = None,
) -> xarray.Dataset:
    """Run the jobs of a full product of axes.

    Parameters
    ----------
    jobs : sequence of Job
        From :func:`jobs_of`.
    workers : int, optional
        Threads; all processors if not given.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers do the jobs instead.
    store : path, optional
        Directory of a zarr store that keeps finished jobs; what it holds is not run again.
    done : callable, optional
        Called with the number of finished jobs and of all.

    Returns
    -------
    xarray.Dataset
        The phase diagrams along the axes p, beta, features and seed.

    Raises
    ------
    UsageError
        If the scheduler does not answer, the store is of another sweep, or versions differ between jobs.
    ValueError
        If a job's parameters are not valid.
    """
    finished: dict[str, xarray.Dataset] = {} if store is None else _kept(store, jobs)
    left = [job for job in jobs if job.name not in finished]
    running = on_threads(left, workers) if scheduler is None else on_dask(left, scheduler)
    if done is not None:
        done(len(finished), len(jobs))
    with contextlib.closing(running) as results:
        for job, result in results:
            if store is not None:
                _keep(store, job, result)
            finished[job.name] = result
            if done is not None:
                done(len(finished), len(jobs))
    return _joined(jobs, finished)


def jobs_of(
    dims: Sequence[int], betas: Sequence[float], features: Sequence[str], seeds: Sequence[int], **grid: Any
) -> list[Job]:
    """The jobs of a product of axes; `grid` has the other fields of :class:`Job`.

    Raises
    ------
    UsageError
        If an axis is empty or repeats itself.
    """
    for name, axis in zip(("dims", "betas", "features", "seeds"), (dims, betas, features, seeds), strict=True):
        different(f"--{name}", axis)
    return [Job(*values, **grid) for values in product(dims, map(float, betas), features, seeds)]


def _described(jobs: Sequence[Job]) -> dict[str, Any]:
    fields = asdict(jobs[0])
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items() if name not in AXES}


def _kept(store: Path, jobs: Sequence[Job]) -> dict[str, xarray.Dataset]:
    """Finished jobs of a store, none if it does not exist."""
    import xarray
    import zarr

    if not store.exists():
        return {}
    root = zarr.open_group(str(store), mode="r")
    ours: Any = _described(jobs)
    theirs: Any = root.attrs.asdict().get("sweep", ours)
    if theirs != ours:
        name = next(name for name in ours if theirs.get(name) != ours[name])
        raise UsageError(
            f"{store} holds {name} = {theirs.get(name)!r}, not {ours[name]!r}; a sweep goes on with the same grid only"
        )
    groups = {job.name: root.get(job.name) for job in jobs}
    complete = [name for name, group in groups.items() if group is not None and "complete" in group.attrs]
    found = {}
    for name in complete:
        found[name] = xarray.open_zarr(store, group=name, consolidated=False).load()
        del found[name].attrs["complete"]
    return found


def _keep(store: Path, job: Job, result: xarray.Dataset) -> None:
    import zarr

    zarr.open_group(str(store), mode="a").attrs["sweep"] = _described([job])
    result.to_zarr(str(store), group=job.name, mode="w", consolidated=False)
    # written last: a job that was interrupted while it was stored is run again
    zarr.open_group(str(store), mode="a", path=job.name).attrs["complete"] = 1


def _joined(jobs: Sequence[Job], finished: dict[str, xarray.Dataset]) -> xarray.Dataset:
    import numpy as np
    import xarray

    axes = {axis: list(dict.fromkeys(getattr(job, axis) for job in jobs)) for axis in AXES}
    parts = [finished[job.name] for job in jobs]
    versions = {tuple(part.attrs["versions"]) for part in parts}
    if len(versions) > 1:
        one, two = sorted(versions)[:2]
        raise UsageError(f"jobs ran with different versions, whose bits may differ: {', '.join(set(one) ^ set(two))}")
    shape = [len(axis) for axis in axes.values()]
    variables = {}
    for name, variable in parts[0].data_vars.items():
        stacked = np.stack([part[name].values for part in parts]).reshape(*shape, *variable.shape)
        variables[name] = ((*AXES, *variable.dims), stacked, variable.attrs)
    coords = {axis: np.array(values, dtype=object if axis == "features" else None) for axis, values in axes.items()}
    attributes = _described(jobs) | {"versions": list(parts[0].attrs["versions"]), "nested": parts[0].attrs["nested"]}
    return xarray.Dataset(variables, coords | {name: parts[0][name] for name in parts[0].coords}, attributes)


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.sweep", description="Phase diagrams over dimensions, spectra, features and seeds.")
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
    import numerics as nx

    started, before = time.monotonic(), None
    with output_folder(options.out) as folder, bar("jobs") as seen:

        def done(finished: int, total: int) -> None:
            nonlocal before
            before = finished if before is None else before
            elapsed = time.monotonic() - started
            rate = elapsed / (finished - before) if finished > before else float("nan")
            seen(nx.Progress(finished, total, elapsed, rate * (total - finished)))

        result = sweep(jobs, workers=options.jobs, scheduler=options.scheduler, store=folder / "jobs.zarr", done=done)
    result.to_netcdf(folder / "sweep.nc", engine="h5netcdf")
    print(summary(result))
    print(f"written: {folder / 'sweep.nc'}, {folder / 'jobs.zarr'}")
    return 0


def summary(result: xarray.Dataset) -> str:
    """A line for each distribution and rate, seeds taken together: where MAML wins, and where the normal law misleads."""
    lines = [f"{'p':>4}  {'beta':>6}  {'features':10}  {'alpha':>6}  {'MAML wins':>13}  {'misled':>13}"]
    for p, beta, features in product(result.p.values, result.beta.values, result.features.values):
        part = result.sel(p=p, beta=beta, features=features)
        for a, alpha in enumerate(result.alpha.values):
            here = part.isel(alpha=a)
            wins, cells = int((here.post > 0.5).sum()), here.post.size
            misled = int(here.misleads_post.sum())
            row = f"{int(p):4d}  {beta:6g}  {features:10}  {alpha:6g}"
            lines.append(f"{row}  {f'{wins} of {cells}':>13}  {f'{misled} of {cells}':>13}")
    lines.append(
        "MAML wins: cells in which, after adaptation, it has the lower expected loss in more than half of the data sets"
    )
    return "\n".join(lines)


# numerics says of a user's numbers what is wrong with them
main = command(parser, _run, (ValueError, TypeError))

if __name__ == "__main__":
    sys.exit(main())
