"""The command: ``python -m verify.long_search CLAIM --runs R --state FILE`` searches one claim for as long as you like.

What was finished stays in the state file, and more runs go on from there (:mod:`verify.studies.long_runs`).

Exit status 0: no violation.  1: a violation, printed.  2: what was asked for cannot be done, and one sentence says why.  130:
interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from verify.shell.command_line import Parser, command, deadline, search_options
from verify.shell.numbers import ratio_text
from verify.shell.terminal import counted, say
from verify.shell.usage_error import blamed


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.long_search",
        description="Search one claim for as long as you like.",
        exits="0: no violation\n  1: a violation, which is printed",
        example="python -m verify.long_search distance --runs 1000 --state distance.jsonl",
    )
    made.add_argument("claim", metavar="CLAIM|PATH.py", help="name of a claim, or a Python file with a CLAIM")
    made.add_argument("--runs", type=int, default=100, help="runs in all, those done before included (default: %(default)s)")
    made.add_argument("--state", type=Path, required=True, metavar="FILE", help="where finished runs are kept")
    search_options(made)
    return made


def _run(options: argparse.Namespace) -> int:
    """1 with a violation."""
    from verify.judging.sources import Reference
    from verify.studies.long_runs import search

    question = Reference(options.claim).load()
    claim = question.claim
    try:
        until = deadline(options)
        with blamed(claim), counted("runs", options.runs) as seen:
            total = search(question, options.runs, options.state, seed=options.seed, deadline=until, seen=seen)
    except KeyboardInterrupt:
        print(f"interrupted; {options.state} keeps what was finished", file=sys.stderr)
        return 130
    say(
        f"{claim.name}: {total.runs} runs ({total.resumed} of them before), {total.instances:,} instances, "
        f"worst ratio {ratio_text(total.worst_ratio, 9) or 'none'}"
    )
    if total.counterexample:
        print(total.counterexample)
    return 1 if total.counterexample else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
