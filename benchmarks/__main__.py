"""Measure everything and write the tables to ``benchmarks/results.md``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import hypergradient, judging, phase
from benchmarks.machine import confined

RESULTS = Path(__file__).with_name("results.md")


def _confined(threads: int, measure: Callable[..., Any], *arguments: Any) -> Any:
    with confined(threads):
        return measure(*arguments)


def _alone(threads: int, measure: Callable[..., Any], *arguments: Any) -> Any:
    """Measure in a process of its own: the threads and the memory that one benchmark leaves behind falsify the next."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_confined, threads, measure, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads of hypergradients")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of which the best is taken")
    options = parser.parse_args()
    tables = [_alone(options.threads, hypergradient.measure, options.threads, options.rounds)]
    tables.append(_alone(1, judging.measure, options.rounds))
    tables += _alone(1, phase.measure)
    head = "# Measured speed\n\nWritten by `python -m benchmarks`; ratios compare times of one run on one machine."
    RESULTS.write_text("\n\n".join([head, *(table.markdown() for table in tables)]) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
