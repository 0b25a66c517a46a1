r"""Claims about meta-learning, derived and solved exactly in sympy.

Every formula is a sympy expression in the symbols of :mod:`theory.notation`.  It prints as LaTeX in one line:

>>> import theory
>>> from theory.notation import alpha, beta, k, q, typeset
>>> typeset(theory.rules.MAML(alpha, k).training_weight(q))
'q \\left(1 - \\alpha q\\right)^{2 k}'

and becomes a function in one line, of NumPy arrays if ``modules`` is left out (sympy then takes NumPy where it is installed):

>>> from sympy import lambdify
>>> shift = lambdify((alpha, beta), theory.optima.maml(theory.tasks.SpectrumTied(1, beta), alpha)[0], modules="math")
>>> round(shift(0.1, 2.0), 12) == round(724 / 565, 12)
True

Importing this package computes nothing and loads no numerical library; a claim's file is loaded when it is first named, as in
``theory.bounds.distance.CLAIM``.
"""

from theory import (
    bibliography,
    bounds,
    crossover,
    estimators,
    features,
    finite_sample,
    heavy_tails,
    notation,
    optima,
    population,
    rules,
    series,
    tasks,
    win_probability,
)

__all__ = [
    "bibliography",
    "bounds",
    "crossover",
    "estimators",
    "features",
    "finite_sample",
    "heavy_tails",
    "notation",
    "optima",
    "population",
    "rules",
    "series",
    "tasks",
    "win_probability",
]
