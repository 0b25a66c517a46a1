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

The claim is judged from one to five standard deviations: nearer it says nothing, and farther replicates cannot tell.

**Higher orders.** Any even moment in place of the second bounds the two events, and its shift can be chosen:
:func:`theory.finite_sample.line_bound`, which at N = 10, 100 and orders up to 6 stays within 2 to 3 times the true
quantile where :mod:`theory.bounds.finite_sample_bound` is 6 to 900 times it; at N = 1 MAML's curvature has such moments that
it says nothing for M = 100 (``docs/coverage.md``).

**Source**: derived here.
"""

from sympy import Expr, Interval, Range, sqrt

from theory.bounds.finite_samples.finite_sample_bound import LOSS, SPACE
from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import M, N, curvature, design, loss, radius, rule, score_covariance, score_curvature, sigma2

#: the radius is this many standard deviations of the normal law, so that the statement is neither empty nor trivial
SIZE = radius * sqrt(score_covariance / M) / curvature
BOUND = curvature / 2 * SIZE**2


def _tail(sign: int) -> Expr:
    """Cantelli's bound for one side."""
    scaled = SIZE * curvature
    moved = score_covariance + sign * 2 * scaled * score_curvature + scaled**2 * (design - 1)
    return moved / (moved + M * scaled**2)


CLAIM = Claim(
    name="line_bound",
    title="In one dimension Cantelli's inequality on both sides bounds the loss of an estimate from M tasks",
    parameters={**SPACE, radius: Interval.open(1, 5)},
    tasks=Tasks("free", dimension=Range(1, 2), number=Range(1, 5)),
    measured={
        loss: LOSS,
        curvature: measured("mean_curvature", rule=rule, samples=N),
        design: measured("design", rule=rule, samples=N),
        score_covariance: measured("score_covariance", rule=rule, samples=N, noise=sigma2),
        score_curvature: measured("score_curvature", rule=rule, samples=N),
    },
    lhs=loss,
    relation="<=",
    rhs=BOUND,
    failure_probability=_tail(1) + _tail(-1),
    source=Source("derived here"),
    reductions=(Argued("Cantelli's inequality for a sum of independent terms, on either side"),),
    false_sibling=FalseSibling(
        "a seventh of the bound, seven times as strong: a sixth of it survives replicates", {"rhs": BOUND / 7}
    ),
)
