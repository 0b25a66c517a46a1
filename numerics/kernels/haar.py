"""Haar rotations, drawn as Householder reflectors and applied without being formed.

V = H_0 H_1 ... H_{p-2}, where H_k reflects in the last p - k coordinates and takes the first of them to the direction of a
Gaussian vector, is Haar distributed up to the signs of its columns (Stewart 1980), which V diag(q) V' does not see.  Half the
variates of a QR factorisation, and nothing to factorise.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.blas import add_product

Array = NDArray[np.float64]

#: coordinates in which reflectors are applied to columns one at a time; the others go in panels
DIRECT = 48
PANEL = 24


@compiled
def _reflector(vectors: Array, end: int, size: int) -> tuple[float, float]:
    """First entry and tau of the reflector I - tau v v' made from the `size` normal variates that stop at `end`."""
    square = 0.0
    for i in range(end - size, end):
        square += vectors[i] * vectors[i]
    first = vectors[end - size]
    # |v| joins v[0] with its sign, so that nothing cancels; the sign this leaves in a column of V is irrelevant
    head = first + math.copysign(math.sqrt(square), first)
    return head, 2.0 / (square - first * first + head * head)


@compiled
def _reflect(vectors: Array, end: int, columns: Array, offset: int, start: int) -> None:
    """Apply H_start ... H_{p-2} to the rows from `start` on; `vectors` up to `end` are theirs."""
    p, width = columns.shape
    r = width // 2
    row = np.empty(width)
    for k in range(p - 2, start - 1, -1):
        size = p - k
        head, tau = _reflector(vectors, end, size)
        v = vectors[end - size : end]
        end -= size
        zeros = min(max(0, k - offset), r)
        part = row[: 2 * (r - zeros)]
        top = columns[k, zeros : width - zeros]
        for c in range(part.shape[0]):
            part[c] = head * top[c]
        for i in range(1, size):
            source = columns[k + i, zeros : width - zeros]
            factor = v[i]
            for c in range(part.shape[0]):
                part[c] += factor * source[c]
        for c in range(part.shape[0]):
            part[c] *= tau
            top[c] -= head * part[c]
        for i in range(1, size):
            target = columns[k + i, zeros : width - zeros]
            factor = v[i]
            for c in range(part.shape[0]):
                target[c] -= factor * part[c]


@compiled
def _panel(vectors: Array, end: int, reflectors: Array, triangle: Array, inner: Array) -> int:
    """Y and the lower triangle L of a product of reflectors I - Y' L' Y (Schreiber and Van Loan 1989).

    The reflectors' variates stop at `end`; returned is where those of the reflectors before them do.
    """
    number, size = reflectors.shape
    for k in range(number - 1, -1, -1):
        length = size - k
        head, tau = _reflector(vectors, end, length)
        for j in range(k):
            reflectors[k, j] = 0.0
        for j in range(length):
            reflectors[k, k + j] = vectors[end - length + j]
        for j in range(number):
            triangle[k, j] = 0.0
        reflectors[k, k] = head
        triangle[k, k] = tau
        end -= length
    add_product(1.0, reflectors, reflectors.T, 0.0, inner)
    for k in range(number):
        for j in range(k):
            factor = triangle[k, k] * inner[k, j]
            for i in range(j + 1):
                triangle[k, i] -= factor * triangle[j, i]
    return end


@compiled
def rotate(vectors: Array, scales: Array, columns: Array, offset: int, scratch: Array) -> None:
    """Turn two factors into V diag(scales) times them.

    Parameters
    ----------
    vectors : array (p (p + 1) / 2 - 1,)
        Standard normal variates: p for H_0, p - 1 for H_1, ..., 2 for H_{p-2}.
    scales : array (p,)
        Diagonal.
    columns : array (p, 2 r)
        The factors in the layout of :mod:`numerics.kernels.wishart`: row k is zero outside its columns k - offset to
        2 r - 1 - (k - offset).  That is not checked, and used.  Overwritten.
    offset : int
        p - r for triangular and trapezoidal factors; p or more for full ones.
    scratch : array (at least PANEL (p + 4 r + 2 PANEL),)
        Workspace.
    """
    p, width = columns.shape
    r = width // 2
    for i in range(p):
        for j in range(width):
            columns[i, j] *= scales[i]
    panels = 0 if p <= DIRECT else (p - DIRECT + PANEL - 1) // PANEL
    start = panels * PANEL
    end = vectors.shape[0]
    _reflect(vectors, end, columns, offset, start)
    end -= (p - start) * (p - start + 1) // 2 - 1
    for _ in range(panels):
        before = min(max(0, start - offset), r)
        start -= PANEL
        size, zeros = p - start, min(max(0, start - offset), r)
        wide, fresh = width - 2 * zeros, before - zeros
        inner = scratch[: PANEL * PANEL].reshape(PANEL, PANEL)
        triangle = scratch[PANEL * PANEL : 2 * PANEL * PANEL].reshape(PANEL, PANEL)
        used = 2 * PANEL * PANEL
        reflectors = scratch[used : used + PANEL * size].reshape(PANEL, size)
        used += PANEL * size
        image = scratch[used : used + PANEL * wide].reshape(PANEL, wide)
        turned = scratch[used + PANEL * wide : used + 2 * PANEL * wide].reshape(PANEL, wide)
        end = _panel(vectors, end, reflectors, triangle, inner)
        block = columns[start:, zeros : width - zeros]
        # the panel's own rows alone reach into the outermost columns
        add_product(1.0, reflectors, block[:, fresh : wide - fresh], 0.0, image[:, fresh : wide - fresh])
        if fresh > 0:
            own = reflectors[:, :PANEL]
            add_product(1.0, own, block[:PANEL, :fresh], 0.0, image[:, :fresh])
            add_product(1.0, own, block[:PANEL, wide - fresh :], 0.0, image[:, wide - fresh :])
        add_product(1.0, triangle.T, image, 0.0, turned)
        add_product(-1.0, reflectors.T, turned, 1.0, block)
