"""The jobs of a sweep, and where they run: threads of this process or the workers of a Dask cluster.

A job's bits depend on its parameters alone, so that it does not matter where it runs, nor how often.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from verify.shell.usage_error import UsageError

if TYPE_CHECKING:
    import xarray

    import numerics as nx

#: sympy is not meant for several threads at a time, and a derivation holds the interpreter's lock anyway
_DERIVING = Lock()


@dataclass(frozen=True)
class Job:
    """One phase diagram of a sweep.

    Parameters
    ----------
    p, beta, features, seed
        The tasks of eq. (13) and the root of the streams.
    num_tasks, samples, alphas : tuples
        The grid.
    datasets : int
        Per cell.
    """

    p: int
    beta: float
    features: str
    seed: int
    num_tasks: tuple[int, ...]
    samples: tuple[int, ...]
    alphas: tuple[float, ...]
    datasets: int

    @property
    def name(self) -> str:
        """What tells it from the others of its sweep.

        Examples
        --------
        >>> Job(2, 0.5, "sphere", 0, (2,), (1,), (0.1,), 10).name
        'p2-beta0.5-sphere-seed0'
        """
        return f"p{self.p}-beta{self.beta!r}-{self.features}-seed{self.seed}"

    def tasks(self) -> nx.SpectrumTiedTasks:
        """The distribution of tasks.

        Raises
        ------
        ValueError
            If there is none with these values.
        """
        import numerics as nx

        return nx.SpectrumTiedTasks(self.p, self.beta, self.features)

    def run(self) -> xarray.Dataset:
        """The diagram and its predictions, on one thread."""
        import numerics as nx
        from verify.simulation.phase_prediction import confronted, predicted

        tasks = self.tasks()
        grid = list(self.num_tasks), list(self.samples), list(self.alphas)
        with _DERIVING:
            prediction = predicted(tasks, *grid)
        return confronted(nx.phase_diagram(tasks, *grid, self.datasets, self.seed, workers=1), prediction)


def on_threads(jobs: Sequence[Job], workers: int | None) -> Generator[tuple[Job, xarray.Dataset], None, None]:
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


def on_dask(jobs: Sequence[Any], scheduler: str) -> Generator[tuple[Any, Any], None, None]:
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
            raise UsageError(f"a job of the sweep was given up after the workers that ran it died: {error}") from None
        finally:
            client.cancel(list(waiting))


def run_on_worker(job: Any) -> Any:
    """A job in a worker process, whose BLAS is kept at one thread from then on.

    Threads of one process share BLAS's setting: a job that set it back would change it under another.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
    return job.run()
