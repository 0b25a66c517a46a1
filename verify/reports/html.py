"""Everything about a run on one page that needs no network: statements, verdicts, counterexamples, pictures, how to repeat it.

The page is one file: formulas are MathML, figures inline SVG, colours follow the reader's choice of light or dark, and it is
laid out for a telephone's width as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from theory import bounds
from theory.claim import Claim
from theory.provenance import Provenance
from verify.judging.record import Record
from verify.reports import figures
from verify.reports.html_claim import Study, limits, section
from verify.reports.html_parts import anchor, chip, folded, inline, prose, soft, verdict
from verify.reports.page import SCRIPT, STYLE
from verify.reports.studies import Analysis
from verify.shell.numbers import ratio_text
from verify.studies.audit import Entry


def as_html(
    studies: Sequence[Study], entries: Sequence[Entry] = (), *, summary: str = "", known: Sequence[Provenance] = ()
) -> str:
    """The page.

    Parameters
    ----------
    studies : sequence of Study
    entries : sequence of verify.studies.audit.Entry
        The audit of a publication; empty for none.
    summary : str
        One line on top.
    known : sequence of theory.provenance.Provenance
        How publications are known that were not read whole.

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
        _audit(entries, known),
        "<h2>Claims</h2>",
        *map(section, studies),
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
    rows = "".join(f"<dt>{chip(name)}</dt><dd>{meaning}</dd>" for name, meaning in meanings.items())
    return f'<details class="legend"><summary>What a verdict means</summary><dl>{rows}</dl></details>'


def _overview(studies: Sequence[Study]) -> str:
    rows = []
    for study in studies:
        record = study.records[0]
        worst = ratio_text(record.worst_ratio, 4)
        shown = f"{figures.bar(record.worst_ratio)} {worst}" if worst else ""
        rows.append(
            f"<tr><th scope='row'><a href='#{anchor(record.name)}'>{soft(record.name)}</a></th><td>{verdict(record)}</td>"
            f"<td class='number'>{shown}</td></tr>"
        )
    return (
        "<h2>Overview</h2><div class='scroll'><table><thead><tr><th>claim</th><th>verdict</th>"
        f"<th class='number'>worst ratio<span class='wide'> found</span></th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _audit(entries: Sequence[Entry], known: Sequence[Provenance]) -> str:
    if not entries and not known:
        return ""
    return "<h2>Audit of what is printed</h2>" + "".join([*map(_known, known), *map(_audited, entries)])


def _known(entry: Provenance) -> str:
    """What was read of a publication, and what is from memory."""
    parts = [
        f"<section class='card'><h3>{escape(entry.key)}: how it is known</h3><p><b>Read.</b> {escape(entry.read)}.</p>",
        f"<p><b>From memory, and not called printed until read.</b> {escape(entry.recalled or 'nothing')}.</p>",
    ]
    return "".join([*parts, f"<p><b>Found beside.</b> {escape(entry.found)}</p>" if entry.found else "", "</section>"])


def _audited(entry: Entry) -> str:
    kind = entry.finding.name.lower()
    parts = [
        f"<section class='card'><h3>{escape(entry.source)}</h3><p><span class='chip {kind}'>{entry}</span></p>",
        prose(f"**{entry.known}**, in our words: {entry.statement}"),
        prose(f"**Read as.** {entry.reading}") if entry.reading else "",
        f"<p><b>Because.</b> {inline(entry.evidence)}</p>",
    ]
    if entry.claim:
        parts.append(f"<p>Stated as <a href='#{anchor(entry.claim)}'>{soft(entry.claim)}</a>: {escape(entry.title)}.</p>")
    if entry.limits:
        known = entry.claim.partition("/")[0] in bounds.names()
        parts.append(limits(entry.limits, bounds.claim(entry.claim) if known else None))
    for claim in entry.instead:
        said = escape(claim.verdict or "not judged here")
        parts.append(f"<p><b>Instead</b> (<code>{soft(claim.name)}</code>, {said})<b>.</b> {escape(claim.title)}.</p>")
    if entry.counterexample:
        parts.append(folded("Counterexample, exact", entry.counterexample))
    return "".join([*parts, "</section>"])


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
