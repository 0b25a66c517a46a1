"""From evidence to verdicts: every claim with its false sibling and its proof's steps.

A claim is judged level by level.  At each level the same procedure with the same budget and seeds also runs on the claim's
false sibling, the positive control: a procedure that cannot see a violation that is there grants nothing.

Examples
--------
>>> from theory.bounds import claim
>>> [record.verdict.value for record in judge(claim("distance"), level="sampled")]             # doctest: +ELLIPSIS
['sampled', 'refuted'...]
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from theory.claim import Claim
from verify.evidence import replicated, sampled, searched
from verify.evidence.comparison import Outcome, Replay, Subject
from verify.evidence.counterexample import script, simplest
from verify.evidence.result import Evidence, Procedure, Verdict
from verify.instances.space import require_claim
from verify.proofs import certified, proved
from verify.proofs.certificates import Finding, text
from verify.quantities import Quantity, measure
from verify.shell.usage_error import brought

#: the levels that look for violations, weakest first, each with its procedure; what they grant hangs on the false sibling
_LOOKING: Mapping[str, Procedure] = {"sampled": sampled.gather, "searched": searched.gather}
#: where sampling is all that is asked for, there is more of it
_ALONE: Mapping[str, Procedure] = {"sampled": partial(sampled.gather, numbers=sampled.MASSES)}
#: the levels that exclude violations, with the procedures of each, the strongest first
_EXCLUDING: Mapping[str, Mapping[Verdict, Callable[[Claim, float], Finding]]] = {
    "certified": {Verdict.CERTIFIED: certified.gather},
    "proved": {Verdict.PROVED: proved.gather, Verdict.CERTIFIED: certified.gather},
}
#: the cumulative levels of evidence, weakest first
LEVELS = (*_LOOKING, *_EXCLUDING)
#: modules of the extra `proof`, by the package that brings each, and seconds that excluding a violation may take for one claim
_EXTRA, _PATIENCE = {"flint": "python-flint", "z3": "z3-solver", "cvc5": "cvc5"}, 120.0
#: what is said of a step that no machine checks
ARGUED = "argued in the docstring"
#: random instances on which theory and numerics are compared, per claim
_AGREEMENTS = 6


@dataclass
class Record:
    """The verdict on one claim, as it is printed and as it goes into JSON.

    Attributes
    ----------
    name, title, source : str
    printed : bool
        Whether it is a publication's statement under audit.
    expected : str
        ``holds`` or ``refuted``.
    verdict : Verdict
    worst_ratio : float
        Largest lhs/rhs seen; NaN for equalities and where nothing was seen.
    instances, undefined : int
        Instances compared, and those among them without a value.
    counterexample : dict
        ``simplest`` and ``worst``: Python that replays the violation exactly; empty unless refuted.
    detail : str
        What else there is to say: a missed control, a disagreement, time that ran out.
    seconds : float
    seed : int
    versions : dict
        Of the packages that the verdict rests on.
    certificate : str
        The proof as JSON, for ``python -m verify.replay``; empty unless proved or certified, be it in part only.
    steps : list of dict
        The steps of the proof of a claim about tasks: ``step`` in words, its ``name`` if a machine judged it, and ``by``: the
        machine's verdict, or ``argued in the docstring``.
    region : dict
        How much of the unit cube onto which the domain is mapped is certified: parts ``settled`` and ``undecided``, least
        ``slack`` and ``where`` the undecided part lies; empty where certification was not tried.
    cached : bool
        Whether the verdict was reached by an earlier run (:mod:`verify.judging.cache`).
    """

    name: str
    title: str
    source: str
    printed: bool
    expected: str
    verdict: Verdict
    worst_ratio: float
    instances: int
    undefined: int
    counterexample: dict[str, str]
    detail: str
    seconds: float
    seed: int
    versions: dict[str, str] = field(default_factory=dict)
    certificate: str = ""
    cached: bool = False
    region: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, str]] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is what the claim's author declared."""
        if self.expected == "refuted":
            return self.verdict is Verdict.REFUTED
        return self.verdict in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SEARCHED, Verdict.SAMPLED)


def versions(
    packages: Iterable[str] = ("numpy", "scipy", "sympy", "numba", "hypothesis", "cmaes"),
) -> dict[str, str]:
    """Versions of the packages that a verdict rests on."""
    return {name: version(name) for name in packages}


def parts(claim: Claim) -> Iterator[Claim]:
    """The claim, its false sibling, and the same for the steps of its proof."""
    yield claim
    if claim.false_sibling is not None:
        yield claim.sibling()
    for reduction in claim.reductions:
        if isinstance(reduction, Claim):
            yield from parts(reduction)


def judge(
    claim: Claim,
    own: Mapping[str, Quantity] | None = None,
    *,
    level: str = "searched",
    seed: int = 0,
    budget: float = float("inf"),
    origin: Sequence[str] = (),
) -> list[Record]:
    """Judge a claim, its false sibling and the steps of its proof.

    Parameters
    ----------
    claim : Claim
    own : mapping, optional
        A user's verbs by name.
    level : str
        One of :data:`LEVELS`; levels are cumulative.
    seed : int
        The same seed gives the same records, but for the time they took.
    budget : float
        Seconds; a procedure stops between two batches when they are over.
    origin : sequence of str
        Lines of Python that define ``CLAIM`` (and ``QUANTITIES``) for the counterexamples; not needed for the project's own.

    Returns
    -------
    list of Record

    Raises
    ------
    ValueError
        If the level is unknown, or the claim measures with an unknown verb or has a domain of no known kind.
    TypeError
        If `claim` is something else.
    """
    require_claim(claim)
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; it must be one of {', '.join(LEVELS)}")
    if missing := missing_extra(level):
        raise ValueError(f"level is {level!r}, which needs {', '.join(missing)}; {brought('proof')}")
    deadline = time.monotonic() + budget
    records = _judge_with_control(claim, dict(own or {}), level, seed, deadline, origin)
    for reduction in claim.reductions:
        if isinstance(reduction, Claim):
            step = [*origin, f"CLAIM = CLAIM.part({reduction.name.rpartition('/')[2]!r})"] if origin else ()
            records += _judge_with_control(reduction, dict(own or {}), level, seed, deadline, step)
    if level in _EXCLUDING:
        say_steps(claim, records)
    return records


def _judge_with_control(
    claim: Claim, own: dict[str, Quantity], level: str, seed: int, deadline: float, origin: Sequence[str]
) -> list[Record]:
    if claim.failure_probability is not None:
        return _judge_by_replicates(claim, own, seed, deadline)
    start = time.monotonic()
    subject = Subject(claim, own)
    difference = _disagreement(subject, seed)
    if difference:
        return [_record(claim, Verdict.DISAGREEMENT, [], seed, start, detail=difference)]
    control = Subject(claim.sibling(), own) if claim.false_sibling is not None else None
    granted, found, missed = Verdict.UNDECIDED, [], []
    control_found: list[Evidence] = []
    control_seconds = 0.0
    for name, usual in _LOOKING.items():
        gather = _ALONE.get(name, usual) if name == level else usual
        found.append(gather(subject, _seeds(claim, name, seed), deadline))
        if control is not None:
            began = time.monotonic()
            control_found.append(gather(control, _seeds(claim, name, seed), deadline))
            control_seconds += time.monotonic() - began
            if control_found[-1].violation is None:
                missed.append(name)
        if found[-1].violation is not None:
            granted = Verdict.REFUTED
            break
        if found[-1].conclusive and control_found and control_found[-1].violation is not None:
            granted = Verdict(name)
        if name == level:
            break
    notes = []
    if found and all(evidence.compared == 0 for evidence in found):
        notes.append("no instance has a value")
    elif granted is Verdict.UNDECIDED and control is None:
        notes.append("no false sibling, so nothing shows that a violation would be seen")
    elif granted is Verdict.UNDECIDED and missed:
        notes.append("control missed")
    if not all(evidence.complete for evidence in found):
        notes.append("time ran out")
    if doubted := sum(evidence.doubted for evidence in found):
        notes.append(f"doubles see {doubted} violations more than were replayed")
    detail = "; ".join(notes)
    certificate, region = "", dict[str, Any]()
    if granted is not Verdict.REFUTED and level in _EXCLUDING:
        granted, detail, certificate, region = _exclude(claim, granted, detail, level, deadline)
    records = [_record(claim, granted, found, seed, start + control_seconds, detail=detail, subject=subject, origin=origin)]
    records[0].certificate, records[0].region = certificate, region
    if control is not None:
        refuted = any(evidence.violation for evidence in control_found)
        verdict = Verdict.REFUTED if refuted else Verdict.UNDECIDED
        note = f"not seen by: {', '.join(missed)}" if missed else ""
        began = time.monotonic() - control_seconds
        there = [*origin, "CLAIM = CLAIM.sibling()"] if origin else ()
        records.append(_record(control.claim, verdict, control_found, seed, began, detail=note, subject=control, origin=there))
    return records


def _exclude(
    claim: Claim, granted: Verdict, detail: str, level: str, deadline: float
) -> tuple[Verdict, str, str, dict[str, Any]]:
    """The verdict, its detail, the certificate and the certified region after trying to exclude every violation."""
    if claim.tasks is not None:
        return granted, detail, "", {}  # its scalar core is among the steps of its proof
    notes, partly, region = [detail] if detail else [], "", dict[str, Any]()
    for verdict, gather in _EXCLUDING[level].items():
        finding = gather(claim, min(deadline, time.monotonic() + _PATIENCE))
        if finding.contradicted:
            return Verdict.DISAGREEMENT, finding.detail, "", {}
        written = ""
        if finding.parts and finding.statement is not None:
            written = text(finding.statement, finding.parts, versions(_EXTRA.values()))
        if finding.granted:
            return verdict, finding.detail, written, dict(finding.region)
        notes.append(finding.detail)
        partly, region = written or partly, dict(finding.region) or region
    return granted, "; ".join(notes), partly, region


def say_steps(claim: Claim, records: Sequence[Record]) -> None:
    """Say in the record of a claim about tasks how far its proof is a machine's: step by step, in numbers.

    Parameters
    ----------
    claim : Claim
    records : sequence of Record
        Its own and those of its steps among them.
    """
    if claim.tasks is None or not claim.reductions:
        return
    verdicts = {record.name: record.verdict.value for record in records}
    steps = [
        {"step": step.title, "name": step.name, "by": verdicts.get(step.name, "not judged")}
        if isinstance(step, Claim)
        else {"step": step.statement, "name": "", "by": ARGUED}
        for step in claim.reductions
    ]
    kinds = [step["by"] for step in steps]
    order = [*(verdict.value for verdict in Verdict), ARGUED, "not judged"]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in order if kind in kinds)
    for record in records:
        if record.name == claim.name:
            record.steps = steps
            record.detail = "; ".join(filter(None, (record.detail, f"steps: {counted}; how they combine is argued")))


def missing_extra(level: str) -> list[str]:
    """Packages that a level needs and that are not installed."""
    return [package for module, package in _EXTRA.items() if find_spec(module) is None] if level in _EXCLUDING else []


def _judge_by_replicates(claim: Claim, own: dict[str, Quantity], seed: int, deadline: float) -> list[Record]:
    """A statement that holds with a probability is sampled at every level: replicates give an adversary nothing to climb."""
    found, records = [], []
    for part in [claim] if claim.false_sibling is None else [claim, claim.sibling()]:
        start = time.monotonic()
        found.append(replicated.gather(Subject(part, own), _seeds(claim, "replicated", seed), deadline))
        records.append(_record(part, Verdict.UNDECIDED, [], seed, start))
    for evidence, record in zip(found, records, strict=True):
        record.instances, record.worst_ratio = evidence.instances, evidence.worst_ratio
        record.detail = f"borne out on {evidence.borne_out}; on {evidence.vacuous} more it says next to nothing"
        if not evidence.complete:
            record.detail += "; time ran out"
        if evidence.violation is not None:
            record.verdict, record.detail = Verdict.REFUTED, str(evidence.violation)
    if records[0].verdict is Verdict.UNDECIDED and found[0].complete:
        if found[-1].violation is not None:
            records[0].verdict = Verdict.SAMPLED
        else:
            records[0].detail += "; control missed"
    return records


def _seeds(claim: Claim, level: str, seed: int) -> np.random.SeedSequence:
    """A stream of its own for every claim and level, the same whatever else is judged."""
    return np.random.SeedSequence(seed, spawn_key=(zlib.crc32(claim.name.encode()), zlib.crc32(level.encode())))


def _disagreement(subject: Subject, seed: int) -> str:
    rng = np.random.default_rng(_seeds(subject.claim, "agreement", seed))
    for _ in range(_AGREEMENTS):
        cell = subject.space.random_cell(rng)
        codes = subject.space.random_codes(cell, 1, rng)[0]
        found = measure.disagreement(subject.claim, subject.space, cell, codes, subject.own)
        if found:
            return found
    return ""


def _record(
    claim: Claim,
    verdict: Verdict,
    found: list[Evidence],
    seed: int,
    start: float,
    *,
    detail: str = "",
    subject: Subject | None = None,
    origin: Sequence[str] = (),
) -> Record:
    best = max(found, key=lambda evidence: evidence.worst_gap, default=Evidence())
    counterexample: dict[str, str] = {}
    worst_ratio = _exact_ratio(subject, best)
    violations = [evidence for evidence in found if evidence.violation is not None]
    if violations and subject is not None:
        known = violations[-1].violation
        assert known is not None
        plain = simplest(subject, known)
        # the search ends at the first violation: a simple one may be worse than what it had seen by then
        worst = max(_worst(subject, best, known), plain, key=Replay.gap)
        counterexample = {"simplest": script(subject, plain, origin), "worst": script(subject, worst, origin)}
        if claim.relation == "<=":
            worst_ratio = worst.ratio()
    return Record(
        name=claim.name,
        title=claim.title,
        source=str(claim.source),
        printed=claim.printed,
        expected=claim.expected,
        verdict=verdict,
        worst_ratio=worst_ratio,
        instances=sum(evidence.instances for evidence in found),
        undefined=sum(evidence.undefined for evidence in found),
        counterexample=counterexample,
        detail=detail,
        seconds=time.monotonic() - start,
        seed=seed,
        versions=versions(),
    )


def _exact_ratio(subject: Subject | None, best: Evidence) -> float:
    """lhs/rhs where doubles saw the largest gap, from exact numbers; NaN for an equality."""
    if subject is None or best.worst is None or subject.claim.relation == "==":
        return float("nan")
    replay = subject.replay(*best.worst)
    return replay.ratio() if replay.lhs else best.worst_ratio


def _worst(subject: Subject, best: Evidence, known: Replay) -> Replay:
    """The violation with the largest gap that was seen, if exact numbers confirm it."""
    if best.worst is None:
        return known
    replay = subject.replay(*best.worst)
    return replay if replay.outcome is Outcome.VIOLATED else known
