r"""The probability that MAML's estimate beats joint training's, by the joint normal law of both (p = 1).

Expected risks can be infinite (:mod:`theory.heavy_tails`) and hide who wins most of the time; this is the share of data sets
in which MAML's estimate has the lower deployed risk, to leading order: the quantity that Figure 3 of `gao-sener-2020` shows.
"""

from __future__ import annotations

from typing import Any

import mpmath
from sympy import Expr, Matrix, oo, sympify

from theory.estimators import Estimator, joint_covariance
from theory.features import GAUSSIAN, Features
from theory.rules import DRS, MAML
from theory.task_averages import TaskLaw


def win_probability(
    tasks: TaskLaw,
    rule: MAML,
    samples: Any,
    num_tasks: Any,
    deployed: Estimator | None = None,
    features: Features = GAUSSIAN,
) -> Any:
    r"""Probability that MAML's estimate has the lower deployed risk, by the joint normal law of both estimates (p = 1).

    At p = 1 the lower risk is the smaller distance from the optimum :math:`\theta_W` of the deployment weight.  With
    :math:`X = \hat\theta_{drs}-\theta_W` and :math:`Y = \hat\theta_{maml}-\theta_W` jointly normal, MAML wins iff
    (X-Y)(X+Y) > 0: the probability of two opposite quadrants under a bivariate normal law.  With h and k the means of X-Y and
    X+Y over their standard deviations and rho their correlation it is (Plackett)

    .. math:: \Phi(h)\Phi(k)+\Phi(-h)\Phi(-k)
       +\frac1\pi\int_0^{\arcsin\rho}\exp\Bigl(-\frac{h^2+k^2-2hk\sin t}{2\cos^2t}\Bigr)dt .

    Parameters
    ----------
    tasks, rule, samples, deployed, features
        As for :func:`theory.crossover.crossover`, with p = 1 and numbers throughout.
    num_tasks : int
        M.

    Returns
    -------
    mpmath number

    Raises
    ------
    ValueError
        If the tasks have more than one dimension.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> round(float(win_probability(SpectrumTied(1, 2), MAML(Rational(1, 4)), 10, 100)), 3)
    0.885
    """
    if tasks.dimension != 1:
        raise ValueError(f"tasks have dimension {tasks.dimension}; the probability of winning is a formula at p = 1 only")
    joint, meta = Estimator.of(DRS(), samples, features), Estimator.of(rule, samples, features)
    paid = Estimator(meta.algorithm, meta.alpha, meta.inner, oo, features) if deployed is None else deployed
    place = paid.limit(tasks).to_Matrix()[0, 0]
    means = Matrix([one.limit(tasks).to_Matrix()[0, 0] - place for one in (joint, meta)])
    return quadrant_probability(means, joint_covariance(tasks, rule, samples, features) / sympify(num_tasks))


def quadrant_probability(means: Matrix, covariance: Matrix) -> Any:
    """P(|Y| < |X|) for a bivariate normal (X, Y); see :func:`win_probability`.

    Examples
    --------
    >>> quadrant_probability(Matrix([0, 0]), Matrix([[2, 1], [1, 2]]))
    mpf('0.5')
    """
    turn = Matrix([[1, -1], [1, 1]])
    centre, spread = turn * means, turn * covariance * turn.T
    deviations = [mpmath.sqrt(_number(spread[i, i])) for i in range(2)]
    if 0 in deviations:
        raise ValueError("covariance makes X - Y or X + Y constant; their law must have a density")
    h, k = (_number(centre[i]) / deviations[i] for i in range(2))
    rho = _number(spread[0, 1]) / (deviations[0] * deviations[1])

    def density(angle: Any) -> Any:
        return mpmath.exp(-(h * h + k * k - 2 * h * k * mpmath.sin(angle)) / (2 * mpmath.cos(angle) ** 2))

    apart = mpmath.ncdf(h) * mpmath.ncdf(k) + mpmath.ncdf(-h) * mpmath.ncdf(-k)
    return apart + mpmath.quad(density, [0, mpmath.asin(rho)]) / mpmath.pi


def _number(value: Expr) -> Any:
    return mpmath.mpf(value.p) / value.q if value.is_Rational else mpmath.mpmathify(value.evalf(20))
