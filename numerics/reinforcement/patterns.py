"""Where the entries of a family's transitions and of its eliminated matrices may differ from zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels.decision_processes import Pattern

Whole = NDArray[np.int64]


def pattern(possible: NDArray[np.bool_]) -> Pattern:
    """The pattern of a family, fill by elimination included.

    Parameters
    ----------
    possible : array (states, actions, states) of bool
        Which transitions some task has.

    Returns
    -------
    Pattern

    Examples
    --------
    >>> chain = np.zeros((3, 1, 3), dtype=bool)
    >>> chain[0, 0, 1] = chain[1, 0, 2] = True
    >>> found = pattern(chain)
    >>> found.successors.tolist(), found.below.tolist(), found.right.tolist()
    ([1, 2], [], [1, 2])
    """
    states = len(possible)
    starts = np.concatenate([[0], possible.sum(axis=2).ravel().cumsum()])
    successors = np.nonzero(possible)[2]
    filled = possible.any(axis=1) | np.eye(states, dtype=bool)
    below, right = [], []
    for k in range(states):
        rows, columns = (k + 1 + np.flatnonzero(part) for part in (filled[k + 1 :, k], filled[k, k + 1 :]))
        filled[np.ix_(rows, columns)] = True
        below.append(rows)
        right.append(columns)
    slots = np.full((states, states), -1)
    slots[filled] = np.arange(filled.sum())
    return Pattern(starts, successors, slots, *_lists(below), *_lists(right))


def _lists(parts: list[Whole]) -> tuple[Whole, Whole]:
    """Where each of the lists starts, and all of them one behind the other."""
    return np.cumsum([0, *map(len, parts)]), np.concatenate(parts)
