"""Judging from Python: a claim, a name or a file in, records out that a notebook shows as a table.

Examples
--------
>>> from theory.bounds import claim
>>> found = judge(claim("distance/core"), level="sampled")
>>> found[0].verdict.value, len(found)
('sampled', 2)
>>> found.table().splitlines()[0].split()
['claim', 'verdict', 'worst', 'ratio', 'instances']
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import SupportsIndex, overload

from theory.claim import Claim
from verify.evidence.question import Question
from verify.judging import judge as judging
from verify.judging.record import Record
from verify.judging.sources import Reference
from verify.shell.numbers import ratio_text


class Records(list[Record]):
    """The records of a claim, its control and the steps of its proof: a list that is shown as a table."""

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = [("claim", "verdict", "worst ratio", "instances")]
        for record in self:
            wrong = "" if record.as_expected else " (not as expected)"
            row = (record.name, f"{record.verdict.value}{wrong}", ratio_text(record.worst_ratio), f"{record.instances:,}")
            rows.append(row)
        return rows

    def table(self) -> str:
        """The table as text, a record a line."""
        rows = self._rows()
        first, second, third, fourth = (max(len(row[column]) for row in rows) for column in range(4))
        return "\n".join(f"{a:{first}}  {b:{second}}  {c:>{third}}  {d:>{fourth}}" for a, b, c, d in rows)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Records: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Record | Records:
        """One record, or some of them, which are shown as a table too."""
        return Records(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        """The table as a notebook shows it."""
        head, *rows = self._rows()
        style = "style='text-align:left;padding:.2em .8em'"
        cells = ["".join(f"<th {style}>{escape(cell)}</th>" for cell in head)]
        cells += ["".join(f"<td {style}>{escape(cell)}</td>" for cell in row) for row in rows]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def judge(asked: Claim | str | Path, *, level: str = "searched", seed: int = 0, budget: float = float("inf")) -> Records:
    """Judge a claim, its false sibling and the steps of its proof.

    Parameters
    ----------
    asked : Claim, str or Path
        A claim; the name of one of the project's or of a part of it; or the path of a Python file with a ``CLAIM``, which may
        bring quantities and families of its own.
    level : {"sampled", "searched", "certified", "proved"}
        Strongest evidence to look for.
    seed : int
        The same seed gives the same records, but for the time they took.
    budget : float
        Seconds; a method stops between two batches when they are over.

    Returns
    -------
    Records

    Raises
    ------
    TypeError
        If something else is asked.
    ValueError
        If there is no such claim or file, it cannot be measured, or the level is unknown or needs what is not installed.
    """
    if isinstance(asked, Claim):
        question = Question(asked)
    elif isinstance(asked, str | Path):
        question = Reference(str(asked)).load()
    else:
        raise TypeError(f"asked is {asked!r}; it must be a claim, such as theory.bounds.claim('distance'), a name or a path")
    return Records(judging.judge(question, level=level, seed=seed, budget=budget))
