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
>>> found = gather(Question(claim("line_bound")), Effort())
>>> found.violation is None
True
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import beta
from sympy import Basic, Symbol, sympify

from theory.claim import Claim
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence, Method, Verdict
from verify.instances.batch import BITS, Batch, Cell
from verify.instances.codes import Array

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
    """Replicates that violate a claim more often than claimed.

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
        return (
            f"{self.exceedances} of {self.replicates} replicates exceed, where {self.allowed:.4g} of them may and the "
            f"confidence limit is {self.limit:.4g}: instance {self.cell} with codes {list(self.codes)}, seed {self.entropy}"
        )

    def ratio(self) -> float:
        """Observed over claimed probability."""
        return self.exceedances / self.replicates / max(self.allowed, 1 / self.replicates)

    def gap(self) -> float:
        """How far the observed probability is beyond the claimed one, relative to both."""
        rate = self.exceedances / self.replicates
        return (rate - self.allowed) / (rate + self.allowed)

    def script(self, question: Question, header: Sequence[str]) -> str:
        """Python that draws the replicates again."""
        return seeded_script(question, header, "replicated", (self.cell, self.codes), self.entropy)


def seeded_script(
    question: Question, header: Sequence[str], module: str, instance: tuple[Cell, tuple[int, ...]], entropy: int
) -> str:
    """Python that draws the replicates of an instance again with ``replay`` of a module of this package.

    Parameters
    ----------
    question : Question
    header : sequence of str
        Lines that define ``CLAIM``.
    module : str
    instance : (Cell, codes)
    entropy : int
        Seed.
    """
    cell, codes = instance
    brought = (("QUANTITIES", question.own), ("FAMILIES", question.own_families))
    own = "".join(f", {keyword}={name}" for keyword, (name, given) in zip(("own", "families"), brought, strict=True) if given)
    # rules and numbers that are chosen are named by their places
    values = [
        repr(value) if isinstance(value, int) else f"choices[{place}][{list(question.space.shapes[symbol]).index(value)}]"
        for place, (symbol, value) in enumerate(cell.shape)
    ]
    return "\n".join(
        (
            *header,
            f"from verify.evidence import {module}",
            "from verify.evidence.question import Question",
            "from verify.instances.batch import Cell",
            f"question = Question(CLAIM{own})",
            "choices = list(question.space.shapes.values())",
            f"values = [{', '.join(values)}]",
            f"cell = Cell(tuple(zip(question.space.shapes, values, strict=True)), {cell.bits}, {cell.wide})",
            f"assert {module}.replay(question, cell, {tuple(codes)!r}, {entropy}) is not None",
        )
    )


def gather(question: Question, effort: Effort) -> Evidence:
    """Count exceedances on random instances.

    Parameters
    ----------
    question : Question
        About a claim with a failure probability, one of whose measured symbols is random.
    effort : Effort

    Returns
    -------
    Evidence
        It stops at the first confirmed violation.  It is open unless the claim is borne out on every instance tested, at a
        confidence of 99 % for all of them together.
    """
    evidence, rng, counts = Evidence(), effort.rng(), _Counts()
    for _ in range(_MOST * CELLS):
        if evidence.violation is not None or evidence.instances >= CELLS * BATCH:
            break
        if effort.over:
            evidence.complete = False
            break
        cell = question.space.random_cell(rng, BITS)
        codes = question.space.random_codes(cell, _CANDIDATES, rng)
        wanted = min(BATCH, CELLS * BATCH - evidence.instances)
        telling = np.flatnonzero(allowance(question, cell, codes) < VACUOUS)[:wanted]
        seen = int(telling[-1]) + 1 if len(telling) == wanted else _CANDIDATES
        counts.vacuous += seen - len(telling)
        if len(telling):
            _test(question, cell, codes[telling], rng, evidence, counts)
    evidence.compared = evidence.instances
    evidence.detail = str(evidence.violation) if evidence.violation is not None else counts.said()
    if evidence.violation is None and counts.untold:
        evidence.open = f"on {counts.untold} replicates cannot tell"
    elif evidence.violation is None and not counts.borne_out:
        evidence.open = "it says next to nothing on every instance that was drawn"
    return evidence


@dataclass
class _Counts:
    """On how many instances the claim is borne out, replicates cannot tell, and it says next to nothing."""

    borne_out: int = 0
    untold: int = 0
    vacuous: int = 0
    visible: float = 0.0

    def said(self) -> str:
        told = f"; on {self.untold} replicates cannot tell" if self.untold else ""
        seen = f"; a probability {self.visible:.2g} beyond the claimed one would have been seen" if self.borne_out else ""
        return f"borne out on {self.borne_out}{told}; on {self.vacuous} more it says next to nothing{seen}"


def _test(question: Question, cell: Cell, codes: Array, rng: np.random.Generator, evidence: Evidence, counts: _Counts) -> None:
    """Add what replicates on these instances show."""
    rates, allowed = exceedances(question, question.space.floats(cell, codes), rng, REPLICATES)
    evidence.instances += len(codes)
    largest = float((rates / np.maximum(allowed, 1 / REPLICATES)).max())
    evidence.worst_ratio = float(np.fmax(evidence.worst_ratio, largest))
    counts.visible = max(counts.visible, float(np.max(_visible(allowed))))
    level = DOUBT / (CELLS * BATCH)
    borne_out = _upper_limit(rates, REPLICATES, level / 2) <= allowed
    counts.borne_out += int(borne_out.sum())
    for index in np.flatnonzero(~borne_out):
        row, entropy = tuple(codes[index].tolist()), int(rng.integers(2**32))
        rate, most = _again(question, cell, row, entropy)
        evidence.violation = _violation(cell, row, entropy, rate, most)
        if evidence.violation is not None:
            break
        told = bool(_upper_limit(rate, MANY, level / 2) <= most)
        counts.borne_out, counts.untold = counts.borne_out + told, counts.untold + (not told)


def _visible(allowed: Array) -> Array:
    """How far beyond the claimed probability one must be to be seen by :data:`MANY` replicates."""
    grid = np.arange(MANY + 1) / MANY
    limits = _lower_limit(grid, MANY, FALSE_ALARM / (CELLS * BATCH))
    first = np.searchsorted(limits, allowed, side="right").clip(0, MANY)
    return np.asarray(grid[first] - allowed)


def replay(question: Question, cell: Cell, codes: tuple[int, ...], entropy: int) -> Violation | None:
    """The violation on one instance with a seed of its own, or None if there is none beyond doubt."""
    return _violation(cell, codes, entropy, *_again(question, cell, codes, entropy))


def _again(question: Question, cell: Cell, codes: tuple[int, ...], entropy: int) -> tuple[float, float]:
    """The rate of exceedances on one instance, from many replicates, and the claimed probability."""
    batch = question.space.floats(cell, np.array([codes]))
    rates, allowed = exceedances(question, batch, np.random.default_rng(entropy), MANY)
    return float(rates[0]), float(allowed[0])


def _violation(cell: Cell, codes: tuple[int, ...], entropy: int, rate: float, allowed: float) -> Violation | None:
    limit = float(_lower_limit(rate, MANY, FALSE_ALARM / (CELLS * BATCH)))
    return None if limit <= allowed else Violation(cell, codes, entropy, MANY, round(rate * MANY), allowed, limit)


def implies(question: Question, other: Claim, effort: Effort) -> bool:
    """Whether a claim with a failure probability implies another about the same random symbol, as far as instances show.

    It does if, on every instance, the other fails only where the claim does and may do so no less often.  Both are compared on
    the same replicates, which are stretched too, from a thousandth to a thousandfold: where failures are rare, those that
    happen do not tell the events apart.

    Parameters
    ----------
    question : Question
    other : Claim
        With the question's parameters and measured symbols.
    effort : Effort
    """
    rng, beside = effort.rng(), question.about(other)
    for _ in range(CELLS):
        cell = question.space.random_cell(rng, BITS)
        batch = question.space.floats(cell, question.space.random_codes(cell, BATCH, rng))
        values = drawn(question, batch, rng, REPLICATES)
        random = random_symbol(question)
        values[random] = (values[random][..., None] * _STRETCHES).reshape(BATCH, -1)
        fails, allowed = _failures(question.claim, values)
        fails_beside, allowed_beside = _failures(beside.claim, values)
        fewer = (~fails_beside | fails).all(axis=1)
        if not np.all((allowed_beside >= 1) | (fewer & (allowed_beside >= allowed * (1 - 1e-12)))):
            return False
    return True


def exceedances(question: Question, batch: Batch, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Share of `count` replicates in which the left side exceeds the right one, and the claimed probability, (batch,) each.

    An undefined replicate, not a number, counts as an exceedance.
    """
    fails, allowed = _failures(question.claim, drawn(question, batch, rng, count))
    return np.asarray(fails.mean(axis=1)), allowed


def _failures(claim: Claim, values: dict[Symbol, Any]) -> tuple[Array, Array]:
    """In which replicates the left side does not stay below the right one, (batch, replicates), and the claimed probability."""
    with np.errstate(all="ignore"):
        left, right, failure = (evaluate(side, values, FLOATS) for side in (claim.lhs, claim.rhs, claim.failure_probability))
        fails = ~(left <= right)
    return fails, _column(failure, len(fails))


def allowance(question: Question, cell: Cell, codes: Array) -> Array:
    """The claimed probability on instances, (batch,); 1 where it has no value, so that nothing is claimed."""
    batch, failure = question.space.floats(cell, codes), sympify(question.claim.failure_probability)
    with np.errstate(all="ignore"):
        return _column(evaluate(failure, _steady(question, batch, failure.free_symbols), FLOATS), len(codes))


def _column(failure: Any, count: int) -> Array:
    probabilities = np.broadcast_to(np.asarray(failure, dtype=float), (count, 1))[:, 0]
    return np.where(np.isfinite(probabilities), probabilities, 1.0)


def drawn(question: Question, batch: Batch, rng: np.random.Generator, count: int) -> dict[Symbol, Any]:
    """The symbols' values on a batch, `count` replicates of the random one.

    Raises
    ------
    ValueError
        If not exactly one measured symbol of the claim is random, or its failure probability is.
    """
    random = random_symbol(question)
    entry = question.claim.measured[random]
    draw = question.quantity(entry).replicates
    assert draw is not None
    return _steady(question, batch, set(question.claim.measured)) | {random: draw(batch, rng, count, **entry.arguments)}


def _steady(question: Question, batch: Batch, wanted: Set[Basic]) -> dict[Symbol, Any]:
    """The values of the parameters and of the measured symbols among those wanted that are not random."""
    claim, random = question.claim, random_symbol(question)
    steady = {symbol: entry for symbol, entry in claim.measured.items() if symbol in wanted and symbol != random}
    found = {symbol: question.quantity(entry).floats(batch, **entry.arguments) for symbol, entry in steady.items()}
    return dict(batch.values) | found


def random_symbol(question: Question) -> Symbol:
    """The one random symbol of a claim that holds with a probability or on average.

    Raises
    ------
    ValueError
        If not exactly one measured symbol is random, or the failure probability is.
    """
    claim = question.claim
    random = [s for s, entry in claim.measured.items() if question.quantity(entry).replicates is not None]
    if len(random) != 1:
        raise ValueError(f"claim {claim.name} has {len(random)} random symbols; one that is not certain needs one")
    if claim.failure_probability is not None and random[0] in claim.failure_probability.free_symbols:
        raise ValueError(f"claim {claim.name} has the random symbol {random[0]} in its failure probability; it must not")
    return random[0]


def _lower_limit(rates: Array | float, count: int, level: float) -> Array:
    """Lower Clopper-Pearson limit of a probability from an observed rate."""
    hits = np.rint(np.asarray(rates) * count)
    return np.where(hits > 0, beta.ppf(level, np.maximum(hits, 1), count - hits + 1), 0.0)


def _upper_limit(rates: Array | float, count: int, level: float) -> Array:
    """Upper Clopper-Pearson limit of a probability from an observed rate."""
    return 1 - _lower_limit(1 - np.asarray(rates), count, level)


def _applies(question: Question) -> bool:
    return question.claim.failure_probability is not None


METHOD = Method("replicated", "sampled", Verdict.SAMPLED, _applies, gather)
