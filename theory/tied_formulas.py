r"""Eq. (13) of `gao-sener-2020` on the line: everything about finite samples as a rational function of alpha, beta and N.

Tasks: :math:`q=\theta_\gamma` uniform on :math:`[0,\beta]`, noise variance uniform on :math:`[0,\beta]`, Gaussian features, 2N
samples of each task, one inner step at rate alpha on N of them, deployed alike.  Nothing is typed in: each formula is derived
when it is first asked for, in a second or two at most, and kept.  ``python -m theory.tied_formulas [NAME ...]`` prints them.

>>> formula("drs_covariance")
(16*N*beta**2 + 16*beta**2 + 135)/(270*N)
>>> formula("floor")
-12*alpha**2*beta**3*(alpha*beta - 2)/(5*(3*alpha**2*beta**2 - 8*alpha*beta + 6)**2)

The modeling error of joint training deployed with a sampled step vanishes at one positive rate, beyond 1/beta for N > 3:

>>> from sympy import numer, solve
>>> solve(numer(formula("modeling_error")) / (alpha**2 * beta**5), alpha)
[5*N/(3*beta*(N + 2))]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from sympy import Expr, factor, oo

from theory import crossover, estimators
from theory.estimators import Estimator
from theory.notation import N, alpha, beta
from theory.rules import DRS, MAML
from theory.tasks import SpectrumTied

_TASKS = SpectrumTied(1, beta)


def _drs() -> Estimator:
    return Estimator.of(DRS(), N)


def _maml() -> Estimator:
    return Estimator.of(MAML(alpha), N)


def _entry(matrix: object) -> Expr:
    return matrix.to_Matrix()[0, 0]  # type: ignore[attr-defined]


def _design(estimator: Estimator) -> Expr:
    return _entry(estimator.sandwich(_TASKS)) / _entry(estimator.mean_curvature(_TASKS))


def _risk(estimator: Estimator) -> crossover.LeadingRisk:
    return crossover.leading_risk(_TASKS, estimator, crossover.deployment(MAML(alpha), N))


#: name to (meaning, derivation)
FORMULAS: Mapping[str, tuple[str, Callable[[], Expr]]] = MappingProxyType(
    {
        "drs_limit": ("limit of joint training's estimate, its optimum for every N", lambda: _entry(_drs().limit(_TASKS))),
        "maml_limit": ("limit of MAML's estimate, the optimum of A_N", lambda: _entry(_maml().limit(_TASKS))),
        "weight": ("E[A_N], expected curvature of MAML's estimate", lambda: _entry(_maml().mean_curvature(_TASKS))),
        "drs_covariance": ("C of joint training: M times its variance", lambda: _entry(_drs().covariance(_TASKS))),
        "maml_covariance": ("C of MAML: M times its variance", lambda: _entry(_maml().covariance(_TASKS))),
        "cross_covariance": (
            "M times the covariance of both estimates from the same data",
            lambda: estimators.joint_covariance(_TASKS, MAML(alpha), N)[0, 1],
        ),
        "drs_score_variance": ("Var psi of joint training", lambda: _entry(_drs().score_covariance(_TASKS))),
        "maml_score_variance": ("Var psi of MAML", lambda: _entry(_maml().score_covariance(_TASKS))),
        "drs_bias": ("M times the bias of joint training's estimate", lambda: _entry(_drs().bias(_TASKS))),
        "drs_design": ("v of joint training, second moment of its normalised curvature", lambda: _design(_drs())),
        "maml_design": ("v of MAML, second moment of its normalised curvature", lambda: _design(_maml())),
        "floor": ("c of MAML's floor c/N", lambda: estimators.floor(_TASKS, alpha)[0, 0]),
        "modeling_error": ("modeling error of joint training in A_N", lambda: _risk(_drs()).modeling_error),
        "population_modeling_error": (
            "the same for an exact step",
            lambda: crossover.leading_risk(_TASKS, _drs(), crossover.deployment(MAML(alpha), oo)).modeling_error,
        ),
        "drs_statistical": ("M times the statistical part of joint training's risk", lambda: _risk(_drs()).statistical),
        "maml_statistical": ("M times the statistical part of MAML's risk", lambda: _risk(_maml()).statistical),
        "crossover": (
            "M*, number of tasks above which MAML's risk is the lower (never if infinite, always if not positive)",
            lambda: crossover.crossover(_TASKS, MAML(alpha), N),
        ),
    }
)


@cache
def formula(name: str) -> Expr:
    """The formula of that name, in factors, in the symbols alpha, beta and N.

    Raises
    ------
    KeyError
        If :data:`FORMULAS` has no such name.

    Examples
    --------
    >>> formula("weight")
    beta*(3*N*alpha**2*beta**2 - 8*N*alpha*beta + 6*N + 6*alpha**2*beta**2)/(12*N)
    """
    if name not in FORMULAS:
        raise KeyError(f"name is {name!r}; it must be one of {', '.join(FORMULAS)}")
    return factor(FORMULAS[name][1]())


def main(names: list[str]) -> None:
    """Print the formulas of those names, all of them if there are none."""
    for name in names or FORMULAS:
        print(f"{name}: {FORMULAS[name][0]}\n    {formula(name)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
