r"""Population optima and risks, exactly; and their derivation for general dimension.

For a weight w the reducible risk is :math:`J_w(\theta)=\tfrac12E(\theta-\theta_\gamma)^\top w(Q)(\theta-\theta_\gamma)` and

.. math:: \theta^*_w = E[w(Q)]^{-1}E[w(Q)\theta_\gamma]

is its minimiser, unique if and only if E[w(Q)] is invertible (a fixed point of training if w is not positive semi-definite).

Examples
--------
Eq. (13) of `gao-sener-2020` in one dimension:

>>> from sympy import Rational
>>> from theory.tasks import SpectrumTied
>>> drs(SpectrumTied(1, 2)), maml(SpectrumTied(1, 2), Rational(1, 10))
(Matrix([[4/3]]), Matrix([[724/565]]))
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Matrix
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

from theory.claim import NoValue
from theory.exact import exact_matrix
from theory.moments import Moments, TaskDistribution
from theory.rules import DRS, MAML, Rule


class SingularExpectation(NoValue, ValueError):
    """The expected weight E[w(Q)] is singular, so that no unique optimum exists."""


def mean_weight(tasks: TaskDistribution, rule: Rule, deployed: bool = False, *, digits: int | None = None) -> Matrix:
    """E[w(Q)] of the rule's training weight, or of its deployment weight.

    Parameters
    ----------
    tasks : TaskDistribution
    rule : Rule
    deployed : bool
        Whether to take the deployment weight.
    digits : int or None
        Round irrational weights to so many digits; None keeps them exact.

    Returns
    -------
    sympy.Matrix, (p, p)

    Examples
    --------
    >>> from theory.notation import alpha, beta
    >>> from theory.tasks import SpectrumTied
    >>> mean_weight(SpectrumTied(1, beta), MAML(alpha))
    Matrix([[alpha**2*beta**3/4 - 2*alpha*beta**2/3 + beta/2]])
    """
    _check(tasks, rule=rule)
    return tasks.moments(rule, deployed, digits).weight.to_Matrix()


def optimum(tasks: TaskDistribution, rule: Rule, *, digits: int | None = None) -> Matrix:
    """The optimum E[w]^{-1} E[w theta_gamma] of the rule's training weight.

    Parameters
    ----------
    tasks : TaskDistribution
    rule : Rule
    digits : int or None
        Round irrational weights to so many digits; None keeps them exact.

    Returns
    -------
    sympy.Matrix, (p, 1)

    Raises
    ------
    SingularExpectation
        If E[w(Q)] is singular.
    TypeError
        If `tasks` is no distribution of tasks or `rule` no rule, here and in every function of this module.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import Discrete, Task
    >>> optimum(Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)]), DRS())
    Matrix([[3/4]])
    """
    _check(tasks, rule=rule)
    return _solution(tasks.moments(rule, False, digits), rule).to_Matrix()


def deployed_optimum(tasks: TaskDistribution, rule: Rule, *, digits: int | None = None) -> Matrix:
    """The minimiser of the risk after adaptation, in the rule's deployment weight; see :func:`optimum`."""
    _check(tasks, rule=rule)
    return _solution(tasks.moments(rule, True, digits), rule).to_Matrix()


def reducible_risk(
    tasks: TaskDistribution, rule: Rule, theta: Any, *, deployed: bool = True, digits: int | None = None
) -> Expr:
    """J at `theta` in the rule's deployment weight: the expected risk after adaptation, without the noise's constant.

    Parameters
    ----------
    tasks : TaskDistribution
    rule : Rule
    theta : number or (p,) sequence or (p, 1) matrix
        Where to evaluate; entries may be symbols.
    deployed : bool
        Whether to take the deployment weight, or else the training weight.
    digits : int or None
        Round irrational weights to so many digits; None keeps them exact.

    Returns
    -------
    sympy expression

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> reducible_risk(SpectrumTied(1, 2), DRS(), Rational(4, 3))
    1/9
    """
    _check(tasks, rule=rule)
    place = exact_matrix("theta", theta)
    if place.shape != (tasks.dimension, 1):
        raise ValueError(f"theta has shape {place.shape}; it must have {tasks.dimension} entries like the tasks' optima")
    return _to_expression(_risk(tasks.moments(rule, deployed, digits), place.to_DM(field=True).to_dense()))


def modeling_error(tasks: TaskDistribution, trained: Rule, deployed: Rule, *, digits: int | None = None) -> Expr:
    """J_B at the optimum of `trained` minus its minimum, B the deployment weight of `deployed`.

    Parameters
    ----------
    tasks : TaskDistribution
    trained, deployed : Rule
    digits : int or None
        Round irrational weights to so many digits; None keeps them exact.

    Returns
    -------
    sympy expression, non-negative

    Raises
    ------
    SingularExpectation
        If either expected weight is singular.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> modeling_error(SpectrumTied(1, 2), DRS(), MAML(Rational(1, 10)))
    1936/1906875
    """
    _check(tasks, trained=trained, deployed=deployed)
    paid = tasks.moments(deployed, True, digits)
    found = _solution(tasks.moments(trained, False, digits), trained)
    first, second = _risk(paid, found).unify(_risk(paid, _solution(paid, deployed)))
    return _to_expression(first - second)


def drs(tasks: TaskDistribution) -> Matrix:
    """Optimum of joint training."""
    return optimum(tasks, DRS())


def maml(tasks: TaskDistribution, alpha: Any, steps: Any = 1, inner_samples: Any = None) -> Matrix:
    """Optimum of MAML with `steps` inner steps at rate `alpha`; see :func:`optimum` and :class:`theory.rules.MAML`."""
    return optimum(tasks, MAML(alpha, steps, inner_samples))


def solve_moments(weight: DomainMatrix, right: DomainMatrix, rule: Rule) -> DomainMatrix:
    """Solution of `weight` x = `right` over their field.

    Raises
    ------
    SingularExpectation
        If `weight`, the expected weight of `rule`, is singular.
    """
    weight, right = weight.unify(right, fmt="dense")
    try:
        return weight.lu_solve(right)
    except DMNonInvertibleMatrixError:
        raise SingularExpectation(f"expected weight of {rule} is singular; the optimum of these tasks is not unique") from None


def _check(tasks: Any, **rules: Any) -> None:
    # numerics' distributions have a method of that name too
    if not callable(getattr(tasks, "moments", None)) or type(tasks).__module__.partition(".")[0] == "numerics":
        raise TypeError(f"tasks is {tasks!r}; it must be a distribution such as theory.tasks.SpectrumTied(1, 2)")
    for name, rule in rules.items():
        if not isinstance(rule, Rule):
            raise TypeError(f"{name} is {rule!r}; it must be a rule of theory.rules such as MAML(Rational(1, 10))")


def _solution(moments: Moments, rule: Rule) -> DomainMatrix:
    return solve_moments(moments.weight, moments.weighted_optimum, rule)


def _risk(moments: Moments, theta: DomainMatrix) -> DomainMatrix:
    weight, linear, square, theta = moments.weight.unify(*moments[1:], theta)
    half = weight.domain.one / weight.domain(2)
    return (theta.transpose() * weight * theta + square) * half - linear.transpose() * theta


def _to_expression(single: DomainMatrix) -> Expr:
    return single.to_Matrix()[0, 0]
