r"""Improvements of a sequence of evaluations: how often a search without a model sets a record, and the best it finds.

A *record* is a value that exceeds all before it; the first one is one.  An exchangeable sequence without ties sets r records in
as many of the T! orders as there are permutations with r cycles, H_T = 1 + 1/2 + ... + 1/T of them on average.

`maraval-2023` (2305.15930) argues from this that the rewards of Bayesian optimisation are sparse.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from numerics.chunks import mapped, partition
from numerics.inputs import doubles, whole
from numerics.kernels import sequential_search as kernels

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: sequences worked on together
CHUNK = 8192
#: most visits of an exhaustive count
MOST_VISITS = 500_000_000


def record_counts(sequences: Any) -> Integers:
    """Number of records of sequences (..., T), (...).

    Raises
    ------
    ValueError
        If a sequence is empty or an entry is nan.

    Examples
    --------
    >>> record_counts([[3.0, 1.0, 4.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0]]).tolist()
    [3, 1]
    """
    array = doubles("sequences", sequences, "(..., T)")
    if array.ndim < 1 or array.shape[-1] == 0:
        raise ValueError(f"sequences has shape {array.shape}; it must be (..., T) with T at least 1")
    if np.isnan(array).any():
        raise ValueError("sequences has an entry that is not a number; records need an order")
    flat = np.ascontiguousarray(array).reshape((-1, array.shape[-1]))
    out = np.empty(len(flat), np.int64)
    kernels.record_counts(flat, out)
    return out.reshape(array.shape[:-1])


def record_law(length: int) -> Integers:
    """Number of orders of `length` distinct values with 0, 1, ..., `length` records, by visiting all of them.

    Raises
    ------
    ValueError
        If the length is not a whole number from 1 to 12.

    Examples
    --------
    >>> record_law(4).tolist()
    [0, 6, 11, 6, 1]
    """
    if whole("length", length) > 12:
        raise ValueError(f"length is {length}; at most 12, half a billion orders, are visited")
    out = np.zeros(length + 1, np.int64)
    kernels.permutation_records(length, out)
    return out


def records_of_draws(values: Any, draws: int, *, ties: bool = False) -> int:
    """Records of all sequences of draws with replacement, summed over the n^T sequences.

    Parameters
    ----------
    values : array of int (n,)
        What is drawn from.
    draws : int
        T.
    ties : bool
        Whether a value equal to the largest before it counts as a record.

    Raises
    ------
    ValueError
        If the values are not integers, or there are more than half a billion sequences.

    Examples
    --------
    >>> records_of_draws([1, 2], 2), records_of_draws([1, 1], 2, ties=True)
    (5, 8)
    """
    array = np.asarray(values)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise ValueError(f"values has shape {array.shape} and kind {array.dtype}; it must be (n,), integers")
    if len(array) ** whole("draws", draws) > MOST_VISITS:
        raise ValueError(f"draws is {draws}; {len(array)}^{draws} sequences are too many to be visited")
    return int(kernels.draw_records(np.ascontiguousarray(array, dtype=np.int64), int(draws), ties))


def simulated_records(length: int, sequences: int, seed: int, *, workers: int | None = None) -> Integers:
    """Number of sequences of normal values with 0, 1, ..., `length` records.

    Parameters
    ----------
    length, sequences : int
    seed : int
    workers : int, optional
        Threads; all processors if not given.  It does not change the numbers.

    Examples
    --------
    >>> counts = simulated_records(3, 30_000, seed=0)
    >>> bool(abs(counts @ np.arange(4) / 30_000 - (1 + 1/2 + 1/3)) < 0.02)
    True
    """
    size = max(1, CHUNK * 64 // whole("length", length))
    chunks = list(enumerate(partition(whole("sequences", sequences), size)))

    def run(piece: tuple[int, slice]) -> Integers:
        index, part = piece
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
        counts = record_counts(rng.standard_normal((part.stop - part.start, length)))
        return np.bincount(counts, minlength=length + 1)

    total = np.zeros(length + 1, np.int64)
    for counts in mapped(run, chunks, workers):
        total += counts
    return total


def expected_best(values: Any, queries: Any) -> Array:
    """Mean of the largest value among `queries` distinct points drawn at random: values (..., n), (...).

    The k-th smallest of n values is the largest of a sample in C(k-1, T-1) of C(n, T) samples.

    Raises
    ------
    ValueError
        If an entry is not finite, or the number of queries is not a whole number from 1 to n.

    Examples
    --------
    >>> round(float(expected_best([0.0, 0.0, 7.0, 0.0], 2)), 12)
    3.5
    """
    array, count = doubles("values", values, "(..., n)"), np.asarray(queries)
    if array.ndim < 1 or not np.all(np.isfinite(array)):
        raise ValueError(f"values has shape {array.shape}; it must be (..., n), with finite entries")
    size = array.shape[-1]
    if count.dtype.kind not in "iuf" or not np.all((count >= 1) & (count <= size) & (count == np.floor(count))):
        raise ValueError(f"queries is {queries!r}; it must be a whole number from 1 to the number of points, {size}")
    drawn = count[..., None].astype(np.float64)
    rank = np.arange(1, size + 1, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = gammaln(rank) - gammaln(rank - drawn + 1) - gammaln(drawn)
        logs = logs - gammaln(size + 1) + gammaln(size - drawn + 1) + gammaln(drawn + 1)
    shares = np.where(rank >= drawn, np.exp(logs), 0.0)
    return np.asarray((np.sort(array, axis=-1) * shares).sum(axis=-1))
