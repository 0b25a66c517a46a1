"""What becomes of a hostile referee's claims at each level: ``python -m benchmarks.hostile_rate [--write]``.

No false claim may be granted as proved or certified, at most two of a hundred may pass a search, no true one may be refuted,
and what says nothing must be refused.  ``--write`` puts the table into ``docs/hostile-claims.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.hostile import FALSE, HOSTILE, KINDS, REFUSE, TRUE, Hostile
from verify.judging.judge import judge

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "hostile-claims.md"
LEVELS = ("sampled", "searched", "certified", "proved")
REFUSED, CRASHED = "refused", "crashed"
#: answers that stay at higher levels
_LASTING = (REFUSED, "refuted", "disagreement")


def answer(hostile: Hostile, level: str, seed: int = 0) -> str:
    """The verdict on a referee's claim, or ``refused``."""
    try:
        return str(judge(hostile.ask(), level=level, seed=seed)[0].verdict.value)
    except (ValueError, TypeError):  # which the command says in a sentence
        return REFUSED
    except Exception as error:
        print(f"{hostile.name} at level {level}: {type(error).__name__}: {error}", file=sys.stderr)
        return CRASHED


def right(hostile: Hostile, found: str) -> bool:
    """Whether an answer does not mislead: a false claim is not granted, a true one not refuted, an empty one refused."""
    if hostile.truth == FALSE:
        return found in (REFUSED, "refuted", "undecided", "disagreement")
    return found == REFUSED if hostile.truth == REFUSE else found not in (REFUSED, CRASHED, "refuted", "disagreement")


def answers(hostile: Hostile, levels: Sequence[str], seed: int = 0) -> dict[str, str]:
    """The verdict at each of several levels.

    Levels are cumulative and seeds are each method's own: what a level refutes or refuses the higher ones do.
    """
    found: dict[str, str] = {}
    for level in sorted(levels, key=LEVELS.index):
        last = next(reversed(found.values()), "")
        found[level] = last if last in _LASTING else answer(hostile, level, seed)
    return found


def _answered(work: tuple[str, Sequence[str], int]) -> dict[str, str]:
    """The answers to one of the referee's claims, named because a process is told names only."""
    name, levels, seed = work
    return answers(next(hostile for hostile in HOSTILE if hostile.name == name), levels, seed)


def _told(claims: Sequence[Hostile], found: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The answers one by one, each said when it is there: all of them take minutes."""
    for number, (hostile, each) in enumerate(zip(claims, found, strict=True), start=1):
        print(f"{number}/{len(claims)} {hostile.name}: {', '.join(each.values())}", file=sys.stderr, flush=True)
        yield each


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
    asked = [(hostile.name, levels, seed) for hostile in claims]
    if jobs > 1:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            found_by_claim = list(_told(claims, pool.map(_answered, asked)))
    else:
        found_by_claim = list(_told(claims, map(_answered, asked)))
    counts: Counter[tuple[int, str, str]] = Counter()
    wrong: list[str] = []
    for hostile, by_level in zip(claims, found_by_claim, strict=True):
        for level, found in by_level.items():
            counts[hostile.kind, level, found] += hostile.truth == FALSE
            if not right(hostile, found):
                wrong.append(f"`{hostile.name}` ({hostile.truth}: {hostile.why}): {found} at level {level}")
    lines = ["| what is attacked | false claims | " + " | ".join(levels) + " |", "|---|---|" + "---|" * len(levels)]
    for kind, words in KINDS.items():
        false = sum(hostile.kind == kind and hostile.truth == FALSE for hostile in claims)
        cells = [_cell(counts, kind, level) for level in levels]
        lines.append(f"| {words} | {false} | " + " | ".join(cells) + " |")
    return "\n".join(lines), wrong


def _passed(wrong: Sequence[str], level: str) -> int:
    """How many of the claims that were answered wrongly pass a level that only samples or searches."""
    return sum(f": {level} at level {level}" in entry for entry in wrong)


def kept(wrong: Sequence[str], claims: Sequence[Hostile]) -> bool:
    """Whether what was answered wrongly is no more than false claims that pass sampling, and at most 2 % that pass a search."""
    searched, false = _passed(wrong, "searched"), sum(hostile.truth == FALSE for hostile in claims)
    return _passed(wrong, "sampled") + searched == len(wrong) and 50 * searched <= false


def _cell(counts: Counter[tuple[int, str, str]], kind: int, level: str) -> str:
    found = {answer: count for (one, at, answer), count in counts.items() if one == kind and at == level and count}
    return ", ".join(f"{count} {answer}" for answer, count in sorted(found.items())) or "–"


def page(found: str, wrong: Sequence[str], claims: Sequence[Hostile]) -> str:
    """The document."""
    number = Counter(hostile.truth for hostile in claims)
    said = "\n".join(f"- {entry}" for entry in wrong) or "None."
    searched = _passed(wrong, "searched")
    return f"""# A hostile referee's claims

{len(claims)} claims (`benchmarks/hostile/`) that attack a judge where it can be fooled: {number[FALSE]} false
ones, {number[TRUE]} true ones, and {number[REFUSE]} that say nothing. They are judged like a user's own. A false claim may
be refused with a sentence, refuted, or stay undecided; none is ever to be granted as proved or certified, and at most 2 of 100
may pass a search: {searched} of {number[FALSE]} do ({searched / number[FALSE]:.1%}).

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
    sys.exit(not kept(wrong, HOSTILE))


if __name__ == "__main__":
    main()
