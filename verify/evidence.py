"""What a procedure found, and what is concluded from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from verify.compare import NOMINATION, Replay, Sides, Subject
from verify.instances import Cell
from verify.laws import Array

#: exact replays that a procedure spends on nominations that turn out to be rounding
_MOST_FALSE_ALARMS = 12


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
        """Take in a batch that was compared in doubles; replay its worst instances exactly if they are nominated."""
        self.instances += len(codes)
        self.undefined += int(sides.undefined.sum())
        self._compared += int((~sides.undefined).sum())
        for index in sides.gap.argsort()[::-1]:
            gap, instance = float(sides.gap[index]), (cell, tuple(codes[index].tolist()))
            if gap > NOMINATION and not self._confirm(subject, instance, gap):
                # rounding; the search must not climb it
                sides.gap[index] = -1.0
                continue
            if gap > self.worst_gap:
                self.worst_gap, self.worst, self.worst_ratio = gap, instance, float(sides.ratio[index])
            return

    def _confirm(self, subject: Subject, instance: tuple[Cell, tuple[int, ...]], gap: float) -> bool:
        """Replay a nominated instance exactly, at some milliseconds each; after many false alarms doubles are not believed."""
        if self._false_alarms >= _MOST_FALSE_ALARMS:
            return False
        self.violation = subject.violation(*instance, gap=gap)
        self._false_alarms += self.violation is None
        return self.violation is not None
