r"""Stochastic training on quadratic tasks of one variable, by exact moments.

Tasks :math:`R=\tfrac12q(\theta-\theta_\gamma)^2`.  An update's step is linear in theta up to noise, so that the first two
moments of theta follow a linear recursion; the expected deployed risk after any number of updates is exact, for every
step size at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class QuadraticRuns:
    """Two algorithms on quadratic tasks: M tasks an update, 2 N calls a task in both, exact Hessians.

    Parameters
    ----------
    curvatures, optima, weights : array (n,)
        q, theta_gamma and probabilities of the tasks.
    alpha : float
        Rate of MAML's inner step, and of the deployed one.
    variance : float
        V_d of a call.
    batch, calls : int
        M and N.
    deployed : float, optional
        Rate of the deployed step if it is another.

    Examples
    --------
    >>> runs = QuadraticRuns(np.array([0.2, 1.0]), np.array([1.0, -0.2]), np.full(2, 0.5), 0.6, 1.0, 5, 2)
    >>> round(runs.modeling_error(), 5)
    0.01199
    """

    curvatures: Array
    optima: Array
    weights: Array
    alpha: float
    variance: float
    batch: int
    calls: int
    deployed: float | None = None

    def _deployed(self) -> tuple[float, float]:
        """Weight and minimiser of the deployed risk."""
        q, rate = self.curvatures, self.alpha if self.deployed is None else self.deployed
        weights = self.weights * q * (1 - rate * q) ** 2
        return float(weights.sum()), float(weights @ self.optima / weights.sum())

    def _training(self, adapts: bool) -> tuple[Array, Array, Array]:
        """Slope and intercept of each task's mean step, slope * theta - intercept, and the variance of its noise."""
        q, factor = self.curvatures, 1 - self.alpha * self.curvatures
        if not adapts:
            return q, q * self.optima, np.full(len(q), self.variance / (2 * self.calls))
        # the inner call's noise passes through the curvature, the outer one's adds; both are multiplied by the Hessian's factor
        noise = factor**2 * (1 + (self.alpha * q) ** 2) * self.variance / self.calls
        return q * factor**2, q * factor**2 * self.optima, noise

    def optimum(self, adapts: bool) -> float:
        """What training tends to without noise."""
        slopes, intercepts, _ = self._training(adapts)
        return float(self.weights @ intercepts / (self.weights @ slopes))

    def modeling_error(self) -> float:
        """Deployed risk of joint training's optimum above the least one."""
        weight, best = self._deployed()
        return 0.5 * weight * (self.optimum(False) - best) ** 2

    def excess(self, adapts: bool, rates: Any, start: float, updates: int) -> Array:
        """Expected deployed risk above the least one after 1, ..., `updates` updates, for every step size.

        Parameters
        ----------
        adapts : bool
            MAML, or joint training.
        rates : array (c,)
            Step sizes.
        start : float
            theta_0.
        updates : int
            At least 1.

        Returns
        -------
        array (c, updates)
        """
        eta = np.asarray(rates, dtype=np.float64)
        slopes, intercepts, noise = self._training(adapts)
        w = self.weights
        a, b = float(w @ slopes), float(w @ intercepts)
        aa, ab, bb = float(w @ slopes**2), float(w @ (slopes * intercepts)), float(w @ intercepts**2)
        quiet = float(w @ noise)
        weight, best = self._deployed()
        first, second = np.full(eta.shape, float(start)), np.full(eta.shape, float(start) ** 2)
        found = np.empty((*eta.shape, updates))
        for t in range(updates):
            spread = (aa - a * a) * second - 2 * (ab - a * b) * first + (bb - b * b) + quiet
            step_square = a * a * second - 2 * a * b * first + b * b + spread / self.batch
            second = second - 2 * eta * (a * second - b * first) + eta**2 * step_square
            first = first - eta * (a * first - b)
            found[..., t] = 0.5 * weight * (second - 2 * best * first + best**2)
        return found


def flips(joint: Array, meta: Array) -> list[int]:
    """Numbers of updates at which the one that leads changes, from excesses after 1, 2, ... updates.

    Examples
    --------
    >>> flips(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.5, 0.4]))
    [2]
    """
    return [int(index) + 2 for index in np.flatnonzero(np.diff(np.sign(joint - meta)))]


def averaged_excess(curvature: Array, chance: Array, deviation: Array, start: Array, steps: int) -> Array:
    """Expected excess of the mean iterate of stochastic gradient descent at step 1/(4 curvature), by exact second moments.

    A sample's curvature is `curvature` with probability `chance`, otherwise 0, and its noise in the gradient then is
    sqrt(curvature) times `deviation` times a sign; the mean is that of the first `steps` iterates, the start among them.

    Parameters
    ----------
    curvature, chance, deviation, start : array (...)
        Positive; in [0, 1]; at least 0; distance of theta_0 from the optimum.
    steps : int
        T, at least 1.

    Returns
    -------
    array (...)

    Examples
    --------
    >>> averaged_excess(np.array(1.0), np.array(1.0), np.array(0.0), np.array(2.0), 1).tolist()
    2.0
    """
    size, mean = 1 / (4 * curvature), chance * curvature
    square, cross, total = start**2, np.zeros_like(start), np.zeros_like(start)
    for _ in range(steps):
        # E S^2, E theta S and E theta^2 with S the sum of the iterates before
        total = total + 2 * cross + square
        cross = (1 - size * mean) * (cross + square)
        square = square * (1 - 2 * size * mean + size**2 * chance * curvature**2) + size**2 * deviation**2 * mean
    return np.asarray(mean * total / (2 * steps**2))
