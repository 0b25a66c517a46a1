"""What each step of a proof loses: the factor between neighbours in the chain of bounds from the left side to the right one.

Examples
--------
>>> from theory.bounds import claim
>>> [round(loss.at_worst, 2) for loss in losses(Question(claim("transfer_bound")))]
[1.0, 1.0]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from theory.chains import chain
from theory.notation import n
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence import replicated
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.replicated import BATCH, REPLICATES
from verify.evidence.result import Effort
from verify.instances.batch import BITS, Cell
from verify.instances.codes import Array
from verify.quantities import measure

#: instances on which the steps of a proof are compared
_INSTANCES = 512
#: instances of a claim with a failure probability on which they are
_LIKELY = 48


@dataclass(frozen=True)
class Loss:
    """What one step of a proof loses: the factor from its smaller to its larger side.

    Attributes
    ----------
    why : str
    at_worst : float
        On the worst instance of the claim: 1 if the step is an equality there.
    median : float
        Over random instances.
    """

    why: str
    at_worst: float
    median: float


def losses(question: Question, effort: Effort | None = None) -> list[Loss]:
    """What each step of a claim's chain loses; empty if :mod:`theory.chains` has none for it.

    Parameters
    ----------
    question : Question
        About the claim.  For one with a failure probability the left side is the quantile that the probability leaves, from
        replicates.
    effort : Effort, optional
    """
    claim, effort = question.claim, replace(effort or Effort(), deadline=math.inf)
    steps = chain(claim.name)
    if not steps:
        return []
    extended = claim.changed(measured={symbol: entry for step in steps for symbol, entry in step.measured.items()})
    measured, bounds = question.about(extended), [step.bound for step in steps]
    if claim.failure_probability is not None:
        values = quantiles(measured, bounds, effort)
        at_worst = values[:, int(np.argmin(values[-1] / values[0]))]
    else:
        sides = [claim.lhs, *bounds]
        found = search_locally(question, effort)
        assert found.worst is not None
        cell, codes = found.worst
        at_worst = _values(measured, sides, cell, np.array([codes]))[:, 0]
        several = small_cells(measured)[0]
        rng = effort.rng()
        values = _values(measured, sides, several, measured.space.random_codes(several, _INSTANCES, rng))
    with np.errstate(all="ignore"):
        ratios = values[1:] / values[:-1]
    return [
        Loss(step.why, float(at_worst[i + 1] / at_worst[i]), float(np.median(ratios[i][np.isfinite(ratios[i])])))
        for i, step in enumerate(steps)
    ]


def quantiles(question: Question, bounds: Sequence[Any], effort: Effort) -> Array:
    """The quantile of a random left side that its failure probability leaves, and the bounds, on random instances."""
    claim, rng = question.claim, effort.rng()
    columns: list[Array] = []
    while sum(block.shape[1] for block in columns) < _LIKELY:
        cell = question.space.random_cell(rng, BITS)
        batch = question.space.floats(cell, question.space.random_codes(cell, BATCH, rng))
        values = replicated.drawn(question, batch, rng, REPLICATES)
        with np.errstate(all="ignore"):
            left, failure, *right = (evaluate(side, values, FLOATS) for side in (claim.lhs, claim.failure_probability, *bounds))
        failure, *right = (np.broadcast_to(side, (len(left), 1))[:, 0] for side in (failure, *right))
        # of fewer exceedances than a handful no quantile can be told
        told = np.flatnonzero((failure > 5 / REPLICATES) & (failure < 0.5) & np.isfinite(left).all(axis=1))
        found = [float(np.quantile(left[index], 1 - failure[index])) for index in told]
        kept = [position for position, value in enumerate(found) if value > 0]
        columns.append(np.array([np.array(found), *(side[told] for side in right)])[:, kept])
    return np.concatenate(columns, axis=1)


def small_cells(question: Question) -> list[Cell]:
    """Small cells, with at least two tasks where there may be two."""
    cells = question.space.cells(most=3)
    return [cell for cell in cells if dict(cell.shape).get(n, 2) > 1] or cells


def _values(question: Question, sides: Sequence[Any], cell: Cell, codes: Array) -> Array:
    values = measure.float_values(question.claim, question.space.floats(cell, codes), question.quantities)
    with np.errstate(all="ignore"):
        return np.array([np.broadcast_to(np.asarray(evaluate(side, values, FLOATS)), (len(codes), 1))[:, 0] for side in sides])
