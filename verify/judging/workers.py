"""Many claims at once on worker processes: one task per claim or step of a proof, results in the order asked."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from theory.claim import Claim
from verify.judging.sources import Reference
from verify.shell.usage_error import UsageError, blamed

#: seconds after a deadline that processes have to stop by themselves, with what they found
GRACE = 1.0

Item = TypeVar("Item")
Result = TypeVar("Result")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from verify.judging.record import Record


def judged(
    found: Sequence[tuple[Reference, bool]],
    level: str,
    seed: int,
    budget: float,
    jobs: int,
    *,
    reuse: bool = False,
    seen: Callable[[], None] | None = None,
) -> Iterator[list[Record]]:
    """Judge claims and the steps of their proofs.

    Parameters
    ----------
    found : sequence of (Reference, bool)
        From :func:`units`.
    level : str
        A key of ``verify.judging.judge.LEVELS``.
    seed : int
    budget : float
        Seconds of wall time in all.
    jobs : int
        Worker processes; verdicts do not depend on it.
    reuse : bool
        Whether to take verdicts that were reached before from the cache, and to keep those that are reached now.
    seen : callable, optional
        Called whenever one is judged, in whatever order.

    Yields
    ------
    list of Record
        A claim's record and its false sibling's, in the order of `found`.
    """
    chosen, quick = [unit for unit, _ in found], [quick for _, quick in found]
    deadline = time.time() + budget
    work = partial(_judge_one, level=level, seed=seed, deadline=deadline, reuse=reuse)
    # what takes seconds first and what takes tenths last, so that no worker idles while another finishes
    order = sorted(range(len(chosen)), key=quick.__getitem__)
    yield from spread(work, chosen, jobs, order=order, seen=seen, until=deadline + GRACE)


def units(reference: Reference) -> list[tuple[Reference, bool]]:
    """A claim and the steps of its proof, and of each whether it is quickly judged: if nothing has to be measured on tasks.

    Raises
    ------
    UsageError
        If the reference names nothing that can be judged.
    """
    claim = reference.load().claim
    steps = [step for step in claim.reductions if isinstance(step, Claim)]
    made = [(Reference(reference.origin, step.name.rpartition("/")[2]), step.tasks is None) for step in steps]
    return [(reference, claim.tasks is None), *made]


def spread(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    *,
    order: Sequence[int] | None = None,
    seen: Callable[[], None] | None = None,
    until: float = math.inf,
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
    seen : callable, optional
        Called whenever an item is done, in whatever order.
    until : float
        Time of the wall clock at which workers are ended, whatever they are doing.  What is not done by then is done in this
        process, by work that has to see for itself that its time is over.

    Raises
    ------
    UsageError
        If a worker process was ended from outside.

    Examples
    --------
    >>> list(spread(abs, [-1, 2, -3], 1)), list(spread(abs, [], 2))
    ([1, 2, 3], [])
    """
    if jobs == 1 or len(items) <= 1:
        for item in items:
            found = work(item)
            if seen is not None:
                seen()
            yield found
        return
    # spawn: forking a process that runs BLAS or numba threads may hang
    with ProcessPoolExecutor(min(jobs, len(items)), multiprocessing.get_context("spawn"), _end_quietly) as pool:
        waiting = {index: pool.submit(work, items[index]) for index in order or range(len(items))}
        if seen is not None:
            count = seen
            for future in waiting.values():
                future.add_done_callback(lambda _: count())
        try:
            for index in range(len(items)):
                try:
                    yield _result(waiting[index], until)
                except _TooLate:
                    break
            else:
                return
        except BaseException:
            _end(pool)
            raise
        done = {place for place, future in waiting.items() if future.done()}
        _end(pool)
    for later in range(index, len(items)):
        yield _result(waiting[later]) if later in done else work(items[later])


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers: what they are at is of no use to anybody, and would be waited for."""
    pool.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        process.terminate()


class _TooLate(Exception):
    """A worker has not finished in time."""


def _result(future: Future[Result], until: float = math.inf) -> Result:
    """What a worker found, or a sentence where the machine ended it; the cache has what was judged until then."""
    try:
        left = None if math.isinf(until) else max(0.0, until - time.time())
        if future not in wait([future], left).done:
            raise _TooLate
        return future.result()
    except BrokenProcessPool:
        raise UsageError(
            "a worker process was ended from outside, most likely for want of memory; try fewer --jobs or fewer claims at once"
        ) from None


def _end_quietly() -> None:
    """Have Ctrl-C on a terminal, which every process of a command gets, end a worker without a word."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))


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
