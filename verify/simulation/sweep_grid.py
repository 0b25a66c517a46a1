"""A sweep: phase diagrams along the axes of a full product, of which finished ones are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.shell.command_line import different
from verify.shell.usage_error import UsageError
from verify.simulation.jobs import results
from verify.simulation.sweep_jobs import Job

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
    options: dict[str, Any] = {"workers": workers, "scheduler": scheduler, "store": store, "done": done}
    return _joined(jobs, results(jobs, _described(jobs), study="sweep", **options))


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
