"""The command: ``python -m verify.simulation.open_questions`` tries what theory leaves open about smooth risks, by search.

What two steps of adaptation cost joint training in the plane, over data of paths that some smooth risk has; whether the
smoothness constant of the meta-risk that is sharp on the line holds in the plane, on risks with a wrinkle whose constants are
all measured (:mod:`verify.simulation.smooth_plane`); how near sums of squared meta-gradients come to their bound, and to the
printed Theorem 2 where that is neither refuted nor implied (:mod:`verify.simulation.smooth_sums`).

Exit status 0: done.  2: what was asked for cannot be done, and one sentence says why.
"""

from __future__ import annotations

import argparse
import sys

from verify.shell.command_line import Parser, at_least, command, numbers
from verify.shell.terminal import say
from verify.shell.usage_error import UsageError


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.simulation.open_questions",
        description="Try what theory leaves open about smooth risks.",
        example="python -m verify.simulation.open_questions --rates 0.1,1",
    )
    made.add_argument(
        "--rates", type=numbers(float), default=(0.1, 0.3, 1.0), metavar="A,...", help="alpha L (default: 0.1,0.3,1)"
    )
    made.add_argument(
        "--shares", type=numbers(float), default=(0.5, 0.75, 0.9), metavar="S,...", help="L^2/(2 L_H G), in (0, 1)"
    )
    made.add_argument("--generations", type=int, default=150, help="of the search over paths (default: %(default)s)")
    made.add_argument(
        "--sums", type=int, default=10, metavar="N", help="generations of searches by simulation (default: %(default)s)"
    )
    made.add_argument("--seed", type=int, default=0, help="of the searches (default: %(default)s)")
    return made


def _run(options: argparse.Namespace) -> int:
    for option, entries, most in (("--rates", options.rates, 2.0), ("--shares", options.shares, 1.0)):
        if not entries or not all(0 < entry < most or entry == most == 2 for entry in entries):
            raise UsageError(
                f"{option} is {','.join(map(str, entries))}; every entry must lie in (0, {most:g}{']' if most == 2 else ')'}"
            )
    at_least("--generations", options.generations, 1)
    at_least("--sums", options.sums, 1)
    at_least("--seed", options.seed, 0)
    from verify.simulation.smooth_plane import price_of_two_steps, wrinkled
    from verify.simulation.smooth_sums import search

    say("K of the price of joint training, two steps: what quadratics need, what interpolable paths reach, what chains allow")
    for a in options.rates:
        if a <= 1:
            price = price_of_two_steps(a, options.seed, options.generations)
            say(f"  aL = {a:g}: {price.quadratics:.4f} <= {price.found:.4f} <= {price.chained:.4f}")
    say("curvature of the meta-risk of a wrinkled risk over the constant that is sharp on the line, and over the proved one")
    for a in options.rates:
        for share in options.shares:
            found = wrinkled(a, share)
            ratios = f"{found.reached / found.line:.4f} {found.reached / found.plane:.4f}"
            say(f"  aL = {a:g}, L^2/(2 L_H G) = {share:g}: {ratios}")
    say("mean sums of squared meta-gradients on a sine with a ripple over meta_descent_sum_tasks, the largest found")
    for a in options.rates:
        if a <= 1:
            setting, sums = search(a, printed=False, seed=options.seed, generations=options.sums)
            say(f"  aL = {a:g}: {sums.derived:.3f} +- {sums.derived * sums.error:.3f} at {setting}")
    say("over Theorem 2 without test steps, at the best of five steps, where it does not follow from meta_descent_sum_tasks")
    setting, sums = search(1 / 6, printed=True, seed=options.seed, generations=options.sums)
    say(f"  aL = 1/6: {'nothing was found there' if sums.implied else f'{sums.printed:.3f}'} at {setting}")
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
