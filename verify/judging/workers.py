"""Many claims at once on worker processes: one task per claim or step of a proof, results in the order asked."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from theory.claim import Claim
from verify.judging.sources import Reference
from verify.shell.usage_error import blamed

Item = TypeVar("Item")
Result = TypeVar("Result")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from verify.judging.record import Record


def judged(
    references: Sequence[Reference], level: str, seed: int, budget: float, jobs: int, *, reuse: bool = False
) -> tuple[int, Iterator[list[Record]]]:
    """Judge claims and the steps of their proofs.

    Parameters
    ----------
    references : sequence of Reference
    level : str
        A key of ``verify.judging.judge.LEVELS``.
    seed : int
    budget : float
        Seconds of wall time in all.
    jobs : int
        Worker processes; verdicts do not depend on it.
    reuse : bool
        Whether to take verdicts that were reached before from the cache, and to keep those that are reached now.

    Returns
    -------
    total : int
        Number of results to come.
    results : iterator of list of Record
        A claim's record and its false sibling's, then those of the steps of its proof, in the order of `references`.

    Raises
    ------
    UsageError
        If a reference names nothing that can be judged.
    """
    found = [unit for reference in references for unit in units(reference)]
    chosen, quick = [unit for unit, _ in found], [quick for _, quick in found]
    return len(chosen), _results(chosen, quick, level, seed, time.time() + budget, jobs, reuse)


def units(reference: Reference) -> list[tuple[Reference, bool]]:
    """A claim and the steps of its proof, and of each whether it is quickly judged: if nothing has to be measured on tasks."""
    claim = reference.load().claim
    steps = [step for step in claim.reductions if isinstance(step, Claim)]
    made = [(Reference(reference.origin, step.name.rpartition("/")[2]), step.tasks is None) for step in steps]
    return [(reference, claim.tasks is None), *made]


def _results(
    units: list[Reference], quick: list[bool], level: str, seed: int, deadline: float, jobs: int, reuse: bool
) -> Iterator[list[Record]]:
    work = partial(_judge_one, level=level, seed=seed, deadline=deadline, reuse=reuse)
    # what takes seconds first and what takes tenths last, so that no worker idles while another finishes
    yield from spread(work, units, jobs, order=sorted(range(len(units)), key=quick.__getitem__))


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int, *, order: Sequence[int] | None = None
) -> Iterator[Result]:
    """What worker processes make of each item, in the order of the items.

    Parameters
    ----------
    work : callable
        A function that can be pickled, as the items and the results can.
    items : sequence
    jobs : int
        Worker processes; with 1 all is done in this one.
    order : sequence of int, optional
        In which order the items are begun (default: as they stand).

    Examples
    --------
    >>> list(spread(abs, [-1, 2, -3], 1))
    [1, 2, 3]
    """
    if jobs == 1 or len(items) == 1:
        yield from map(work, items)
        return
    # spawn: forking a process that runs BLAS or numba threads may hang
    with ProcessPoolExecutor(min(jobs, len(items)), multiprocessing.get_context("spawn")) as pool:
        waiting = {index: pool.submit(work, items[index]) for index in order or range(len(items))}
        try:
            for index in range(len(items)):
                yield waiting[index].result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _judge_one(unit: Reference, level: str, seed: int, deadline: float, reuse: bool) -> list[Record]:
    """Judge one claim without the steps of its proof; the deadline is of the wall clock, which processes share."""
    from threadpoolctl import threadpool_limits

    from verify.judging import cache
    from verify.judging.judge import judge

    question = unit.load()
    claim = question.claim
    reuse = reuse and not unit.origin.endswith(".py")
    if reuse and (kept := cache.load(claim, level, seed)) is not None:
        return kept
    with blamed(claim), threadpool_limits(1):
        found = judge(question.alone(), level=level, seed=seed, budget=max(0.0, deadline - time.time()))
    # what was still at work at the deadline may have been cut short by it
    if reuse and time.time() < deadline:
        cache.store(claim, level, seed, found)
    return found
