"""Measured sums of squared gradients over the bounds on them, on sines, by simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import numerics as nx
from numerics.bilevel import outer_objective
from numerics.smooth.terms import Terms

if TYPE_CHECKING:
    import xarray

#: claims in the order in which their bounds are drawn
BOUNDS = (
    "descent_sum",
    "descent_sum_spread",
    "gao_sener_theorem_1",
    "meta_descent_sum",
    "meta_descent_sum_tasks",
    "meta_descent_sum_floor",
    "gao_sener_theorem_2",
)


def steps_and_bounds(
    losses: Terms, start: float, count: int, variance: float, a: float, batch: int
) -> tuple[tuple[nx.Rule, float, float], ...]:
    """The rule, step and bound of each claim of :data:`BOUNDS` for one number of updates; parameters as of :func:`ratios`."""
    found = losses.constants(nx.Oracle(nx.Rademacher(variance)))
    L, G, rough, spread = found.L, found.G, found.L_H, float(found.V_t or 0.0)
    alpha, rho = a / L, 1 + a
    joint, meta = nx.DRS(), nx.MAML(alpha)
    # the infimum of every sine is 0
    gaps = {rule: outer_objective(losses, rule, [start]) for rule in (joint, meta)}
    line = np.linspace(-20, 20, 20001)[:, None, None]
    least = {rule: float((rule.adapted_value(losses, line) @ losses.weights).min()) for rule in (joint, meta)}
    smooth = rho**2 * L + alpha * (rough * G - L**2 / 2)
    noise = np.sqrt(variance)
    bias = rho**2 * G * min(a * noise, alpha**2 * rough * variance / 2)
    plain = L * (G**2 + variance / (2 * batch)) * count
    better = L * (spread + variance / 2) / batch * count
    all_calls = smooth * rho**2 * (G**2 + variance) * count
    aware = smooth * rho**2 * (G**2 + variance / batch) * count
    gap, deep = gaps[joint], gaps[meta]
    printed_1 = np.sqrt(0.5 * (found.Delta + least[joint]) * (plain + L * spread / batch * count))
    inside = (2 + 40 / batch) * rho**2 * G**2 + 14 * spread / batch + 3 * variance * (1 + a**2 * batch) / batch
    printed_c = (4 * L + 2 * rough * alpha * G) * inside * count
    printed_2 = count * a * rho**2 * G * noise + np.sqrt(0.5 * (found.Delta + least[meta] + alpha * G**2) * printed_c)
    # the smallest bias that is proved, and the step at which its bound is least
    move = alpha * noise
    near = min(move, L / rough)
    drift = rho * (rough * near**2 / 2 + L * (move - near))
    spread_m = (rho**2 * G**2 + rho**2 * (1 + a**2) * variance) / batch
    small = min(1 / smooth, np.sqrt(2 * deep / (smooth * spread_m * count)))
    floor = 2 * deep / small + count * drift**2 + small * smooth * spread_m * count
    return (
        (joint, np.sqrt(2 * gap / plain), np.sqrt(2 * gap * plain)),
        (joint, 2 / (L + np.sqrt(L**2 + 2 * better / gap)), L * gap + np.sqrt((L * gap) ** 2 + 2 * gap * better)),
        (joint, np.sqrt(2 * gap / plain), printed_1),
        (meta, np.sqrt(2 * deep / all_calls), count * bias + np.sqrt(2 * deep * all_calls)),
        (meta, np.sqrt(2 * deep / aware), count * bias + np.sqrt(2 * deep * aware)),
        (meta, small, floor),
        (meta, np.sqrt(2 * deep / all_calls), printed_2),
    )


def ratios(
    losses: Terms,
    start: float,
    updates: tuple[int, ...],
    variance: float,
    a: float = 1 / 6,
    batch: int = 5,
    runs: int = 200,
    seed: int = 0,
    workers: int | None = None,
) -> xarray.DataArray:
    """Sums over training alone (N = 1, exact Hessians), each at the step that its own bound is for, over that bound.

    Parameters
    ----------
    losses : Terms
        Risks of one sine a task, so that every infimum is 0.
    start : float
        theta_0.
    updates : tuple of int
        Numbers of updates.
    variance : float
        V_d.
    a : float
        alpha L of MAML, at most 1/6 for the second printed bound.
    batch : int
        M.
    runs, seed, workers
        Of the simulation.

    Returns
    -------
    xarray.DataArray
        (bound, update, run); the two printed bounds leave the step open: they get that of ``descent_sum`` and
        ``meta_descent_sum``.
    """
    import xarray

    result = np.empty((len(BOUNDS), len(updates), runs))
    for t, count in enumerate(updates):
        for index, (rule, step, bound) in enumerate(steps_and_bounds(losses, start, count, variance, a, batch)):
            algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(variance)), batch=batch)
            run = nx.meta_train(
                losses,
                algorithm,
                [start],
                updates=count,
                rates=float(step),
                runs=runs,
                seed=seed,
                watched=rule,
                workers=workers,
            )
            result[index, t] = run.sums[:, 0, 0] / bound
    return xarray.DataArray(result, dims=("bound", "update", "run"), coords={"bound": list(BOUNDS), "update": list(updates)})
