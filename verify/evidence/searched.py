"""Evidence by search: climb to the worst ratio of the two sides, from random starts in many cells.

The search is told neither the extremal instance of a claim nor where to start.
"""

from __future__ import annotations

import numpy as np

from verify.evidence.climb import Climb, climb
from verify.evidence.question import Question
from verify.evidence.refined import refine
from verify.evidence.result import Effort, Evidence, Method, Verdict, cell_by_cell
from verify.instances.batch import Cell

#: runs of the search, generations of each at most, and candidates of a generation
RUNS, GENERATIONS, POPULATION = 8, 120, 32
#: generations times coordinates of one run: where there are hundreds of coordinates a run is a look, not a climb
_WORK = 2400
#: a run ends when its best gap has not moved by this much in this many generations, or when this close to equality
STALLED, PATIENCE = 1e-7, 16


def gather(question: Question, effort: Effort) -> Evidence:
    """Search each of several cells for the largest gap between lhs and rhs."""
    rng = effort.rng()

    def look(cell: Cell, evidence: Evidence) -> None:
        length = question.space.length(cell)
        if length == 0:  # the cell is a single instance
            codes = np.zeros((1, 0), np.int64)
            evidence.add(question, cell, codes, question.sides(cell, codes))
            return
        population = POPULATION if question.batched else POPULATION // 4
        generations = min(GENERATIONS, _WORK // max(length, 2) + 1)
        how = Climb(0.3, population, generations, PATIENCE, progress=STALLED, equality=STALLED)
        climb(question, cell, rng.random(length), how, rng, evidence, effort)

    evidence = cell_by_cell(question.space.mixed_cells(_runs(question), rng), look, effort)
    refine(question, evidence, effort)
    return evidence.finish(question)


def _runs(question: Question) -> int:
    """Fewer where there is less to climb: an equality has no ratio, numbers alone have no shapes."""
    if question.claim.relation == "==" or not question.batched:
        return 4 if question.batched else 2
    return RUNS if question.claim.tasks is not None else 4


METHOD = Method("searched", "searched", Verdict.SEARCHED, lambda question: not question.random, gather)
