"""Records of sequences, and sequential maximisation under a prior over finitely many functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def record_counts(sequences: Array, out: Integers) -> None:
    """Entries that exceed all before them, the first one included: sequences (B, T), out (B,)."""
    for b in range(sequences.shape[0]):
        best = sequences[b, 0]
        count = 1
        for t in range(1, sequences.shape[1]):
            if sequences[b, t] > best:
                best = sequences[b, t]
                count += 1
        out[b] = count


@compiled
def permutation_records(length: int, out: Integers) -> None:
    """Number of permutations of each number of records, by visiting all (Heap's algorithm): out (length + 1,)."""
    values = np.arange(length)
    counters = np.zeros(length, np.int64)
    place = 0
    while True:
        if place == 0 or counters[place] < place:
            if place > 0:
                other = 0 if place % 2 == 0 else counters[place]
                values[other], values[place] = values[place], values[other]
                counters[place] += 1
            best, count = values[0] - 1, 0
            for t in range(length):
                if values[t] > best:
                    best = values[t]
                    count += 1
            out[count] += 1
            place = 1
        else:
            counters[place] = 0
            place += 1
        if place >= length:
            return


@compiled
def draw_records(values: Integers, length: int, ties: bool) -> int:
    """Records of all sequences of `length` draws with replacement, summed; with `ties` an equal value counts as one too."""
    count = values.shape[0]
    digits = np.zeros(length, np.int64)
    total = 0
    while True:
        best = values[digits[0]]
        total += 1
        for t in range(1, length):
            value = values[digits[t]]
            if value > best or (ties and value == best):
                best = value
                total += 1
        place = length - 1
        while place >= 0 and digits[place] == count - 1:
            digits[place] = 0
            place -= 1
        if place < 0:
            return total
        digits[place] += 1


@compiled
def search_value(values: Array, chances: Array, alive: int, best: float, steps: int, greedy: bool) -> float:
    """Chance-weighted final maximum over the functions still possible, by trying every query: values (K, n), chances (K,).

    `alive` holds the possible functions as binary digits.  With `greedy` each query maximises the expected maximum after it,
    and of several the one is taken that turns out worst.
    """
    functions, points = values.shape
    if steps == 0:
        mass = 0.0
        for f in range(functions):
            if alive >> f & 1:
                mass += chances[f]
        return mass * best
    chosen = -np.inf
    leading = -np.inf
    for x in range(points):
        immediate = total = 0.0
        rest = alive
        while rest != 0:
            first = 0
            while not rest >> first & 1:
                first += 1
            value = max(best, values[first, x])
            group = 0
            mass = 0.0
            for f in range(first, functions):
                if rest >> f & 1 and values[f, x] == values[first, x]:
                    group |= 1 << f
                    mass += chances[f]
            rest &= ~group
            immediate += mass * value
            if not greedy:
                total += search_value(values, chances, group, value, steps - 1, greedy)
        if not greedy:
            chosen = max(chosen, total)
            continue
        if immediate < leading:
            continue
        rest = alive
        while rest != 0:
            first = 0
            while not rest >> first & 1:
                first += 1
            group = 0
            for f in range(first, functions):
                if rest >> f & 1 and values[f, x] == values[first, x]:
                    group |= 1 << f
            rest &= ~group
            total += search_value(values, chances, group, max(best, values[first, x]), steps - 1, greedy)
        if immediate > leading:
            leading, chosen = immediate, total
        else:
            chosen = min(chosen, total)
    return chosen


@compiled
def search_values(values: Array, chances: Array, steps: Integers, greedy: bool, out: Array) -> None:
    """:func:`search_value` of instances from the start: values (B, K, n), chances (B, K), steps (B,), out (B,)."""
    for b in range(values.shape[0]):
        everything = (1 << values.shape[1]) - 1
        out[b] = search_value(values[b], chances[b], everything, -np.inf, steps[b], greedy)
