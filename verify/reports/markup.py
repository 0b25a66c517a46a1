r"""The text of a claim's docstring in blocks: paragraphs, lists and displayed formulas, for a page and for a terminal.

Examples
--------
>>> for block in blocks("Words :math:`x`.\n\n.. math:: a \\le b\n\n- one\n- two"):
...     print(block.kind, block.text)
paragraph Words :math:`x`.
formula a \le b
item one
item two
>>> plain("**Bold** and :math:`\\alpha^2`, see :mod:`theory.rules`")
'Bold and α^2, see theory.rules'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from verify.reports.mathml import in_a_line
from verify.shell.terminal import filled

#: mark-up within a line
INLINE = re.compile(r"(:\w+:`[^`]*`|``[^`]*``|`[^`]*`|\*\*[^*]+\*\*|(?<![*\w])\*[^*\s][^*]*\*(?!\w))")
_FORMULA = ".. math::"

Kind = Literal["paragraph", "item", "formula"]


@dataclass(frozen=True)
class Block:
    """A part of a text.

    Attributes
    ----------
    kind : {"paragraph", "item", "formula"}
    text : str
        Marked up, on one line.
    """

    kind: Kind
    text: str


def blocks(document: str) -> Iterator[Block]:
    """The blocks of a text in their order.

    Parameters
    ----------
    document : str
        A docstring with its indentation cleaned.
    """
    after_formula = False
    for part in re.split(r"\n\s*\n(?!\s*\n)", document.strip()):
        text = part.strip("\n")
        if re.match(r"\s*- ", text):
            for item in re.split(r"\n?^\s*- ", text, flags=re.MULTILINE)[1:]:
                yield from _split(item, "item")
        elif after_formula and re.match(r"\s+\S", text):
            # a displayed formula goes on as long as lines are indented
            yield Block("formula", _joined(text))
            continue
        else:
            yield from _split(text, "paragraph")
        after_formula = _FORMULA in text


def _split(text: str, kind: Kind) -> Iterator[Block]:
    """A paragraph or an item that may run into a displayed formula."""
    head, _, formula = text.partition(_FORMULA)
    if head.strip():
        yield Block(kind, _joined(head))
    if formula.strip():
        yield Block("formula", _joined(formula))


def _joined(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Marked-up text within a line as characters, its formulas as people write them."""
    return "".join(_plain(piece) for piece in INLINE.split(text))


def _plain(piece: str) -> str:
    if piece.startswith(":math:"):
        return in_a_line(piece[7:-1])
    if re.match(r":\w+:`", piece):
        return piece.split("`")[1].lstrip("~")
    if INLINE.fullmatch(piece):
        return piece.strip("*") if piece.startswith("*") else piece.replace("``", "`")
    return piece


def wrapped(document: str, width: int) -> str:
    r"""A text for a terminal: paragraphs at a width, lists with dashes, formulas indented.

    Parameters
    ----------
    document : str
    width : int

    Examples
    --------
    >>> print(wrapped("So\n\n.. math:: a^2 = 1\n\nand more.", 40))
    So
    <BLANKLINE>
        a^2 = 1
    <BLANKLINE>
    and more.
    """
    parts: list[str] = []
    last = ""
    for block in blocks(document):
        first, rest = {"paragraph": ("", ""), "item": ("- ", "  "), "formula": ("    ", "      ")}[block.kind]
        text = in_a_line(block.text) if block.kind == "formula" else plain(block.text)
        parts.append(("\n" if last == block.kind == "item" else "\n\n") + filled(text, width, first, rest))
        last = block.kind
    return "".join(parts).strip("\n")
