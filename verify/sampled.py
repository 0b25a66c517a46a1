"""Evidence by sampling: masses of random instances in doubles, then hypothesis' own way of looking for trouble."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from verify.compare import Replay, Subject
from verify.evidence import Evidence
from verify.instances import Cell

#: cells drawn, instances of each that are compared at once, and examples that hypothesis tries
CELLS, BATCH, EXAMPLES = 12, 512, 12


class Violated(AssertionError):
    """An instance that violates a claim, exactly confirmed."""


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float) -> Evidence:
    """Compare random instances of random cells, then let hypothesis draw and shrink some.

    Parameters
    ----------
    subject : Subject
        The claim.
    seed : numpy.random.SeedSequence
        Work is fixed by it, up to where the deadline cuts.
    deadline : float
        Value of ``time.monotonic()`` after which no further batch is begun.

    Returns
    -------
    Evidence
        It stops at the first confirmed violation.
    """
    evidence, rng = Evidence(), np.random.default_rng(seed)
    for _ in range(CELLS):
        if evidence.violation is not None:
            return evidence
        if time.monotonic() > deadline:
            evidence.complete = False
            return evidence
        cell = subject.space.random_cell(rng)
        codes = subject.space.random_codes(cell, BATCH if subject.batched else BATCH // 64, rng)
        evidence.add(subject, cell, codes, subject.sides(cell, codes))
    if evidence.violation is None:
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
    @given(subject.space.strategy())
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
