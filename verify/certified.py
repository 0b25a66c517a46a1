r"""Evidence by certification: best-first branch and bound in ball arithmetic, for claims that are no polynomials.

F = rhs - lhs is enclosed on boxes of the unit cube with dyadic ends (:mod:`verify.proofs.balls`).  A box is settled when its
enclosure is at least zero; otherwise it is halved.  Every other box taken is the one whose enclosure reaches lowest, so that
false claims are found out at once, and every other the largest, so that the remainder is small.  A claim is certified only if
nothing remains; equality inside the cube cannot be certified, as no enclosure is that narrow.

The search runs on Arb's balls.  A certificate is the tree of halvings; :func:`recheck` evaluates its leaves again in rational
intervals (:mod:`verify.enclosure`), which share no code with Arb.

Examples
--------
>>> from sympy import Integer, Interval, exp
>>> from theory.notation import t
>>> found = search(Statement("example", {t: Interval(1, 2)}, exp(-t), "<=", Integer(1) / t))
>>> found.complete, found.remainder
(True, 0.0)
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import Symbol

from theory.claim import Claim
from verify import enclosure
from verify.proofs.balls import Box, Difference, Dual, backend, balls, intervals
from verify.proofs.certificates import Finding, Invalid
from verify.proofs.normal_form import on_unit_interval
from verify.proofs.statement import Statement, Unprovable, cells

#: boxes after which a certification is given up, unless told otherwise; mark of a settled box in a tree
MOST_BOXES, HOLDS = 6000, -1


@dataclass
class Search:
    """What branch and bound settled.

    Attributes
    ----------
    trees : list of list of int
        Per value of the integers, the halvings in preorder: an axis, or :data:`HOLDS`.
    complete : bool
        Whether everything was settled.
    slack : float
        The least lower bound of rhs - lhs over the settled boxes.
    remainder : float
        Volume of what is left, as a part of the unit cube.
    where : str
        A point of it, in the claim's parameters.
    violated : bool
        Whether the claim was seen to be false at a point.
    boxes : int
        Boxes looked at.
    relaxed : bool
        Whether integers were treated as reals.
    """

    trees: list[list[int]] = field(default_factory=list)
    complete: bool = True
    slack: float = float("inf")
    remainder: float = 0.0
    where: str = ""
    violated: bool = False
    boxes: int = 0
    relaxed: bool = True


@dataclass
class _Node:
    box: Box
    axis: int = HOLDS
    children: tuple[int, int] | None = None


def search(statement: Statement, *, most: int = MOST_BOXES, deadline: float = float("inf")) -> Search:
    """Settle as much of the unit cube as possible.

    Parameters
    ----------
    statement : Statement
    most : int
        Boxes to look at.
    deadline : float
        Value of ``time.monotonic()`` after which to stop.

    Returns
    -------
    Search

    Raises
    ------
    Unprovable
        If the claim is an equality or an exponent takes infinitely many values.
    """
    if statement.relation == "==":
        raise Unprovable("an equality has no slack")
    found = Search()
    chosen = cells(statement, relaxed=True)
    numbers = balls()
    for integers in chosen:
        _branch(Difference(statement, integers, numbers), found, most // len(chosen) + 1, deadline)
        if found.violated:
            break
    found.remainder /= len(chosen)
    return found


def _branch(difference: Difference, found: Search, most: int, deadline: float) -> None:
    nodes = [_Node(((Fraction(0), Fraction(1)),) * len(difference.real))]
    lowest: list[tuple[float, int]] = []
    largest: list[tuple[float, int]] = []
    open_: set[int] = set()
    axes: dict[int, int] = {}

    def look(index: int) -> None:
        """Settle a node, or put it into both queues."""
        box = nodes[index].box
        found.boxes += 1
        try:
            bound, whole = difference.lowest(box)
            here = difference.on(tuple(((low + high) / 2,) * 2 for low, high in box))
            if not math.isfinite(float(bound)):
                raise ZeroDivisionError("the enclosure is unbounded")
        except ZeroDivisionError:
            bound, whole, here = None, None, None
        if bound is not None and bound >= 0:
            found.slack = min(found.slack, float(bound))
            return
        if here is not None and difference.numbers.least(-here.value) > 0:
            found.violated = True
        open_.add(index)
        axes[index] = _axis(box, whole)
        volume = 1.0
        for low, high in box:
            volume *= float(high - low)
        if bound is not None:
            heapq.heappush(lowest, (float(bound), index))
        heapq.heappush(largest, (-volume, index))

    look(0)
    steps = 1
    while open_ and not found.violated and steps < most and time.monotonic() < deadline:
        queue = lowest if steps % 2 and lowest else largest
        _, index = heapq.heappop(queue)
        if index not in open_ or not nodes[index].box:
            continue
        open_.remove(index)
        box, axis = nodes[index].box, axes.pop(index)
        low, high = box[axis]
        middle = (low + high) / 2
        nodes[index].axis, nodes[index].children = axis, (len(nodes), len(nodes) + 1)
        for part in ((low, middle), (middle, high)):
            nodes.append(_Node((*box[:axis], part, *box[axis + 1 :])))
            look(len(nodes) - 1)
        steps += 2
    if open_:
        found.complete = False
        for index in open_:
            volume = 1.0
            for low, high in nodes[index].box:
                volume *= float(high - low)
            found.remainder += volume
        worst = max(open_, key=lambda i: float(sum(high - low for low, high in nodes[i].box)))
        found.where = _point(difference, nodes[worst].box)
    found.trees.append(_preorder(nodes))


def _axis(box: Box, whole: Dual | None) -> int:
    """Where halving helps most: the largest slope times width, or the widest side."""
    widths = [float(high - low) for low, high in box]
    if whole is not None and whole.slopes is not None:
        gains = [abs(float(abs(slope))) * width for slope, width in zip(whole.slopes, widths, strict=True)]
        if max(gains, default=0.0) > 0:
            return gains.index(max(gains))
    return widths.index(max(widths)) if widths else 0


def _preorder(nodes: list[_Node]) -> list[int]:
    tree, waiting = [], [0]
    while waiting:
        node = nodes[waiting.pop()]
        tree.append(node.axis)
        if node.children is not None:
            waiting += reversed(node.children)
    return tree


def _point(difference: Difference, box: Box) -> str:
    """The middle of a box in the claim's parameters."""
    values: dict[Symbol, Any] = dict(difference.integers)
    rational = backend(intervals(), len(difference.real))
    for symbol, (low, high) in zip(difference.real, box, strict=True):
        tau = Dual((low + high) / 2, (0,) * len(difference.real))
        domain = difference.statement.parameters[symbol]
        try:
            values[symbol] = on_unit_interval(domain, values, tau, rational)
        except (ZeroDivisionError, KeyError):
            return ""
    shown = [f"{s} = {float(sum(enclosure.ends(v.value)) / 2):.4g}" for s, v in values.items() if isinstance(v, Dual)]
    return ", ".join([*(f"{s} = {v}" for s, v in difference.integers.items()), *shown])


def gather(claim: Claim, deadline: float = float("inf")) -> Finding:
    """Try to certify a claim.

    Parameters
    ----------
    claim : Claim
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    verify.proofs.certificates.Finding
    """
    try:
        statement = Statement.of(claim)
        found = search(statement, deadline=deadline)
    except (Unprovable, TypeError) as reason:
        return Finding(False, f"not certified: {reason}")
    if found.violated:
        return Finding(False, "not certified: balls show a violation")
    if not found.complete:
        near = f", near {found.where}" if found.where else ""
        settled = (
            f"balls settle {1 - found.remainder:.4%} of the unit cube and leave {found.remainder:.2g} of it undecided{near}"
        )
        return Finding(False, f"{settled} ({found.boxes} boxes)")
    detail = f"certified on all of the declared domain with balls: {found.boxes} boxes, slack {found.slack:.2g}"
    return Finding(True, detail, {"boxes": {"trees": found.trees, "slack": found.slack}}, statement)


def recheck(statement: Statement, proof: Mapping[str, Any]) -> str:
    """Evaluate every leaf of a certificate again, in rational intervals.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        ``trees`` of a complete search.

    Returns
    -------
    str
        A line that says what was confirmed.

    Raises
    ------
    verify.proofs.certificates.Invalid
        If a leaf is not settled or the trees do not cover the cube.
    """
    if statement.relation == "==":
        raise Invalid("an equality cannot be certified by boxes")
    wanted, trees = cells(statement, relaxed=True), proof["trees"]
    if len(wanted) != len(trees):
        raise Invalid(f"{len(trees)} values of the integers are certified; there are {len(wanted)}")
    numbers, leaves = intervals(), 0
    for integers, tree in zip(wanted, trees, strict=True):
        difference = Difference(statement, integers, numbers)
        waiting: list[Box] = [((Fraction(0), Fraction(1)),) * len(difference.real)]
        for mark in tree:
            if not waiting:
                raise Invalid("a tree of halvings has more leaves than boxes")
            box = waiting.pop()
            if not isinstance(mark, int) or isinstance(mark, bool) or not HOLDS <= mark < len(box):
                raise Invalid(f"a tree of halvings has the mark {mark!r}")
            if mark == HOLDS:
                leaves += 1
                _settle(difference, box)
                continue
            low, high = box[mark]
            middle = (low + high) / 2
            waiting.append((*box[:mark], (middle, high), *box[mark + 1 :]))
            waiting.append((*box[:mark], (low, middle), *box[mark + 1 :]))
        if waiting:
            raise Invalid("a tree of halvings ends before every box has been settled")
    return f"boxes: confirmed in rational intervals ({leaves} boxes)"


def _settle(difference: Difference, box: Box) -> None:
    try:
        bound, _ = difference.lowest(box)
    except ZeroDivisionError:
        bound = Fraction(-1)
    if bound < 0:
        raise Invalid(f"the two sides are not in order on the box {' x '.join(f'[{low}, {high}]' for low, high in box)}")
