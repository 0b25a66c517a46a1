r"""Claims about tasks, certified on small families of task distributions: ``python -m verify.families``.

On a family (:mod:`theory.families`) a claim is a statement about a few numbers.  Where its sides are rational functions it is
put into factors and proved exactly, equality included; otherwise, or where that fails, balls enclose both sides on boxes, which
needs slack: the right side enlarged by a part of itself.

Examples
--------
>>> found = settle("adaptation_never_hurts@turned_curvature", Fraction(0))
>>> found.granted, found.detail
(True, 'proved exactly: factors of one sign')
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
from verify.proofs import certified, proved
from verify.proofs.certificates import Finding, on_family
from verify.proofs.families import restricted
from verify.proofs.statement import Statement, Unprovable
from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, at_least, command, output_folder, seconds
from verify.shell.usage_error import UsageError

#: seconds for each way of settling a family
_PATIENCE = 60.0


def settle(name: str, slack: Fraction, patience: float = _PATIENCE) -> Finding:
    """Try to settle a claim on a family.

    Parameters
    ----------
    name : str
        A key of :data:`theory.families.FAMILIES`.
    slack : Fraction
        Part by which the right side is enlarged.
    patience : float
        Seconds for each way.
    """
    return settled(restricted(name, slack), patience)


def settled(statement: Statement, patience: float = _PATIENCE) -> Finding:
    """Try to settle a statement: by exact polynomials, by balls on factors, by balls on both sides as they stand."""
    try:
        proof = proved.by_polynomials(statement, time.monotonic() + patience)
        return Finding(True, f"proved exactly: {proof['method']}", {"polynomials": proof}, statement)
    except (Unprovable, TypeError, ZeroDivisionError):
        return certified.certify(statement, time.monotonic() + patience)


def _part(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is no fraction such as 1/64") from None


def _parser() -> Parser:
    made = Parser(prog="python -m verify.families", description="Certify claims about tasks on small families.")
    made.add_argument("families", nargs="*", metavar="FAMILY", help="keys of theory.families.FAMILIES (default: all)")
    made.add_argument(
        "--slack",
        nargs="+",
        type=_part,
        default=[Fraction(0), Fraction(1, 64), Fraction(1, 8)],
        metavar="PART",
        help="parts by which the right side is enlarged, tried one after another (default: 0 1/64 1/8)",
    )
    made.add_argument("--patience", type=float, default=_PATIENCE, metavar="SECONDS", help="for each way of settling one")
    made.add_argument("--certificates", type=Path, metavar="FOLDER", help="write there what `python -m verify.replay` checks")
    return made


def _run(options: argparse.Namespace) -> int:
    names = options.families or list(FAMILIES)
    for name in names:
        if name not in FAMILIES:
            raise UsageError(f"family is {name!r}; it must be one of {', '.join(FAMILIES)}")
    at_least("--slack", options.slack, 0)
    seconds("--patience", options.patience)
    folder: Path | None = options.certificates
    with output_folder(folder, "--certificates") if folder is not None else nullcontext():
        open_ = sum(not _first(name, options.slack, options.patience, folder) for name in names)
    print(f"{len(names) - open_} of {len(names)} families settled")
    return 1 if open_ else 0


def _first(name: str, slacks: Sequence[Fraction], patience: float, folder: Path | None) -> bool:
    """Try the slacks in turn up to the first with which the family is settled."""
    print(f"{name}: {FAMILIES[name].title}")
    for slack in slacks:
        began = time.monotonic()
        found = settle(name, slack, patience)
        print(f"    slack {slack}: {found.detail} ({time.monotonic() - began:.1f} s)", flush=True)
        if found.granted:
            if folder is not None:
                write(folder / f"{name}.json", on_family(name, slack, found.parts))
            return True
    return False


main = command(_parser, _run)

if __name__ == "__main__":
    sys.exit(main())
