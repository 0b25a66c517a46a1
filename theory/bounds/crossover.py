r"""The number of tasks at which MAML overtakes joint training.

**Setting.** p = 1, M tasks with 2N samples each, deployed with a step on N samples: the weight is :math:`A_N`.  To order
1/M the expected excess risk of an estimate with limit :math:`\theta`, variance C/M and bias b/M is
:math:`\tfrac12E[A_N](\theta-\theta^*_N)^2+\{\tfrac12E[A_N]C+(\theta-\theta^*_N)E[A_N]b\}/M`; MAML's limit is
:math:`\theta^*_N`, so that its first and last terms vanish.

**Theorem.** To this order the risks are equal at

.. math:: M^*=\frac{\tfrac12E[A_N](C_{maml}-C_{drs})-(\theta^*_{drs}-\theta^*_N)E[A_N]b}
   {\tfrac12E[A_N](\theta^*_{drs}-\theta^*_N)^2},

where :math:`C=\operatorname{Var}\psi/E[H]^2`, :math:`b=E[(1+\frac1N)q^2d]/E[q]^2` and
:math:`d=\theta^*_{drs}-\theta_\gamma`: below it joint training's risk is the lower, above it MAML's.  If the numerator is
not positive MAML wins for every M at this order; where the optima coincide the methods never cross.  In p dimensions:
:func:`theory.crossover.crossover`.

**Proof.** Equate the two expansions.  The bias: :math:`\hat\theta-\theta^*=-\bar\psi/\bar H`, and
:math:`1/\bar H\approx1/E[H]-(\bar H-E[H])/E[H]^2`, so that :math:`b=E[H\psi]/E[H]^2`.

**Source**: derived here.  An equality: sharp everywhere.
"""

from sympy import Expr, Interval, Lambda, Range, oo

from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import (
    N,
    alpha,
    beta,
    bias,
    crossing,
    curvature,
    drs_curvature,
    drs_score_variance,
    limit,
    optimum_drs,
    q,
    score_variance,
    sigma2,
)
from theory.rules import DRS, MAML

GAP = optimum_drs - limit


def _cost(of_bias: Expr | int) -> Expr:
    """Twice what MAML pays more per task, over E[A_N]."""
    variances = score_variance / curvature**2 - drs_score_variance / drs_curvature**2
    return variances - 2 * GAP * of_bias / drs_curvature**2


CLAIM = Claim(
    name="crossover",
    title="MAML overtakes joint training at M* tasks, to order 1/M",
    parameters={
        beta: Interval.open(0, oo),
        alpha: Interval.open(0, 1 / beta),
        N: Range(1, 33),
        sigma2: Interval(0, 4),
    },
    tasks=Tasks("free", dimension=Range(1, 2), number=Range(2, 5)),
    measured={
        crossing: measured("inverse_crossover", rule=MAML(alpha), samples=N, noise=sigma2),
        curvature: measured("mean_curvature", rule=MAML(alpha), samples=N),
        drs_curvature: measured("mean_curvature", rule=DRS(), samples=N),
        score_variance: measured("score_variance", rule=MAML(alpha), samples=N, noise=sigma2),
        drs_score_variance: measured("score_variance", rule=DRS(), samples=N, noise=sigma2),
        limit: measured("limit", rule=MAML(alpha), samples=N),
        optimum_drs: measured("optimum", rule=DRS()),
        bias: measured("error_average", rule=DRS(), samples=N, weight=Lambda(q, (1 + 1 / N) * q**2), power=1),
    },
    lhs=crossing * _cost(bias),
    relation="==",
    rhs=GAP**2,
    source=Source("derived here"),
    reductions=(Argued("the expansion of the expected risk to order 1/M"),),
    false_sibling=FalseSibling("without the bias of joint training's estimate", {"lhs": crossing * _cost(0)}),
)
