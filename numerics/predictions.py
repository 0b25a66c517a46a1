"""What the limit law predicts of a phase diagram: where MAML overtakes joint training, and at p = 1 how often it wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import owens_t

from numerics.asymptotics import crossover_tasks, joint_covariance
from numerics.chunks import serial
from numerics.population import SingularExpectation, population_optimum
from numerics.rules import DRS, MAML
from numerics.sampling import Tasks

Array = NDArray[np.float64]


@serial
def win_probability(tasks: Tasks, alpha: float, samples: int, num_tasks: Any) -> Array:
    r"""Probability that MAML's estimate has the lower expected loss, by the joint limit law of both estimates at p = 1.

    With x and y the distances of the estimates from the loss's minimiser MAML wins iff (x-y)(x+y) > 0.  For two normal
    variables with means h and k in units of their deviations and correlation r the probability of equal signs is, by Owen's T
    function,

    .. math:: 1-2T\Bigl(h,\frac{k-rh}{h\sqrt{1-r^2}}\Bigr)-2T\Bigl(k,\frac{h-rk}{k\sqrt{1-r^2}}\Bigr)-[hk<0].

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
    alpha : float
    samples : int
        N.
    num_tasks : array (m,)
        M.

    Returns
    -------
    array (2, m)
        Before adaptation (weight Q) and after it (weight A_N).

    Raises
    ------
    ValueError
        If the tasks have more than one dimension.

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> win_probability(SpectrumTiedTasks(), 0.25, 10, [100]).round(3).tolist()
    [[0.111], [0.885]]
    """
    if tasks.dimension != 1:
        raise ValueError(f"tasks have dimension {tasks.dimension}; the probability of winning is known at p = 1 only")
    turn = np.array([[1.0, -1.0], [1.0, 1.0]])
    covariance = turn @ joint_covariance(tasks, alpha, samples) @ turn.T
    rules = DRS(), MAML(alpha, inner_samples=samples)
    limits = np.array([population_optimum(tasks, rule)[0] for rule in rules])
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance[0, 1] / deviations.prod()
    root = np.sqrt((1 - correlation) * (1 + correlation))
    found = []
    for place in limits:
        means = turn @ (limits - place) / deviations
        h, k = np.multiply.outer(np.where(means == 0, np.finfo(float).tiny, means), np.sqrt(np.asarray(num_tasks, dtype=float)))
        apart = 2 * owens_t(h, (k / h - correlation) / root) + 2 * owens_t(k, (h / k - correlation) / root)
        found.append(1 - apart - (h * k < 0))
    return np.array(found)


class Predicted(NamedTuple):
    """A variable of a phase diagram: its axes, its values and what they mean."""

    axes: tuple[str, ...]
    values: Array
    meaning: str


@serial
def predictions(tasks: Tasks, num_tasks: Sequence[int], samples: Sequence[int], rates: Array) -> dict[str, Predicted]:
    """Predictions beside a phase diagram, by name; nan where no limit law exists.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
    num_tasks, samples : sequences of int
        M and N.
    rates : array (a,)
    """
    crossings = np.full((len(samples), len(rates)), np.nan)
    chances = np.full((2, len(num_tasks), len(samples), len(rates)), np.nan)
    for j, number in enumerate(samples):
        for a, rate in enumerate(rates):
            try:
                crossings[j, a] = crossover_tasks(tasks, rate, number)
                if tasks.dimension == 1:
                    chances[:, :, j, a] = win_probability(tasks, rate, number, num_tasks)
            except SingularExpectation:
                continue
    meaning = "number of tasks above which MAML has the lower mean loss after adaptation, to order 1/M: 0 always, inf never"
    found = {"crossover_tasks": Predicted(("N", "alpha"), crossings, meaning)}
    if tasks.dimension == 1:
        for stage, values in zip(("pre", "post"), chances, strict=True):
            chance = "chance that MAML wins by the joint limit law"
            found[f"predicted_{stage}"] = Predicted(("M", "N", "alpha"), values, chance)
    return found
