"""What a procedure found, and what is concluded from it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from verify import measure
from verify.compare import NOMINATION, Replay, Sides, Subject
from verify.instances import Cell
from verify.laws import Array

#: exact replays of one batch's nominations, and those that a procedure spends on nominations that turn out to be rounding
_MOST_REPLAYS, _MOST_FALSE_ALARMS = 3, 24
#: change of a gap, when the tasks' numbers move in the last bits of single precision, that leaves doubles trusted
_HARDLY = 1e-3


class Verdict(StrEnum):
    """The strongest thing that can be said about a claim."""

    PROVED = "proved"
    CERTIFIED = "certified"
    SEARCHED = "searched"
    SAMPLED = "sampled"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    DISAGREEMENT = "disagreement"


@dataclass
class Evidence:
    """What one procedure saw of one claim.

    Attributes
    ----------
    instances, undefined : int
        How many instances were compared, and how many of them had no value.
    worst_gap, worst_ratio : float
        The largest relative excess of lhs over rhs and the ratio lhs/rhs there.
    worst : (Cell, codes) or None
        Where that was.
    violation : Replay or None
        An exactly confirmed violation.
    complete : bool
        False if time ran out first.
    """

    instances: int = 0
    undefined: int = 0
    worst_gap: float = -1.0
    worst_ratio: float = math.nan
    worst: tuple[Cell, tuple[int, ...]] | None = None
    violation: Replay | None = None
    complete: bool = True
    _compared: int = 0
    _false_alarms: int = 0

    @property
    def conclusive(self) -> bool:
        """Whether the procedure ran to its end and compared anything at all."""
        return self.complete and self._compared > 0

    def add(self, subject: Subject, cell: Cell, codes: Array, sides: Sides) -> None:
        """Take in a batch that was compared in doubles; replay exactly those nominated instances that doubles are surest of."""
        self.count(len(codes), int(sides.undefined.sum()))
        for index in self._surest(subject, cell, codes, sides):
            if self._confirm(subject, (cell, tuple(codes[index].tolist())), float(sides.gap[index])):
                self._keep(cell, codes, sides, index)
                return
        # rounding; the search must not climb it
        sides.gap[sides.gap > NOMINATION] = -1.0
        self._keep(cell, codes, sides, int(sides.gap.argmax()))

    def _keep(self, cell: Cell, codes: Array, sides: Sides, index: int) -> None:
        """Remember an instance if none that was seen is worse."""
        if sides.gap[index] > self.worst_gap:
            self.worst_gap, self.worst_ratio = float(sides.gap[index]), float(sides.ratio[index])
            self.worst = cell, tuple(codes[index].tolist())

    def _surest(self, subject: Subject, cell: Cell, codes: Array, sides: Sides) -> list[int]:
        """The instances to replay, of those that doubles nominate: the worst whose gap hardly moves with the tasks' numbers.

        Then those whose gap moves more.  The largest gaps of a batch are often those of its worst conditioned instances, and
        all rounding.
        """
        nominated = np.flatnonzero(sides.gap > NOMINATION)
        gaps = sides.gap[nominated]
        if len(nominated) and subject.claim.tasks is not None:
            moves = np.abs(subject.sides(cell, codes[nominated], moved=measure.COARSELY).gap - gaps)
        else:
            moves = np.zeros(len(nominated))
        order = np.lexsort((-gaps, np.where(moves <= _HARDLY, 0.0, moves)))
        return [int(index) for index in nominated[order][:_MOST_REPLAYS]]

    def count(self, instances: int, undefined: int) -> None:
        """Count instances that were compared and are not worse than what was added, and those among them without a value."""
        self.instances += instances
        self.undefined += undefined
        self._compared += instances - undefined

    def _confirm(self, subject: Subject, instance: tuple[Cell, tuple[int, ...]], gap: float) -> bool:
        """Replay a nominated instance exactly, at some milliseconds each; after many false alarms doubles are not believed."""
        if self._false_alarms >= _MOST_FALSE_ALARMS:
            return False
        self.violation = subject.violation(*instance, gap=gap)
        self._false_alarms += self.violation is None
        return self.violation is not None


class Procedure(Protocol):
    """How a level of evidence that looks for violations does so."""

    def __call__(self, subject: Subject, seed: np.random.SeedSequence, deadline: float) -> Evidence:
        """Look for a violation.

        Parameters
        ----------
        subject : Subject
            The claim.
        seed : numpy.random.SeedSequence
            Work is fixed by it, up to where the deadline cuts.
        deadline : float
            Value of ``time.monotonic()`` after which nothing further is begun.

        Returns
        -------
        Evidence
            It stops at the first confirmed violation.
        """
        ...


def cell_by_cell(
    cells: Iterable[Cell],
    look: Callable[[Cell, Evidence], None],
    deadline: float,
    evidence: Evidence | None = None,
) -> Evidence:
    """What is seen in one cell after another, up to the first confirmed violation or until time runs out.

    Parameters
    ----------
    cells : iterable of Cell
        Taken one at a time.
    look : callable
        ``look(cell, evidence)`` adds what it sees to the evidence.
    deadline : float
        Value of ``time.monotonic()`` after which no further cell is begun; what was seen by then is marked as incomplete.
    evidence : Evidence, optional
        What to add to, and to return.
    """
    evidence = Evidence() if evidence is None else evidence
    for cell in cells:
        if time.monotonic() > deadline:
            evidence.complete = False
        if evidence.violation is not None or not evidence.complete:
            break
        look(cell, evidence)
    return evidence
