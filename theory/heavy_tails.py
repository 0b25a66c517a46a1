r"""How heavy the tails of the estimates are: for which M the mean risk is finite.

MAML divides by :math:`\sum B S_2 B`, which comes arbitrarily close to singular whatever the number of samples: at p = 1,
M = 2 and any N the mean risk of its estimate is infinite.  Medians and quantiles exist always: report them beside means.
"""

from __future__ import annotations

from sympy import Rational

from theory.estimators import Estimator
from theory.rules import Rule
from theory.scores import Joint


def tail_index(rule: Rule, dimension: int, num_tasks: int, samples: int) -> Rational:
    r"""Exponent :math:`\kappa` of the tail of the risk of an estimate, :math:`P(\text{risk}>x)\approx x^{-\kappa}`.

    The mean risk is finite iff :math:`\kappa>1`, its variance iff :math:`\kappa>2`; median and quantiles exist always.

    A large risk comes from a direction v with :math:`v^\top(\sum H)v\le\eta^2` small: then :math:`v^\top\sum\psi` is of order
    :math:`\eta` and the risk of order :math:`\eta^{-2}`.  For joint training this asks 2NM rows :math:`x^\top v` to be of order
    :math:`\eta`; for MAML each task can contribute in two ways, by the n_out rows of :math:`X_2B^kv`, with probability of order
    :math:`\eta^{n_{out}}`, or by v itself being next to a null vector of :math:`B^k`: an eigenvalue of B within
    :math:`\eta^{1/k}` of 0 and its eigenvector within :math:`\eta` of v, probability :math:`\eta^{1/k+p-1}`.  The choice of v
    gives p-1 back, so that the exponents of :math:`\eta` are 2NM-(p-1) and :math:`M\min(n_{out},p-1+1/k)-(p-1)`, twice
    :math:`\kappa`.

    The power law may begin late: at p = 1, M = 5, N = 4 and the rate 1/2 a Hill estimate over the largest 0.2 per cent of the
    risks finds 3.8, while far out, where reweighted draws reach, the exponent is the counted 5/2.

    This is a count of dimensions for normal features, a positive definite curvature and tasks that disagree or have noise, at
    :math:`\alpha\ne0`.  For k = 1 and :math:`n_{out}\ge p` the mean is finite iff (M-1)p > 1; for n_out < p it takes
    M n_out > p+1, and at p = 1 with k steps M > 2k.

    Parameters
    ----------
    rule : DRS or MAML
    dimension, num_tasks, samples : int
        p, M and N.

    Examples
    --------
    >>> from theory.rules import DRS, MAML
    >>> tail_index(MAML(Rational(1, 2)), 1, 2, 10), tail_index(MAML(Rational(1, 2)), 1, 3, 10), tail_index(DRS(), 1, 2, 10)
    (1, 3/2, 20)
    >>> tail_index(MAML(Rational(1, 2)), 3, 3, 1)  # as many outer rows as parameters
    1/2
    """
    estimator = Estimator.of(rule, samples)
    if isinstance(estimator.algorithm, Joint):
        rows = Rational(2 * samples)
    else:
        steps, rows = estimator.algorithm.steps, Rational(estimator.outer)
        if steps and estimator.alpha != 0:
            rows = min(rows, dimension - 1 + Rational(1, steps))
    return (num_tasks * rows - (dimension - 1)) / 2
