"""The command: ``python -m verify.mutation [CLAIM ...]`` changes claims one thing at a time and sees whether the judge notices.

Exit status 0: every mutant is refuted or has a reason to be true (:mod:`verify.studies.fates`).  1: there is a defect.  2: what
was asked for cannot be done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, at_least, command, writable


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.mutation",
        description="Mutate claims and see whether the judge notices.",
        exits="0: every mutant is refuted or has a reason to be true\n  1: there is a defect",
        example="python -m verify.mutation distance/core",
    )
    made.add_argument(
        "claims", nargs="*", metavar="CLAIM", help="names of claims (default: all, with the steps of their proofs)"
    )
    made.add_argument(
        "--seed",
        type=int,
        default=0,
        help="the same seed gives the same fates, but for what provers settle in their time (default: %(default)s)",
    )
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes (default: one per core)")
    made.add_argument("--write", type=Path, metavar="FILE", help="write a page there")
    return made


def _run(options: argparse.Namespace) -> int:
    """1 if there is a defect."""
    from verify.judging.workers import spread, units
    from verify.reports.mutation_page import page, table
    from verify.shell.terminal import counted
    from verify.studies.fates import Fate, Settled, fates
    from verify.studies.selection import selected

    at_least("--seed", options.seed, 0)
    at_least("--jobs", options.jobs, 1)
    if options.write is not None:
        writable("--write", options.write)
    chosen = [unit for reference in selected(options.claims) for unit in units(reference)]
    # what is measured takes longest
    order = sorted(range(len(chosen)), key=lambda index: chosen[index][1])
    found: list[Settled] = []
    with counted("claims and steps", len(chosen), announced=True) as seen:
        work = spread(partial(fates, seed=options.seed), [unit for unit, _ in chosen], options.jobs, order=order, seen=seen)
        for name, mine in work:
            seen.aside(f"{name}: {len(mine)} mutants", sys.stderr)
            found += mine
    print(table(found))
    if options.write:
        write(options.write, page(table(found), len(found)))
    return 1 if any(one.fate is Fate.DEFECT for one in found) else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
