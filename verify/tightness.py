"""The command: ``python -m verify.tightness [CLAIM ...]`` says how tight bounds are.

Of each: the worst ratio of its sides with the instance, the power of each parameter with which that ratio goes, and what each
step of the proof loses.  Exit status 0: done.  2: what was asked for cannot be done, and one sentence says why.  130:
interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from verify.shell.command_line import Parser, command, deadline, search_options
from verify.shell.terminal import columns, say_in_time
from verify.shell.usage_error import blamed

if TYPE_CHECKING:
    from verify.judging.sources import Reference


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.tightness",
        description="How tight bounds are.",
        example="python -m verify.tightness transfer_bound --budget 60",
    )
    made.add_argument("claims", nargs="*", metavar="CLAIM|PATH.py", help="names of claims, or Python files (default: all)")
    search_options(made)
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.evidence.result import Effort
    from verify.studies.selection import selected
    from verify.studies.sharpness import lines

    effort = Effort.of(options.seed, deadline(options))

    def said(reference: Reference, looked: Callable[[int], None]) -> Iterator[str]:
        question = reference.load()
        if question.claim.relation != "==":
            with blamed(question.claim):
                yield from lines(question, replace(effort, looked=looked), columns(sys.stdout))
        elif options.claims:
            yield f"{question.claim.name}: an equality, which has no ratio of its sides"

    say_in_time(selected(options.claims), attrgetter("origin"), said, effort.deadline)
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
