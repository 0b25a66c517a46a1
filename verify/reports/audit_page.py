"""The audit of a publication for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from verify.reports.markup import filled, wrapped
from verify.studies.audit import Entry

#: columns of text
_WIDTH = 79


def page(entries: Sequence[Entry]) -> str:
    """The audit for a terminal: each statement, what became of it, and the Python that shows it."""
    lines = []
    for entry in entries:
        head = f"{entry.source}: {str(entry).upper()}"
        lines += ["", head, "-" * len(head), wrapped(f"Printed: {entry.statement}", _WIDTH)]
        if entry.claim:
            lines.append(_wrapped(f"As claim {entry.claim}: {entry.title}."))
        lines.append(_wrapped(f"Because: {entry.evidence}"))
        for limit in entry.limits:
            lines.append(_wrapped(f"Without `{limit.assumption}`: {limit.status.value}; {limit.evidence}."))
        lines += [_wrapped(f"Instead ({claim}): {claim.title}.") for claim in entry.instead]
        if entry.counterexample:
            lines += ["Counterexample:", *(f"    {line}" for line in entry.counterexample.splitlines())]
    return "\n".join(lines).strip()


def _wrapped(text: str) -> str:
    return filled(text, _WIDTH, rest="    ")
