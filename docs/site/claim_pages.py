"""A page for each claim, made from its file: statement, proof, verdict, where it is attained, a picture, code to try.

Verdicts are judged when the site is built, those that an earlier run kept are reused; ``-D claims_records=FILE`` takes those
that ``python -m verify.bounds --json FILE`` wrote instead.  Pictures and extremal instances are computed anew.
"""

from __future__ import annotations

import inspect
import json
import os
import textwrap
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from generated import heading, write
from references import page
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.rst import escape
from sympy import Basic

from theory import bounds
from theory.bibliography import ENTRIES
from theory.claim import Argued, Claim
from theory.notation import TABLE, typeset, written
from verify.evidence.counterexample import script
from verify.evidence.question import Outcome, Question
from verify.evidence.result import Effort
from verify.judging.sources import Reference
from verify.judging.workers import judged, spread, units
from verify.reports import figures
from verify.reports.text import as_json
from verify.shell.numbers import ratio_text
from verify.studies import extremal, sharpness

_LOGGER = logging.getLogger(__name__)
Entry = Mapping[str, Any]


# --- what is found out ------------------------------------------------------------------------------------------------------


def verdicts(app: Sphinx, names: Sequence[str]) -> dict[str, Entry]:
    """Records of claims, of their steps and of their controls, by name."""
    if app.config.claims_records:
        path = Path(app.config.claims_records)
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
            found = {record["name"]: record for record in records}
        except (OSError, ValueError, TypeError, KeyError):
            raise ConfigError(f"claims_records is {path}; it must be a file that verify.bounds --json wrote") from None
        if missing := [name for name in names if name not in found]:
            raise ConfigError(f"claims_records is {path}, which has no verdict on {', '.join(missing)}; judge all claims")
        return found
    level = app.config.claims_level
    asked = [unit for name in names for unit in units(Reference(name))]
    _LOGGER.info("judging %d claims and steps at level %s", len(asked), level)
    work = judged(asked, level, 0, float("inf"), os.cpu_count() or 1, reuse=True)
    return {record["name"]: record for record in json.loads(as_json([each for unit in work for each in unit], level))}


def pictured(name: str) -> tuple[str, str]:
    """The picture of a claim's sharpness, and the instance that its author names as Python; each empty if there is none."""
    question, picture, instance = Reference(name).load(), "", ""
    claim = question.claim
    if claim.relation == "<=" and not question.random:
        label, x, ratio = sharpness.cloud(question, Effort())
        if sharpness.tells(ratio):
            picture = figures.cloud(label, x, ratio, float(max(ratio)))
    found = extremal.named(question)
    if found is not None and found.outcome is Outcome.HOLDS:
        instance = script(Question(claim), found)
    return picture, instance


# --- parts of a page --------------------------------------------------------------------------------------------------------


def raw(html: str) -> str:
    """HTML as it is."""
    return ".. raw:: html\n\n" + textwrap.indent(html, "   ") + "\n"


def code(text: str, language: str = "python") -> str:
    """A block of code."""
    return f".. code-block:: {language}\n\n" + textwrap.indent(text.strip(), "   ") + "\n"


def formula(claim: Claim) -> str:
    """The two sides, displayed."""
    sign = {"==": "=", "<=": r"\le"}[claim.relation]
    return f".. math:: {typeset(claim.lhs)} {sign} {typeset(claim.rhs)}\n"


def chip(record: Entry) -> str:
    """A verdict in the colour of its meaning."""
    wrong = "" if record["as_expected"] else ' <span class="chip wrong">not as expected</span>'
    return f'<span class="chip {record["verdict"]}">{record["verdict"]}</span>{wrong}'


def rows(header: Sequence[str], entries: Sequence[Sequence[str]], widths: str = "auto") -> str:
    """A table whose cells are marked-up text."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for entry in (header, *entries):
        lines += [f"   {'*' if not index else ' '} - {cell}".rstrip() for index, cell in enumerate(entry)]
    return "\n".join(lines) + "\n"


def _verdict(claim: Claim, records: Mapping[str, Entry]) -> str:
    record = records[claim.name]
    facts = [chip(record)]
    if record["worst_ratio"] is not None:
        facts.append(f"worst ratio found {ratio_text(record['worst_ratio'])}")
    facts.append(f"{record['instances']:,} instances")
    control = records.get(f"{claim.name}/false-sibling")
    if control is not None:
        facts.append(f"its false sibling is {control['verdict']}")
    detail = f'<p class="facts">{_escaped(record["detail"])}</p>' if record["detail"] else ""
    return raw(f'<p class="verdict">{" · ".join(facts)}</p>{detail}')


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _quantified(claim: Claim) -> str:
    """How the relation is meant where it is not about each instance."""
    if claim.failure_probability is not None:
        return f"With probability at least :math:`1-{typeset(claim.failure_probability)}`:\n"
    return "In expectation:\n" if claim.on_average else ""


def _symbols(claim: Claim) -> str:
    entries = []
    for symbol, domain in claim.parameters.items():
        said = f"one of {', '.join(map(str, domain))}" if isinstance(domain, tuple) else f":math:`{typeset(domain)}`"
        entries.append([f":math:`{typeset(symbol)}`", said, escape(TABLE.get(symbol, ""))])
    for symbol, domain in ({} if claim.tasks is None else claim.tasks.sizes).items():
        entries.append([f":math:`{typeset(symbol)}`", f":math:`{typeset(domain)}`", escape(TABLE.get(symbol, ""))])
    for symbol, entry in claim.measured.items():
        given = {name: written(value) if isinstance(value, Basic) else value for name, value in entry.arguments.items()}
        inner = ", ".join(f"{name}={value}" for name, value in given.items())
        entries.append([f":math:`{typeset(symbol)}`", f"``{entry.quantity}({inner})``", escape(TABLE.get(symbol, ""))])
    return rows(["symbol", "ranges over, or is measured by", "meaning"], entries) if entries else ""


def _assumptions(claim: Claim) -> str:
    if not claim.assumptions:
        return ""
    lines = []
    for assumption in claim.assumptions:
        statement = assumption.statement
        lines.append(f"- {escape(statement)}" if isinstance(statement, str) else f"- :math:`{typeset(statement)}`")
    asked = f"``metabounds breaks {claim.name}`` drops each in turn and says whether it is needed."
    return "\n".join([heading("Assumptions"), *lines, "", asked, ""])


def _steps(claim: Claim, records: Mapping[str, Entry]) -> str:
    if not claim.reductions:
        return ""
    parts = [heading("Steps of the proof")]
    for step in claim.reductions:
        if isinstance(step, Argued):
            parts.append(raw(f'<p class="step"><span class="chip argued">argued</span> {_escaped(step.statement)}.</p>'))
        elif step.name in records:
            name = step.name.rpartition("/")[2]
            said = f"<code>{name}</code>: {_escaped(step.title)}."
            parts += [raw(f'<p class="step">{chip(records[step.name])} {said}</p>'), formula(step)]
    return "\n".join(parts)


def _attained(claim: Claim) -> str:
    if claim.sharp is None:
        return ""
    how = "Equality holds on" if claim.sharp.attained else "The bound is approached on"
    title = "Where it is attained" if claim.sharp.attained else "Where it is approached"
    parts = [heading(title), f"{how} {escape(claim.sharp.description)}.\n"]
    numbers = [
        rf":math:`{typeset(symbol)} = {typeset(value)}`" if isinstance(value, int | Basic) else f"``{symbol} = {value}``"
        for symbol, value in claim.sharp.parameters.items()
    ]
    if numbers:
        parts.append(f"There {', '.join(numbers)}.\n")
    if claim.sharp.tasks:
        header = list(claim.sharp.tasks[0])
        cells = [[f":math:`{_cell(task[name])}`" for name in header] for task in claim.sharp.tasks]
        parts.append(rows([f"task's {name}" if name not in "AB" else f"weight {name}" for name in header], cells))
    return "\n".join(parts)


def _cell(value: Any) -> str:
    return "(" + ", ".join(map(typeset, value)) + ")" if isinstance(value, tuple) else typeset(value)


def _picture(picture: str) -> str:
    if not picture:
        return ""
    caption = "Left side over right side on random instances; the bound is the line at 1."
    return heading("How tight") + "\n" + raw(f"<figure>{picture}<figcaption>{caption}</figcaption></figure>")


def _counterexamples(record: Entry) -> str:
    found = record["counterexample"]
    if not found:
        return ""
    parts = [heading("The simplest counterexample"), "Exact; it can be pasted into Python.\n", code(found["simplest"])]
    return "\n".join(parts)


def _tried(claim: Claim, instance: str) -> str:
    level = " --level proved" if claim.tasks is None and not claim.measured else ""
    commands = [f"$ metabounds bounds {claim.name}{level} --steps"]
    commands += [f"$ metabounds tightness {claim.name}"] if claim.relation == "<=" else []
    parts = [heading("Try it"), code("\n".join(commands), "console")]
    if instance:
        parts += ["Its extremal instance, where the two sides are compared exactly:\n", code(instance)]
    else:
        parts += ["In Python:\n", code(f'import verify\n\nverify.judge("{claim.name}")  # in a notebook a table')]
    return "\n".join(parts)


def _source(claim: Claim) -> str:
    key = claim.source.key
    parts = [heading("Source"), f"{claim.source}.\n" if key not in ENTRIES else f"{claim.source}:\n"]
    if key in ENTRIES:
        parts.append(code(ENTRIES[key], "bibtex"))
    return "\n".join(parts)


def _audited(claim: Claim, names: Sequence[str]) -> str:
    """What a printed statement is replaced by, and what this one replaces."""
    parts = []
    if claim.corrected:
        parts.append(f"What is true instead: {_link(claim.corrected, names)}.\n")
    instead = [name for name in names if bounds.claim(name).corrected == claim.name]
    if instead:
        parts.append(f"It stands in place of {', '.join(_link(name, names) for name in instead)}.\n")
    return "\n".join(parts)


def _link(name: str, names: Sequence[str]) -> str:
    return f":doc:`{name} </{page(name)}>`" if name in names else f"``{name}``"


def claim_page(name: str, records: Mapping[str, Entry], picture: str, instance: str, names: Sequence[str]) -> str:
    """The text of a claim's page.

    Parameters
    ----------
    name : str
    records : mapping
        From :func:`verdicts`.
    picture, instance : str
        From :func:`pictured`.
    names : sequence of str
        Claims that have a page.
    """
    claim, module = bounds.claim(name), bounds.module(name)
    document = inspect.getdoc(module) or ""
    title, _, body = document.partition("\n\n")
    parts = [
        heading(name, "#"),
        f"{' '.join(title.replace('[printed]', '').split())}\n",
        _verdict(claim, records),
        ".. container:: statement\n\n" + textwrap.indent(_quantified(claim) + "\n" + formula(claim), "   "),
        f"{escape(claim.title)}.\n",
        _audited(claim, names),
        heading("Setting, statement, proof"),
        body + "\n",
        heading("Symbols") if claim.parameters or claim.measured else "",
        _symbols(claim),
        _assumptions(claim),
        _steps(claim, records),
        _attained(claim),
        _picture(picture),
        _counterexamples(records[name]),
        _tried(claim, instance),
        _source(claim),
    ]
    return "\n".join(part for part in parts if part)


def topic_page(topic: str, names: Sequence[str], records: Mapping[str, Entry]) -> str:
    """The claims of a folder in a table."""
    document = inspect.getdoc(import_module(f"theory.bounds.{topic}")) or ""
    said = " ".join(document.split("\n\n")[0].split())
    cells = [[f":doc:`{name}`", escape(bounds.claim(name).title), f":verdict:`{records[name]['verdict']}`"] for name in names]
    toctree = ".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names)
    label = topic.replace("_", " ").capitalize()
    table = rows(["claim", "says", "verdict"], cells, "28 60 12")
    return "\n".join([heading(TITLES.get(topic, label), "#"), said + "\n", table, toctree])


#: folders whose names are no titles
TITLES = {
    "gao_sener_2020": "Gao and Sener (2020), as printed",
    "in_context": "In-context learning",
    "pruning": "Context pruning",
    "quadratic": "Quadratic losses",
    "smooth": "Smooth risks",
    "submodular": "Submodular meta-learning",
}


def overview(topics: Mapping[str, Sequence[str]], records: Mapping[str, Entry]) -> str:
    """All folders, and how many claims of each have which verdict."""
    entries = []
    for topic, names in topics.items():
        kinds = [records[name]["verdict"] for name in names]
        counted = " ".join(f":verdict:`{kind}` {kinds.count(kind)}" for kind in dict.fromkeys(sorted(kinds)))
        entries.append([f":doc:`{topic}/index`", str(len(names)), counted])
    level = {record["level"] for record in records.values()}
    versions = ", ".join(f"{name} {version}" for name, version in next(iter(records.values()))["versions"].items())
    said = (
        f"A page for each of {sum(map(len, topics.values()))} claims: what it says, why, what the judge found, where it is "
        f"attained, and code to try. Verdicts are of level {', '.join(sorted(level))}, with {versions}. A printed statement "
        "that is *refuted* was found wrong as printed; :doc:`the architecture </architecture>` says what each verdict means."
    )
    toctree = ".. toctree::\n   :hidden:\n\n" + "".join(f"   {topic}/index\n" for topic in topics)
    table = rows(["topic", "claims", "verdicts"], entries, "45 15 40")
    return "\n".join([heading("Claims", "#"), said + "\n", table, toctree])


# --- the extension ----------------------------------------------------------------------------------------------------------


def _write(app: Sphinx, _: Config) -> None:
    names = list(app.config.claims_only) or bounds.names()
    records = verdicts(app, names)
    found = dict(zip(names, spread(pictured, names, os.cpu_count() or 1), strict=True))
    topics = {topic: [name for name in bounds.names(topic) if name in names] for topic in bounds.topics()}
    topics = {topic: chosen for topic, chosen in topics.items() if chosen}
    pages = {"index.rst": overview(topics, {name: records[name] for name in names})}
    for topic, chosen in topics.items():
        pages[f"{topic}/index.rst"] = topic_page(topic, chosen, records)
        pages |= {f"{topic}/{name}.rst": claim_page(name, records, *found[name], names) for name in chosen}
    write(Path(app.srcdir) / "generated" / "claims", pages)


def _verdict_role(name: str, text: str, content: str, *_: Any, **__: Any) -> tuple[list[Any], list[Any]]:
    from docutils import nodes

    return [nodes.inline(text, content, classes=["chip", content])], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before sources are read."""
    app.add_config_value("claims_records", "", "env", str)
    app.add_config_value("claims_level", "searched", "env", str)
    app.add_config_value("claims_only", [], "env", list)
    app.add_role("verdict", _verdict_role)
    app.connect("config-inited", _write, priority=900)
    return {"parallel_read_safe": True}
