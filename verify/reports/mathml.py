r"""Formulas as MathML, which browsers draw without a network: a small part of LaTeX, as the claims and their texts use it.

What it does not know it shows as it is written, so that nothing of a formula is lost.

Examples
--------
>>> mathml(r"\frac{\alpha}{2}")
'<math><mfrac><mi>α</mi><mn>2</mn></mfrac></math>'
>>> mathml(r"x_1^2 \le \sqrt{\ell}")
'<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup><mo>≤</mo><msqrt><mi>ℓ</mi></msqrt></math>'
"""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|[a-z]{3,}|\\.|[{}^_&]|\d+(?:\.\d+)?|\S|\s+")

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "Gamma": "Γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "Theta": "Θ", "kappa": "κ", "lambda": "λ", "Lambda": "Λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "Pi": "Π", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "Sigma": "Σ", "tau": "τ", "phi": "φ",
    "varphi": "φ", "Phi": "Φ", "chi": "χ", "psi": "ψ", "Psi": "Ψ", "omega": "ω", "Omega": "Ω", "ell": "ℓ", "infty": "∞",
    "partial": "∂", "top": "⊤", "dots": "…", "ldots": "…", "cdots": "⋯",
}  # fmt: skip
_OPERATORS = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "preceq": "⪯", "succeq": "⪰", "prec": "≺",
    "succ": "≻", "cdot": "⋅", "times": "×", "pm": "±", "to": "→", "in": "∈", "mid": "∣", "perp": "⟂", "approx": "≈",
    "propto": "∝", "sim": "∼", "equiv": "≡", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "nabla": "∇",
    "sum": "∑", "prod": "∏", "int": "∫", "|": "‖", "{": "{", "}": "}", "lVert": "‖", "rVert": "‖", "vert": "|", "subset": "⊂",
    "circ": "∘", "Longrightarrow": "⟹", "Rightarrow": "⇒", "ll": "≪", "gg": "≫", "lim": "lim", "forall": "∀", "prime": "′",
}  # fmt: skip
_NAMES = frozenset(["min", "max", "sup", "inf", "ln", "log", "exp", "det", "tr", "arg", "Pr", "cos", "sin"])
_SPACES = {",": "0.17em", ";": "0.28em", ":": "0.22em", " ": "0.28em", "quad": "1em", "qquad": "2em", "!": "-0.17em"}
#: script letters have characters of their own
_SCRIPT = {"E": "ℰ", "F": "ℱ", "H": "ℋ", "L": "ℒ", "R": "ℛ", "B": "ℬ", "M": "ℳ"}
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "overline": "¯"}
#: commands that only choose a size or a style
_SILENT = re.compile(r"\\(?:[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|allowbreak)")


def mathml(latex: str, *, block: bool = False) -> str:
    r"""A formula as a ``<math>`` element.

    Parameters
    ----------
    latex : str
        Letters, numbers, ``^``, ``_``, ``\frac``, ``\sqrt``, ``\left … \right``, ``\operatorname``, ``\begin{…}`` with ``&``
        and ``\\``, Greek letters and the usual relations.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
    """
    parser = _Parser([token for token in _TOKEN.findall(latex) if not token.isspace() and not _SILENT.fullmatch(token)])
    body = "".join(parser.row(()))
    return f'<math display="block">{body}</math>' if block else f"<math>{body}</math>"


class _Parser:
    """A recursive descent over tokens; every method returns elements as strings."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self.position += 1
        return token

    def row(self, ends: tuple[str, ...]) -> list[str]:
        """Elements up to one of the tokens that end the row, which is left to be read."""
        found: list[str] = []
        while self._peek() and self._peek() not in ends:
            found.append(self._scripted())
        return found

    def _scripted(self) -> str:
        """An atom with what is below and above it."""
        base = self._atom()
        marks: dict[str, str] = {}
        while self._peek() in ("^", "_", "'"):
            mark = self._next()
            if mark == "'":
                marks["^"] = marks.get("^", "") + "<mo>′</mo>"
            else:
                marks[mark] = marks.get(mark, "") + self._argument()
        below, above = marks.get("_"), marks.get("^")
        above = f"<mrow>{above}</mrow>" if above and above.count("<m") > 1 and not above.startswith("<mrow>") else above
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def _argument(self) -> str:
        """A braced group as one element, or a single atom."""
        if self._peek() != "{":
            return self._atom()
        self._next()
        found = self.row(("}",))
        self._next()
        return found[0] if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"

    def _words(self) -> str:
        """A braced group as characters."""
        if self._peek() != "{":
            return self._next()
        self._next()
        found = []
        while self._peek() not in ("", "}"):
            found.append(self._next().removeprefix("\\"))
        self._next()
        return "".join(found)

    def _atom(self) -> str:
        token = self._next()
        if token == "{":
            self.position -= 1
            return self._argument()
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[:1].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        # a fence outside of \left and \right keeps its size
        stretch = ' stretchy="false"' if token in "()[]|" and token else ""
        return f"<mo{stretch}>{escape('−' if token == '-' else token)}</mo>"

    def _command(self, name: str) -> str:
        if name in ("frac", "tfrac", "dfrac"):
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self._argument()}</msqrt>"
        if name == "left":
            return self._fenced()
        if name == "begin":
            return self._table()
        if name == "mathcal":
            letter = self._words()
            return f"<mi>{_SCRIPT.get(letter, escape(letter))}</mi>"
        if name == "text":
            return f"<mtext>{escape(self._words())}</mtext>"
        if name in ("operatorname", "operatorname*", "mathrm", "mathbf", "mathbb"):
            return f'<mi mathvariant="normal">{escape(self._words())}</mi>'
        if name in _ACCENTS:
            return f"<mover>{self._argument()}<mo>{_ACCENTS[name]}</mo></mover>"
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        if name in _NAMES:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"/>'
        return f"<mtext>{escape(name)}</mtext>"

    def _fenced(self) -> str:
        opening = self._fence()
        inner = "".join(self.row(("\\right",)))
        self._next()
        return f"<mrow>{opening}{inner}{self._fence()}</mrow>"

    def _fence(self) -> str:
        token = self._next()
        sign = _OPERATORS.get(token[1:], token) if token.startswith("\\") else token
        return "" if sign == "." else f'<mo fence="true">{escape(sign)}</mo>'

    def _table(self) -> str:
        self._words()
        rows, cells = [], []
        while self._peek():
            cells.append("<mtd>" + "".join(self.row(("&", "\\\\", "\\end"))) + "</mtd>")
            end = self._next()
            if end != "&":
                rows.append(f"<mtr>{''.join(cells)}</mtr>")
                cells = []
            if end in ("\\end", ""):
                self._words()
                break
        return f"<mtable>{''.join(rows)}</mtable>"
