"""Everything about a run on one page that needs no network: statements, verdicts, counterexamples, pictures, how to repeat it.

The page is one file: formulas are MathML, figures inline SVG, colours follow the reader's choice of light or dark, and it is
laid out for a telephone's width as well.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from theory import bounds
from theory.bibliography import ENTRIES
from theory.claim import Argued, Claim
from theory.notation import TABLE, typeset
from verify.judging.judge import Record
from verify.reports import figures
from verify.reports.mathml import mathml
from verify.reports.page import SCRIPT, STYLE
from verify.reports.studies import Analysis
from verify.studies.assumptions import Break, Status
from verify.studies.audit import Entry


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


def as_html(studies: Sequence[Study], entries: Sequence[Entry] = (), *, summary: str = "") -> str:
    """The page.

    Parameters
    ----------
    studies : sequence of Study
    entries : sequence of verify.studies.audit.Entry
        The audit of a publication; empty for none.
    summary : str
        One line on top.

    Returns
    -------
    str
        An HTML document.
    """
    versions = studies[0].records[0].versions if studies else {}
    seed = studies[0].records[0].seed if studies else 0
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>metabounds: verdicts</title><style>{STYLE}</style></head><body><main>",
        f"<h1>Verdicts</h1><p class='lead'>{escape(summary)}</p>",
        _legend(),
        _overview(studies),
        _audit(entries),
        "<h2>Claims</h2>",
        *map(_section, studies),
        "<h2>How to repeat this</h2><p>Every verdict, counterexample and picture is fixed by the seed and the versions below. ",
        "Each claim's own command stands in its section; a counterexample is Python that can be pasted.</p>",
        f"<p>Seed {seed}; " + ", ".join(f"{escape(name)} {escape(version)}" for name, version in versions.items()) + "</p>",
        f"</main><script>{SCRIPT}</script></body></html>\n",
    ]
    return "".join(parts)


def _legend() -> str:
    meanings = {
        "proved": "for all parameters within the assumptions",
        "certified": "on the stated box",
        "searched": "a search that finds the false sibling found no violation",
        "sampled": "no violation among random instances; the false sibling was seen",
        "refuted": "a violation, replayed exactly",
        "undecided": "none of these",
    }
    rows = "".join(f"<dt>{_chip(name)}</dt><dd>{meaning}</dd>" for name, meaning in meanings.items())
    return f'<details class="legend"><summary>What a verdict means</summary><dl>{rows}</dl></details>'


def _overview(studies: Sequence[Study]) -> str:
    rows = []
    for study in studies:
        record = study.records[0]
        ratio = "" if math.isnan(record.worst_ratio) else f"{figures.bar(record.worst_ratio)} {record.worst_ratio:.4f}"
        rows.append(
            f"<tr><th scope='row'><a href='#{_anchor(record.name)}'>{_soft(record.name)}</a></th><td>{_verdict(record)}</td>"
            f"<td class='number'>{ratio}</td></tr>"
        )
    return (
        "<h2>Overview</h2><div class='scroll'><table><thead><tr><th>claim</th><th>verdict</th>"
        f"<th class='number'>worst ratio<span class='wide'> found</span></th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


# --- the audit ----------------------------------------------------------------------------------------------------------------


def _audit(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    return "<h2>Audit of what is printed</h2>" + "".join(map(_audited, entries))


def _audited(entry: Entry) -> str:
    kind = entry.finding.name.lower()
    parts = [
        f"<section class='card'><h3>{escape(entry.source)}</h3><p><span class='chip {kind}'>{entry.finding.value}</span></p>",
        f"{prose('**Printed.** ' + entry.statement)}<p><b>Because.</b> {escape(entry.evidence)}</p>",
    ]
    if entry.claim:
        parts.append(f"<p>Stated as <a href='#{_anchor(entry.claim)}'>{_soft(entry.claim)}</a>: {escape(entry.title)}.</p>")
    if entry.limits:
        parts.append(_breaks(entry.limits))
    for claim in entry.instead:
        said = escape(claim.verdict or "not judged here")
        parts.append(f"<p><b>Instead</b> (<code>{_soft(claim.name)}</code>, {said})<b>.</b> {escape(claim.title)}.</p>")
    if entry.counterexample:
        parts.append(_code("Counterexample, exact", entry.counterexample))
    return "".join([*parts, "</section>"])


# --- one claim ----------------------------------------------------------------------------------------------------------------


def _section(study: Study) -> str:
    claim, record = study.claim, study.records[0]
    parts = [
        f"<section class='card' id='{_anchor(claim.name)}'><h3>{_soft(claim.name)} {_verdict(record)}</h3>",
        f"<p>{escape(claim.title)}.</p>",
        f"<div class='formula'>{relation(claim)}</div>",
        _where(claim),
        _facts(record),
        _pictures(study),
        _breaks(study.found.breaks),
        _steps(study),
    ]
    for kind, script in record.counterexample.items():
        parts.append(_code(f"The {kind} counterexample, exact", script))
    for entry in study.found.breaks:
        if entry.counterexample:
            parts.append(_code(f"Counterexample without: {entry.assumption}", entry.counterexample))
    known = claim.name.partition("/")[0] in bounds.names()
    document = inspect.getdoc(bounds.module(claim.name)) if known else None
    if document:
        parts.append(f"<details><summary>Setting, statement, proof</summary>{prose(document)}</details>")
    if claim.source.key in ENTRIES:
        parts.append(_code(f"Source: {claim.source}", ENTRIES[claim.source.key].strip()))
    parts.append(_code("Repeat it", study.command))
    return "".join([*parts, "</section>"])


def relation(claim: Claim) -> str:
    """A claim's two sides and its relation as a formula."""
    sign = r"\le" if claim.relation == "<=" else "="
    return mathml(f"{typeset(claim.lhs)} {sign} {typeset(claim.rhs)}", block=True)


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
        facts.insert(0, f"worst ratio found {record.worst_ratio:.6f}")
    if record.undefined:
        facts.append(f"{record.undefined:,} of them without a value")
    if record.detail:
        facts.append(record.detail)
    return f"<p class='facts'>{escape('; '.join(facts))}</p>"


def _pictures(study: Study) -> str:
    parts = []
    if study.found.cloud is not None and len(study.found.cloud[1]):
        label, x, ratio = study.found.cloud
        worst = study.records[0].worst_ratio
        worst = worst if not math.isnan(worst) else float(np.nanmax(ratio))
        caption = "Left side over right side on random instances; the bound is the line at 1."
        parts.append(f"<figure>{figures.cloud(label, x, ratio, worst)}<figcaption>{caption}</figcaption></figure>")
    for found in study.found.maps:
        caption = (
            f"Where it holds over {found.x.label} and {found.y.label}: plain tiles hold, crossed ones fail (exact "
            "counterexample), dotted ones are undecided. The line is the end of the stated range."
        )
        parts.append(f"<figure>{figures.validity(found)}<figcaption>{escape(caption)}</figcaption></figure>")
    for cover in study.found.covers:
        caption = (
            "By balls alone, without factors: the deeper the green, the larger the slack; undecided is what lies at equality; "
            f"crossed, what is violated. {cover}."
        )
        parts.append(f"<figure>{figures.boxes(cover)}<figcaption>{escape(caption)}</figcaption></figure>")
    return f"<div class='figures'>{''.join(parts)}</div>" if parts else ""


def _breaks(found: Sequence[Break]) -> str:
    if not found:
        return ""
    kinds = {Status.NEEDED: "needed", Status.NOT_NEEDED: "spare", Status.UNDECIDED: "undecided"}
    rows = "".join(
        f"<li><code>{escape(entry.assumption)}</code> <span class='chip {kinds[entry.status]}'>{entry.status.value}</span> "
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
            said = f"{_verdict(names[step.name])} {escape(step.title)}"
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
            f"<li>against {escape(entry.parameter)}: exponent {entry.exponent:+.2f} (worst ratios "
            f"{', '.join(f'{ratio:.4g}' for ratio in entry.ratios)})</li>"
            for entry in study.found.exponents
        )
        parts.append(f"<p><b>How the worst ratio scales</b> (exponent 0: the bound has the right power).</p><ul>{fitted}</ul>")
    if study.found.worst:
        parts.append(_code("The instance of the worst ratio, exact", study.found.worst))
    if sibling is not None:
        parts.append(f"<p class='facts'>Control: its false sibling ({escape(sibling.title)}) is {_verdict(sibling)}</p>")
    return "".join(parts)


# --- text -----------------------------------------------------------------------------------------------------------------


def prose(document: str) -> str:
    """A claim's docstring as HTML: paragraphs, lists, displayed and inline formulas, emphasis."""
    parts = []
    for block in re.split(r"\n\s*\n(?!\s*\n)", document.strip()):
        text = block.strip("\n")
        if re.match(r"\s*\.\. math::", text):
            parts.append(f"<div class='formula'>{mathml(text.split('::', 1)[1], block=True)}</div>")
        elif re.match(r"\s+\S", text) and parts and parts[-1].startswith("<div class='formula'><math"):
            parts.append(f"<div class='formula'>{mathml(text, block=True)}</div>")
        elif re.match(r"\s*- ", text):
            items = re.split(r"\n?^\s*- ", text, flags=re.MULTILINE)[1:]
            parts.append("<ul>" + "".join(f"<li>{_display(item)}</li>" for item in items) + "</ul>")
        else:
            parts.append(f"<p>{_display(text)}</p>")
    return "".join(parts)


def _display(text: str) -> str:
    """A paragraph that may run into a displayed formula."""
    head, mark, formula = text.partition(".. math::")
    return inline(" ".join(head.split())) + (f"<div class='formula'>{mathml(formula, block=True)}</div>" if mark else "")


def inline(text: str) -> str:
    """Marked-up text within a line as HTML."""
    pieces = re.split(r"(:\w+:`[^`]*`|``[^`]*``|`[^`]*`|\*\*[^*]+\*\*|(?<![*\w])\*[^*\s][^*]*\*(?!\w))", text)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece.startswith(":math:"):
        return mathml(piece[7:-1])
    if re.match(r":\w+:`", piece):
        name = piece.split("`")[1].lstrip("~").rpartition(".")[2]
        return f"<code>{_soft(name)}</code>"
    if piece.startswith("`") and piece.endswith("`") and len(piece) > 1:
        return f"<code>{escape(piece.strip('`'))}</code>"
    if piece.startswith("**"):
        return f"<b>{escape(piece.strip('*'))}</b>"
    if piece.startswith("*") and piece.endswith("*") and len(piece) > 2:
        return f"<i>{escape(piece.strip('*'))}</i>"
    return escape(piece)


def _code(title: str, text: str) -> str:
    return f"<details><summary>{escape(title)}</summary><pre><code>{escape(text)}</code></pre></details>"


def _verdict(record: Record) -> str:
    mark = "" if record.as_expected else " <span class='chip wrong'>not as expected</span>"
    return _chip(record.verdict.value) + mark


def _chip(name: str) -> str:
    return f"<span class='chip {name}'>{name}</span>"


def _anchor(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)


def _soft(name: str) -> str:
    """A name that may break after its underscores."""
    return re.sub("([_/])", r"\1<wbr/>", escape(name))


def grouped(
    records: Sequence[Record], claims: Mapping[str, Claim], commands: Mapping[str, str], found: Mapping[str, Analysis]
) -> list[Study]:
    """Records by the claim they belong to, in their order.

    Parameters
    ----------
    records : sequence of Record
    claims, commands, found : mapping
        Claim, command and analysis by the claim's name; an analysis may be missing.
    """
    studies = []
    for name, claim in claims.items():
        own = [record for record in records if record.name == name or record.name.startswith(f"{name}/")]
        if own:
            studies.append(Study(claim, own, commands[name], found.get(name, Analysis())))
    return studies
