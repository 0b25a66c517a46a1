"""What a procedure found, and what is concluded from it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from verify.evidence.comparison import NOMINATION, Replay, Sides, Subject
from verify.instances.laws import Array
from verify.instances.space import Cell
from verify.quantities import measure

#: change of a gap, when an instance's numbers move in the last bits of single precision, that leaves doubles trusted
_HARDLY = 1e-3
#: exact replays of a batch's nominations whose gap moves more, and those of a procedure that turn out to be rounding
_MOST_REPLAYS, _MOST_FALSE_ALARMS = 3, 24
#: nominations that doubles are sure of and exact numbers deny, after which a procedure's doubles are of no use
_MOST_ERRORS = 256


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
    compared : int
        How many instances are known to have had a value.
    doubted : int
        How many instances doubles nominate and are sure of, and were not replayed, since too many such proved to be none.
    """

    instances: int = 0
    undefined: int = 0
    worst_gap: float = -1.0
    worst_ratio: float = math.nan
    worst: tuple[Cell, tuple[int, ...]] | None = None
    violation: Replay | None = None
    complete: bool = True
    compared: int = 0
    doubted: int = 0
    _false_alarms: int = 0
    _errors: int = 0

    @property
    def conclusive(self) -> bool:
        """Whether the procedure ran to its end, compared anything at all, and has no open doubt."""
        return self.complete and self.compared > 0 and not self.doubted

    def add(self, subject: Subject, cell: Cell, codes: Array, sides: Sides) -> None:
        """Take in a batch that was compared in doubles.

        Nominated instances are replayed exactly: all that doubles are sure of, and the surest of the others while it pays.
        """
        self.count(len(codes), int(sides.undefined.sum()))
        for index, sure in self._nominated(subject, cell, codes, sides):
            if self._confirm(subject, (cell, tuple(codes[index].tolist())), float(sides.gap[index]), sure):
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

    def _nominated(self, subject: Subject, cell: Cell, codes: Array, sides: Sides) -> list[tuple[int, bool]]:
        """The instances to replay, of those that doubles nominate, and whether doubles are sure of them.

        They are if the gap hardly moves with the instance's numbers.  The largest gaps of a batch are often those of its worst
        conditioned instances, and all rounding; of these a few are taken, those that move least.
        """
        nominated = np.flatnonzero(sides.gap > NOMINATION)
        if not len(nominated):
            return []
        gaps = sides.gap[nominated]
        moves = np.abs(subject.sides(cell, codes[nominated], moved=measure.COARSELY).gap - gaps)
        sure = moves <= _HARDLY
        order = np.lexsort((-gaps, np.where(sure, 0.0, moves)))
        found = [(int(nominated[place]), bool(sure[place])) for place in order]
        return found[: int(sure.sum()) + _MOST_REPLAYS]

    def count(self, instances: int, undefined: int) -> None:
        """Count instances that were compared and are not worse than what was added, and those among them without a value."""
        self.instances += instances
        self.undefined += undefined
        self.compared += instances - undefined

    def _confirm(self, subject: Subject, instance: tuple[Cell, tuple[int, ...]], gap: float, sure: bool) -> bool:
        """Replay a nominated instance exactly, at some milliseconds each; after many false alarms doubles are not believed."""
        if sure and self._errors >= _MOST_ERRORS:
            self.doubted += 1
            return False
        if not sure and self._false_alarms >= _MOST_FALSE_ALARMS:
            return False
        self.violation = subject.violation(*instance, gap=gap)
        if self.violation is None and sure:
            self._errors += 1
        elif self.violation is None:
            self._false_alarms += 1
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
