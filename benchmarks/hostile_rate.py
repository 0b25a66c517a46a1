"""What becomes of a hostile referee's claims at each level: ``python -m benchmarks.hostile_rate [--write]``.

No false claim may be granted as proved or certified, at most two of a hundred may pass a search, no true one may be refuted,
and what says nothing must be refused.  ``--write`` puts the table into ``docs/hostile-claims.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.hostile import FALSE, HOSTILE, KINDS, REFUSE, TRUE, Hostile
from verify.judging.judge import judge

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "hostile-claims.md"
LEVELS = ("sampled", "searched", "certified", "proved")
REFUSED = "refused"


def answer(hostile: Hostile, level: str, seed: int = 0) -> str:
    """The verdict on a referee's claim, or ``refused``."""
    try:
        return str(judge(hostile.ask(), level=level, seed=seed)[0].verdict.value)
    except (ValueError, TypeError):  # which the command says in a sentence
        return REFUSED


def right(hostile: Hostile, found: str) -> bool:
    """Whether an answer does not mislead: a false claim is not granted, a true one not refuted, an empty one refused."""
    if hostile.truth == FALSE:
        return found in (REFUSED, "refuted", "undecided", "disagreement")
    return found == REFUSED if hostile.truth == REFUSE else found not in (REFUSED, "refuted", "disagreement")


def _answered(work: tuple[str, str, int]) -> str:
    """The answer to one of the referee's claims, named because a process is told names only."""
    name, level, seed = work
    return answer(next(hostile for hostile in HOSTILE if hostile.name == name), level, seed)


def table(claims: Sequence[Hostile], levels: Iterable[str], seed: int = 0, jobs: int = 1) -> tuple[str, list[str]]:
    """Counts by kind and level as Markdown, and the claims that were answered wrongly.

    Parameters
    ----------
    claims : sequence of Hostile
    levels : iterable of str
    seed : int
    jobs : int
        Processes; each answer is the same for any number of them.
    """
    levels = list(levels)
    asked = [(hostile.name, level, seed) for hostile in claims for level in levels]
    if jobs > 1:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            answers = dict(zip(asked, pool.map(_answered, asked), strict=True))
    else:
        answers = {work: _answered(work) for work in asked}
    counts: Counter[tuple[int, str, str]] = Counter()
    wrong: list[str] = []
    for hostile in claims:
        for level in levels:
            found = answers[hostile.name, level, seed]
            counts[hostile.kind, level, found] += hostile.truth == FALSE
            if not right(hostile, found):
                wrong.append(f"`{hostile.name}` ({hostile.truth}: {hostile.why}): {found} at level {level}")
    lines = ["| what is attacked | false claims | " + " | ".join(levels) + " |", "|---|---|" + "---|" * len(levels)]
    for kind, words in KINDS.items():
        false = sum(hostile.kind == kind and hostile.truth == FALSE for hostile in claims)
        cells = [_cell(counts, kind, level) for level in levels]
        lines.append(f"| {words} | {false} | " + " | ".join(cells) + " |")
    return "\n".join(lines), wrong


def _cell(counts: Counter[tuple[int, str, str]], kind: int, level: str) -> str:
    found = {answer: count for (one, at, answer), count in counts.items() if one == kind and at == level and count}
    return ", ".join(f"{count} {answer}" for answer, count in sorted(found.items())) or "–"


def page(found: str, wrong: Sequence[str], claims: Sequence[Hostile]) -> str:
    """The document."""
    number = Counter(hostile.truth for hostile in claims)
    said = "\n".join(f"- {entry}" for entry in wrong) or "None."
    return f"""# A hostile referee's claims

{len(claims)} claims (`benchmarks/hostile/`) that attack a judge where it can be fooled: {number[FALSE]} false
ones, {number[TRUE]} true ones, and {number[REFUSE]} that say nothing. They are judged like a user's own. A false claim may
be refused with a sentence, refuted, or stay undecided; it is never granted.

{found}

Answered wrongly:

{said}

`python -m benchmarks.hostile_rate --write` made this page.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_rate", description=__doc__)
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=LEVELS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"write {_DOCUMENT.name}")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args()
    found, wrong = table(HOSTILE, options.levels, options.seed, options.jobs)
    print(found, *wrong, sep="\n")
    if options.write:
        _DOCUMENT.write_text(page(found, wrong, HOSTILE), encoding="utf-8")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
