"""What a procedure found, and what is concluded from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from verify.compare import NOMINATION, Replay, Sides, Subject
from verify.instances import Cell
from verify.laws import Array


class Verdict(str, Enum):
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
    _refuted_nominations: set[tuple[Cell, tuple[int, ...]]] = field(default_factory=set)

    def add(self, subject: Subject, cell: Cell, codes: Array, sides: Sides) -> None:
        """Take in a batch that was compared in doubles; replay its worst instances exactly if they are nominated."""
        self.instances += len(codes)
        self.undefined += int(sides.undefined.sum())
        order = sides.gap.argsort()[::-1]
        top = int(order[0])
        if sides.gap[top] > self.worst_gap:
            self.worst_gap, self.worst = float(sides.gap[top]), (cell, tuple(codes[top].tolist()))
            self.worst_ratio = float(sides.ratio[top])
        for index in order[:2]:
            if sides.gap[index] <= NOMINATION:  # not nominated: it must not use up the replays
                break
            nominated = (cell, tuple(codes[index].tolist()))
            # rounding makes the same instances look bad again and again, and each exact replay costs milliseconds
            if self.violation is not None or len(self._refuted_nominations) >= 12 or nominated in self._refuted_nominations:
                break
            self.violation = subject.violation(*nominated, gap=float(sides.gap[index]))
            if self.violation is None:
                self._refuted_nominations.add(nominated)
        if self.violation is not None:
            self.worst_gap, self.worst = float(sides.gap[top]), (cell, tuple(codes[top].tolist()))
            self.worst_ratio = float(sides.ratio[top])
