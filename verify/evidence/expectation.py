r"""Evidence for statements about expectations: confidence sequences that are valid whenever one stops.

A claim that holds *on average* says that the mean of D = lhs - rhs over draws of its one random symbol is at most zero (for an
equality: is zero).  D must be affine in that symbol, whose draws must lie between known bounds, so that Z = (D - a)/(b - a)
lies in [0, 1].  Against the hypothesis that the mean of Z is at most m = -a/(b - a), one bets: the capital
:math:`K_t=\prod_{s\le t}(1+\lambda_s(Z_s-m))`, with stakes :math:`0\le\lambda_s<1/m` that depend on earlier draws only, is a
supermartingale under it, so that it ever reaches :math:`1/\delta` with probability at most :math:`\delta` (Ville).  When it
does, the claim is refuted; when the capital of the opposite bet does, it is *borne out* on that instance.  Draws are added
until one of the two happens or a number is reached (I. Waudby-Smith and A. Ramdas, *Estimating means of bounded random
variables by betting*, 2023).

Examples
--------
>>> rng = np.random.default_rng(0)
>>> won, lost = Bet(0.5), Bet(0.5)
>>> for _ in range(12):
...     won.take(rng.random(1000) ** 0.5), lost.take(rng.random(1000) ** 2)         # means 2/3 and 1/3
(None, None)
...
>>> won.log_capital > 20, lost.log_capital > 20
(True, False)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Symbol, diff

from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.question import Question
from verify.evidence.replay import Outcome, exact_sides, outcome
from verify.evidence.replicated import random_symbol, seeded_script
from verify.evidence.result import Effort, Evidence, Method, Verdict
from verify.instances.batch import BITS, Batch, Cell
from verify.instances.codes import Array
from verify.quantities import measure

#: cells in which instances are tested, instances of each, draws of a first block, and draws at most
CELLS, BATCH, BLOCK, MOST = 12, 4, 256, 1 << 16
#: part of both sides within which they are the same to rounding
_ROUNDING = 1e-12
#: chance that a true claim is refuted, and that a false one is borne out: shared out over all instances
FALSE_ALARM, DOUBT = 1e-6, 1e-2


class Bet:
    """Capital of a bet that the mean of draws from [0, 1] exceeds a number.

    Parameters
    ----------
    mean : float
        The number, in [0, 1].
    """

    def __init__(self, mean: float) -> None:
        self.mean, self.log_capital = min(max(mean, 0.0), 1.0), 0.0
        self._count, self._sum, self._squares = 1, 0.5, 0.25 + 0.25

    def take(self, draws: Array) -> None:
        """Bet on some more draws, with one stake that depends on the earlier ones only."""
        average = self._sum / self._count
        variance = max(self._squares / self._count - average**2, 1e-12)
        edge = average - self.mean
        stake = max(0.0, edge / (variance + edge**2))
        stake = min(stake, 0.75 / self.mean if self.mean > 0 else 1e6, 1e6)
        with np.errstate(divide="ignore"):
            self.log_capital += float(np.log1p(stake * (draws - self.mean)).sum())
        self._count += len(draws)
        self._sum += float(draws.sum())
        self._squares += float((draws**2).sum())


@dataclass(frozen=True)
class Violation:
    """Draws whose mean contradicts a claim about an expectation.

    Attributes
    ----------
    cell, codes : Cell and tuple of int
        The instance.
    entropy : int
        Seed of the draws.
    draws : int
    mean : float
        Of lhs - rhs.
    size : float
        What it is relative to: half the range between its bounds.
    """

    cell: Cell
    codes: tuple[int, ...]
    entropy: int
    draws: int
    mean: float
    size: float

    def __str__(self) -> str:
        return (
            f"lhs - rhs is {self.mean:.4g} on average over {self.draws} draws, beyond doubt not what is claimed: instance "
            f"{self.cell} with codes {list(self.codes)}, seed {self.entropy}"
        )

    def ratio(self) -> float:
        """Not a number: an expectation is compared by a difference."""
        return math.nan

    def gap(self) -> float:
        """The mean relative to half the range of the draws."""
        return abs(self.mean) / self.size if self.size else 1.0

    def script(self, question: Question, header: Sequence[str]) -> str:
        """Python that draws again."""
        return seeded_script(question, header, "expectation", (self.cell, self.codes), self.entropy)


def gather(question: Question, effort: Effort) -> Evidence:
    """Bet on draws of random instances.

    Parameters
    ----------
    question : Question
        About a claim that holds on average.
    effort : Effort

    Returns
    -------
    Evidence
        It stops at the first violation beyond doubt.  It is open unless the claim is borne out on every instance tested: an
        inequality by draws, an equality by the expectation that theory knows and draws do not contradict.  The half width to
        which draws know the mean is said.
    """
    evidence, rng, untold, widest = Evidence(), effort.rng(), 0, 0.0
    if reason := _unbounded(question):
        return Evidence(open=reason, detail=reason)
    for _ in range(CELLS):
        if effort.over:
            evidence.complete = False
            break
        cell = question.space.random_cell(rng, BITS)
        for codes in question.space.random_codes(cell, BATCH, rng):
            row, entropy = tuple(codes.tolist()), int(rng.integers(2**32))
            found = _bet(question, cell, row, entropy)
            if found is None:
                evidence.count(1, 1)
                continue
            evidence.count(1, 0)
            if isinstance(found.decision, Violation):
                evidence.violation, evidence.detail = found.decision, str(found.decision)
                return evidence
            claimed = _by_theory(question, cell, row)
            if (said := _against_theory(question, cell, row, found, claimed)) != "":
                return Evidence(contradicted=True, detail=said)
            wrong = claimed is not None and (claimed > 0 if question.claim.relation == "<=" else claimed != 0)
            if claimed is not None and wrong and _sure(question, found):
                said = f"by theory lhs - rhs is {float(claimed):.6g} on average, which {MOST} draws cannot tell"
                return Evidence(open=said, detail=f"{said}, on the instance {cell} with codes {list(row)}")
            untold += found.decision is None and (claimed is None or not _sure(question, found))
            widest = max(widest, found.width)
    told = evidence.compared - untold
    evidence.detail = f"an expectation, borne out on {told} of {evidence.compared} instances; means are known to {widest:.2g}"
    if untold:
        cannot = "draws cannot tell" if question.claim.relation == "<=" else "draws tell no equality, and theory knows no mean"
        evidence.open = f"on {untold} of {evidence.compared} instances {MOST} {cannot}"
    return evidence


def replay(question: Question, cell: Cell, codes: tuple[int, ...], entropy: int) -> Violation | None:
    """The violation on one instance with a seed of its own, or None if there is none beyond doubt."""
    found = _bet(question, cell, codes, entropy)
    return found.decision if found is not None and isinstance(found.decision, Violation) else None


@dataclass(frozen=True)
class _Found:
    """What draws on one instance showed: a violation, True where the claim is borne out, None where they cannot tell."""

    decision: Violation | bool | None
    mean: float
    width: float
    #: whether every draw is the same to rounding, so that theory decides
    constant: bool = False


def _sure(question: Question, found: _Found) -> bool:
    """Whether theory's mean decides: of equalities, and where draws do not vary."""
    return question.claim.relation == "==" or found.constant


def _unbounded(question: Question) -> str:
    """Why no number of draws decides a claim; empty if some do."""
    symbol = random_symbol(question)
    if question.quantity(question.claim.measured[symbol]).bounds is None:
        return f"no bounds on the draws of {symbol} are known, so that no number of them decides"
    if diff(question.claim.lhs - question.claim.rhs, symbol, 2) != 0:
        return f"lhs - rhs is not affine in the random {symbol}"
    return ""


def _bet(question: Question, cell: Cell, codes: tuple[int, ...], entropy: int) -> _Found | None:
    """Draw until one of the two bets is won; None where the instance has no value."""
    batch = question.space.floats(cell, np.array([codes], dtype=np.int64))
    symbol, rng = random_symbol(question), np.random.default_rng(entropy)
    entry = question.claim.measured[symbol]
    quantity = question.quantity(entry)
    assert quantity.bounds is not None
    assert quantity.replicates is not None
    bounds = [np.asarray(end, float) for end in quantity.bounds(batch, **entry.arguments)]
    low, high = sorted(float(_difference(question, batch, end)[0, 0]) for end in bounds)
    if not (np.isfinite(low) and np.isfinite(high)):
        return None
    size, room = high - low, _ROUNDING * _magnitude(question, batch, np.maximum(*map(np.abs, bounds)))
    if size <= room:
        _within(question, _difference(question, batch, quantity.replicates(batch, rng, BLOCK, **entry.arguments))[0], low, high)
        wrong = low > room or (question.claim.relation == "==" and abs(low) > room)
        borne = high < -room and question.claim.relation == "<="
        return _Found(Violation(cell, codes, entropy, 1, low, abs(low)) if wrong else borne or None, low, room, constant=True)
    above, below = Bet(-low / size), Bet(high / size)
    count, total, block = 0, 0.0, BLOCK
    instances = CELLS * BATCH
    while count < MOST:
        values = _difference(question, batch, quantity.replicates(batch, rng, block, **entry.arguments))[0]
        _within(question, values, low, high)
        part = np.clip((values - low) / size, 0, 1)
        above.take(part)
        below.take(1 - part)
        count, total, block = count + block, total + float(values.sum()), min(2 * block, 1 << 13)
        lost = above.log_capital if question.claim.relation == "<=" else max(above.log_capital, below.log_capital)
        width = size * math.sqrt(math.log(2 / DOUBT) / (2 * count))
        if lost > math.log(2 * instances / FALSE_ALARM):
            return _Found(Violation(cell, codes, entropy, count, total / count, size / 2), total / count, width)
        if question.claim.relation == "<=" and below.log_capital > math.log(instances / DOUBT):
            return _Found(True, total / count, width)
    return _Found(None, total / count, width)


def _magnitude(question: Question, batch: Batch, most: Array) -> float:
    """What rounding errors of lhs - rhs are relative to, where the random symbol is at most so large."""
    values = _at(question, batch, most)
    with np.errstate(all="ignore"):
        found = np.asarray(evaluate(question.terms, values, FLOATS), float)
    return float(np.nan_to_num(found, nan=0.0, posinf=0.0).max())


def _within(question: Question, values: Array, low: float, high: float) -> None:
    """Refuse draws beyond their bounds, to rounding."""
    room = 1e-9 * max(high - low, 1e-6 * max(abs(low), abs(high)))
    if not np.all(np.isfinite(values)) or values.min() < low - room or values.max() > high + room:
        symbol = random_symbol(question)
        entry = question.claim.measured[symbol]
        raise ValueError(
            f"claim {question.claim.name} draws {symbol} beyond the bounds that {entry.quantity} gives, or as no number"
        )


def _difference(question: Question, batch: Batch, draws: Array) -> Array:
    """lhs - rhs of draws of the random symbol, (batch, draws)."""
    claim, values = question.claim, _at(question, batch, draws)
    with np.errstate(all="ignore"):
        found = evaluate(claim.lhs, values, FLOATS) - evaluate(claim.rhs, values, FLOATS)
    return np.broadcast_to(np.asarray(found, float), np.broadcast_shapes(np.shape(found), draws.shape))


def _at(question: Question, batch: Batch, draws: Array) -> dict[Symbol, Any]:
    """Parameters and measured symbols of a batch, the random one being what was drawn."""
    values, symbol = dict(batch.values), random_symbol(question)
    for other, entry in question.claim.measured.items():
        values[other] = draws if other == symbol else question.quantity(entry).floats(batch, **entry.arguments)
    return values


def _by_theory(question: Question, cell: Cell, codes: tuple[int, ...]) -> Fraction | None:
    """The expectation of lhs - rhs by theory; None where theory does not know it, or cannot tell it from zero."""
    try:
        (lhs, *_), (rhs, *_) = exact_sides(question.claim, question.space.exact(cell, codes), question.own)
        said = outcome(question.claim.changed(relation="=="), (lhs,), (rhs,))
    except (*measure.NO_VALUE, NotImplementedError, OverflowError):
        return None
    if said == Outcome.UNDECIDED.value:
        return None
    (least, most), (other_least, other_most) = ends(lhs), ends(rhs)
    return Fraction(0) if said == Outcome.HOLDS.value else (least + most - other_least - other_most) / 2


def _against_theory(question: Question, cell: Cell, codes: tuple[int, ...], found: _Found, claimed: Fraction | None) -> str:
    """Where the mean of the draws is not the expectation that theory knows; empty if it is, or none is known."""
    if claimed is None or abs(float(claimed) - found.mean) <= 3 * found.width + 1e-9 * abs(float(claimed)):
        return ""
    symbol = random_symbol(question)
    entry = question.claim.measured[symbol]
    return (
        f"theory and numerics disagree on the expectation of {symbol} = {entry.quantity}: by theory lhs - rhs is "
        f"{float(claimed):.6g} on average, by draws {found.mean:.6g}, on the instance {cell} with codes {list(codes)}"
    )


METHOD = Method("expectation", "sampled", Verdict.SAMPLED, lambda question: question.claim.on_average, gather)
