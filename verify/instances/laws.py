"""How integers become tasks: one function per law of tasks that a claim may quantify over.

The same lines work on float arrays and on object arrays of rationals, because they use field operations alone.  Every function
maps all codes onto valid tasks; see :mod:`verify.instances.space` for what a code is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from theory.notation import alpha, beta, nu, root_l, root_u

#: rotations only have to be generic: their half-angle tangents need no more bits than this
ROTATION_BITS = 6

Array = NDArray[Any]


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
    """

    def __init__(self, codes: Array, bits: int, exact: bool) -> None:
        self.codes, self.bits, self.exact, self.used = codes, bits, exact, 0

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, *shape: int) -> Array:
        """The next codes as an integer array of shape `shape` behind the batch."""
        size = int(np.prod(shape, dtype=int))
        block = self.codes[:, self.used : self.used + size]
        self.used += size
        if block.shape[1] < size:  # a pass over no codes that only counts how many there are
            block = np.zeros((len(self), size), np.int64)
        return block.reshape(len(self), *shape)

    def ratio(self, numerator: Any, denominator: Any) -> Array:
        """A quotient of integer arrays as numbers."""
        if not self.exact:
            return np.asarray(np.asarray(numerator) / denominator)
        quotient = np.frompyfunc(lambda a, b: Fraction(int(a), int(b)), 2, 1)(numerator, denominator)
        return np.asarray(quotient, dtype=object)

    def unit(self, *shape: int, left_open: bool = False, right_open: bool = False, bits: int | None = None) -> Array:
        """Numbers of [0, 1] in steps of 2**-bits, ends excluded as asked."""
        codes, used = self.take(*shape), self.bits
        if bits is not None and bits < used:
            codes, used = codes >> (used - bits), bits
        return self.ratio(codes + int(left_open), (1 << used) + int(left_open) + int(right_open))

    def positive(self, *shape: int) -> Array:
        """Numbers of (0, 5): 1 for the zero code, then on to 5, then from 1 down to nearly 0."""
        codes, half = self.take(*shape), 1 << (self.bits - 1)
        below = self.ratio(np.maximum(2 * half + 1 - codes, 1), half + 1)
        return np.where(codes < half, self.ratio(half + 4 * codes, half), below)

    def weights(self, *shape: int) -> Array:
        """Positive numbers from 1 (zero code) down to 2**-32: floating-point like, continuous in the code."""
        codes, low = self.take(*shape), max(self.bits - 5, 1)
        whole, part = codes >> low, codes & ((1 << low) - 1)
        return self.ratio((2 << low) - part, np.int64(2 << low) << whole)

    def probabilities(self, count: int) -> Array:
        """Probabilities (batch, count) proportional to :meth:`weights`."""
        weights = self.weights(count)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def identity(self, count: int, dim: int) -> Array:
        """Identity matrices (batch, count, dim, dim)."""
        one = self.ratio(np.eye(dim, dtype=int), 1)
        return np.broadcast_to(one, (len(self), count, dim, dim))

    def rotations(self, count: int, dim: int) -> Array:
        """Orthogonal matrices (batch, count, dim, dim), a product of plane rotations; the identity for zero codes."""
        rotation = self.identity(count, dim).copy()
        for i in range(dim):
            for j in range(i + 1, dim):
                tangent = self.unit(count, bits=ROTATION_BITS)[..., None]
                norm = 1 + tangent * tangent
                cosine, sine = (1 - tangent * tangent) / norm, (tangent + tangent) / norm
                first, second = rotation[..., i].copy(), rotation[..., j].copy()
                rotation[..., i], rotation[..., j] = cosine * first + sine * second, cosine * second - sine * first
        return rotation


@dataclass
class TaskArrays:
    """A batch of finite task distributions.

    Attributes
    ----------
    probabilities, optima, eigenvalues, eigenvectors : array
        (batch, n), (batch, n, p), (batch, n, p), (batch, n, p, p).
    families : dict
        Named per-task weight matrices, (batch, n, p, p).
    """

    probabilities: Array
    optima: Array
    eigenvalues: Array
    eigenvectors: Array
    families: dict[str, Array] = field(default_factory=dict)


Values = dict[Symbol, Any]


def congruence(basis: Array, diagonal: Array) -> Array:
    """basis diag(diagonal) basis', a matrix per leading index."""
    return np.asarray((basis * diagonal[..., None, :]) @ np.swapaxes(basis, -1, -2))


def _spectra(codes: Codes, values: Values, count: int, dim: int) -> Array:
    """Eigenvalues from beta (zero code) down to nu; the first task's strictly between, so that expectations are invertible."""
    first = codes.unit(1, dim, left_open=True, right_open=True)
    fraction = np.concatenate([first, codes.unit(count - 1, dim)], axis=1)
    top = values[beta][..., None] if beta in values else 1
    bottom = values[nu][..., None] if nu in values else 0
    return np.asarray(top - (top - bottom) * fraction)


def _free(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.unit(count, dim),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=codes.rotations(count, dim),
    )


def _commuting(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.unit(count, dim),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=np.repeat(codes.rotations(1, dim), count, axis=1),
    )


def _scalar_spectrum(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.unit(count, dim),
        eigenvalues=np.repeat(_spectra(codes, values, count, 1), dim, axis=2),
        eigenvectors=codes.identity(count, dim),
    )


def _common_curvature(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.unit(count, dim),
        eigenvalues=np.repeat(_spectra(codes, values, 1, dim), count, axis=1),
        eigenvectors=np.repeat(codes.rotations(1, dim), count, axis=1),
    )


def _common_optimum(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=np.repeat(codes.unit(1, dim), count, axis=1),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=codes.rotations(count, dim),
    )


def _independent(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """The product of a law of curvatures with `count` atoms and a law of optima with two."""
    probabilities = codes.probabilities(count)[:, :, None] * codes.probabilities(2)[:, None, :]
    return TaskArrays(
        probabilities=probabilities.reshape(len(codes), 2 * count),
        optima=np.tile(codes.unit(2, dim), (1, count, 1)),
        eigenvalues=np.repeat(_spectra(codes, values, count, dim), 2, axis=1),
        eigenvectors=np.repeat(codes.rotations(count, dim), 2, axis=1),
    )


def _easy_and_hard(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """`count` easy tasks of curvature 1/alpha, solved by one exact step, then `count` hard ones of one smaller curvature."""
    easy = 1 / values[alpha]
    hard = easy * codes.unit(1, left_open=True, right_open=True)
    curvatures = np.concatenate([np.repeat(easy, count, axis=1), np.repeat(hard, count, axis=1)], axis=1)
    return TaskArrays(
        probabilities=codes.probabilities(2 * count),
        optima=codes.unit(2 * count, dim),
        eigenvalues=np.repeat(curvatures[:, :, None], dim, axis=2),
        eigenvectors=codes.identity(2 * count, dim),
    )


def _weight_pairs(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """A = G G' and B = G D G' with G invertible and the spectrum of D in (l, u]: all definite pairs with l A <= B <= u A."""
    rotation = codes.rotations(count, dim)
    root = 1 - codes.unit(count, dim, right_open=True)
    top, bottom = (values[symbol][..., None] ** 2 for symbol in (root_u, root_l))
    ratios = congruence(codes.rotations(count, dim), top - (top - bottom) * codes.unit(count, dim, right_open=True))
    factor = rotation * root[..., None, :]
    deployed = factor @ ratios @ np.swapaxes(factor, -1, -2)
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.unit(count, dim),
        eigenvalues=root * root,
        eigenvectors=rotation,
        # rounding leaves B symmetric only to the last bit
        families={"A": congruence(rotation, root * root), "B": (deployed + np.swapaxes(deployed, -1, -2)) / 2},
    )


#: a maker of tasks by the name of its law; "spectrum_tied" is missing because it has parameters and no codes
LAWS: dict[str, Callable[[Codes, Values, int, int], TaskArrays]] = {
    "free": _free,
    "commuting": _commuting,
    "scalar_spectrum": _scalar_spectrum,
    "common_curvature": _common_curvature,
    "common_optimum": _common_optimum,
    "independent": _independent,
    "easy_and_hard": _easy_and_hard,
    "weight_pairs": _weight_pairs,
}

#: parameters without which tasks of a law cannot be made
NEEDED: dict[str, tuple[Symbol, ...]] = {
    "weight_pairs": (root_l, root_u),
    "easy_and_hard": (alpha,),
    "spectrum_tied": (beta,),
}
