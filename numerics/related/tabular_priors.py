r"""Bayesian optimisation where everything is known: a prior over finitely many functions on finitely many points.

A search makes T queries one after another, sees the function's value at each, and is worth the largest value seen.  The best
search is a dynamic programme over the set of functions that agree with what has been seen; the greedy one queries where the
expected improvement is largest, and is best for one query only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import doubles
from numerics.kernels import sequential_search as kernels

Array = NDArray[np.float64]

#: functions of a prior whose set fits into the digits of an integer
MOST_FUNCTIONS = 60


def _instances(values: Any, chances: Any, queries: Any) -> tuple[Array, Array, NDArray[np.int64], tuple[int, ...]]:
    table = doubles("values", values, "(..., K, n)")
    if table.ndim < 2 or 0 in table.shape or table.shape[-2] > MOST_FUNCTIONS:
        raise ValueError(f"values has shape {table.shape}; it must be (..., K, n), of at most {MOST_FUNCTIONS} functions")
    if not np.all(np.isfinite(table)):
        raise ValueError("values has an entry that is not finite; all must be")
    number = table.shape[-2]
    # equal chances count as ones, so that expected improvements of integers tie exactly
    shares = np.ones(number) if chances is None else np.asarray(chances, dtype=np.float64)
    if shares.ndim < 1 or shares.shape[-1] != number:
        raise ValueError(f"chances has shape {shares.shape}; it must be (..., {number}), one for each function")
    if chances is not None and (not np.all(shares >= 0) or np.any(np.abs(shares.sum(axis=-1) - 1) > 1e-9)):
        raise ValueError("chances do not sum to one or are negative; they must be probabilities")
    steps = np.asarray(queries)
    if steps.dtype.kind not in "iuf" or not np.all((steps >= 1) & (steps == np.floor(steps))):
        raise ValueError(f"queries is {queries!r}; it must be a whole number, at least 1")
    lead = np.broadcast_shapes(table.shape[:-2], shares.shape[:-1], steps.shape)
    count = int(np.prod(lead))
    flat = np.ascontiguousarray(np.broadcast_to(table, lead + table.shape[-2:])).reshape((count, *table.shape[-2:]))
    weights = np.ascontiguousarray(np.broadcast_to(shares, (*lead, number))).reshape((count, number))
    return flat, weights, np.ascontiguousarray(np.broadcast_to(steps, lead), dtype=np.int64).reshape(count), lead


def _searched(values: Any, chances: Any, queries: Any, greedy: bool) -> Array:
    flat, weights, steps, lead = _instances(values, chances, queries)
    out = np.empty(len(flat))
    kernels.search_values(flat, weights, steps, greedy, out)
    return (out / weights.sum(axis=1)).reshape(lead)


def best_search(values: Any, queries: Any, chances: Any = None) -> Array:
    """Expected final maximum of the best search, by trying every query after every outcome.

    Parameters
    ----------
    values : array (..., K, n)
        K functions on n points.
    queries : int or array (...)
        T; the work grows with its power, see :func:`best_search_of_many`.
    chances : array (..., K), optional
        Prior; uniform if not given.

    Returns
    -------
    array (...)

    Raises
    ------
    ValueError
        If a shape does not fit, an entry is not finite, or the chances are no probabilities.

    Examples
    --------
    >>> prior = [[3.0, 1.0, 0.0], [0.0, 0.0, 2.0], [0.0, 2.0, 0.0]]
    >>> [round(float(3 * search(prior, 2)), 12) for search in (best_search, greedy_search)]
    [7.0, 5.0]
    """
    return _searched(values, chances, queries, False)


def greedy_search(values: Any, queries: Any, chances: Any = None) -> Array:
    """Expected final maximum of greedy expected improvement, ties broken in the worst way; as :func:`best_search`."""
    return _searched(values, chances, queries, True)


def best_search_of_many(values: Any, queries: int, chances: Any = None) -> tuple[float, int]:
    """As :func:`best_search` for one large prior, remembering the states: sets of possible functions with the best value seen.

    Returns
    -------
    expected final maximum, number of states remembered

    Examples
    --------
    >>> best_search_of_many([[3.0, 1.0, 0.0], [0.0, 0.0, 2.0], [0.0, 2.0, 0.0]], 2)
    (2.333333333333333, 8)
    """
    table = doubles("values", values, "(..., K, n)")
    if table.ndim != 2:
        raise ValueError(f"values has shape {table.shape}; one prior at a time is searched so, of shape (K, n)")
    # any number of functions: their sets are Python's integers
    number = len(table)
    _instances(table[:MOST_FUNCTIONS], None, queries)
    shares = [1 / number] * number if chances is None else [float(c) for c in chances]
    if len(shares) != number or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"chances are no probabilities of {number} functions; they must be at least zero and sum to one")
    groups: list[list[tuple[float, int]]] = []
    for column in table.T:
        by_value: dict[float, int] = {}
        for f, value in enumerate(column.tolist()):
            by_value[value] = by_value.get(value, 0) | 1 << f
        groups.append(sorted(by_value.items()))
    masses: dict[int, float] = {}
    known: dict[tuple[int, float, int], float] = {}

    def mass(alive: int) -> float:
        if alive not in masses:
            masses[alive] = sum(shares[f] for f in range(number) if alive >> f & 1)
        return masses[alive]

    def search(alive: int, best: float, steps: int) -> float:
        if steps == 0:
            return mass(alive) * best
        state = (alive, best, steps)
        if state not in known:
            # one function left: its largest value, in one query
            known[state] = max(
                sum(search(alive & group, max(best, value), steps - 1) for value, group in outcomes if alive & group)
                for outcomes in groups
            )
        return known[state]

    found = search((1 << number) - 1, -np.inf, int(queries))
    return found, len(known)
