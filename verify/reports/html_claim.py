"""One claim's section of a page: statement, verdict, pictures, where it breaks, proof, counterexamples, how to repeat it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from sympy.core.relational import Relational

from theory import bounds
from theory.bibliography import ENTRIES
from theory.claim import Argued, Claim
from theory.notation import TABLE, typeset, written
from verify.judging.record import Record
from verify.reports import figures
from verify.reports.html_parts import anchor, folded, prose, relation, soft, verdict
from verify.reports.mathml import mathml
from verify.reports.studies import Analysis
from verify.reports.text import scripts
from verify.shell.numbers import ratio_text
from verify.studies.assumptions import Break, Status
from verify.studies.sharpness import tells


@dataclass
class Study:
    """One claim with everything that was found about it.

    Attributes
    ----------
    claim : Claim
    records : list of Record
        Its own first, then its false sibling's and those of its proof's steps.
    command : str
        What to type to judge it again.
    found : Analysis
    """

    claim: Claim
    records: list[Record]
    command: str
    found: Analysis = field(default_factory=Analysis)


def section(study: Study) -> str:
    """A card with everything that was found."""
    claim, record = study.claim, study.records[0]
    parts = [
        f"<section class='card' id='{anchor(claim.name)}'><h3>{soft(claim.name)} {verdict(record)}</h3>",
        f"<p>{escape(claim.title)}.</p>",
        f"<div class='formula'>{relation(claim)}</div>",
        _where(claim),
        _facts(record),
        _pictures(study),
        limits(study.found.breaks, claim),
        _steps(study),
    ]
    for kind, script in scripts(record.counterexample).items():
        parts.append(folded(f"The {kind} counterexample, exact", script))
    for entry in study.found.breaks:
        if entry.counterexample:
            parts.append(folded(f"Counterexample without: {entry.assumption}", entry.counterexample))
    known = claim.name.partition("/")[0] in bounds.names()
    document = inspect.getdoc(bounds.module(claim.name)) if known else None
    if document:
        parts.append(f"<details><summary>Setting, statement, proof</summary>{prose(document)}</details>")
    if claim.source.key in ENTRIES:
        parts.append(folded(f"Source: {claim.source}", ENTRIES[claim.source.key].strip()))
    parts.append(folded("Repeat it", study.command))
    return "".join([*parts, "</section>"])


def _where(claim: Claim) -> str:
    """What the symbols of the formula are, and what the claim ranges over."""
    used = claim.lhs.free_symbols | claim.rhs.free_symbols
    rows = [
        f"<dt>{mathml(typeset(symbol))}</dt><dd>{escape(TABLE.get(symbol, 'measured'))}</dd>"
        for symbol in claim.measured
        if symbol in used
    ]
    for symbol, domain in claim.parameters.items():
        shown = escape(str(domain)) if isinstance(domain, tuple) else mathml(rf"{typeset(symbol)} \in {typeset(domain)}")
        name = f"{mathml(typeset(symbol))}: " if isinstance(domain, tuple) else ""
        rows.append(f"<dt>{name}{shown}</dt><dd>{escape(TABLE.get(symbol, ''))}</dd>")
    return f"<details><summary>Symbols and ranges</summary><dl class='symbols'>{''.join(rows)}</dl></details>"


def _facts(record: Record) -> str:
    facts = [f"{record.instances:,} instances", f"{record.seconds:.1f} s"]
    if not math.isnan(record.worst_ratio):
        facts.insert(0, f"worst ratio found {ratio_text(record.worst_ratio)}")
    if record.undefined:
        facts.append(f"{record.undefined:,} of them without a value")
    if record.detail:
        facts.append(record.detail)
    return f"<p class='facts'>{escape('; '.join(facts))}</p>"


def _pictures(study: Study) -> str:
    parts = []
    if study.found.cloud is not None and tells(study.found.cloud[2]):
        label, x, ratio = study.found.cloud
        worst = study.records[0].worst_ratio
        worst = worst if not math.isnan(worst) else float(np.nanmax(ratio))
        caption = "Left side over right side on random instances; the bound is the line at 1."
        parts.append(f"<figure>{figures.cloud(label, x, ratio, worst)}<figcaption>{caption}</figcaption></figure>")
    for found in study.found.maps:
        over = f"{figures.told(found.x.label)} and {figures.told(found.y.label)}"
        caption = (
            f"Where it holds over {over}: plain tiles hold, crossed ones fail (exact counterexample), dotted ones are "
            "undecided. The line is the end of the stated range."
        )
        parts.append(f"<figure>{figures.validity(found)}<figcaption>{escape(caption)}</figcaption></figure>")
    for cover in study.found.covers:
        caption = (
            "By balls alone, without factors: the deeper the green, the larger the slack; undecided is what lies at equality; "
            f"crossed, what is violated. {cover}."
        )
        parts.append(f"<figure>{figures.boxes(cover)}<figcaption>{escape(caption)}</figcaption></figure>")
    return f"<div class='figures'>{''.join(parts)}</div>" if parts else ""


def limits(found: Sequence[Break], claim: Claim | None = None) -> str:
    """What each assumption is needed for; as formulas where the claim has them as such."""
    if not found:
        return ""
    stated = (assumption.statement for assumption in (claim.assumptions if claim is not None else ()))
    formulas = {written(statement): mathml(typeset(statement)) for statement in stated if isinstance(statement, Relational)}
    shown = {entry.assumption: formulas.get(entry.assumption) or f"<code>{escape(entry.assumption)}</code>" for entry in found}
    kinds = {Status.NEEDED: "needed", Status.NOT_NEEDED: "spare", Status.UNDECIDED: "undecided"}
    rows = "".join(
        f"<li>{shown[entry.assumption]} <span class='chip {kinds[entry.status]}'>{entry.status.value}</span> "
        f"{escape(entry.evidence)}</li>"
        for entry in found
    )
    return f"<p><b>Where it breaks.</b> Each assumption dropped in turn:</p><ul>{rows}</ul>"


def _steps(study: Study) -> str:
    """The steps of the proof: which a machine looked at, and which the text argues."""
    names = {record.name: record for record in study.records}
    rows = []
    for step in study.claim.reductions:
        if isinstance(step, Argued):
            rows.append(f"<li>{escape(step.statement)} <span class='chip argued'>argued in the text</span></li>")
        elif step.name in names:
            said = f"{verdict(names[step.name])} {escape(step.title)}"
            rows.append(f"<li>{said}<div class='formula'>{relation(step)}</div></li>")
    sibling = names.get(f"{study.claim.name}/false-sibling")
    parts = [f"<details><summary>Steps of the proof ({len(rows)})</summary><ol>{''.join(rows)}</ol></details>"] if rows else []
    if study.found.losses:
        lost = "".join(
            f"<li>{escape(loss.why)}: a factor {loss.at_worst:.4g} on the worst instance, {loss.median:.4g} typically</li>"
            for loss in study.found.losses
        )
        parts.append(f"<p><b>What the steps lose.</b></p><ul>{lost}</ul>")
    if study.found.exponents:
        fitted = "".join(
            f"<li>against {escape(figures.told(entry.parameter))}: exponent {entry.exponent:+.2f} (worst ratios "
            f"{', '.join(f'{ratio:.4g}' for ratio in entry.ratios)})</li>"
            for entry in study.found.exponents
        )
        parts.append(f"<p><b>How the worst ratio scales</b> (exponent 0: the bound has the right power).</p><ul>{fitted}</ul>")
    if study.found.worst:
        parts.append(folded("The instance of the worst ratio, exact", study.found.worst))
    if sibling is not None:
        said = f", {escape(sibling.detail)}" if sibling.detail else ""
        parts.append(f"<p class='facts'>Control: its false sibling ({escape(sibling.title)}) is {verdict(sibling)}{said}</p>")
    return "".join(parts)
