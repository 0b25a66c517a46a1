"""Random bits as a pure function of where they are used: the counter-based generator Philox4x32-10 (Salmon et al., 2011).

A stream has a key of two 32-bit words; a block of four words is a function of the key and of a counter (block, place, step,
run). Nothing is carried along, so that the noise of a run does not depend on which thread computes it, on what was computed
before, or on the algorithm it disturbs: two algorithms that ask at the same place get the same noise.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled, inlined

Array = NDArray[Any]

#: laws of a coordinate of the noise; a minibatch is no additive noise, the oracle draws terms of the risk instead
NONE, RADEMACHER, GAUSSIAN, FINITE, MINIBATCH = range(5)

#: places at which a step of an algorithm asks for bits; gradients are numbered from 0, Hessians from `HESSIAN` on
HESSIAN, TEST, FRESH_TASK, TASK = 2**14, 2**15, 2**15 + 1, 2**15 + 2

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_ELEVEN, _PLACES = np.uint64(11), np.uint64(2**16)
_ONE, _TWO, _FOUR = np.uint64(1), np.uint64(2), np.uint64(4)
_FIVES, _THREES, _NIBBLES = np.uint64(0x55555555), np.uint64(0x33333333), np.uint64(0x0F0F0F0F)
_BYTES, _TOP = np.uint64(0x01010101), np.uint64(24)


class Noise(NamedTuple):
    """A law of independent coordinates, as kernels take it.

    Parameters
    ----------
    law : int
        One of the codes of this module.
    scale : float
        Standard deviation of a coordinate of one call.
    table : array (2, m)
        Values of a finite law, in units of `scale`, and their cumulated probabilities.
    """

    law: int
    scale: float
    table: Array


@inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Four 32-bit words, held in 64-bit integers, of a counter and a key of such words."""
    for _ in range(10):
        first = _MULTIPLIERS[0] * c0
        second = _MULTIPLIERS[1] * c2
        c0 = (second >> _HALF) ^ c1 ^ k0
        c1 = second & _LOW
        c2 = (first >> _HALF) ^ c3 ^ k1
        c3 = first & _LOW
        k0 = (k0 + _WEYL[0]) & _LOW
        k1 = (k1 + _WEYL[1]) & _LOW
    return c0, c1, c2, c3


@inlined
def block(k0: Any, k1: Any, run: Any, step: int, slot: int, place: int, index: int) -> tuple[Any, Any, Any, Any]:
    """Block number `index` of the bits for one place of one task slot of one step of one run."""
    where = (np.uint64(slot) * _PLACES + np.uint64(place)) & _LOW
    return philox(np.uint64(index) & _LOW, where, np.uint64(step) & _LOW, np.uint64(run) & _LOW, k0, k1)


@inlined
def word(words: Any, index: int) -> Any:
    """One of four words."""
    if index == 0:
        return words[0]
    if index == 1:
        return words[1]
    if index == 2:
        return words[2]
    return words[3]


@inlined
def fraction(high: Any, low: Any) -> float:
    """A number in [0, 1) of 53 random bits."""
    return float(((high << _HALF) | low) >> _ELEVEN) * 2.0**-53


@inlined
def below(word: Any, number: int) -> int:
    """A whole number below `number` from one word, uniform to within number/2^32."""
    return int((word * np.uint64(number)) >> _HALF)


@inlined
def ones(bits: Any) -> int:
    """Number of ones among 32 bits."""
    bits = bits - ((bits >> _ONE) & _FIVES)
    bits = (bits & _THREES) + ((bits >> _TWO) & _THREES)
    bits = (bits + (bits >> _FOUR)) & _NIBBLES
    return int(((bits * _BYTES) & _LOW) >> _TOP)


@inlined
def draw_task(cumulative: Array, k0: Any, k1: Any, run: Any, step: int, slot: int, place: int) -> int:
    """A task of a step, from cumulated probabilities (1, n)."""
    last = cumulative.shape[1] - 1
    if last == 0:
        return 0
    words = block(k0, k1, run, step, slot, place, 0)
    number = fraction(words[0], words[1])
    i = 0
    while i < last and number >= cumulative[0, i]:
        i += 1
    return i


@inlined
def add_noise(
    law: int,
    scale: float,
    table: Array,
    calls: int,
    k0: Any,
    k1: Any,
    run: Any,
    step: int,
    slot: int,
    place: int,
    out: Array,
    row: int,
) -> None:
    """Add the mean noise of `calls` calls to the coordinates of out[row]."""
    dimension = out.shape[1]
    used = 0
    words = block(k0, k1, run, step, slot, place, 0)
    for i in range(dimension):
        if law == RADEMACHER:
            total, left = 0, calls
            while left > 0:
                if used > 0 and used % 4 == 0:
                    words = block(k0, k1, run, step, slot, place, used // 4)
                bits = word(words, used % 4)
                used += 1
                if left < 32:
                    bits &= (_ONE << np.uint64(left)) - _ONE
                total += ones(bits)
                left -= 32
            out[row, i] += scale * (2 * total - calls) / calls
        elif law == GAUSSIAN:
            if i > 0 and i % 2 == 0:
                words = block(k0, k1, run, step, slot, place, i // 2)
            # 1 - fraction is in (0, 1], so that the logarithm is finite
            radius = scale / math.sqrt(calls) * math.sqrt(-2.0 * math.log(1.0 - fraction(words[0], words[1])))
            angle = 2.0 * math.pi * fraction(words[2], words[3])
            out[row, i] += radius * (math.cos(angle) if i % 2 == 0 else math.sin(angle))
        elif law == FINITE:
            mean = 0.0
            last = table.shape[1] - 1
            for _ in range(calls):
                if used > 0 and used % 2 == 0:
                    words = block(k0, k1, run, step, slot, place, used // 2)
                number = fraction(word(words, 2 * (used % 2)), word(words, 2 * (used % 2) + 1))
                used += 1
                k = 0
                while k < last and number >= table[1, k]:
                    k += 1
                mean += table[0, k]
            out[row, i] += scale * mean / calls


@compiled
def fill_noise(noise: Any, calls: int, key: Array, runs: Array, step: int, place: int, out: Array) -> None:
    """Mean noise of `calls` calls for every run and task slot, in `out` (runs * slots, p)."""
    law, scale, table = noise
    slots = out.shape[0] // runs.shape[0]
    for i in range(out.shape[0]):
        out[i, :] = 0.0
        add_noise(law, scale, table, calls, key[0], key[1], runs[i // slots], step, i % slots, place, out, i)


@compiled
def fill_tasks(cumulative: Array, key: Array, runs: Array, step: int, place: int, out: Array) -> None:
    """The tasks of a step for every run and task slot, in `out` (runs, slots)."""
    for i in range(out.shape[0]):
        for slot in range(out.shape[1]):
            out[i, slot] = draw_task(cumulative, key[0], key[1], runs[i], step, slot, place)
