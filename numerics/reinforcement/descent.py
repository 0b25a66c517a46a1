"""Gradient descent that stays where the objective is finite, for objectives that are infinite outside an open set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.bilevel import hypergradient, outer_objective
from numerics.losses import Losses
from numerics.rules import Rule

Array = NDArray[np.float64]

#: share of the decrease that the slope promises, which a step has to keep (Armijo's rule)
_KEPT = 0.3


def stay_and_descend(
    losses: Losses, rule: Rule, theta: Any, iterations: int = 600, tolerance: float = 1e-13, step: float = 1e-2
) -> tuple[Array, float]:
    """Minimise a rule's outer objective by gradient descent with backtracking, never leaving the set where it is finite.

    A step is halved until the objective there is finite and has fallen by 0.3 of what the slope promises; the next one is tried
    with the length that fits the curvature just seen (Barzilai and Borwein, 1988), or twice the last where that is negative.
    For regulators this keeps every task's policy stabilising, before and after the inner steps.

    Parameters
    ----------
    losses : Losses
        Such as :class:`numerics.reinforcement.Regulators`.
    rule : Rule
        With exact outer steps.
    theta : array (p,)
        Where the objective is finite.
    iterations : int
        At most so many steps.
    tolerance : float
        Norm of the gradient at which to end.
    step : float
        First step.

    Returns
    -------
    theta : array (p,)
    value : float
        The objective there.

    Raises
    ------
    ValueError
        If the objective is not finite at the start, such as for an unstable initial policy.

    Examples
    --------
    >>> from numerics.reinforcement import Regulators
    >>> from numerics.rules import DRS
    >>> one = Regulators([[[1.0]]], [[[1.0]]], [[1.0]], [[1.0]])
    >>> gain, cost = stay_and_descend(one, DRS(), [0.9])
    >>> bool(np.isclose(gain[0], (5**0.5 - 1) / 2)), round(cost, 6)
    (True, 1.618034)
    """
    point = np.asarray(theta, dtype=np.float64)
    value = outer_objective(losses, rule, point)
    if not np.isfinite(value):
        raise ValueError(
            f"theta has the objective {value}; descent must start where every task's risk is finite, adapted or not"
        )
    gradient = hypergradient(losses, rule, point)
    for _ in range(iterations):
        square = float(gradient @ gradient)
        if square < tolerance**2:
            break
        while True:
            new = point - step * gradient
            reached = outer_objective(losses, rule, new) if np.isfinite(new).all() else np.inf
            if np.isfinite(reached) and reached <= value - _KEPT * step * square:
                break
            step /= 2
            if step < 1e-16:
                return point, value
        slope = hypergradient(losses, rule, new)
        moved, bent = new - point, slope - gradient
        step = float(moved @ moved) / float(moved @ bent) if moved @ bent > 0 else 2 * step
        point, value, gradient = new, reached, slope
    return point, value
