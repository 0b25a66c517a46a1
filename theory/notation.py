"""The one table of symbols: every formula in this project is written in them.

Each symbol carries the assumptions that sympy may use and a meaning in words, so that a printed formula can always be read
back.  Import the symbols by name; :func:`meaning` explains one, :data:`TABLE` lists all.

Examples
--------
>>> from theory.notation import alpha, meaning
>>> meaning(alpha)
'rate of the inner loop'
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sympy import Symbol, latex

_table: dict[Symbol, str] = {}
_latex: dict[Symbol, str] = {}


def _symbol(name: str, meaning: str, tex: str | None = None, **assumptions: Any) -> Symbol:
    symbol = Symbol(name, **assumptions)
    _table[symbol] = meaning
    if tex is not None:
        _latex[symbol] = tex
    return symbol


# sizes
p = _symbol("p", "dimension of the parameter", integer=True, positive=True)
n = _symbol("n", "number of tasks of a finite task distribution", integer=True, positive=True)
M = _symbol("M", "number of sampled tasks", integer=True, positive=True)
N = _symbol("N", "number of samples in the inner step", integer=True, positive=True)
k = _symbol("k", "number of inner steps", integer=True, positive=True)
j = _symbol("j", "index of an inner step", integer=True, nonnegative=True)

# one task
q = _symbol("q", "an eigenvalue of a task's curvature Q", real=True, nonnegative=True)
theta = _symbol("theta", "parameter (one coordinate)", r"\theta", real=True)
theta_gamma = _symbol("theta_gamma", "optimum of the task gamma (one coordinate)", r"\theta_\gamma", real=True)
nu = _symbol("nu", "lower end of the spectrum of every Q", r"\nu", real=True, nonnegative=True)
beta = _symbol("beta", "upper end of the spectrum of every Q", r"\beta", positive=True)
tau2 = _symbol("tau_2", "trace of the square of a task's curvature, tr(Q^2)", r"\tau_2", real=True, nonnegative=True)
sigma2 = _symbol("sigma2", "noise variance of a task", r"\sigma^2", real=True, nonnegative=True)

# rules of adaptation
alpha = _symbol("alpha", "rate of the inner loop", r"\alpha", real=True, nonnegative=True)
lam = _symbol("lambda", "regulariser of implicit MAML", r"\lambda", positive=True)
t = _symbol("t", "time of the gradient flow", real=True, nonnegative=True)
s = _symbol("s", "normalised rate, alpha times beta", real=True, nonnegative=True)

# transfer from a training weight A to a deployment weight B
l = _symbol("l", "lower bound on the ratio of weights, l A <= B", r"\ell", real=True, nonnegative=True)
root_l = _symbol("root_l", "square root of the lower bound on the ratio of weights", r"\sqrt{\ell}", real=True, nonnegative=True)
root_u = _symbol("root_u", "square root of the upper bound on the ratio of weights", r"\sqrt{u}", positive=True)
u = _symbol("u", "upper bound on the ratio of weights, B <= u A", positive=True)

#: every symbol of the project with its meaning
TABLE = MappingProxyType(_table)


def meaning(symbol: Symbol) -> str:
    """What `symbol` stands for.

    Parameters
    ----------
    symbol : sympy.Symbol
        A symbol of this module.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If the symbol is not in the table.
    """
    return _table[symbol]


def typeset(expression: Any) -> str:
    r"""LaTeX of an expression, in the letters of the literature.

    Examples
    --------
    >>> typeset(alpha * beta)
    '\\alpha \\beta'
    """
    return str(latex(expression, symbol_names=_latex))
