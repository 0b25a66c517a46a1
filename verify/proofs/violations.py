"""A cheap look for violations of statements about numbers: by balls, best first, and by a solver's models.

What they say is only believed once exact numbers deny the statement there (:func:`verify.proofs.points.denied`).

Examples
--------
>>> from sympy import Integer, Interval, Rational
>>> from theory.notation import t
>>> needle = Statement("needle", {t: Interval(0, 1)}, Rational(1, 10**14), "<=", (t - Rational(1, 3)) ** 2)
>>> (found,) = suspects(needle, solver=False)
>>> abs(found[t] - Fraction(1, 3)) < Fraction(1, 10**7)
True
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, count, islice, product
from typing import Any

from sympy import Abs, FiniteSet, Max, Min, Range, Symbol, preorder_traversal

from verify.arithmetic.balls import balls
from verify.proofs import bernstein, solvers
from verify.proofs.enclosed import Difference
from verify.proofs.factors import by_factors
from verify.proofs.points import Point, at_cube, free_parameters, of_models
from verify.proofs.statement import Fixed, Statement, Unprovable, cells
from verify.proofs.trees import Box, halved, volume, whole

#: seconds and boxes that the look for violations takes by itself, and seconds of a solver's
_SECONDS, _BOXES, _SOLVER_SECONDS = 0.6, 450, 2.0
#: seconds after which a proof is not begun any further, and parameters of a statement that is tried
_PROOF_SECONDS, _MOST_PARAMETERS = {"<=": 0.1, "==": 1.0}, 6
#: values of parameters with finitely many that are looked at, and points of a grid at which a look begins
_MOST_CELLS, _MOST_POINTS = 96, 192
#: points of one look at which balls are too wide to say, and exact numbers are asked
_MOST_DOUBTS, _DOUBTED_BITS = 24, 400


def suspects(
    statement: Statement, deadline: float = float("inf"), *, solver: bool = True, seconds: float = _SECONDS
) -> list[Point]:
    """Look for a violation for a short time: balls, best first, and z3 where they see none.

    Parameters
    ----------
    statement : Statement
    deadline : float
        Value of ``time.monotonic()`` after which to stop.
    solver : bool
        Whether to ask z3, in a process of its own, for two seconds at most.
    seconds : float
        For the balls.

    Returns
    -------
    list of dict
        Parameter to ``Fraction`` or ``int``; exact numbers deny the statement there.  Empty if nothing was seen.
    """
    if _excluded(statement):
        return []
    stop = min(deadline, time.monotonic() + seconds)
    chosen = _cells(statement)
    sides = [statement]
    if statement.relation == "==":
        sides = [replace(statement, relation="<="), replace(statement, relation="<=", lhs=statement.rhs, rhs=statement.lhs)]
    looks = [_look(statement, side, fixed) for fixed in chosen for side in sides]
    # a few boxes of each in turn, so that none takes the time of the others
    while looks and time.monotonic() < stop:
        for look in list(looks):
            for found in islice(look, 16):
                if found is not None:
                    return [found]
                if time.monotonic() > stop:
                    break
            else:
                continue
            looks.remove(look)
    return _asked(statement, deadline) if solver else []


def _excluded(statement: Statement) -> bool:
    """Whether factors prove the statement in no time, so that there is nothing to look for."""
    nodes = {
        node
        for one in (*statement.expressions(), *(e for entry in statement.derived.values() for e in entry.expressions({})))
        for node in preorder_traversal(one)
    }
    kinks = sum(isinstance(node, Abs | Max | Min) for node in nodes)
    if kinks > (2 if statement.relation == "==" else 0) or len(statement.parameters) > _MOST_PARAMETERS:
        return False
    try:
        by_factors(statement, bernstein.nonnegative, time.monotonic() + _PROOF_SECONDS[statement.relation])
    except (Unprovable, TypeError, ValueError, ArithmeticError):
        return False
    return True


def _cells(statement: Statement) -> list[Fixed]:
    """Values of the parameters that have finitely many; of infinitely many integers those around powers of two."""
    try:
        found = cells(statement, relaxed=True)
        return [found[i * len(found) // _MOST_CELLS] for i in range(_MOST_CELLS)] if len(found) > _MOST_CELLS else found
    except Unprovable:
        pass
    choices: dict[Symbol, list[Any]] = {}
    counts = statement.counts()
    for symbol, domain in statement.parameters.items():
        if isinstance(domain, tuple):
            return []
        if isinstance(domain, Range) and symbol in counts:
            first = int(domain.inf) if domain.inf.is_finite else int(domain.sup) - 40
            near = [first + step for step in (0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 40)]
            choices[symbol] = [value for value in near if value in domain]
        elif isinstance(domain, FiniteSet) and (len(domain.args) > 1 or symbol in counts):
            choices[symbol] = [int(value) if value.is_Integer else value for value in domain.args]
    return [dict(zip(choices, values, strict=True)) for values in islice(product(*choices.values()), _MOST_CELLS)]


class _Target(Difference):
    """One side's excess over the other, and how often balls were too wide to say its sign at a point."""

    doubts = 0


def _look(statement: Statement, side: Statement, fixed: Fixed) -> Iterator[Point | None]:
    """Boxes in which one side may exceed the other, best first; a violation where there is one."""
    try:
        target = _Target(side, fixed, balls())
        yield from _begin(statement, target, fixed)
        yield from _dive(statement, target, fixed)
    except (Unprovable, TypeError, ValueError):
        return


def _begin(statement: Statement, target: _Target, fixed: Fixed) -> Iterator[Point | None]:
    """Corners, the middle, and points next to the ends on all scales."""
    free = free_parameters(statement, fixed)
    tiny = [Fraction(1, 2**shift) for shift in (10, 40, 100, 200, 1100, 5000)]
    half = Fraction(1, 2)
    yield _seen(statement, target, fixed, (half,) * len(free))
    corners = [
        islice(product(*(_near_ends(statement.parameters[s], step) for s in free)), _MOST_POINTS) for step in (tiny[3], tiny[1])
    ]
    for corner in dict.fromkeys(chain(*corners)):
        yield _seen(statement, target, fixed, corner)
    near = [_near_ends(statement.parameters[symbol], tiny[1]) for symbol in free]
    for axis in range(len(free)):
        for base in ((half,) * len(free), tuple(first for first, _ in near), tuple(last for _, last in near)):
            for place in (*tiny, *(1 - step for step in tiny)):
                yield _seen(statement, target, fixed, (*base[:axis], place, *base[axis + 1 :]))


def _near_ends(domain: Any, step: Fraction) -> tuple[Fraction, Fraction]:
    """The two ends of a domain in the cube, or that far from one that it lacks."""
    if isinstance(domain, Range):
        lacking = domain.inf.is_infinite, domain.sup.is_infinite
    else:
        lacking = domain.left_open or domain.start.is_infinite, domain.right_open or domain.end.is_infinite
    return step if lacking[0] else Fraction(0), 1 - step if lacking[1] else Fraction(1)


def _seen(statement: Statement, target: _Target, fixed: Fixed, place: Sequence[Fraction]) -> Point | None:
    """The violation at or beside a point, if balls or exact numbers see one."""
    relaxed = any(isinstance(statement.parameters[symbol], Range) for symbol in free_parameters(statement, fixed))
    try:
        there = target.bounds(tuple((tau, tau) for tau in place))
    except ZeroDivisionError:
        return None
    if not relaxed and not there.high < 0:
        extreme = any(tau.denominator > 2**256 for tau in place)
        if there.low >= 0 or extreme or target.doubts >= _MOST_DOUBTS:
            return None
        target.doubts += 1
        return at_cube(statement, fixed, place, _DOUBTED_BITS)
    return at_cube(statement, fixed, place)


def _dive(statement: Statement, target: _Target, fixed: Fixed) -> Iterator[Point | None]:
    """Branch and bound without an aim but a violation: the box that reaches lowest, and now and then the largest."""
    free, order = free_parameters(statement, fixed), count()
    lowest: list[tuple[float, int, Box]] = []
    largest: list[tuple[float, int, Box]] = []
    done: set[int] = set()

    def put(box: Box) -> Point | None:
        if not _holds_integers(statement, free, box):
            return None
        middle = tuple((low + high) / 2 for low, high in box)
        index, bound = next(order), -math.inf
        corner = middle
        try:
            there = target.bounds(box)
            bound = float(there.low)
            if there.low >= 0:
                return None
            if there.slopes is not None:
                corner = tuple(
                    high if slope[1] <= 0 else low if slope[0] >= 0 else (low + high) / 2
                    for slope, (low, high) in zip(there.slopes, box, strict=True)
                )
                bound = max(bound, _mean_value(target, middle, there.slopes, box))
                if bound >= 0:
                    return None
        except ZeroDivisionError:
            pass
        if box:
            heapq.heappush(lowest, (bound if math.isfinite(bound) else 0.0, index, box))
            heapq.heappush(largest, (-float(volume(box)), index, box))
        return _seen(statement, target, fixed, corner) or (
            _seen(statement, target, fixed, middle) if corner != middle else None
        )

    yield put(whole(target.size))
    for step in range(_BOXES):
        queue = largest if step % 4 == 3 else lowest
        while queue and queue[0][1] in done:
            heapq.heappop(queue)
        if not queue:
            return
        _, index, box = heapq.heappop(queue)
        done.add(index)
        for part in halved(box, _widest(box)):
            yield put(part)


def _mean_value(target: Difference, middle: Sequence[Fraction], slopes: Sequence[tuple[Any, Any]], box: Box) -> float:
    form = target.bounds(tuple((tau, tau) for tau in middle)).low
    for slope, (low, high) in zip(slopes, box, strict=True):
        form = form - max(abs(slope[0]), abs(slope[1])) * target.numbers.constant((high - low) / 2)
    return float(form.lower())


def _widest(box: Box) -> int:
    widths = [high - low for low, high in box]
    return widths.index(max(widths)) if widths else 0


def _holds_integers(statement: Statement, free: Sequence[Symbol], box: Box) -> bool:
    """Whether a box has room for integers where parameters are such."""
    for symbol, (low, high) in zip(free, box, strict=True):
        domain = statement.parameters[symbol]
        if isinstance(domain, Range) and domain.inf.is_finite:
            first = int(domain.inf)
            if domain.sup.is_finite:
                size = int(domain.sup) - first
                least, most = size * low, size * high
            elif high == 1:
                continue
            else:
                least, most = low / (1 - low), high / (1 - high)
            if math.ceil(least) > math.floor(most):
                return False
    return True


def _asked(statement: Statement, deadline: float) -> list[Point]:
    """A violation that z3 sees."""
    try:
        chosen = cells(statement, relaxed=True)[:2]
        questions = [solvers.script(statement, fixed) for fixed in chosen]
    except (Unprovable, TypeError):
        return []
    for fixed, question in zip(chosen, questions, strict=True):
        left = min(_SOLVER_SECONDS, deadline - time.monotonic())
        if left < 0.5:
            break
        answer = solvers.ask("z3", question, left, grace=0.0)
        if found := of_models(statement, fixed, answer.models):
            return found
    return []
