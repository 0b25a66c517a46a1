"""The command: ``python -m verify.breaks [CLAIM ...]`` says which assumptions claims need, and up to where they hold.

``--map X Y`` draws where one claim holds over two of its parameters.  Exit status 0: done.  2: what was asked for cannot be
done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from verify.shell.command_line import Parser, command, deadline, search_options
from verify.shell.terminal import columns, fitted, say_in_time
from verify.shell.usage_error import UsageError, blamed

if TYPE_CHECKING:
    from verify.judging.sources import Reference


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.breaks",
        description="Where claims break.",
        example="python -m verify.breaks lower_curvature --map alpha p",
    )
    made.add_argument("claims", nargs="*", metavar="CLAIM|PATH.py", help="names of claims, or Python files (default: all)")
    made.add_argument("--map", nargs=2, metavar=("X", "Y"), help="a map over two parameters of one claim instead")
    search_options(made)
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.evidence.result import Effort
    from verify.studies.assumptions import breaks, nothing, text
    from verify.studies.regions import named_axes, validity_map
    from verify.studies.selection import selected

    effort = Effort.of(options.seed, deadline(options))
    references, width = selected(options.claims), columns(sys.stdout)
    if options.map and len(references) != 1:
        raise UsageError(f"--map is of one claim, and {len(references)} are chosen; name the one")

    def said(reference: Reference, looked: Callable[[int], None]) -> Iterator[str]:
        question, told = reference.load(), replace(effort, looked=looked)
        claim, none = question.claim, True
        with blamed(claim):
            if options.map:
                yield validity_map(question, *named_axes(claim, options.map), told).text()
                return
            for found in breaks(question, told):
                none = False
                yield text([found], width)
        if none and options.claims:
            yield fitted(f"{claim.name}: {nothing(claim)}", width)

    say_in_time(references, attrgetter("origin"), said, effort.deadline)
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
