"""What the machine can do at best: reading memory and multiplying matrices, on a given number of threads."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits


@contextmanager
def confined(threads: int) -> Iterator[None]:
    """Bind this process to `threads` processors, so that every library in it starts equally many threads.

    BLAS libraries that are loaded have started theirs, and are limited besides: two threads of theirs on one processor wait for
    each other most of the time.

    Raises
    ------
    ValueError
        If there are fewer.
    """
    available = os.sched_getaffinity(0)
    if not 1 <= threads <= len(available):
        raise ValueError(f"threads is {threads}; it must be between 1 and {len(available)}, the processors available")
    os.sched_setaffinity(0, sorted(available)[:threads])
    try:
        with threadpool_limits(threads, user_api="blas"):
            yield
    finally:
        os.sched_setaffinity(0, available)


def _confined(threads: int, measure: Callable[..., Any], *arguments: Any) -> Any:
    with confined(threads):
        return measure(*arguments)


def alone(threads: int, measure: Callable[..., Any], *arguments: Any) -> Any:
    """Measure in a process of its own: the threads and the memory that one benchmark leaves behind falsify the next."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_confined, threads, measure, *arguments).result()


def description() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def interleaved(rounds: int, actions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Least time in seconds of each action over `rounds` rounds in which they take turns, after one round that is not timed.

    Taking turns exposes all to the same disturbances; the least of many short runs is what the machine does undisturbed.
    """
    best = dict.fromkeys(actions, float("inf"))
    for number in range(rounds + 1):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            if number:
                best[name] = min(best[name], time.perf_counter() - start)
    return best


def reader(array: np.ndarray, threads: int, pool: ThreadPoolExecutor) -> Callable[[], object]:
    """An action that reads `array` once, in `threads` equal parts."""
    parts = np.array_split(array.reshape(-1), threads)
    return lambda: list(pool.map(np.sum, parts))


def multiplier(threads: int, size: int = 1_500) -> tuple[Callable[[], object], float]:
    """An action that multiplies two square matrices, and the number of its operations."""
    left, right = np.random.default_rng(0).random((2, size, size))
    out = np.empty_like(left)

    def multiply() -> None:
        with threadpool_limits(threads, user_api="blas"):
            np.matmul(left, right, out=out)

    return multiply, 2.0 * size**3
