"""The phase diagram's prediction beside its simulation, and where the two differ by more than sampling error.

A cell's wins are binomial; the normal law's chance is tested against them two-sidedly, at a level divided by the number of
cells, so that the chance that any cell at all is marked by accident is at most :data:`LEVEL`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from verify.simulation.normal_law import NormalLaw, normal_law

if TYPE_CHECKING:
    import xarray

#: chance that any cell is marked although the normal law is right in all of them
LEVEL = 0.01
STAGES = ("pre", "post")


class Prediction(NamedTuple):
    """What theory says on a grid."""

    #: (stage, M, N, alpha): chance that MAML's estimate has the lower expected loss
    chances: NDArray[np.float64]
    #: (stage, N, alpha): the crossover: number of tasks above which MAML's expected loss is the lower
    crossovers: NDArray[np.float64]


def predicted(tasks: Any, num_tasks: Any, samples: Any, alphas: Any) -> Prediction:
    """Predictions on a grid; nan where an expected curvature is singular, so that no normal law exists.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
    num_tasks, samples, alphas : sequences
        M (any positive numbers), N (whole numbers) and rates.

    Examples
    --------
    >>> import numerics as nx
    >>> found = predicted(nx.SpectrumTiedTasks(), [100], [10], [0.25])
    >>> found.chances[1].round(3).ravel(), found.crossovers[1].round(3).ravel()
    (array([0.885]), array([15.358]))
    """
    chances = np.full((2, len(num_tasks), len(samples), len(alphas)), np.nan)
    crossovers = np.full((2, len(samples), len(alphas)), np.nan)
    for j, number in enumerate(samples):
        for a, alpha in enumerate(alphas):
            law = _law(tasks, float(alpha), int(number))
            if law is None:
                continue
            for stage in range(2):
                chances[stage, :, j, a] = law.win_probability(num_tasks, stage)
                crossovers[stage, j, a] = law.crossover(stage)
    return Prediction(chances, crossovers)


def _law(tasks: Any, alpha: float, samples: int) -> NormalLaw | None:
    try:
        return normal_law(tasks, alpha, samples)
    except np.linalg.LinAlgError:
        return None


def confronted(diagram: xarray.Dataset, prediction: Prediction) -> xarray.Dataset:
    """The diagram with the predictions and their tests.

    Parameters
    ----------
    diagram : xarray.Dataset
        From :func:`numerics.phase_diagram`.
    prediction : Prediction
        From :func:`predicted`, of the same tasks and grid.

    Returns
    -------
    xarray.Dataset
        With ``predicted_pre``, ``predicted_post`` (M, N, alpha), ``crossover`` (stage, N, alpha), and for each stage
        ``p_value_...`` and ``misleads_...`` (M, N, alpha): whether the normal law is off by more than sampling error.
    """
    grid = ("M", "N", "alpha")
    result = diagram.copy()
    cells = 2 * diagram.pre.size
    for stage, chance in zip(STAGES, prediction.chances, strict=True):
        compared = diagram.compared.values
        wins = np.rint(np.nan_to_num(diagram[stage].values) * compared)
        tail = np.minimum(stats.binom.cdf(wins, compared, chance), stats.binom.sf(wins - 1, compared, chance))
        value = np.where((compared > 0) & np.isfinite(chance), np.minimum(1.0, 2 * tail), np.nan)
        result[f"predicted_{stage}"] = (grid, chance, {"long_name": "chance that MAML wins by the joint normal law"})
        result[f"p_value_{stage}"] = (grid, value, {"long_name": "two-sided binomial test of the predicted chance"})
        result[f"misleads_{stage}"] = (
            grid,
            (value < LEVEL / cells).astype(np.int8),
            {"long_name": f"whether the prediction is off by more than sampling error, level {LEVEL:g} for all cells together"},
        )
    meaning = "number of tasks above which MAML's expected loss is the lower, to order 1/M: 0 always, inf for no large number"
    result["crossover"] = (("stage", "N", "alpha"), prediction.crossovers, {"long_name": meaning})
    return result


class Departure(NamedTuple):
    """A cell in which the normal law misleads."""

    stage: str
    alpha: float
    num_tasks: int
    samples: int
    simulated: float
    predicted: float
    p_value: float


def departures(result: xarray.Dataset) -> list[Departure]:
    """The cells in which the normal law misleads, the largest gap first."""
    return sorted(_marked(result), key=lambda cell: -abs(cell.simulated - cell.predicted))


def _marked(result: xarray.Dataset) -> Iterator[Departure]:
    for stage in STAGES:
        for m, j, a in np.argwhere(result[f"misleads_{stage}"].values):
            yield Departure(
                stage,
                float(result.alpha[a]),
                int(result.M[m]),
                int(result.N[j]),
                float(result[stage][m, j, a]),
                float(result[f"predicted_{stage}"][m, j, a]),
                float(result[f"p_value_{stage}"][m, j, a]),
            )
