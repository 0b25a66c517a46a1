r"""Two questions about smooth risks in the plane that theory leaves open, tried by search.

**The price of two steps of joint training** (``price_of_joint_training_plane`` for k = 2).  For gradients that are chained by
curvatures of size at most L,
:math:`\|E\nabla F_\gamma-cE\nabla R_\gamma\|\le K\,E\|\nabla R_\gamma\|` with K the least over c of
:math:`\max_{|\zeta|\le1}|(1+a\zeta)^4-c|`, and quadratics need :math:`K\ge\tfrac12((1+a)^4-(1-a)^4)`.  Data of a path,
points with their gradients and values, belong to an L-smooth risk if and only if for each pair

.. math:: \bigl|R_i-R_j-\tfrac12\langle g_i+g_j,\theta_i-\theta_j\rangle\bigr|\le
   \tfrac L4\|\theta_i-\theta_j\|^2-\tfrac1{4L}\|g_i-g_j\|^2,

and Hessians at single points are free (as limits).  With :math:`g_0=1` in the complex plane the gradients after one and two
steps are searched, in three real dimensions besides; the Hessians' two factors reach :math:`g_2(1+a\zeta)^2` at most, by
Walsh's theorem on symmetric multilinear functions.

**The smoothness of the meta-risk** (``smooth_meta_risk``) is :math:`\rho^2L+\alpha(L_HG-\tfrac12L^2)` on the line.  In the
plane take

.. math:: R(x,y)=gx+\psi(y)+e(x,y),\quad g=\sqrt{G^2-\ell^2},\ \ell=\tfrac{L^2}{2L_H},

with :math:`\psi''=-L` near 0, rising at rate :math:`L_H` to 0 on both sides, so that :math:`|\psi'|\le\ell`; and a wrinkle e at
the origin alone whose Hessian is :math:`L_H(\langle n,\cdot\rangle)_+nn^\top` for :math:`\langle n,\cdot\rangle` up to a small
size.  One step leads from the origin along x, where the curvature across is -L still; just beyond the origin

.. math:: \nabla^2F=-\rho^2L\,e_ye_y^\top-\alpha L_Hg\,n_x\,nn^\top,

whose norm is searched over n.  Where :math:`\ell/G` is near 1 it exceeds the constant of the line, which is therefore not one
in the plane.  :func:`wrinkled` measures all constants of such a risk with a wrinkle of positive size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution, minimize_scalar

Array = NDArray[Any]


@dataclass(frozen=True)
class Price:
    r"""K of the price of joint training for two steps at :math:`a=\alpha L`.

    Parameters
    ----------
    a : float
    quadratics : float
        What quadratics need: a lower bound.
    found : float
        The least over c of the largest that a search found among interpolable data.
    chained : float
        The upper bound from chains.
    centre : float
        c of `found`.
    """

    a: float
    quadratics: float
    found: float
    chained: float
    centre: float


def _farthest(lengths: Array, angles: Array, a: float, c: float) -> Array:
    """Largest |z (1 + a zeta)^2 - c| over |zeta| = 1, for vectors of these lengths and angles with the first axis."""
    turn = np.exp(1j * np.linspace(0, 2 * np.pi, 181))
    ends = lengths[:, None] * np.exp(1j * angles[:, None]) * (1 + a * turn) ** 2
    return np.asarray(np.abs(ends - c).max(axis=1))


def reached(path: Array, a: float, c: float) -> Array:
    """What paths (5, b) reach, |E grad F - c grad R|; those that no risk has reach minus one less by what they violate.

    Columns are radius and angle of the first curvature's factor in a unit disk, and the second's displacement in a unit ball.
    """
    radius, angle, *second = path
    zero = np.zeros_like(radius)
    g0 = np.stack([zero + 1, zero, zero])
    g1 = g0 + a * np.stack([radius * np.cos(angle), radius * np.sin(angle), zero])
    move = np.stack(second)
    length = np.linalg.norm(move, axis=0)
    move = move / np.maximum(length, 1)
    g2 = g1 + a * np.linalg.norm(g1, axis=0) * move
    x0, x1, x2 = 0 * g0, -a * g0, -a * (g0 + g1)

    def pair(g: Array, x: Array, h: Array, y: Array) -> tuple[Array, Array]:
        middle = 0.5 * ((g + h) * (x - y)).sum(axis=0)
        return middle, 0.25 * (((x - y) ** 2).sum(axis=0) - ((g - h) ** 2).sum(axis=0))

    (m10, s10), (m21, s21), (m20, s20) = pair(g1, x1, g0, x0), pair(g2, x2, g1, x1), pair(g2, x2, g0, x0)
    lack = np.maximum(np.abs(m10 + m21 - m20) - (s10 + s21 + s20), 0) + np.maximum(-s20, 0)
    lengths = np.linalg.norm(g2, axis=0)
    angles = np.arccos(np.clip(g2[0] / np.maximum(lengths, 1e-300), -1, 1))
    return np.where(lack > 1e-12, -1 - lack, _farthest(lengths, angles, a, c))


def price_of_two_steps(a: float, seed: int = 0, generations: int = 150) -> Price:
    """Search K of the price of joint training for two steps.

    Examples
    --------
    >>> found = price_of_two_steps(0.3, generations=40)
    >>> found.quadratics <= found.found <= found.chained
    True
    """
    bounds = [(0, 1), (0, np.pi), (-1, 1), (-1, 1), (-1, 1)]

    def largest(c: float) -> float:
        found = differential_evolution(
            lambda path: -reached(path, a, c), bounds, maxiter=generations, popsize=24, seed=seed, vectorized=True,
            updating="deferred", polish=False, tol=0,
        )  # fmt: skip
        return -float(found.fun)

    turn = (1 + a * np.exp(1j * np.linspace(0, np.pi, 2001))) ** 4
    ends = ((1 + a) ** 4 + (1 - a) ** 4) / 2, (1 + a) ** 4
    chained = minimize_scalar(lambda c: float(np.abs(turn - c).max()), bounds=(1 - ends[1], 2 * ends[1]), method="bounded")
    best = minimize_scalar(
        largest,
        bounds=(min(ends[0], chained.x) - 0.1, max(ends[0], chained.x) + 0.1),
        method="bounded",
        options={"xatol": 1e-3},
    )
    return Price(a, ((1 + a) ** 4 - (1 - a) ** 4) / 2, float(best.fun), float(chained.fun), float(best.x))


@dataclass(frozen=True)
class Wrinkled:
    """A risk in the plane with measured constants, and its meta-risk's curvature beside the constants of ``smooth_meta_risk``.

    Parameters
    ----------
    G, L, L_H : float
        Measured suprema.
    reached : float
        |Hessian of F| at a point.
    line, plane : float
        The constant that is sharp on the line, and the one that is proved in every dimension.
    """

    G: float
    L: float
    L_H: float
    reached: float
    line: float
    plane: float


def ideal(alpha: float, share: float) -> tuple[float, float]:
    """What a wrinkle of vanishing size reaches over the constant of the line, and the angle between n and y: L = L_H = 1.

    Parameters
    ----------
    alpha : float
        Rate, positive.
    share : float
        l/G, in (0, 1).

    Examples
    --------
    >>> ideal(1.0, 0.9)[0] > 1, ideal(1.0, 0.5)[0] > 1
    (True, False)
    """
    top, ell = 0.5 / share, 0.5
    g = np.sqrt(top**2 - ell**2)
    angles = np.linspace(0, np.pi / 2, 2001)
    low, high = (1 + alpha) ** 2, alpha * g * np.sin(angles)
    # the larger eigenvalue of a sum of two multiples of projections
    sizes = 0.5 * (low + high + np.sqrt((low - high) ** 2 + 4 * low * high * np.cos(angles) ** 2))
    best = int(sizes.argmax())
    return float(sizes[best] / (low + alpha * (top - 0.5))), float(angles[best])


def wrinkled(alpha: float, share: float, size: float = 1e-6, stretch: float = 1e3, places: int = 301) -> Wrinkled:
    """A wrinkle of positive size, with all constants measured: L = L_H = 1 but for what it adds.

    Parameters
    ----------
    alpha, share : float
        As for :func:`ideal`.
    size, stretch : float
        The wrinkle's height is about `size` in curvature, its length `size * stretch`.
    places : int
        Points along each side of the wrinkle at which its derivatives are looked at.

    Examples
    --------
    >>> found = wrinkled(1.0, 0.9)
    >>> found.line < found.reached < found.plane, round(found.L_H, 2)
    (True, 1.0)
    """
    angle = ideal(alpha, share)[1]
    n, across = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    length = size * stretch
    # the curvature stays at -L as far as the wrinkle reaches
    flat = 2 * length
    g, ell = np.sqrt((0.5 / share) ** 2 - 0.25), 0.5 + flat
    deep = np.sqrt(2.0)
    knots = size * np.cumsum([0, 1, 1, deep, deep, 1, 1])
    jerks = np.array([1.0, -1.0, -1.0, 1.0, 1.0, -1.0])

    def profile(s: Array) -> list[Array]:
        """q and its three derivatives, from the left."""
        found = [np.zeros_like(s) for _ in range(4)]
        at = [0.0, 0.0, 0.0]
        for left, right, jerk in zip(knots, knots[1:], jerks, strict=False):
            inside, far, end = (s >= left) & (s < right), s - left, right - left
            values = (
                at[0] + far * (at[1] + far * (at[2] / 2 + far * jerk / 6)), at[1] + far * (at[2] + far * jerk / 2),
                at[2] + far * jerk, jerk + 0 * far,
            )  # fmt: skip
            for entry, value in zip(found, values, strict=True):
                entry[inside] = value[inside]
            at = [
                at[0] + end * (at[1] + end * (at[2] / 2 + end * jerk / 6)), at[1] + end * (at[2] + end * jerk / 2),
                at[2] + end * jerk,
            ]  # fmt: skip
        return found

    def cut(t: Array) -> list[Array]:
        """1 in the middle, 0 from `length` on: with three derivatives."""
        u = np.clip(np.abs(t) / length, 0, 1)
        slopes = (
            1 - u**3 * (10 - 15 * u + 6 * u**2), -30 * u**2 * (1 - u) ** 2, -60 * u * (1 - u) * (1 - 2 * u),
            -60 * (1 - 6 * u + 6 * u**2),
        )  # fmt: skip
        return [slope * (np.sign(t) / length) ** order for order, slope in enumerate(slopes)]

    def derivatives(s: Array, t: Array) -> tuple[Array, Array, Array]:
        """Gradient (2, ...), Hessian (2, 2, ...) and third derivatives (sss, sst, stt, ttt) of the wrinkle, by n and across."""
        q, c = profile(s), cut(t)
        mixed = c[1] * q[1]
        gradient, hessian = np.array([c[0] * q[1], c[1] * q[0]]), np.array([[c[0] * q[2], mixed], [mixed, c[2] * q[0]]])
        return gradient, hessian, np.array([c[0] * q[3], c[1] * q[2], c[2] * q[1], c[3] * q[0]])

    frame = np.stack([n, across], axis=1)
    s, t = np.meshgrid(np.linspace(0, knots[-1] * (1 - 1e-9), places), np.linspace(-length, length, places))
    slopes, bends, thirds = derivatives(s, t)
    turn = np.linspace(0, np.pi, 361)
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    a, b, c, d = thirds.reshape(4, -1)
    cubic = cosine**3 * a + 3 * cosine**2 * sine * b + 3 * cosine * sine**2 * c + sine**3 * d
    turned = np.einsum("ik,klst,jl->stij", frame, bends, frame) - np.array([[0.0, 0.0], [0.0, 1.0]])
    L = max(1.0, float(np.abs(np.linalg.eigvalsh(turned)).max()))
    L_H = max(1.0, float(np.abs(cubic).max()))
    G = float(np.hypot(g, ell) + np.sqrt((slopes**2).sum(axis=0)).max())

    point = 1e-3 * size * n
    gradient, bend, third = derivatives(np.array([point @ n]), np.array([point @ across]))
    here = np.array([g, -point[1]]) + frame @ gradient[:, 0]
    hessian = frame @ bend[..., 0] @ frame.T - np.array([[0.0, 0.0], [0.0, 1.0]])
    after = point - alpha * here
    if not (abs(after[1]) < flat and after @ n < 0):
        raise ValueError(
            f"alpha is {alpha!r}; for a step that leaves the wrinkle and stays where the curvature is -1 it is too large"
        )
    there = np.array([g, -after[1]])
    along, aside = n @ there, across @ there
    a, b, c, d = third[:, 0]
    turning = np.array([[a * along + b * aside, b * along + c * aside], [b * along + c * aside, c * along + d * aside]])
    factor = np.eye(2) - alpha * hessian
    meta = factor @ np.array([[0.0, 0.0], [0.0, -1.0]]) @ factor - alpha * frame @ turning @ frame.T
    proved = (1 + alpha * L) ** 2 * L + alpha * L_H * G
    return Wrinkled(G, L, L_H, float(np.abs(np.linalg.eigvalsh(meta)).max()), proved - alpha * L**2 / 2, proved)
