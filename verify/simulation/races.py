"""What a race between methods says: the best step size at each budget, early stopping, leads, and tests between seeds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from scipy.stats import ttest_ind

Real = NDArray[np.float64]

#: what counts as a lead between exact runs
LEAD = 1e-4


class Standing(NamedTuple):
    """One method at each budget.

    Parameters
    ----------
    value : array (budgets,)
        With the best step size for this budget, at the budget's end.
    stopped : array (budgets,)
        The best at or before the budget, the start included: early stopping.
    step : array (budgets,) of int
        Which step size is the best.
    edge : array (budgets,) of bool
        Whether that is the first or the last of its grid, so that a better one may lie outside.
    """

    value: Real
    stopped: Real
    step: NDArray[np.int64]
    edge: NDArray[np.bool_]


def standing(curves: Any, marks: Any, budgets: Any, charge: float) -> Standing:
    """A method's standing at budgets.

    Parameters
    ----------
    curves : array (steps, marks + 1)
        Its value (more is better) for each step size, at the start and at each mark in iterations.
    marks : array (marks,)
        Increasing iterations.
    budgets : array (budgets,)
        In units of which an iteration costs `charge`; a budget in which no mark fits has the start's value.
    charge : float

    Examples
    --------
    >>> found = standing([[0.0, 1.0, 3.0], [0.0, 2.0, 1.0]], [1, 2], [1, 2, 4], charge=2)
    >>> found.value.tolist(), found.stopped.tolist(), found.step.tolist()
    ([0.0, 2.0, 3.0], [0.0, 2.0, 3.0], [0, 1, 0])
    """
    table = np.asarray(curves, dtype=float)
    last = np.searchsorted(np.asarray(marks) * charge, np.asarray(budgets) * (1 + 1e-12), side="right")
    best = np.maximum.accumulate(table, axis=1)
    columns = table[:, last]
    step = columns.argmax(axis=0)
    edge = (step == 0) | (step == len(table) - 1)
    return Standing(columns.max(axis=0), best[:, last].max(axis=0), step, edge & (last > 0))


def first_lead(ahead: Any, behind: Any, budgets: Any, lead: float = LEAD) -> float:
    """The first budget at which one value is above another by `lead`; nan if at none.

    Examples
    --------
    >>> first_lead([0.1, 0.2, 0.4], [0.1, 0.3, 0.3], [4, 8, 16])
    16.0
    """
    found = np.flatnonzero(np.asarray(ahead) > np.asarray(behind) + lead)
    return float(budgets[found[0]]) if found.size else float("nan")


class Comparison(NamedTuple):
    """Two methods over seeds: one-sided Welch, and the interval of paired differences.

    Parameters
    ----------
    mean : float
        Mean of the first minus that of the second.
    p_value : float
        Of Welch's test that the first's mean is not above the second's; variances with ddof 1.
    low, high : float
        95 % interval of the mean difference between runs of the same seed.
    """

    mean: float
    p_value: float
    low: float
    high: float


def compared(first: Any, second: Any) -> Comparison:
    """Compare two methods' values on the same seeds.

    Raises
    ------
    ValueError
        If there are fewer than two seeds, or not equally many.

    Examples
    --------
    >>> found = compared([3.0, 4.0, 5.0], [1.0, 2.0, 4.0])
    >>> round(found.mean, 3), round(found.p_value, 3), round(found.low, 2), round(found.high, 2)
    (1.667, 0.1, 0.23, 3.1)
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.shape != two.shape or one.ndim != 1 or one.size < 2:
        raise ValueError(f"first and second have shapes {one.shape} and {two.shape}; they must be equally many, at least two")
    gaps = one - two
    half = student.ppf(0.975, one.size - 1) * gaps.std(ddof=1) / np.sqrt(one.size)
    spread = one.std(ddof=1) + two.std(ddof=1)
    p_value = (
        float(ttest_ind(one, two, equal_var=False, alternative="greater").pvalue) if spread > 0 else float(gaps.mean() <= 0)
    )
    return Comparison(float(gaps.mean()), p_value, float(gaps.mean() - half), float(gaps.mean() + half))
