r"""Records as a LaTeX table, for a paper's appendix: statement, verdict, worst ratio, instances.

The file needs the packages ``amsmath``, ``booktabs`` and ``longtable`` and is read with ``\input``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from theory import bounds
from theory.claim import Claim
from theory.notation import typeset
from verify.shell.numbers import ratio_text

if TYPE_CHECKING:
    from verify.judging.record import Record

_SPECIAL = {character: "\\" + character for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
_HEAD = r"""% \usepackage{amsmath,booktabs,longtable}
\begingroup\footnotesize\setlength{\tabcolsep}{3pt}
\begin{longtable}{@{}p{0.22\linewidth}p{0.35\linewidth}lrr@{}}
\toprule
claim & statement & verdict & worst ratio & instances \\
\midrule
\endhead
"""
_FOOT = "\\bottomrule\n\\end{longtable}\n\\endgroup\n"


def as_latex(records: Sequence[Record]) -> str:
    """A ``longtable`` with a row for each record; false siblings, which are controls, have none.

    Parameters
    ----------
    records : sequence of Record

    Returns
    -------
    str
        LaTeX source.
    """
    rows = [_row(record) for record in records if not record.beside]
    return _HEAD + "".join(rows) + _FOOT


def _row(record: Record) -> str:
    # a power of ten as mathematics has it: an e would be a letter
    ratio = re.sub(r"e\+?(-?)0*(\d+)$", r" \\cdot 10^{\1\2}", ratio_text(record.worst_ratio))
    worst = f"${ratio}$" if ratio else "--"
    verdict = record.verdict.value + ("" if record.as_expected else r" (\textbf{not as expected})")
    left = (_ragged(rf"\texttt{{{_breakable(record.name)}}}"), _ragged(_statement(record)))
    cells = (*left, verdict, worst, f"{record.instances:,}")
    return " & ".join(cells) + " \\\\\n"


def _ragged(text: str) -> str:
    """A paragraph of a narrow column, set without stretching its spaces."""
    return rf"{{\raggedright {text}\par}}"


def _breakable(name: str) -> str:
    return escaped(name).replace("\\_", "\\_\\allowbreak{}").replace("/", "/\\allowbreak{}")


def _statement(record: Record) -> str:
    """The relation in symbols where the claim is one of the project's own, its title otherwise."""
    claim = own_claim(record.name)
    if claim is None:
        return escaped(record.title)
    relation = r"\le" if claim.relation == "<=" else "="
    formula = f"{typeset(claim.lhs)} {relation} {typeset(claim.rhs)}"
    # TeX breaks no line between brackets that grow
    return "$" + re.sub(r"\\(left|right)(?![a-z])", "", formula) + "$"


def own_claim(name: str) -> Claim | None:
    """The project's claim of that name, or None for a user's."""
    try:
        return bounds.claim(name)
    except (KeyError, ValueError):
        return None


def escaped(text: str) -> str:
    r"""Text with the characters that LaTeX gives a meaning.

    Examples
    --------
    >>> escaped("a_1 & 50 %")
    'a\\_1 \\& 50 \\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)
