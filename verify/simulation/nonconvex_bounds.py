"""Measured sums of squared gradients over the bounds on them, on sines, by simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr, Symbol

import numerics as nx
from numerics.bilevel import outer_objective
from numerics.smooth.terms import Terms
from theory import notation as S
from theory.bounds.smooth import (
    descent_sum,
    descent_sum_spread,
    meta_descent_sum,
    meta_descent_sum_floor,
    meta_descent_sum_tasks,
)
from theory.smooth.constants import META_SMOOTHNESS
from theory.smooth.printed import BOUND_1, BOUND_2, LEAST
from verify.arithmetic.evaluate import FLOATS, evaluate

if TYPE_CHECKING:
    import xarray

Values = dict[Symbol, Any]


def _square_root(scale: Expr) -> Callable[[Values], float]:
    """The step at which start_gap/eta + eta scale/2 is least."""
    return lambda values: np.sqrt(2 * values[S.start_gap] / evaluate(scale, values, FLOATS))


def _damped(values: Values) -> float:
    curvature, noise = values[S.L], evaluate(descent_sum_spread.C, values, FLOATS)
    return 2 / (curvature + np.sqrt(curvature**2 + 2 * noise / values[S.start_gap]))


def _small(values: Values) -> float:
    return min(1 / evaluate(META_SMOOTHNESS, values, FLOATS), _square_root(meta_descent_sum_floor.NOISE)(values))


#: claims in the order in which their bounds are drawn: whether they are about MAML, the step that each is for, and the bound on
#: the sum; the two that are printed leave the step open and get that of ``descent_sum`` and ``meta_descent_sum``
_DRAWN: dict[str, tuple[bool, Callable[[Values], float], Expr]] = {
    "descent_sum": (False, _square_root(descent_sum.C), descent_sum.CLAIM.rhs),
    "descent_sum_spread": (False, _damped, descent_sum_spread.CLAIM.rhs / (1 - S.eta * S.L / 2)),
    "gao_sener_theorem_1": (False, _square_root(descent_sum.C), BOUND_1),
    "meta_descent_sum": (True, _square_root(meta_descent_sum.C), meta_descent_sum.CLAIM.rhs),
    "meta_descent_sum_tasks": (True, _square_root(meta_descent_sum_tasks.C), meta_descent_sum_tasks.CLAIM.rhs),
    "meta_descent_sum_floor": (True, _small, meta_descent_sum_floor.BOUND),
    "gao_sener_theorem_2": (True, _square_root(meta_descent_sum.C), BOUND_2),
}
BOUNDS = tuple(_DRAWN)


def steps_and_bounds(
    losses: Terms, start: float, count: int, variance: float, a: float, batch: int
) -> tuple[tuple[nx.Rule, float, float], ...]:
    """The rule, step and bound of each claim of :data:`BOUNDS` for one number of updates; parameters as of :func:`ratios`."""
    found = losses.constants(nx.Oracle(nx.Rademacher(variance)))
    alpha = a / found.L
    values: Values = {
        S.L: found.L, S.G: found.G, S.steepest: found.G, S.L_H: found.L_H, S.V_d: variance, S.xi: np.sqrt(variance),
        S.task_spread: float(found.V_t or 0.0), S.start_range: found.Delta, S.alpha: alpha, S.chi: 0, S.M: batch, S.N: 1,
        S.T_tr: count, S.T_te: 0,
    }  # fmt: skip
    line = np.linspace(-20, 20, 20001)[:, None, None]
    result = []
    for adapts, step, bound in _DRAWN.values():
        rule: nx.Rule = nx.MAML(alpha) if adapts else nx.DRS()
        # the infimum of every sine is 0
        values[S.start_gap] = float(outer_objective(losses, rule, [start]))
        values[LEAST] = float((rule.adapted_value(losses, line) @ losses.weights).min())
        values[S.eta] = step(values)
        result.append((rule, values[S.eta], float(evaluate(bound, values, FLOATS))))
    return tuple(result)


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
        (bound, update, run).
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
