"""What a budget buys: expected deployed risks of both methods over numbers of tasks, simulated and to leading order.

Risks are after adaptation and above the least one, so that their difference is that of the deployed risks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from numerics.chunks import mapped
from numerics.estimators import Experiment
from numerics.expected_losses import ExpectedLosses
from numerics.sampling import Cell
from numerics.units import in_units
from theory.heavy_tails import tail_index
from theory.rules import MAML
from verify.simulation.normal_law import normal_law

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Budget:
    """A number of tasks with their samples, and a rate.

    Parameters
    ----------
    num_tasks : int
        M.
    samples : int
        N; a task has 2N.
    alpha : float
        Rate, in training and in deployment.
    """

    num_tasks: int
    samples: int
    alpha: float

    def sizes(self, dimension: int) -> NDArray[np.int64]:
        """Numbers of tasks at which risks are compared: from the least with finite means to twice the budget's at least.

        Examples
        --------
        >>> Budget(10, 5, 0.1).sizes(1)
        array([ 3,  4,  6,  8, 10, 11, 15, 22, 30, 41, 58, 80])
        """
        least = next(m for m in range(1, 10**6) if finite_mean(self, dimension, m))
        known = max(self.num_tasks, least)
        top = max(2 * known, min(8 * known, 400))
        # two steps double the number
        steps = np.geomspace(least, top, 1 + int(np.ceil(2 * np.log2(top / least))))
        return np.unique(np.rint([*steps, self.num_tasks]).astype(np.int64))


def finite_mean(budget: Budget, dimension: int, num_tasks: int) -> bool:
    """Whether MAML's mean risk is finite for a number of tasks."""
    return bool(tail_index(MAML(1 if budget.alpha else 0), dimension, num_tasks, budget.samples) > 1)


def simulated_excess(
    tasks: nx.DiscreteTasks | nx.SpectrumTiedTasks, budget: Budget, sizes: Any, datasets: int, seed: int
) -> Array:
    """Deployed risks above the least one, for each data set.

    Parameters
    ----------
    tasks
        Law of the tasks.
    budget : Budget
        Samples and rate.
    sizes : increasing sequence of int
        Numbers of tasks; the first tasks of the largest data set serve the smaller ones.
    datasets : int
    seed : int
        The same seed gives the same variates for any law, so that laws are compared on common ones.

    Returns
    -------
    array (2, m, datasets)
        Joint training's, MAML's; nan where an estimate is undefined.
    """
    units, _ = in_units(tasks)
    tasks, rates = units.tasks, np.array([units.rate("alpha", budget.alpha)])
    cell = Cell(tasks, budget.samples, int(max(sizes)), nested=True)
    experiment = Experiment(cell, list(sizes), rates, seed)
    weights, centres, _ = ExpectedLosses(tasks, rates).quadratics(budget.samples)

    def excess(chunk: int) -> Array:
        out = np.empty((2, 2, len(sizes), 1, cell.chunk))
        ExpectedLosses.excess(*experiment.chunk(chunk), weights, centres, out)
        return out[1, :, :, 0]

    parts = list(mapped(excess, list(range(-(-datasets // cell.chunk)))))
    return units.risk * np.concatenate(parts, axis=-1)[..., :datasets]


def leading_order(tasks: nx.DiscreteTasks | nx.SpectrumTiedTasks, budget: Budget) -> Array:
    """Modeling error of joint training, M times both statistical errors, and the crossover: an array of four."""
    units, _ = in_units(tasks)
    law = normal_law(units.tasks, units.rate("alpha", budget.alpha), budget.samples)
    modeling, joint = law.leading_risk(0, 1)
    _, meta = law.leading_risk(1, 1)
    return np.array([units.risk * modeling, units.risk * joint, units.risk * meta, law.crossover(1)])


def flip(sizes: Any, gains: Array) -> float:
    """The number of tasks from which on MAML has the lower risk: 0 if on all of `sizes`, inf if not at the last.

    Parameters
    ----------
    sizes : increasing sequence (m,)
    gains : array (m,)
        Joint training's risk minus MAML's; interpolated linearly in 1/M.

    Examples
    --------
    >>> flip([2, 4, 8], np.array([-1.0, -1.0, 1.0]))
    5.333333333333333
    """
    behind = np.flatnonzero(~(gains > 0))
    if not len(behind):
        return 0.0
    last = int(behind[-1])
    if last == len(gains) - 1:
        return float("inf")
    if not np.isfinite(gains[last]):
        return float(sizes[last + 1])
    share = gains[last] / (gains[last] - gains[last + 1])
    return float(1 / (1 / sizes[last] + share * (1 / sizes[last + 1] - 1 / sizes[last])))
