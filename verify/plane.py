"""The command: ``python -m verify.plane`` tries two open questions about smooth risks in the plane.

What two steps of adaptation cost joint training, by a search over data of paths that some smooth risk has; and whether the
smoothness constant of the meta-risk that is sharp on the line holds in the plane, on risks with a wrinkle whose constants are
all measured (:mod:`verify.studies.smooth_plane`).

Exit status 0: done.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import sys

from verify.shell.command_line import Parser, command, numbers
from verify.shell.usage_error import UsageError


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.plane",
        description="Two open questions about smooth risks in the plane.",
        example="python -m verify.plane --rates 0.1,1",
    )
    made.add_argument(
        "--rates", type=numbers(float), default=(0.1, 0.3, 1.0), metavar="A,...", help="alpha L (default: 0.1,0.3,1)"
    )
    made.add_argument(
        "--shares", type=numbers(float), default=(0.5, 0.75, 0.9), metavar="S,...", help="L^2/(2 L_H G), in (0, 1)"
    )
    made.add_argument("--generations", type=int, default=150, help="of the search over paths (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="of the search (default: %(default)s)")
    return made


def _run(options: argparse.Namespace) -> int:
    for option, entries, most in (("--rates", options.rates, 2.0), ("--shares", options.shares, 1.0)):
        if not entries or not all(0 < entry < most or entry == most == 2 for entry in entries):
            raise UsageError(
                f"{option} is {','.join(map(str, entries))}; every entry must lie in (0, {most:g}{']' if most == 2 else ')'}"
            )
    if options.generations < 1:
        raise UsageError(f"--generations is {options.generations}; it must be at least 1")
    from verify.studies.smooth_plane import price_of_two_steps, wrinkled

    print("K of the price of joint training, two steps: what quadratics need, what interpolable paths reach, what chains allow")
    for a in options.rates:
        if a <= 1:
            price = price_of_two_steps(a, options.seed, options.generations)
            print(f"  aL = {a:g}: {price.quadratics:.4f} <= {price.found:.4f} <= {price.chained:.4f}")
    print("curvature of the meta-risk of a wrinkled risk over the constant that is sharp on the line, and over the proved one")
    for a in options.rates:
        for share in options.shares:
            found = wrinkled(a, share)
            ratios = f"{found.reached / found.line:.4f} {found.reached / found.plane:.4f}"
            print(f"  aL = {a:g}, L^2/(2 L_H G) = {share:g}: {ratios}")
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
