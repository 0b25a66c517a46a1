"""What a run leaves behind besides its table: reports in several formats, the audit, and a file of regression tests.

The options are declared here and not in :mod:`verify.bounds`; each costs nothing until it is used, and nothing heavy is
imported before.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from verify.shell.command_line import writable, writable_folder
from verify.shell.commands import spelled
from verify.shell.terminal import columns
from verify.shell.usage_error import UsageError, brought

if TYPE_CHECKING:
    from verify.judging.record import Record
    from verify.judging.sources import Reference

#: options that name a file to be written
_FILES = {
    "junit": "write the verdicts there as JUnit XML",
    "tex": "write them there as a LaTeX table",
    "html": "write a page there with statements, verdicts, counterexamples, where claims break, and pictures",
    "regressions": "write a pytest file there that replays every counterexample found",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this module to the command's."""
    parser.add_argument("--no-cache", action="store_true", help="judge anew what was judged before")
    for name, purpose in _FILES.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=purpose)


def check(options: argparse.Namespace) -> None:
    """Refuse now what would fail when the work is done.

    Raises
    ------
    verify.shell.usage_error.UsageError
        If a file cannot be written where it is asked for, two are one, or the level needs what is not installed or makes none.
    """
    taken: dict[Path, str] = {}
    for name in ("json", *_FILES):
        path: Path | None = getattr(options, name)
        if path is not None:
            writable(f"--{name}", path)
            if (other := taken.setdefault(path.resolve(), name)) != name:
                raise UsageError(f"--{name} is {path}, which --{other} is too; they must be two files")
    from verify.judging.judge import missing_extra

    if missing := missing_extra(options.level):
        raise UsageError(f"--level {options.level} needs {', '.join(missing)}; {brought('proof')}")
    if options.certificates is not None:
        if options.level not in ("certified", "proved"):
            raise UsageError(f"--level is {options.level}, which makes no certificates; it must be certified or proved")
        writable_folder("--certificates", options.certificates)


def leave(
    options: argparse.Namespace,
    references: Sequence[Reference],
    records: Sequence[Record],
    summary: str,
    until: float,
    certificates: Mapping[Path, str],
) -> str:
    """Write what was asked for, all of it when everything is known: a run that is interrupted writes over nothing.

    Parameters
    ----------
    options : argparse.Namespace
        With the options of :func:`add_options`, ``json``, ``level``, ``source``, ``seed`` and ``jobs``.
    references : sequence of Reference
        The claims that were judged.
    records : sequence of Record
        Their verdicts.
    summary : str
        One line.
    until : float
        Value of ``time.monotonic()`` at which the budget is spent.
    certificates : mapping
        From :func:`certificates`.

    Returns
    -------
    str
        What is to be printed as well: the audit, if a publication was asked for; otherwise nothing.
    """
    from verify.shell.atomic_write import write_all

    texts = dict(certificates)
    if options.json:
        from verify.reports.text import as_json

        texts[options.json] = as_json(records, options.level)
    if options.junit:
        from verify.reports.junit import as_junit

        texts[options.junit] = as_junit(records)
    if options.tex:
        from verify.reports.latex import as_latex

        texts[options.tex] = as_latex(records)
    if options.regressions:
        from verify.reports.regressions import as_tests

        texts[options.regressions] = as_tests(records)
    said = _analysed(options, references, records, summary, until, texts) if options.html or options.source else ""
    write_all(texts)
    return said


def _analysed(
    options: argparse.Namespace,
    references: Sequence[Reference],
    records: Sequence[Record],
    summary: str,
    until: float,
    texts: dict[Path, str],
) -> str:
    """The audit, and the page among the texts."""
    from functools import partial

    from theory.provenance import provenance
    from verify.evidence.result import Verdict
    from verify.judging.workers import GRACE, spread
    from verify.reports.studies import analysed
    from verify.shell.terminal import counted
    from verify.studies import audit

    claims = [reference.claim() for reference in references]
    refuted = frozenset(record.name for record in records if record.verdict is Verdict.REFUTED)
    wanted = [
        reference for reference, claim in zip(references, claims, strict=True) if options.html or audit.explored(claim, refuted)
    ]
    deadline = time.time() + until - time.monotonic()
    work = partial(analysed, refuted=refuted, whole=bool(options.html), seed=options.seed, deadline=deadline)
    with counted("claims looked into", len(wanted)) as seen:
        if len(wanted) == 1 or options.jobs == 1:  # in this process, where it can be seen to go on
            work = partial(work, looked=seen.looked)
        analyses = list(spread(work, wanted, options.jobs, seen=seen, until=deadline + GRACE))
    found = {reference.claim().name: analysis for reference, analysis in zip(wanted, analyses, strict=True)}
    keys = [options.source] if options.source else sorted({claim.source.key for claim in claims})
    entries = audit.audit(records, keys, {name: analysis.breaks for name, analysis in found.items()})
    if options.html:
        from verify.reports.html import as_html, grouped

        commands = {
            claim.name: f"{spelled('bounds')} {reference.origin} --level {options.level} --seed {options.seed}"
            for claim, reference in zip(claims, references, strict=True)
        }
        studies = grouped(records, {claim.name: claim for claim in claims}, commands, found)
        texts[options.html] = as_html(studies, entries, summary=summary, known=list(filter(None, map(provenance, keys))))
    if not options.source:
        return ""
    from verify.reports.audit_page import page

    return page(entries, columns(sys.stdout), provenance(options.source), audit.beside(records, options.source))


def certificates(records: list[Record], folder: Path | None) -> dict[Path, str]:
    """The certificates by the files that are to hold them, whose paths the records keep; without a folder they are dropped."""
    from verify.proofs.certificates import file_name

    found: dict[Path, str] = {}
    for record in records:
        if record.certificate and folder is not None:
            path = folder / file_name(record.name, record.certificate)
            found[path], record.certificate = record.certificate, str(path)
        else:
            record.certificate = ""
    return found
