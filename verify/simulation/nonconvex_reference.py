"""The exactly solved instance of the study on risks that need not be convex: two quadratics, and what theory says of prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.smooth.quadratic_runs import QuadraticRuns, flips

Array = NDArray[Any]

#: step sizes among which the exact instance takes the best one for every horizon
RATES = np.geomspace(0.003, 0.9, 40)


def reference(batch: int) -> QuadraticRuns:
    """Curvatures 1/5 and 1, optima 1 and -1/5, alpha = 0.6, N = 2, V_d = 1."""
    return QuadraticRuns(np.array([0.2, 1.0]), np.array([1.0, -0.2]), np.full(2, 0.5), 0.6, 1.0, batch, 2)


def curves(batch: int, start: float, updates: int = 1500) -> tuple[Array, Array]:
    """Least expected excesses of joint training and of MAML after 1, 2, ... updates, over constant step sizes."""
    runs = reference(batch)
    joint, meta = (runs.excess(adapts, RATES, start, updates).min(axis=0) for adapts in (False, True))
    return joint, meta


def reference_flips(batch: int, start: float = -3.0, updates: int = 1500) -> list[int]:
    """Numbers of updates at which the leader changes.

    Examples
    --------
    >>> [reference_flips(batch) for batch in (1, 5, 20)]
    [[103], [21], [15]]
    """
    return flips(*curves(batch, start, updates))


def best_training_rates(batch: int, start: float, updates: int, rates: Any) -> Array:
    """The rate of training that pays least when deployed at the instance's, after 1, 2, ... updates: exact.

    Parameters
    ----------
    batch : int
        M.
    start : float
        theta_0.
    updates : int
        At least 1.
    rates : sequence of float
        Rates of MAML's inner step; joint training stands for 0, with the same calls.

    Examples
    --------
    >>> best = best_training_rates(5, -3.0, 300, [0.0, 0.3, 0.6])
    >>> float(best[1]), float(best[-1])
    (0.0, 0.6)
    """
    runs = reference(batch)
    paid = []
    for rate in rates:
        trained = replace(runs, alpha=float(rate), deployed=runs.alpha)
        paid.append(trained.excess(rate > 0, RATES, start, updates).min(axis=0))
    return np.asarray(np.asarray(rates)[np.argmin(paid, axis=0)])


def price(a: float, dimension: int) -> float:
    """K of the price of joint training, one step: what |grad D| is at most, in mean slopes, where joint training is stationary.

    Examples
    --------
    >>> price(0.5, 1), round(price(0.5, 2), 4)
    (1.0, 1.1009)
    """
    from theory.bounds.smooth import price_of_joint_training as small
    from theory.bounds.smooth import price_of_joint_training_large_rate as large
    from theory.bounds.smooth import price_of_joint_training_plane as plane
    from theory.notation import L, alpha, b, k

    if dimension > 1:
        return float(plane.K.subs(b, (np.sqrt(1 + 8 * a**2) - 1) / 4))
    return float((small if a <= 1 else large).RADIUS.subs({alpha: a, L: 1, k: 1}))
