"""The command: ``python -m verify.boxes CLAIM [--at NAME=VALUE ...] [--svg FILE]`` draws a certification over two parameters.

What is drawn is the cover of :mod:`verify.proofs.covers`.  Exit status 0: it was made.  2: what was asked for cannot be done,
and one sentence says why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from verify.proofs.covers import cover
from verify.reports.own_numbers import given
from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, command, writable
from verify.shell.terminal import say


def _parser() -> Parser:
    made = Parser(
        prog="python -m verify.boxes",
        description="Certify a claim over two parameters, and draw the boxes.",
        example="python -m verify.boxes distance/core --svg boxes.svg",
    )
    made.add_argument("claim", metavar="CLAIM", help="name of a claim about numbers, such as distance/core")
    made.add_argument("--at", nargs="+", default=[], metavar="NAME=VALUE", help="fix the parameters beyond two")
    made.add_argument("--svg", type=Path, metavar="FILE", help="draw the boxes there")
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.judging.sources import Reference

    if options.svg is not None:
        writable("--svg", options.svg)
    claim = Reference(options.claim).claim()
    found = cover(claim, given(claim, options.at))
    say(str(found))
    if options.svg is not None:
        from verify.reports.figures import boxes
        from verify.reports.page import alone

        write(options.svg, alone(boxes(found)))
    return 0


main = command(_parser, _run)

if __name__ == "__main__":
    sys.exit(main())
