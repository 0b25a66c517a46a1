"""Evidence by sampling: masses of random instances in doubles, then hypothesis' own way of looking for trouble."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from verify.evidence.comparison import Replay, Subject
from verify.evidence.result import Evidence, cell_by_cell
from verify.instances.space import Cell

#: cells drawn, instances of each that are measured and compared at once, and examples that hypothesis tries
CELLS, BATCH, EXAMPLES = 16, 512, 12
#: instances of a claim about numbers alone, where there is nothing to measure: by default, and where sampling is all there is
NUMBERS, MASSES = 1 << 17, 1 << 21


class Violated(AssertionError):
    """An instance that violates a claim, exactly confirmed."""


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float, numbers: int = NUMBERS) -> Evidence:
    """Compare random instances of random cells, then let hypothesis draw and shrink some.

    Parameters
    ----------
    subject, seed, deadline
        As every :class:`~verify.evidence.result.Procedure` takes them.
    numbers : int
        About how many instances of a claim about numbers alone to compare.
    """
    rng = np.random.default_rng(seed)
    if subject.numbers_alone:
        batch = numbers // CELLS
    else:
        batch = BATCH if subject.batched else BATCH // 64

    def look(cell: Cell, evidence: Evidence) -> None:
        codes = subject.space.random_codes(cell, batch, rng)
        evidence.add(subject, cell, codes, subject.sides(cell, codes))

    evidence = cell_by_cell(subject.space.mixed_cells(CELLS, rng), look, deadline)
    if evidence.violation is None and evidence.complete:
        evidence.violation = _by_hypothesis(subject, int(rng.integers(2**32)))
        evidence.instances += EXAMPLES
    return evidence


def _by_hypothesis(subject: Subject, seed: int) -> Replay | None:
    """The violation that hypothesis finds, shrunk, or None."""
    found: list[Replay] = []

    @seeded(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(subject.space.strategy(most=4))  # it draws code by code, a thousand times as slowly as batches are drawn
    def check(instance: tuple[Cell, tuple[int, ...]]) -> None:
        violation = subject.violation(*instance)
        if violation is not None:
            found.append(violation)
            raise Violated

    try:
        check()
    except Violated:
        return found[-1]
    return None
