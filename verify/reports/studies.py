"""What a page shows of a claim beyond its verdict: where it breaks, how tight it is, maps, and boxes on which it is certified.

Claims are analysed on worker processes, one at a time each; a claim of a user's file travels by its path.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.claim import Claim
from verify.judging.judge import missing_extra
from verify.judging.sources import Reference
from verify.proofs.covers import Cover, pictured
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


def analysed(reference: Reference, refuted: frozenset[str], whole: bool, seed: int, deadline: float) -> Analysis:
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
    """
    claim, module = reference.load()
    own, origin = getattr(module, "QUANTITIES", None), reference.python()
    until = time.monotonic() + min(deadline - time.time(), _PATIENCE)
    with blamed(claim):
        if claim.failure_probability is not None:
            if not whole:
                return Analysis()
            return Analysis(
                exponents=sharpness.exponents(claim, own, seed=seed, deadline=until), losses=losses(claim, seed=seed)
            )
        found: dict[str, Any] = {"breaks": breaks(claim, own, seed=seed, deadline=until, origin=origin)}
        if not whole:
            return Analysis(**found)
        if claim.relation == "<=":
            found["cloud"] = sharpness.cloud(claim, own, seed=seed)
            found["losses"] = losses(claim, seed=seed)
            found["exponents"] = sharpness.exponents(claim, own, seed=seed, deadline=until)
            if claim.name not in refuted:
                found["worst"] = sharpness.worst(claim, own, seed=seed, deadline=until, origin=origin).instance
        if not missing_extra("certified"):
            steps = [step for step in (claim, *claim.reductions) if isinstance(step, Claim) and step.tasks is None]
            found["covers"] = pictured(steps, deadline=until)
        if time.monotonic() < until:
            found["maps"] = _maps(claim, found["breaks"], own, seed, until)
        return Analysis(**found)


def _maps(claim: Claim, found: list[Break], own: Mapping[str, Any] | None, seed: int, deadline: float) -> list[Map]:
    """A map over the parameter whose boundary was found, and the claim's next one, where a boundary was found."""
    bounded = next((entry.boundary.parameter for entry in found if entry.boundary and entry.boundary.fails), None)
    known = {str(symbol) for symbol in claim.parameters} | ({"p"} if claim.tasks is not None else set())
    second = next((name for name in ("N", "k", "nu", "p") if name in known and name != bounded), None)
    if bounded is None or second is None:
        return []
    return [validity_map(claim, *named_axes(claim, [bounded, second]), own, seed=seed, deadline=deadline)]
