"""The command: ``python -m verify.bounds`` judges every claim.

Exit status 0: every verdict is as expected.  1: a claim that should hold is refuted or undecided, a false sibling is not
refuted, or theory and numerics disagree.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from verify.reports import outputs
from verify.shell.command_line import Parser, at_least, command, deadline, refuse_ignored, search_options
from verify.shell.commands import spelled
from verify.shell.terminal import columns, console, counted, say

if TYPE_CHECKING:
    from verify.judging.record import Record
    from verify.judging.sources import Reference

# spelled out so that --help need not import the numerical stack; a test compares them with verify.judging.judge
LEVELS = {
    "sampled": "no violation among random instances, where the false sibling is seen",
    "searched": "nor by a search for the worst ratio (the default)",
    "certified": "the whole domain covered by boxes, in ball arithmetic",
    "proved": "a proof in exact arithmetic",
}


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.bounds",
        description="Judge claims about meta-learning.",
        more="\n".join(["levels of evidence:", *(f"  {level:10}  {meaning}" for level, meaning in LEVELS.items())]),
        exits="0: every verdict is as expected\n  1: some verdict is not",
        example="python -m verify.bounds distance transfer_bound --level proved --json records.json",
    )
    made.add_argument(
        "claims",
        nargs="*",
        metavar="CLAIM|TOPIC|PATH.py",
        help="names of claims or of topics, or Python files with a CLAIM (default: all)",
    )
    made.add_argument("--list", action="store_true", help="list the claims and stop")
    made.add_argument("--quantities", action="store_true", help="list what a claim may measure, with arguments, and stop")
    made.add_argument("--show", metavar="NAME", help="print a claim's statement, proof, source and BibTeX, and stop")
    made.add_argument("--at", nargs="+", metavar="NAME=VALUE", help="the bounds' values and slack at these numbers, and stop")
    made.add_argument(
        "--source", metavar="KEY", help="only claims of this publication, such as gao-sener-2020, with what is true instead"
    )
    made.add_argument(
        "--level", choices=tuple(LEVELS), default="searched", help="strongest evidence to look for (default: %(default)s)"
    )
    search_options(made)
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes (default: one per core)")
    made.add_argument("--steps", action="store_true", help="print false siblings and steps of proofs as well")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the records there")
    made.add_argument("--certificates", type=Path, metavar="FOLDER", help=f"write there what `{spelled('replay')}` checks")
    made.add_argument("--counterexamples", action="store_true", help="print those of the false siblings too")
    outputs.add_options(made)
    return made


def _run(options: argparse.Namespace) -> int:
    until = deadline(options)
    from verify.judging.sources import Reference
    from verify.studies.selection import selected

    if options.show:
        from verify.reports.statements import shown

        refuse_ignored(options, "with --show", ["show"])
        question = Reference(options.show).load()
        print(shown(question.claim, question.document, columns(sys.stdout)))
        return 0
    if options.list:
        from verify.reports.statements import listed

        refuse_ignored(options, "with --list", ["list", "claims", "source"])
        print(listed((reference.claim() for reference in selected(options.claims, options.source)), columns(sys.stdout)))
        return 0
    if options.quantities:
        from verify.reports.quantities import listed as quantities

        refuse_ignored(options, "with --quantities", ["quantities"])
        print(quantities(columns(sys.stdout)))
        return 0
    if options.at:
        from verify.reports.own_numbers import at

        refuse_ignored(options, "with --at", ["at", "claims", "source"])
        # all of them first: one that cannot be evaluated leaves nothing half said
        say("\n".join([at(reference.claim(), options.at) for reference in selected(options.claims, options.source)]))
        return 0
    at_least("--jobs", options.jobs, 1)
    outputs.check(options)
    return _judge(selected(options.claims, options.source), options, until)


def _judge(references: list[Reference], options: argparse.Namespace, until: float) -> int:
    from verify.judging.record import say_steps
    from verify.judging.workers import judged, units
    from verify.reports import text

    records: list[Record] = []
    interrupted = False
    try:
        asked = [unit for reference in references for unit in units(reference)]
        left = until - time.monotonic()
        with counted("claims and steps", len(asked)) as seen:
            work = judged(asked, options.level, options.seed, left, options.jobs, reuse=not options.no_cache, seen=seen)
            for found in work:
                records += found
    except KeyboardInterrupt:
        interrupted = True
    if options.level in ("certified", "proved"):
        for reference in references:
            say_steps(reference.claim(), records)
    certificates = outputs.certificates(records, options.certificates)
    console(sys.stdout).print(text.table(records, columns(sys.stdout), steps=options.steps), soft_wrap=True)
    wanted = [r for r in records if r.counterexample and (options.counterexamples or not r.beside)]
    if wanted:
        print("\n" + text.counterexamples(wanted))
    say(("interrupted, so that no file was written; " if interrupted else "") + text.summary(records))
    if kept := sum(record.cached for record in records):
        say(f"{kept} of them were reached by an earlier run; --no-cache judges them anew")
    if interrupted:
        return 130
    try:
        said = outputs.leave(options, references, records, text.summary(records), until, certificates)
    except KeyboardInterrupt:
        say("interrupted while claims were looked into further, so that no file was written")
        return 130
    if certificates:
        count = f"{len(certificates)} certificate" + "s" * (len(certificates) > 1)
        say(f"{count} in {options.certificates}; {spelled('replay')} checks {'it' if len(certificates) == 1 else 'them'}")
    if said:
        print(f"\n{said}")
    return 0 if all(record.as_expected for record in records) else 1


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
