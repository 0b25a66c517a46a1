"""The checking side of signs on trees of halvings: code of its own, which shares nothing with what finds the trees.

Examples
--------
>>> signs = Coefficients()
>>> signs.check({(1,): Fraction(1)}, [], [0, HOLDS, HOLDS])                    # t is at least zero on [0, 1]
>>> signs.boxes
2
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

from verify.arithmetic.balls import intervals
from verify.proofs.algebras import Terms
from verify.proofs.enclosed import Condition, Polynomial, Tensor
from verify.proofs.formulas import Invalid
from verify.proofs.trees import HOLDS, OPEN, OUTSIDE, Box, leaves, shown, volume, whole


class Signs(ABC):
    """Walks trees of halvings and checks on every leaf that a polynomial is at least zero, or that a condition fails.

    Attributes
    ----------
    boxes : int
        Leaves looked at.
    left : Fraction
        Volume of those that are open.
    open_leaves : int
        How many are.
    """

    def __init__(self) -> None:
        self.boxes, self.left, self.open_leaves = 0, Fraction(0), 0

    def check(self, polynomial: Terms, conditions: Sequence[Terms], tree: Sequence[Any]) -> None:
        """Check one tree."""
        self.take(polynomial, conditions)
        for mark, box in leaves(tree, len(next(iter(polynomial)))):
            self.boxes += 1
            if mark is OPEN:
                self.open(volume(box))
            elif mark == HOLDS:
                if not self.holds(box):
                    raise Invalid(f"a polynomial does not have its sign on the box {shown(box)}")
            elif OUTSIDE - mark >= len(conditions):
                raise Invalid("a leaf refers to a condition that the case does not have")
            elif not self.fails(OUTSIDE - mark, box):
                raise Invalid(f"a condition does not fail on the box {shown(box)}")

    @abstractmethod
    def take(self, polynomial: Terms, conditions: Sequence[Terms]) -> None:
        """Prepare for the leaves of one tree."""

    @abstractmethod
    def holds(self, box: Box) -> bool:
        """Whether the polynomial is seen to be at least zero on a box."""

    @abstractmethod
    def fails(self, index: int, box: Box) -> bool:
        """Whether a condition is seen to fail on a dense part of a box."""

    @abstractmethod
    def open(self, size: Fraction) -> None:
        """Take note of an open leaf, or refuse it."""


class Coefficients(Signs):
    """By the Bernstein coefficients on each leaf, computed without halving anything."""

    def take(self, polynomial: Terms, conditions: Sequence[Terms]) -> None:
        """Keep them as they are."""
        self._goal, self._conditions = polynomial, conditions

    def holds(self, box: Box) -> bool:
        """Whether no coefficient is negative."""
        return not np.any(coefficients_on(self._goal, box) < 0)

    def fails(self, index: int, box: Box) -> bool:
        """Whether no coefficient is positive, and not all are zero."""
        outside = coefficients_on(self._conditions[index], box)
        return bool(np.all(outside <= 0) and np.any(outside < 0))

    def open(self, size: Fraction) -> None:
        """A proof leaves nothing open."""
        raise Invalid("a tree of halvings leaves a box undecided")


class Intervals(Signs):
    """By enclosures in rational intervals."""

    def take(self, polynomial: Terms, conditions: Sequence[Terms]) -> None:
        """Their coefficients on the cube."""
        coefficients = [coefficients_on(terms, whole(len(next(iter(terms))))) for terms in (polynomial, *conditions)]
        self._goal = Polynomial(coefficients[0], intervals())
        self._conditions = [Condition(each, intervals()) for each in coefficients[1:]]

    def holds(self, box: Box) -> bool:
        """Whether the lower bound is at least zero."""
        return bool(self._goal.lowest(box)[0] >= 0)

    def fails(self, index: int, box: Box) -> bool:
        """Whether the upper bound is at most zero."""
        return self._conditions[index].fails(box)

    def open(self, size: Fraction) -> None:
        """A certification may leave something open, which is said."""
        self.left += size
        self.open_leaves += 1


def coefficients_on(terms: Terms, box: Box, degrees: Sequence[int] = ()) -> Tensor:
    """Bernstein coefficients on a box, straight from the powers: b_i = sum_j C(i,j)/C(n,j) a_j after shifting to the box.

    Parameters
    ----------
    terms : dict
        Exponents to coefficient, not empty.
    box : tuple of (Fraction, Fraction)
    degrees : sequence of int
        Those of the coefficients if they are to be higher than the polynomial's.

    Returns
    -------
    array of Fraction, shape (n_1 + 1, ..., n_d + 1)
    """
    degrees = list(degrees) or [max(exponents[axis] for exponents in terms) for axis in range(len(box))]
    tensor = np.full([n + 1 for n in degrees], Fraction(0), dtype=object)
    for exponents, value in terms.items():
        tensor[exponents] = value
    for axis, (n, (low, high)) in enumerate(zip(degrees, box, strict=True)):
        width = high - low
        # t^m = sum_j C(m,j) low^(m-j) width^j s^j on the box, s in [0, 1]
        powers, size = np.zeros((n + 1, n + 1), dtype=object), range(n + 1)
        for j, m in ((j, m) for j in size for m in size if j <= m):
            powers[j, m] = comb(m, j) * low ** (m - j) * width**j
        change = np.array([[Fraction(comb(i, j), comb(n, j)) for j in size] for i in size], dtype=object)
        matrix = change @ powers
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)
    return tensor
