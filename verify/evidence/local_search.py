"""A short search for a violation at chosen values of some parameters, and how it starts from what is known nearby.

:mod:`verify.evidence.searched` judges a claim and is told nothing.  Locating the boundary of a claim's validity asks the same
question many times, of claims that differ in one number: there a short search suffices, because it may start from the worst
instances that the last one met.  What is found is replayed exactly like everything else.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.evidence.comparison import Subject
>>> search_locally(Subject(claim("distance/core")), seed=0).violation is None
True
>>> search_locally(Subject(claim("distance/core/false-sibling")), seed=0).violation is None
False
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from verify.evidence.climb import Effort, climb
from verify.evidence.comparison import Subject
from verify.evidence.result import Evidence, cell_by_cell
from verify.instances.space import Cell

#: cells of the smallest shapes, and random ones; instances drawn in each before climbing
_SMALLEST, _RANDOM, _DRAWN = 4, 2, 768
#: how hard to climb, and where an instance takes milliseconds
_EFFORT = Effort(spread=0.15, population=24, generations=70, patience=14, progress=1e-8)
_LITTLE = Effort(spread=0.15, population=4, generations=6, patience=14, progress=1e-8)

Instance = tuple[Cell, tuple[int, ...]]


def search_locally(
    subject: Subject,
    seed: int,
    *,
    starts: Iterable[Instance] = (),
    smallest: int = _SMALLEST,
    random: int = _RANDOM,
    deadline: float = float("inf"),
) -> Evidence:
    """Look for a violation in a few small cells.

    Parameters
    ----------
    subject : Subject
        The claim.
    seed : int
        Fixes the work, up to where the deadline cuts.
    starts : iterable of (Cell, codes)
        Instances of claims with the same layout of codes, such as this one at another value of a fixed parameter.
    smallest, random : int
        Cells of the smallest shapes and random cells to look into, besides those of `starts`.
    deadline : float
        Value of ``time.monotonic()`` after which no further cell is begun.

    Returns
    -------
    Evidence
        It stops at the first confirmed violation.
    """
    rng, effort = np.random.default_rng(seed), _EFFORT if subject.batched else _LITTLE
    known: dict[Cell, list[tuple[int, ...]]] = {}
    for cell, codes in starts:
        known.setdefault(cell, []).append(codes)
    drawn = [subject.space.random_cell(rng) for _ in range(random)]

    def look(cell: Cell, evidence: Evidence) -> None:
        length = subject.space.length(cell)
        fresh = subject.space.random_codes(cell, _DRAWN if subject.batched else 8, rng)
        given = np.array(known.get(cell, []), dtype=np.int64).reshape(-1, length)
        codes = np.concatenate([given, np.zeros((1, length), np.int64), fresh])
        sides = subject.sides(cell, codes)
        evidence.add(subject, cell, codes, sides)
        # equality may lie in a corner that draws every climb, so that one begins elsewhere
        for start in (codes[int(sides.gap.argmax())], fresh[0]):
            if evidence.violation is None and length:
                climb(subject, cell, start / (1 << cell.bits), effort, rng, evidence)

    return cell_by_cell(dict.fromkeys([*known, *subject.space.small_cells()[:smallest], *drawn]), look, deadline)
