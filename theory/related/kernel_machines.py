r"""Adapted kernel machines in the eigenvectors of their kernel matrix, and the error of the energy functional on one example.

A kernel matrix has eigenvectors u and eigenvalues kappa; a function has the miss f - Y at the n training points, and the kernel
values k_x to another point.  A rule with residual r(q) on the curvature q = kappa/n adapts it to
f(x) + sum_u (k_x'u) (r(kappa/n) - 1)/kappa (u'(f - Y)).

Numbers may be of any kind that has arithmetic; the residual is a function of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """Inner product."""
    return sum(a * b for a, b in zip(left, right, strict=True))


def adapted(
    start: Any,
    cross: Sequence[Any],
    miss: Sequence[Any],
    eigenvectors: Sequence[Sequence[Any]],
    eigenvalues: Sequence[Any],
    residual: Callable[[Any], Any],
) -> Any:
    """The adapted function at a point.

    Parameters
    ----------
    start : number
        f there.
    cross, miss : (n,) numbers
        k_x and f - Y.
    eigenvectors : (n, n) numbers
        One in each row.
    eigenvalues : (n,) numbers
        kappa, positive.
    residual : callable
        r of the curvature kappa/n.

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> adapted(0, [F(1)], [F(-3)], [[1]], [F(2)], lambda q: 1 / (1 + q))
    Fraction(1, 1)
    """
    number = len(miss)
    found = start
    for vector, kappa in zip(eigenvectors, eigenvalues, strict=True):
        found = found + (residual(kappa / number) - 1) * (dot(cross, vector) * dot(miss, vector) / kappa)
    return found


def one_example_energies(
    probabilities: Sequence[Any], features: Sequence[Sequence[Any]], gap: Sequence[Any], decays: Sequence[Any]
) -> tuple[Any, Any, Any]:
    """Risks of adaptation on one example: before it, its gradient's squared norm, and after the flow on one example.

    Parameters
    ----------
    probabilities : (n,) numbers
        Of the examples.
    features : (n, p) numbers
        x.
    gap : (p,) numbers
        d, from the optimum to the parameter; there is no noise.
    decays : (n,) numbers
        e^{-T x'x} of each example.

    Returns
    -------
    ½ d'Qd, d'Q^2 d, E ½ y'Qy with y the gap after the flow on one example
    """
    size = len(gap)
    risk = [[dot(probabilities, [x[i] * x[j] for x in features]) for j in range(size)] for i in range(size)]

    def turned(vector: Sequence[Any]) -> list[Any]:
        return [dot(row, vector) for row in risk]

    after = 0 * gap[0]
    for chance, x, decay in zip(probabilities, features, decays, strict=True):
        square, along = dot(x, x), dot(x, gap)
        pulled = (along / square) * (1 - decay) if square != 0 else 0 * along
        left = [d - coordinate * pulled for d, coordinate in zip(gap, x, strict=True)]
        after = after + chance * dot(left, turned(left)) / 2
    slope = turned(gap)
    return dot(gap, slope) / 2, dot(slope, slope), after


def one_example_curvature(chances: Sequence[Any], features: Sequence[Sequence[Any]], gap: Sequence[Any]) -> Any:
    """Second derivative at time zero of the mean risk after the flow on one example, E|x|^2 x'd x'Qd + E x'Qx (x'd)^2.

    Parameters
    ----------
    chances : (n,) numbers
    features : (n, p) numbers
        x.
    gap : (p,) numbers
        d.

    Examples
    --------
    >>> one_example_curvature([1], [[2]], [1])
    128
    """
    size = range(len(gap))
    whole = [[sum(c * x[i] * x[j] for c, x in zip(chances, features, strict=True)) for j in size] for i in size]
    turned = [dot(row, gap) for row in whole]
    total = 0
    for chance, x in zip(chances, features, strict=True):
        along = dot(x, gap)
        through = dot(x, [dot(row, x) for row in whole])
        total += chance * (dot(x, x) * along * dot(x, turned) + through * along**2)
    return total
