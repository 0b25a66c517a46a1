"""The audit of a publication: what became of each of its printed statements.

Every statement is *confirmed*, *confirmed on a larger range* than printed, *refuted as printed* (with the exact counterexample
and the corrected statement), *undecided*, or *not checkable*, with the reason.  "Confirmed" is as strong as the verdict beside
it and no stronger: `searched` is not `proved`.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.evidence.question import Question
>>> from verify.judging.judge import judge
>>> refuted = claim("gao_sener_lower_curvature")
>>> entry = audited(refuted, judge(Question(refuted), level="sampled")[0])
>>> entry.finding.value, entry.instead[0].name
('refuted as printed', 'lower_curvature')
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from theory import bounds
from theory.claim import Claim
from theory.notation import written
from theory.printed import not_checkable
from verify.evidence.result import Verdict
from verify.judging.record import Record
from verify.shell.numbers import ratio_text
from verify.studies.assumptions import Break, Status


class Finding(StrEnum):
    """What an audit says of a printed statement."""

    CONFIRMED = "confirmed"
    LARGER = "confirmed on a larger range"
    REFUTED = "refuted as printed"
    UNDECIDED = "undecided"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True)
class Instead:
    """A claim that an audit names in place of a printed statement.

    Attributes
    ----------
    name, title : str
    verdict : str
        Empty if it was not judged in the same run.
    """

    name: str
    title: str
    verdict: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.verdict or 'not judged here'}"


@dataclass(frozen=True)
class Entry:
    """What became of one printed statement.

    Attributes
    ----------
    source : str
        Key and place.
    statement : str
        In our words.
    finding : Finding
    evidence : str
        What the finding rests on: the verdict with its numbers, or why nothing can be decided.
    claim : str
        Name of the claim that states it; empty if none can.
    title : str
        The claim in one line.
    counterexample : str
        Python that replays the simplest violation exactly; empty unless refuted.
    limits : tuple of Break
        What its assumptions are needed for.
    instead : tuple of Instead
        Claims that are true instead or say more, or that decide what can be decided of a statement that is not checkable.
    by : str
        The verdict that a confirmation rests on; otherwise empty.
    reading : str
        How the claim reads the statement where it says too little, marked up; empty if it is judged as printed.
    recalled : bool
        Whether the statement is known from memory alone, so that it is not called printed.
    """

    source: str
    statement: str
    finding: Finding
    evidence: str
    claim: str = ""
    title: str = ""
    counterexample: str = ""
    limits: tuple[Break, ...] = field(default=())
    instead: tuple[Instead, ...] = ()
    by: str = ""
    reading: str = ""
    recalled: bool = False

    @property
    def known(self) -> str:
        """Whether the statement was read or is from memory, as a heading."""
        return "Recalled" if self.recalled else "Printed"

    def __str__(self) -> str:
        """The finding, and by which evidence where it is a confirmation: searching is not proving."""
        return f"{self.finding.value} ({self.by})" if self.by else self.finding.value


def audited(claim: Claim, record: Record, limits: Iterable[Break] = (), verdicts: Mapping[str, Verdict] | None = None) -> Entry:
    """The audit's entry on a claim that was judged.

    Parameters
    ----------
    claim : Claim
        With ``printed=True``, or a source that is recalled.
    record : Record
        Its verdict.
    limits : iterable of Break
        What was found of its assumptions.
    verdicts : mapping, optional
        Those of other claims, by name.
    """
    limits = tuple(limits)
    if record.verdict is Verdict.REFUTED:
        finding = Finding.REFUTED
    elif record.verdict in (Verdict.UNDECIDED, Verdict.DISAGREEMENT):
        finding = Finding.UNDECIDED
    else:
        # where a claim's own range ends for no stated reason, nothing printed is exceeded
        stated = {written(assumption.statement) for assumption in claim.assumptions}
        further = any(limit.assumption in stated and _reaches_further(limit) for limit in limits)
        finding = Finding.LARGER if further else Finding.CONFIRMED
    return Entry(
        source=str(claim.source),
        statement=_part(claim, r"Statement\*\*[^\n]*?in our words:") or claim.title,
        finding=finding,
        evidence=_evidence(record),
        claim=claim.name,
        title=claim.title,
        counterexample=record.counterexample.get("simplest", ""),
        limits=limits,
        instead=_instead([claim.corrected] if claim.corrected else [], verdicts or {}),
        by=record.verdict.value if finding in (Finding.CONFIRMED, Finding.LARGER) else "",
        reading=_part(claim, r"Reading\.\*\*"),
        recalled=claim.source.recalled,
    )


def explored(claim: Claim, refuted: Collection[str]) -> bool:
    """Whether an audit asks where a claim breaks: a printed one that was not refuted.

    Parameters
    ----------
    claim : Claim
    refuted : collection of str
        Names of the claims that were.
    """
    return claim.printed and claim.name not in refuted


def audit(records: Sequence[Record], keys: Iterable[str], limits: Mapping[str, Sequence[Break]] | None = None) -> list[Entry]:
    """The audit of publications whose claims were judged.

    Parameters
    ----------
    records : sequence of Record
        Verdicts on claims of :mod:`theory.bounds`; those that are not printed statements stand beside the statements that they
        replace.
    keys : iterable of str
        The publications, for what is not checkable in them.
    limits : mapping, optional
        What was found of the claims' assumptions, by :func:`verify.studies.assumptions.breaks`, by their names.

    Returns
    -------
    list of Entry
        In the order of the places in each publication.
    """
    known = set(bounds.names())
    verdicts = {record.name: record.verdict for record in records}
    entries = []
    for record in records:
        if record.name in known and (record.printed or bounds.claim(record.name).source.recalled):
            ranges = (limits or {}).get(record.name, ()) if record.verdict is not Verdict.REFUTED else ()
            entries.append(audited(bounds.claim(record.name), record, ranges, verdicts))
    for key in keys:
        for entry in not_checkable(key):
            instead = _instead(entry.instead, verdicts)
            recalled = entry.source.recalled
            found = Entry(
                str(entry.source), entry.statement, Finding.NOT_CHECKABLE, entry.reason, instead=instead, recalled=recalled
            )
            entries.append(found)
    return sorted(entries, key=lambda entry: entry.source)


def beside(records: Sequence[Record], key: str) -> list[Instead]:
    """The judged claims that were derived here beside a publication's statements.

    Parameters
    ----------
    records : sequence of Record
    key : str
        Of the publication.
    """
    known = set(bounds.names())
    derived = (record for record in records if record.name in known and not record.printed)
    of_key = (record for record in derived if (source := bounds.claim(record.name).source).key == key and not source.recalled)
    return [Instead(record.name, record.title, record.verdict.value) for record in of_key]


def _instead(names: Iterable[str], verdicts: Mapping[str, Verdict]) -> tuple[Instead, ...]:
    return tuple(Instead(name, bounds.claim(name).title, verdicts[name].value if name in verdicts else "") for name in names)


def _reaches_further(limit: Break) -> bool:
    """Whether a claim holds beyond the end of the domain that is printed."""
    at = limit.boundary
    if at is None or not at.complete:
        return False
    return limit.status is Status.NOT_NEEDED if at.fails is None else at.holds > 1


def _part(claim: Claim, heading: str) -> str:
    """A part of the docstring of the claim's file up to the next heading, as it is marked up; empty if there is none."""
    document = inspect.getdoc(bounds.module(claim.name)) or ""
    found = re.search(rf"\*\*{heading} (.*?)(?:\n\n\*\*|\Z)", document, re.DOTALL)
    return found.group(1).strip() if found else ""


def _evidence(record: Record) -> str:
    worst = "" if record.worst_ratio != record.worst_ratio else f", worst ratio {ratio_text(record.worst_ratio)}"
    return f"{record.verdict.value}: {record.instances:,} instances{worst}" + (f"; {record.detail}" if record.detail else "")
