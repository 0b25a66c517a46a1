"""The audit of a publication for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from theory.provenance import Provenance
from verify.reports.markup import wrapped
from verify.shell.terminal import filled
from verify.studies.audit import Entry, Instead


def page(entries: Sequence[Entry], width: int = 79, known: Provenance | None = None, beside: Sequence[Instead] = ()) -> str:
    """The audit for a terminal: how the publication is known, each statement and what became of it, the Python that shows it.

    Parameters
    ----------
    entries : sequence of Entry
    width : int
        Columns; counterexamples keep their lines.
    known : Provenance, optional
        How the publication is known, if it was not read whole.
    beside : sequence of Instead
        What was derived here beside its statements.
    """
    fill = partial(filled, width=width, rest="    ")
    lines = []
    if known is not None:
        lines += _headed(f"{known.key}: HOW IT IS KNOWN", width)
        lines.append(fill(f"Read: {known.read}."))
        lines.append(fill(f"From memory, and not called printed until read: {known.recalled or 'nothing'}."))
        lines += [fill(f"Found beside: {known.found}")] if known.found else []
    for entry in entries:
        lines += _headed(f"{entry.source}: {str(entry).upper()}", width)
        lines.append(wrapped(f"{entry.known}, in our words: {entry.statement}", width))
        if entry.reading:
            lines.append(wrapped(f"Read as: {entry.reading}", width))
        if entry.claim:
            lines.append(fill(f"As claim {entry.claim}: {entry.title}."))
        lines.append(wrapped(f"Because: {entry.evidence}", width))
        for limit in entry.limits:
            lines.append(fill(f"Without `{limit.assumption}`: {limit.status.value}; {limit.evidence}."))
        lines += [fill(f"Instead ({claim}): {claim.title}.") for claim in entry.instead]
        if entry.counterexample:
            lines += ["Counterexample:", *(f"    {line}" for line in entry.counterexample.splitlines())]
    if beside:
        lines += _headed(f"{known.key + ': ' if known else ''}DERIVED HERE BESIDE IT", width)
        lines += [fill(f"{claim}: {claim.title}.") for claim in beside]
    return "\n".join(lines).strip()


def _headed(head: str, width: int) -> list[str]:
    return ["", filled(head, width), "-" * min(len(head), width)]
