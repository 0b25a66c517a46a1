"""Measure everything and write the tables to ``benchmarks/results.md``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks import descent, hypergradient, judging, meta_gradient, phase, related
from benchmarks.machine import alone

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads of gradients")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of which the best is taken")
    options = parser.parse_args()
    tables = [alone(options.threads, hypergradient.measure, options.threads, options.rounds)]
    tables.append(alone(options.threads, meta_gradient.measure, options.threads, options.rounds))
    tables.append(alone(options.threads, descent.measure, options.threads, options.rounds))
    tables += [alone(1, measure, options.rounds) for measure in (judging.measure, judging.numbers_alone)]
    tables += alone(1, phase.measure)
    tables.append(alone(1, related.measure))
    head = "# Measured speed\n\nWritten by `python -m benchmarks`; ratios compare times of one run on one machine."
    RESULTS.write_text("\n\n".join([head, *(table.markdown() for table in tables)]) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
