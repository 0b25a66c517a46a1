"""Work over tasks in fixed chunks: the same bits for any number of workers.

Chunks depend on the sizes of the problem alone.  Inside them BLAS runs on one thread; the threads of the pool take contiguous
chunks in turn, and results are reduced in the order of the chunks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import scipy.linalg  # noqa: F401  (its BLAS has to be loaded before the controller looks for libraries)
from threadpoolctl import ThreadpoolController

T = TypeVar("T")


def partition(number: int, size: int) -> list[slice]:
    """Slices of at most `size` tasks that cover `number` tasks.

    Examples
    --------
    >>> partition(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + size, number)) for start in range(0, number, size)]


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def mapped(function: Callable[[slice], T], chunks: list[slice], workers: int | None = None) -> Iterator[T]:
    """`function` of each chunk, in the order of the chunks, computed by a pool of threads.

    Parameters
    ----------
    function : callable
        Takes a slice of tasks.  Must not write to anything shared.
    chunks : list of slice
        From :func:`partition`.
    workers : int, optional
        Number of threads; all processors if not given.  It does not change the results.

    Yields
    ------
    results
        At most two per worker are held at a time, so that memory does not grow with the number of chunks.

    Raises
    ------
    ValueError
        If workers is below 1.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise ValueError(f"workers is {workers}; it must be at least 1")
    with _blas().limit(limits=1, user_api="blas"):
        if count == 1 or len(chunks) == 1:
            yield from map(function, chunks)
            return
        with ThreadPoolExecutor(count) as pool:
            pending = [pool.submit(function, chunk) for chunk in chunks[: 2 * count]]
            for following in range(2 * count, len(chunks) + 2 * count):
                yield pending.pop(0).result()
                if following < len(chunks):
                    pending.append(pool.submit(function, chunks[following]))
                if not pending:
                    return
