r"""The weight of an inner step on N fresh samples: the population step's weight plus the variance of the sampled curvature.

One inner step on N samples replaces the curvature Q by :math:`S = \frac1N\sum_n x_n x_n^\top` (label noise adds nothing that
depends on :math:`\theta`), so that the error becomes :math:`(I-\alpha S)(\theta-\theta_\gamma)` and the weight is

.. math:: A_N = E[(I-\alpha S)\,Q\,(I-\alpha S)].

Two places of a word in S either fall on the same sample, with probability 1/N, or on two independent ones, and the one fourth
moment that appears, :math:`E[xx^\top Q xx^\top]`, is a sum over the three pairings of its four factors (Isserlis' theorem for
Gaussian x).  For that law :math:`A_N` is a polynomial in Q with the coefficient :math:`\tau_2 = \operatorname{tr} Q^2`: it
has the eigenvectors of Q, and :func:`sampled_weight` is its eigenvalue (Theorem 5 of `gao-sener-2020`,
section 4.3, is about this weight).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sympy import Expr, Integer, Mul, expand, symbols

from theory.notation import N, alpha, q, tau2

#: tr(Q^m) as a symbol; only m = 2 occurs in the weight of one step
_TRACES = {2: tau2}


def pairings(places: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    """All ways to split `places` into pairs: the terms of Isserlis' theorem.

    Examples
    --------
    >>> list(pairings((0, 1, 2, 3)))
    [((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))]
    """
    if not places:
        yield ()
        return
    first, rest = places[0], places[1:]
    for index, partner in enumerate(rest):
        for others in pairings(rest[:index] + rest[index + 1 :]):
            yield ((first, partner), *others)


def gaussian_sandwich(power: int) -> Expr:
    r"""Eigenvalue of :math:`E[xx^\top K xx^\top]` for Gaussian x with covariance Q and :math:`K = Q^m`, m = `power`.

    The four factors of x sit at places 0, 1, 2, 3; K joins 1 and 2, and 0 and 3 are the free indices of the matrix.  In each
    pairing the chain from 0 to 3 multiplies to a power of Q, and a closed loop is a trace.

    Parameters
    ----------
    power : int
        The exponent m.

    Returns
    -------
    sympy expression in q and the trace of Q squared

    Examples
    --------
    >>> gaussian_sandwich(1)
    2*q**3 + q*tau_2
    """
    through_middle = {1: 2, 2: 1}
    total: Expr = Integer(0)
    for pairing in pairings((0, 1, 2, 3)):
        partner = dict(pairing) | {b: a for a, b in pairing}
        exponent, place = 1, partner[0]
        while place != 3:
            exponent += power + 1
            place = partner[through_middle[place]]
        loop = 2 + power - exponent
        total += q**exponent * (_TRACES[loop] if loop else 1)
    return total


@cache
def sampled_weight() -> Expr:
    r"""Eigenvalue of A_N in q, the rate alpha, the number N of samples and :math:`\tau_2 = \operatorname{tr} Q^2`.

    Returns
    -------
    sympy expression

    Examples
    --------
    >>> from sympy import expand, limit
    >>> expand(sampled_weight() - q * (1 - alpha * q) ** 2 - alpha**2 / N * (q**3 + tau2 * q))
    0
    """
    curvature, sampled = symbols("Q S", commutative=False)
    product = expand((1 - alpha * sampled) * curvature * (1 - alpha * sampled))
    words = {
        curvature: q,
        sampled * curvature: q**2,
        curvature * sampled: q**2,
        sampled * curvature * sampled: (1 - 1 / N) * q**3 + gaussian_sandwich(1) / N,
    }
    total: Expr = Integer(0)
    for term in product.as_ordered_terms():
        scalars, letters = term.args_cnc()
        total += Mul(*scalars) * words[Mul(*letters)]
    return total
