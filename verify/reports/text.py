"""Records as a reader wants them: a table, counterexamples to paste, JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from verify.judging.record import Record


def table(records: Iterable[Record]) -> Table:
    """Verdict, worst ratio, instances and time of each claim; whatever is not as expected is marked."""
    found = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    found.add_column("claim", no_wrap=True)
    found.add_column("verdict", no_wrap=True)
    for heading in ("worst ratio", "instances", "time"):
        found.add_column(heading, justify="right", no_wrap=True)
    found.add_column("", overflow="fold")
    for record in records:
        style = {True: "green", False: "bold red"}[record.as_expected]
        note = "" if record.as_expected else f"expected: {record.expected}"
        found.add_row(
            record.name,
            f"[{style}]{record.verdict.value}[/]",
            _ratio(record.worst_ratio),
            f"{record.instances:,}",
            f"{record.seconds:.1f} s",
            "; ".join(filter(None, (note, record.detail))),
        )
        for step in record.steps:
            if not step["name"]:  # the others have rows of their own
                found.add_row("", "argued", "", "", "", f"step of {record.name}: {step['step']}")
    return found


def _ratio(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}" if abs(value) < 1e6 else f"{value:.3g}"


def summary(records: Sequence[Record]) -> str:
    """One line: how many verdicts are as expected, and which are not."""
    wrong = [record.name for record in records if not record.as_expected]
    line = f"{len(records) - len(wrong)} of {len(records)} verdicts as expected"
    return line + (f"; not as expected: {', '.join(wrong)}" if wrong else "")


def counterexamples(records: Iterable[Record]) -> str:
    """The simplest and the worst counterexample of each refuted claim, as Python that can be pasted."""
    blocks = []
    for record in records:
        for kind, script in record.counterexample.items():
            blocks.append(f"# {record.name}: the {kind} counterexample\n{script}\n")
    return "\n".join(blocks)


def as_json(records: Iterable[Record]) -> str:
    """The records as a JSON list; a ratio that does not exist is null."""
    found = []
    for record in records:
        entry = asdict(record) | {"verdict": record.verdict.value, "as_expected": record.as_expected}
        entry["worst_ratio"] = None if math.isnan(record.worst_ratio) else record.worst_ratio
        found.append(entry)
    return json.dumps(found, indent=2) + "\n"
