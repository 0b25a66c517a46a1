"""Trees of halvings: how a cover of the unit cube by boxes is written down, and read by whoever checks it.

A tree is a flat list in preorder: an axis for every halving, :data:`HOLDS` for a leaf that is settled, ``OUTSIDE - j`` for one
on which the j-th condition fails, and :data:`OPEN` for one that is left undecided.

Examples
--------
>>> [box[0] for _, box in leaves([0, HOLDS, OPEN], 1)]
[(Fraction(0, 1), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 1))]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod

from verify.proofs.formulas import Invalid

#: marks of leaves: what is claimed holds; the condition 0 fails (OUTSIDE - j: the condition j); undecided
HOLDS, OUTSIDE, OPEN = -1, -2, None
#: levels of halvings; deeper ones have corners with too many digits
_MOST_DEPTH = 6000

Box = tuple[tuple[Fraction, Fraction], ...]
Tree = list[int | None]


def whole(dimension: int) -> Box:
    """The unit cube."""
    return ((Fraction(0), Fraction(1)),) * dimension


def halved(box: Box, axis: int) -> tuple[Box, Box]:
    """The lower and the upper half of a box.

    Examples
    --------
    >>> halved(whole(1), 0)[1]
    ((Fraction(1, 2), Fraction(1, 1)),)
    """
    low, high = box[axis]
    middle = (low + high) / 2
    first, second = ((*box[:axis], part, *box[axis + 1 :]) for part in ((low, middle), (middle, high)))
    return first, second


def volume(box: Box) -> Fraction:
    """Volume of a box."""
    return prod((high - low for low, high in box), start=Fraction(1))


def shown(box: Box) -> str:
    """A box for a message."""
    if any(end.denominator > 10**12 for side in box for end in side):
        return " x ".join(f"[{float(low):.9g}, {float(high):.9g}]" for low, high in box)
    return " x ".join(f"[{low}, {high}]" for low, high in box)


def leaves(tree: Sequence[object], dimension: int) -> Iterator[tuple[int | None, Box]]:
    """The leaves of a tree with their boxes; the file it comes from is not trusted.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a mark is none, or the boxes do not cover the cube.
    """
    waiting = [whole(dimension)]
    depth = [0]
    for mark in tree:
        if not waiting:
            raise Invalid("a tree of halvings has more leaves than boxes")
        box, here = waiting.pop(), depth.pop()
        if mark is OPEN:
            yield OPEN, box
        elif not isinstance(mark, int) or isinstance(mark, bool) or mark >= dimension:
            raise Invalid(f"a tree of halvings has the mark {mark!r}")
        elif mark >= 0:
            if here >= _MOST_DEPTH:
                raise Invalid(f"a tree of halvings is more than {_MOST_DEPTH} levels deep")
            waiting += reversed(halved(box, mark))
            depth += [here + 1, here + 1]
        else:
            yield mark, box
    if waiting:
        raise Invalid("a tree of halvings ends before every box has been settled")


def hull(boxes: Sequence[Box]) -> Box:
    """The smallest box around some.

    Examples
    --------
    >>> hull(halved(whole(1), 0)) == whole(1)
    True
    """
    return tuple((min(low for low, _ in sides), max(high for _, high in sides)) for sides in zip(*boxes, strict=True))
