"""Work over tasks in fixed chunks: the same bits for any number of workers.

Chunks depend on the sizes of the problem alone.  Inside them BLAS runs on one thread; the threads of the pool take contiguous
chunks in turn, and results are reduced in the order of the chunks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import scipy.linalg  # noqa: F401  (its BLAS has to be loaded before the controller looks for libraries)
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
S = TypeVar("S")
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


def serial_blas() -> AbstractContextManager[Any]:
    """A context in which BLAS runs on one thread, so that no bit depends on the number of processors.

    Examples
    --------
    >>> import numpy as np
    >>> with serial_blas():
    ...     inverse = np.linalg.inv(np.eye(200))
    """
    return _blas().limit(limits=1, user_api="blas")


def serial(function: Callable[P, T]) -> Callable[P, T]:
    """The function with BLAS on one thread while it runs, see :func:`serial_blas`.

    Examples
    --------
    >>> import numpy as np
    >>> serial(np.linalg.inv)(np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    @wraps(function)
    def limited(*arguments: P.args, **named: P.kwargs) -> T:
        with serial_blas():
            return function(*arguments, **named)

    return limited


def mapped(function: Callable[[S], T], chunks: list[S], workers: int | None = None, *, streamed: bool = False) -> Iterator[T]:
    """`function` of each chunk, in the order of the chunks, computed by a pool of threads.

    Parameters
    ----------
    function : callable
        Takes a chunk, such as a slice of tasks.  Must not write to anything shared.
    chunks : list
        Slices from :func:`partition`, or whatever else names a piece of work.
    workers : int, optional
        Number of threads; all processors if not given.  It does not change the results.
    streamed : bool
        Whether a result is large: then at most two per worker are held at a time, and chunks are handed out one by one.
        Otherwise each worker takes one run of consecutive chunks, which costs less where chunks are quick.

    Yields
    ------
    results
        One per chunk.

    Raises
    ------
    ValueError
        If workers is below 1.

    Examples
    --------
    >>> list(mapped(lambda tasks: tasks.stop - tasks.start, partition(5, 2), workers=2))
    [2, 2, 1]
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise ValueError(f"workers is {workers}; it must be at least 1")
    count = min(count, len(chunks))
    with serial_blas():
        if count == 1:
            yield from map(function, chunks)
            return
        runs = [chunks[part] for part in partition(len(chunks), 1 if streamed else -(-len(chunks) // count))]
        ahead = 2 * count
        with ThreadPoolExecutor(count) as pool:
            pending = [pool.submit(_run, function, run) for run in runs[:ahead]]
            for index in range(len(runs)):
                yield from pending.pop(0).result()
                if index + ahead < len(runs):
                    pending.append(pool.submit(_run, function, runs[index + ahead]))


def _run(function: Callable[[S], T], chunks: list[S]) -> list[T]:
    return [function(chunk) for chunk in chunks]
