r"""Bounds on the error of an estimate from M tasks that hold with probability 1 - delta, with every constant explicit.

Write :math:`X = E[H]^{-1/2}HE[H]^{-1/2}`, :math:`Z = E[H]^{-1/2}\psi` and :math:`\bar X,\bar Z` for their means over M
independent tasks, so that :math:`E X = I`, :math:`E Z = 0` and :math:`\bar X z = -\bar Z` for :math:`z =
E[H]^{1/2}(\hat\theta-\theta^*)`.  The loss is :math:`\tfrac12\|\hat\theta-\theta^*\|^2_{E[H]} = \tfrac12\|z\|^2`.  Only
moments of Z and X are used: neither need be bounded.

**Steps common to all.** If :math:`\bar X\succeq(1-t)I` then :math:`\|z\|\le\|\bar Z\|/(1-t)`.  For :math:`\lambda>0`,
:math:`e^{-x}\le1-x+x^2/2` on :math:`x\ge0` gives :math:`E e^{-\lambda X}\preceq I-\lambda I+\tfrac12\lambda^2E[X^2]`, so with
:math:`v = \lambda_{\max}(E[X^2])` the matrix Laplace method (Tropp's subadditivity of matrix cumulants) gives

.. math:: P\bigl(\lambda_{\min}(\bar X)\le1-t\bigr)\le p\,\bigl[(1-\lambda+\tfrac12\lambda^2v)\,e^{\lambda(1-t)}\bigr]^M .

**Markov** (:func:`markov_bound`).  :math:`1-y\le e^{-y}` and :math:`\lambda=t/v` leave :math:`p\,e^{-Mt^2/(2v)}`, and Markov's
inequality for :math:`\|\bar Z\|^2`, whose mean is s/M with :math:`s=\operatorname{tr}(E[H]^{-1}\operatorname{Cov}\psi)`,
gives: with probability at least :math:`1-\delta_1-\delta_2`, if :math:`t = \sqrt{2v\ln(p/\delta_1)/M}<1`,

.. math:: \tfrac12\|z\|^2\le\frac{s}{2M(1-t)^2\delta_2}.

**Fourth moments** (:func:`fourth_moment_bound`).  Two steps lose less.  (i) The bracket above is used as it stands, with the
best :math:`\lambda`: to leading order the variance v - 1 of X in place of its second moment v.  (ii) With
:math:`g=\operatorname{tr}((E[H]^{-1}\operatorname{Cov}\psi)^2)` and :math:`f=E\|Z\|^4`, expanding :math:`\|\sum Z_i\|^4` and
dropping terms with a lone index gives

.. math:: \operatorname{Var}\|\bar Z\|^2 = V := \frac{f-s^2+2(M-1)g}{M^3},

and Cantelli's inequality :math:`P(W\ge E W+c)\le V/(V+c^2)`: with probability at least :math:`1-\delta_1-\delta_2`

.. math:: \tfrac12\|z\|^2\le\frac{s/M+\sqrt{V(1-\delta_2)/\delta_2}}{2(1-t)^2}.

The dependence on the confidence is :math:`\delta_2^{-1/2}` instead of :math:`\delta_2^{-1}`, and in many dimensions, where g
is much smaller than :math:`s^2`, the bound approaches its mean.

**On the line** (:func:`line_bound`).  At p = 1 no event has to be split off.  Let :math:`\rho>0`.  Since :math:`\sum H\ge0`,
:math:`\hat\theta-\theta^*>\rho` means :math:`\sum\{-\psi_i-\rho(H_i-E H)\}>\rho ME[H]`, a one-sided deviation of a sum of
independent terms of mean zero, whose moments are polynomials in :math:`\rho`; likewise below :math:`-\rho`.  For an even order
2r and any shift :math:`c\ge0`, :math:`P(W>a)\le E(W+c)^{2r}/(a+c)^{2r}` (Cantelli's inequality is r = 1).  Where the two
bounds add up to delta the loss is at most :math:`\tfrac12E[H]\rho^2` with probability 1 - delta.  Each order is a bound; the
smallest over orders fixed in advance is one too, all being deterministic.

>>> from sympy import Rational
>>> from theory.rules import MAML
>>> from theory.tasks import SpectrumTied
>>> case = SpectrumTied(1, 2), MAML(Rational(1, 4)), 10, 400
>>> [round(float(bound(*case, 0.1)), 4) for bound in (markov_bound, fourth_moment_bound, line_bound)]
[0.0058, 0.0025, 0.0019]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import comb, exp, inf, log, sqrt
from typing import Any

import mpmath
from sympy import Rational
from sympy.polys.matrices import DomainMatrix

from theory.estimators import Estimator, inverted, product
from theory.features import GAUSSIAN, Features
from theory.rules import Rule
from theory.scalar_scores import joint_moment
from theory.task_averages import Affine, TaskLaw, average


@dataclass(frozen=True)
class ScoreMoments:
    """The numbers that the bounds are made of, as floats.

    Parameters
    ----------
    dimension : int
        p.
    design : float
        v, the largest eigenvalue of E[X^2]; at least 1.
    spread : float
        s, the trace of E[H]^-1 Cov psi: twice the asymptotic mean of M times the loss.
    concentration : float
        g, the trace of its square; at most s^2.
    fourth : float or None
        f, the fourth moment of Z, if it was asked for.
    """

    dimension: int
    design: float
    spread: float
    concentration: float
    fourth: float | None = None

    @classmethod
    def of(cls, tasks: TaskLaw, estimator: Estimator, fourth: bool = False) -> ScoreMoments:
        """Compute them exactly and round."""
        inverse = inverted(estimator.mean_curvature(tasks))
        relative = product(inverse, estimator.score_covariance(tasks))
        design = product(inverse, estimator.sandwich(tasks))
        return cls(
            tasks.dimension,
            _largest_eigenvalue(design),
            float(relative.to_Matrix().trace()),
            float(product(relative, relative).to_Matrix().trace()),
            float(_fourth(tasks, estimator, inverse)) if fourth else None,
        )

    def norm_variance(self, num_tasks: int) -> float:
        """V, the variance of the squared norm of the mean of Z over `num_tasks` tasks."""
        if self.fourth is None:
            raise ValueError("fourth is None; the variance of the squared norm needs the fourth moment")
        return (self.fourth - self.spread**2 + 2 * (num_tasks - 1) * self.concentration) / num_tasks**3

    def markov_bound(self, num_tasks: int, delta: float, share: float | None = None) -> float:
        """:func:`markov_bound` from these numbers."""

        def at(portion: float) -> float:
            t = sqrt(2 * self.design * log(self.dimension / (portion * delta)) / num_tasks)
            return self.spread / (2 * num_tasks * (1 - t) ** 2 * (1 - portion) * delta) if t < 1 else inf

        return _at_best_share(at, delta, share)

    def fourth_moment_bound(self, num_tasks: int, delta: float, share: float | None = None) -> float:
        """:func:`fourth_moment_bound` from these numbers."""
        mean, variance = self.spread / num_tasks, self.norm_variance(num_tasks)

        def at(portion: float) -> float:
            t, rest = lower_tail(self, num_tasks, portion * delta), (1 - portion) * delta
            return (mean + sqrt(variance * (1 - rest) / rest)) / (2 * (1 - t) ** 2) if t < 1 else inf

        return _at_best_share(at, delta, share)


def exact_norm_variance(tasks: TaskLaw, estimator: Estimator, num_tasks: Any) -> Any:
    """V, exactly; see :meth:`ScoreMoments.norm_variance`."""
    inverse = inverted(estimator.mean_curvature(tasks))
    relative = product(inverse, estimator.score_covariance(tasks))
    spread, concentration = relative.to_Matrix().trace(), product(relative, relative).to_Matrix().trace()
    return (_fourth(tasks, estimator, inverse) - spread**2 + 2 * (num_tasks - 1) * concentration) / num_tasks**3


def markov_bound(
    tasks: TaskLaw,
    rule: Rule,
    samples: int,
    num_tasks: int,
    delta: float,
    share: float | None = None,
    features: Features = GAUSSIAN,
) -> float:
    """The Markov bound: one on the loss that holds with probability 1 - `delta`.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    rule : DRS or MAML
    samples, num_tasks : int
        N and M.
    delta : float
        In (0, 1).
    share : float, optional
        delta_1/delta; by default the best one is looked for.
    features : theory.features law

    Returns
    -------
    float
        inf if M is too small for the bound to say anything.
    """
    return ScoreMoments.of(tasks, Estimator.of(rule, samples, features)).markov_bound(num_tasks, delta, share)


def fourth_moment_bound(
    tasks: TaskLaw,
    rule: Rule,
    samples: int,
    num_tasks: int,
    delta: float,
    share: float | None = None,
    features: Features = GAUSSIAN,
) -> float:
    """The bound by fourth moments, in any dimension; arguments as for :func:`markov_bound`.

    For MAML at p > 1 the fourth moment has words with twelve sampled matrices: for k = 1 and normal features twelve seconds
    once per process, for elliptical ones thirty; then a second for a law of tasks.
    """
    moments = ScoreMoments.of(tasks, Estimator.of(rule, samples, features), fourth=True)
    return moments.fourth_moment_bound(num_tasks, delta, share)


def lower_tail(moments: ScoreMoments, num_tasks: int, delta: float) -> float:
    r"""The smallest t for which the module's first inequality gives :math:`P(\lambda_{\min}(\bar X)\le1-t)\le` `delta`.

    Solved for t the inequality reads :math:`t\ge1+\{\ln(1-\lambda+\tfrac12\lambda^2v)+\ln(p/\delta)/M\}/\lambda`; any lambda
    is valid and the best is searched for.

    Examples
    --------
    >>> moments = ScoreMoments(1, 2.0, 1.0, 1.0)
    >>> lower_tail(moments, 100, 0.05) < sqrt(2 * 2.0 * log(1 / 0.05) / 100)
    True
    """
    level = log(moments.dimension / delta) / num_tasks

    def needed(scale: float) -> float:
        return 1 + (log(1 - scale + scale**2 * moments.design / 2) + level) / scale

    return _minimum(needed, 1e-6, 2 / moments.design)  # beyond, the bracket exceeds one and nothing is gained


def line_bound(
    tasks: TaskLaw,
    rule: Rule,
    samples: int,
    num_tasks: int,
    delta: float,
    orders: tuple[int, ...] = (2, 4, 6),
    features: Features = GAUSSIAN,
) -> float:
    """The bound on the line by moments of the given even orders; arguments as for :func:`markov_bound`.

    Raises
    ------
    ValueError
        If the tasks have more than one dimension.
    """
    if tasks.dimension != 1:
        raise ValueError(f"tasks have dimension {tasks.dimension}; this bound holds on the line only")
    estimator = Estimator.of(rule, samples, features)
    curvature = float(estimator.mean_curvature(tasks).to_Matrix()[0, 0])
    table = _central_moments(tasks, estimator, max(orders))

    def failure(distance: float, order: int) -> float:
        threshold = distance * num_tasks * curvature
        total = 0.0
        for sign in (1, -1):
            single = [
                sum(comb(m, i) * sign ** (m - i) * distance**i * table[m - i, i] for i in range(m + 1))
                for m in range(order + 1)
            ]
            whole = _sum_moments([value * (-1) ** m for m, value in enumerate(single)], num_tasks)
            total += min(1.0, _minimum(partial(_shifted, whole, threshold), 0.0, threshold))
        return total

    def distance(order: int) -> float:
        high = 1e-6
        while failure(high, order) > delta:
            high *= 2
            if high > 1e9:
                return inf
        low = high / 2
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if failure(middle, order) > delta else (low, middle)
        return high

    return curvature / 2 * min(distance(order) for order in orders) ** 2


def _fourth(tasks: TaskLaw, estimator: Estimator, inverse: DomainMatrix) -> Rational:
    error = Affine(estimator.limit(tasks), -1)
    words = estimator.words("fourth_moment", tasks)
    return average(tasks, words, estimator.values, {"G": inverse}, {"D": (error, error)}).to_Matrix()[0, 0]


def _central_moments(tasks: TaskLaw, estimator: Estimator, order: int) -> dict[tuple[int, int], float]:
    """E[psi^a (H - E H)^b] for a + b <= order, computed exactly and rounded."""
    vectors = {"K": (Affine(estimator.limit(tasks), -1), Affine.of([1]))}
    raw = {}
    for a in range(order + 1):
        for b in range(order + 1 - a):
            words = joint_moment(estimator.algorithm, a, b, estimator.features)
            raw[a, b] = average(tasks, words, estimator.values, vectors=vectors).to_Matrix()[0, 0]
    mean = raw[0, 1]
    return {(a, b): float(sum(comb(b, i) * (-mean) ** (b - i) * raw[a, i] for i in range(b + 1))) for a, b in raw}


def _sum_moments(single: list[float], num_tasks: int) -> list[float]:
    """Moments of a sum of independent terms of mean zero from those of one term, through cumulants."""
    cumulants = [0.0] * len(single)
    for m in range(1, len(single)):
        cumulants[m] = single[m] - sum(comb(m - 1, i - 1) * cumulants[i] * single[m - i] for i in range(1, m))
    total = [1.0]
    for m in range(1, len(single)):
        total.append(sum(comb(m - 1, i - 1) * num_tasks * cumulants[i] * total[m - i] for i in range(1, m + 1)))
    return total


def _shifted(moments: list[float], threshold: float, shift: float) -> float:
    """E(W+c)^2r/(a+c)^2r."""
    order = len(moments) - 1
    return sum(comb(order, i) * shift ** (order - i) * moments[i] for i in range(order + 1)) / (threshold + shift) ** order


def _largest_eigenvalue(matrix: DomainMatrix) -> float:
    """Of a matrix similar to a symmetric one: by the characteristic polynomial in exact arithmetic."""
    coefficients = [matrix.domain.to_sympy(value) for value in matrix.charpoly()]
    with mpmath.workdps(30):
        roots = mpmath.polyroots([mpmath.mpf(c.p) / c.q for c in coefficients], maxsteps=200, extraprec=200)
    return float(max(mpmath.re(root) for root in roots))


def _at_best_share(bound: Callable[[float], float], delta: float, share: float | None) -> float:
    if not 0 < delta < 1:
        raise ValueError(f"delta is {delta}; it must lie strictly between 0 and 1")
    if share is not None:
        if not 0 < share < 1:
            raise ValueError(f"share is {share}; it must lie strictly between 0 and 1")
        return bound(share)
    return min(bound(exp(-step / 8)) for step in range(1, 80))


def _minimum(function: Callable[[float], float], low: float, high: float) -> float:
    """Golden section, for functions with one valley; any value it visits is a valid bound."""
    ratio = (sqrt(5) - 1) / 2
    best = min(function(low), function(high))
    first, second = high - ratio * (high - low), low + ratio * (high - low)
    at_first, at_second = function(first), function(second)
    for _ in range(60):
        best = min(best, at_first, at_second)
        if at_first < at_second:
            high, second, at_second = second, first, at_first
            first = high - ratio * (high - low)
            at_first = function(first)
        else:
            low, first, at_first = first, second, at_second
            second = low + ratio * (high - low)
            at_second = function(second)
    return best
