r"""The command ``python -m verify.replay FILE ... [--claim FILE.py]``: check certificates without trusting who made them.

Nothing of the producer's work is believed.  The whole statement is printed: parameters with their domains, both sides, derived
symbols and what sympy was told of symbols.  It is compared with the project's claim of its name or, with ``--claim``, with the
claim and the steps of its proof in a file of one's own, and checked by :mod:`verify.proofs.checker`.  A certificate that leaves
a part of the domain open is called ``PARTIAL``: it confirms no claim.

Exit status 0: every file was confirmed.  1: one was rejected, or is partial.  2: bad usage, such as a file that is missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from theory.claim import Claim
from verify.proofs import certificates
from verify.proofs.checked_parts import check_polynomials
from verify.proofs.checker import check
from verify.proofs.formulas import Invalid
from verify.shell.command_line import Parser, command
from verify.shell.commands import spelled
from verify.shell.terminal import say
from verify.shell.usage_error import UsageError

__all__ = ["check", "check_polynomials", "main", "parser"]


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.replay",
        description="Check certificates of proofs.",
        exits="0: every file was confirmed\n  1: one was rejected, or is partial",
        example="python -m verify.replay certificates",
    )
    made.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=f"certificates, as {spelled('bounds')} --certificates wrote them, or their folder",
    )
    made.add_argument("--claim", metavar="FILE.py", help="the file whose claim, or step of its proof, they are to certify")
    made.add_argument("--no-solvers", action="store_true", help="do not ask z3 and cvc5 again")
    return made


def _certificates(path: Path) -> list[Path]:
    """A file, or the certificates of a folder."""
    found = sorted(path.glob("*.json")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        said = "holds no certificate" if path.is_dir() else "is no file"
        raise UsageError(
            f"FILE is {path}, which {said}; it must be a certificate that {spelled('bounds')} --certificates wrote"
        )
    return found


def _claims(path: str | None) -> list[Claim]:
    """The claim of a file and the steps of its proof."""
    if path is None:
        return []
    from verify.judging.judge import parts
    from verify.judging.sources import load

    return list(parts(load(path)))


def _run(options: argparse.Namespace) -> int:
    claims = _claims(options.claim)
    files = [found for file in options.files for found in _certificates(Path(file))]
    short_of = 0
    for file in files:
        try:
            found = check(certificates.read(file), rerun=not options.no_solvers, claims=claims)
        except OSError as error:
            raise UsageError(f"FILE is {file}, which cannot be read: {error.strerror}") from None
        except Invalid as reason:
            short_of += 1
            say(f"REJECTED {file}: {reason}")
            continue
        short_of += not found.whole
        say("\n  ".join([f"{'confirmed' if found.whole else 'PARTIAL'} {file}", *found.lines]))
    return 1 if short_of else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
