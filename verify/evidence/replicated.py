"""Evidence for statements that hold with a probability: how often random replicates violate them.

A claim with a failure probability says that its left side, random, exceeds the right one with at most that probability.
Random instances are drawn as for every claim; those to which it allows nearly every failure say nothing and are passed over.
On each of the others replicates of the left side are drawn and exceedances counted.  If the upper Clopper-Pearson limit of
their probability is no more than the claimed one, the claim is *borne out* there.  Otherwise a fresh stream with ten times as
many replicates decides: it refutes the claim if the lower limit exceeds the claimed probability.  A violation is replayed from
its seed.

Examples
--------
>>> from theory.bounds import claim
>>> found = gather(Subject(claim("line_bound")), np.random.SeedSequence(0), float("inf"))
>>> found.violation is None
True
"""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import beta
from sympy import Basic, Symbol, sympify

from theory.claim import Claim
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.comparison import Subject
from verify.instances.laws import Array
from verify.instances.space import Batch, Cell
from verify.quantities.measure import verb

#: cells in which instances are tested, instances of each, and replicates of each instance
CELLS, BATCH, REPLICATES = 24, 4, 400
#: replicates where those do not decide
MANY = 10 * REPLICATES
#: instances drawn in a cell to find some that can be tested, and cells drawn to find one that has such, per cell wanted
_CANDIDATES, _MOST = 32, 4
#: chance that a true claim is refuted, and that one is borne out everywhere without being true: shared out over all instances
FALSE_ALARM, DOUBT = 1e-6, 1e-2
#: factors by which replicates are stretched, so that two events can be told apart that are both rare
_STRETCHES = 2.0 ** np.arange(-10, 11)
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
        Instances tested, and those besides that were passed over because the claim says next to nothing on them.
    borne_out : int
        Instances tested on which the claim fails no more often than it may, at a confidence of 99 % for all of them together.
    worst_ratio : float
        Largest observed rate over claimed probability.
    violation : Violation or None
    complete : bool
        False if time ran out first.
    """

    instances: int = 0
    vacuous: int = 0
    borne_out: int = 0
    worst_ratio: float = 0.0
    violation: Violation | None = None
    complete: bool = True


def gather(subject: Subject, seed: np.random.SeedSequence, deadline: float = float("inf")) -> RandomEvidence:
    """Count exceedances on random instances.

    Parameters
    ----------
    subject : Subject
        A claim with a failure probability, one of whose measured symbols is random.
    seed : numpy.random.SeedSequence
        The work is fixed by it, up to where the deadline cuts.
    deadline : float
        Value of ``time.monotonic()`` after which no further cell is begun.

    Returns
    -------
    RandomEvidence
        It stops at the first confirmed violation.
    """
    evidence, rng = RandomEvidence(), np.random.default_rng(seed)
    for _ in range(_MOST * CELLS):
        if evidence.violation is not None or evidence.instances >= CELLS * BATCH:
            break
        if time.monotonic() > deadline:
            evidence.complete = False
            break
        cell = subject.space.random_cell(rng)
        codes = subject.space.random_codes(cell, _CANDIDATES, rng)
        wanted = min(BATCH, CELLS * BATCH - evidence.instances)
        telling = np.flatnonzero(allowance(subject, cell, codes) < VACUOUS)[:wanted]
        seen = int(telling[-1]) + 1 if len(telling) == wanted else _CANDIDATES
        evidence.vacuous += seen - len(telling)
        if len(telling):
            _test(subject, cell, codes[telling], rng, evidence)
    return evidence


def _test(subject: Subject, cell: Cell, codes: Array, rng: np.random.Generator, evidence: RandomEvidence) -> None:
    """Add what replicates on these instances show."""
    rates, allowed = exceedances(subject, subject.space.floats(cell, codes), rng, REPLICATES)
    evidence.instances += len(codes)
    evidence.worst_ratio = max(evidence.worst_ratio, float((rates / np.maximum(allowed, 1 / REPLICATES)).max()))
    level = DOUBT / (CELLS * BATCH)
    borne_out = _upper_limit(rates, REPLICATES, level / 2) <= allowed
    evidence.borne_out += int(borne_out.sum())
    for index in np.flatnonzero(~borne_out):
        row, entropy = tuple(codes[index].tolist()), int(rng.integers(2**32))
        rate, most = _again(subject, cell, row, entropy)
        evidence.violation = _violation(cell, row, entropy, rate, most)
        if evidence.violation is not None:
            break
        evidence.borne_out += int(_upper_limit(rate, MANY, level / 2) <= most)


def replay(subject: Subject, cell: Cell, codes: tuple[int, ...], entropy: int) -> Violation | None:
    """The violation on one instance with a seed of its own, or None if there is none beyond doubt."""
    return _violation(cell, codes, entropy, *_again(subject, cell, codes, entropy))


def _again(subject: Subject, cell: Cell, codes: tuple[int, ...], entropy: int) -> tuple[float, float]:
    """The rate of exceedances on one instance, from many replicates, and the claimed probability."""
    batch = subject.space.floats(cell, np.array([codes]))
    rates, allowed = exceedances(subject, batch, np.random.default_rng(entropy), MANY)
    return float(rates[0]), float(allowed[0])


def _violation(cell: Cell, codes: tuple[int, ...], entropy: int, rate: float, allowed: float) -> Violation | None:
    limit = float(_lower_limit(rate, MANY, FALSE_ALARM / (CELLS * BATCH)))
    return None if limit <= allowed else Violation(cell, codes, entropy, MANY, round(rate * MANY), allowed, limit)


def implies(subject: Subject, other: Claim, seed: np.random.SeedSequence) -> bool:
    """Whether a claim with a failure probability implies another about the same random symbol, as far as instances show.

    It does if, on every instance, the other fails only where the claim does and may do so no less often.  Both are compared on
    the same replicates, which are stretched too, from a thousandth to a thousandfold: where failures are rare, those that
    happen do not tell the events apart.

    Parameters
    ----------
    subject : Subject
    other : Claim
        With the subject's parameters and measured symbols.
    seed : numpy.random.SeedSequence
    """
    rng, beside = np.random.default_rng(seed), Subject(other, subject.own)
    for _ in range(CELLS):
        cell = subject.space.random_cell(rng)
        batch = subject.space.floats(cell, subject.space.random_codes(cell, BATCH, rng))
        values = drawn(subject, batch, rng, REPLICATES)
        random = _random(subject)
        values[random] = (values[random][..., None] * _STRETCHES).reshape(BATCH, -1)
        fails, allowed = _failures(subject.claim, values)
        fails_beside, allowed_beside = _failures(beside.claim, values)
        fewer = (~fails_beside | fails).all(axis=1)
        if not np.all((allowed_beside >= 1) | (fewer & (allowed_beside >= allowed * (1 - 1e-12)))):
            return False
    return True


def exceedances(subject: Subject, batch: Batch, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Share of `count` replicates in which the left side exceeds the right one, and the claimed probability, (batch,) each.

    An undefined replicate, not a number, counts as an exceedance.
    """
    fails, allowed = _failures(subject.claim, drawn(subject, batch, rng, count))
    return np.asarray(fails.mean(axis=1)), allowed


def _failures(claim: Claim, values: dict[Symbol, Any]) -> tuple[Array, Array]:
    """In which replicates the left side does not stay below the right one, (batch, replicates), and the claimed probability."""
    with np.errstate(all="ignore"):
        left, right, failure = (evaluate(side, values, FLOATS) for side in (claim.lhs, claim.rhs, claim.failure_probability))
        fails = ~(left <= right)
    return fails, _column(failure, len(fails))


def allowance(subject: Subject, cell: Cell, codes: Array) -> Array:
    """The claimed probability on instances, (batch,); 1 where it has no value, so that nothing is claimed."""
    batch, failure = subject.space.floats(cell, codes), sympify(subject.claim.failure_probability)
    with np.errstate(all="ignore"):
        return _column(evaluate(failure, _steady(subject, batch, failure.free_symbols), FLOATS), len(codes))


def _column(failure: Any, count: int) -> Array:
    probabilities = np.broadcast_to(np.asarray(failure, dtype=float), (count, 1))[:, 0]
    return np.where(np.isfinite(probabilities), probabilities, 1.0)


def drawn(subject: Subject, batch: Batch, rng: np.random.Generator, count: int) -> dict[Symbol, Any]:
    """The symbols' values on a batch, `count` replicates of the random one.

    Raises
    ------
    ValueError
        If not exactly one measured symbol of the claim is random, or its failure probability is.
    """
    random = _random(subject)
    entry = subject.claim.measured[random]
    draw = verb(subject.claim, entry.verb, subject.own).replicates
    assert draw is not None
    return _steady(subject, batch, set(subject.claim.measured)) | {random: draw(batch, rng, count, **entry.arguments)}


def _steady(subject: Subject, batch: Batch, wanted: Set[Basic]) -> dict[Symbol, Any]:
    """The values of the parameters and of the measured symbols among those wanted that are not random."""
    claim, random = subject.claim, _random(subject)
    steady = {symbol: entry for symbol, entry in claim.measured.items() if symbol in wanted and symbol != random}
    found = {symbol: verb(claim, entry.verb, subject.own).floats(batch, **entry.arguments) for symbol, entry in steady.items()}
    return dict(batch.values) | found


def _random(subject: Subject) -> Symbol:
    """The claim's one random symbol."""
    claim = subject.claim
    random = [s for s, entry in claim.measured.items() if verb(claim, entry.verb, subject.own).replicates is not None]
    if len(random) != 1 or claim.failure_probability is None:
        raise ValueError(f"claim {claim.name} has {len(random)} random symbols; it needs one, and a failure probability")
    if random[0] in claim.failure_probability.free_symbols:
        raise ValueError(f"claim {claim.name} has the random symbol {random[0]} in its failure probability; it must not")
    return random[0]


def _lower_limit(rates: Array | float, count: int, level: float) -> Array:
    """Lower Clopper-Pearson limit of a probability from an observed rate."""
    hits = np.rint(np.asarray(rates) * count)
    return np.where(hits > 0, beta.ppf(level, np.maximum(hits, 1), count - hits + 1), 0.0)


def _upper_limit(rates: Array | float, count: int, level: float) -> Array:
    """Upper Clopper-Pearson limit of a probability from an observed rate."""
    return 1 - _lower_limit(1 - np.asarray(rates), count, level)
