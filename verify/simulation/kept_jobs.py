"""Jobs of a study whose results are kept as one file each, so that an interrupted study goes on where it was.

A job is a frozen dataclass; its bits depend on its fields alone.  A file is written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from verify.shell.atomic_write import write
from verify.simulation.jobs import on_dask


@runtime_checkable
class Resumable(Protocol):
    """A job so long that it keeps what it needs to go on, in a file that nobody needs once it is done."""

    def go_on(self, file: Path) -> dict[str, Any]:
        """Run from where the file says, from the beginning without one, and keep what is done there."""


def name(job: Any) -> str:
    """What tells a job from every other: its kind and fields.

    Examples
    --------
    >>> from verify.simulation.learning_jobs import RegulatorGap
    >>> name(RegulatorGap(0.3, 0.01))
    'RegulatorGap-0.3-0.01-0'
    """
    return "-".join([type(job).__name__, *(str(value).replace(" ", "_") for value in asdict(job).values())])


def finished(
    jobs: Sequence[Any],
    folder: Path,
    workers: int,
    done: Callable[[int, int], None] = lambda count, total: None,
    scheduler: str | None = None,
) -> list[dict[str, Any]]:
    """Results of the jobs, in their order; those that lie in the folder are not run again.

    Parameters
    ----------
    jobs : sequence of dataclasses with a method `run`
    folder : path
        Where results are kept, one file a job.
    workers : int
        Processes; they change no bit.
    done : callable
        Told how many of how many jobs are finished.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers do the jobs instead; they need not see the folder.

    Raises
    ------
    UsageError
        If the scheduler does not answer.
    """
    files = [folder / f"{name(job)}.json" for job in jobs]
    left = [index for index, file in enumerate(files) if not file.exists()]
    done(len(jobs) - len(left), len(jobs))
    if left:
        results = _through_dask(jobs, left, scheduler) if scheduler is not None else _here(jobs, left, folder, workers)
        with closing(results):
            for count, (index, result) in enumerate(results, start=1):
                write(files[index], json.dumps(result))
                _part(folder, jobs[index]).unlink(missing_ok=True)
                done(len(jobs) - len(left) + count, len(jobs))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def _part(folder: Path, job: Any) -> Path:
    """Where a job keeps what it needs to go on."""
    return folder / f"{name(job)}.part.npz"


def _work(job: Any, folder: Path) -> Callable[[], dict[str, Any]]:
    if isinstance(job, Resumable):
        return partial(job.go_on, _part(folder, job))
    run: Callable[[], dict[str, Any]] = job.run
    return run


def _here(
    jobs: Sequence[Any], left: Sequence[int], folder: Path, workers: int
) -> Generator[tuple[int, dict[str, Any]], None, None]:
    if workers == 1 or len(left) == 1:
        for index in left:
            yield index, _work(jobs[index], folder)()
        return
    with ProcessPoolExecutor(min(workers, len(left)), get_context("spawn")) as pool:
        pending = {pool.submit(_work(jobs[index], folder)): index for index in left}
        try:
            for future in as_completed(pending):
                yield pending[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _through_dask(
    jobs: Sequence[Any], left: Sequence[int], scheduler: str
) -> Generator[tuple[int, dict[str, Any]], None, None]:
    places = {name(jobs[index]): index for index in left}
    for job, result in on_dask([jobs[index] for index in left], scheduler):
        yield places[name(job)], result
