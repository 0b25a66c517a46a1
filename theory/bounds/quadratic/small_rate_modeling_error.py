r"""The modeling error of joint training at small rates of adaptation.

**Setting.** As in :mod:`theory.bounds.small_rate_optimum`; the modeling error is that of joint training deployed with
k-step MAML.

**Theorem.**

.. math::
    J_{maml}(\theta^*_{drs})-\min J_{maml}
    =2k^2\alpha^2\,\big\|E[Q^2(\theta_\gamma-\theta^*_{drs})]\big\|^2_{E[Q]^{-1}}+O(\alpha^3).

**Proof.** The excess is :math:`\tfrac12\|\theta^*_{drs}-\theta^*_{maml}\|^2_{E[w]}`
(:mod:`theory.bounds.transfer_bound`, ``identity``); :func:`series` multiplies the series of the difference and of E[w].
The orders zero and one vanish (reduction ``lower_orders``) since the difference is of order :math:`\alpha`, and order
two is :math:`\tfrac12\delta_1^\top E[Q]\delta_1`.

The claim compares coefficients; an equality.  **Source**: derived here.
"""

from sympy import Expr, Integer, Interval, Mul, Range, Rational, Symbol, expand, oo

from theory.bounds.quadratic.small_rate_optimum import INVERSE, mean_power, weight_coefficient
from theory.bounds.quadratic.small_rate_optimum import series as optimum_series
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, coefficient, gap, j, k
from theory.rules import Rule


def transposed(expression: Expr) -> Expr:
    """The transpose of a sum of products of the symbols of the series: factors reversed, vectors E[Q^m*d] primed.

    Examples
    --------
    >>> transposed(2 * INVERSE * Symbol("E[Q^2*d]", commutative=False))
    2*E[Q^2*d]'*E[Q]^-1
    """
    total: Expr = Integer(0)
    for term in expand(expression).as_ordered_terms():
        numbers, factors = term.args_cnc()
        primed = [Symbol(f"{f}'", commutative=False) if str(f).endswith("*d]") else f for f in reversed(factors)]
        total += Mul(*numbers) * Mul(*primed)
    return total


def series(order: int, rule: Rule | None = None) -> list[Expr]:
    """Coefficients of the modeling error in powers of alpha, up to `order`.

    Parameters
    ----------
    order : int
        The last power.
    rule : Rule or None
        The rule deployed, as for :func:`theory.bounds.small_rate_optimum.series`; its training weight must be its
        deployment weight.

    Returns
    -------
    list of sympy expressions
        In non-commuting symbols; a prime marks a transposed vector.

    Examples
    --------
    >>> series(2)
    [0, 0, 2*k**2*E[Q^2*d]'*E[Q]^-1*E[Q^2*d]]
    """
    deltas = optimum_series(order, rule)
    cancelled = {mean_power(1) * INVERSE: 1, INVERSE * mean_power(1): 1}
    coefficients = []
    for total in range(order + 1):
        value: Expr = Integer(0)
        for left in range(total + 1):
            for middle in range(total + 1 - left):
                weight = weight_coefficient(middle, rule) * mean_power(middle + 1)
                value += Rational(1, 2) * transposed(deltas[left]) * weight * deltas[total - left - middle]
        coefficients.append(expand(expand(value).subs(cancelled)))
    return coefficients


LOWER_ORDERS = Claim(
    name="small_rate_modeling_error/lower_orders",
    title="The modeling error has no terms of order zero and one in the rate",
    parameters={beta: Interval.open(0, oo), k: Range(1, 6), j: Range(0, 2)},
    tasks=Tasks("free"),
    measured={coefficient: measured("modeling_error_coefficient", steps=k, order=j)},
    lhs=coefficient,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    false_sibling=FalseSibling("nor one of order two", {"parameters": {j: Range(2, 3)}}),
)

CLAIM = Claim(
    name="small_rate_modeling_error",
    title="The modeling error starts as 2 k^2 alpha^2 times the squared norm of E[Q^2 (theta_gamma - theta*_drs)] in E[Q]^-1",
    parameters={beta: Interval.open(0, oo), k: Range(1, 6)},
    tasks=Tasks("free"),
    measured={coefficient: measured("modeling_error_coefficient", steps=k, order=2), gap: measured("curvature_gap")},
    lhs=coefficient,
    relation="==",
    rhs=2 * k**2 * gap,
    source=Source("derived here"),
    reductions=(LOWER_ORDERS,),
    false_sibling=FalseSibling("linear in the number of steps", {"rhs": 2 * k * gap}),
)
