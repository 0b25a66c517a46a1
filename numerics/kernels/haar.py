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

Array = NDArray[np.float64]

#: coordinates in which reflectors are applied one at a time; the others go in panels of products I - Y T Y'
DIRECT = 64
PANEL = 32


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
def rotate(vectors: Array, scales: Array, columns: Array, offset: int, first: Array, second: Array, scratch: Array) -> None:
    """Fill `first` and `second` with the halves of V diag(scales) columns.

    Parameters
    ----------
    vectors : array (p (p + 1) / 2 - 1,)
        Standard normal variates: p for H_0, p - 1 for H_1, ..., 2 for H_{p-2}.
    scales : array (p,)
        Diagonal.
    columns : array (p, 2 r)
        Two factors in the layout of :mod:`numerics.kernels.wishart`: row k is zero outside its columns k - offset to
        2 r - 1 - (k - offset).  That is not checked, and used.  Overwritten.
    offset : int
        p - r for triangular and trapezoidal factors; p or more for full ones.
    first, second : array (p, r)
        Receive the left and the right half of the columns.
    scratch : array (at least 6 p r + 3 PANEL (p + 2 r + PANEL),)
        Workspace.
    """
    p, width = columns.shape
    r = width // 2
    panels = 0 if p <= DIRECT else (p - DIRECT + PANEL - 1) // PANEL
    start = panels * PANEL
    end = vectors.shape[0]
    for i in range(start, p):
        for j in range(width):
            columns[i, j] *= scales[i]
    _reflect(vectors, end, columns, offset, start)
    if panels == 0:
        for i in range(p):
            for j in range(r):
                first[i, j] = columns[i, j]
                second[i, j] = columns[i, r + j]
        return
    end -= (p - start) * (p - start + 1) // 2 - 1
    area = p * width
    now, later, product = scratch[:area], scratch[area : 2 * area], scratch[2 * area : 3 * area]
    rest = scratch[3 * area :]
    size, zeros = p - start, min(max(0, start - offset), r)
    before = now[: size * (width - 2 * zeros)].reshape(size, width - 2 * zeros)
    change = product[: size * (width - 2 * zeros)].reshape(size, width - 2 * zeros)
    for i in range(size):
        for j in range(width - 2 * zeros):
            before[i, j] = columns[start + i, zeros + j]
            change[i, j] = 0.0
    for _ in range(panels):
        # widen by the panel's own rows and by the columns that start in them; the last panel's change is subtracted on the way
        shift = zeros
        start -= PANEL
        size, zeros = p - start, min(max(0, start - offset), r)
        shift -= zeros
        wide = width - 2 * zeros
        block = later[: size * wide].reshape(size, wide)
        for i in range(PANEL):
            for j in range(wide):
                block[i, j] = scales[start + i] * columns[start + i, zeros + j]
        for i in range(size - PANEL):
            for j in range(shift):
                block[PANEL + i, j] = 0.0
                block[PANEL + i, wide - 1 - j] = 0.0
            middle = block[PANEL + i, shift : wide - shift]
            for j in range(middle.shape[0]):
                middle[j] = before[i, j] - change[i, j]
        # H_start ... H_{start+PANEL-1} = I - Y T Y' with T upper triangular, here transposed, by the forward recurrence
        reflectors = rest[: PANEL * size].reshape(PANEL, size)
        inner = rest[PANEL * size : PANEL * (size + PANEL)].reshape(PANEL, PANEL)
        triangle = rest[PANEL * (size + PANEL) : PANEL * (size + 2 * PANEL)].reshape(PANEL, PANEL)
        used = PANEL * (size + 2 * PANEL)
        first_panel = rest[used : used + PANEL * wide].reshape(PANEL, wide)
        second_panel = rest[used + PANEL * wide : used + 2 * PANEL * wide].reshape(PANEL, wide)
        for k in range(PANEL - 1, -1, -1):
            length = size - k
            head, tau = _reflector(vectors, end, length)
            for j in range(k):
                reflectors[k, j] = 0.0
            for j in range(length):
                reflectors[k, k + j] = vectors[end - length + j]
            for j in range(PANEL):
                triangle[k, j] = 0.0
            reflectors[k, k] = head
            triangle[k, k] = tau
            end -= length
        np.dot(reflectors, reflectors.T, inner)
        for k in range(PANEL):
            for j in range(k):
                factor = triangle[k, k] * inner[k, j]
                for i in range(j + 1):
                    triangle[k, i] -= factor * triangle[j, i]
        np.dot(reflectors, block, first_panel)
        np.dot(triangle.T, first_panel, second_panel)
        change = product[: size * wide].reshape(size, wide)
        np.dot(reflectors.T, second_panel, change)
        before = block
        now, later = later, now
    for i in range(p):
        for j in range(r):
            first[i, j] = before[i, j] - change[i, j]
            second[i, j] = before[i, r + j] - change[i, r + j]
