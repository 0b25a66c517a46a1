r"""The hypergradient of a chunk of quadratic tasks: inner loop, gradient and adjoint recursion fused.

Task ``t`` has the risk :math:`\tfrac12(\theta-c_t)^\top Q_t(\theta-c_t)` with ``hessians[t]`` :math:`=Q_t` and ``optima[t]``
:math:`=c_t`.  On the error :math:`e=\theta-c_t` the inner loop of `k` steps with rates :math:`r_j` and momenta :math:`m_j` is

.. math:: e_{j+1} = (1+m_j)\,e_j - r_j Q e_j - m_j e_{j-1}, \qquad e_{-1}=e_0,

and the adjoint of its outcome, :math:`a_j=\partial(v^\top e_k)/\partial e_j`, obeys a recursion of the same form backwards,

.. math:: a_j = (1+m_j)\,a_{j+1} - r_j Q a_{j+1} - m_{j+1} a_{j+2}, \qquad a_k=v,\; a_{k+1}=0,

after which :math:`\partial(v^\top e_k)/\partial\theta = a_0 - m_0 a_1`.  Both are the one kernel :func:`_advance`.

Each task's products with its hessian follow one another, so that a hessian comes from memory once and from the cache after
that.  From :data:`PANELLED` rows on only its lower triangle is read, in panels of eight rows that serve the products with both
triangles: a loaded entry is used for four operations.  Every other product runs through the panels backwards, because what was
read last is what a small cache still holds.  Hessians are C-contiguous float64 and symmetric.  Vectors may be complex (for
complex-step derivatives); products are bilinear and conjugate nothing.

A caller runs one call per chunk of :func:`chunk_size` tasks, in any number of threads, and adds the results in the order of the
chunks: the bits then do not depend on the number of threads.

Against the package's usual options sums may be reassociated here, because a dot product is vectorised only then, at four times
the speed.  The bits are still those of one type of processor, which is all that is promised; NaN and infinity keep their
meaning, so that a diverging inner loop is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.kernels.machine_code import kept

F = TypeVar("F", bound=Callable[..., object])
Array = NDArray[Any]
Real = NDArray[np.float64]

#: what the outer step is: gradient of the adapted risk, gradient at the adapted point, displacement of the inner loop
EXACT, FIRST_ORDER, DISPLACEMENT = 0, 1, 2

#: from this dimension on, products read one triangle only
PANELLED = 112


def _summing(function: F, inlined: bool = False) -> F:
    """Compile with the package's options, and let sums be reassociated."""
    flags = {"reassoc", "contract", "nsz"}
    return kept(function, nogil=True, error_model="numpy", fastmath=flags, forceinline=inlined)


def _inlined(function: F) -> F:
    """As :func:`_summing`, compiled into the callers: a call costs as much as a third of a small product."""
    return _summing(function, inlined=True)


def chunk_size(number: int, dimension: int) -> int:
    """Tasks in a chunk, a function of the batch's shape alone: at least 4 MB of hessians, at most 64 chunks.

    Parameters
    ----------
    number, dimension : int
        Number of tasks n >= 1 and dimension p >= 1 of the batch.

    Examples
    --------
    >>> chunk_size(10_000, 20), chunk_size(1_000, 200), chunk_size(100, 1_000)
    (1311, 16, 2)
    """
    hessian = 8 * dimension * dimension
    return min(number, max(-(-(1 << 22) // hessian), -(-number // 64)))


@_inlined
def _by_rows(q: Real, x: Array, y: Array) -> None:
    """y <- q@x by rows, four at a time."""
    p = x.shape[0]
    for i in range(0, p - 3, 4):
        s0 = s1 = s2 = s3 = 0.0
        for j in range(p):
            t = x[j]
            s0 += q[i, j] * t
            s1 += q[i + 1, j] * t
            s2 += q[i + 2, j] * t
            s3 += q[i + 3, j] * t
        y[i] = s0
        y[i + 1] = s1
        y[i + 2] = s2
        y[i + 3] = s3
    for i in range(p - p % 4, p):
        s0 = 0.0
        for j in range(p):
            s0 += q[i, j] * x[j]
        y[i] = s0


@_inlined
def _panel(q: Real, x: Array, y: Array, i: int) -> None:
    """y += the part of q@x that rows i..i+7 of the lower triangle, and their mirror image, contribute."""
    x0, x1, x2, x3, x4, x5, x6, x7 = x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5], x[i + 6], x[i + 7]
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for j in range(i):
        t = x[j]
        a, b, c, d = q[i, j], q[i + 1, j], q[i + 2, j], q[i + 3, j]
        s0 += a * t
        s1 += b * t
        s2 += c * t
        s3 += d * t
        u = (a * x0 + b * x1) + (c * x2 + d * x3)
        a, b, c, d = q[i + 4, j], q[i + 5, j], q[i + 6, j], q[i + 7, j]
        s4 += a * t
        s5 += b * t
        s6 += c * t
        s7 += d * t
        y[j] += u + ((a * x4 + b * x5) + (c * x6 + d * x7))
    y[i] += s0
    y[i + 1] += s1
    y[i + 2] += s2
    y[i + 3] += s3
    y[i + 4] += s4
    y[i + 5] += s5
    y[i + 6] += s6
    y[i + 7] += s7
    # the block on the diagonal, eight by eight
    for j in range(i, i + 8):
        u = (q[i, j] * x0 + q[i + 1, j] * x1) + (q[i + 2, j] * x2 + q[i + 3, j] * x3)
        y[j] += u + ((q[i + 4, j] * x4 + q[i + 5, j] * x5) + (q[i + 6, j] * x6 + q[i + 7, j] * x7))


@_summing
def _by_panels(q: Real, x: Array, y: Array, backwards: bool) -> None:
    """y <- q@x from the lower triangle, eight rows at a time."""
    p = x.shape[0]
    panels = p // 8
    for i in range(p):
        y[i] = 0.0
    for panel in range(panels):
        _panel(q, x, y, 8 * (panels - 1 - panel if backwards else panel))
    for i in range(8 * panels, p):
        s0 = 0.0
        t = x[i]
        for j in range(i):
            s0 += q[i, j] * x[j]
            y[j] += q[i, j] * t
        y[i] += s0 + q[i, i] * t


@_inlined
def _advance(q: Real, x: Array, z: Array, y: Array, keep: float, rate: float, drop: float, backwards: bool) -> None:
    """z <- keep*x - rate*q@x - drop*z, the step that the inner loop and its adjoint share; y is scratch."""
    if x.shape[0] < PANELLED:
        _by_rows(q, x, y)
    else:
        _by_panels(q, x, y, backwards)
    for i in range(x.shape[0]):
        z[i] = keep * x[i] - rate * y[i] - drop * z[i]


@_summing
def _forward(q: Real, e: Array, f: Array, y: Array, rates: Real, momenta: Real) -> None:
    """Run the inner loop from the error `e`, in place; f and y are scratch."""
    p, k = e.shape[0], rates.shape[0]
    for i in range(p):
        f[i] = e[i]
    # two steps at a time there and back: exchanging names of arrays would cost as much as a small product
    for j in range(0, k - 1, 2):
        _advance(q, e, f, y, 1.0 + momenta[j], rates[j], momenta[j], False)
        _advance(q, f, e, y, 1.0 + momenta[j + 1], rates[j + 1], momenta[j + 1], True)
    if k % 2 == 1:
        _advance(q, e, f, y, 1.0 + momenta[k - 1], rates[k - 1], momenta[k - 1], False)
        for i in range(p):
            e[i] = f[i]


@_summing
def _backward(q: Real, a: Array, b: Array, y: Array, rates: Real, momenta: Real) -> None:
    """Take a derivative `a` with respect to the outcome back to the start of the loop, in place; b and y are scratch."""
    p, k = a.shape[0], rates.shape[0]
    for i in range(p):
        b[i] = 0.0
    drop = 0.0
    for j in range(k - 1, 0, -2):
        _advance(q, a, b, y, 1.0 + momenta[j], rates[j], drop, False)
        _advance(q, b, a, y, 1.0 + momenta[j - 1], rates[j - 1], momenta[j], True)
        drop = momenta[j - 1]
    if k % 2 == 1:
        _advance(q, a, b, y, 1.0 + momenta[0], rates[0], drop, False)
        for i in range(p):
            a[i] = b[i] - momenta[0] * a[i]
    elif k > 0:
        for i in range(p):
            a[i] -= momenta[0] * b[i]


@_summing
def hypergradient(
    weights: Real, hessians: Real, optima: Real, theta: Array, rates: Real, momenta: Real, outer: int, out: Array
) -> None:
    """Weighted sum over tasks of the outer step at `theta`, each hessian read from memory once.

    Parameters
    ----------
    weights : (n,) array
        Weight of each task in the sum.
    hessians : (n, p, p) array
        Symmetric.
    optima : (n, p) array
        Zeros make the sum the product of the outer Hessian with `theta`.
    theta : (p,) array
        Common start of the inner loops, real or complex.
    rates, momenta : (k,) arrays
        Of the inner steps; k = 0 is no adaptation.
    outer : int
        :data:`EXACT`, :data:`FIRST_ORDER` or :data:`DISPLACEMENT`.
    out : (p,) array
        Overwritten with the sum; of theta's type.
    """
    number, p = optima.shape
    steps = rates.shape[0]
    # a sum of its own, since the neighbours of `out` in memory may belong to another thread
    total = np.zeros_like(out)
    e = np.empty_like(out)
    gradient = np.empty_like(out)
    scratch = np.empty_like(out)
    y = np.empty_like(out)
    for t in range(number):
        q = hessians[t]
        weight = weights[t]
        for i in range(p):
            e[i] = theta[i] - optima[t, i]
        _forward(q, e, scratch, y, rates, momenta)
        if outer == DISPLACEMENT:
            for i in range(p):
                total[i] += weight * (theta[i] - optima[t, i] - e[i])
            continue
        for i in range(p):
            gradient[i] = 0.0
        _advance(q, e, gradient, y, 0.0, -1.0, 0.0, steps % 2 == 1)
        if outer == EXACT:
            _backward(q, gradient, scratch, y, rates, momenta)
        for i in range(p):
            total[i] += weight * gradient[i]
    for i in range(p):
        out[i] = total[i]
