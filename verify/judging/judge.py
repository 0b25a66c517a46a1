"""From evidence to verdicts: every claim with its false sibling and its proof's steps.

A claim is judged level by level, by all methods that apply to claims of its kind, in one way: a confirmed violation refutes it;
a method that ran to its end and saw none grants its verdict, once the same method with the same effort has refuted the claim's
control: its false sibling, or, where searches fall short of that and an instance is stored on which it fails, a statement that
is false by more.  Methods that exclude violations need no such control.

Examples
--------
>>> from theory.bounds import claim
>>> [record.verdict.value for record in judge(Question(claim("distance")), level="sampled")]             # doctest: +ELLIPSIS
['sampled', 'refuted'...]
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from theory.claim import Claim
from verify.evidence.counterexample import script, simplest
from verify.evidence.question import Question
from verify.evidence.replay import Outcome, Replay
from verify.evidence.result import Effort, Evidence, Method, Verdict
from verify.evidence.stored import replayed
from verify.evidence.strengthening import turned, weaker_somewhere
from verify.instances.batch import BITS
from verify.judging.methods import METHODS
from verify.judging.record import Record, say_steps, versions
from verify.proofs.certificates import text
from verify.quantities import measure
from verify.shell.time_limit import within
from verify.shell.usage_error import brought

T = TypeVar("T")

#: the cumulative levels of evidence, weakest first
LEVELS = ("sampled", "searched", "certified", "proved")
#: verdicts that are granted, the weakest first
_STRENGTH = (Verdict.UNDECIDED, Verdict.SAMPLED, Verdict.SEARCHED, Verdict.CERTIFIED, Verdict.PROVED)
#: levels that exclude violations, the modules of the extra `proof`, by the package that brings each
_EXCLUDING, _EXTRA = ("certified", "proved"), {"flint": "python-flint", "z3": "z3-solver", "cvc5": "cvc5"}
#: seconds that one method may take to exclude a violation of one claim
_PATIENCE = 120.0
#: seconds after the deadline for what looks at the clock to stop by itself, with what it saw by then
_GRACE = 0.5
#: what replays a stored instance, which grants nothing
_STORED = Method("stored", "sampled", None, lambda _: False, lambda *_: Evidence(), controlled=False)
#: random instances on which theory and numerics are compared, per claim
_AGREEMENTS = 8


def parts(claim: Claim) -> Iterator[Claim]:
    """The claim, its false sibling, its control if that is another, and the same for the steps of its proof."""
    yield claim
    if claim.false_sibling is not None:
        yield claim.sibling()
        if claim.false_sibling.control is not None:
            yield claim.control()
    for reduction in claim.reductions:
        if isinstance(reduction, Claim):
            yield from parts(reduction)


def judge(question: Question, *, level: str = "searched", seed: int = 0, budget: float = float("inf")) -> list[Record]:
    """Judge a claim, its false sibling and control, and the steps of its proof.

    Parameters
    ----------
    question : Question
        About the claim.
    level : str
        One of :data:`LEVELS`; levels are cumulative.
    seed : int
        The same seed gives the same records, but for the time they took.
    budget : float
        Seconds; a method stops between two batches when they are over.

    Returns
    -------
    list of Record

    Raises
    ------
    ValueError
        If the level is unknown or needs packages that are not installed, or the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must be at least 0")
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; it must be one of {', '.join(LEVELS)}")
    if missing := missing_extra(level):
        raise ValueError(f"level is {level!r}, which needs {', '.join(missing)}; {brought('proof')}")
    deadline = time.monotonic() + budget
    records = _Judged(question, level, seed, deadline).records()
    for reduction in question.claim.reductions:
        if isinstance(reduction, Claim):
            records += _Judged(question.part(reduction), level, seed, deadline).records()
    if level in _EXCLUDING:
        say_steps(question.claim, records)
    return records


def missing_extra(level: str) -> list[str]:
    """Packages that a level needs and that are not installed."""
    return [package for module, package in _EXTRA.items() if find_spec(module) is None] if level in _EXCLUDING else []


class _Judged:
    """One claim and its false sibling at one level."""

    def __init__(self, question: Question, level: str, seed: int, deadline: float) -> None:
        self.question, self.level, self.seed, self.deadline = question, level, seed, deadline
        self.started, self.verdict = time.monotonic(), Verdict.UNDECIDED
        self.late = self.started >= deadline
        declared = question.claim.false_sibling
        self.control = question.control() if declared is not None else None
        #: the false sibling and where it fails, if searches are not expected to find that
        self.stored = (question.sibling(), declared.stored) if declared is not None and declared.stored is not None else None
        self.found: list[tuple[Method, Evidence]] = []
        self.seen: list[tuple[Method, Evidence]] = []
        self.control_seconds = 0.0

    def records(self) -> list[Record]:
        """The claim's record and those of its false sibling and its control."""
        difference = "" if self.question.random else self._in_time(lambda: _disagreement(self.question, self.seed), str)
        if difference:
            return [self._record(self.question, Verdict.DISAGREEMENT, [], difference)]
        weaker = self._in_time(self._weaker, str)
        for method in METHODS:
            if not self._wanted(method):
                continue
            # first, and with half of the time that is left: a claim that used it up would be granted nothing without it
            controlled = self._controlled(method)
            evidence = self._gathered(method, self.question, _PATIENCE if method.level in _EXCLUDING else math.inf)
            self.found.append((method, evidence))
            if evidence.contradicted:
                return [self._record(self.question, Verdict.DISAGREEMENT, [], evidence.detail)]
            if evidence.violation is not None:
                self.verdict = Verdict.REFUTED
                break
            if method.grants is None or not evidence.conclusive or not controlled or self._nothing_compared():
                continue
            if not (weaker and method.controlled):
                self.verdict = max(self.verdict, method.grants, key=_STRENGTH.index)
        self._meet_stored()
        if self.verdict is not Verdict.REFUTED and any(evidence.denied for _, evidence in self.found):
            self.verdict = Verdict.UNDECIDED
        return self._written(weaker)

    def _meet_stored(self) -> None:
        """Refute a claim that is false on the instance that its false sibling stores, where that is one of the claim's."""
        if self.stored is None or self.verdict is Verdict.REFUTED:
            return
        where = self.stored[1]
        try:
            evidence = self._in_time(lambda: replayed(self.question, where), Evidence)
        except ValueError:  # it is none of the claim's, whose domain is smaller
            return
        if evidence.violation is not None:
            evidence.detail = f"false on the instance that its false sibling stores, {where.description}"
            self.found.append((_STORED, evidence))
            self.verdict = Verdict.REFUTED

    def _wanted(self, method: Method) -> bool:
        """Whether a method is to be used: if its level is asked for, it applies, and nothing as strong is granted yet."""
        if LEVELS.index(method.level) > LEVELS.index(self.level) or not method.applies(self.question):
            return False
        excluded = self.verdict in (Verdict.PROVED, Verdict.CERTIFIED)
        return not (method.level in _EXCLUDING and excluded)

    def _in_time(self, work: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What some work returns if it is done soon after the deadline, up to which it may go on by itself.

        None of it is begun for a claim whose turn comes later: there may be hundreds.
        """
        return within(-math.inf if self.late else self.deadline + _GRACE, work, otherwise)

    def _weaker(self) -> str:
        """Where the false sibling claims less than the claim, or its control than it; empty if nowhere."""
        if self.control is None:
            return ""
        chain = [self.question, *([self.stored[0]] if self.stored else []), self.control]
        said = (weaker_somewhere(one, other, self._effort("strengthening")) for one, other in pairwise(chain))
        # what stands between the two may have another relation: of an equality it is an inequality where it fails by a part
        return turned(self.question, self.control) or next(filter(None, said), "")

    def _effort(self, name: str, seconds: float = math.inf) -> Effort:
        """A stream of its own for every claim and method, the same whatever else is judged."""
        keys = (zlib.crc32(self.question.claim.name.encode()), zlib.crc32(name.encode()))
        deadline = min(self.deadline, time.monotonic() + seconds)
        return Effort(np.random.SeedSequence(self.seed, spawn_key=keys), deadline)

    def _gathered(self, method: Method, question: Question, seconds: float = math.inf) -> Evidence:
        effort = self._effort(method.name, seconds)
        return self._in_time(lambda: method.gather(question, effort), lambda: Evidence(complete=False))

    def _controlled(self, method: Method) -> bool:
        """Whether a method that needs a control has one and refutes it, with the same seeds."""
        if not method.controlled or method.grants is None:
            return not method.controlled
        if self.control is None:
            return False
        began = time.monotonic()
        self.seen.append((method, self._gathered(method, self.control, (self.deadline - began) / 2)))
        self.control_seconds += time.monotonic() - began
        return self.seen[-1][1].violation is not None

    # --- what is written down ---------------------------------------------------------------------------------------------

    def _written(self, weaker: str) -> list[Record]:
        began = self.started + self.control_seconds
        record = self._record(self.question, self.verdict, self.found, self._detail(weaker), began)
        strongest = [evidence for method, evidence in self.found if method.grants is self.verdict]
        for evidence in [*strongest, *(each for _, each in self.found)]:
            if evidence.certificate and evidence.statement is not None and self.verdict is not Verdict.REFUTED:
                record.certificate = text(evidence.statement, evidence.certificate, versions(_EXTRA.values()))
                record.region = dict(evidence.region)
                break
            record.region = record.region or dict(evidence.region)
        if self.control is None:
            return [record]
        missed = [method.name for method, evidence in self.seen if evidence.violation is None]
        verdict = Verdict.REFUTED if len(missed) < len(self.seen) else Verdict.UNDECIDED
        shown = [evidence.detail for _, evidence in self.seen if evidence.violation is not None][:1]
        note = "; ".join(filter(None, [*shown, f"not seen by: {', '.join(missed)}" if missed else ""]))
        sibling = self._record(self.control, verdict, self.seen, note, time.monotonic() - self.control_seconds)
        record.control = _margin(self.seen)
        return [record, *self._replayed(), sibling]

    def _replayed(self) -> list[Record]:
        """The record of a false sibling that fails on a stored instance."""
        if self.stored is None:
            return []
        began = time.monotonic()
        question, where = self.stored
        evidence = self._in_time(lambda: replayed(question, where), lambda: Evidence(complete=False))
        verdict = Verdict.UNDECIDED if evidence.violation is None else Verdict.REFUTED
        return [self._record(question, verdict, [(_STORED, evidence)], evidence.detail, began)]

    def _detail(self, weaker: str) -> str:
        """What else there is to say of a claim."""
        evidence = [each for _, each in self.found]
        if self.verdict is Verdict.REFUTED:
            return next((each.detail for each in evidence if each.violation is not None), "")
        if self.verdict in (Verdict.PROVED, Verdict.CERTIFIED):
            return next(each.detail for method, each in self.found if method.grants is self.verdict)
        notes = [each.detail for each in evidence if each.detail]
        if self._nothing_compared():
            notes.append("no instance has a value")
        elif self.verdict is Verdict.UNDECIDED:
            missed = any(each.violation is None for _, each in self.seen)
            notes += [each.open for each in evidence if each.open and each.open not in each.detail]
            notes += ["no false sibling, so nothing shows that a violation would be seen"] if self.control is None else []
            notes += ["control missed"] if missed else []
            notes += [weaker] if weaker else []
        if not all(each.complete for each in evidence):
            notes.append("time ran out")
        if doubted := sum(each.doubted for each in evidence):
            notes.append(f"doubles see {doubted} violations more than were replayed")
        return "; ".join(dict.fromkeys(notes))

    def _nothing_compared(self) -> bool:
        """Whether no instance had a value: a claim that says nothing anywhere is not granted, be it proved."""
        looked = [each for method, each in self.found if method.controlled]
        return bool(looked) and not any(each.compared for each in looked)

    def _record(
        self,
        question: Question,
        verdict: Verdict,
        found: list[tuple[Method, Evidence]],
        detail: str = "",
        started: float | None = None,
    ) -> Record:
        claim, evidence = question.claim, [each for _, each in found]
        best = max(evidence, key=lambda each: each.worst_gap, default=Evidence())
        worst_ratio = self._in_time(lambda: _exact_ratio(question, best), lambda: best.worst_ratio)
        counterexample = dict[str, str]()
        violations = [each.violation for each in evidence if each.violation is not None]
        if violations:
            known = violations[-1]
            plain, worst = self._in_time(lambda: _counterexamples(question, known, best), lambda: (known, known))
            counterexample = {"simplest": script(question, plain), "worst": script(question, worst)}
            worst_ratio = worst.ratio() if claim.relation == "<=" else worst_ratio
        return Record(
            name=claim.name,
            title=claim.title,
            source=str(claim.source),
            printed=claim.printed,
            expected=claim.expected,
            verdict=verdict,
            worst_ratio=worst_ratio,
            instances=sum(each.instances for each in evidence),
            undefined=sum(each.undefined for each in evidence),
            counterexample=counterexample,
            detail=detail,
            seconds=time.monotonic() - (self.started if started is None else started),
            seed=self.seed,
            versions=versions(),
        )


def _margin(seen: list[tuple[Method, Evidence]]) -> str:
    """By how much the false sibling is false where it was caught: silence says nothing about smaller violations."""
    caught = {method.name: evidence.violation.gap() for method, evidence in seen if evidence.violation is not None}
    if not caught:
        return ""
    said = ", ".join(f"{gap:.2g} by {name}" for name, gap in caught.items())
    return f"the false sibling was caught where its sides differ by this part of their sum: {said}"


def _disagreement(question: Question, seed: int) -> str:
    """Where theory and numerics differ on random instances; empty if nowhere."""
    keys = (zlib.crc32(question.claim.name.encode()), zlib.crc32(b"agreement"))
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=keys))
    for number in range(_AGREEMENTS if question.claim.measured else 0):
        cell = question.space.random_cell(rng, BITS)
        codes = question.space.random_codes(cell, 1, rng)[0]
        if number % 2:  # in general position: where much is zero or equal, wrong values may agree
            codes = rng.integers(1, 1 << cell.bits, size=len(codes))
        found = measure.disagreement(question.claim, question.space, cell, codes, question.quantities)
        if found:
            return found
    return ""


def _exact_ratio(question: Question, best: Evidence) -> float:
    """lhs/rhs where doubles saw the largest gap, from exact numbers; NaN for an equality."""
    if question.claim.relation == "==":
        return float("nan")
    if best.worst is None:
        return best.worst_ratio
    found = question.replay(*best.worst)
    return found.ratio() if found.lhs else best.worst_ratio


def _counterexamples(question: Question, known: Any, best: Evidence) -> tuple[Any, Any]:
    """The simplest violation and the worst that was seen; what replicates found, and what was stored, is both."""
    if not isinstance(known, Replay) or (known.codes is None and question.claim.tasks is not None):
        return known, known
    plain, worst = simplest(question, known), known
    if best.worst is not None:
        seen = question.replay(*best.worst)
        worst = seen if seen.outcome is Outcome.VIOLATED else known
    # the search ends at the first violation: a simple one may be worse than what it had seen by then
    return plain, max(worst, plain, key=Replay.gap)
