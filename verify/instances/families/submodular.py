"""Coverage functions of several tasks on one ground set, with small integers as weights.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["coverage"].decode(Codes(np.zeros((1, 3), int), 2, exact=True), {n: 1, elements: 2, items: 1})
>>> made.covers.tolist(), made.weights.tolist()
([[[[0], [0]]]], [[[0]]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import elements, items, n
from verify.instances.codes import Codes, Values
from verify.instances.family import Family

#: largest weight of an item
HEAVIEST = 3


@dataclass
class Coverages:
    """A batch of task distributions.

    Attributes
    ----------
    covers : integer array (batch, n, elements, items)
        Whether a task's element covers an item.
    weights : integer array (batch, n, items)
        What the items are worth.
    """

    covers: NDArray[np.int64]
    weights: NDArray[np.int64]


def _decode(codes: Codes, values: Values) -> Coverages:
    tasks, ground, universe = values[n], values[elements], values[items]
    return Coverages(
        codes.integers(tasks, ground, universe, most=1),
        codes.integers(tasks, universe, most=HEAVIEST),
    )


FAMILIES = {
    "coverage": Family(
        "coverage",
        "weighted coverage functions of n tasks on common elements, all tasks alike",
        _decode,
        {n: Range(1, 7), elements: Range(2, 8), items: Range(1, 7)},
        holds=lambda tasks, values: set(tasks.covers.ravel()) <= {0, 1} and min(tasks.weights.ravel()) >= 0,
    ),
}
