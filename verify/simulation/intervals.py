r"""Intervals from a bootstrap over few tasks.

Percentiles of a bootstrap over n tasks are too narrow when n is small: a variance resampled from n values is too small by the
factor (n - 1)/n, and Student's law has the wider tail.  Besides, the quantities at hand are positive, and a sample that shows
too little of them shows too little of their spread as well.  Of the ways that ``python -m benchmarks.intervals`` compares, the
hull of two holds the truth most evenly (:func:`hull_interval`):

- percentiles at the levels that make them Student's intervals for a mean (:func:`expanded_interval`, after Hesterberg, The
  American Statistician 2015);
- where the estimate T and all its resampled values are positive, Student's interval :math:`T\,e^{\pm ts}` on the logarithmic
  scale, with :math:`s^2=\ln(1+v^2)`, v the resampled values' standard deviation over T, as for a lognormal variable; elsewhere
  :math:`T\pm tvT`.  Here t is the quantile of Student's law with n - 1 degrees times :math:`\sqrt{n/(n-1)}`.

A difference of two estimates gets what their intervals imply: its lower end comes from the first one's lower and the second
one's upper end and their correlation (:func:`difference_interval`, after Zou and Donner, Statistics in Medicine 2008), so that
it inherits their skewness.

>>> values = np.random.default_rng(0).exponential(size=12)
>>> drawn = np.array([np.random.default_rng(i).choice(values, 12).mean() for i in range(400)])
>>> low, high = hull_interval(np.array(values.mean()), drawn, 12, 0.9)
>>> plain = np.quantile(drawn, [0.05, 0.95])
>>> bool(0 < low < plain[0] < plain[1] < high)
True
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def student(number: int, level: float) -> float:
    """Student's quantile, widened by what a bootstrap's variance lacks.

    Examples
    --------
    >>> round(student(11, 0.9), 3), round(student(1000, 0.9), 3)
    (1.901, 1.647)
    """
    return float(stats.t.ppf((1 + level) / 2, number - 1) * np.sqrt(number / (number - 1)))


def hull_interval(plain: Array, drawn: Array, number: int, level: float) -> tuple[Array, Array]:
    """The hull of the expanded percentiles and of Student's interval on the scale that suits.

    Parameters
    ----------
    plain : array (...)
        Estimates.
    drawn : array (resamples, ...)
    number : int
        n, of tasks.
    level : float
    """
    positive = (plain > 0) & (drawn > 0).all(axis=0)
    deviation, t = drawn.std(axis=0, ddof=1), student(number, level)
    ratio = np.divide(deviation, plain, out=np.zeros_like(deviation), where=positive)
    factor = np.exp(t * np.sqrt(np.log1p(ratio**2)))
    low, high = expanded_interval(drawn, number, level)
    return (
        np.minimum(low, np.where(positive, plain / factor, plain - t * deviation)),
        np.maximum(high, np.where(positive, plain * factor, plain + t * deviation)),
    )


def expanded_interval(drawn: Array, number: int, level: float) -> tuple[Array, Array]:
    """Percentiles of resampled values, some of which may be infinite, at expanded levels.

    Examples
    --------
    >>> values = np.arange(1001.0)
    >>> [tuple(map(float, expanded_interval(values, number, 0.9))) for number in (11, 1000)]
    [(29.0, 971.0), (50.0, 950.0)]
    """
    tail = stats.norm.sf(student(number, level))
    # an order statistic, since some are infinite
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0, method="nearest")
    return np.asarray(low), np.asarray(high)


def difference_interval(plain: Array, drawn: Array, number: int, level: float) -> tuple[float, float]:
    """Interval for the first estimate minus the second.

    Parameters
    ----------
    plain : array (2,)
    drawn : array (resamples, 2)
    number : int
    level : float

    Examples
    --------
    Two independent estimates with symmetric intervals have the usual one, the root of the sum of squares wide on each side:

    >>> drawn = np.random.default_rng(0).normal([-3.0, -1.0], [0.3, 0.4], (4000, 2))
    >>> low, high = difference_interval(np.array([-3.0, -1.0]), drawn, 1000, 0.9)
    >>> abs(high - low - 2 * 1.645 * 0.5) < 0.1
    True
    """
    low, high = hull_interval(plain, drawn, number, level)
    below, above = plain - low, high - plain
    together = float(np.asarray(np.corrcoef(drawn.T))[0, 1]) if np.asarray(drawn.std(axis=0)).all() else 0.0

    def half(one: float, other: float) -> float:
        return float(np.sqrt(max(one**2 - 2 * together * one * other + other**2, 0.0)))

    gap = float(plain[0] - plain[1])
    return gap - half(below[0], above[1]), gap + half(above[0], below[1])
