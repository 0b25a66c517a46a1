"""Evidence by search: climb to the worst ratio of the two sides, from random starts in many cells.

The search is told neither the extremal instance of a claim nor where to start.
"""

from __future__ import annotations

import numpy as np

from verify.evidence.climb import Effort, climb
from verify.evidence.comparison import Subject
from verify.evidence.result import Evidence, cell_by_cell
from verify.instances.space import Cell

#: runs of the search, generations of each at most, and candidates of a generation
RUNS, GENERATIONS, POPULATION = 8, 120, 32
#: generations times coordinates of one run: where there are hundreds of coordinates a run is a look, not a climb
_WORK = 2400
#: a run ends when its best gap has not moved by this much in this many generations, or when this close to equality
STALLED, PATIENCE = 1e-7, 16


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float) -> Evidence:
    """Search each of several cells for the largest gap between lhs and rhs (a :class:`~verify.evidence.result.Procedure`)."""
    rng = np.random.default_rng(seed)

    def look(cell: Cell, evidence: Evidence) -> None:
        length = subject.space.length(cell)
        if length == 0:  # the cell is a single instance
            codes = np.zeros((1, 0), np.int64)
            evidence.add(subject, cell, codes, subject.sides(cell, codes))
            return
        population = POPULATION if subject.batched else POPULATION // 4
        generations = min(GENERATIONS, _WORK // max(length, 2) + 1)
        effort = Effort(0.3, population, generations, PATIENCE, progress=STALLED, equality=STALLED)
        climb(subject, cell, rng.random(length), effort, rng, evidence, deadline)

    return cell_by_cell(subject.space.mixed_cells(_runs(subject), rng), look, deadline)


def _runs(subject: Subject) -> int:
    """Fewer where there is less to climb: an equality has no ratio, numbers alone have no shapes."""
    if subject.claim.relation == "==" or not subject.batched:
        return 4 if subject.batched else 2
    return RUNS if subject.claim.tasks is not None else 4
