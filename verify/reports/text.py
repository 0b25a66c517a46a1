"""Records for a terminal or a pipe, readable from 60 columns on, and as JSON.

A claim is a row; its false sibling and the steps of its proof are folded under it if they are as expected.  What is not as
expected comes first, each with its reason.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from verify.shell.numbers import ratio_text
from verify.shell.terminal import filled

if TYPE_CHECKING:
    from verify.judging.record import Record


#: of the records of ``--json``; it grows when a field changes its meaning or goes
SCHEMA = 1
#: fewest columns in which numbers of instances and seconds stand beside the verdict
_ROOMY = 80
#: columns of the verdict, the ratio, the number of instances and the time, with the space before each
_COLUMNS = (14, 13, 13, 9)
_INDENT = "    "


def table(records: Sequence[Record], width: int = 100, *, steps: bool = False) -> Text:
    """Verdict, worst ratio, instances and time of each claim.

    Parameters
    ----------
    records : sequence of Record
        A claim's own first, then those of its false sibling and of the steps of its proof.
    width : int
        Columns, at least 60.
    steps : bool
        Whether to show false siblings and steps that are as expected.

    Returns
    -------
    rich.text.Text
        Lines without spaces at their ends.
    """
    roomy = width >= _ROOMY
    columns = _COLUMNS if roomy else _COLUMNS[:2]
    widest = max((len(_label(record)) if steps else len(record.name.partition("/")[0]) for record in records), default=0)
    name = min(width - sum(columns), max(widest, 30))
    headings = _row(("claim", "verdict", "worst ratio", "instances", "time"), name, columns)
    lines: list[Text] = []
    wrong = [record for record in records if not record.as_expected]
    if wrong:
        lines.append(Text("not as expected", "bold red"))
        for record in wrong:
            lines += _entry(record, record.name, name, columns, width)
        lines.append(Text(""))
    rest = [group for group in _grouped(records) if steps or group[0].as_expected]
    if rest:
        lines.append(Text(headings, "bold"))
    for group in rest:
        lines += _group(group, name, columns, width, steps)
    return Text("\n").join(lines)


def _label(record: Record) -> str:
    """A record's name under the heading of its claim."""
    claim, _, part = record.name.partition("/")
    return f"  {part}" if part else claim


def _grouped(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records by the claim that they are parts of."""
    group: list[Record] = []
    for record in records:
        if group and not record.name.startswith(group[0].name.removesuffix("/false-sibling") + "/"):
            yield group
            group = []
        group.append(record)
    if group:
        yield group


def _group(group: Sequence[Record], name: int, columns: Sequence[int], width: int, steps: bool) -> Iterator[Text]:
    head, *rest = group
    yield from _entry(head, head.name, name, columns, width)
    if steps:
        for record in rest:
            yield from _entry(record, "  " + record.name.removeprefix(f"{head.name}/"), name, columns, width)
        for step in head.steps:
            if not step["name"]:  # the others have rows of their own
                yield Text(filled(f"argued in the text: {step['step']}", width, "  ", _INDENT), "dim")
    else:
        folded = [record for record in rest if record.as_expected]
        controls = sum(record.beside for record in folded)
        parts = [(len(folded) - controls, "step"), (controls, "control")]
        said = [f"{count} {word}{'s' * (count > 1)}" for count, word in parts if count]
        if said:
            yield Text(f"{_INDENT}{' and '.join(said)} as expected", "dim")


def _entry(record: Record, label: str, name: int, columns: Sequence[int], width: int) -> Iterator[Text]:
    """A record's row and, on lines of their own, what else there is to say of it."""
    cells = (record.verdict.value, ratio_text(record.worst_ratio), f"{record.instances:,}", f"{record.seconds:.1f} s")
    if len(label) > name:
        yield Text(label)
        label = ""
    line = Text(_row((label, *cells), name, columns))
    line.stylize("green" if record.as_expected else "bold red", name, name + len(cells[0]) + 2)
    yield line
    notes = [] if record.as_expected else [f"expected: {'to be refuted' if record.expected == 'refuted' else 'to hold'}"]
    if len(columns) < len(_COLUMNS):
        notes.append(f"{cells[2]} instances, {cells[3]}")
    notes += [record.detail] if record.detail else []
    if notes:
        yield Text(filled("; ".join(notes), width, _INDENT, _INDENT), "" if not record.as_expected else "dim")


def _row(cells: Sequence[str], name: int, columns: Sequence[int]) -> str:
    first, verdict, *numbers = cells
    row = f"{first:<{name}}  {verdict:<{columns[0] - 2}}"
    return (row + "".join(f"{cell:>{wide}}" for cell, wide in zip(numbers, columns[1:], strict=False))).rstrip()


def summary(records: Sequence[Record]) -> str:
    """One line: how many verdicts are as expected, and the first that are not."""
    wrong = [record.name for record in records if not record.as_expected]
    line = f"{len(records) - len(wrong)} of {len(records)} verdicts as expected"
    if not wrong:
        return line
    more = f" and {len(wrong) - 2} more" if len(wrong) > 2 else ""
    return f"{line}; not as expected: {', '.join(wrong[:2])}{more}"


def counted(records: Iterable[Record]) -> str:
    """How many records have each verdict, the most frequent first."""
    return ", ".join(f"{count} {verdict}" for verdict, count in Counter(r.verdict.value for r in records).most_common())


def scripts(counterexample: dict[str, str]) -> dict[str, str]:
    """Counterexamples by what they are, one that is the simplest and the worst once.

    Examples
    --------
    >>> scripts({"simplest": "x = 1", "worst": "x = 1"})
    {'simplest and worst': 'x = 1'}
    """
    found: dict[str, str] = {}
    for kind, script in counterexample.items():
        same = next((name for name, other in found.items() if other == script), None)
        found[f"{same} and {kind}" if same else kind] = script
        if same:
            del found[same]
    return found


def counterexamples(records: Iterable[Record]) -> str:
    """The simplest and the worst counterexample of each refuted claim, as Python that can be pasted."""
    blocks = []
    for record in records:
        for kind, script in scripts(record.counterexample).items():
            blocks.append(f"# {record.name}: the {kind} counterexample\n{script}\n")
    return "\n".join(blocks)


def as_json(records: Iterable[Record], level: str = "") -> str:
    """The records as a JSON list; a ratio that does not exist is null.

    Parameters
    ----------
    records : iterable of Record
    level : str
        The evidence that was asked for, which stands in every record beside the version of their form, ``schema``.
    """
    found = []
    for record in records:
        entry = {"schema": SCHEMA, "level": level, **asdict(record)}
        entry |= {"verdict": record.verdict.value, "as_expected": record.as_expected}
        entry["worst_ratio"] = None if math.isnan(record.worst_ratio) else record.worst_ratio
        found.append(entry)
    return json.dumps(found, indent=2) + "\n"
