"""Both sides of a claim on instances: fast in doubles, and for good in exact numbers.

Doubles only ever nominate.  An instance on which the float sides seem to violate a claim is decoded again in rationals,
measured through :mod:`theory` and compared there; only that is a violation.

Examples
--------
>>> from theory.bounds import claim
>>> subject = Subject(claim("distance"))
>>> cell = subject.space.smallest_cell()
>>> subject.replay(cell, (0,) * subject.space.length(cell)).outcome
<Outcome.HOLDS: 'holds'>
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Abs, Add, Expr, Mul, Pow

from theory.claim import Claim
from theory.optima import SingularExpectation
from verify.arithmetic.enclosure import Exact, ends
from verify.arithmetic.evaluate import EXACT, FLOATS, check, evaluate
from verify.instances.draws import compare
from verify.instances.laws import LAWS, Array
from verify.instances.space import Batch, Cell, Space, require_claim
from verify.quantities import Quantity, measure

#: relative gap from which doubles nominate an instance as a violation; every nomination is replayed exactly
NOMINATION = 1e-9


class Outcome(Enum):
    """What exact numbers say about one instance."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDEFINED = "undefined"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Replay:
    """One instance, compared exactly.

    Attributes
    ----------
    cell, codes
        The instance.
    outcome : Outcome
    lhs, rhs : tuple
        The two sides, a number or a vector each; empty if undefined.
    """

    cell: Cell
    codes: tuple[int, ...]
    outcome: Outcome
    lhs: tuple[Exact, ...] = ()
    rhs: tuple[Exact, ...] = ()

    def ratio(self) -> float:
        """lhs/rhs, the largest over components; NaN where rhs is zero."""
        return max((float(a / b) for a, b in self._pairs() if b), default=float("nan"))

    def gap(self) -> float:
        """How far lhs is from rhs relative to both, between 0 and 1, the largest over components."""
        return max((float(abs(a - b) / (abs(a) + abs(b))) for a, b in self._pairs() if a or b), default=0.0)

    def _pairs(self) -> list[tuple[Fraction, Fraction]]:
        return [(_middle(a), _middle(b)) for a, b in zip(self.lhs, self.rhs, strict=True)]


@dataclass(frozen=True)
class Sides:
    """The two sides on a batch of instances, in doubles.

    Attributes
    ----------
    gap : array (batch,)
        How far lhs exceeds rhs (differs from it, for an equality) relative to both: positive is a violation, -1 is none at all.
    ratio : array (batch,)
        lhs/rhs; NaN where undefined or no more than rounding.
    undefined : array (batch,) of bool
        Where the instance has no value.
    """

    gap: Array
    ratio: Array
    undefined: Array


class Subject:
    """A claim with its space of instances and the verbs that measure it.

    Parameters
    ----------
    claim : Claim
    own : mapping, optional
        A user's verbs by name.

    Raises
    ------
    ValueError, TypeError
        If a verb is unknown, a domain is of no known kind, or a side holds a function that no backend evaluates.
    """

    def __init__(self, claim: Claim, own: Mapping[str, Quantity] | None = None) -> None:
        self.claim, self.own = claim, dict(own or {})
        self.space = Space(claim)
        for entry in claim.measured.values():
            measure.check(claim, entry, self.own)
        for side in (claim.lhs, claim.rhs):
            check(side)
        #: what rounding errors of the two sides are relative to, were both to cancel
        self.terms = _magnitude(claim.lhs) + _magnitude(claim.rhs)

    @property
    def batched(self) -> bool:
        """Whether numerics measures many instances at once; eq. (13)'s distribution it integrates one by one."""
        return self.claim.tasks is None or self.claim.tasks.law in LAWS

    @property
    def numbers_alone(self) -> bool:
        """Whether the claim is about numbers alone: it has no tasks, and nothing is measured."""
        return self.claim.tasks is None and not self.claim.measured

    # --- in doubles -----------------------------------------------------------------------------------------------------------

    def sides(self, cell: Cell, codes: Array, moved: float = 0.0) -> Sides:
        """Compare a batch of instances of one cell in doubles.

        Parameters
        ----------
        cell : Cell
        codes : integer array (batch, length)
        moved : float
            Part of themselves by which the instance's numbers are moved first, see :func:`verify.quantities.measure.move`: how
            far that moves the gap says how much of it is rounding.
        """
        batch = self.space.floats(cell, codes)
        if moved:
            measure.move(batch, moved)
        values = measure.float_values(self.claim, batch, self.own)
        with np.errstate(all="ignore"):
            scale = self._scale(batch, len(codes))
            lhs, rhs = (_column(evaluate(side, values, FLOATS), len(codes)) for side in (self.claim.lhs, self.claim.rhs))
            if self.claim.relation == "==":
                # two sides that cancel to zero differ by rounding, which is relative to what cancelled
                scale = np.maximum(scale, _column(evaluate(self.terms, values, FLOATS), len(codes)).max(axis=1))
        # copies, because a view that may not be written to is another type and would be compiled for once more
        lhs, rhs = (np.array(side) for side in np.broadcast_arrays(lhs, rhs))
        sides = Sides(np.empty(len(codes)), np.empty(len(codes)), np.zeros(len(codes), dtype=bool))
        compare(lhs, rhs, scale, self.claim.relation == "<=", sides.gap, sides.ratio, sides.undefined)
        return sides

    def _scale(self, batch: Batch, count: int) -> Array:
        """The natural magnitude of the measured quantities, (batch,), zero where no verb knows one."""
        scales = [np.zeros(count)]
        for entry in self.claim.measured.values():
            scale = measure.verb(self.claim, entry.verb, self.own).scale
            if scale is not None:
                scales.append(np.broadcast_to(np.nan_to_num(scale(batch, **entry.arguments)), (count, 1))[:, 0])
        return np.asarray(np.max(scales, axis=0))

    # --- exactly --------------------------------------------------------------------------------------------------------------

    def replay(self, cell: Cell, codes: Sequence[int]) -> Replay:
        """Decide one instance in exact numbers."""
        codes = tuple(int(code) for code in codes)
        try:
            lhs, rhs = exact_sides(self.claim, self.space.exact(cell, codes), self.own)
        except (SingularExpectation, ZeroDivisionError):
            return Replay(cell, codes, Outcome.UNDEFINED)
        return Replay(cell, codes, Outcome(outcome(self.claim, lhs, rhs)), lhs, rhs)

    def violation(self, cell: Cell, codes: Sequence[int], gap: float | None = None) -> Replay | None:
        """The exact replay of an instance if doubles nominate it and exact numbers confirm it, else None.

        Parameters
        ----------
        cell, codes
            The instance.
        gap : float, optional
            Its gap in doubles, where that is known already.
        """
        if gap is None:
            gap = float(self.sides(cell, np.asarray(codes, dtype=np.int64).reshape(1, -1)).gap[0])
        if gap <= NOMINATION:
            return None
        found = self.replay(cell, codes)
        return found if found.outcome is Outcome.VIOLATED else None


def exact_sides(
    claim: Claim, instance: Batch, own: Mapping[str, Quantity] | None = None
) -> tuple[tuple[Exact, ...], tuple[Exact, ...]]:
    """Both sides of a claim on one exact instance.

    Parameters
    ----------
    claim : Claim
    instance : Batch
        From :func:`verify.instances.space.instance` or :meth:`verify.instances.space.Space.exact`.
    own : mapping, optional
        A user's verbs by name.

    Returns
    -------
    lhs, rhs : tuple of exact numbers
        Of one length: 1, or p for a statement about vectors.

    Raises
    ------
    theory.optima.SingularExpectation, ZeroDivisionError
        Where the instance has no value.
    """
    require_claim(claim)
    values = measure.exact_values(claim, instance, own or {})
    lhs, rhs = (_numbers(evaluate(side, values, EXACT)) for side in (claim.lhs, claim.rhs))
    length = max(len(lhs), len(rhs))
    return lhs * (length // len(lhs)), rhs * (length // len(rhs))


def outcome(claim: Claim, lhs: Sequence[Exact], rhs: Sequence[Exact]) -> str:
    """Whether ``lhs relation rhs``: ``holds``, ``violated``, or ``undecided`` where enclosures overlap.

    Parameters
    ----------
    claim : Claim
        Its relation is meant component by component.
    lhs, rhs : sequence of exact numbers
        Of one length.
    """
    require_claim(claim)
    outcomes = [_compared(a, claim.relation, b) for a, b in zip(lhs, rhs, strict=True)]
    worst = (found for found in (Outcome.VIOLATED, Outcome.UNDECIDED) if found in outcomes)
    return next(worst, Outcome.HOLDS).value


def _column(value: Any, count: int) -> Array:
    array = np.asarray(value, dtype=float)
    return array if array.ndim == 2 else np.broadcast_to(array, (count, 1))


def _numbers(value: Any) -> tuple[Exact, ...]:
    return tuple(Fraction(entry) if isinstance(entry, int) else entry for entry in np.asarray(value, dtype=object).ravel())


def _magnitude(expression: Expr) -> Expr:
    """An expression with every term and factor replaced by its absolute value: what its rounding errors are relative to."""
    if isinstance(expression, Add | Mul):
        return expression.func(*map(_magnitude, expression.args))
    if isinstance(expression, Pow) and expression.exp.is_positive:
        return Pow(_magnitude(expression.base), expression.exp)
    return Abs(expression)


def _middle(value: Exact) -> Fraction:
    low, high = ends(value)
    return (low + high) / 2


def _compared(lhs: Exact, relation: str, rhs: Exact) -> Outcome:
    """Intervals decide strictly; two numbers known to 2^-96 of their size and not told apart count as equal."""
    (low, high), (least, most) = ends(lhs), ends(rhs)
    close = max(abs(high - least), abs(most - low)) <= Fraction(1, 2**96) * max(abs(high), abs(most), Fraction(1, 2**96))
    if low > most:
        return Outcome.HOLDS if close and (low, least) != (high, most) else Outcome.VIOLATED
    if relation == "<=":
        return Outcome.HOLDS if high <= least or close else Outcome.UNDECIDED
    if high < least:
        return Outcome.HOLDS if close and (low, least) != (high, most) else Outcome.VIOLATED
    return Outcome.HOLDS if (low, high) == (least, most) or close else Outcome.UNDECIDED
