r"""Formulas as MathML, which browsers draw without a network, and as a line of text, for terminals.

What is not known of LaTeX is shown as it is written, so that nothing of a formula is lost.

Examples
--------
>>> in_a_line(r"\left(1 - \alpha \nu\right)^{k} \le \frac{\sqrt{\ell}}{2 \beta}")
'(1 − αν)^k ≤ √ℓ/(2β)'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from xml.etree import ElementTree

from latex2mathml import exceptions
from latex2mathml.converter import convert

Element = ElementTree.Element

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
#: what the library raises, whose kinds have no common name, and what a reader of XML does
_REFUSALS: tuple[type[Exception], ...] = (
    ElementTree.ParseError,
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)),
)
#: how many parts an element has at least
_PARTS = dict.fromkeys(("mfrac", "msub", "msup", "mroot", "mover", "munder"), 2) | dict.fromkeys(("msubsup", "munderover"), 3)
#: brackets that the library shows with their backslash
_ESCAPED = re.compile(r">\\([{}|])<")
#: words that stand in formulas without a command, such as the names of rules below a symbol
_WORD = re.compile(r"(?<![\\a-zA-Z{])[a-z]{3,}(?![a-zA-Z])|(?<=[_^]\{)[a-z]{3,}(?=[,}])")
#: what takes braces of words already
_WORDS = re.compile(r"\\(?:operatorname\*?|text|math\w+|begin|end)\{[^}]*\}")
#: aligned lines are a matrix without brackets
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|align\*?|split|gathered)\}")
#: brackets of a stated size, which the library would not keep at the height of what stands between them
_OPENED, _CLOSED = re.compile(r"\\[bB]igg?l?\s*([(\[]|\\\{)"), re.compile(r"\\[bB]igg?r?\s*([)\]]|\\\})")
#: accents over a letter, as characters that combine with it
_ACCENTS = {"^": "\u0302", "~": "\u0303", "\u00af": "\u0304", "\u2015": "\u0304"}
#: signs with a space on either side between two operands
_BINARY = frozenset("+−=≤≥<>≠≈∈∉→⪯⪰≺≻∣∼≡∝⊂⟹⇒≪≫±×")
#: elements that end with an index or a power
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
#: what a sign of the same kind cannot follow as an operation between two operands
_OPENING = frozenset("([{⟨⌊,;")


def mathml(latex: str, *, block: bool = False) -> str:
    r"""A formula as a ``<math>`` element.

    Parameters
    ----------
    latex : str
        A formula of LaTeX's mathematical mode; what cannot be read as one is shown as it is.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str

    Examples
    --------
    >>> mathml(r"\frac{\alpha}{2}").count("mfrac")
    2
    """
    try:
        found = _ESCAPED.sub(r">\1<", str(convert(_prepared(latex), display="block" if block else "inline")))
        whole = all(_complete(element) for element in ElementTree.fromstring(found).iter())
    except _REFUSALS:
        whole = False
    return found if whole else f"<math><mtext>{escape(latex)}</mtext></math>"


def _complete(element: Element) -> bool:
    """Whether an element has the parts that its kind needs: the library lets a fraction pass whose end is missing."""
    return len(element) >= _PARTS.get(element.tag.removeprefix(_NAMESPACE), 0)


def _prepared(latex: str) -> str:
    latex = _ALIGNED.sub(r"\\\1{matrix}", latex)
    if len(_OPENED.findall(latex)) == len(_CLOSED.findall(latex)):
        latex = _CLOSED.sub(r"\\right\1", _OPENED.sub(r"\\left\1", latex))
    # what has its words in braces is kept out of the search for more of them
    parts = re.split(f"({_WORDS.pattern})", latex)
    return "".join(part if index % 2 else _WORD.sub(r"\\mathrm{\g<0>}", part) for index, part in enumerate(parts))


def in_a_line(latex: str) -> str:
    r"""A formula as one line of Unicode characters.

    Examples
    --------
    >>> in_a_line(r"\hat\theta_{maml} = E[A]^{-1}\, E[A\theta^*]")
    'θ̂_maml = E[A]^(−1) E[Aθ*]'
    >>> in_a_line(r"T_{tr}\rho^2 L^2 \|\theta^*_{drs}\|")
    'T_tr ρ^2 L^2‖θ*_drs‖'
    """
    return " ".join(_flat(ElementTree.fromstring(mathml(latex))).split())


def _flat(element: Element) -> str:
    """An element and what is in it."""
    kind, parts = element.tag.removeprefix(_NAMESPACE), list(element)
    if not parts:
        return " " if kind == "mspace" else element.text or ""
    if kind == "mfrac":
        return f"{_bracketed(parts[0])}/{_bracketed(parts[1])}"
    if kind == "msqrt":
        return "√" + _bracketed(element)
    if kind == "mroot":
        return f"{_bracketed(parts[0])}^(1/{_flat(parts[1])})"
    if kind in ("mover", "munder") and _flat(parts[1]) in _ACCENTS:
        return "".join(character + _ACCENTS[_flat(parts[1])] for character in _flat(parts[0]))
    if kind in ("msub", "munder", "msup", "mover", "msubsup", "munderover"):
        if kind in ("msup", "msubsup") and _flat(parts[-1]) == "*":
            # as books have it, whose star is no product
            return _flat(parts[0]) + "*" + "".join("_" + _bracketed(part, script=True) for part in parts[1:-1])
        signs = {"msub": "_", "munder": "_", "msup": "^", "mover": "^"}.get(kind, "_^")
        scripts = zip(signs, parts[1:], strict=True)
        return _flat(parts[0]) + "".join("′" if _flat(s) == "′" else sign + _bracketed(s, script=True) for sign, s in scripts)
    if kind == "mtr":
        return " ".join(map(_flat, parts))
    if kind == "mtable":
        return "; ".join(map(_flat, parts))
    return _row(parts)


def _row(parts: Sequence[Element]) -> str:
    """Neighbours, with spaces where a reader needs them."""
    found, scripted = "", False
    for part in parts:
        text = _flat(part)
        if scripted and found[-1:].isalnum() and text[:1].isalnum():
            found += " "  # a letter after an index or a power would be read as more of it
        last = found.rstrip()[-1:]
        operand = bool(last) and last not in _OPENING | _BINARY
        kind = part.tag.removeprefix(_NAMESPACE)
        name = kind in ("mi", "mo", "mrow") and re.search(r"[^\W\d_]{2,}$", text) is not None
        if text in _BINARY and operand:
            found = f"{found.rstrip()} {text} "
        elif kind == "mfrac" or (kind == "mstyle" and len(part) == 1 and part[0].tag.endswith("mfrac")):
            found += (" " if operand and last not in "([{|‖⟨" else "") + text + " "
        elif name or re.match(r"[^\W\d_]{2,}", text):
            # the name of a function or a word stands apart from letters beside it
            found += (" " if last.isalnum() else "") + text + " "
        else:
            # its argument in brackets does not
            apart = text[:1] in ",;.)]}" or (text[:1] in "([{" and re.search(r"[^\W\d_]{2,} $", found))
            found = (found.rstrip() if apart else found) + text
            found += " " if text in (",", ";") else ""
        scripted = kind in _SCRIPTED
    return found.strip(" ") if found.strip() else found


def _bracketed(element: Element, script: bool = False) -> str:
    """An element in brackets, unless it is one letter, number or bracket; a script also if it is a word."""
    text = _row(list(element)) if len(element) and element.tag.endswith(("msqrt", "mrow")) else _flat(element)
    single = r"\d+|[^\W\d_]+|\W" if script else r"\d+|√?[^\W\d][\u0302-\u0304]?(?:_\w+)?(?:\^\w+)?|\W"
    if re.fullmatch(single, text) or _enclosed(text):
        return text
    return f"({text})"


def _enclosed(text: str) -> bool:
    """Whether one pair of brackets stands around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return position == len(text) - 1
    return False
