"""What a page shows of a claim beyond its verdict: where it breaks, how tight it is, maps, and boxes on which it is certified.

Claims are analysed on worker processes, one at a time each; a claim of a user's file travels by its path.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.claim import Claim
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.judging.judge import missing_extra
from verify.judging.sources import Reference
from verify.proofs.covers import Cover, pictured
from verify.shell.time_limit import within
from verify.shell.usage_error import blamed
from verify.studies import sharpness
from verify.studies.assumptions import Break, breaks
from verify.studies.proof_losses import Loss, losses
from verify.studies.regions import Map, named_axes, validity_map
from verify.studies.sharpness import Exponent

Array = NDArray[np.float64]

#: seconds of the analysis of one claim, which a budget may cut further
_PATIENCE = 60.0


@dataclass(frozen=True)
class Analysis:
    """What was found about one claim.

    Attributes
    ----------
    breaks : list of Break
    maps : list of Map
    cloud : tuple or None
        Label, parameter and ratios of :func:`verify.studies.sharpness.cloud`.
    losses : list of Loss
    exponents : list of Exponent
    worst : str
        Python that rebuilds the instance of the worst ratio; empty if there is none.
    covers : list of Cover
        Boxes on which steps of the proof are certified, over two parameters each.
    """

    breaks: list[Break] = field(default_factory=list)
    maps: list[Map] = field(default_factory=list)
    cloud: tuple[str, Array, Array] | None = None
    losses: list[Loss] = field(default_factory=list)
    exponents: list[Exponent] = field(default_factory=list)
    worst: str = ""
    covers: list[Cover] = field(default_factory=list)


def analysed(
    reference: Reference,
    refuted: frozenset[str],
    whole: bool,
    seed: int,
    deadline: float,
    looked: Callable[[int], None] | None = None,
) -> Analysis:
    """Analyse a claim.

    Parameters
    ----------
    reference : Reference
    refuted : frozenset of str
        Names of claims that are false: nothing is asked about how tight these are.
    whole : bool
        Whether everything is wanted, and not only where the claim breaks.
    seed : int
    deadline : float
        Of the wall clock, which processes share.
    looked : callable, optional
        Told how many more instances were compared; in this process alone.
    """
    question = reference.load()
    claim, effort = question.claim, Effort.of(seed, time.monotonic() + min(deadline - time.time(), _PATIENCE))
    effort = effort if looked is None else replace(effort, looked=looked)
    with blamed(claim):
        # part by part, so that what is cut short when time is over takes nothing away from what was found before
        found: dict[str, Any] = {}
        parts: dict[str, Callable[[], Any]] = {} if question.random else {"breaks": lambda: list(breaks(question, effort))}
        if whole and (question.random or claim.relation == "<="):
            parts["losses"] = partial(losses, question, effort)
            parts["exponents"] = lambda: list(sharpness.exponents(question, effort))
        if whole and not question.random and claim.relation == "<=":
            parts["cloud"] = partial(sharpness.cloud, question, effort)
            if claim.name not in refuted:
                parts["worst"] = lambda: sharpness.worst(question, effort).instance
        if whole and not question.random and not missing_extra("certified"):
            steps = [step for step in (claim, *claim.reductions) if isinstance(step, Claim) and step.tasks is None]
            parts["covers"] = partial(pictured, steps, deadline=effort.deadline)
        if whole and not question.random:
            parts["maps"] = lambda: _maps(question, found.get("breaks", []), effort)
        for name, part in parts.items():
            if (made := within(effort.deadline, part, lambda: None)) is not None:
                found[name] = made
        return Analysis(**found)


def _maps(question: Question, found: list[Break], effort: Effort) -> list[Map]:
    """A map over the parameter whose boundary was found, and the claim's next one, where a boundary was found."""
    bounded = next((entry.boundary.parameter for entry in found if entry.boundary and entry.boundary.fails), None)
    claim = question.claim
    known = {str(symbol) for symbol in (*claim.parameters, *(claim.tasks.sizes if claim.tasks is not None else ()))}
    second = next((name for name in ("N", "k", "nu", "p") if name in known and name != bounded), None)
    if bounded is None or second is None:
        return []
    return [validity_map(question, *named_axes(claim, [bounded, second]), effort)]
