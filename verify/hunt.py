"""A short search for a violation at chosen values of some parameters, and how it starts from what is known nearby.

:mod:`verify.searched` judges a claim and is told nothing.  Locating the boundary of a claim's validity asks the same question
many times, of claims that differ in one number: there a short search suffices, because it may start from the worst instances
that the last one met.  What is found is replayed exactly like everything else.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.compare import Subject
>>> hunt(Subject(claim("distance/core")), seed=0).violation is None
True
>>> hunt(Subject(claim("distance/core/false-sibling")), seed=0).violation is None
False
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from cmaes import CMA

from theory.notation import n
from verify.compare import Subject
from verify.evidence import Evidence
from verify.instances import Cell
from verify.laws import Array

#: cells of the smallest shapes, and random ones; instances drawn in each before climbing
_SMALLEST, _RANDOM, _DRAWN = 4, 2, 768
#: generations of a climb, candidates of each, and how long one goes on without progress
_GENERATIONS, _POPULATION, _PATIENCE = 70, 24, 14
#: progress, as a change of the relative gap
_STALLED = 1e-8

Instance = tuple[Cell, tuple[int, ...]]


def hunt(
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
    rng, evidence = np.random.default_rng(seed), Evidence()
    known: dict[Cell, list[tuple[int, ...]]] = {}
    for cell, codes in starts:
        known.setdefault(cell, []).append(codes)
    for cell in _cells(subject, rng, list(known), smallest, random):
        if time.monotonic() > deadline:
            evidence.complete = False
            break
        _in_cell(subject, cell, known.get(cell, []), rng, evidence)
        if evidence.violation is not None:
            break
    return evidence


def _cells(subject: Subject, rng: np.random.Generator, known: list[Cell], smallest: int, random: int) -> list[Cell]:
    """The cells of the starts, the smallest with two tasks, and random ones."""
    small = subject.space.cells(most=3)
    several = [cell for cell in small if dict(cell.shape).get(n, 2) > 1] or small
    drawn = [subject.space.random_cell(rng) for _ in range(random)]
    return list(dict.fromkeys([*known, *several[:smallest], *drawn]))


def _in_cell(subject: Subject, cell: Cell, known: list[tuple[int, ...]], rng: np.random.Generator, evidence: Evidence) -> None:
    length = subject.space.length(cell)
    drawn = subject.space.random_codes(cell, _DRAWN if subject.batched else 8, rng)
    # in half of them most codes are zero, the simplest value: what is extreme is often aligned, repeated or at an end
    drawn[::2] *= rng.random(drawn[::2].shape) < 0.4
    codes = np.concatenate([np.array(known, dtype=np.int64).reshape(-1, length), np.zeros((1, length), np.int64), drawn])
    sides = subject.sides(cell, codes)
    evidence.add(subject, cell, codes, sides)
    if evidence.violation is not None or length == 0:
        return
    # equality may lie in a corner that draws every climb, so that one begins elsewhere
    for start in (codes[int(sides.gap.argmax())], drawn[0]):
        _climb(subject, cell, start, rng, evidence)
        if evidence.violation is not None:
            return


def _climb(subject: Subject, cell: Cell, start: Array, rng: np.random.Generator, evidence: Evidence) -> None:
    length, steps = len(start), 1 << cell.bits
    size = max(length, 2)  # the optimiser wants two coordinates at least
    centre = np.full(size, 0.5)
    centre[:length] = start / steps
    population = _POPULATION if subject.batched else 4
    optimizer = CMA(centre, 0.15, seed=int(rng.integers(2**31)), population_size=population)
    best, since = -np.inf, 0
    for _ in range(_GENERATIONS if subject.batched else 6):
        points = [optimizer.ask() for _ in range(population)]
        folded = np.abs((np.array(points)[:, :length] + 1) % 2 - 1)
        codes = np.rint(folded * steps).astype(np.int64)
        sides = subject.sides(cell, codes)
        evidence.add(subject, cell, codes, sides)
        if evidence.violation is not None:
            return
        top = float(sides.gap.max())
        since = 0 if top > best + _STALLED else since + 1
        best = max(best, top)
        if since > _PATIENCE or optimizer.should_stop():
            return
        optimizer.tell([(point, -gap) for point, gap in zip(points, sides.gap, strict=True)])
