"""A table of measurements, printed as Markdown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A titled table with the sentences that say how to read it.

    Parameters
    ----------
    title : str
        Heading.
    notes : tuple of str
        Paragraphs below the heading.
    header : tuple of str
        Names of the columns.
    rows : tuple of tuples of str
        Cells.
    """

    title: str
    notes: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as a section of a Markdown document, with columns aligned.

        Examples
        --------
        >>> print(Table("Speed", (), ("p", "ratio"), (("20", "5.0"),)).markdown())
        ## Speed
        <BLANKLINE>
        | p  | ratio |
        |----|-------|
        | 20 | 5.0   |
        """
        widths = [max(len(cell) for cell in column) for column in zip(self.header, *self.rows, strict=True)]

        def line(cells: tuple[str, ...]) -> str:
            return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        parts = [f"## {self.title}", *self.notes, "\n".join([line(self.header), rule, *map(line, self.rows)])]
        return "\n\n".join(parts)
