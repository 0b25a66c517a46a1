"""How integers become numbers: the blocks that decoders of instances are made of.

The same lines work on float arrays and on object arrays of rationals, because they use field operations alone.  Every block
maps all codes onto valid numbers, and zero codes onto the simplest ones; see :mod:`verify.instances.space` for what a code is.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

#: rotations only have to be generic: their angles need no more bits than this
ROTATION_BITS = 7
#: bits of a code from which whole numbers are made, and up to how many bits integers of numpy's hold them
WHOLE_BITS, _MOST_BITS = 24, 63
#: numbers of all scales reach from 2**-SCALES to 2**SCALES; offsets of whole instances stay where doubles keep some digits
SCALES, OFFSETS = 64, 40

Array = NDArray[Any]
Values = dict[Symbol, Any]

_QUOTIENT = np.frompyfunc(lambda numerator, denominator: Fraction(int(numerator), int(denominator)), 2, 1)


class Codes:
    """Hands out successive blocks of a batch of code vectors, and makes numbers of them.

    Parameters
    ----------
    codes : integer array (batch, length)
        Entries in ``[0, 2**bits]``.
    bits : int
        Resolution.
    exact : bool
        Whether numbers are ``Fraction`` objects or doubles.
    wide : bool
        Whether numbers without a natural scale or place come from all of them, instead of from around one.
    """

    def __init__(self, codes: Array, bits: int, exact: bool, wide: bool = False) -> None:
        self.codes, self.bits, self.exact, self.wide, self.used = codes, bits, exact, wide, 0
        #: first code, number and largest value of each block of whole numbers that was handed out
        self.whole: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, *shape: int) -> Array:
        """The next codes as an integer array of shape `shape` behind the batch."""
        size = prod(shape)
        block = self.codes[:, self.used : self.used + size]
        self.used += size
        if block.shape[1] < size:  # a pass over no codes that only counts how many there are
            block = np.zeros((len(self), size), np.int64)
        return block.reshape(len(self), *shape)

    # --- numbers ----------------------------------------------------------------------------------------------------------

    def ratio(self, numerator: Any, denominator: Any) -> Array:
        """A quotient of integer arrays as numbers."""
        if not self.exact:
            return np.asarray(np.asarray(numerator) / denominator)
        return np.asarray(_QUOTIENT(numerator, denominator), dtype=object)

    def scaled(self, mantissa: Any, low: int, exponent: Any) -> Array:
        """``(1 + mantissa / 2**low) * 2**exponent`` of integer arrays as numbers."""
        mantissa, exponent = np.asarray(mantissa), np.asarray(exponent)
        if not self.exact:
            return np.asarray(np.ldexp(1 + mantissa / (1 << low), exponent))
        scale = np.frompyfunc(lambda m, e: Fraction((1 << low) + int(m), 1 << low) * Fraction(2) ** int(e), 2, 1)
        return np.asarray(scale(mantissa, exponent), dtype=object)

    def unit(self, *shape: int, left_open: bool = False, right_open: bool = False, bits: int | None = None) -> Array:
        """Numbers of [0, 1] in steps of 2**-bits, ends excluded as asked."""
        codes, used = self.take(*shape), self.bits
        if bits is not None and bits < used:
            codes, used = codes >> (used - bits), bits
        return self.ratio(codes + int(left_open), (1 << used) + int(left_open) + int(right_open))

    def positive(self, *shape: int) -> Array:
        """Positive numbers, 1 for the zero code: of (0, 5), or of 2**-64 to 2**64 where the cell is wide."""
        codes, half = self.take(*shape), 1 << (self.bits - 1)
        if self.wide:
            step = np.where(codes < half, codes, 2 * half - codes)  # up from 1, then down from 1
            whole, part, low = self._split(step, half)
            up = self.scaled(part, low, whole)
            return np.asarray(np.where(codes < half, up, 1 / up))
        below = self.ratio(np.maximum(2 * half + 1 - codes, 1), half + 1)
        return np.where(codes < half, self.ratio(half + 4 * codes, half), below)

    def nonnegative(self, *shape: int) -> Array:
        """Numbers that are at least zero, 0 for the zero code: of [0, 5], or 2**-64 to 2**64 where the cell is wide."""
        if not self.wide:
            return np.asarray(5 * self.unit(*shape))
        codes = self.take(*shape)
        return np.asarray(np.where(codes == 0, self.ratio(codes, 1 << self.bits), self._magnitude(codes)))

    def anywhere(self, *shape: int) -> Array:
        """Numbers of either sign, 0 for the zero code: of [-5, 5], or of sizes 2**-64 to 2**64 where the cell is wide."""
        codes, half = self.take(*shape), 1 << (self.bits - 1)
        size = np.where(codes <= half, codes, codes - half) * 2  # twice: up to the top in either half
        if self.wide:
            magnitude = np.where(size == 0, self.ratio(size, half), self._magnitude(np.minimum(size, 2 * half)))
        else:
            magnitude = 5 * self.ratio(size, 2 * half)
        return np.asarray(np.where(codes <= half, magnitude, -magnitude))

    def _split(self, step: Array, top: int) -> tuple[Array, Array, int]:
        """Whole and part of an exponent that grows from 0 to about :data:`SCALES` as `step` does from 0 to `top`."""
        low = max(top.bit_length() - 1 - SCALES.bit_length() + 1, 0)
        scale = max(1, SCALES >> (top.bit_length() - 1)) if low == 0 else 1
        return (step >> low) * scale, step & ((1 << low) - 1), low

    def _magnitude(self, codes: Array) -> Array:
        """2**-SCALES and more for the code 1, on to 2**SCALES for the largest."""
        top = 1 << self.bits
        low = max(self.bits - (2 * SCALES).bit_length() + 1, 0)
        scale = max(1, 2 * SCALES // top)
        return self.scaled(codes & ((1 << low) - 1), low, (codes >> low) * scale - SCALES)

    def weights(self, *shape: int) -> Array:
        """Positive numbers from 1 (zero code) down to 2**-32: floating-point like, continuous in the code."""
        codes, low = self.take(*shape), max(self.bits - 5, 1)
        whole, part = codes >> low, codes & ((1 << low) - 1)
        return np.asarray(self.ratio((2 << low) - part, 2 << low) * self.scaled(0, 0, -whole))

    def probabilities(self, count: int) -> Array:
        """Probabilities (batch, count) proportional to :meth:`weights`."""
        weights = self.weights(count)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    # --- whole numbers ----------------------------------------------------------------------------------------------------

    def integers(self, *shape: int, most: int) -> Array:
        """Whole numbers 0 (zero code) to `most`, an integer array in either kind of number.

        Each of them has codes: from 2**24 on a number takes several codes, its digits, where one has too few values.

        Raises
        ------
        ValueError
            If `most` is negative or 2**63 or more.
        TypeError
            If it is no integer.
        """
        if isinstance(most, bool) or not isinstance(most, Integral):
            raise TypeError(f"most is {most!r}; the largest of whole numbers must be an integer")
        most = int(most)
        if not 0 <= most < 1 << _MOST_BITS:
            raise ValueError(f"most is {most}; whole numbers of codes go from 0 to at most 2**63 - 1")
        if most >= 1 << WHOLE_BITS:
            return self._large(*shape, most=most)
        self.whole.append((self.used, int(np.prod(shape, dtype=int)), most))
        kept = min(self.bits, WHOLE_BITS)  # so that the product below stays an integer of 64 bits
        codes = self.take(*shape) >> (self.bits - kept)
        return np.asarray(np.minimum(codes * (most + 1) >> kept, most))

    def _large(self, *shape: int, most: int) -> Array:
        """Whole numbers 0 to a large `most`: as many codes as reach all of them are the digits of one, in Python's integers."""
        digits = -(-most.bit_length() // self.bits)
        self.whole.append((self.used, int(np.prod(shape, dtype=int)), most))
        position = np.zeros((len(self), *shape), dtype=object)
        for _ in range(digits):
            position = (position << self.bits) + self.take(*shape).astype(object)
        return np.minimum(position * (most + 1) >> digits * self.bits, most).astype(np.int64)

    def signs(self, *shape: int) -> Array:
        """1 (zero code) or -1, an integer array in either kind of number."""
        return np.asarray(1 - 2 * self.integers(*shape, most=1))

    # --- points and matrices ----------------------------------------------------------------------------------------------

    def points(self, count: int, dim: int) -> Array:
        """Points (batch, count, dim) of the unit cube; where the cell is wide, moved and scaled together."""
        points = self.unit(count, dim)
        if not self.wide:
            return points
        return np.asarray(self.size()[..., None] * points + self.offset(dim)[:, None])

    def size(self) -> Array:
        """One scale (batch, 1) of a whole instance: 1 for the zero code and where the cell is not wide."""
        if not self.wide:
            return np.asarray(self.ratio(np.ones((len(self), 1), int), 1))
        exponent = self.integers(1, most=2 * OFFSETS)
        return self.scaled(0 * exponent, 0, np.where(exponent <= OFFSETS, exponent, OFFSETS - exponent))

    def offset(self, dim: int) -> Array:
        """One place (batch, dim) of a whole instance: 0 for the zero code and where the cell is not wide."""
        if not self.wide:
            return np.asarray(self.ratio(np.zeros((len(self), dim), int), 1))
        step = self.integers(dim, most=2 * OFFSETS)
        size = self.scaled(0 * step, 0, np.where(step <= OFFSETS, step, step - OFFSETS) - OFFSETS // 2)
        return np.asarray(np.where(step == 0, self.ratio(0 * step, 1), np.where(step <= OFFSETS, size, -size)))

    def identity(self, count: int, dim: int) -> Array:
        """Identity matrices (batch, count, dim, dim)."""
        one = self.ratio(np.eye(dim, dtype=int), 1)
        return np.broadcast_to(one, (len(self), count, dim, dim))

    def rotations(self, count: int, dim: int) -> Array:
        """Rotations (batch, count, dim, dim): orthogonal matrices of determinant 1, of any orientation; the identity for zero
        codes.

        They are products of one rotation in every plane of two axes, each by any angle, which make up all rotations.
        """
        rotation = self.identity(count, dim).copy()
        for i in range(dim):
            for j in range(i + 1, dim):
                cosine, sine = self._angles(count)
                first, second = rotation[..., i].copy(), rotation[..., j].copy()
                rotation[..., i], rotation[..., j] = cosine * first + sine * second, cosine * second - sine * first
        return rotation

    def _angles(self, count: int) -> tuple[Array, Array]:
        """Cosines and sines (batch, count, 1) of angles of the whole circle, which grow with the code from 0 to a full turn.

        Half of the codes are for the first quarter, so that few bits make more than quarter turns; half-angle tangents make
        both rational.
        """
        used = min(self.bits, ROTATION_BITS)
        step, half = self.take(count)[..., None] >> (self.bits - used), 1 << (used - 1)
        step = np.where(step <= half, step, half + 3 * (step - half))
        quarters, part = np.where(step == half, 0, step // half), np.where(step == half, half, step % half)
        tangent = self.ratio(part, half)
        norm = 1 + tangent * tangent
        cosine, sine = (1 - tangent * tangent) / norm, (tangent + tangent) / norm
        along, across = np.array([1, 0, -1, 0])[quarters % 4], np.array([0, 1, 0, -1])[quarters % 4]
        return np.asarray(along * cosine - across * sine), np.asarray(across * cosine + along * sine)


def congruence(basis: Array, diagonal: Array) -> Array:
    """basis diag(diagonal) basis', a matrix per leading index."""
    return np.asarray((basis * diagonal[..., None, :]) @ np.swapaxes(basis, -1, -2))
