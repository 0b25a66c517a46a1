"""What a method found out about a claim: one form for all kinds of evidence.

Examples
--------
>>> Evidence(compared=3).conclusive
True
>>> Evidence(compared=0).conclusive
False
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

import numpy as np

from verify.evidence.question import NOMINATION, Question, Sides
from verify.instances.batch import Cell
from verify.instances.codes import Array
from verify.quantities import measure
from verify.shell.time_limit import within

#: change of a gap, when an instance's numbers move in the last bits of single precision, that leaves doubles trusted
_HARDLY = 1e-3
#: exact replays of a batch's nominations whose gap moves more, and those of a method that turn out to be rounding
_MOST_REPLAYS, _MOST_FALSE_ALARMS = 3, 24
#: nominations that doubles are sure of and exact numbers deny, after which a method's doubles are of no use
_MOST_ERRORS = 256
#: instances that a method decides exactly although doubles do not nominate them, and those of one batch: of claims about
#: numbers alone, and where tasks are measured; and the largest sum of sizes and integers that it then pays for
_LOOKED_AT, _LOOKED_AT_BATCH, _LARGEST = (1024, 8), (16, 1), 16
#: share of the instances looked at that exact numbers may leave undecided of an inequality, as they do where its sides meet
_UNDECIDED = 0.25


class Verdict(StrEnum):
    """The strongest thing that can be said about a claim."""

    PROVED = "proved"
    CERTIFIED = "certified"
    SEARCHED = "searched"
    SAMPLED = "sampled"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    DISAGREEMENT = "disagreement"


class Violation(Protocol):
    """What refutes a claim: an instance decided exactly, or a seed with which replicates contradict the claim beyond doubt."""

    def ratio(self) -> float:
        """lhs/rhs, or how much more often than claimed the left side exceeds the right one."""
        ...

    def gap(self) -> float:
        """How far beyond the claim it is, relative to both sides."""
        ...


def _unheard(_: int) -> None:
    """Nobody wants to know how far the work is."""


@dataclass(frozen=True)
class Effort:
    """What a method may spend.

    Parameters
    ----------
    seed : numpy.random.SeedSequence
        Work is fixed by it, up to where the deadline cuts.
    deadline : float
        Value of ``time.monotonic()`` after which nothing further is begun.
    looked : callable
        ``looked(instances)`` is told now and then how many more instances were compared.
    """

    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))
    deadline: float = math.inf
    looked: Callable[[int], None] = _unheard

    @classmethod
    def of(cls, seed: int, deadline: float = math.inf) -> Effort:
        """Work fixed by a number."""
        return cls(np.random.SeedSequence(seed), deadline)

    def again(self, number: int) -> Effort:
        """Other work of the same seed."""
        keys = (*self.seed.spawn_key, number)
        return replace(self, seed=np.random.SeedSequence(self.seed.entropy, spawn_key=keys))

    def rng(self) -> np.random.Generator:
        """A generator of one's own."""
        return np.random.default_rng(self.seed)

    @property
    def over(self) -> bool:
        """Whether time has run out."""
        return time.monotonic() > self.deadline


@dataclass
class Evidence:
    """What one method saw of one claim.

    Attributes
    ----------
    instances, undefined : int
        How many instances were compared, and how many of them had no value in doubles.
    worst_gap, worst_ratio : float
        The largest relative excess of lhs over rhs and the ratio lhs/rhs there.
    worst : (Cell, codes) or None
        Where that was.
    violation : Violation or None
        A confirmed violation.
    complete : bool
        False if time ran out first.
    compared : int
        How many instances are known to have had a value.
    doubted : int
        How many instances doubles nominate and are sure of, and were not replayed, since too many such proved to be none.
    open : str
        Why the method, run to its end, grants nothing; empty if it may grant.
    detail : str
        What there is to say of it.
    denied : bool
        Whether a method that is exact sees a violation which exact numbers did not confirm, so that nothing is granted.
    contradicted : bool
        Whether two methods contradict each other, so that the software is wrong and no verdict stands.
    certificate : dict
        Of a proof: the parts that :mod:`verify.replay` checks; empty if there is none.
    statement : object
        What the certificate proves.
    region : dict
        Of a certification: parts ``settled`` and ``undecided`` of the unit cube, least ``slack``, and ``where`` the undecided
        part lies.
    suspects : sequence of mapping
        Points at which a proof that failed sees a violation: every parameter to a ``Fraction`` or an ``int``.
    """

    instances: int = 0
    undefined: int = 0
    worst_gap: float = -1.0
    worst_ratio: float = math.nan
    worst: tuple[Cell, tuple[int, ...]] | None = None
    violation: Any = None
    complete: bool = True
    compared: int = 0
    doubted: int = 0
    open: str = ""
    detail: str = ""
    denied: bool = False
    contradicted: bool = False
    certificate: Mapping[str, Any] = field(default_factory=dict)
    statement: Any = None
    region: Mapping[str, Any] = field(default_factory=dict)
    suspects: Sequence[Mapping[Any, Any]] = ()
    _false_alarms: int = 0
    _errors: int = 0
    _looked_at: int = 0
    _undecided: int = 0

    @classmethod
    def of_proof(cls, detail: str, certificate: Mapping[str, Any] | None = None, *, open: str = "", **more: Any) -> Evidence:
        """What an attempt to exclude every violation found: a certificate, or why there is none.

        Parameters
        ----------
        detail : str
            By what it is proved or certified, or why not.
        certificate : mapping, optional
            The proof, of a part of the domain if `open` says so.
        open : str
        more
            Further fields.
        """
        return cls(detail=detail, certificate=certificate or {}, open=open or ("" if certificate else detail), **more)

    @property
    def conclusive(self) -> bool:
        """Whether the method ran to its end, compared anything at all, and has no open doubt."""
        said = self.compared > 0 or bool(self.certificate)
        doubt = self.contradicted or self.doubted or self.open or self.violation is not None
        return self.complete and said and not doubt

    def add(self, question: Question, cell: Cell, codes: Array, sides: Sides) -> None:
        """Take in a batch that was compared in doubles.

        Nominated instances are replayed exactly: all that doubles are sure of, and the surest of the others while it pays.  Of
        those about which doubles say nothing, because both sides are the same to them or overflow, some are decided exactly.
        """
        self.count(len(codes), int(sides.undefined.sum()))
        for index, sure in self._nominated(question, cell, codes, sides):
            if self._confirm(question, (cell, tuple(codes[index].tolist())), sure):
                self._keep(cell, codes, sides, index)
                return
        # rounding; the search must not climb it
        sides.gap[sides.gap > NOMINATION] = -1.0
        self._keep(cell, codes, sides, int(sides.gap.argmax()))
        self._look_closer(question, cell, codes, sides)

    def finish(self, question: Question) -> Evidence:
        """Decide the worst instance exactly, whatever doubles made of it; to be called when nothing follows."""
        if self.violation is None and self.worst is not None:
            self.violation = question.confirmed(*self.worst)
        # there both sides agree in more digits than are computed, which is no sign that they are in order
        most = 0 if question.claim.relation == "==" else _UNDECIDED * self._looked_at
        if question.numbers_alone and self.violation is None and self._undecided > most:
            self.open = f"exact numbers do not decide {self._undecided} of the {self._looked_at} instances looked at"
        return self

    def cut_short(self) -> None:
        """Note that time ran out."""
        self.complete = False

    def count(self, instances: int, undefined: int) -> None:
        """Count instances that were compared and are not worse than what was added, and those among them without a value."""
        self.instances += instances
        self.undefined += undefined
        self.compared += instances - undefined

    def _keep(self, cell: Cell, codes: Array, sides: Sides, index: int) -> None:
        """Remember an instance if none that was seen is worse."""
        if sides.gap[index] > self.worst_gap:
            self.worst_gap, self.worst_ratio = float(sides.gap[index]), float(sides.ratio[index])
            self.worst = cell, tuple(codes[index].tolist())

    def _nominated(self, question: Question, cell: Cell, codes: Array, sides: Sides) -> list[tuple[int, bool]]:
        """The instances to replay, of those that doubles nominate, and whether doubles are sure of them.

        They are if the gap hardly moves with the instance's numbers.  The largest gaps of a batch are often those of its worst
        conditioned instances, and all rounding; of these a few are taken, those that move least.
        """
        nominated = np.flatnonzero(sides.gap > NOMINATION)
        if not len(nominated):
            return []
        gaps = sides.gap[nominated]
        moves = np.abs(question.sides(cell, codes[nominated], moved=measure.COARSELY).gap - gaps)
        sure = moves <= _HARDLY
        order = np.lexsort((-gaps, np.where(sure, 0.0, moves)))
        found = [(int(nominated[place]), bool(sure[place])) for place in order]
        return found[: int(sure.sum()) + _MOST_REPLAYS]

    def _confirm(self, question: Question, instance: tuple[Cell, tuple[int, ...]], sure: bool) -> bool:
        """Replay a nominated instance exactly, at some milliseconds each; after many false alarms doubles are not believed."""
        if sure and self._errors >= _MOST_ERRORS:
            self.doubted += 1
            return False
        if not sure and self._false_alarms >= _MOST_FALSE_ALARMS:
            return False
        self.violation = question.confirmed(*instance)
        if self.violation is None and sure:
            self._errors += 1
        elif self.violation is None:
            self._false_alarms += 1
        return self.violation is not None

    def _look_closer(self, question: Question, cell: Cell, codes: Array, sides: Sides) -> None:
        """Decide some instances exactly about which doubles say nothing, and of claims about numbers some others too."""
        most, batch = (limits[not question.numbers_alone] for limits in zip(_LOOKED_AT, _LOOKED_AT_BATCH, strict=True))
        left = min(batch, most - self._looked_at)
        if left <= 0 or (not question.numbers_alone and cell.size() > _LARGEST):
            return
        positive = np.flatnonzero((sides.gap > 0) & ~sides.undefined)
        chosen = [*_spaced(np.flatnonzero(sides.undefined), left // 2 + 1), *_spaced(positive, left)]
        chosen += _spaced(np.flatnonzero(sides.close & ~sides.undefined), left)
        if question.numbers_alone:
            chosen += _spaced(np.arange(len(codes)), left // 2)
        for index in list(dict.fromkeys(chosen))[:left]:
            self._looked_at += 1
            found = question.replay(cell, codes[index].tolist())
            self._undecided += found.outcome.value == "undecided"
            if sides.undefined[index] and found.lhs:
                self.undefined, self.compared = self.undefined - 1, self.compared + 1
            if found.outcome.value == "violated":
                self.violation = found
                self.worst_gap, self.worst_ratio, self.worst = found.gap(), found.ratio(), (cell, found.codes or ())
                return


def _spaced(indices: Array, most: int) -> list[int]:
    """At most so many of the indices, spread over all of them."""
    if len(indices) <= most:
        return [int(index) for index in indices]
    return [int(indices[place]) for place in np.linspace(0, len(indices) - 1, most).astype(int)]


@dataclass(frozen=True)
class Method:
    """One way to find out about a claim.

    Parameters
    ----------
    name : str
        By which notes and seeds name it.
    level : str
        The level of evidence from which on it is used.
    grants : Verdict or None
        What it grants if its evidence is conclusive; None for one that can only refute.
    applies : callable
        ``applies(question)``: whether the claim is of its kind.
    gather : callable
        ``gather(question, effort)``: its :class:`Evidence`, which stops at the first confirmed violation.
    controlled : bool
        Whether it must refute the claim's false sibling with the same effort before it may grant anything: a search that sees
        nothing says nothing unless it would have seen a violation.
    """

    name: str
    level: str
    grants: Verdict | None
    applies: Callable[[Question], bool]
    gather: Callable[[Question, Effort], Evidence]
    controlled: bool = True


def cell_by_cell(
    cells: Iterable[Cell], look: Callable[[Cell, Evidence], None], effort: Effort, evidence: Evidence | None = None
) -> Evidence:
    """What is seen in one cell after another, up to the first confirmed violation or until time runs out.

    Parameters
    ----------
    cells : iterable of Cell
        Taken one at a time.
    look : callable
        ``look(cell, evidence)`` adds what it sees to the evidence.
    effort : Effort
        After its deadline no further cell is begun; what was seen by then is marked as incomplete.
    evidence : Evidence, optional
        What to add to, and to return.
    """
    evidence = Evidence() if evidence is None else evidence
    for cell in cells:
        if effort.over:
            evidence.complete = False
        if evidence.violation is not None or not evidence.complete:
            break
        before = evidence.instances
        within(effort.deadline, partial(look, cell, evidence), evidence.cut_short)
        effort.looked(evidence.instances - before)
    return evidence
