r"""Power series in a rate: how optima and modeling errors leave the point where two rules coincide.

With :math:`E[w]=\sum_i\alpha^iA_i` and :math:`E[w\theta_\gamma]=\sum_i\alpha^ib_i` the optimum :math:`\sum_i\alpha^i\theta_i`
solves, order by order,

.. math:: A_0\theta_m = b_m-\sum_{i=1}^{m}A_i\theta_{m-i}.

Only one matrix is ever inverted, the one at rate zero, so that coefficients of matrix tasks are exact rationals at the cost
of a few products; nothing has to be expanded in a symbol.
"""

from __future__ import annotations

from sympy import Expr, Matrix, Symbol, diff, factorial
from sympy.polys.matrices import DomainMatrix

from theory.moments import Moments, TaskDistribution
from theory.optima import solve_moments
from theory.rules import Rule


def weight_coefficients(rule: Rule, rate: Symbol, order: int, deployed: bool = False) -> list[Expr]:
    """Taylor coefficients of the rule's weight in `rate` at zero, up to `order`.

    Parameters
    ----------
    rule : Rule
        A rule whose fields contain the symbol `rate` (or not: the series is then constant).
    rate : Symbol
    order : int
    deployed : bool
        Whether to take the deployment weight.

    Returns
    -------
    list of sympy expressions in q, of length `order` + 1

    Examples
    --------
    >>> from theory.notation import alpha, k
    >>> from theory.rules import MAML
    >>> weight_coefficients(MAML(alpha, k), alpha, 1)
    [q, -2*k*q**2]
    """
    found = []
    derivative = rule.weight(deployed)
    for index in range(order + 1):
        found.append((derivative.subs(rate, 0) / factorial(index)).doit())
        derivative = diff(derivative, rate)
    return found


def optimum_coefficients(
    tasks: TaskDistribution, rule: Rule, rate: Symbol, order: int, deployed: bool = False, *, digits: int | None = None
) -> list[Matrix]:
    """Coefficients of the optimum's power series in `rate`.

    Parameters
    ----------
    tasks : TaskDistribution
    rule : Rule
    rate : Symbol
        The variable of the series, a symbol in the rule's fields.
    order : int
        Highest power.
    deployed : bool
        Whether to take the deployment weight.
    digits : int or None
        Round irrational numbers to so many digits; None keeps them exact.

    Returns
    -------
    list of sympy.Matrix, (p, 1), of length `order` + 1

    Raises
    ------
    SingularExpectation
        If the expected weight at rate zero is singular.

    Examples
    --------
    >>> from theory.notation import alpha, beta
    >>> from theory.rules import MAML
    >>> from theory.tasks import SpectrumTied
    >>> optimum_coefficients(SpectrumTied(1, beta), MAML(alpha), alpha, 1)
    [Matrix([[2*beta/3]]), Matrix([[-beta**2/9]])]
    """
    moments = _coefficients(tasks, rule, rate, order, deployed, digits)
    return [coefficient.to_Matrix() for coefficient in _optima(moments, rule)]


def modeling_error_coefficients(
    tasks: TaskDistribution, trained: Rule, deployed: Rule, rate: Symbol, order: int, *, digits: int | None = None
) -> list[Expr]:
    """Coefficients of the power series in `rate` of the modeling error of `trained` in the deployment weight of `deployed`.

    The modeling error is half the squared length of the difference of the two optima in E[B].

    Examples
    --------
    >>> from theory.notation import alpha, beta
    >>> from theory.rules import DRS, MAML
    >>> from theory.tasks import SpectrumTied
    >>> modeling_error_coefficients(SpectrumTied(1, beta), DRS(), MAML(alpha), alpha, 2)
    [0, 0, beta**5/324]
    """
    paid = _coefficients(tasks, deployed, rate, order, True, digits)
    found = _optima(_coefficients(tasks, trained, rate, order, False, digits), trained)
    gaps = [_minus(first, second) for first, second in zip(found, _optima(paid, deployed), strict=True)]
    errors = []
    for total in range(order + 1):
        terms = [
            _product(gaps[left].transpose(), paid[middle].weight, gaps[total - left - middle])
            for left in range(total + 1)
            for middle in range(total - left + 1)
        ]
        errors.append(sum(terms[1:], terms[0]) / 2)
    return errors


def _coefficients(
    tasks: TaskDistribution, rule: Rule, rate: Symbol, order: int, deployed: bool, digits: int | None
) -> list[Moments]:
    return [tasks.weight_moments(weight, digits) for weight in weight_coefficients(rule, rate, order, deployed)]


def _optima(moments: list[Moments], rule: Rule) -> list[DomainMatrix]:
    found: list[DomainMatrix] = []
    for order, moment in enumerate(moments):
        right = moment.weighted_optimum
        for index in range(1, order + 1):
            weight, earlier = moments[index].weight.unify(found[order - index])
            right = _minus(right, weight * earlier)
        found.append(solve_moments(moments[0].weight, right, rule))
    return found


def _minus(first: DomainMatrix, second: DomainMatrix) -> DomainMatrix:
    first, second = first.unify(second)
    return first - second


def _product(*matrices: DomainMatrix) -> Expr:
    first, *others = matrices[0].unify(*matrices[1:])
    for other in others:
        first = first * other
    return first.to_Matrix()[0, 0]
