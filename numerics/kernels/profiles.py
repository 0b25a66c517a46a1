"""Scalar profiles of which smooth risks are made, with their derivatives: real or complex arguments, compiled.

*Ridge* profiles are functions f of one number u.  *Radial* ones are even robust losses, functions of q = |u|^2 for a residual u
of any dimension; with f(r) the loss at distance r, their weight is f'(r)/r and their bend (f''(r) - f'(r)/r)/r^2, both without
a singularity at 0.  On complex arguments, which complex steps use, branches look at the real part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.kernels import inlined

SINE, TANH, LOGISTIC, PIECEWISE, OWN = range(5)
#: codes from here on are radial
RADIAL = 10
WELSCH, GEMAN_MCCLURE, CAUCHY = range(RADIAL, RADIAL + 3)


@inlined
def value(kind: int, u: Any) -> Any:
    """f(u) of a built-in ridge profile."""
    if kind == SINE:
        return 0.5 * (1.0 + np.sin(u))
    if kind == TANH:
        return 1.0 / (1.0 + np.exp(-2.0 * u)) if u.real > 0 else 1.0 - 1.0 / (1.0 + np.exp(2.0 * u))
    return u + np.log1p(np.exp(-u)) if u.real > 0 else np.log1p(np.exp(u))


@inlined
def slope(kind: int, u: Any) -> Any:
    """f'(u) of a built-in ridge profile."""
    if kind == SINE:
        return 0.5 * np.cos(u)
    if kind == TANH:
        e = np.exp(-2.0 * u) if u.real > 0 else np.exp(2.0 * u)
        return 2.0 * e / (1.0 + e) ** 2
    if u.real > 0:
        return 1.0 / (1.0 + np.exp(-u))
    e = np.exp(u)
    return e / (1.0 + e)


@inlined
def curvature(kind: int, u: Any) -> Any:
    """f''(u) of a built-in ridge profile."""
    if kind == SINE:
        return -0.5 * np.sin(u)
    if kind == TANH:
        if u.real > 0:
            e = np.exp(-2.0 * u)
            return -4.0 * e * (1.0 - e) / (1.0 + e) ** 3
        e = np.exp(2.0 * u)
        return 4.0 * e * (1.0 - e) / (1.0 + e) ** 3
    e = np.exp(-u) if u.real > 0 else np.exp(u)
    return e / (1.0 + e) ** 2


@inlined
def radial_value(kind: int, q: Any) -> Any:
    """f at squared distance q."""
    if kind == WELSCH:
        return -np.expm1(-0.5 * q)
    if kind == GEMAN_MCCLURE:
        return q / (1.0 + q)
    return 0.5 * np.log1p(q)


@inlined
def weight(kind: int, q: Any) -> Any:
    """f'(r)/r at squared distance q = r^2."""
    if kind == WELSCH:
        return np.exp(-0.5 * q)
    if kind == GEMAN_MCCLURE:
        return 2.0 / (1.0 + q) ** 2
    return 1.0 / (1.0 + q)


@inlined
def bend(kind: int, q: Any) -> Any:
    """(f''(r) - f'(r)/r)/r^2 at squared distance q = r^2."""
    if kind == WELSCH:
        return -np.exp(-0.5 * q)
    if kind == GEMAN_MCCLURE:
        return -8.0 / (1.0 + q) ** 3
    return -2.0 / (1.0 + q) ** 2
