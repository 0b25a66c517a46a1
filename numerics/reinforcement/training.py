"""Training by Adam with the state seen at given iterations: the loop that joint training and meta-training share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


def adam(gradient: Callable[[Real], Real], theta: Any, rate: float, iterations: Sequence[int]) -> Real:
    """Minimise along `gradient` by Adam (Kingma and Ba, 2015; 0.9, 0.999, 1e-8), and keep the point at these iterations.

    Parameters
    ----------
    gradient : callable
        Takes a point (p,), returns the direction of steepest ascent, exact or an estimate.
    theta : array (p,)
        Start.
    rate : float
        Step size, positive.
    iterations : sequence of int
        Increasing, not negative.

    Returns
    -------
    array (len(iterations), p)

    Raises
    ------
    ValueError
        If rate is not positive or iterations are none, negative or not increasing.

    Examples
    --------
    >>> adam(lambda point: point, [1.0], 0.1, [0, 1]).round(6).tolist()
    [[1.0], [0.9]]
    """
    if not 0 < rate < np.inf:
        raise ValueError(f"rate is {rate!r}; it must be a positive finite number")
    marks = [int(mark) for mark in iterations]
    if not marks or marks[0] < 0 or any(later <= earlier for earlier, later in pairwise(marks)):
        raise ValueError(f"iterations is {marks}; it must be increasing numbers that are not negative, at least one")
    point = np.array(theta, dtype=np.float64)
    first, second = np.zeros_like(point), np.zeros_like(point)
    found = np.empty((len(marks), point.size))
    seen = 0
    for done in range(marks[-1] + 1):
        if done:
            slope = gradient(point)
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope**2
            point = point - rate * (first / (1 - 0.9**done)) / (np.sqrt(second / (1 - 0.999**done)) + 1e-8)
        if done == marks[seen]:
            found[seen] = point
            seen += 1
    return found
