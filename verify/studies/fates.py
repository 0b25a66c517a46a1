"""What becomes of a claim's mutants: whether the judge notices that something was changed, and if not, why.

A mutant that no search refutes must have a reason: it is *weaker* than the claim and therefore true, has the *same* values
everywhere, has *no value* anywhere, is *stronger* and proved, or the claim has *slack* there because it is not declared sharp.
A mutant that is stronger than a claim declared sharp and survives is a *defect*: of the claim, or of the search.  Survivors
about numbers alone are handed to the provers; of a statement that holds with a probability it is said on how many instances
replicates bear it out.

Examples
--------
>>> from theory.bounds import claim
>>> "defect" in {fate(mutant).value for mutant in mutants(claim("lower_curvature/numerator"))}
False
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sympy import Expr
from threadpoolctl import threadpool_limits

from theory.claim import Claim
from verify.arithmetic.enclosure import NegativeRoot
from verify.evidence import replicated
from verify.evidence.comparison import Subject
from verify.evidence.local_search import search_locally
from verify.evidence.replicated import RandomEvidence
from verify.evidence.result import Evidence
from verify.judging.sources import Reference
from verify.proofs import certified, proved
from verify.quantities import Quantity
from verify.shell.usage_error import blamed
from verify.studies.mutants import Mutant, mutants

#: seconds that a prover may take for one survivor
PATIENCE = 20.0
#: the provers' words for what they grant
PROOFS = ("proved", "certified")


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    WEAKER = "weaker"
    SAME = "same"
    NO_VALUE = "no value"
    STRONGER = "stronger"
    SLACK = "slack"
    DEFECT = "defect"


@dataclass(frozen=True)
class Settled:
    """What became of a mutant, in words and numbers alone: a claim of a user's file cannot be handed between processes.

    Attributes
    ----------
    claim : str
        Name of the claim that was changed.
    change : str
    about_numbers : bool
        Whether it is about numbers alone, so that the provers may settle it.
    fate : Fate
    shown : str
        What shows that a survivor is true, beyond the search; empty if nothing does.
    """

    claim: str
    change: str
    about_numbers: bool
    fate: Fate
    shown: str = ""


def fate(mutant: Mutant, *, seed: int = 0) -> Fate:
    """Whether a mutant is refuted, and if not, why it is no defect.

    Parameters
    ----------
    mutant : Mutant
    seed : int
    """
    return settled(mutant, seed=seed).fate


def settled(mutant: Mutant, own: Mapping[str, Quantity] | None = None, *, seed: int = 0) -> Settled:
    """What became of a mutant, and what shows it.

    Parameters
    ----------
    mutant : Mutant
    own : mapping, optional
        A user's verbs by name.
    seed : int

    Raises
    ------
    ValueError, TypeError
        If the claim cannot be judged.
    """
    about_numbers = mutant.claim.tasks is None and mutant.claim.failure_probability is None
    return Settled(mutant.original.name, mutant.change, about_numbers, *_settled(mutant, dict(own or {}), seed))


def _settled(mutant: Mutant, own: dict[str, Quantity], seed: int) -> tuple[Fate, str]:
    """The fate of a mutant, and what shows that it is true."""
    evidence = _looked(Subject(mutant.claim, own), seed)
    if evidence.violation is not None:
        return Fate.KILLED, ""
    valueless = evidence.instances == (0 if isinstance(evidence, RandomEvidence) else evidence.undefined)
    shown = "" if valueless else _borne_out(evidence) if isinstance(evidence, RandomEvidence) else _proved(mutant.claim)
    # a longer range is a stronger statement
    if mutant.claim.parameters == mutant.original.parameters and _implied(mutant, own, seed):
        converse = _implied(Mutant(mutant.claim, mutant.original, ""), own, seed)
        return Fate.SAME if converse else Fate.WEAKER, shown
    if valueless:
        return Fate.NO_VALUE, ""
    if mutant.original.sharp is not None and not mutant.change.startswith("range"):
        return Fate.DEFECT, shown
    # whether the end of a range is sharp is for verify.breaks to say
    return Fate.STRONGER if shown in PROOFS else Fate.SLACK, shown


def _proved(claim: Claim) -> str:
    """By which kind of proof a claim about numbers alone is shown; empty if by none."""
    if claim.tasks is None:
        for word, gather in zip(PROOFS, (proved.gather, certified.gather), strict=True):
            if gather(claim, time.monotonic() + PATIENCE).granted:
                return word
    return ""


def _borne_out(evidence: RandomEvidence) -> str:
    return (
        f"borne out on {evidence.borne_out} of {evidence.instances} instances, "
        f"fails at most {evidence.worst_ratio:.2g} times as often as it may"
    )


def fates(reference: Reference, seed: int) -> tuple[str, list[Settled]]:
    """The fates of all mutants of one claim.

    Parameters
    ----------
    reference : Reference
    seed : int

    Returns
    -------
    str
        The claim's name.
    list of Settled

    Raises
    ------
    UsageError
        If the claim cannot be judged.
    """
    claim, module = reference.load()
    own = dict(getattr(module, "QUANTITIES", {}))
    with threadpool_limits(1):
        with blamed(claim):
            _compared(Subject(claim, own))
        return claim.name, [settled(mutant, own, seed=seed) for mutant in mutants(claim)]


def _compared(subject: Subject) -> None:
    """Compare a claim's sides on its simplest instance: what cannot be judged is refused here, and later errors are defects."""
    cell = subject.space.smallest_cell()
    codes = np.zeros((1, subject.space.length(cell)), np.int64)
    if subject.claim.failure_probability is None:
        subject.sides(cell, codes)
    else:
        replicated.exceedances(subject, subject.space.floats(cell, codes), np.random.default_rng(0), 1)


def _looked(subject: Subject, seed: int) -> Evidence | RandomEvidence:
    """A search for a violation; a claim that holds with a probability is judged by replicates.

    Either work is bounded by counts, so that fates do not depend on how busy the machine is.
    """
    if subject.claim.failure_probability is None:
        return _searched(subject, seed)
    return replicated.gather(subject, _stream(subject.claim, seed))


def _stream(claim: Claim, seed: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(zlib.crc32(claim.name.encode()),))


def _searched(subject: Subject, seed: int) -> Evidence:
    try:
        return search_locally(subject, seed)
    except NegativeRoot:
        return Evidence(instances=1, undefined=1)


def _implied(mutant: Mutant, own: dict[str, Quantity], seed: int) -> bool:
    """Whether a claim implies its mutant: its right side is never above, its left side never below, the mutant's.

    Of claims that hold with a probability: the mutant fails only where the claim does, and may do so no less often.
    """
    old, new = mutant.original, mutant.claim
    if old.failure_probability is not None:
        return replicated.implies(Subject(old, own), new, _stream(old, seed))
    if old.relation == "==":
        pairs = [(old.lhs - old.rhs, new.lhs - new.rhs, "==")]
    else:
        pairs = [(new.lhs, old.lhs, "<="), (old.rhs, new.rhs, "<=")]
    return all(lhs == rhs or _holds(old, own, lhs, relation, rhs, seed) for lhs, rhs, relation in pairs)


def _holds(claim: Claim, own: dict[str, Quantity], lhs: Expr, relation: str, rhs: Expr, seed: int) -> bool:
    used = lhs.free_symbols | rhs.free_symbols
    step = replace(
        claim,
        lhs=lhs,
        relation=relation,
        rhs=rhs,
        measured={symbol: entry for symbol, entry in claim.measured.items() if symbol in used},
        reductions=(),
    )
    evidence = _searched(Subject(step, own), seed)
    # at equal zeros doubles deny what exact numbers grant, so that some doubt is usual and does not count
    return evidence.violation is None and evidence.compared > 0
