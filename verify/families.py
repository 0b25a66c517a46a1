"""The command: ``python -m verify.families [FAMILY ...]`` settles claims about tasks on small families of tasks.

Exit status 0: every family is settled.  1: some are not.  2: what was asked for cannot be done, and one sentence says why.
130: interrupted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

from theory.families import FAMILIES
from verify.proofs.certificates import on_family
from verify.shell.atomic_write import write_all
from verify.shell.command_line import Parser, at_least, command, output_folder, seconds
from verify.shell.commands import spelled
from verify.shell.terminal import Count, columns, counted, fitted
from verify.shell.usage_error import UsageError
from verify.studies.small_families import PATIENCE, settle


def _part(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is no fraction such as 1/64") from None


def _parser() -> Parser:
    made = Parser(
        prog="python -m verify.families",
        description="Certify claims about tasks on small families.",
        exits="0: every family is settled\n  1: some are not",
        example="python -m verify.families ratio_bound@two_directions",
    )
    made.add_argument("families", nargs="*", metavar="FAMILY", help="keys of theory.families.FAMILIES (default: all)")
    made.add_argument(
        "--slack",
        nargs="+",
        type=_part,
        default=[Fraction(0), Fraction(1, 64), Fraction(1, 8)],
        metavar="PART",
        help="parts by which the right side is enlarged, tried one after another (default: 0 1/64 1/8)",
    )
    made.add_argument("--patience", type=float, default=PATIENCE, metavar="SECONDS", help="for each way of settling one")
    made.add_argument("--certificates", type=Path, metavar="FOLDER", help=f"write there what `{spelled('replay')}` checks")
    return made


def _run(options: argparse.Namespace) -> int:
    names = options.families or list(FAMILIES)
    for name in names:
        if name not in FAMILIES:
            raise UsageError(f"family is {name!r}; it must be one of {', '.join(FAMILIES)}")
        if names.count(name) > 1:
            raise UsageError(f"family {name} is named twice; name it once")
    at_least("--slack", options.slack, 0)
    seconds("--patience", options.patience)
    folder: Path | None = options.certificates
    found: dict[str, str] = {}
    place = output_folder(folder, "--certificates") if folder is not None else nullcontext()
    with place, counted("families", len(names)) as seen:
        open_ = sum(not _first(name, options.slack, options.patience, found, seen) for name in names)
        if folder is not None:
            write_all({folder / f"{name}.json": text for name, text in found.items()})
    print(f"{len(names) - open_} of {len(names)} families settled")
    return 1 if open_ else 0


def _first(name: str, slacks: Sequence[Fraction], patience: float, found: dict[str, str], seen: Count) -> bool:
    """Try the slacks in turn up to the first with which the family is settled, and keep that certificate."""
    width = columns(sys.stdout)
    seen.aside(fitted(f"{name}: {FAMILIES[name].title}", width))
    for slack in slacks:
        began = time.monotonic()
        evidence = settle(name, slack, patience)
        seen.aside(fitted(f"    slack {slack}: {evidence.detail} ({time.monotonic() - began:.1f} s)", width))
        if evidence.conclusive:
            found[name] = on_family(name, slack, evidence.certificate)
            break
    seen()
    return name in found


main = command(_parser, _run)

if __name__ == "__main__":
    sys.exit(main())
