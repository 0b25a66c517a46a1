"""A short search for a violation at chosen values of some parameters, and how it starts from what is known nearby.

:mod:`verify.evidence.searched` judges a claim and is told nothing.  Locating the boundary of a claim's validity asks the same
question many times, of claims that differ in one number: there a short search suffices, because it may start from the worst
instances that the last one met.  What is found is replayed exactly like everything else.

Examples
--------
>>> from theory.bounds import claim
>>> search_locally(Question(claim("distance/core")), Effort()).violation is None
True
>>> search_locally(Question(claim("distance/core/false-sibling")), Effort()).violation is None
False
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from verify.evidence.climb import Climb, climb
from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence, cell_by_cell
from verify.instances.batch import Cell

#: cells of the smallest shapes, and random ones; instances drawn in each before climbing
_SMALLEST, _RANDOM, _DRAWN = 4, 2, 768
#: how hard to climb, and where an instance takes milliseconds
_HARD = Climb(spread=0.15, population=24, generations=70, patience=14, progress=1e-8)
_LITTLE = Climb(spread=0.15, population=4, generations=6, patience=14, progress=1e-8)

Instance = tuple[Cell, tuple[int, ...]]


def search_locally(
    question: Question,
    effort: Effort,
    *,
    starts: Iterable[Instance] = (),
    smallest: int = _SMALLEST,
    random: int = _RANDOM,
) -> Evidence:
    """Look for a violation in a few small cells.

    Parameters
    ----------
    question : Question
        About a claim.
    effort : Effort
    starts : iterable of (Cell, codes)
        Instances of claims with the same layout of codes, such as this one at another value of a fixed parameter.
    smallest, random : int
        Cells of the smallest shapes and random cells to look into, besides those of `starts`.

    Returns
    -------
    Evidence
        It stops at the first confirmed violation.
    """
    rng, how = effort.rng(), _HARD if question.batched else _LITTLE
    known: dict[Cell, list[tuple[int, ...]]] = {}
    for cell, codes in starts:
        known.setdefault(cell, []).append(codes)
    drawn = [question.space.random_cell(rng) for _ in range(random)]

    def look(cell: Cell, evidence: Evidence) -> None:
        length, top = question.space.length(cell), 1 << cell.bits
        fresh = question.space.random_codes(cell, _DRAWN if question.batched else 8, rng)
        given = np.array(known.get(cell, []), dtype=np.int64).reshape(-1, length)
        codes = np.concatenate([given, np.zeros((1, length), np.int64), fresh])
        sides = question.sides(cell, codes)
        evidence.add(question, cell, codes, sides)
        # equality may lie in a corner that draws every climb, so that one begins elsewhere
        for start in (codes[int(sides.gap.argmax())], fresh[0]):
            if evidence.violation is None and length:
                climb(question, cell, np.minimum(start, top) / top, how, rng, evidence)

    cells = dict.fromkeys([*known, *question.space.small_cells()[:smallest], *drawn])
    return cell_by_cell(cells, look, effort).finish(question)
