"""Climbing within a cell to the largest gap between the two sides of a claim.

Covariance matrix adaptation (the `cmaes` package) runs on the codes, scaled to the unit cube, folded back into it where a
candidate falls outside, and rounded, so that what it finds is an instance like any other.

Examples
--------
>>> from theory.bounds import claim
>>> question = Question(claim("distance/core/false-sibling"))
>>> cell, evidence = question.space.smallest_cell(), Evidence()
>>> how = Climb(spread=0.3, population=24, generations=99, patience=16, progress=1e-7)
>>> climb(question, cell, np.full(3, 0.5), how, np.random.default_rng(0), evidence)
>>> evidence.violation is None
False
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cmaes import CMA

from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence
from verify.instances.batch import Cell
from verify.instances.codes import Array


@dataclass(frozen=True)
class Climb:
    """How hard to climb.

    Parameters
    ----------
    spread : float
        Standard deviation of the first generation, in parts of a code's range.
    population, generations : int
        Candidates of a generation, and generations at most.
    patience : int
        Generations without progress after which it ends.
    progress : float
        Change of the gap that counts as progress.
    equality : float
        Gap, of either sign, at which there is nothing more to climb to; by default it goes on.
    """

    spread: float
    population: int
    generations: int
    patience: int
    progress: float
    equality: float = 0.0


def climb(
    question: Question,
    cell: Cell,
    start: Array,
    how: Climb,
    rng: np.random.Generator,
    evidence: Evidence,
    effort: Effort | None = None,
) -> None:
    """Add what a climb sees to the evidence; it ends at a confirmed violation, at equality, or without progress.

    Parameters
    ----------
    question : Question
        About a claim.
    cell : Cell
        Where to climb.
    start : array (length,)
        Where to start in the unit cube.
    how : Climb
    rng : numpy.random.Generator
    evidence : Evidence
        Marked as incomplete if time runs out.
    effort : Effort, optional
        After its deadline no further generation is begun.
    """
    length, steps = len(start), 1 << cell.bits
    # the optimiser wants two coordinates at least; one that is not used does no harm
    centre = np.concatenate([start, np.full(max(2 - length, 0), 0.5)])
    optimizer = CMA(centre, how.spread, seed=int(rng.integers(2**31)), population_size=how.population)
    best, since = -np.inf, 0
    for _ in range(how.generations):
        if effort is not None and effort.over:
            evidence.complete = False
            return
        points = [optimizer.ask() for _ in range(how.population)]
        folded = np.abs((np.array(points)[:, :length] + 1) % 2 - 1)
        codes = np.rint(folded * steps).astype(np.int64)
        sides = question.sides(cell, codes)
        evidence.add(question, cell, codes, sides)
        if evidence.violation is not None:
            return
        top = float(sides.gap.max())
        since = 0 if top > best + how.progress else since + 1
        best = max(best, top)
        if since > how.patience or abs(best) < how.equality or optimizer.should_stop():
            return
        optimizer.tell([(point, -gap) for point, gap in zip(points, sides.gap, strict=True)])
