"""What claims say, for a terminal: a list of them, and one with its proof and source."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from theory.bibliography import ENTRIES
from theory.claim import Claim
from theory.notation import typeset


def listed(claims: Iterable[Claim]) -> Table:
    """Names, titles and sources."""
    found = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("claim", "states", "source"):
        found.add_column(heading, overflow="fold")
    for claim in claims:
        found.add_row(claim.name, claim.title, str(claim.source))
    return found


def shown(claim: Claim, document: str) -> str:
    """Statement, proof, source and BibTeX entry of a claim, and what it is sharp and false for."""
    lines = [claim.name, "=" * len(claim.name), claim.title, "", f"    {claim.lhs} {claim.relation} {claim.rhs}"]
    lines += [f"    LaTeX: {typeset(claim.lhs)} {claim.relation} {typeset(claim.rhs)}", ""]
    for symbol, domain in claim.parameters.items():
        lines.append(f"    {symbol} in {domain}")
    for symbol, entry in claim.measured.items():
        inner = ", ".join(f"{name}={value}" for name, value in entry.arguments.items())
        lines.append(f"    {symbol} = {entry.verb}({inner})")
    lines += ["", document]
    if claim.assumptions:
        lines += ["", "Assumptions: " + "; ".join(str(assumption.statement) for assumption in claim.assumptions)]
    if claim.sharp is not None:
        lines.append(f"{'Attained' if claim.sharp.attained else 'Approached'} at: {claim.sharp.description}")
    if claim.false_sibling is not None:
        lines.append(f"False sibling: {claim.false_sibling.why}")
    lines.append(f"Source: {claim.source}")
    if claim.source.key in ENTRIES:
        lines += ["", ENTRIES[claim.source.key].strip()]
    return "\n".join(lines)
