r"""Modeling error against optimization error on risks that need not be convex: what is measured, and how.

For a deployment with one exact step at rate alpha, :math:`D(\theta)=E R_\gamma(\theta-\alpha\nabla R_\gamma(\theta))`.
An algorithm A ends at :math:`\theta_T`; :math:`\theta^\infty_A` is where the noise-free flow of its own objective leads
from the same start, :math:`\theta^g_A` a global minimiser of that objective.  Then

.. math:: E D(\theta_T)-\min D=[E D(\theta_T)-D(\theta^\infty_A)]+[D(\theta^\infty_A)-D(\theta^g_A)]+[D(\theta^g_A)-\min D]:

optimization, basin and modeling error, the first of either sign.  Both algorithms get the same number of gradient calls
an update; starts come from a symmetric law; step sizes are chosen on one half of the runs for every number of updates,
and what is reported is measured on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from numerics.bilevel import hypergradient
from numerics.smooth.quadratic_runs import QuadraticRuns, flips

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]

#: points of the line on which global minima are looked for, before they are polished
GRID = 4001
PARTS = ("optimization", "basin", "modeling")
ALGORITHMS = ("joint", "meta")


def reference(batch: int) -> QuadraticRuns:
    """The exactly solved instance: curvatures 1/5 and 1, optima 1 and -1/5, alpha = 0.6, N = 2, V_d = 1."""
    return QuadraticRuns(np.array([0.2, 1.0]), np.array([1.0, -0.2]), np.full(2, 0.5), 0.6, 1.0, batch, 2)


#: step sizes among which the exact instance takes the best one for every horizon
REFERENCE_RATES = np.geomspace(0.003, 0.9, 40)


def reference_curves(batch: int, start: float, updates: int = 1500) -> tuple[Array, Array]:
    """Least expected excesses of joint training and of MAML after 1, 2, ... updates, over constant step sizes."""
    runs = reference(batch)
    joint, meta = (runs.excess(adapts, REFERENCE_RATES, start, updates).min(axis=0) for adapts in (False, True))
    return joint, meta


def reference_flips(batch: int, start: float = -3.0, updates: int = 1500) -> list[int]:
    """Numbers of updates at which the leader changes on the exactly solved instance.

    Examples
    --------
    >>> [reference_flips(batch) for batch in (1, 5, 20)]
    [[103], [21], [15]]
    """
    return flips(*reference_curves(batch, start, updates))


def waves() -> nx.Sines:
    """Two kinds of sines whose curvature goes with their phase, so that joint training has a modeling error."""
    return nx.Sines([0.5, 0.5], 1.0, [[1.0], [2.0]], [0.9, 5.9])


@dataclass(frozen=True)
class Grid:
    """What the study runs.

    Parameters
    ----------
    batches, calls : tuple of int
        M and N.
    rates : tuple of float
        a = alpha L.
    updates : tuple of int
        Numbers of updates.
    runs : int
        Independent runs; half of them choose step sizes.
    variance : float
        V_d.
    spread : float
        Starts are this far from 0, on either side.
    steps : int
        Step sizes, logarithmically spaced.
    seed : int
        Of everything random.
    """

    batches: tuple[int, ...] = (1, 5)
    calls: tuple[int, ...] = (1, 5, 50)
    rates: tuple[float, ...] = (0.0, 0.1, 0.3, 1.0)
    updates: tuple[int, ...] = (10, 22, 46, 100, 220, 460, 1000)
    runs: int = 200
    variance: float = 1.0
    spread: float = 2.0
    steps: int = 12
    seed: int = 0
    losses: nx.Sines = field(default_factory=waves)

    def step_sizes(self) -> Array:
        """The step sizes, up to 20/L: on bounded slopes large ones do not diverge, and few updates want them."""
        return np.geomspace(5e-3, 20.0, self.steps) / self.losses.constants().L

    def starts(self) -> Array:
        """One start per run, on alternating sides."""
        return self.spread * np.where(np.arange(self.runs) % 4 < 2, 1.0, -1.0)[:, None]


def objective(losses: nx.Losses, rule: nx.Rule, points: Array) -> Array:
    """Mean adapted risk at points (...,) of the line."""
    flat = np.ravel(points)[:, None, None]
    values = rule.adapted_value(losses, flat) @ losses.weights
    return np.asarray(values.reshape(np.shape(points)))


def lowest(losses: nx.Losses, rule: nx.Rule, low: float, high: float) -> tuple[float, float]:
    """A global minimiser and the minimum of the mean adapted risk on an interval: the best of a grid, polished by Newton's way.

    Values on the grid differ from the minimum by at most its Lipschitz constant times half the spacing, so that the minimum is
    certain to that accuracy.
    """
    points = np.linspace(low, high, GRID)
    values = objective(losses, rule, points)
    best = int(values.argmin())
    left, right = points[max(best - 1, 0)], points[min(best + 1, GRID - 1)]
    for _ in range(60):
        inner = np.array([left + (right - left) * s for s in (0.382, 0.618)])
        first, second = objective(losses, rule, inner)
        left, right = (left, inner[1]) if first < second else (inner[0], right)
    point = (left + right) / 2
    return float(point), float(objective(losses, rule, np.array(point)))


def settled(losses: nx.Losses, rule: nx.Rule, start: float, step: float, iterations: int = 20000) -> float:
    """Where small exact steps along a rule's mean outer step lead from a start."""
    point = np.array([start])
    for _ in range(iterations):
        move = hypergradient(losses, rule, point, workers=1)
        point = point - step * move
        if abs(float(move[0])) < 1e-12:
            break
    return float(point[0])


def run(grid: Grid, store: Path | None = None, workers: int | None = None) -> xarray.Dataset:
    """The study's results, labelled.

    Parameters
    ----------
    grid : Grid
        What to run.
    store : path, optional
        Where trajectories are kept, from which an interrupted call resumes.
    workers : int, optional
        Threads, which change no bit.

    Returns
    -------
    xarray.Dataset
        ``excess`` (M, N, a, update, algorithm, run) of the runs that did not choose, ``parts`` of (..., algorithm, part),
        ``step`` the chosen step sizes, ``least`` the least deployed risks, ``fixed`` what MAML trained at a pays when
        deployed at the largest rate (halves: choosing, reported), and ``calls`` the gradient calls of all updates.
    """
    import xarray

    losses, sizes, half = grid.losses, grid.step_sizes(), grid.runs // 2
    shape = (len(grid.batches), len(grid.calls), len(grid.rates), len(grid.updates), 2)
    excess, parts = np.empty((*shape, grid.runs - half)), np.empty((*shape, 3))
    fixed = np.empty((*shape[:-1], 2))
    chosen, calls = np.empty(shape), np.empty(shape[:2] + shape[3:])
    reach = 2 * np.pi / np.abs(losses.directions).min() + grid.spread
    oracle = nx.Oracle(nx.Rademacher(grid.variance))
    ends = [_landmarks(grid, a, reach) for a in grid.rates]
    for i, batch in enumerate(grid.batches):
        for j, count in enumerate(grid.calls):
            for m, name in enumerate(ALGORITHMS):
                for k, a in enumerate(grid.rates):
                    alpha = a / losses.constants().L
                    rule = nx.MAML(alpha) if name == "meta" else nx.DRS()
                    algorithm = nx.Sampling(rule, oracle, batch=batch, calls=count)
                    calls[i, j, :, m] = algorithm.cost(np.array(grid.updates))
                    its_rate = a if name == "meta" else 0.0
                    label = f"{name}-M{batch}-N{count}-a{its_rate:g}"
                    folder = None if store is None else store / label
                    if name == "meta" or k == 0:
                        theta = nx.meta_train(
                            losses,
                            algorithm,
                            grid.starts(),
                            updates=grid.updates,
                            rates=sizes,
                            runs=grid.runs,
                            seed=grid.seed,
                            store=folder,
                            workers=workers,
                        ).theta[..., 0]
                    values = objective(losses, nx.MAML(alpha), theta)
                    best = values[:half].mean(axis=0).argmin(axis=0)
                    picked = np.take_along_axis(values[half:], best[None, None, :], axis=1)[:, 0]
                    least, where = ends[k]["least"], ends[k][name]
                    excess[i, j, k, :, m] = picked.T - least
                    chosen[i, j, k, :, m] = sizes[best]
                    if name == "meta":
                        # trained at this rate, deployed at the largest: the mean of the runs that choose, and of the others
                        paid = objective(losses, nx.MAML(max(grid.rates) / losses.constants().L), theta)
                        takes = paid[:half].mean(axis=0).argmin(axis=0)
                        for index, runs in enumerate((paid[:half], paid[half:])):
                            fixed[i, j, k, :, index] = np.take_along_axis(runs.mean(axis=0), takes[None, :], axis=0)[0]
                    parts[i, j, k, :, m, 0] = picked.mean(axis=0) - where["settled"]
                    parts[i, j, k, :, m, 1] = where["settled"] - where["global"]
                    parts[i, j, k, :, m, 2] = where["global"] - least
    names = ("M", "N", "a", "update", "algorithm")
    return xarray.Dataset(
        {
            "excess": ((*names, "run"), excess),
            "parts": ((*names, "part"), parts),
            "step": (names, chosen),
            "least": ("a", [end["least"] for end in ends]),
            "fixed": (("M", "N", "a", "update", "half"), fixed),
            "calls": (("M", "N", "update", "algorithm"), calls),
        },
        coords={
            "M": list(grid.batches),
            "N": list(grid.calls),
            "a": list(grid.rates),
            "update": list(grid.updates),
            "algorithm": list(ALGORITHMS),
            "part": list(PARTS),
        },
        attrs={"runs": grid.runs, "seed": grid.seed, "V_d": grid.variance, "edge": float(sizes[-1])},
    )


def _landmarks(grid: Grid, a: float, reach: float) -> dict[str, Any]:
    """Deployed values where each objective's flow and global minimum are, and the least of all."""
    losses = grid.losses
    alpha = a / losses.constants().L
    deployed = nx.MAML(alpha)
    found: dict[str, Any] = {"least": lowest(losses, deployed, -reach, reach)[1]}
    for name, rule in (("joint", nx.DRS()), ("meta", deployed)):
        step = 0.5 / ((1 + a) ** 2 * losses.constants().L + alpha * losses.constants().L_H * losses.constants().G)
        settles = [settled(losses, rule, side * grid.spread, step) for side in (1.0, -1.0)]
        place = lowest(losses, rule, -reach, reach)[0]
        values = objective(losses, deployed, np.array([*settles, place]))
        found[name] = {"settled": float(values[:2].mean()), "global": float(values[2])}
    return found


def band(result: xarray.Dataset, level: float = 0.95, resamples: int = 400, seed: int = 0) -> tuple[Array, Array]:
    """Bootstrap limits of log10 of the ratio of mean excesses, joint over meta, (M, N, a, update)."""
    rng = np.random.default_rng(seed)
    excess = result["excess"].values
    draws = []
    for _ in range(resamples):
        chosen = rng.integers(0, excess.shape[-1], excess.shape[-1])
        means = np.maximum(excess[..., chosen].mean(axis=-1), 1e-12)
        draws.append(np.log10(means[..., 0] / means[..., 1]))
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
