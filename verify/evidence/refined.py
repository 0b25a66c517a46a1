"""Closer looks at claims about numbers alone: every integer, every corner, steps of halving size from the worst instance, and
the point beside it at which pieces of the claim cross.

A climb ends where the gap hardly moves; a violation may be smaller than that, at one integer of thousands, at an end where
both sides overflow, or at the bottom of a kink along which no single coordinate leads downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from mpmath import findroot, mpf, workdps
from scipy.linalg import qr
from sympy import Expr, Range, Rational, Symbol, lambdify

from verify.arithmetic.enclosure import Enclosure
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Effort, Evidence
from verify.instances.batch import BITS, FINEST, Cell
from verify.instances.codes import Array
from verify.instances.space import Space
from verify.instances.telling import kinks

#: points of a grid of integers and values of sets, and how many of them are decided exactly
_GRID, _DECIDED = 1 << 14, 8
#: real parameters of which every corner is looked at
_CORNERS = 5
#: values of a whole number beyond which its end is not looked at, and shapes whose ends are looked at
_LONG, _SHAPES = 64, 8
#: how many of the places told are looked at for all real parameters together
_PLACES = 8
#: moves of one size
_MOVES = 4
#: digits to which pieces are made to cross
_DIGITS = 60


def every_integer(question: Question, rng: np.random.Generator, evidence: Evidence) -> None:
    """Compare all small values of a claim's integers, and those of sets, in doubles, and decide the worst exactly.

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
    whole = list(space.shapes)
    if not question.numbers_alone or not whole or ends & set(whole) or not all(map(_holds_numbers, space.shapes.values())):
        return
    columns = list(zip(*product(*_grid(space)), strict=True))
    grid = [np.array([_double(value) for value in column]) for column in columns]
    cell = space.smallest_cell(FINEST)
    codes = space.random_codes(cell, len(grid[0]), rng)
    values = space.floats(cell, codes).values | {s: each[:, None] for s, each in zip(whole, grid, strict=True)}
    with np.errstate(all="ignore"):
        lhs, rhs = (np.asarray(evaluate(side, values, FLOATS), float) for side in (question.claim.lhs, question.claim.rhs))
        gap = np.ravel((lhs - rhs) / (abs(lhs) + abs(rhs)) + np.zeros((len(codes), 1)))
    gap = gap if question.claim.relation == "<=" else abs(gap)
    evidence.count(len(codes), int(np.isnan(gap).sum()))
    for index in np.argsort(-np.nan_to_num(gap, nan=-2.0), kind="stable")[:_DECIDED]:
        shape = tuple((symbol, column[index]) for symbol, column in zip(whole, columns, strict=True))
        evidence.violation = question.confirmed(replace(cell, shape=shape), codes[index].tolist())
        if evidence.violation is not None:
            return


def _holds_numbers(domain: Sequence[Any]) -> bool:
    """Whether an integer parameter, or one that is chosen, takes numbers alone, which are the same for all instances."""
    return isinstance(domain, Range) or all(
        isinstance(value, int) or (isinstance(value, Expr) and value.is_number) for value in domain
    )


def _double(value: Any) -> float:
    """A number in doubles, infinite beyond the largest."""
    return float(FLOATS.constant(Fraction(value))) if isinstance(value, int) else float(evaluate(value, {}, FLOATS))


def _grid(space: Space) -> list[list[Any]]:
    """The first values of every integer parameter and set: all of short ones, as many as leave so many points of others."""
    sizes = {
        symbol: min(int(domain.size), _GRID) if isinstance(domain, Range) and domain.is_finite_set else _GRID
        for symbol, domain in space.shapes.items()
    } | {symbol: len(domain) for symbol, domain in space.shapes.items() if not isinstance(domain, Range)}
    left, admitted = _GRID, {}
    for position, symbol in enumerate(sorted(sizes, key=lambda symbol: sizes[symbol])):
        most = int(left ** (1 / (len(sizes) - position)) + 1e-9)
        admitted[symbol] = space.admitted(symbol, most)
        left //= max(len(admitted[symbol]), 1)
    return [admitted[symbol] for symbol in sizes]


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


def every_end(question: Question, rng: np.random.Generator, evidence: Evidence) -> None:
    """Compare small instances on which all parameters of a claim about something measured are at ends of their domains.

    Parameters
    ----------
    question, rng, evidence
        As of :func:`every_integer`.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> floor = claim("long_context_floor")
    >>> seen = Evidence()
    >>> every_end(Question(floor.changed(lhs=Rational(1002, 1000) * floor.lhs)), np.random.default_rng(0), seen)
    >>> seen.violation is None
    False
    """
    space = question.space
    own = [symbol for symbol in space.shapes if symbol in question.claim.parameters]
    if question.numbers_alone or not space.real + own:
        return
    few = {symbol: space.admitted(symbol, _LONG) for symbol in space.shapes}
    ends = {symbol: [values[0], values[-1]] if symbol in own else values[:1] for symbol, values in few.items()}
    shapes = sorted(set(product(*ends.values())), key=str)
    chosen = rng.permutation(len(shapes))[:_SHAPES]
    for shape in (shapes[index] for index in sorted(chosen)):
        cell = Cell(tuple(zip(ends, shape, strict=True)), 2 * BITS)
        count, top = 128 if question.batched else 8, 1 << cell.bits
        codes = space.random_codes(cell, count, rng)
        codes[:, : len(space.real)] = top * rng.integers(0, 2, (count, len(space.real)))
        # tasks too are at ends of theirs, in one half of them
        codes[count // 2 :] = np.where(rng.random(codes[count // 2 :].shape) < 0.5, 0, top)
        evidence.add(question, cell, codes, question.sides(cell, codes))
        if evidence.violation is not None:
            return


def every_place(question: Question, evidence: Evidence) -> None:
    """Decide a claim about numbers exactly where every real parameter is at the first of the places that its text tells, at the
    second, and so on.

    Parameters
    ----------
    question, evidence
        As of :func:`every_integer`; these few instances are not counted.

    Examples
    --------
    >>> from sympy import Interval, symbols
    >>> from theory.claim import Claim, Source
    >>> many = symbols("v1:13", real=True)
    >>> rhs = sum((one - Rational(place + 1, 14)) ** 2 for place, one in enumerate(many))
    >>> high = Claim("high", "", Rational(1, 10**20), "<=", rhs, Source("derived here"), None,
    ...              dict.fromkeys(many, Interval(0, 1)))
    >>> seen = Evidence()
    >>> every_place(Question(high), seen)
    >>> seen.violation.instance.values[many[4]]
    array([[Fraction(5, 14)]], dtype=object)
    """
    space = question.space
    if not question.numbers_alone or len(space.real) < 2:
        return
    cell = space.smallest_cell(FINEST)
    for number in range(_PLACES):
        found = question.replay(cell, space.told(cell, number))
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
    cross(question, evidence)


def cross(question: Question, evidence: Evidence) -> None:
    """Decide a claim exactly where those of its pieces cross that nearly do so at its worst instance.

    Parameters
    ----------
    question : Question
        About numbers alone, with two or more real parameters; nothing is done about others.
    evidence : Evidence
        Its violation is set where there is one.

    Examples
    --------
    >>> from sympy import Interval, Max, Rational
    >>> from theory.claim import Claim, Source
    >>> from theory.notation import t, theta
    >>> square, third = {t: Interval(0, 1), theta: Interval(0, 1)}, Rational(1, 3) + Rational(1, 10**30)
    >>> high = Claim("high", "", third, "<=", Max(t, theta, 1 - t - theta), Source("derived here"), None, square)
    >>> question, seen = Question(high), Evidence()
    >>> cell = question.space.smallest_cell(FINEST)
    >>> codes = np.full((1, 2), (1 << cell.bits) // 3 + 5)
    >>> seen.add(question, cell, codes, question.sides(cell, codes))
    >>> cross(question, seen)
    >>> [str(value.item()) for value in seen.violation.instance.values.values()]
    ['1/3', '1/3']
    """
    if evidence.violation is not None or evidence.worst is None or not question.numbers_alone or len(question.space.real) < 2:
        return
    exact = question.space.exact(*evidence.worst).values
    worst = {symbol: value.item() if isinstance(value, np.ndarray) else value for symbol, value in exact.items()}
    if any(isinstance(value, Enclosure) for value in worst.values()):
        return
    at = {symbol: Rational(value) for symbol, value in worst.items()}
    moved = question.space.real
    bends = [bend for bend in (kink.subs({s: v for s, v in at.items() if s not in moved}) for kink in kinks(question.claim))
             if set() < bend.free_symbols <= set(moved)]  # fmt: skip
    values = question.claim.parameters
    for solution in _crossings(bends, {symbol: at[symbol] for symbol in moved}):
        evidence.violation = question.suspected({symbol: solution.get(symbol, worst[symbol]) for symbol in values})
        if evidence.violation is not None:
            return


def _crossings(bends: Sequence[Expr], at: Mapping[Symbol, Rational]) -> Iterator[dict[Symbol, Fraction]]:
    """Where as many bends as there are symbols, or all there are, vanish together, next to a point: to digits, and rounded."""
    try:
        slopes = np.array([[float(bend.diff(symbol).subs(at)) for symbol in at] for bend in bends], float).reshape(-1, len(at))
        heights = np.array([float(bend.subs(at)) for bend in bends], float)
    except (TypeError, OverflowError):  # no real number there
        return
    steep = np.linalg.norm(slopes, axis=1)
    if not np.isfinite(heights).all() or not np.isfinite(slopes).all():
        return
    near = [index for index in np.argsort(np.abs(heights) / np.maximum(steep, 1e-300), kind="stable") if steep[index] > 0]
    chosen: list[int] = []
    for index in near:
        if np.linalg.matrix_rank(slopes[[*chosen, index]], tol=1e-9 * steep.max()) > len(chosen):
            chosen.append(int(index))
    if not chosen:
        return
    # symbols on which the chosen ones depend least stay where they are
    pivots = sorted(qr(slopes[chosen], mode="r", pivoting=True)[1][: len(chosen)])
    symbols = [symbol for place, symbol in enumerate(at) if place in pivots]
    fixed = {symbol: value for symbol, value in at.items() if symbol not in symbols}
    with workdps(_DIGITS):
        system = lambdify([symbols], [bends[index].subs(fixed) for index in chosen], "mpmath")
        try:
            root = findroot(lambda *place: system(place), [mpf(at[s].p) / at[s].q for s in symbols], maxsteps=12)
        except (ValueError, ZeroDivisionError, TypeError, OverflowError):  # no crossing there
            return
        if any(value.imag for value in root):
            return
        places = [Fraction(Rational(str(value))) for value in root]
    rest = {symbol: Fraction(value.p, value.q) for symbol, value in fixed.items()}
    for most in (10**6, None):
        yield rest | dict(zip(symbols, places if most is None else [p.limit_denominator(most) for p in places], strict=True))


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
