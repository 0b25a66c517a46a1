"""One claim, all that is known of how to judge it, and its two sides on instances: in doubles, and for good in exact numbers.

Doubles only ever nominate.  An instance on which the float sides seem to violate a claim is decoded again in rationals,
measured through :mod:`theory` and compared there; only that is a violation.

Examples
--------
>>> from theory.bounds import claim
>>> question = Question(claim("distance"))
>>> cell = question.space.smallest_cell()
>>> question.replay(cell, (0,) * question.space.length(cell)).outcome
<Outcome.HOLDS: 'holds'>
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Abs, Add, Expr, Mul, Pow, Symbol

from theory import bounds
from theory.claim import Claim, Measured
from verify.arithmetic.enclosure import TooWide, precise
from verify.arithmetic.evaluate import FLOATS, check, evaluate
from verify.evidence.replay import Outcome, Replay, exact_sides, inside, outcome
from verify.instances.batch import Batch, Cell, instance
from verify.instances.codes import Array
from verify.instances.draws import compare
from verify.instances.families import FAMILIES
from verify.instances.family import Family, guarded
from verify.instances.space import Space, require_claim
from verify.quantities import QUANTITIES, Quantity, measure, resolved

#: relative gap from which doubles nominate an instance as a violation; every nomination is replayed exactly
NOMINATION = 1e-9
#: how often an instance that exact numbers leave undecided is decided again, and with how many bits: where the two sides are
#: one function that cannot be told, no number of bits decides
_REFINEMENTS, _MORE_BITS = 16, 2048


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
        Where the instance has no value in doubles.
    close : array (batch,) of bool
        Where doubles cannot tell which side is larger: both are the same to rounding, or so small that digits are lost.
    """

    gap: Array
    ratio: Array
    undefined: Array
    close: Array


class Question:
    """A claim with the quantities that measure it, the families it may be about, and where it came from.

    Parameters
    ----------
    claim : Claim
    own : mapping, optional
        A user's quantities by name.
    families : mapping, optional
        A user's families by name.
    origin : sequence of str
        Lines of Python that define ``CLAIM`` (and ``QUANTITIES``) for counterexamples; none for the project's own claims.
    document : str
        The text of the file that holds the claim.

    Raises
    ------
    ValueError, TypeError
        If a quantity or family is unknown or has the name of another, a domain is of no known kind, a side holds a function
        that no backend evaluates, or something random is measured of which neither a probability nor an average is claimed.
    """

    def __init__(
        self,
        claim: Claim,
        own: Mapping[str, Quantity] | None = None,
        families: Mapping[str, Family] | None = None,
        origin: Sequence[str] = (),
        document: str = "",
    ) -> None:
        require_claim(claim)
        self.claim, self.origin, self.document = claim, tuple(origin), document
        self.quantities, self.families = resolved(own, QUANTITIES), _families(families)
        self.own, self.own_families = dict(own or {}), dict(families or {})
        self.space = Space(claim, self.families)
        for entry in claim.measured.values():
            measure.check(claim, entry, self.quantities)
            if not self.random and self.quantity(entry).replicates is not None:
                raise ValueError(
                    f"claim {claim.name} measures the random {entry.quantity!r} and does not say what is claimed of it: "
                    "give the claim a failure_probability, or on_average=True"
                )
        for side in (claim.lhs, claim.rhs):
            check(side)
        self._refinements = _REFINEMENTS
        #: what rounding errors of the two sides are relative to, were both to cancel
        self.terms = _magnitude(claim.lhs) + _magnitude(claim.rhs)

    # --- the same, about another claim --------------------------------------------------------------------------------------

    def about(self, claim: Claim, *made: str) -> Question:
        """The question whether another claim holds, measured alike.

        Parameters
        ----------
        claim : Claim
        made : str
            Lines of Python that make it of this one's ``CLAIM``.
        """
        known = self.header() if made else self.origin
        return Question(claim, self.own, self.own_families, (*known, *made), self.document)

    def alone(self) -> Question:
        """The same without the steps of the claim's proof."""
        return Question(self.claim.changed(reductions=()), self.own, self.own_families, self.origin, self.document)

    def header(self) -> tuple[str, ...]:
        """Lines of Python that define the claim as ``CLAIM``, and what is measured by."""
        if self.origin:
            return self.origin
        name = self.claim.name
        if _own(name) == replace(self.claim, reductions=()):
            return ("from theory.bounds import claim", f"CLAIM = claim({name!r})")
        brought = " with its QUANTITIES" if self.own else ""
        return (f"# the claim {name} of your file as CLAIM{brought}, and its rules if it has its own",)

    def sibling(self) -> Question:
        """The claim's false sibling."""
        return self.about(self.claim.sibling(), "CLAIM = CLAIM.sibling()")

    def control(self) -> Question:
        """What a search must see to be false: the false sibling, unless an instance is stored on which that fails."""
        name = "sibling" if self.claim.control().name.endswith("/false-sibling") else "control"
        return self.about(self.claim.control(), f"CLAIM = CLAIM.{name}()")

    def part(self, step: Claim) -> Question:
        """A step of the claim's proof."""
        return self.about(step, f"CLAIM = CLAIM.part({step.name.rpartition('/')[2]!r})")

    # --- what kind of claim it is -------------------------------------------------------------------------------------------

    @property
    def batched(self) -> bool:
        """Whether numerics measures many instances at once; eq. (13)'s distribution it integrates one by one."""
        return self.space.family is None or self.space.family.batched

    @property
    def numbers_alone(self) -> bool:
        """Whether the claim is about numbers alone: it has no tasks, and nothing is measured."""
        return self.claim.tasks is None and not self.claim.measured

    @property
    def random(self) -> bool:
        """Whether the claim is about a random quantity: its probability or its expectation."""
        return self.claim.failure_probability is not None or self.claim.on_average

    def require_certain(self) -> None:
        """Refuse a claim about a random quantity where single instances are looked at: none of them decides it.

        Raises
        ------
        ValueError
        """
        if self.random:
            raise ValueError(
                f"claim {self.claim.name} is about something random, which no single instance decides; judge it with "
                "python -m verify.bounds, which draws replicates"
            )

    def quantity(self, entry: Measured) -> Quantity:
        """What a measured symbol is measured by."""
        return measure.quantity(self.claim, entry.quantity, self.quantities)

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
        values = measure.float_values(self.claim, batch, self.quantities)
        with np.errstate(all="ignore"):
            scale = self._scale(batch, len(codes))
            lhs, rhs = (_column(evaluate(side, values, FLOATS), len(codes)) for side in (self.claim.lhs, self.claim.rhs))
            if lhs.shape[1] != rhs.shape[1] and 1 not in (lhs.shape[1], rhs.shape[1]):
                raise ValueError(
                    f"the sides of claim {self.claim.name} are vectors of {lhs.shape[1]} and {rhs.shape[1]} entries; they must "
                    "have equally many, or one of them one"
                )
            # sides that cancel to nearly zero differ by rounding, which is relative to what cancelled
            scale = np.fmax(scale, _column(evaluate(self.terms, values, FLOATS), len(codes)).max(axis=1))
        # copies, because a view that may not be written to is another type and would be compiled for once more
        rows = np.empty((len(codes), 1))
        lhs, rhs, _ = (np.array(side) for side in np.broadcast_arrays(lhs, rhs, rows))
        empty = np.zeros(len(codes), dtype=bool)
        sides = Sides(np.empty(len(codes)), np.empty(len(codes)), empty, empty.copy())
        compare(lhs, rhs, scale, self.claim.relation == "<=", sides.gap, sides.ratio, sides.undefined, sides.close)
        # the formulas were simplified by signs: where one is not so, exact numbers say so
        sides.close[:] |= measure.wrong_sign(self.claim, values, len(codes))
        sides.undefined[:] |= measure.wrong_kind(self.claim, values, len(codes))
        if batch.unknown is not None:  # exact numbers say whether there is a value
            sides.gap[batch.unknown], sides.ratio[batch.unknown], sides.undefined[batch.unknown] = -1.0, np.nan, True
        if batch.outside is not None:
            sides.gap[batch.outside], sides.ratio[batch.outside] = -1.0, np.nan
            sides.close[batch.outside], sides.undefined[batch.outside] = False, True
        return sides

    def _scale(self, batch: Batch, count: int) -> Array:
        """The natural magnitude of the measured quantities, (batch,), zero where none knows one."""
        scales = [np.zeros(count)]
        for entry in self.claim.measured.values():
            scale = self.quantity(entry).scale
            if scale is not None:
                scales.append(np.broadcast_to(np.nan_to_num(scale(batch, **entry.arguments)), (count, 1))[:, 0])
        return np.asarray(np.max(scales, axis=0))

    # --- exactly --------------------------------------------------------------------------------------------------------------

    def replay(self, cell: Cell, codes: Sequence[int]) -> Replay:
        """Decide one instance in exact numbers."""
        codes = tuple(int(code) for code in codes)
        return self.decided(self.space.exact(cell, codes), codes)

    def decided(self, one: Batch, codes: tuple[int, ...] | None = None) -> Replay:
        """Decide one exact instance; outside of the declared domain it has no value."""
        try:
            if one.outside is not None or (codes is None and not inside(self.claim, one)):
                return Replay(one, Outcome.UNDEFINED, codes=codes)
            if one.unknown is not None:
                return Replay(one, Outcome.UNDECIDED, codes=codes)
            try:
                lhs, rhs = exact_sides(self.claim, one, self.own)
                said = outcome(self.claim, lhs, rhs)
            except TooWide:
                said = Outcome.UNDECIDED.value
                lhs = rhs = ()
            if said == Outcome.UNDECIDED.value and self.numbers_alone and self._refinements > 0:
                self._refinements -= 1
                with precise(_MORE_BITS):
                    lhs, rhs = exact_sides(self.claim, one, self.own)
                    said = outcome(self.claim, lhs, rhs)
        except (OverflowError, TooWide):  # a number too large to be computed with, or too little known
            return Replay(one, Outcome.UNDECIDED, codes=codes)
        except measure.NO_VALUE:
            return Replay(one, Outcome.UNDEFINED, codes=codes)
        return Replay(one, Outcome(said), lhs, rhs, codes)

    def suspected(self, values: Mapping[Symbol, Any]) -> Replay | None:
        """The violation at given values of all parameters, if exact numbers confirm it, else None."""
        if self.claim.tasks is not None or set(values) != set(self.claim.parameters):
            return None
        found = self.decided(instance(values))
        return found if found.outcome is Outcome.VIOLATED else None

    def violation(self, cell: Cell, codes: Sequence[int]) -> Replay | None:
        """The exact replay of an instance if doubles do not exclude that it is a violation and exact numbers confirm it."""
        sides = self.sides(cell, np.asarray(codes, dtype=np.int64).reshape(1, -1))
        # exact matrices cost too much for every instance on which both sides are the same
        likely = sides.gap[0] > 0 or sides.close[0] if self.numbers_alone else sides.gap[0] > NOMINATION
        return self.confirmed(cell, codes) if likely or sides.undefined[0] else None

    def confirmed(self, cell: Cell, codes: Sequence[int]) -> Replay | None:
        """The exact replay of an instance if it is a violation, else None."""
        found = self.replay(cell, codes)
        return found if found.outcome is Outcome.VIOLATED else None


def _own(name: str) -> Claim | None:
    """The project's claim of that name without the steps of its proof, if there is one."""
    try:
        return replace(bounds.claim(name), reductions=())
    except (KeyError, ValueError):
        return None


def _families(own: Mapping[str, Family] | None) -> Mapping[str, Family]:
    own = own or {}
    if not isinstance(own, Mapping):
        raise TypeError(f"FAMILIES is {own!r}; it must be a dictionary of verify.instances.family.Family by name")
    for name, family in own.items():
        if not isinstance(family, Family):
            raise TypeError(f"FAMILIES[{name!r}] is {family!r}; it must be a verify.instances.family.Family")
        if name in FAMILIES and FAMILIES[name] is not family:
            raise ValueError(f"FAMILIES brings {name!r}, which is a family of the project; give yours another name")
        if family.name != name:
            raise ValueError(f"FAMILIES brings {name!r}, which calls itself {family.name!r}; both must be one name")
    return {**FAMILIES, **{name: guarded(family) for name, family in own.items()}}


def _column(value: Any, count: int) -> Array:
    array = np.asarray(value, dtype=float)
    return array if array.ndim == 2 else np.broadcast_to(array, (count, 1))


def _magnitude(expression: Expr) -> Expr:
    """An expression with every term and factor replaced by its absolute value: what its rounding errors are relative to."""
    if isinstance(expression, Add | Mul):
        return expression.func(*map(_magnitude, expression.args))
    if isinstance(expression, Pow) and expression.exp.is_positive:
        return Pow(_magnitude(expression.base), expression.exp)
    return Abs(expression)
