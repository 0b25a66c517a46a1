r"""The constants of smooth risks: what a family declares, and whether that is true.

A distribution of risks R(theta; gamma) has

* Delta with sup R - inf R <= Delta for every task, and R >= 0; * G, L, L_H: Lipschitz constants of R, grad R and the
Hessian, for every task; * V_d: E|g - grad R|^2 of a call g of the gradient oracle; V_h: sup over |u| = 1 of E|(h -
Hessian) u|^2 of a sample h of the   Hessian oracle; V_t: sup over theta of the variance of grad R across tasks.

A family declares its constants in closed form.  :func:`check_constants` searches the suprema and refuses a declaration
that a point refutes: every quotient that it forms is a lower bound of the constant concerned.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from numerics.losses import Losses

Array = NDArray[Any]

#: relative excess of a searched supremum over a declared one that rounding explains
ROUNDING = 1e-6


@dataclass(frozen=True)
class Constants:
    """Constants of a distribution of smooth risks, see the module; infinite where there is none.

    Parameters
    ----------
    Delta, G, L, L_H : float
        Range of the risk and Lipschitz constants of risk, gradient and Hessian.
    V_d, V_t, V_h : float or None
        Variances of the gradient oracle, across tasks, of the Hessian oracle; None where no law defines them.

    Raises
    ------
    ValueError
        If a constant is negative or not a number.

    Examples
    --------
    >>> Constants(Delta=1.0, G=0.5, L=0.5, L_H=0.5).scaled(2.0).G
    1.0
    """

    Delta: float
    G: float
    L: float
    L_H: float
    V_d: float | None = None
    V_t: float | None = None
    V_h: float | None = None

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value is not None and not value >= 0:
                raise ValueError(f"{entry.name} is {value!r}; a constant of a smooth risk must be at least zero")

    def scaled(self, height: float) -> Constants:
        """Constants of `height` times the risks."""
        return Constants(height * self.Delta, height * self.G, height * self.L, height * self.L_H)


class Declared(Protocol):
    """Risks that declare their constants."""

    def constants(self) -> Constants:
        """What is declared."""


def searched_constants(losses: Losses, *, radius: float = 10.0, points: int = 4000, seed: int = 0) -> Constants:
    """Suprema over theta of each of Delta, G, L and L_H, found by random points and local ascent: lower bounds.

    Parameters
    ----------
    losses : Losses
        Any family of risks.
    radius : float
        Points are drawn at distances of up to about this from the origin, on all scales; ascents may leave the ball.
    points : int
        Random points per task.
    seed : int
        Of the points.

    Returns
    -------
    Constants
        Without variances.

    Raises
    ------
    ValueError
        If the radius is not positive or `points` is below 1.

    Examples
    --------
    >>> from numerics.smooth.families import Sines
    >>> found = searched_constants(Sines([1.0], [[2.0]], [[3.0]], [[0.0]]))
    >>> round(found.G, 6), round(found.L, 6), round(found.L_H, 6)
    (3.0, 9.0, 27.0)
    """
    found = _suprema(losses, radius, points, seed)
    return Constants(*(found[name][0] for name in ("Delta", "G", "L", "L_H")))


def check_constants(losses: Losses, declared: Constants | None = None, **search: Any) -> Constants:
    """Refuse declared constants that a search refutes.

    Parameters
    ----------
    losses : Losses
        Any family of risks.
    declared : Constants, optional
        What is claimed of them; `losses.constants()` if not given.
    radius, points, seed
        As for :func:`searched_constants`.

    Returns
    -------
    Constants
        The searched suprema.

    Raises
    ------
    ValueError
        If a supremum exceeds what is declared, or a risk is negative somewhere; the sentence names the task and the point.
    TypeError
        If nothing is declared.

    Examples
    --------
    >>> from numerics.smooth.families import Sines
    >>> sines = Sines([1.0], [[2.0]], [[1.0]], [[0.0]])
    >>> check_constants(sines, Constants(Delta=2.0, G=0.5, L=1.0, L_H=1.0))
    Traceback (most recent call last):
    ValueError: G is declared as 0.5, but task 0 reaches 1 at theta = [0]; declare at least that
    """
    if declared is None:
        if not hasattr(losses, "constants"):
            raise TypeError(f"losses is a {type(losses).__name__} without constants(); give `declared` or define that method")
        declared = cast(Declared, losses).constants()
    found = _suprema(losses, search.pop("radius", 10.0), search.pop("points", 4000), search.pop("seed", 0), **search)
    for name in ("Delta", "G", "L", "L_H"):
        value, task, theta = found[name]
        if value > getattr(declared, name) * (1 + ROUNDING) + 1e-9:
            raise ValueError(
                f"{name} is declared as {getattr(declared, name):.6g}, but task {task} reaches {value:.6g} at theta = "
                f"{_printed(theta)}; declare at least that"
            )
    least, task, theta = found["least"]
    if math.isfinite(declared.Delta) and least < -1e-9 * max(1.0, declared.Delta):
        raise ValueError(
            f"the risk of task {task} is {least:.6g} at theta = {_printed(theta)}; with a finite Delta it must be at least 0"
        )
    return Constants(*(found[name][0] for name in ("Delta", "G", "L", "L_H")))


def _printed(theta: Array) -> str:
    return "[" + ", ".join(f"{entry + 0.0:.4g}" for entry in theta) + "]"


Found = dict[str, tuple[float, int, Array]]


def _suprema(losses: Losses, radius: float, points: int, seed: int) -> Found:
    if not (np.isfinite(radius) and radius > 0):
        raise ValueError(f"radius is {radius!r}; it must be positive and finite")
    if points < 1:
        raise ValueError(f"points is {points!r}; it must be at least 1")
    best: Found = {}
    # points are looked for in tenths of the radius, so that their units mean nothing to the steps between them
    unit = radius / 10

    def keep(name: str, value: float, task: int, theta: Array, sign: float = 1.0) -> None:
        if name not in best or sign * value > sign * best[name][0]:
            best[name] = (float(value), task, unit * theta)

    for task in range(losses.number):
        one = losses.chunk(slice(task, task + 1))
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(task,)))
        p = losses.dimension
        scales = 10.0 ** rng.uniform(-2, 1, (points, 1))
        # signs and zeros first: suprema sit at symmetric points of many families
        cloud = np.vstack([np.zeros((1, p)), scales * rng.standard_normal((points, p))])
        ways = rng.standard_normal((points + 1, p))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        tops = {name: _climbed(function, cloud, rng) for name, function in _functions(one, unit).items()}
        tops["L_H"] = _climbed(partial(_third, one, unit), np.hstack([cloud, ways]), rng)
        keep("Delta", tops["highest"][0] + tops["lowest"][0], task, tops["highest"][1])
        keep("least", -tops["lowest"][0], task, tops["lowest"][1], -1.0)
        for name in ("G", "L", "L_H"):
            keep(name, tops[name][0], task, tops[name][1][:p])
    return best


def _functions(one: Losses, unit: float) -> dict[str, Callable[[Array], Array]]:
    """What is made large over points (b, p) of one task, which are in `unit`."""
    return {
        "highest": lambda z: one.value(unit * z[:, None, :])[:, 0],
        "lowest": lambda z: -one.value(unit * z[:, None, :])[:, 0],
        "G": lambda z: np.linalg.norm(one.gradient(unit * z[:, None, :])[:, 0], axis=1),
        "L": lambda z: _curvature(one, unit * z),
    }


def _curvature(one: Losses, points: Array) -> Array:
    """Spectral norms of one task's Hessians at points (b, p), assembled from products."""
    at = points[:, None, :]
    columns = [one.hessian_vector(at, np.broadcast_to(e, at.shape))[:, 0] for e in np.eye(one.dimension)]
    hessians = np.stack(columns, axis=-1)
    return np.abs(np.linalg.eigvalsh((hessians + hessians.swapaxes(1, 2)) / 2)).max(axis=1)


def _third(one: Losses, unit: float, points_and_ways: Array) -> Array:
    """Difference quotients of v' H v along v: at most the Lipschitz constant of the Hessian."""
    points, ways = np.split(points_and_ways, 2, axis=1)
    length = np.linalg.norm(ways, axis=1, keepdims=True)
    way = (ways / np.where(length > 0, length, 1.0))[:, None, :]
    points, step = unit * points[:, None, :], 1e-4 * unit
    ahead, behind = one.hessian_vector(points + step * way, way), one.hessian_vector(points - step * way, way)
    # what rounding may have added is taken off
    size = np.abs(ahead).max(initial=0.0) + np.abs(behind).max(initial=0.0)
    quotients = np.abs(((ahead - behind) * way).sum(axis=(1, 2))) / (2 * step) - 4e-16 * size / step
    return np.maximum(quotients, 0.0)


def _climbed(
    function: Callable[[Array], Array], start: Array, rng: np.random.Generator, starts: int = 3
) -> tuple[float, Array]:
    """Highest value by the points and by random ascent from the best of them: steps shrink while none leads higher."""
    values = function(start)
    order = np.argsort(-values, kind="stable")[:starts]
    top, where = float(values[order[0]]), start[order[0]]
    for index in order:
        value, point = float(values[index]), start[index]
        reach = 0.1 * float(np.linalg.norm(point)) + 0.1
        for _ in range(70):
            near = point + reach * rng.standard_normal((40, start.shape[1]))
            around = function(near)
            best = int(np.argmax(around))
            if around[best] > value:
                value, point = float(around[best]), near[best]
            else:
                reach *= 0.6
        if value > top:
            top, where = value, point
    return top, where
