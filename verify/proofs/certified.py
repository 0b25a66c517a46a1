r"""Evidence by certification: branch and bound in ball arithmetic.

A claim about numbers is first put into factors (:mod:`verify.proofs.factors`): zeros inside the domain leave as squares,
unbounded domains as powers of 1 - t, and balls have to see the signs of what is left.  A claim that is no rational function
piece by piece is enclosed as it stands: F = rhs - lhs on boxes of the unit cube with dyadic ends.  A claim is certified only if
nothing remains; otherwise the settled part is said, with the slack there, and what is undecided: its volume and where it lies.

The search runs on Arb's balls (:mod:`verify.proofs.branching`).  A certificate is the tree of halvings; :func:`recheck`
evaluates its leaves again in rational intervals (:mod:`verify.arithmetic.enclosure`), which share no code with Arb.

``python -m verify.boxes`` draws what it does over two parameters (:mod:`verify.proofs.covers`).

Examples
--------
>>> from theory.bounds import claim
>>> gather(claim("transfer_bound/core")).region["undecided"]
0.0
>>> from sympy import Integer, Interval, exp
>>> from theory.notation import t
>>> found = search(Statement("example", {t: Interval(1, 2)}, exp(-t), "<=", Integer(1) / t))
>>> found.complete, found.remainder
(True, Fraction(0, 1))
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import FiniteSet

from theory.claim import Claim
from verify.arithmetic.balls import balls, intervals
from verify.evidence.result import Evidence
from verify.proofs import factors, regions
from verify.proofs.algebras import Terms
from verify.proofs.branching import MOST_BOXES, Branching, branch
from verify.proofs.enclosed import Condition, Difference, Polynomial
from verify.proofs.formulas import Invalid
from verify.proofs.multipliers import bernstein_coefficients
from verify.proofs.points import Point, at_cube
from verify.proofs.statement import Fixed, Statement, Unprovable, cells
from verify.proofs.trees import HOLDS, OPEN, Box, Tree, leaves, shown, volume
from verify.quantities import QUANTITIES, Quantity

#: part of the unit cube from which on a cover that is not complete is worth a certificate
_WORTH = 0.01


@dataclass
class Search:
    """What branch and bound settled of a claim as it stands.

    Attributes
    ----------
    integers : list of dict
        Values of the integers that are fixed.
    found : list of Branching
        What became of the unit cube for each of them.
    """

    integers: list[Fixed] = field(default_factory=list)
    found: list[Branching] = field(default_factory=list)

    @property
    def trees(self) -> list[Tree]:
        """The halvings for each value of the integers."""
        return [each.tree for each in self.found]

    @property
    def violated(self) -> bool:
        """Whether the claim was seen to be false at a point."""
        return any(each.violated for each in self.found)

    @property
    def remainder(self) -> Fraction:
        """Volume of what is left, as a part of the unit cube; what was not looked at counts whole."""
        left = sum((each.remainder for each in self.found), Fraction(0)) + len(self.integers) - len(self.found)
        return left / len(self.integers)

    @property
    def open(self) -> int:
        """Boxes that are left undecided; what was not looked at counts as one."""
        return sum(len(each.open) for each in self.found) + len(self.integers) - len(self.found)

    @property
    def complete(self) -> bool:
        """Whether no box is left undecided, however small."""
        return self.open == 0

    @property
    def slack(self) -> float:
        """The least lower bound of rhs - lhs over the settled boxes."""
        return min(each.slack for each in self.found)

    @property
    def boxes(self) -> int:
        """Boxes looked at."""
        return sum(each.boxes for each in self.found)


def search(statement: Statement, *, most: int = MOST_BOXES, deadline: float = float("inf"), to_the_end: bool = False) -> Search:
    """Settle as much of the unit cube as possible, of the claim as it stands.

    Parameters
    ----------
    statement : Statement
    most : int
        Boxes to look at.
    deadline : float
        Value of ``time.monotonic()`` after which to stop.
    to_the_end : bool
        Whether to go on after a violation, for a picture.

    Raises
    ------
    Unprovable
        If the claim is an equality or an exponent takes infinitely many values.
    """
    if statement.relation == "==":
        raise Unprovable("an equality has no slack")
    result = Search(cells(statement, relaxed=True))
    share = most // len(result.integers) + 1
    for integers in result.integers:
        target = Difference(statement, integers, balls())
        result.found.append(branch(target, most=share, deadline=deadline, to_the_end=to_the_end))
        if result.violated and not to_the_end:
            break
    return result


class Signs:
    """Signs of polynomials in balls, with an account of how they were found.

    Attributes
    ----------
    boxes : int
        Boxes looked at.
    slack : float
        The least lower bound of what was left of a goal, over settled boxes.
    """

    def __init__(self) -> None:
        self.boxes, self.slack = 0, float("inf")

    def __call__(
        self,
        goal: Terms,
        conditions: Sequence[Terms] = (),
        *,
        most: int = MOST_BOXES,
        deadline: float = float("inf"),
    ) -> Tree | None:
        """A tree of halvings, perhaps with open leaves; None if the goal is seen to be negative where conditions hold."""
        numbers, (target, *limits) = balls(), (bernstein_coefficients(terms) for terms in (goal, *conditions))
        excluded = [Condition(limit, numbers) for limit in limits]
        found = branch(Polynomial(target, numbers), excluded, most=most, deadline=deadline)
        self.boxes += found.boxes
        if found.violated:
            return None
        self.slack = min(self.slack, found.slack)
        return found.tree


def gather(claim: Claim, deadline: float = float("inf"), quantities: Mapping[str, Quantity] = QUANTITIES) -> Evidence:
    """Try to certify a claim.

    Parameters
    ----------
    claim : Claim
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    Evidence
        Its region says how much of the domain is settled even if not all of it is.
    """
    try:
        return certify(Statement.of(claim, quantities), deadline)
    except (Unprovable, ArithmeticError, RecursionError) as reason:
        return Evidence.of_proof(f"not certified: {reason}")


def certify(statement: Statement, deadline: float = float("inf")) -> Evidence:
    """Try to certify a statement; see :func:`gather`."""
    part = None
    for relaxed in (True, False) if statement.relaxable() else (True,):
        found = _by_factors(statement, deadline, relaxed)
        if found is not None and found.conclusive:
            return found
        part = part or found
    try:
        whole = _as_it_stands(statement, deadline)
    except (Unprovable, TypeError) as reason:
        return part or Evidence.of_proof(f"not certified: {reason}")
    # a violation outweighs what is settled elsewhere
    if part is None or whole.conclusive or not whole.region or whole.region["undecided"] < part.region["undecided"]:
        return whole
    return part


def _by_factors(statement: Statement, deadline: float, relaxed: bool) -> Evidence | None:
    signs = Signs()
    try:
        proof = factors.by_factors(statement, signs, deadline, relaxed=relaxed)
    except (Unprovable, TypeError, ArithmeticError):
        return None
    if statement.relation == "==":
        return Evidence.of_proof(
            "certified as an identity of rational functions",
            {"enclosures": proof},
            statement=statement,
            region=_region(Fraction(0), 0, 0.0),
        )
    left: list[tuple[Fixed, Box, Fraction]] = []
    for integers, cell in zip(cells(statement, relaxed), proof["cells"], strict=True):
        free = [symbol for symbol in statement.parameters if symbol not in integers]
        kept = [axis for axis, symbol in enumerate(free) if not isinstance(statement.parameters[symbol], FiniteSet)]
        for case in cell["cases"]:
            open_ = [box for mark, box in leaves(case.get("tree", []), len(free)) if mark is OPEN] if case.get("tree") else []
            left += [(integers, tuple(box[axis] for axis in kept), volume(box)) for box in open_]
    # the leaves decide; their volume is only said
    assert factors.complete(proof) == (not left)
    remainder = min(Fraction(1), sum((size for *_, size in left), Fraction(0)) / len(proof["cells"]))
    region = _region(
        remainder, len(left), signs.slack, regions.where(statement, [(integers, box) for integers, box, _ in left])
    )
    return _finding(statement, region, signs.boxes, "enclosures", proof)


def _as_it_stands(statement: Statement, deadline: float) -> Evidence:
    found = search(statement, deadline=deadline)
    if found.violated:
        seen = _suspects(statement, found)
        between = "" if seen else " between integers, or where a domain is empty, or closer to equality than exact numbers see"
        # only the last is a violation
        apart = not any(domain.free_symbols & set(statement.parameters) for domain in statement.parameters.values())
        denied = apart and not statement.relaxable()
        return Evidence.of_proof(f"not certified: balls show a violation{between}", suspects=seen, denied=denied)
    left = [(integers, box) for integers, each in zip(found.integers, found.found, strict=False) for box in each.open]
    region = _region(found.remainder, found.open, found.slack, regions.where(statement, left))
    return _finding(statement, region, found.boxes, "boxes", {"trees": found.trees})


def _suspects(statement: Statement, found: Search) -> list[Point]:
    """Points that balls saw, in the statement's own parameters, as far as exact numbers confirm them."""
    pairs = [(fixed, place) for fixed, each in zip(found.integers, found.found, strict=False) for place in each.violations[:4]]
    return [point for fixed, place in pairs if (point := at_cube(statement, fixed, place)) is not None]


def _region(undecided: Fraction, open_: int, slack: float, where: str = "") -> dict[str, Any]:
    known = slack if math.isfinite(slack) else None
    # in doubles a small part is never none
    part = max(float(undecided), sys.float_info.min) if open_ else 0.0
    settled = min(float(1 - undecided), 1 - sys.float_info.epsilon) if open_ else 1.0
    return {"settled": settled, "slack": known, "undecided": part, "open": open_, "where": where}


def _finding(statement: Statement, region: dict[str, Any], boxes: int, kind: str, proof: Mapping[str, Any]) -> Evidence:
    of_what = "of what is left beside factors of one sign" if kind == "enclosures" else "of rhs - lhs"
    slack = "no box by its bound" if region["slack"] is None else f"least bound {region['slack']:.2g} {of_what}"
    if not region["open"]:
        detail = f"certified on all of the declared domain with balls: {boxes} boxes, {slack}"
        return Evidence.of_proof(detail, {kind: proof}, statement=statement, region=region)
    where = f", {region['where']}" if region["where"] else ""
    settled = math.floor(region["settled"] * 1e6) / 1e6  # what is not all is not said to be 100 %
    if region["settled"] < _WORTH:
        detail = f"balls settle {settled:.2%} of the unit cube ({boxes} boxes); undecided: the rest{where}"
        return Evidence.of_proof(detail, region=region)
    few = f"{region['undecided']:.2g} of it" if region["undecided"] > sys.float_info.min else "less than 1e-307 of it"
    detail = f"balls settle {settled:.4%} of the unit cube ({boxes} boxes, {slack}); undecided: {few}{where}"
    return Evidence.of_proof(detail, {kind: proof}, open="boxes are left open", statement=statement, region=region)


def recheck(statement: Statement, proof: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Evaluate every leaf of a cover of the claim as it stands again, in rational intervals.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        ``trees`` of a search.

    Returns
    -------
    (list of str, bool)
        A line that says what was confirmed and what the certificate leaves open, and whether that is nothing.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a leaf is not settled, the trees do not cover the cube, or nothing is settled.
    """
    if statement.relation == "==":
        raise Invalid("an equality cannot be certified by boxes")
    wanted, given = cells(statement, relaxed=True), proof["trees"]
    if len(wanted) != len(given):
        raise Invalid(f"{len(given)} values of the integers are certified; there are {len(wanted)}")
    boxes, open_, left = 0, 0, Fraction(0)
    for integers, tree in zip(wanted, given, strict=True):
        difference = Difference(statement, integers, intervals())
        for mark, box in leaves(tree, difference.size):
            if mark is OPEN:
                open_, left = open_ + 1, left + volume(box)
                continue
            if mark != HOLDS:
                raise Invalid(f"a tree of halvings has the mark {mark!r}")
            boxes += 1
            _settle(difference, box)
    return confirmed("boxes", boxes, open_, left / len(wanted))


def confirmed(kind: str, boxes: int, open_: int, left: Fraction) -> tuple[list[str], bool]:
    """What a checked cover says: on how many boxes, and that it is no certificate of what it leaves open."""
    if open_ and left >= 1:
        raise Invalid("nothing is settled")
    size = f"{float(left):.3g}" if float(left) else "less than 1e-300"
    more = (
        f"; only in part, which confirms no claim: {open_} boxes, {size} of the unit cube, are left undecided" if open_ else ""
    )
    return [f"{kind}: confirmed in rational intervals ({boxes} boxes){more}"], not open_


def _settle(difference: Difference, box: Box) -> None:
    try:
        bound, _ = difference.lowest(box)
    except (ZeroDivisionError, OverflowError):
        bound = Fraction(-1)
    if bound < 0:
        raise Invalid(f"the two sides are not in order on the box {shown(box)}")
