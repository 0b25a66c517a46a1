"""Gradients and Hessian--vector products of sums of profiles at many points at once, each of a task of its own.

What :mod:`numerics.kernels.terms` computes point by point is computed here for `count` *lanes*: lane l is a point of task
tasks[l].  A scratch array holds numbers of all lanes in a row each: coordinate c of a vector that begins at row `at` stands in
scratch[at + c].  Loops run over lanes on the inside and have no branches, so that the compiler handles several at a time.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.elementary import exponentials, sines
from numerics.kernels.profiles import CAUCHY, GEMAN_MCCLURE, OWN, PIECEWISE, RADIAL, SINE, TANH, WELSCH
from numerics.kernels.terms import HEAD

Array = NDArray[Any]

#: rows of work that a profile's derivative needs
WORK = 4


@compiled
def gather(rows: Array, tasks: Array, coefficients: Array, count: int) -> None:
    """The rows of the tasks of all lanes, in `coefficients` (m, width, lanes)."""
    for j in range(rows.shape[1]):
        for k in range(1, rows.shape[2]):
            for i in range(count):
                coefficients[j, k, i] = rows[tasks[i], j, k]


@compiled
def piece_derivative(coefficients: Array, j: int, start: int, pieces: int, order: int, work: Array, count: int) -> None:
    """First or second derivative, in work[1], of the piecewise cubic of term j at work[0]."""
    for i in range(count):
        u = work[0, i]
        at = start
        for k in range(1, pieces):
            if u >= coefficients[j, start + 5 * k, i]:
                at = start + 5 * k
        far, bend, third = u - coefficients[j, at, i], coefficients[j, at + 3, i], coefficients[j, at + 4, i]
        work[1, i] = coefficients[j, at + 2, i] + far * (bend + 0.5 * third * far) if order == 1 else bend + third * far


@compiled
def ridge_derivative(kind: int, own: Any, order: int, work: Array, count: int) -> None:
    """First or second derivative, in work[1], of a ridge profile at work[0]; not of piecewise ones."""
    if kind == SINE:
        sines(work, 0, work, 1, 1.0 if order == 1 else 0.0, count)
        half = 0.5 if order == 1 else -0.5
        for i in range(count):
            work[1, i] *= half
    elif kind == OWN:
        for i in range(count):
            work[1, i] = own(work[0, i], order)
    else:
        steep = -2.0 if kind == TANH else -1.0
        for i in range(count):
            work[1, i] = steep * abs(work[0, i])
        exponentials(work, 1, count)
        if kind == TANH and order == 1:
            for i in range(count):
                e = work[1, i]
                work[1, i] = 2.0 * e / ((1.0 + e) * (1.0 + e))
        elif kind == TANH:
            for i in range(count):
                e = work[1, i]
                size = 4.0 * e * (1.0 - e) / ((1.0 + e) * (1.0 + e) * (1.0 + e))
                work[1, i] = -size if work[0, i] > 0 else size
        elif order == 1:
            for i in range(count):
                e = work[1, i]
                work[1, i] = (1.0 if work[0, i] > 0 else e) / (1.0 + e)
        else:
            for i in range(count):
                e = work[1, i]
                work[1, i] = e / ((1.0 + e) * (1.0 + e))


@compiled
def radial_weights(kind: int, work: Array, count: int) -> None:
    """Weights, in work[1], and bends, in work[2], of a radial profile at the squared distances work[0]."""
    if kind == WELSCH:
        for i in range(count):
            work[1, i] = -0.5 * work[0, i]
        exponentials(work, 1, count)
        for i in range(count):
            work[2, i] = -work[1, i]
    elif kind == GEMAN_MCCLURE:
        for i in range(count):
            less = 1.0 / (1.0 + work[0, i])
            work[1, i] = 2.0 * less * less
            work[2, i] = -8.0 * less * less * less
    elif kind == CAUCHY:
        for i in range(count):
            less = 1.0 / (1.0 + work[0, i])
            work[1, i] = less
            work[2, i] = -2.0 * less * less


@compiled
def _residual(coefficients: Array, j: int, k: int, base: int, p: int, scratch: Array, at: int, work: Array, count: int) -> None:
    """Residual k of term j at the points, in work[3]."""
    for i in range(count):
        work[3, i] = coefficients[j, HEAD + k, i]
    for c in range(p):
        for i in range(count):
            work[3, i] += coefficients[j, base + k * p + c, i] * scratch[at + c, i]


@compiled
def _along(
    coefficients: Array,
    j: int,
    kind: int,
    shape: Any,
    own: Any,
    order: int,
    scratch: Array,
    at: int,
    work: Array,
    count: int,
) -> None:
    """Derivative, in work[1], of the profile of term j along its direction."""
    residuals, pieces, p = shape
    base = HEAD + residuals
    _residual(coefficients, j, 0, base, p, scratch, at, work, count)
    for i in range(count):
        work[0, i] = work[3, i]
    if kind == PIECEWISE:
        piece_derivative(coefficients, j, base + p, pieces, order, work, count)
    else:
        ridge_derivative(kind, own, order, work, count)


@compiled
def _around(coefficients: Array, j: int, kind: int, shape: Any, scratch: Array, at: int, work: Array, count: int) -> None:
    """Weights, in work[1], and bends, in work[2], of the profile of term j at its squared distances."""
    residuals, _, p = shape
    for i in range(count):
        work[0, i] = 0.0
    for k in range(residuals):
        _residual(coefficients, j, k, HEAD + residuals, p, scratch, at, work, count)
        for i in range(count):
            work[0, i] += work[3, i] * work[3, i]
    radial_weights(kind, work, count)


@compiled
def add_gradients(
    coefficients: Array,
    kinds: Array,
    shape: Any,
    own: Any,
    scratch: Array,
    at: int,
    scale: float,
    out: int,
    work: Array,
    count: int,
) -> None:
    """Add `scale` times the gradients at the points of row `at` to the vectors of row `out`; `shape` is (r, pieces, p)."""
    residuals, _, p = shape
    base = HEAD + residuals
    for j in range(coefficients.shape[0]):
        kind = int(kinds[j])
        if kind < RADIAL:
            _along(coefficients, j, kind, shape, own, 1, scratch, at, work, count)
            for i in range(count):
                work[1, i] *= scale * coefficients[j, 1, i]
            for c in range(p):
                for i in range(count):
                    scratch[out + c, i] += work[1, i] * coefficients[j, base + c, i]
        else:
            _around(coefficients, j, kind, shape, scratch, at, work, count)
            for i in range(count):
                work[1, i] *= scale * coefficients[j, 1, i]
            for k in range(residuals):
                if residuals > 1:
                    _residual(coefficients, j, k, base, p, scratch, at, work, count)
                for c in range(p):
                    for i in range(count):
                        scratch[out + c, i] += work[1, i] * work[3, i] * coefficients[j, base + k * p + c, i]


@compiled
def add_products(
    coefficients: Array,
    kinds: Array,
    shape: Any,
    own: Any,
    scratch: Array,
    at: int,
    line: int,
    out: int,
    work: Array,
    count: int,
) -> None:
    """Add the Hessians at the points of row `at` times the vectors of row `line` to the vectors of row `out`."""
    residuals, _, p = shape
    base = HEAD + residuals
    for j in range(coefficients.shape[0]):
        kind = int(kinds[j])
        if kind < RADIAL:
            _along(coefficients, j, kind, shape, own, 2, scratch, at, work, count)
            for i in range(count):
                work[2, i] = 0.0
            for c in range(p):
                for i in range(count):
                    work[2, i] += coefficients[j, base + c, i] * scratch[line + c, i]
            for i in range(count):
                work[1, i] *= coefficients[j, 1, i] * work[2, i]
            for c in range(p):
                for i in range(count):
                    scratch[out + c, i] += work[1, i] * coefficients[j, base + c, i]
        else:
            _around(coefficients, j, kind, shape, scratch, at, work, count)
            # the inner product of the residuals with what the vector moves them by, where the distances stood
            for i in range(count):
                work[0, i] = 0.0
            for k in range(residuals):
                if residuals > 1:
                    _residual(coefficients, j, k, base, p, scratch, at, work, count)
                for c in range(p):
                    for i in range(count):
                        work[0, i] += work[3, i] * coefficients[j, base + k * p + c, i] * scratch[line + c, i]
            for i in range(count):
                work[2, i] *= work[0, i] * coefficients[j, 1, i]
                work[1, i] *= coefficients[j, 1, i]
            for k in range(residuals):
                if residuals > 1:
                    _residual(coefficients, j, k, base, p, scratch, at, work, count)
                for i in range(count):
                    work[0, i] = 0.0
                for c in range(p):
                    for i in range(count):
                        work[0, i] += coefficients[j, base + k * p + c, i] * scratch[line + c, i]
                for i in range(count):
                    work[0, i] = work[1, i] * work[0, i] + work[2, i] * work[3, i]
                for c in range(p):
                    for i in range(count):
                        scratch[out + c, i] += work[0, i] * coefficients[j, base + k * p + c, i]
