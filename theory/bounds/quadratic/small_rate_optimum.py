r"""How MAML's optimum leaves joint training's as the rate grows from zero.

**Setting.** k exact inner steps at rate :math:`\alpha`, any dimension, E[Q] positive definite;
:math:`d_\gamma=\theta_\gamma-\theta^*_{drs}`, so that E[Qd] = 0.

**Theorem.**

.. math:: \theta^*_{maml}(\alpha)=\theta^*_{drs}-2k\alpha\,E[Q]^{-1}E[Q^2(\theta_\gamma-\theta^*_{drs})]+O(\alpha^2).

**Proof.** :func:`series`: write the training weight as :math:`\sum_mw_m\alpha^mQ^{m+1}` with numbers :math:`w_m`
(:math:`w_0=1`, :math:`w_1=-2k`) and :math:`\theta^*_{maml}-\theta^*_{drs}=\sum_m\alpha^m\delta_m`.  The stationarity
condition :math:`E[w(Q)]\,(\theta^*_{maml}-\theta^*_{drs})=E[w(Q)d]` reads, order by order,

.. math:: E[Q]\,\delta_m=w_mE[Q^{m+1}d]-\sum_{i=1}^mw_iE[Q^{i+1}]\,\delta_{m-i}.

Nothing needs to commute: the products are those of matrices.  Order zero gives :math:`\delta_0=0`, order one the
theorem.  The optimum is a rational function of :math:`\alpha` without a pole at zero, so the remainder is
:math:`O(\alpha^2)`.

The claim compares coefficients, as vectors; an equality.  **Source**: derived here.
"""

from sympy import Expr, Integer, Interval, Range, Symbol, diff, expand, factorial, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, coefficient, k, q, shift
from theory.rules import MAML, Rule

#: the inverse of E[Q], a matrix
INVERSE = Symbol("E[Q]^-1", commutative=False)


def mean_power(power: int) -> Symbol:
    """The matrix E[Q^power], as a symbol that does not commute."""
    return Symbol(f"E[Q^{power}]", commutative=False)


def mean_pull(power: int) -> Symbol:
    """The vector E[Q^power d], d the task's optimum minus joint training's, as a symbol that does not commute."""
    return Symbol(f"E[Q^{power}*d]", commutative=False)


def weight_coefficient(order: int, rule: Rule | None = None) -> Expr:
    """The number w_m, m = `order`, of the training weight's series in alpha; of k-step MAML unless another rule is given.

    Raises
    ------
    ValueError
        If the term of that order is not a multiple of q^(order + 1), so that the series is not one in alpha q.

    Examples
    --------
    >>> [weight_coefficient(m, MAML(alpha, 1)) for m in range(4)]
    [1, -2, 1, 0]
    """
    rule = MAML(alpha, k) if rule is None else rule
    term = diff(rule.training_weight(q), alpha, order).subs(alpha, 0) / factorial(order)
    number = expand(term / q ** (order + 1))
    if number.has(q):
        raise ValueError(f"the term of order {order} of the weight of {rule} is {term}; it must be a multiple of q^{order + 1}")
    return number


def series(order: int, rule: Rule | None = None) -> list[Expr]:
    """Coefficients delta_0, ..., delta_order of MAML's optimum minus joint training's, in powers of alpha.

    Parameters
    ----------
    order : int
        The last power.
    rule : Rule or None
        A rule with the rate :data:`theory.notation.alpha` whose weight starts as q; k-step MAML if None.

    Returns
    -------
    list of sympy expressions
        In the non-commuting symbols of :func:`mean_power`, :func:`mean_pull` and :data:`INVERSE`.

    Examples
    --------
    >>> series(1)
    [0, -2*k*E[Q]^-1*E[Q^2*d]]
    """
    deltas: list[Expr] = [Integer(0)]  # E[Q d] = 0
    for m in range(1, order + 1):
        right = weight_coefficient(m, rule) * mean_pull(m + 1)
        for i in range(1, m + 1):
            right -= weight_coefficient(i, rule) * mean_power(i + 1) * deltas[m - i]
        deltas.append(expand(INVERSE * right))
    return deltas


CLAIM = Claim(
    name="small_rate_optimum",
    title="MAML's optimum starts off joint training's as -2 k alpha E[Q]^-1 E[Q^2 (theta_gamma - theta*_drs)]",
    parameters={beta: Interval.open(0, oo), k: Range(1, 6)},
    tasks=Tasks("free"),
    measured={coefficient: measured("optimum_coefficient", steps=k, order=1), shift: measured("curvature_shift")},
    lhs=coefficient,
    relation="==",
    rhs=-2 * k * shift,
    source=Source("derived here"),
    false_sibling=FalseSibling("the rate at which first-order MAML starts", {"rhs": -k * shift}),
)
