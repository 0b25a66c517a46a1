"""Best-first branch and bound: settle as much of the unit cube as can be settled in a number of boxes.

A box is settled when the lower bound of what is to be at least zero (:mod:`verify.proofs.enclosed`) is so there, or a condition
fails; otherwise it is halved.  Every other box taken is the
one whose bound reaches lowest, so that false claims are found out at once, and every other the largest, so that the remainder
is small.

Examples
--------
>>> from verify.arithmetic.balls import balls
>>> from verify.proofs.enclosed import Polynomial
>>> import numpy as np
>>> parabola = np.array([Fraction(3, 10), Fraction(-1, 5), Fraction(3, 10)])          # t^2 - t + 0.3
>>> found = branch(Polynomial(parabola, balls()))
>>> found.remainder, found.violated, len(found.leaves)
(Fraction(0, 1), False, 2)
"""

from __future__ import annotations

import heapq
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verify.proofs.enclosed import Bounds, Condition, Enclosed
from verify.proofs.trees import HOLDS, OPEN, OUTSIDE, Box, Tree, halved, volume, whole

#: boxes after which branch and bound gives up, unless told otherwise
MOST_BOXES = 6000


@dataclass(frozen=True)
class Leaf:
    """A box that is not halved any more.

    Attributes
    ----------
    box : Box
    mark : int or None
        As in :mod:`verify.proofs.trees`.
    bound : float
        Lower bound of the target; NaN where there is none.
    violated : bool
        Whether the target was seen to be negative in the box's middle.
    """

    box: Box
    mark: int | None
    bound: float
    violated: bool = False


@dataclass
class Branching:
    """What branch and bound found.

    Attributes
    ----------
    tree : list
        As in :mod:`verify.proofs.trees`.
    leaves : list of Leaf
    boxes : int
        Boxes looked at.
    violations : list of tuple of Fraction
        Points at which the target was seen to be negative.
    """

    tree: Tree = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    boxes: int = 0
    violations: list[tuple[Fraction, ...]] = field(default_factory=list)

    @property
    def violated(self) -> bool:
        """Whether the target was seen to be negative at a point."""
        return bool(self.violations)

    @property
    def open(self) -> list[Box]:
        """The boxes that are left undecided."""
        return [leaf.box for leaf in self.leaves if leaf.mark is OPEN]

    @property
    def remainder(self) -> Fraction:
        """Their volume."""
        return sum(map(volume, self.open), Fraction(0))

    @property
    def slack(self) -> float:
        """The least lower bound over the settled boxes; infinite without any."""
        return min((leaf.bound for leaf in self.leaves if leaf.mark == HOLDS), default=math.inf)


def branch(
    target: Enclosed,
    conditions: Sequence[Condition] = (),
    *,
    most: int = MOST_BOXES,
    deadline: float = float("inf"),
    to_the_end: bool = False,
) -> Branching:
    """Settle as much of the unit cube as possible.

    Parameters
    ----------
    target : Enclosed
        What is to be at least zero where all conditions are.
    conditions : sequence of Condition
    most : int
        Boxes to look at.
    deadline : float
        Value of ``time.monotonic()`` after which to stop.
    to_the_end : bool
        Whether to go on after a violation, for a picture.
    """
    work = _Work(target, conditions)
    work.look(whole(target.size))
    steps = 1
    while work.open and steps < most and time.monotonic() < deadline and (to_the_end or not work.violations):
        for part in work.halve(work.next(lowest=steps % 2 == 1)):
            work.look(part)
        steps += 2
    return work.result()


@dataclass
class _Node:
    box: Box
    mark: int | None = OPEN
    bound: float = math.nan
    violated: bool = False
    children: tuple[int, int] | None = None


class _Work:
    """The boxes so far, and those among them that wait in two queues."""

    def __init__(self, target: Enclosed, conditions: Sequence[Condition]) -> None:
        self.target, self.conditions = target, conditions
        self.nodes: list[_Node] = []
        self.open: dict[int, int] = {}
        self.violations: list[tuple[Fraction, ...]] = []
        self._lowest: list[tuple[float, int]] = []
        self._largest: list[tuple[float, int]] = []

    def look(self, box: Box) -> None:
        """Settle a box, or put it into both queues with the axis along which it is to be halved."""
        node, index, there = _Node(box), len(self.nodes), None
        self.nodes.append(node)
        try:
            bound, there = self.target.lowest(box)
            node.bound = float(bound)
            # a bound beyond doubles holds as well; that of a number that is none compares with nothing
            if bound >= 0:
                node.mark, node.bound = HOLDS, min(node.bound, sys.float_info.max)
        except (ZeroDivisionError, OverflowError):
            pass
        node.bound = node.bound if math.isfinite(node.bound) else math.nan
        if node.mark is OPEN:
            node.mark = next((OUTSIDE - i for i, limit in enumerate(self.conditions) if limit.fails(box)), OPEN)
        if node.mark is not OPEN:
            return
        node.violated = self._violated(box)
        if node.violated:
            self.violations.append(tuple((low + high) / 2 for low, high in box))
        if not box:  # a point cannot be halved
            return
        self.open[index] = _axis(box, there)
        if not math.isnan(node.bound):
            heapq.heappush(self._lowest, (node.bound, index))
        heapq.heappush(self._largest, (-float(volume(box)), index))

    def _violated(self, box: Box) -> bool:
        middle = tuple(((low + high) / 2,) * 2 for low, high in box)
        try:
            return self.target.negative(middle) and all(limit.holds(middle) for limit in self.conditions)
        except ZeroDivisionError:
            return False

    def next(self, lowest: bool) -> int:
        """The open box whose bound reaches lowest if asked for and any has a bound, otherwise the largest."""
        for queue in (self._lowest, self._largest) if lowest else (self._largest,):
            while queue:
                _, index = heapq.heappop(queue)
                if index in self.open:
                    return index
        raise AssertionError("every open box is in the queue of volumes")

    def halve(self, index: int) -> tuple[Box, Box]:
        """The halves of an open box, which is open no more."""
        parts = halved(self.nodes[index].box, self.open.pop(index))
        self.nodes[index].children = (len(self.nodes), len(self.nodes) + 1)
        return parts

    def result(self) -> Branching:
        """The tree in preorder, and its leaves in the same order."""
        found, waiting = Branching(boxes=len(self.nodes), violations=self.violations), [0]
        while waiting:
            node = self.nodes[waiting.pop()]
            if node.children is None:
                found.tree.append(node.mark)
                found.leaves.append(Leaf(node.box, node.mark, node.bound, node.violated))
            else:
                first = self.nodes[node.children[0]].box
                found.tree.append(next(i for i, side in enumerate(first) if side != node.box[i]))
                waiting += reversed(node.children)
        return found


def _axis(box: Box, there: Bounds | None) -> int:
    """Where halving helps most: the largest slope times width, or the widest side."""
    widths = [float(high - low) for low, high in box]
    if there is not None and there.slopes is not None:
        pairs = zip(there.slopes, widths, strict=True)
        gains = [max(abs(float(low)), abs(float(high))) * width for (low, high), width in pairs]
        if max(gains, default=0.0) > 0 and math.isfinite(max(gains)):
            return gains.index(max(gains))
    return widths.index(max(widths))
