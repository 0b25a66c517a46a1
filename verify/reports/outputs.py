"""What a run leaves behind besides its table: reports in several formats, the audit, and a file of regression tests.

The options are declared here and not in :mod:`verify.bounds`; each costs nothing until it is used, and nothing heavy is
imported before.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.command_line import writable

if TYPE_CHECKING:
    from theory.claim import Claim
    from verify.judge import Record
    from verify.maps import Map
    from verify.reports.html import Study
    from verify.sources import Reference

#: options that name a file to be written
_FILES = {
    "junit": "write the verdicts there as JUnit XML",
    "tex": "write them there as a LaTeX table",
    "html": "write a page there with statements, verdicts, counterexamples, where claims break, and pictures",
    "regressions": "write a pytest file there that replays every counterexample found",
}
#: seconds of a page's analysis for one claim, where no budget is given
_PATIENCE = 60.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this module to the command's."""
    parser.add_argument("--no-cache", action="store_true", help="judge anew what was judged before")
    for name, purpose in _FILES.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=purpose)


def check(options: argparse.Namespace) -> None:
    """Refuse now what would fail when the work is done.

    Raises
    ------
    verify.sources.Unusable
        If a file cannot be written where it is asked for.
    """
    for name in _FILES:
        path: Path | None = getattr(options, name)
        if path is not None:
            writable(f"--{name}", path)


def leave(
    options: argparse.Namespace, references: Sequence[Reference], records: Sequence[Record], summary: str, started: float
) -> str:
    """Write what was asked for.

    Parameters
    ----------
    options : argparse.Namespace
        With the options of :func:`add_options`, ``source``, ``seed`` and ``budget``.
    references : sequence of Reference
        The claims that were judged.
    records : sequence of Record
        Their verdicts.
    summary : str
        One line.
    started : float
        Value of ``time.monotonic()`` when the run began, for the budget.

    Returns
    -------
    str
        What is to be printed as well: the audit, if a publication was asked for; otherwise nothing.
    """
    from verify.whole_files import write

    if options.junit:
        from verify.reports.junit import as_junit

        write(options.junit, as_junit(records))
    if options.tex:
        from verify.reports.latex import as_latex

        write(options.tex, as_latex(records))
    if options.regressions:
        from verify.reports.regressions import as_tests

        write(options.regressions, as_tests(records))
    if not (options.html or options.source):
        return ""
    from verify import audit

    deadline = started + options.budget
    claims = {claim.name: (claim, reference) for reference in references for claim in [reference.load()[0]]}
    keys = [options.source] if options.source else sorted({claim.source.key for claim, _ in claims.values()})
    entries = audit.audit(records, keys, seed=options.seed, deadline=deadline)
    if options.html:
        from verify.reports.html import as_html

        write(options.html, as_html(_studies(claims, records, options, deadline), entries, summary=summary))
    return audit.page(entries) if options.source else ""


def _studies(
    claims: dict[str, tuple[Claim, Reference]], records: Sequence[Record], options: argparse.Namespace, deadline: float
) -> list[Study]:
    """Every claim's records with what else a page shows of it."""
    from theory.claim import Claim
    from verify import tightness
    from verify.breaks import breaks
    from verify.covers import pictured
    from verify.evidence import Verdict
    from verify.judge import missing_extra
    from verify.reports.html import grouped

    commands = {
        name: f"python -m verify.bounds {reference.origin} --level {options.level} --seed {options.seed}"
        for name, (_, reference) in claims.items()
    }
    studies = grouped(records, {name: claim for name, (claim, _) in claims.items()}, commands)
    for study in studies:
        claim, reference = claims[study.claim.name]
        own, origin = getattr(reference.load()[1], "VERBS", None), reference.python()
        if claim.failure_probability is not None:
            study.exponents = tightness.exponents(claim, own, seed=options.seed, deadline=deadline)
            study.losses = tightness.losses(claim, seed=options.seed)
            continue
        until = min(deadline, time.monotonic() + _PATIENCE)
        study.breaks = breaks(claim, own, seed=options.seed, deadline=until, origin=origin)
        if claim.relation == "<=":
            study.cloud = tightness.cloud(claim, own, seed=options.seed)
            study.losses = tightness.losses(claim, seed=options.seed)
            study.exponents = tightness.exponents(claim, own, seed=options.seed, deadline=until)
            if study.records[0].verdict is not Verdict.REFUTED:
                found = tightness.worst(claim, own, seed=options.seed, deadline=until, origin=origin)
                study.worst = found.instance
        if not missing_extra("certified"):
            steps = [step for step in (claim, *claim.reductions) if isinstance(step, Claim) and step.tasks is None]
            study.covers = pictured(steps, deadline=until)
        if time.monotonic() < until:
            study.maps = _maps(study, own, options.seed, until)
    return studies


def _maps(study: Study, own: Mapping[str, Any] | None, seed: int, deadline: float) -> list[Map]:
    """A map over the parameter whose boundary was found, and the claim's next one, where a boundary was found."""
    from verify.maps import named_axes, validity_map

    claim = study.claim
    bounded = next((entry.boundary.parameter for entry in study.breaks if entry.boundary and entry.boundary.fails), None)
    known = {str(symbol) for symbol in claim.parameters} | ({"p"} if claim.tasks is not None else set())
    second = next((name for name in ("N", "k", "nu", "p") if name in known and name != bounded), None)
    if bounded is None or second is None:
        return []
    return [validity_map(claim, *named_axes(claim, [bounded, second]), own, seed=seed, deadline=deadline)]
