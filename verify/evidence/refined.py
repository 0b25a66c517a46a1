"""Closer looks at claims about numbers alone: every integer, every corner, and steps of halving size from the worst instance.

A climb ends where the gap hardly moves; a violation may be smaller than that, at one integer of thousands, or at an end where
both sides overflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from sympy import Range

from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.question import Outcome, Question
from verify.evidence.result import Effort, Evidence
from verify.instances.batch import FINEST, Cell
from verify.instances.codes import Array

#: points of a grid of integers, and how many of them are decided exactly
_GRID, _DECIDED = 1 << 14, 8
#: real parameters of which every corner is looked at
_CORNERS = 5
#: moves of one size
_MOVES = 4


def every_integer(question: Question, rng: np.random.Generator, evidence: Evidence) -> None:
    """Compare all small values of a claim's integers in doubles, and decide the worst exactly.

    Parameters
    ----------
    question : Question
    rng : numpy.random.Generator
        Draws the real parameters beside them.
    evidence : Evidence
        Its violation is set where there is one.

    Examples
    --------
    >>> from sympy import Range
    >>> from theory.claim import Claim, Source
    >>> from theory.notation import k
    >>> taxi = Claim("taxi", "", 1, "<=", (k**3 - 999**3) ** 2, Source("derived here"), None, {k: Range(1, 9999)})
    >>> seen = Evidence()
    >>> every_integer(Question(taxi), np.random.default_rng(0), seen)
    >>> seen.violation.cell
    Cell(shape=((k, 999),), bits=48, wide=False)
    """
    space = question.space
    ends = set().union(*(getattr(domain, "free_symbols", set()) for domain in question.claim.parameters.values()))
    whole = [symbol for symbol, domain in space.shapes.items() if isinstance(domain, Range)]
    if not question.numbers_alone or not whole or len(whole) < len(space.shapes) or ends & set(whole):
        return
    most = int(_GRID ** (1 / len(whole)))
    grid = [each.ravel() for each in np.meshgrid(*(space.admitted(symbol, most) for symbol in whole), indexing="ij")]
    cell = space.smallest_cell(FINEST)
    codes = space.random_codes(cell, len(grid[0]), rng)
    values = space.floats(cell, codes).values | {s: each[:, None].astype(float) for s, each in zip(whole, grid, strict=True)}
    with np.errstate(all="ignore"):
        lhs, rhs = (np.asarray(evaluate(side, values, FLOATS), float) for side in (question.claim.lhs, question.claim.rhs))
        gap = np.ravel((lhs - rhs) / (abs(lhs) + abs(rhs)) + np.zeros((len(codes), 1)))
    gap = gap if question.claim.relation == "<=" else abs(gap)
    evidence.count(len(codes), int(np.isnan(gap).sum()))
    for index in np.argsort(-np.nan_to_num(gap, nan=-2.0), kind="stable")[:_DECIDED]:
        shape = tuple((symbol, int(each[index])) for symbol, each in zip(whole, grid, strict=True))
        evidence.violation = question.confirmed(replace(cell, shape=shape), codes[index].tolist())
        if evidence.violation is not None:
            return


def every_corner(question: Question, rng: np.random.Generator, evidence: Evidence) -> None:
    """Decide a claim about numbers exactly where every real parameter is at an end of its domain.

    Parameters
    ----------
    question, rng, evidence
        As of :func:`every_integer`.

    Examples
    --------
    >>> from sympy import Interval, exp
    >>> from theory.claim import Claim, Source
    >>> from theory.notation import theta
    >>> high = Claim("high", "", exp(999 * theta), "<=", exp(999) - 1, Source("derived here"), None, {theta: Interval(0, 1)})
    >>> seen = Evidence()
    >>> every_corner(Question(high), np.random.default_rng(0), seen)
    >>> seen.violation.instance.values[theta]
    array([[Fraction(1, 1)]], dtype=object)
    """
    space = question.space
    if not question.numbers_alone or not 0 < len(space.real) <= _CORNERS:
        return
    for cell in (space.smallest_cell(FINEST), *(space.random_cell(rng, FINEST) for _ in range(2 if space.shapes else 0))):
        for codes in product((0, 1 << cell.bits), repeat=space.length(cell)):
            found = question.replay(cell, codes)
            evidence.count(1, not found.lhs)
            if found.outcome is Outcome.VIOLATED:
                evidence.violation = found
                return


def refine(question: Question, evidence: Evidence, effort: Effort) -> None:
    """Move on from the worst instance, coordinate by coordinate, in steps that are halved down to the finest.

    Parameters
    ----------
    question : Question
        About numbers alone; nothing is done about others, or where time is over.
    evidence : Evidence
        Its worst instance is where this begins; the last step is added to it.
    effort : Effort
    """
    if not question.numbers_alone or evidence.worst is None or evidence.violation is not None:
        return
    cell, codes = evidence.worst
    start = np.array(codes, dtype=np.int64)
    if not len(start) or (start > 1 << cell.bits).any():  # a telling place is where it is
        return
    if not cell.wide:
        cell, start = replace(cell, bits=FINEST), start << (FINEST - cell.bits)
    for around in _steps(question, cell, start):
        last = around
        if effort.over:
            return
    evidence.add(question, cell, last, question.sides(cell, last))


def _steps(question: Question, cell: Cell, place: Array) -> Iterator[Array]:
    """Neighbours of ever better places, the place first."""
    moves = np.concatenate([np.eye(len(place), dtype=np.int64), -np.eye(len(place), dtype=np.int64)])
    moves = np.concatenate([np.zeros((1, len(place)), np.int64), moves])
    for order in range(cell.bits - 6, -1, -1):
        for _ in range(_MOVES):
            around = np.clip(place + (moves << order), 0, 1 << cell.bits)
            yield around
            best = int(question.sides(cell, around).gap.argmax())
            if best == 0:
                break
            place = around[best]
