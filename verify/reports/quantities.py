"""What a claim may measure: every quantity with its arguments, what it stands for, and a claim that uses it, from the code.

``python -m verify.bounds --quantities`` prints it, ``python -m verify.reports.quantities`` writes the page of the documents.

Examples
--------
>>> next(entry for entry in entries() if entry.name == "modeling_error").call
'modeling_error(trained, deployed)'
"""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Basic

from theory import bounds
from theory.claim import Claim, Measured
from theory.notation import TABLE, written
from verify.judging.judge import parts
from verify.quantities import QUANTITIES, Quantity
from verify.shell.terminal import filled, fitted


@dataclass(frozen=True)
class Entry:
    """One quantity.

    Attributes
    ----------
    name : str
    call : str
        With its arguments, and their defaults.
    group : str
        What its module is about.
    meanings : tuple of str
        What the symbols stand for that it measures; where no claim says it, what the table of symbols or its code does.
    example : str
        How a claim of the project calls it; empty if none does.
    claim : str
        The name of that claim.
    """

    name: str
    call: str
    group: str
    meanings: tuple[str, ...]
    example: str = ""
    claim: str = ""


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """All of the project's quantities, those of one module together."""
    uses, groups = _uses(), _groups()
    found = []
    for name, quantity in QUANTITIES.items():
        known = uses.get(name, [])
        meanings = tuple(dict.fromkeys(meaning for meaning, _, _ in known if meaning)) or (_documented(quantity, name),)
        # a short call that names a rule shows the arguments best
        shown = sorted(known, key=lambda use: (use[1].count("(") < 2, len(use[1])))
        example, claim = shown[0][1:] if shown else ("", "")
        found.append(Entry(name, _call(name, quantity), groups[name], meanings, example, claim))
    return tuple(found)


def _uses() -> dict[str, list[tuple[str, str, str]]]:
    """By quantity: what is measured by it, how it is called, and in which claim."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name in bounds.names():
        for claim in parts(bounds.claim(name)):
            for symbol, entry in claim.measured.items():
                found[entry.quantity].append((TABLE.get(symbol, ""), called(entry), _without_sibling(claim)))
    return found


def _without_sibling(claim: Claim) -> str:
    return claim.name.removesuffix("/false-sibling")


def called(entry: Measured) -> str:
    """A measurement as a claim writes it, its formulas as people do.

    Examples
    --------
    >>> from theory.claim import measured
    >>> from theory.notation import alpha, beta, k
    >>> from theory.rules import MAML
    >>> called(measured("training_risk", rule=MAML(1 / beta, k)))
    'training_risk(rule=MAML(alpha=1/beta, steps=k, inner_samples=None))'
    """
    values = {name: written(value) if isinstance(value, Basic) else repr(value) for name, value in entry.arguments.items()}
    return f"{entry.quantity}({', '.join(f'{name}={value}' for name, value in values.items())})"


def _call(name: str, quantity: Quantity) -> str:
    """The quantity with the arguments that a claim gives it: all but the instances and what draws replicates."""
    function, own = (quantity.floats, 1) if quantity.replicates is None else (quantity.replicates, 3)
    parameters = list(inspect.signature(function).parameters.values())[own:]
    return f"{name}({', '.join(map(_argument, parameters))})"


def _argument(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    return parameter.name if parameter.default is parameter.empty else f"{parameter.name}={parameter.default!r}"


def _groups() -> dict[str, str]:
    """By quantity: what the module that brings it is about."""
    found: dict[str, str] = {}
    # a package repeats what its modules bring
    for name in sorted((name for name in sys.modules if name.startswith("verify.quantities.")), key=len):
        for quantity in getattr(sys.modules[name], "QUANTITIES", {}):
            found[quantity] = " ".join((inspect.getdoc(sys.modules[name]) or "").partition("\n\n")[0].split()).rstrip(".")
    return found


def _documented(quantity: Quantity, name: str) -> str:
    words = {str(symbol): meaning for symbol, meaning in TABLE.items()}
    said = (inspect.getdoc(quantity.floats) or "").partition("\n")[0].rstrip(".")
    return words.get(name) or said or name.replace("_", " ")


def listed(width: int) -> str:
    """The reference for a terminal.

    Parameters
    ----------
    width : int
        Columns.
    """
    lines: list[str] = []
    group = ""
    for entry in entries():
        if entry.group != group:
            group = entry.group
            lines += ["", fitted(group, width)]
        lines.append(fitted(f"  {entry.call}", width))
        lines.append(fitted(f"      {'; or '.join(entry.meanings)}", width))
        if entry.example:
            lines.append(filled(f"{entry.example} in {entry.claim}", width, "      ", "        "))
    return "\n".join(lines).strip()


def page() -> str:
    """The reference as a page of Markdown."""
    return "\n".join(_paged()) + "\n"


def _paged() -> Iterator[str]:
    yield "# Quantities"
    yield ""
    yield f"What a claim may measure: {len(entries())} quantities by name. `measured('NAME', ...)` takes the arguments shown,"
    yield "which are rules of `theory.rules` and formulas in the claim's parameters. Each is obtained twice, in floats and"
    yield "exactly, by means that share no formula. Symbols are those of `theory.notation`."
    yield "`python -m verify.bounds --quantities` prints this list; `python -m verify.reports.quantities` made this page from"
    yield "the code."
    group = ""
    for entry in entries():
        if entry.group != group:
            group = entry.group
            yield from ("", f"## {group}", "", "| quantity | measures | as in |", "|---|---|---|")
        meaning = "; or ".join(entry.meanings).replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
        example = f"`{entry.claim}`: `{entry.example}`".replace("|", "\\|") if entry.example else ""
        yield f"| `{entry.call}` | {meaning} | {example} |"


if __name__ == "__main__":
    print(page(), end="")
