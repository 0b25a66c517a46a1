r"""How near sums of squared meta-gradients come to their bounds, by search: sharpness, and what is open of a printed theorem.

MAML with one noisy gradient inside and one outside, exact Hessians, on a risk of one sine with a quick ripple,

.. math:: R(\theta)=\tfrac12(1+\sin\theta)+\tfrac12h(1+\sin(w\theta+\varphi)),

whose constants are suprema over a period, looked for on a grid.  The mean of
:math:`\sum_{t<T}\|\nabla F(\theta_t)\|^2` is simulated and set against

- ``meta_descent_sum_tasks`` at its own step: a ratio near 1 would show that it is sharp;
- Theorem 2 of `gao-sener-2020` without test steps, at the best of several steps, since its own is left open, and only where it
  does not follow from ``meta_descent_sum_tasks``: :math:`(\rho^2+y)(\rho^2+\tfrac12)>3(1+\tfrac y2)(1+a^2M)` with
  :math:`y=\alpha L_HG/L`.  A ratio above 1 would refute it.

What is found is simulated anew with other noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution

import numerics as nx
from theory import notation as S
from theory.bounds.smooth.meta_descent_sum_tasks import CLAIM, C
from theory.smooth.printed import BOUND_2, LEAST
from verify.arithmetic.evaluate import FLOATS, evaluate

Array = NDArray[Any]

#: points of a period, and of a period of the ripple, at which suprema are taken: off by less than a thousandth
_POINTS, _ITS_POINTS = 4096, 64
#: step sizes over that of ``meta_descent_sum_tasks`` at which the printed bound is tried
_STEPS = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
#: runs of a look and of what is said in the end
_LOOK, _SAID = 64, 4096
#: ranges of log10 h, log2 w, phase, start, log10 of V_d/G^2, log10 T and log2 M
_RANGES = ((-6, 0), (0, 10), (0, 2 * np.pi), (0, 2 * np.pi), (-3, 4), (0, 3), (0, 3))


@dataclass(frozen=True)
class Setting:
    """A risk, its oracle and how long is trained on it.

    Parameters
    ----------
    ripple, frequency, phase : float
        h, w and the ripple's phase.
    start : float
        theta_0.
    noise : float
        V_d over the squared largest slope.
    updates, batch : int
        T and M.
    """

    ripple: float
    frequency: int
    phase: float
    start: float
    noise: float
    updates: int
    batch: int

    @classmethod
    def at(cls, place: Array) -> Setting:
        """The setting at a place among the searched ranges."""
        h, w, phase, start, noise, updates, batch = map(float, place)
        return cls(10**h, round(2**w), phase, start, 10**noise, round(10**updates), round(2**batch))

    def __str__(self) -> str:
        ripple = f"h = {self.ripple:.2g}, w = {self.frequency}, phase {self.phase:.3g}"
        return f"{ripple}, theta_0 = {self.start:.3g}, V_d/G^2 = {self.noise:.3g}, T = {self.updates}, M = {self.batch}"

    def losses(self) -> nx.Sines:
        """The risk, as a distribution of one task."""
        return nx.Sines([1.0], [[1.0, self.ripple]], [[[1.0], [float(self.frequency)]]], [[0.0, self.phase]])

    def period(self) -> Array:
        """Points of a period of the risk, close enough for its ripple."""
        return np.linspace(0, 2 * np.pi, 1 + max(_POINTS, _ITS_POINTS * self.frequency))

    def constants(self) -> tuple[float, float, float]:
        """G, L and L_H on the period.

        Examples
        --------
        >>> Setting(0.0, 1, 0.0, 0.0, 1.0, 1, 1).constants()
        (0.5, 0.5, 0.5)
        """
        period, h, w = self.period(), self.ripple, self.frequency
        first, second, third = (
            0.5 * float(np.abs(turn(period) + h * w**order * turn(w * period + self.phase)).max())
            for order, turn in ((1, np.cos), (2, np.sin), (3, np.cos))
        )
        return first, second, third


@dataclass(frozen=True)
class Sums:
    """Simulated means over bounds.

    Parameters
    ----------
    derived, printed : float
        Over ``meta_descent_sum_tasks`` at its step, and over Theorem 2 at the best of several.
    implied : bool
        Whether Theorem 2 follows from ``meta_descent_sum_tasks`` there.
    error : float
        Two standard errors of `derived`, relative to it.
    """

    derived: float
    printed: float
    implied: bool
    error: float


def sums(setting: Setting, a: float, runs: int = _LOOK, seed: int = 0) -> Sums:
    """Simulate one setting.

    Parameters
    ----------
    setting : Setting
    a : float
        alpha L, in (0, 1].
    runs, seed : int
        Of the simulation.

    Examples
    --------
    >>> found = sums(Setting(1e-3, 40, 0.0, 1.0, 1.0, 10, 1), 1 / 6)
    >>> 0 < found.derived < 1, found.implied
    (True, True)
    """
    losses, (G, L, L_H) = setting.losses(), setting.constants()
    alpha, rho, M = a / L, 1 + a, setting.batch
    V = setting.noise * G**2
    y = alpha * L_H * G / L
    implied = (rho**2 + y) * (rho**2 + 0.5) <= 3 * (1 + y / 2) * (1 + a**2 * M)
    rule, places = nx.MAML(alpha), setting.period()[:, None, None]
    risk, least = losses.value(places)[:, 0], float(rule.adapted_value(losses, places).min())
    gap = float(rule.adapted_value(losses, np.array([[setting.start]]))[0]) - least
    if gap <= 0:
        return Sums(0.0, 0.0, implied, 0.0)
    values = {
        S.L: L, S.G: G, S.steepest: G, S.L_H: L_H, S.alpha: alpha, S.xi: np.sqrt(V), S.V_d: V, S.chi: 0, S.M: M, S.N: 1,
        S.T_tr: setting.updates, S.T_te: 0, S.start_gap: gap, S.task_spread: 0,
        # of the risk from its own infimum on
        S.start_range: float(risk.max() - risk.min()), LEAST: least - float(risk.min()),
    }  # fmt: skip
    values[S.eta] = step = float(np.sqrt(2 * gap / evaluate(C, values, FLOATS)))
    algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(V)), batch=M)
    run = nx.meta_train(
        losses, algorithm, [setting.start], updates=setting.updates, rates=(step * _STEPS).tolist(), runs=runs, seed=seed,
        watched=rule, workers=1,
    )  # fmt: skip
    totals = run.sums[:, :, 0]
    means = totals.mean(axis=0)
    middle = int(np.argmin(abs(_STEPS - 1)))
    error = 2 * float(totals[:, middle].std()) / np.sqrt(runs) / max(float(means[middle]), 1e-300)
    derived = float(means[middle] / evaluate(CLAIM.rhs, values, FLOATS))
    return Sums(derived, float(means.min() / evaluate(BOUND_2, values, FLOATS)), implied, error)


def search(a: float, printed: bool, seed: int = 0, generations: int = 30) -> tuple[Setting, Sums]:
    """The setting with the largest ratio that a search finds, simulated anew.

    Parameters
    ----------
    a : float
        alpha L.
    printed : bool
        Whether of Theorem 2 where it is not implied, else of ``meta_descent_sum_tasks``.
    seed, generations : int
        Of the search.
    """

    def paid(place: Array) -> float:
        setting = Setting.at(place)
        found = sums(setting, a)
        if printed:
            # towards where the theorem is open, and there to the largest ratio
            return 1.0 if found.implied else -found.printed
        return -found.derived

    found = differential_evolution(paid, _RANGES, maxiter=generations, popsize=10, seed=seed, polish=False, tol=0)
    setting = Setting.at(found.x)
    return setting, sums(setting, a, _SAID, seed + 1)
