"""Jobs of studies, and where they run: threads of this process or the workers of a Dask cluster; finished ones are kept.

A job's bits depend on its parameters alone, so that it does not matter where it runs, nor how often.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from verify.shell.usage_error import UsageError

if TYPE_CHECKING:
    import xarray

    import numerics as nx


class Job(Protocol):
    """A piece of a study that fits in a message."""

    @property
    def name(self) -> str:
        """What tells it from the others of its study."""

    def run(self) -> xarray.Dataset:
        """Its result, on one thread."""


J = TypeVar("J", bound=Job)


def results(
    jobs: Sequence[J],
    described: dict[str, Any],
    *,
    study: str,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Path | None = None,
    done: Callable[[int, int], None] | None = None,
) -> dict[str, xarray.Dataset]:
    """Results of all jobs by their names, those that a store holds not run again.

    Parameters
    ----------
    jobs : sequence of Job
    described : dict
        What the jobs have in common, which a store must agree with.
    study : str
        What the jobs are of, such as ``sweep``.
    workers : int, optional
        Threads; all processors if not given.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers do the jobs instead.
    store : path, optional
        Directory of a zarr store that keeps finished jobs.
    done : callable, optional
        Called with the number of finished jobs and of all.

    Raises
    ------
    UsageError
        If the scheduler does not answer, or the store is of another study.
    """
    finished = {} if store is None else kept(store, jobs, described, study)
    left = [job for job in jobs if job.name not in finished]
    running = on_threads(left, workers) if scheduler is None else on_dask(left, scheduler, study)
    if done is not None:
        done(len(finished), len(jobs))
    with contextlib.closing(running) as found:
        for job, result in found:
            if store is not None:
                keep(store, job, result, described, study)
            finished[job.name] = result
            if done is not None:
                done(len(finished), len(jobs))
    return finished


def progress(seen: Callable[[nx.Progress], None]) -> Callable[[int, int], None]:
    """What :func:`results` calls, for a bar: the time left is told from the jobs that were run."""
    import numerics as nx

    started, before = time.monotonic(), -1

    def done(finished: int, total: int) -> None:
        nonlocal before
        before = finished if before < 0 else before
        elapsed = time.monotonic() - started
        rate = elapsed / (finished - before) if finished > before else float("nan")
        seen(nx.Progress(finished, total, elapsed, rate * (total - finished)))

    return done


def on_threads(jobs: Sequence[J], workers: int | None) -> Generator[tuple[J, xarray.Dataset], None, None]:
    """Jobs with their results as they finish."""
    from threadpoolctl import threadpool_limits

    number = len(os.sched_getaffinity(0)) if workers is None else workers
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(number) as pool:
        waiting = {pool.submit(job.run): job for job in jobs}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def on_dask(jobs: Sequence[Any], scheduler: str, study: str = "study") -> Generator[tuple[Any, Any], None, None]:
    """Jobs with their results as they finish on the workers of a cluster; what a worker loses when it dies is run again.

    Raises
    ------
    UsageError
        If no scheduler answers at the address, or workers die again and again on one job.
    """
    import distributed
    from distributed.comm.addressing import get_address_host_port

    try:
        # a client begun at what is no address cannot be taken down again, and says so after 20 seconds
        get_address_host_port(scheduler)
        client = distributed.Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"--scheduler is {scheduler!r}, where no Dask scheduler answers: {reason}") from None
    with client:
        waiting = {client.submit(run_on_worker, job, pure=False): job for job in jobs}
        try:
            for future in distributed.as_completed(list(waiting), loop=client.loop):
                yield waiting[future], future.result()
        except distributed.KilledWorker as error:
            raise UsageError(f"a job of the {study} was given up after the workers that ran it died: {error}") from None
        finally:
            client.cancel(list(waiting))


def run_on_worker(job: Any) -> Any:
    """A job in a worker process, whose BLAS is kept at one thread from then on.

    Threads of one process share BLAS's setting: a job that set it back would change it under another.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
    return job.run()


def kept(store: Path, jobs: Sequence[J], ours: Any, study: str) -> dict[str, xarray.Dataset]:
    """Finished jobs of a store, none if it does not exist."""
    import xarray
    import zarr

    if not store.exists():
        return {}
    root = zarr.open_group(str(store), mode="r")
    theirs: Any = root.attrs.asdict().get(study, ours)
    if theirs != ours:
        name = next(name for name in ours if theirs.get(name) != ours[name])
        raise UsageError(
            f"{store} holds {name} = {theirs.get(name)!r}, not {ours[name]!r}; a {study} goes on with the same grid only"
        )
    groups = {job.name: root.get(job.name) for job in jobs}
    complete = [name for name, group in groups.items() if group is not None and "complete" in group.attrs]
    found = {}
    for name in complete:
        found[name] = xarray.open_zarr(store, group=name, consolidated=False).load()
        del found[name].attrs["complete"]
    return found


def keep(store: Path, job: J, result: xarray.Dataset, described: dict[str, Any], study: str) -> None:
    """Write a finished job to the store."""
    import zarr

    zarr.open_group(str(store), mode="a").attrs[study] = described
    result.to_zarr(str(store), group=job.name, mode="w", consolidated=False)
    # written last: a job that was interrupted while it was stored is run again
    zarr.open_group(str(store), mode="a", path=job.name).attrs["complete"] = 1
