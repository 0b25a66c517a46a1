"""How many subtly false bounds each level of evidence catches: ``python -m benchmarks.catch_rate [--write]``.

Every bound of :mod:`benchmarks.false_bounds` is judged at every level.  The aim is that all are refuted; what is required is
that none is granted.  ``--write`` puts the table into ``docs/catch-rate.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.false_bounds import FALSE_BOUNDS, FalseBound
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging.judge import judge

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "catch-rate.md"
#: levels, and whether each is about claims with tasks too: beyond searching only claims about numbers can be granted
_LEVELS = {"sampled": True, "searched": True, "proved": False}


def verdict(bound: FalseBound, level: str, seed: int = 0) -> Verdict:
    """What a level says of a false bound."""
    return judge(Question(bound.claim), level=level, seed=seed)[0].verdict


def table(bounds: Sequence[FalseBound], levels: Iterable[str], seed: int = 0) -> tuple[str, list[str]]:
    """The catch rate by kind and level as Markdown, and the names of those that were granted.

    Parameters
    ----------
    bounds : sequence of FalseBound
    levels : iterable of str
        ``proved`` skips bounds with tasks, which no proof is attempted of.
    seed : int
    """
    levels = list(levels)
    caught: Counter[tuple[str, str]] = Counter()
    tried: Counter[tuple[str, str]] = Counter()
    seconds = dict.fromkeys(levels, 0.0)
    missed, granted = [], []
    for bound in bounds:
        for level in levels:
            if not _LEVELS[level] and bound.claim.tasks is not None:
                continue
            began = time.perf_counter()
            found = verdict(bound, level, seed)
            seconds[level] += time.perf_counter() - began
            tried[bound.kind, level] += 1
            caught[bound.kind, level] += found is Verdict.REFUTED
            if found is not Verdict.REFUTED:
                missed.append(f"`{bound.claim.name}` ({bound.claim.title}): {found.value} at level {level}")
            if found not in (Verdict.REFUTED, Verdict.UNDECIDED):
                granted.append(f"{bound.claim.name}: {found.value} at level {level}")
    lines = ["| what is wrong | " + " | ".join(levels) + " |", "|---|" + "---|" * len(levels)]
    for kind in dict.fromkeys(bound.kind for bound in bounds):
        lines.append(f"| {kind} | " + " | ".join(_rate(caught[kind, level], tried[kind, level]) for level in levels) + " |")
    totals = [
        _rate(sum(n for (_, at), n in caught.items() if at == level), sum(n for (_, at), n in tried.items() if at == level))
        for level in levels
    ]
    lines.append("| **all** | " + " | ".join(totals) + " |")
    lines.append("| seconds a bound | " + " | ".join(_pace(seconds[at], sum(n for (_, to), n in tried.items() if to == at))
                                                     for at in levels) + " |")  # fmt: skip
    lines += ["", f"Granted: {', '.join(granted) if granted else 'none'}.", ""]
    if missed:
        lines += ["Not refuted:", "", *(f"- {entry}" for entry in missed)]
    return "\n".join(lines).rstrip() + "\n", granted


def _rate(caught: int, tried: int) -> str:
    return f"{caught} of {tried}" if tried else "–"


def _pace(seconds: float, tried: int) -> str:
    return f"{seconds / tried:.1f}" if tried else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge them; exit status 1 if any is granted."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.catch_rate", description=__doc__.splitlines()[0])
    made.add_argument("--write", action="store_true", help="write docs/catch-rate.md")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same verdicts (default: %(default)s)")
    made.add_argument("--level", action="append", choices=list(_LEVELS), help="only these levels")
    options = made.parse_args(arguments)
    found, granted = table(FALSE_BOUNDS, options.level or _LEVELS, options.seed)
    print(found)
    if options.write:
        _DOCUMENT.write_text(_page(found), encoding="utf-8")
    return 1 if granted else 0


def _page(found: str) -> str:
    return f"""# What the judge catches

{len(FALSE_BOUNDS)} subtly false bounds (`benchmarks/false_bounds.py`), each a true claim with one thing wrong, are judged
like any other claim. Caught means refuted, with a violation replayed in exact numbers. What is not caught must stay undecided:
a false bound that is granted would be a defect. Its positive control is twice as wrong as the bound, so a procedure that is
too blunt misses both. Doubles cannot see the kind *round-off*: exact
numbers do, where both sides are the same to doubles.

Beyond `searched` only claims about numbers alone are asked for a proof; the column counts those.

{found}
`python -m benchmarks.catch_rate --write` made this page.
"""


if __name__ == "__main__":
    sys.exit(main())
