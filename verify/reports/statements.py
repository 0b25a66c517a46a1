"""What claims say, for a terminal: a list of them, and one with its proof and source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sympy import Basic

from theory.bibliography import ENTRIES
from theory.claim import Claim
from theory.notation import TABLE, written
from verify.reports.markup import wrapped
from verify.shell.terminal import filled


def listed(claims: Iterable[Claim], width: int) -> str:
    """Names, and below each what it states and where that is from.

    Parameters
    ----------
    claims : iterable of Claim
    width : int
        Columns.
    """
    lines = []
    for claim in claims:
        lines += [claim.name, filled(f"{claim.title} [{claim.source}]", width, "    ", "    ")]
    return "\n".join(lines)


def relation(claim: Claim) -> str:
    """The two sides on one line, as people write them.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> relation(claim("transfer_drs_maml"))
    'excess <= risk_A ((1 - alpha nu)^k - (1 - alpha beta)^k)^2'
    """
    return f"{written(claim.lhs)} {'=' if claim.relation == '==' else claim.relation} {written(claim.rhs)}"


def shown(claim: Claim, document: str, width: int) -> str:
    """Statement, symbols, proof, where it is sharp, control, source and BibTeX entry of a claim.

    Parameters
    ----------
    claim : Claim
    document : str
        The claim's text.
    width : int
        Columns; formulas and BibTeX keep their lines.
    """
    parts = [f"{claim.name}\n{'=' * len(claim.name)}", filled(claim.title, width)]
    parts.append(filled(relation(claim), width, "    ", "        "))
    parts.append("\n".join(filled(line, width, "    ", "        ") for line in _symbols(claim)))
    parts.append(wrapped(document, width))
    if claim.assumptions:
        stated = [filled(written(assumption.statement), width, "- ", "  ") for assumption in claim.assumptions]
        parts.append("\n".join(["Assumptions:", *stated]))
    if claim.sharp is not None:
        parts.append(filled(f"{'Attained' if claim.sharp.attained else 'Approached'} at: {claim.sharp.description}", width))
    if claim.false_sibling is not None:
        parts.append(filled(f"False sibling: {claim.false_sibling.why}", width))
        if claim.false_sibling.stored is not None and claim.false_sibling.control is not None:
            parts.append(filled(f"It fails on a stored instance: {claim.false_sibling.stored.description}", width))
            parts.append(filled(f"Control of searches: {claim.false_sibling.control.why}", width))
    parts.append(f"Source: {claim.source}")
    if claim.source.key in ENTRIES:
        parts.append(ENTRIES[claim.source.key].strip())
    return "\n\n".join(parts)


def _symbols(claim: Claim) -> Iterator[str]:
    """What each symbol ranges over or is measured by, and what it stands for."""
    for symbol, domain in claim.parameters.items():
        said = f"one of {', '.join(map(str, domain))}" if isinstance(domain, tuple) else f"in {written(domain)}"
        yield f"{symbol} {said}" + _meaning(symbol)
    for symbol, entry in claim.measured.items():
        values = {name: written(value) if isinstance(value, Basic) else value for name, value in entry.arguments.items()}
        inner = ", ".join(f"{name}={value}" for name, value in values.items())
        yield f"{symbol} = {entry.quantity}({inner})" + _meaning(symbol)


def _meaning(symbol: Any) -> str:
    return f": {TABLE[symbol]}" if symbol in TABLE else ""
