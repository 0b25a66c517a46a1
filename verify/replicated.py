"""Evidence for statements that hold with a probability: how often random replicates violate them.

A claim with a failure probability says that its left side, random, exceeds the right one with at most that probability.
Random instances are drawn as for every claim; on each, replicates of the left side are drawn and exceedances counted.  An
instance whose count is implausible is nominated, and refutes the claim only if, on a fresh stream with ten times as many
replicates, the lower Clopper-Pearson limit of the probability exceeds the claimed one.  A violation is replayed from its seed.

Examples
--------
>>> from theory.bounds import claim
>>> found = gather(Subject(claim("line_bound")), np.random.SeedSequence(0), float("inf"))
>>> found.violation is None
True
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import beta
from sympy import Symbol

from verify.compare import Subject
from verify.compile import FLOATS, evaluate
from verify.instances import Batch, Cell
from verify.laws import Array
from verify.measure import verb

#: cells drawn, instances of each, and replicates of each instance
CELLS, BATCH, REPLICATES = 12, 8, 400
#: chance that a true claim is refuted: shared out over all instances
FALSE_ALARM = 1e-6
#: claims of less than this much say too little to be tested
VACUOUS = 0.9


@dataclass(frozen=True)
class Violation:
    """A replay that violates a claim more often than claimed.

    Attributes
    ----------
    cell, codes : Cell and tuple of int
        The instance.
    entropy : int
        Seed of the replicates.
    replicates, exceedances : int
    allowed, limit : float
        Failure probability claimed, and the lower confidence limit of the one observed.
    """

    cell: Cell
    codes: tuple[int, ...]
    entropy: int
    replicates: int
    exceedances: int
    allowed: float
    limit: float

    def __str__(self) -> str:
        shape = ", ".join(f"{symbol} = {value}" for symbol, value in self.cell.shape)
        return (
            f"{self.exceedances} of {self.replicates} replicates exceed, where {self.allowed:.4g} of them may and the "
            f"confidence limit is {self.limit:.4g}: instance {shape} with codes {list(self.codes)}, seed {self.entropy}"
        )


@dataclass
class RandomEvidence:
    """What replicates showed.

    Attributes
    ----------
    instances, vacuous : int
        Instances drawn, and those among them on which the claim says next to nothing.
    worst_ratio : float
        Largest observed rate over claimed probability.
    violation : Violation or None
    complete : bool
        False if time ran out first.
    """

    instances: int = 0
    vacuous: int = 0
    worst_ratio: float = 0.0
    violation: Violation | None = None
    complete: bool = True


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float) -> RandomEvidence:
    """Count exceedances on random instances.

    Parameters
    ----------
    subject : Subject
        A claim with a failure probability, one of whose measured symbols is random.
    seed : numpy.random.SeedSequence
    deadline : float
        Value of ``time.monotonic()`` after which no further cell is begun.

    Returns
    -------
    RandomEvidence
        It stops at the first confirmed violation.
    """
    evidence, rng = RandomEvidence(), np.random.default_rng(seed)
    for _ in range(CELLS):
        if evidence.violation is not None:
            break
        if time.monotonic() > deadline:
            evidence.complete = False
            break
        cell = subject.space.random_cell(rng)
        codes = subject.space.random_codes(cell, BATCH, rng)
        evidence.instances += BATCH
        rates, allowed = exceedances(subject, subject.space.floats(cell, codes), rng, REPLICATES)
        tested = allowed < VACUOUS
        evidence.vacuous += int((~tested).sum())
        ratios = np.where(tested, rates / np.maximum(allowed, 1 / REPLICATES), 0.0)
        evidence.worst_ratio = max(evidence.worst_ratio, float(ratios.max()))
        doubtful = tested & (_lower_limit(rates, REPLICATES, 0.01) > allowed)
        for index in np.flatnonzero(doubtful):
            evidence.violation = replay(subject, cell, tuple(codes[index].tolist()), int(rng.integers(2**32)))
            if evidence.violation is not None:
                break
    return evidence


def replay(subject: Subject, cell: Cell, codes: tuple[int, ...], entropy: int) -> Violation | None:
    """The violation on one instance with a seed of its own, or None if there is none beyond doubt."""
    count = 10 * REPLICATES
    batch = subject.space.floats(cell, np.array([codes]))
    rates, allowed = exceedances(subject, batch, np.random.default_rng(entropy), count)
    limit = float(_lower_limit(rates, count, FALSE_ALARM / (CELLS * BATCH))[0])
    if limit <= allowed[0]:
        return None
    return Violation(cell, codes, entropy, count, round(float(rates[0]) * count), float(allowed[0]), limit)


def exceedances(subject: Subject, batch: Batch, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Share of `count` replicates in which the left side exceeds the right one, and the claimed probability, (batch,) each.

    An undefined replicate, not a number, counts as an exceedance.
    """
    claim, values = subject.claim, drawn(subject, batch, rng, count)
    with np.errstate(all="ignore"):
        left, right, failure = (evaluate(side, values, FLOATS) for side in (claim.lhs, claim.rhs, claim.failure_probability))
    allowed = np.broadcast_to(failure, (len(left), 1))[:, 0]
    return np.asarray((~(left <= right)).mean(axis=1)), np.where(np.isfinite(allowed), allowed, 1.0)


def drawn(subject: Subject, batch: Batch, rng: np.random.Generator, count: int) -> dict[Symbol, Any]:
    """The symbols' values on a batch, `count` replicates of the random one.

    Raises
    ------
    ValueError
        If not exactly one measured symbol of the claim is random.
    """
    claim = subject.claim
    verbs = {symbol: verb(claim, entry.verb, subject.own) for symbol, entry in claim.measured.items()}
    random = [symbol for symbol, chosen in verbs.items() if chosen.replicates is not None]
    if len(random) != 1 or claim.failure_probability is None:
        raise ValueError(f"claim {claim.name} has {len(random)} random symbols; it needs one, and a failure probability")
    values = dict(batch.values)
    for symbol, entry in claim.measured.items():
        if symbol != random[0]:
            values[symbol] = verbs[symbol].floats(batch, **entry.arguments)
    draw = verbs[random[0]].replicates
    assert draw is not None
    return values | {random[0]: draw(batch, rng, count, **claim.measured[random[0]].arguments)}


def _lower_limit(rates: Array, count: int, level: float) -> Array:
    """Lower Clopper-Pearson limit of a probability from an observed rate."""
    hits = np.rint(rates * count)
    return np.where(hits > 0, beta.ppf(level, np.maximum(hits, 1), count - hits + 1), 0.0)
