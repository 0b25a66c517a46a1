r"""The families of the study on risks that need not be convex, and where their objectives lead without noise.

For a deployment with one exact step at rate alpha, :math:`D(\theta)=E R_\gamma(\theta-\alpha\nabla R_\gamma(\theta))`.
Joint training's objective is D at rate 0, MAML's is D.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

import numerics as nx
from numerics.smooth.terms import Terms

Array = NDArray[Any]

#: points of a grid along an axis, by the dimension; in more dimensions minima are looked for from `STARTS` points
GRID = {1: 4001, 2: 201}
STARTS = 24
#: places of a grid from which descents begin
POLISHED = 5
#: accuracy to which minima are certain on a line and in the plane, and cells at most that are looked at for it at once
CERTAIN, CELLS = 1e-6, 1 << 20


@dataclass(frozen=True)
class Setting:
    """Risks, and where runs begin.

    Parameters
    ----------
    losses : Terms
    start : array (p,)
        Runs begin there or at the opposite point.
    reach : float
        Global minima are looked for in a cube of this half side about 0.
    """

    losses: Terms
    start: Array
    reach: float


def sines() -> Setting:
    """Two kinds of sines whose curvature goes with their phase, so that joint training has a modeling error."""
    return Setting(nx.Sines([0.5, 0.5], 1.0, [[1.0], [2.0]], [0.9, 5.9]), np.array([2.0]), 2 * np.pi + 2)


def welsch() -> Setting:
    """Four robust locations in the plane, two of them narrow: adaptation helps those least whose curvature is large."""
    centres = [[1.0, 0.5], [-0.6, 1.0], [-0.4, -0.9], [0.9, -0.8]]
    return Setting(nx.Welsch.locations(np.full(4, 0.25), 1.0, centres, [0.7, 0.7, 1.6, 1.6]), np.array([1.5, 1.5]), 4.0)


def logistic() -> Setting:
    """Six classifications of four data each in five dimensions, with a penalty that bends both ways; Delta is infinite."""
    rng = np.random.default_rng(10)
    features = rng.standard_normal((6, 4, 5)) * np.where(np.arange(6) % 2, 1.5, 0.5)[:, None, None]
    truth = rng.standard_normal((6, 1, 5)) + 0.5
    labels = np.where((features * truth).sum(axis=2) + 0.3 * rng.standard_normal((6, 4)) > 0, 1.0, -1.0)
    weights = np.full(6, 1 / 6)
    return Setting(nx.Logistic(weights, 0.25, features, labels) + nx.Penalty(weights, 0.05, 5), np.full(5, 1.0), 3.0)


FAMILIES: dict[str, Callable[[], Setting]] = {"sines": sines, "welsch": welsch, "logistic": logistic}


def objective(losses: nx.Losses, rule: nx.Rule, points: Array) -> Array:
    """Mean adapted risk at points (..., p).

    Examples
    --------
    >>> round(float(objective(sines().losses, nx.DRS(), np.zeros(1))), 4)
    0.6024
    """
    return np.asarray(rule.adapted_value(losses, points[..., None, :]) @ losses.weights)


def mean_step(losses: nx.Losses, rule: nx.Rule, point: Array) -> Array:
    """Mean outer step of a rule at one point (p,): the gradient of its objective."""
    return np.asarray(losses.weights @ rule.outer_step(losses, point[None, :]))


def lowest(setting: Setting, rule: nx.Rule) -> tuple[Array, float]:
    """A global minimiser of the mean adapted risk, and the minimum.

    In one and two dimensions descents begin at the best places of a grid, and :func:`uncertainty` says how far below the
    minimum may be.  In more dimensions they begin at points of the cube, and nothing is certain.
    """
    losses, p = setting.losses, setting.losses.dimension
    if p in GRID:
        axis = np.linspace(-setting.reach, setting.reach, GRID[p])
        points = np.stack(np.meshgrid(*[axis] * p, indexing="ij"), axis=-1).reshape(-1, p)
        points = points[np.argsort(objective(losses, rule, points), kind="stable")[:POLISHED]]
    else:
        points = np.random.default_rng(0).uniform(-setting.reach, setting.reach, (STARTS, p))
    best: tuple[Array, float] | None = None
    for point in points:
        found = minimize(
            lambda z: float(objective(losses, rule, z)),
            point,
            jac=lambda z: mean_step(losses, rule, z),
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-10},
        )
        if best is None or found.fun < best[1]:
            best = (found.x, float(found.fun))
    assert best is not None
    return best


def uncertainty(setting: Setting, alpha: float, least: float) -> float:
    r"""How far below `least` MAML's objective may fall in the cube at most; infinite where that is not looked into.

    Cells are halved until each is certain: from its centre c an objective of smoothness :math:`L_F` falls within a radius r by
    :math:`\|\nabla F(c)\|r+\tfrac12L_Fr^2` at most (``smooth_meta_risk``).

    Parameters
    ----------
    setting : Setting
    alpha : float
        Rate of the one inner step.
    least : float
        The least value that was found.

    Examples
    --------
    >>> uncertainty(sines(), 0.1, lowest(sines(), nx.MAML(0.1))[1]) <= CERTAIN
    True
    >>> bool(uncertainty(sines(), 0.1, 0.5) > 0.2)       # it falls below that by more
    True
    """
    losses, p, rule = setting.losses, setting.losses.dimension, nx.MAML(alpha)
    if p not in GRID:
        return float("inf")
    found = losses.constants()
    smoothness = (1 + alpha * found.L) ** 2 * found.L + alpha * found.L_H * found.G
    corners = np.stack(np.meshgrid(*[[-0.5, 0.5]] * p, indexing="ij"), axis=-1).reshape(-1, p)
    centres, half, within = np.zeros((1, p)), setting.reach, 0.0
    while len(centres):
        radius = half * np.sqrt(p)
        slopes = np.linalg.norm(
            np.einsum("g,...gi->...i", losses.weights, rule.outer_step(losses, centres[:, None, :])), axis=1
        )
        fall = least - (objective(losses, rule, centres) - slopes * radius - 0.5 * smoothness * radius**2)
        unsure = fall > CERTAIN
        within = max(within, float(fall[~unsure].max(initial=0.0)))
        # what is below `least` itself is never certain, nor is what would take too many cells
        if len(centres) > CELLS or 0.5 * smoothness * radius**2 < CERTAIN / 100:
            return max(within, float(fall.max()))
        centres = (centres[unsure][:, None, :] + half * corners).reshape(-1, p)
        half /= 2
    return within


def settled(losses: nx.Losses, rule: nx.Rule, start: Array, horizon: float = 1e4) -> Array:
    """Where the flow along a rule's mean outer step is after so long in units of 1/L, an integration of Livermore's."""
    L = losses.constants().L if isinstance(losses, Terms) else 1.0

    def still(_: float, z: Array) -> float:
        return float(np.abs(mean_step(losses, rule, z)).max()) - 1e-9 * L

    still.terminal = True  # type: ignore[attr-defined]
    flow = solve_ivp(
        lambda _, z: -mean_step(losses, rule, z), (0, horizon / L), start, "LSODA", rtol=1e-8, atol=1e-10, events=still
    )
    return np.asarray(flow.y[:, -1])


@dataclass(frozen=True)
class Landmarks:
    """What an objective leads to at a deployed rate.

    Parameters
    ----------
    settled : float
        Deployed risk where the flow ends, the mean over both starts.
    lowest : float
        Deployed risk at the objective's global minimiser.
    slope : float
        |grad D| where the flow ends, the mean over both starts.
    slopes : float
        E|grad R| there.
    uncertain : float
        How far below `lowest` the deployed risk may fall, if `deployed` is the rate that was trained for.
    """

    settled: float
    lowest: float
    slope: float
    slopes: float
    uncertain: float


@cache
def landmarks(family: str, trained: float, deployed: float) -> Landmarks:
    """Where the objective of rate `trained` leads, valued at rate `deployed`, both in units of 1/L."""
    setting = FAMILIES[family]()
    L = setting.losses.constants().L
    rule, paid = nx.MAML(trained / L), nx.MAML(deployed / L)
    ends = np.array([settled(setting.losses, rule, side * setting.start) for side in (1.0, -1.0)])
    sizes = np.linalg.norm(setting.losses.gradient(ends[:, None, :]), axis=2) @ setting.losses.weights
    least = float(objective(setting.losses, paid, lowest(setting, rule)[0]))
    return Landmarks(
        float(objective(setting.losses, paid, ends).mean()),
        least,
        float(np.mean([np.linalg.norm(mean_step(setting.losses, paid, end)) for end in ends])),
        float(sizes.mean()),
        uncertainty(setting, deployed / L, least) if trained == deployed else float("inf"),
    )
