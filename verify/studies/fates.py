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
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sympy import Expr
from threadpoolctl import threadpool_limits

from theory.claim import Claim
from verify.arithmetic.enclosure import NegativeRoot
from verify.evidence import replicated
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence
from verify.judging.methods import METHODS
from verify.judging.sources import Reference
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


def settled(mutant: Mutant, original: Question | None = None, *, seed: int = 0) -> Settled:
    """What became of a mutant, and what shows it.

    Parameters
    ----------
    mutant : Mutant
    original : Question, optional
        About the claim that was changed, if that has quantities of its own.
    seed : int

    Raises
    ------
    ValueError, TypeError
        If the claim cannot be judged.
    """
    about_numbers = mutant.claim.tasks is None and mutant.claim.failure_probability is None
    found = _settled(mutant, original or Question(mutant.original), seed)
    return Settled(mutant.original.name, mutant.change, about_numbers, *found)


def _settled(mutant: Mutant, original: Question, seed: int) -> tuple[Fate, str]:
    """The fate of a mutant, and what shows that it is true."""
    changed = original.about(mutant.claim)
    evidence = _looked(changed, seed)
    if evidence.violation is not None:
        return Fate.KILLED, ""
    valueless = evidence.compared == 0
    shown = "" if valueless else _borne_out(evidence) if changed.random else _proved(changed)
    # a longer range is a stronger statement
    if mutant.claim.parameters == mutant.original.parameters and _implied(mutant, original, seed):
        converse = _implied(Mutant(mutant.claim, mutant.original, ""), original, seed)
        return Fate.SAME if converse else Fate.WEAKER, shown
    if valueless:
        return Fate.NO_VALUE, ""
    if mutant.original.sharp is not None and not mutant.change.startswith("range"):
        return Fate.DEFECT, shown
    # whether the end of a range is sharp is for verify.breaks to say
    return Fate.STRONGER if shown in PROOFS else Fate.SLACK, shown


def _proved(question: Question) -> str:
    """By which kind of proof a claim about numbers alone is shown; empty if by none."""
    for method in METHODS:
        if method.grants is None or method.grants.value not in PROOFS or not method.applies(question):
            continue
        if method.gather(question, Effort(deadline=time.monotonic() + PATIENCE)).conclusive:
            return method.grants.value
    return ""


def _borne_out(evidence: Evidence) -> str:
    return f"{evidence.detail}; fails at most {evidence.worst_ratio:.2g} times as often as it may"


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
    question = reference.load()
    claim = question.claim
    with threadpool_limits(1):
        with blamed(claim):
            _compared(question)
        return claim.name, [settled(mutant, question, seed=seed) for mutant in mutants(claim)]


def _compared(question: Question) -> None:
    """Compare a claim's sides on its simplest instance: what cannot be judged is refused here, and later errors are defects."""
    cell = question.space.smallest_cell()
    codes = np.zeros((1, question.space.length(cell)), np.int64)
    if question.claim.failure_probability is None:
        question.sides(cell, codes)
    else:
        replicated.exceedances(question, question.space.floats(cell, codes), np.random.default_rng(0), 1)


def _looked(question: Question, seed: int) -> Evidence:
    """A search for a violation; a claim that holds with a probability is judged by replicates.

    Either work is bounded by counts, so that fates do not depend on how busy the machine is.
    """
    if not question.random:
        return _searched(question, seed)
    method = next(method for method in METHODS if method.applies(question))
    return method.gather(question, _stream(question.claim, seed))


def _stream(claim: Claim, seed: int) -> Effort:
    return Effort(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(claim.name.encode()),)))


def _searched(question: Question, seed: int) -> Evidence:
    try:
        return search_locally(question, Effort.of(seed))
    except NegativeRoot:
        return Evidence(instances=1, undefined=1)


def _implied(mutant: Mutant, question: Question, seed: int) -> bool:
    """Whether a claim implies its mutant: its right side is never above, its left side never below, the mutant's.

    Of claims that hold with a probability: the mutant fails only where the claim does, and may do so no less often.
    """
    old, new = mutant.original, mutant.claim
    if old.failure_probability is not None:
        return replicated.implies(question.about(old), new, _stream(old, seed))
    if old.relation == "==":
        pairs = [(old.lhs - old.rhs, new.lhs - new.rhs, "==")]
    else:
        pairs = [(new.lhs, old.lhs, "<="), (old.rhs, new.rhs, "<=")]
    return all(lhs == rhs or _holds(question.about(old), lhs, relation, rhs, seed) for lhs, rhs, relation in pairs)


def _holds(question: Question, lhs: Expr, relation: str, rhs: Expr, seed: int) -> bool:
    claim, used = question.claim, lhs.free_symbols | rhs.free_symbols
    step = replace(
        claim,
        lhs=lhs,
        relation=relation,
        rhs=rhs,
        measured={symbol: entry for symbol, entry in claim.measured.items() if symbol in used},
        reductions=(),
    )
    evidence = _searched(question.about(step), seed)
    # at equal zeros doubles deny what exact numbers grant, so that some doubt is usual and does not count
    return evidence.violation is None and evidence.compared > 0
