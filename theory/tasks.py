r"""Task distributions whose expectations are exact.

A task is a curvature Q (positive semi-definite), an optimum :math:`\theta_\gamma` and a noise variance.

- :class:`Discrete` of :class:`Task`: finitely many tasks with rational entries, in exact rational arithmetic;
- :class:`ScalarDensity`: p = 1 and any density that sympy can integrate;
- :class:`SpectrumTied`: eq. (13) of `gao-sener-2020`, in any dimension, through Haar averages.

All three take the moments of a rule's weight (:class:`Moments`), on which :mod:`theory.optima` rests; a class of one's own that
does so is a :class:`TaskDistribution` too.
"""

from theory.continuous import ScalarDensity, SpectrumTied
from theory.discrete import Discrete
from theory.moments import Moments, TaskDistribution
from theory.task import Task

__all__ = ["Discrete", "Moments", "ScalarDensity", "SpectrumTied", "Task", "TaskDistribution"]
