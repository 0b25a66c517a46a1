"""Quantiles and means of many rows of non-negative numbers, the quantiles exactly, without sorting them.

Numbers are counted in buckets that are ranges of their leading bits (sixty-four to an octave, so that a bucket near a quantile
holds a few of them), and only the buckets that hold a wanted rank are sorted.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]

#: all bits of a number but its sign, which a nan has at times
MAGNITUDE = np.int64(2**63 - 1)
#: bits dropped from a number to name its bucket: six bits of the mantissa stay
DROPPED = 46
#: buckets to an octave
OCTAVE = 64
#: buckets, the highest and the lowest of which hold all that is beyond them
BUCKETS = 16 * OCTAVE
#: bucket of the numbers whose exponent is that of infinity and nan
NOT_A_NUMBER = 0x7FF * OCTAVE


@compiled
def summaries(values: Array, levels: Array, quantiles: Array, means: Array, counts: NDArray[np.int64]) -> None:
    """Quantiles, by linear interpolation between order statistics as numpy's default, means and counts of rows of numbers.

    Parameters
    ----------
    values : array (rows, n)
        Non-negative numbers; nan is left out.
    levels : array (k,)
        In [0, 1], ascending.
    quantiles : array (rows, k)
        Receives the quantiles; nan where a row has no number.
    means : array (rows,)
        Receives the means of the numbers; nan where a row has none.
    counts : array of int (rows,)
        Receives how many numbers a row has.
    """
    rows, size = values.shape
    count = np.zeros(BUCKETS, dtype=np.int64)
    wanted = np.zeros(BUCKETS, dtype=np.bool_)
    kept = np.empty(size)
    buckets = np.empty(size, dtype=np.int64)
    places = np.empty(2 * levels.shape[0], dtype=np.int64)
    for row in range(rows):
        bits = values[row].view(np.int64)
        # a sample says where the buckets should be; any place is right, a good one leaves few numbers in each
        top = np.int64(0)
        for i in range(0, size, 16):
            key = (bits[i] & MAGNITUDE) >> DROPPED
            if key < NOT_A_NUMBER:
                top = max(top, key)
        base = top - (BUCKETS - OCTAVE)
        for bucket in range(BUCKETS):
            count[bucket] = 0
            wanted[bucket] = False
        known, numbers = size, values[row]
        largest = np.int64(0)
        for i in range(size):
            key = (bits[i] & MAGNITUDE) >> DROPPED
            bucket = min(max(key - base, 0), BUCKETS - 1)
            largest = max(largest, key)
            buckets[i] = bucket
            count[bucket] += 1
        if largest >= NOT_A_NUMBER:
            known = 0
            for i in range(size):
                if values[row, i] == values[row, i]:
                    kept[known] = values[row, i]
                    buckets[known] = buckets[i]
                    known += 1
                else:
                    count[buckets[i]] -= 1
            numbers = kept
        counts[row] = known
        if known == 0:
            for k in range(levels.shape[0]):
                quantiles[row, k] = np.nan
            means[row] = np.nan
            continue
        # one walk over the buckets finds those of all ranks, which ascend, and how many smaller numbers are in none of them
        before = 0
        unwanted = 0
        bucket = 0
        for k in range(levels.shape[0]):
            lower = math.floor(levels[k] * (known - 1))
            for step in range(2):
                rank = min(lower + step, known - 1)
                while before + count[bucket] <= rank:
                    before += count[bucket]
                    unwanted += 0 if wanted[bucket] else count[bucket]
                    bucket += 1
                wanted[bucket] = True
                places[2 * k + step] = rank - unwanted
        near, total = 0, 0.0
        for i in range(known):
            total += numbers[i]
            kept[near] = numbers[i]
            near += wanted[buckets[i]]
        means[row] = total / known
        candidates = np.sort(kept[:near])
        for k in range(levels.shape[0]):
            position = levels[k] * (known - 1)
            beyond = position - math.floor(position)
            low = candidates[places[2 * k]]
            # no arithmetic where the quantile is an order statistic: infinity minus infinity has no value
            quantiles[row, k] = low if beyond == 0.0 else low + beyond * (candidates[places[2 * k + 1]] - low)
