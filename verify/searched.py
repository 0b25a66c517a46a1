"""Evidence by search: climb to the worst ratio of the two sides, from random starts in many cells.

Covariance matrix adaptation (the `cmaes` package) runs on the codes, scaled to the unit cube, folded back into it where a
candidate falls outside, and rounded, so that what it finds is an instance like any other.  It is told neither the extremal
instance of a claim nor where to start.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from cmaes import CMA

from theory.notation import n
from verify.compare import Subject
from verify.evidence import Evidence
from verify.instances import Cell

#: runs of the search generations of each at most, and candidates of a generation
RUNS, GENERATIONS, POPULATION = 8, 120, 32
#: generations times coordinates of one run: where there are hundreds of coordinates a run is a look, not a climb
_WORK = 2400
#: a run ends when its best gap has not moved by this much in this many generations, or when this close to equality
STALLED, PATIENCE = 1e-7, 16


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float) -> Evidence:
    """Search each of several cells for the largest gap between lhs and rhs.

    Parameters
    ----------
    subject : Subject
        The claim.
    seed : numpy.random.SeedSequence
        Work is fixed by it, up to where the deadline cuts.
    deadline : float
        Value of ``time.monotonic()`` after which no further generation is begun.

    Returns
    -------
    Evidence
        It stops at the first confirmed violation.
    """
    evidence = Evidence()
    rng = np.random.default_rng(seed)
    for cell in _cells(subject, rng):
        _run(subject, cell, rng, deadline, evidence)
        if evidence.violation is not None or not evidence.complete:
            break
    return evidence


def _cells(subject: Subject, rng: np.random.Generator) -> Iterator[Cell]:
    """Half of the runs in the smallest shapes, where sharp bounds live, half in random cells.

    A distribution of a single task is left to sampling: all rules have the same optimum there.
    """
    admitted = [cell for cell in subject.space.cells(most=3) if dict(cell.shape).get(n, 2) > 1] or subject.space.cells(most=1)
    shapes: dict[tuple[int, ...], list[Cell]] = {}
    for cell in admitted:
        integers = tuple(value for _, value in cell.shape if isinstance(value, int))
        shapes.setdefault(integers, []).append(cell)
    small = iter(shapes.values())
    for run in range(_runs(subject)):
        choices = next(small, None) if run % 2 == 0 else None
        yield choices[rng.integers(len(choices))] if choices else subject.space.random_cell(rng)


def _runs(subject: Subject) -> int:
    """Fewer where there is less to climb: an equality has no ratio, numbers alone have no shapes."""
    if subject.claim.relation == "==" or not subject.batched:
        return 4 if subject.batched else 2
    return RUNS if subject.claim.tasks is not None else 4


def _run(subject: Subject, cell: Cell, rng: np.random.Generator, deadline: float, evidence: Evidence) -> None:
    length, steps = subject.space.length(cell), 1 << cell.bits
    if length == 0:  # the cell is a single instance
        codes = np.zeros((1, 0), np.int64)
        evidence.add(subject, cell, codes, subject.sides(cell, codes))
        return
    # the optimiser wants two coordinates at least; one that is not used does no harm
    size = max(length, 2)
    population = POPULATION if subject.batched else POPULATION // 4
    optimizer = CMA(rng.random(size), 0.3, seed=int(rng.integers(2**31)), population_size=population)
    best, since = -np.inf, 0
    for _ in range(min(GENERATIONS, _WORK // size + 1)):
        if time.monotonic() > deadline:
            evidence.complete = False
            return
        points = [optimizer.ask() for _ in range(population)]
        folded = np.abs((np.array(points)[:, :length] + 1) % 2 - 1)
        codes = np.rint(folded * steps).astype(np.int64)
        sides = subject.sides(cell, codes)
        evidence.add(subject, cell, codes, sides)
        if evidence.violation is not None:
            return
        top = float(sides.gap.max())
        since = 0 if top > best + STALLED else since + 1
        best = max(best, top)
        if since > PATIENCE or abs(best) < STALLED or optimizer.should_stop():
            return
        optimizer.tell([(point, -gap) for point, gap in zip(points, sides.gap, strict=True)])
