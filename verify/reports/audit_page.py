"""The audit of a publication for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from verify.reports.markup import wrapped
from verify.shell.terminal import filled
from verify.studies.audit import Entry


def page(entries: Sequence[Entry], width: int = 79) -> str:
    """The audit for a terminal: each statement, what became of it, and the Python that shows it.

    Parameters
    ----------
    entries : sequence of Entry
    width : int
        Columns; counterexamples keep their lines.
    """
    fill = partial(filled, width=width, rest="    ")
    lines = []
    for entry in entries:
        head = f"{entry.source}: {str(entry).upper()}"
        lines += ["", filled(head, width), "-" * min(len(head), width)]
        lines.append(wrapped(f"Printed, in our words: {entry.statement}", width))
        if entry.reading:
            lines.append(wrapped(f"Read as: {entry.reading}", width))
        if entry.claim:
            lines.append(fill(f"As claim {entry.claim}: {entry.title}."))
        lines.append(fill(f"Because: {entry.evidence}"))
        for limit in entry.limits:
            lines.append(fill(f"Without `{limit.assumption}`: {limit.status.value}; {limit.evidence}."))
        lines += [fill(f"Instead ({claim}): {claim.title}.") for claim in entry.instead]
        if entry.counterexample:
            lines += ["Counterexample:", *(f"    {line}" for line in entry.counterexample.splitlines())]
    return "\n".join(lines).strip()
