"""The command: ``python -m verify.bounds`` judges every claim.

Exit status 0: every verdict is as expected.  1: a claim that should hold is refuted or undecided, a false sibling is not
refuted, or theory and numerics disagree.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from verify.reports import outputs
from verify.shell.command_line import Parser, at_least, command, deadline, search_options, writable, writable_folder
from verify.shell.terminal import console, progress_bar
from verify.shell.usage_error import UsageError, brought

if TYPE_CHECKING:
    from verify.judging.record import Record
    from verify.judging.sources import Reference

# the levels are spelled out so that --help need not import the numerical stack; a test compares them with verify.judging.judge
LEVELS = ("sampled", "searched", "certified", "proved")


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.bounds", description="Judge claims about meta-learning.")
    made.add_argument(
        "claims", nargs="*", metavar="CLAIM|PATH.py", help="names of claims, or Python files with a CLAIM (default: all)"
    )
    made.add_argument("--list", action="store_true", help="list the claims and stop")
    made.add_argument("--show", metavar="NAME", help="print a claim's statement, proof, source and BibTeX, and stop")
    made.add_argument("--at", nargs="+", metavar="NAME=VALUE", help="the bounds' values and slack at these numbers, and stop")
    made.add_argument(
        "--source", metavar="KEY", help="only claims of this publication, such as gao-sener-2020, with what is true instead"
    )
    made.add_argument(
        "--level", choices=LEVELS, default="searched", help="strongest evidence to look for (default: %(default)s)"
    )
    search_options(made)
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes (default: one per core)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the records there")
    made.add_argument("--certificates", type=Path, metavar="FOLDER", help="write there what `python -m verify.replay` checks")
    made.add_argument("--counterexamples", action="store_true", help="print those of the false siblings too")
    outputs.add_options(made)
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.judging.sources import Reference

    if options.show:
        from verify.reports.statements import shown

        question = Reference(options.show).load()
        print(shown(question.claim, question.document))
        return 0
    references = _chosen(options)
    if options.list:
        from verify.reports.statements import listed

        console(sys.stdout).print(listed(reference.claim() for reference in references))
        return 0
    if options.at:
        from verify.reports.own_numbers import at

        for reference in references:
            print(at(reference.claim(), options.at))
        return 0
    at_least("--jobs", options.jobs, 1)
    deadline(options)
    if options.json:
        writable("--json", options.json)
    outputs.check(options)
    from verify.judging.judge import missing_extra

    if missing := missing_extra(options.level):
        raise UsageError(f"--level {options.level} needs {', '.join(missing)}; {brought('proof')}")
    if options.certificates is not None:
        if options.level not in ("certified", "proved"):
            raise UsageError(f"--level is {options.level}, which makes no certificates; it must be certified or proved")
        writable_folder("--certificates", options.certificates)
    return _judge(references, options)


def _chosen(options: argparse.Namespace) -> list[Reference]:
    from theory import bounds
    from verify.judging.sources import Reference

    references = [Reference(name) for name in options.claims or bounds.names()]
    if options.source:
        sourced = [reference for reference in references if reference.claim().source.key == options.source]
        if not sourced:
            keys = sorted({bounds.claim(name).source.key for name in bounds.names()})
            raise UsageError(f"--source is {options.source!r}; among these claims it must be one of {', '.join(keys)}")
        if not options.claims:
            # what is true instead of a printed statement is judged beside it
            from verify.studies.audit import named_instead

            also = set(named_instead(options.source)) - {reference.origin for reference in sourced}
            sourced += [Reference(name) for name in sorted(also)]
        return sourced
    return references


def _judge(references: list[Reference], options: argparse.Namespace) -> int:
    from verify.judging.record import say_steps
    from verify.judging.workers import judged
    from verify.reports import text
    from verify.shell.atomic_write import write

    records: list[Record] = []
    interrupted, started = False, time.monotonic()
    try:
        work = judged(references, options.level, options.seed, options.budget, options.jobs, reuse=not options.no_cache)
        for found in _with_progress(work):
            records += found
    except KeyboardInterrupt:
        interrupted = True
    if options.level in ("certified", "proved"):
        for reference in references:
            say_steps(reference.claim(), records)
    stored = outputs.store(records, options.certificates)
    out = console(sys.stdout)
    out.print(text.table(records))
    wanted = [r for r in records if r.counterexample and (options.counterexamples or not r.name.endswith("/false-sibling"))]
    if wanted:
        print("\n" + text.counterexamples(wanted))
    print(("interrupted; " if interrupted else "") + text.summary(records))
    if kept := sum(record.cached for record in records):
        print(f"{kept} of them were reached by an earlier run; --no-cache judges them anew")
    if stored:
        print(f"{stored} certificates in {options.certificates}; python -m verify.replay checks them")
    if options.json:
        write(options.json, text.as_json(records))
    if interrupted:
        return 130
    if said := outputs.leave(options, references, records, text.summary(records), started):
        print(f"\n{said}")
    return 0 if all(record.as_expected for record in records) else 1


def _with_progress(work: tuple[int, Iterator[list[Record]]]) -> Iterator[list[Record]]:
    """The results one by one; on a terminal with a bar and the time left, in a pipe in silence."""
    total, results = work
    with progress_bar() as progress:
        task = progress.add_task("judging", total=total)
        for found in results:
            progress.update(task, advance=1, description=f"judged {found[0].name}" if found else "judging")
            yield found


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
