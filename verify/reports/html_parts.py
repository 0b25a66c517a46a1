"""Small parts of a page: text with formulas, code that unfolds, verdicts, and where links lead."""

from __future__ import annotations

import re
from html import escape

from theory.claim import Claim
from theory.notation import typeset
from verify.judging.record import Record
from verify.reports.markup import INLINE, blocks
from verify.reports.mathml import mathml


def relation(claim: Claim) -> str:
    """A claim's two sides and its relation as a formula."""
    sign = r"\le" if claim.relation == "<=" else "="
    return mathml(f"{typeset(claim.lhs)} {sign} {typeset(claim.rhs)}", block=True)


def prose(document: str) -> str:
    """A claim's docstring as HTML: paragraphs, lists, displayed and inline formulas, emphasis."""
    parts = {
        "paragraph": lambda text: f"<p>{inline(text)}</p>",
        "item": lambda text: f"<ul><li>{inline(text)}</li></ul>",
        "formula": lambda text: f"<div class='formula'>{mathml(text, block=True)}</div>",
    }
    return "".join(parts[block.kind](block.text) for block in blocks(document)).replace("</ul><ul>", "")


def inline(text: str) -> str:
    """Marked-up text within a line as HTML."""
    return "".join(_piece(piece) for piece in INLINE.split(text))


def _piece(piece: str) -> str:
    if piece.startswith(":math:"):
        return mathml(piece[7:-1])
    if re.match(r":\w+:`", piece):
        name = piece.split("`")[1].lstrip("~").rpartition(".")[2]
        return f"<code>{soft(name)}</code>"
    if piece.startswith("`") and piece.endswith("`") and len(piece) > 1:
        return f"<code>{escape(piece.strip('`'))}</code>"
    if piece.startswith("**"):
        return f"<b>{escape(piece.strip('*'))}</b>"
    if piece.startswith("*") and piece.endswith("*") and len(piece) > 2:
        return f"<i>{escape(piece.strip('*'))}</i>"
    return escape(piece)


def folded(title: str, text: str) -> str:
    """Code under a line that unfolds it."""
    return f"<details><summary>{escape(title)}</summary><pre><code>{escape(text)}</code></pre></details>"


def verdict(record: Record) -> str:
    """A verdict, marked if it is not as expected."""
    mark = "" if record.as_expected else " <span class='chip wrong'>not as expected</span>"
    return chip(record.verdict.value) + mark


def chip(name: str) -> str:
    """A word in the colour of its meaning."""
    return f"<span class='chip {name}'>{name}</span>"


def anchor(name: str) -> str:
    """Where links to a claim lead."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)


def soft(name: str) -> str:
    """A name that may break after its underscores."""
    return re.sub("([_/])", r"\1<wbr/>", escape(name))
