"""Noise and tasks for many places at once: what :mod:`numerics.kernels.streams` says of one, entry by entry the same bits.

`where` holds run, step and slot of each place, 32-bit words in 64-bit integers.  Normal numbers come from polynomials
(:mod:`numerics.kernels.elementary`) and may differ in the last bits from those that the library's functions give.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.elementary import logarithms, wave
from numerics.kernels.streams import FINITE, GAUSSIAN, RADEMACHER, block, fraction, ones

Array = NDArray[Any]

_ONE = np.uint64(1)


@compiled
def fill_words(key: Array, where: Array, place: int, index: int, words: Array, count: int) -> None:
    """Block number `index` for one place of every entry, in `words` (4, entries)."""
    k0, k1 = key[0], key[1]
    for i in range(count):
        found = block(k0, k1, where[0, i], where[1, i], where[2, i], place, index)
        words[0, i], words[1, i], words[2, i], words[3, i] = found


@compiled
def fill_choices(cumulative: Array, key: Array, where: Array, place: int, words: Array, out: Array, count: int) -> None:
    """A task for every entry, from cumulated probabilities (1, n)."""
    last = cumulative.shape[1] - 1
    for i in range(count):
        out[i] = 0
    if last == 0:
        return
    fill_words(key, where, place, 0, words, count)
    for k in range(last):
        for i in range(count):
            out[i] += fraction(words[0, i], words[1, i]) >= cumulative[0, k]


@compiled
def fill_variates(
    noise: Any,
    calls: int,
    p: int,
    key: Array,
    where: Array,
    place: int,
    words: Array,
    work: Array,
    out: Array,
    row: int,
    count: int,
) -> None:
    """Mean noise of `calls` calls for every entry: coordinate c in out[row + c]."""
    law, scale, table = noise
    used = 0
    for c in range(p):
        if law == RADEMACHER:
            for i in range(count):
                out[row + c, i] = 0.0
            left = calls
            while left > 0:
                if used % 4 == 0:
                    fill_words(key, where, place, used // 4, words, count)
                mask = (_ONE << np.uint64(min(left, 32))) - _ONE
                for i in range(count):
                    out[row + c, i] += float(ones(words[used % 4, i] & mask))
                used += 1
                left -= 32
            for i in range(count):
                out[row + c, i] = scale * (2.0 * out[row + c, i] - calls) / calls
        elif law == GAUSSIAN:
            if c % 2 == 0:
                fill_words(key, where, place, c // 2, words, count)
                for i in range(count):
                    work[0, i] = 1.0 - fraction(words[0, i], words[1, i])
                logarithms(work, 0, work, 1, count)
                size = scale / math.sqrt(calls)
                for i in range(count):
                    work[0, i] = size * math.sqrt(-2.0 * work[0, i])
            quarter = 1.0 if c % 2 == 0 else 0.0
            for i in range(count):
                out[row + c, i] = work[0, i] * wave(2.0 * math.pi * fraction(words[2, i], words[3, i]), quarter)
        elif law == FINITE:
            last = table.shape[1] - 1
            for i in range(count):
                out[row + c, i] = 0.0
            for _ in range(calls):
                if used % 2 == 0:
                    fill_words(key, where, place, used // 2, words, count)
                half = 2 * (used % 2)
                used += 1
                for i in range(count):
                    number, value = fraction(words[half, i], words[half + 1, i]), table[0, 0]
                    for k in range(last):
                        value = table[0, k + 1] if number >= table[1, k] else value
                    out[row + c, i] += value
            for i in range(count):
                out[row + c, i] = scale * out[row + c, i] / calls
