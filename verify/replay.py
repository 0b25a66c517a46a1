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
from verify.shell.terminal import say
from verify.shell.usage_error import UsageError

__all__ = ["check", "check_polynomials", "main", "parser"]


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.replay", description="Check certificates of proofs.")
    made.add_argument("files", nargs="+", metavar="FILE", help="certificates, as written by verify.bounds --certificates")
    made.add_argument("--claim", metavar="FILE.py", help="the file whose claim, or step of its proof, they are to certify")
    made.add_argument("--no-solvers", action="store_true", help="do not ask z3 and cvc5 again")
    return made


def _claims(path: str | None) -> list[Claim]:
    """The claim of a file and the steps of its proof."""
    if path is None:
        return []
    from verify.judging.judge import parts
    from verify.judging.sources import load

    return list(parts(load(path)))


def _run(options: argparse.Namespace) -> int:
    claims = _claims(options.claim)
    for file in options.files:
        if not Path(file).is_file():
            raise UsageError(
                f"FILE is {file}, which is no file; it must be a certificate that verify.bounds --certificates wrote"
            )
    short_of = 0
    for file in options.files:
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
