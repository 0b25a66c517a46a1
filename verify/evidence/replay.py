"""One instance of a claim, compared in exact numbers: only what they say is a violation.

Examples
--------
>>> from theory.bounds import claim
>>> from theory.notation import root_l, root_u, x
>>> from verify.instances.batch import instance
>>> core = claim("distance/core")
>>> lhs, rhs = exact_sides(core, instance({root_u: Fraction(1), root_l: Fraction(0), x: Fraction(1, 2)}))
>>> lhs, rhs, outcome(core, lhs, rhs)
((Fraction(1, 4),), (Fraction(1, 2),), 'holds')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, FiniteSet, Interval, Range, sympify

from theory.claim import Claim
from verify.arithmetic.enclosure import Exact, ends
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.batch import Batch, Cell
from verify.instances.space import require_claim
from verify.quantities import QUANTITIES, Quantity, measure, resolved

#: part of themselves to which values are right that theory makes rational from transcendental weights
_RATIONALISED = Fraction(1, 2**96)


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
    instance : Batch
        In rationals.
    outcome : Outcome
    lhs, rhs : tuple
        The two sides, a number or a vector each; empty if undefined.
    codes : tuple of int or None
        Those that it was decoded from, in its cell; None for an instance that was given by its numbers.
    """

    instance: Batch
    outcome: Outcome
    lhs: tuple[Exact, ...] = ()
    rhs: tuple[Exact, ...] = ()
    codes: tuple[int, ...] | None = None

    @property
    def cell(self) -> Cell:
        """The instance's shape."""
        return self.instance.cell

    def ratio(self) -> float:
        """lhs/rhs, the largest over components; NaN where rhs is zero."""
        return max((measure.as_float(a / b) for a, b in self._pairs() if b), default=float("nan"))

    def gap(self) -> float:
        """How far lhs is from rhs relative to both, between 0 and 1, the largest over components."""
        return max((measure.as_float(abs(a - b) / (abs(a) + abs(b))) for a, b in self._pairs() if a or b), default=0.0)

    def _pairs(self) -> list[tuple[Fraction, Fraction]]:
        return [(_middle(a), _middle(b)) for a, b in zip(self.lhs, self.rhs, strict=True)]


def inside(claim: Claim, one: Batch) -> bool:
    """Whether the parameters of an exact instance lie in a claim's declared domains.

    Parameters
    ----------
    claim : Claim
    one : Batch
    """
    for symbol, domain in claim.parameters.items():
        if symbol not in one.values:
            return False
        value = one.values[symbol]
        if isinstance(domain, Range):
            if not isinstance(value, int) or value not in domain:
                return False
            continue
        if not isinstance(domain, Interval | FiniteSet):
            continue
        low, high = ends(np.ravel(np.asarray(value, dtype=object))[0])
        places = [_ends_of(sympify(end), one) for end in domain.args[: 2 if isinstance(domain, Interval) else None]]
        if isinstance(domain, FiniteSet):
            if (low, high) not in places:
                return False
            continue
        (_, start), (end, _) = places
        if start is not None and (low < start or (domain.left_open and low == start)):
            return False
        if end is not None and (high > end or (domain.right_open and high == end)):
            return False
    return True


def _ends_of(end: Expr, one: Batch) -> tuple[Any, Any]:
    """Between which rationals an end of a domain lies on an instance; None twice where it is infinite."""
    if end.is_infinite:
        return None, None
    return ends(np.ravel(np.asarray(evaluate(end, one.values, EXACT), dtype=object))[0])


def exact_sides(
    claim: Claim, one: Batch, own: Mapping[str, Quantity] | None = None
) -> tuple[tuple[Exact, ...], tuple[Exact, ...]]:
    """Both sides of a claim on one exact instance.

    Parameters
    ----------
    claim : Claim
    one : Batch
        From :func:`verify.instance` or :meth:`verify.instances.space.Space.exact`.
    own : mapping, optional
        A user's quantities by name.

    Returns
    -------
    lhs, rhs : tuple of exact numbers
        Of one length: 1, or p for a statement about vectors.

    Raises
    ------
    theory.claim.NoValue, ZeroDivisionError
        Where the instance has no value.
    TypeError
        If `one` is no instance.
    ValueError
        If it lacks a parameter of the claim, or the tasks that are measured.
    """
    require_claim(claim)
    if not isinstance(one, Batch):
        raise TypeError(f"one is {one!r}; it must be an exact instance, such as verify.instance({{alpha: Fraction(1, 2)}})")
    if missing := [str(symbol) for symbol in claim.parameters if symbol not in one.values]:
        raise ValueError(f"the instance has no {', '.join(missing)}; claim {claim.name} needs every parameter that it declares")
    # of a family that has parameters and no arrays the sizes say all
    if one.tasks is None and claim.tasks is not None and not set(claim.tasks.sizes) <= set(one.values):
        raise ValueError(f"the instance has no tasks; claim {claim.name} is about those of the family {claim.tasks.family!r}")
    values = measure.exact_values(claim, one, resolved(own, QUANTITIES))
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

    Raises
    ------
    TypeError
        If a side is no sequence of exact numbers.
    """
    require_claim(claim)
    for name, side in (("lhs", lhs), ("rhs", rhs)):
        if isinstance(side, str) or any(isinstance(number, float | str) for number in side):
            raise TypeError(f"{name} is {side!r}; it must be a sequence of exact numbers, as exact_sides returns one")
    # what a user's own quantity returns is taken as it is
    slack = _RATIONALISED if any(entry.quantity in QUANTITIES for entry in claim.measured.values()) else Fraction(0)
    outcomes = [_compared(a, claim.relation, b, slack) for a, b in zip(lhs, rhs, strict=True)]
    worst = (found for found in (Outcome.VIOLATED, Outcome.UNDECIDED) if found in outcomes)
    return next(worst, Outcome.HOLDS).value


def _numbers(value: Any) -> tuple[Exact, ...]:
    return tuple(Fraction(entry) if isinstance(entry, int) else entry for entry in np.asarray(value, dtype=object).ravel())


def _middle(value: Exact) -> Fraction:
    low, high = ends(value)
    return (low + high) / 2


def _compared(lhs: Exact, relation: str, rhs: Exact, slack: Fraction) -> Outcome:
    """Intervals decide strictly; with a slack two numbers that are not rational count as equal within that part of them.

    Of two that differ by less than the slack of the slack nothing is said: they may be zero but for a root that was rounded.
    """
    (low, high), (least, most) = ends(lhs), ends(rhs)
    apart = max(abs(high - least), abs(most - low))
    close = apart <= slack * max(abs(high), abs(most))
    if low == high and least == most:
        return Outcome.HOLDS if (low <= least if relation == "<=" else low == least) else Outcome.VIOLATED
    if low > most or (relation == "==" and high < least):
        return Outcome.HOLDS if close else Outcome.UNDECIDED if apart <= slack * slack else Outcome.VIOLATED
    return Outcome.HOLDS if close or (relation == "<=" and high <= least) else Outcome.UNDECIDED
