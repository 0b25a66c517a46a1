"""Climbing within a cell to the largest gap between the two sides of a claim.

Covariance matrix adaptation (the `cmaes` package) runs on the codes, scaled to the unit cube, folded back into it where a
candidate falls outside, and rounded, so that what it finds is an instance like any other.

Examples
--------
>>> from theory.bounds import claim
>>> subject = Subject(claim("distance/core/false-sibling"))
>>> cell, evidence = subject.space.smallest_cell(), Evidence()
>>> effort = Effort(spread=0.3, population=24, generations=99, patience=16, progress=1e-7)
>>> climb(subject, cell, np.full(3, 0.5), effort, np.random.default_rng(0), evidence)
>>> evidence.violation is None
False
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from cmaes import CMA

from verify.evidence.comparison import Subject
from verify.evidence.result import Evidence
from verify.instances.laws import Array
from verify.instances.space import Cell


@dataclass(frozen=True)
class Effort:
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
    subject: Subject,
    cell: Cell,
    start: Array,
    effort: Effort,
    rng: np.random.Generator,
    evidence: Evidence,
    deadline: float = float("inf"),
) -> None:
    """Add what a climb sees to the evidence; it ends at a confirmed violation, at equality, or without progress.

    Parameters
    ----------
    subject : Subject
        The claim.
    cell : Cell
        Where to climb.
    start : array (length,)
        Where to start in the unit cube.
    effort : Effort
    rng : numpy.random.Generator
    evidence : Evidence
        Marked as incomplete if time runs out.
    deadline : float
        Value of ``time.monotonic()`` after which no further generation is begun.
    """
    length, steps = len(start), 1 << cell.bits
    # the optimiser wants two coordinates at least; one that is not used does no harm
    centre = np.concatenate([start, np.full(max(2 - length, 0), 0.5)])
    optimizer = CMA(centre, effort.spread, seed=int(rng.integers(2**31)), population_size=effort.population)
    best, since = -np.inf, 0
    for _ in range(effort.generations):
        if time.monotonic() > deadline:
            evidence.complete = False
            return
        points = [optimizer.ask() for _ in range(effort.population)]
        folded = np.abs((np.array(points)[:, :length] + 1) % 2 - 1)
        codes = np.rint(folded * steps).astype(np.int64)
        sides = subject.sides(cell, codes)
        evidence.add(subject, cell, codes, sides)
        if evidence.violation is not None:
            return
        top = float(sides.gap.max())
        since = 0 if top > best + effort.progress else since + 1
        best = max(best, top)
        if since > effort.patience or abs(best) < effort.equality or optimizer.should_stop():
            return
        optimizer.tell([(point, -gap) for point, gap in zip(points, sides.gap, strict=True)])
