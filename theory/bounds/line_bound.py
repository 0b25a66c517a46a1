r"""A finite-sample bound on the line that splits no event off.

**Setting** of :mod:`theory.bounds.finite_sample_bound` at p = 1.

**Theorem.** For every :math:`\varrho>0`, with :math:`a=\varrho E[H]` and
:math:`V_\pm=\{\operatorname{Var}\psi\pm2\varrho E[\psi H]+\varrho^2\operatorname{Var}H\}/M`, with probability at least
:math:`1-V_+/(V_++a^2)-V_-/(V_-+a^2)`,

.. math:: \tfrac12E[H](\hat\theta-\theta^*)^2\le\tfrac12E[H]\varrho^2.

**Proof.** Since :math:`\sum H_i\ge0`, :math:`\hat\theta-\theta^*>\varrho` implies
:math:`-\sum\{\psi_i+\varrho(H_i-E[H])\}\ge\varrho ME[H]`, a sum of independent terms of mean zero with variance
:math:`M^2V_+`: Cantelli's inequality.  Likewise on the other side.  (If :math:`\sum H_i=0` the estimate is undefined and
both events occur.)

**Higher orders.** Any even moment in place of the second bounds the two events, and its shift can be chosen:
:func:`theory.finite_sample.line_bound`, which at orders up to 6 stays within 2 to 3 times the true quantile where
:mod:`theory.bounds.finite_sample_bound` is 6 to 900 times it.

**Source**: derived here.
"""

from sympy import Expr, Interval, Rational, sqrt

from theory.bounds.finite_sample_bound import LINE, MEASURED, SPACE
from theory.claim import Argued, Claim, FalseSibling, Source, measured
from theory.notation import M, N, curvature, curvature_square, loss, radius, rule, score_curvature, score_variance

#: the radius is this many standard deviations of the normal law, so that the statement is neither empty nor trivial
SIZE = radius * sqrt(score_variance / M) / curvature


def _tail(sign: int) -> Expr:
    """Cantelli's bound for one side."""
    moved = score_variance + sign * 2 * SIZE * score_curvature + SIZE**2 * (curvature_square - curvature**2)
    return moved / (moved + M * (SIZE * curvature) ** 2)


CLAIM = Claim(
    name="line_bound",
    title="In one dimension Cantelli's inequality on both sides bounds the loss of an estimate from M tasks",
    parameters={**SPACE, radius: Interval.open(0, 10)},
    tasks=LINE,
    measured={**MEASURED, score_curvature: measured("score_curvature", rule=rule, samples=N)},
    lhs=loss,
    relation="<=",
    rhs=curvature / 2 * SIZE**2,
    failure_probability=_tail(1) + _tail(-1),
    source=Source("derived here"),
    reductions=(Argued("Cantelli's inequality for a sum of independent terms, on either side"),),
    false_sibling=FalseSibling("a quarter of the radius", {"rhs": Rational(1, 16) * curvature / 2 * SIZE**2}),
)
