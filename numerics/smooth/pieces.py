"""Functions of one number that are cubic on pieces: their tables, extremes and constants, for many at once.

A table (pieces, 5) has a row per piece: left end, value, slope and curvature there, third derivative.  The first piece
extends to the left of its "left end", the last one to the right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.smooth.constants import Constants

Array = NDArray[Any]


def tables(knots: Array, curvatures: Array, thirds: Array, slopes: Array, values: Array) -> Array:
    """Tables of functions with given slopes and values at their first knots.

    Parameters
    ----------
    knots : array (..., K)
        Increasing, K at least 1.
    curvatures, thirds : array (..., K + 1)
        Second derivatives at the left ends of pieces (at the first knot for the first piece), and third derivatives.
    slopes : array (...) or (..., K)
        First derivative at the first knot, or at all of them where they are known without rounding.
    values : array (...)
        Value at the first knot.

    Returns
    -------
    array (..., K + 1, 5)

    Examples
    --------
    >>> zero = np.zeros(1)
    >>> tables(np.array([[0.0, 1.0]]), np.array([[0.0, 2.0, 0.0]]), np.zeros((1, 3)), zero, zero)[0, 2].tolist()
    [1.0, 1.0, 2.0, 0.0, 0.0]
    """
    rows = np.empty((*curvatures.shape, 5))
    rows[..., 0] = np.concatenate([knots[..., :1], knots], axis=-1)
    rows[..., 3], rows[..., 4] = curvatures, thirds
    rows[..., 0, 1] = rows[..., 1, 1] = values
    known = slopes.ndim == knots.ndim
    if known:
        rows[..., 0, 2], rows[..., 1:, 2] = slopes[..., 0], slopes
    else:
        rows[..., 0, 2] = rows[..., 1, 2] = slopes
    for k in range(1, curvatures.shape[-1] - 1):
        step = knots[..., k] - knots[..., k - 1]
        _, value, slope, bend, third = np.moveaxis(rows[..., k, :], -1, 0)
        rows[..., k + 1, 1] = value + step * (slope + step * (bend / 2 + step * third / 6))
        if not known:
            rows[..., k + 1, 2] = slope + step * (bend + step * third / 2)
    return rows


def at(rows: Array, x: Array) -> tuple[Array, Array]:
    """Value and slope at x (...) of functions with tables (..., pieces, 5)."""
    ends = rows[..., 1:, 0] if rows.shape[-2] > 1 else rows[..., :0, 0]
    index = (x[..., None] >= ends).sum(axis=-1)
    start, value, slope, bend, third = np.moveaxis(np.take_along_axis(rows, index[..., None, None], axis=-2)[..., 0, :], -1, 0)
    step = x - start
    return value + step * (slope + step * (bend / 2 + step * third / 6)), slope + step * (bend + step * third / 2)


def moved(rows: Array, slopes: Array, values: Array) -> Array:
    """The functions plus linear ones, such that slope and value at 0 are given."""
    value, slope = at(rows, np.zeros(rows.shape[:-2]))
    tilt, lift = slopes - slope, values - value
    new = rows.copy()
    new[..., 1] += lift[..., None] + tilt[..., None] * rows[..., 0]
    new[..., 2] += tilt[..., None]
    return new


def extremes(rows: Array, order: int) -> tuple[Array, Array]:
    """Infima and suprema of the derivative of that order, 0 to 2, over the line; rows (..., pieces, 5) to (...).

    Examples
    --------
    >>> low, high = extremes(np.array([[0.0, 1.0, 2.0, 2.0, 0.0]]), 0)
    >>> float(low), float(high)
    (0.0, inf)
    """
    start, value, slope, bend, third = np.moveaxis(rows, -1, 0)
    low = np.where(np.arange(rows.shape[-2]) == 0, -np.inf, 0.0)
    span = np.concatenate([np.diff(start, axis=-1), np.full((*start.shape[:-1], 1), np.inf)], axis=-1)
    low, span = np.broadcast_arrays(low, span)

    def curve(x: Array) -> Array:
        if order == 0:
            return value + x * (slope + x * (bend / 2 + x * third / 6))
        return slope + x * (bend + x * third / 2) if order == 1 else bend + x * third

    coefficients = ([value, slope, bend / 2, third / 6], [slope, bend, third / 2], [bend, third])[order]
    candidates = [_end(coefficients, end, curve) for end in (low, span)]
    with np.errstate(all="ignore"):
        if order == 0:
            # zeros of slope + bend x + third x^2/2, by the formula without cancellation
            root = np.sqrt(bend**2 - 2 * third * slope)
            sum_ = -(bend + np.where(bend >= 0, root, -root))
            turns = [sum_ / third, 2 * slope / sum_]
        else:
            turns = [-bend / third] if order == 1 else []
        for turn in turns:
            inside = np.isfinite(turn) & (turn > low) & (turn < span)
            candidates.append(np.where(inside, curve(np.where(inside, turn, 0.0)), candidates[0]))
    stacked = np.stack(candidates)
    return stacked.min(axis=(0, -1)), stacked.max(axis=(0, -1))


def _end(coefficients: list[Array], end: Array, curve: Any) -> Array:
    """Values of polynomials at ends, limits at infinite ones."""
    finite = np.isfinite(end)
    found = curve(np.where(finite, end, 0.0))
    limit = coefficients[0]
    for power, coefficient in enumerate(coefficients[1:], 1):
        side = np.where(end < 0, -1.0, 1.0) ** power * np.where(coefficient < 0, -1.0, 1.0)
        limit = np.where(coefficient != 0, side * np.inf, limit)
    return np.where(finite, found, limit)


def piece_constants(rows: Array) -> Constants:
    """Constants of one function with a continuous slope."""
    spread, steepest, bent = (extremes(rows, order) for order in range(3))
    # curvature at the right ends of pieces, where the next begins
    before = rows[:-1, 3] + rows[:-1, 4] * np.diff(rows[:, 0])
    largest = float(max(map(abs, bent)))
    jumps = np.any(np.abs(before - rows[1:, 3]) > 1e-9 * max(largest, 1e-300))
    rough = float("inf") if jumps else float(np.abs(rows[:, 4]).max())
    whole = float(spread[1] - spread[0]) if np.all(np.isfinite(spread)) else float("inf")
    return Constants(whole, float(max(map(abs, steepest))), largest, rough)


def infima(losses: Any) -> Array:
    """Infima of the risks of tasks that are piecewise quadratics or cubics; minus infinity where there is none.

    Examples
    --------
    >>> from numerics.smooth.families import PiecewiseQuadratic
    >>> infima(PiecewiseQuadratic([1.0], np.empty((1, 0)), [[2.0]], slopes=2.0)).tolist()
    [-1.0]
    """
    return extremes(losses.tables[losses.tasks, 0], 0)[0]
