"""Risks that are sums of profiles of linear features: value, gradient and Hessian--vector product of one task or of a batch.

The risk of task i is the sum over j of height_ij f_j(W_ij theta + b_ij), see :mod:`numerics.kernels.profiles` for f; a ridge
profile has one residual (r = 1), a radial one r of them.  Everything about a term lies in one row of numbers: kind, height, b
(r), W (r p), then the pieces of a piecewise cubic, five numbers each: left end, value, slope and curvature there, third
derivative.  Kernels take one array of rows (n, m, width), since every array that is handed on costs a counted reference, more
than the arithmetic of a term.  A user's profile is a compiled function, whose type numba finds anew at every call: what is
called often has a face without it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from numerics.kernels import compiled, inlined
from numerics.kernels.profiles import OWN, PIECEWISE, RADIAL, bend, curvature, radial_value, slope, value, weight

Array = NDArray[Any]

#: numbers before b
HEAD = 2


class Terms(NamedTuple):
    """The risks of n tasks with m terms each.

    Parameters
    ----------
    rows : array (n, m, width)
        See the module.
    residuals : int
        r.
    pieces : int
        Pieces of a piecewise cubic; 0 where there are none.
    own : compiled function
        (u, order of the derivative) to number, for profiles of a user.
    """

    rows: Array
    residuals: int
    pieces: int
    own: Any


@inlined
def task_value(rows: Array, residuals: int, pieces: int, own: Any, i: int, x: Array, row: int) -> Any:
    """Risk of task i at x[row]."""
    dimension = x.shape[1]
    total = 0.0 * x[row, 0]
    for j in range(rows.shape[1]):
        kind = int(rows[i, j, 0])
        start = HEAD + residuals
        q = 0.0 * x[row, 0]
        u = 0.0 * x[row, 0]
        for k in range(residuals):
            u = rows[i, j, HEAD + k] + 0.0 * x[row, 0]
            for c in range(dimension):
                u += rows[i, j, start + c] * x[row, c]
            q += u * u
            start += dimension
        if kind >= RADIAL:
            total += rows[i, j, 1] * radial_value(kind, q)
        elif kind == PIECEWISE:
            at = start
            for k in range(1, pieces):
                if u.real >= rows[i, j, start + 5 * k]:
                    at = start + 5 * k
            along = u - rows[i, j, at]
            total += rows[i, j, 1] * (
                rows[i, j, at + 1]
                + along * (rows[i, j, at + 2] + along * (0.5 * rows[i, j, at + 3] + along * rows[i, j, at + 4] / 6.0))
            )
        elif kind == OWN:
            total += rows[i, j, 1] * own(u, 0)
        else:
            total += rows[i, j, 1] * value(kind, u)
    return total


@inlined
def add_gradient(
    rows: Array,
    residuals: int,
    pieces: int,
    own: Any,
    i: int,
    first: int,
    last: int,
    x: Array,
    row: int,
    scale: float,
    out: Array,
    place: int,
) -> None:
    """Add `scale` times the gradient of terms `first` to `last` - 1 of task i at x[row] to out[place]."""
    dimension = x.shape[1]
    for j in range(first, last):
        kind = int(rows[i, j, 0])
        size = scale * rows[i, j, 1]
        base = HEAD + residuals
        if kind < RADIAL:
            u = rows[i, j, HEAD] + 0.0 * x[row, 0]
            for c in range(dimension):
                u += rows[i, j, base + c] * x[row, c]
            if kind == PIECEWISE:
                start = base + dimension
                at = start
                for k in range(1, pieces):
                    if u.real >= rows[i, j, start + 5 * k]:
                        at = start + 5 * k
                far = u - rows[i, j, at]
                along = size * (rows[i, j, at + 2] + far * (rows[i, j, at + 3] + 0.5 * rows[i, j, at + 4] * far))
            elif kind == OWN:
                along = size * own(u, 1)
            else:
                along = size * slope(kind, u)
            for c in range(dimension):
                out[place, c] += along * rows[i, j, base + c]
        else:
            q = 0.0 * x[row, 0]
            for k in range(residuals):
                u = rows[i, j, HEAD + k] + 0.0 * x[row, 0]
                for c in range(dimension):
                    u += rows[i, j, base + k * dimension + c] * x[row, c]
                q += u * u
            factor = size * weight(kind, q)
            for k in range(residuals):
                u = rows[i, j, HEAD + k] + 0.0 * x[row, 0]
                for c in range(dimension):
                    u += rows[i, j, base + k * dimension + c] * x[row, c]
                for c in range(dimension):
                    out[place, c] += factor * u * rows[i, j, base + k * dimension + c]


@inlined
def add_product(
    rows: Array,
    residuals: int,
    pieces: int,
    own: Any,
    i: int,
    first: int,
    last: int,
    x: Array,
    row: int,
    vectors: Array,
    line: int,
    scale: float,
    out: Array,
    place: int,
) -> None:
    """Add `scale` times the Hessian of terms `first` to `last` - 1 of task i at x[row] times vectors[line] to out[place]."""
    dimension = x.shape[1]
    for j in range(first, last):
        kind = int(rows[i, j, 0])
        size = scale * rows[i, j, 1]
        base = HEAD + residuals
        if kind < RADIAL:
            u = rows[i, j, HEAD] + 0.0 * x[row, 0]
            moved = 0.0 * vectors[line, 0]
            for c in range(dimension):
                u += rows[i, j, base + c] * x[row, c]
                moved += rows[i, j, base + c] * vectors[line, c]
            if kind == PIECEWISE:
                start = base + dimension
                at = start
                for k in range(1, pieces):
                    if u.real >= rows[i, j, start + 5 * k]:
                        at = start + 5 * k
                along = size * (rows[i, j, at + 3] + rows[i, j, at + 4] * (u - rows[i, j, at])) * moved
            elif kind == OWN:
                along = size * own(u, 2) * moved
            else:
                along = size * curvature(kind, u) * moved
            for c in range(dimension):
                out[place, c] += along * rows[i, j, base + c]
        else:
            q = 0.0 * x[row, 0]
            inner = 0.0 * x[row, 0]
            for k in range(residuals):
                u = rows[i, j, HEAD + k] + 0.0 * x[row, 0]
                moved = 0.0 * vectors[line, 0]
                for c in range(dimension):
                    u += rows[i, j, base + k * dimension + c] * x[row, c]
                    moved += rows[i, j, base + k * dimension + c] * vectors[line, c]
                q += u * u
                inner += u * moved
            factor, turned = size * weight(kind, q), size * bend(kind, q) * inner
            for k in range(residuals):
                u = rows[i, j, HEAD + k] + 0.0 * x[row, 0]
                moved = 0.0 * vectors[line, 0]
                for c in range(dimension):
                    u += rows[i, j, base + k * dimension + c] * x[row, c]
                    moved += rows[i, j, base + k * dimension + c] * vectors[line, c]
                along = factor * moved + turned * u
                for c in range(dimension):
                    out[place, c] += along * rows[i, j, base + k * dimension + c]


@inlined
def nothing(u: Any, order: int) -> Any:
    """A profile in the place of a user's, where there is none."""
    return 0.0 * u


@compiled
def values(rows: Array, residuals: int, pieces: int, tasks: Array, points: Array, out: Array) -> None:
    """Risks of tasks[b] at points (b, p), in `out` (b,); without a user's profile."""
    for b in range(points.shape[0]):
        out[b] = task_value(rows, residuals, pieces, nothing, tasks[b], points, b)


@compiled
def gradients(rows: Array, residuals: int, pieces: int, tasks: Array, points: Array, out: Array) -> None:
    """Gradients of the risks of tasks[b] at points (b, p), in `out` (b, p); without a user's profile."""
    for b in range(points.shape[0]):
        for c in range(points.shape[1]):
            out[b, c] = 0.0
        add_gradient(rows, residuals, pieces, nothing, tasks[b], 0, rows.shape[1], points, b, 1.0, out, b)


@compiled
def products(rows: Array, residuals: int, pieces: int, tasks: Array, points: Array, vectors: Array, out: Array) -> None:
    """Hessians of the risks of tasks[b] at points (b, p) times vectors (b, p), in `out` (b, p); without a user's profile."""
    for b in range(points.shape[0]):
        for c in range(points.shape[1]):
            out[b, c] = 0.0
        add_product(rows, residuals, pieces, nothing, tasks[b], 0, rows.shape[1], points, b, vectors, b, 1.0, out, b)


@compiled
def own_values(terms: Any, tasks: Array, points: Array, out: Array) -> None:
    """With a user's profile: risks of tasks[b] at points (b, p), in `out` (b,)."""
    rows, residuals, pieces, own = terms
    for b in range(points.shape[0]):
        out[b] = task_value(rows, residuals, pieces, own, tasks[b], points, b)


@compiled
def own_gradients(terms: Any, tasks: Array, points: Array, out: Array) -> None:
    """With a user's profile: gradients of the risks of tasks[b] at points (b, p), in `out` (b, p)."""
    rows, residuals, pieces, own = terms
    for b in range(points.shape[0]):
        for c in range(points.shape[1]):
            out[b, c] = 0.0
        add_gradient(rows, residuals, pieces, own, tasks[b], 0, rows.shape[1], points, b, 1.0, out, b)


@compiled
def own_products(terms: Any, tasks: Array, points: Array, vectors: Array, out: Array) -> None:
    """With a user's profile: Hessians of the risks of tasks[b] at points (b, p) times vectors (b, p), in `out` (b, p)."""
    rows, residuals, pieces, own = terms
    for b in range(points.shape[0]):
        for c in range(points.shape[1]):
            out[b, c] = 0.0
        add_product(rows, residuals, pieces, own, tasks[b], 0, rows.shape[1], points, b, vectors, b, 1.0, out, b)
