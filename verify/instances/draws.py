"""Compiled pieces of judging: codes at random, and how two sides compare.

Random codes are a function of a seed and the instance's number, so that a loop need not store what it has drawn.  The bits are
those of the splitmix64 generator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

#: sides below this part of the instance's natural scale are rounding, so doubles say nothing about them
ROUNDING = 1e-12
#: numbers this small may be what is left of smaller ones
TINY = 1e-280

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: shifts, as the kind of integer that they are applied to: numba makes a double of a signed and an unsigned one
_4, _27, _30, _31 = (np.uint64(bits) for bits in (4, 27, 30, 31))


# --- codes --------------------------------------------------------------------------------------------------------------------


@compiled
def _mixed(state: np.uint64) -> np.uint64:
    """64 random bits from a counter."""
    state = (state ^ (state >> _30)) * _FIRST
    state = (state ^ (state >> _27)) * _SECOND
    return state ^ (state >> _31)


@compiled
def _signed(word: np.uint64) -> int:
    """A word below 2**63 as the integer it is."""
    return np.int64(word)  # type: ignore


@compiled
def draw(seed: int, index: int, bits: int, codes: NDArray[np.int64]) -> None:
    """Fill `codes` with those of instance number `index`: integers in ``[0, 2**bits]``.

    Each code is uniform, zero, at either end, within a power of two of either end (every power alike), or a repetition of one
    of the first three to within one.  How often which, is drawn for every instance anew: what is extreme is often aligned,
    repeated or at an end in most coordinates, and somewhere particular in the rest.
    """
    top, state = 1 << bits, _mixed(np.uint64(seed) ^ _mixed(np.uint64(index)))
    word = _signed(state >> _4)
    uniform = word & 0xFFF
    zero = uniform + (word >> 12 & 0xFFF)
    end = zero + (word >> 24 & 0xFFF)
    near = end + (word >> 36 & 0xFFF)
    total = near + (word >> 48) + 1
    for j in range(codes.shape[0]):
        state += _STEP
        word = _signed(_mixed(state) >> _4)
        share, bit, part, number = (word & 0xFFFF) * total >> 16, word >> 16 & 1, word >> 17 & 0x7FF, word >> 28
        # every kind is made and one is chosen: a branch that cannot be predicted would cost more
        scale = 1 << (part * bits >> 11)
        distance = scale + (number * scale >> 32 if bits <= 30 else (number >> 16) * (scale >> 16))
        other = min(max(codes[part * min(3, j) >> 11] + number % 3 - 1, 0), top)
        fine = (number << bits - 32 if bits > 32 else number >> 32 - bits) + share
        code = number * (top + 1) >> 32 if bits <= 30 else min(fine, top)
        code = other if share >= near and j > 0 else code
        code = (top - distance if bit else distance) if end <= share < near else code
        code = top * bit if zero <= share < end else code
        codes[j] = 0 if uniform <= share < zero else code


@compiled
def fill(seed: int, first: int, bits: int, codes: NDArray[np.int64]) -> None:
    """Fill the rows of `codes` with those of the instances from number `first` on."""
    for row in range(codes.shape[0]):
        draw(seed, first + row, bits, codes[row])


# --- sides --------------------------------------------------------------------------------------------------------------------


@compiled
def gap(lhs: float, rhs: float, scale: float, inequality: bool) -> float:
    """How far lhs exceeds rhs (differs from it, for an equality) relative to both; -1 where they are rounding or undefined."""
    size = abs(lhs) + abs(rhs)
    if not np.isfinite(size):
        return -1.0
    if inequality:
        return (lhs - rhs) / size if size > ROUNDING * scale else -1.0
    found = abs(lhs - rhs) / np.maximum(size, np.maximum(scale, 1e-300))
    return -1.0 if np.isnan(found) else found


@compiled
def compare(
    lhs: NDArray[np.float64],
    rhs: NDArray[np.float64],
    scale: NDArray[np.float64],
    inequality: bool,
    gaps: NDArray[np.float64],
    ratios: NDArray[np.float64],
    undefined: NDArray[np.bool_],
    close: NDArray[np.bool_],
) -> None:
    """Compare sides (batch, p) of instances with natural scales (batch,): the largest gap and ratio over components.

    `close` says where doubles cannot tell the sides apart: they are the same to rounding, or what they are made of underflows.
    """
    for b in range(lhs.shape[0]):
        worst, ratio = -1.0, -np.inf
        for j in range(lhs.shape[1]):
            left, right = lhs[b, j], rhs[b, j]
            if not (np.isfinite(left) and np.isfinite(right)):
                undefined[b] = True
            worst = max(worst, gap(left, right, scale[b], inequality))
            size = abs(left) + abs(right)
            if abs(left - right) <= ROUNDING * max(size, scale[b]) or size < TINY:
                close[b] = True
            if right != 0.0 and abs(left) + abs(right) > ROUNDING * scale[b] and np.isfinite(left / right):
                ratio = max(ratio, left / right)
        gaps[b] = -1.0 if undefined[b] else worst
        ratios[b] = ratio if np.isfinite(ratio) and not undefined[b] else np.nan
