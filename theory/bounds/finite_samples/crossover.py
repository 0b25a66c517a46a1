r"""The number of tasks at which MAML overtakes joint training.

**Setting.** M tasks with 2N samples each, deployed with a step on N samples: the weight is :math:`A_N`.  To order
1/M the expected excess risk of an estimate with limit :math:`\theta`, covariance C/M and bias b/M is
:math:`\tfrac12\|\theta-\theta^*_N\|^2_{E[A_N]}+\{\tfrac12\operatorname{tr}(E[A_N]C)+(\theta-\theta^*_N)^\top E[A_N]b\}/M`;
MAML's limit is :math:`\theta^*_N`, so that its first and last terms vanish.

**Theorem.** To this order the risks are equal at

.. math:: M^*=\frac{\tfrac12\operatorname{tr}(E[A_N](C_{maml}-C_{drs}))-(\theta^*_{drs}-\theta^*_N)^\top E[A_N]b}
   {\tfrac12\|\theta^*_{drs}-\theta^*_N\|^2_{E[A_N]}},\qquad
   b=E[Q]^{-1}E\bigl[(1+\tfrac1n)QE[Q]^{-1}Qd+\tfrac1n\operatorname{tr}(E[Q]^{-1}Q)Qd\bigr],

where :math:`C=E[H]^{-1}\operatorname{Cov}\psi\,E[H]^{-1}`, n = 2N and :math:`d=\theta^*_{drs}-\theta_\gamma`: below it
joint training's risk is the lower, above it MAML's.  If the numerator is not positive MAML wins for every M at this order;
where the optima coincide the methods never cross.  The claim is judged at p = 1 and 2; in p dimensions:
:func:`theory.crossover.crossover`.

**Proof.** Equate the two expansions.  The bias: :math:`\hat\theta-\theta^*=-\bar H^{-1}\bar\psi`, and
:math:`\bar H^{-1}\approx E[H]^{-1}-E[H]^{-1}(\bar H-E[H])E[H]^{-1}`, so that :math:`b=E[H]^{-1}E[HE[H]^{-1}\psi]`, in which
:math:`E[\psi\mid H]=Hd` and :math:`E[HKH]=(1+\tfrac1n)QKQ+\tfrac1n\operatorname{tr}(KQ)Q`.

**Source**: derived here.  An equality: sharp everywhere.
"""

from sympy import Expr, Interval, Range, oo

from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import (
    N,
    alpha,
    beta,
    bias_trace,
    bias_word,
    crossing,
    half_square,
    joint_spread,
    meta_spread,
    sigma2,
)
from theory.rules import DRS, MAML

META = MAML(alpha)
#: twice the pull of joint training's bias on its deployed risk, times M
PULL = 2 * bias_word + (bias_word + bias_trace) / N


def _cost(of_bias: Expr | int) -> Expr:
    """Half of what MAML pays more per task."""
    return (meta_spread - joint_spread - of_bias) / 2


CLAIM = Claim(
    name="crossover",
    title="MAML overtakes joint training at M* tasks, to order 1/M",
    parameters={
        beta: Interval.open(0, oo),
        alpha: Interval.open(0, 1 / beta),
        N: Range(1, 33),
        sigma2: Interval(0, 4),
    },
    tasks=Tasks("free", dimension=Range(1, 3), number=Range(2, 5)),
    measured={
        crossing: measured("inverse_crossover", rule=META, samples=N, noise=sigma2),
        meta_spread: measured("deployed_spread", rule=META, deployed=META, samples=N, noise=sigma2),
        joint_spread: measured("deployed_spread", rule=DRS(), deployed=META, samples=N, noise=sigma2),
        half_square: measured("half_squared_distance", trained=DRS(), deployed=MAML(alpha, 1, N)),
        bias_word: measured("pulled_bias", rule=META, samples=N, word="QGQ"),
        bias_trace: measured("pulled_bias", rule=META, samples=N, word="Q", trace="GQ"),
    },
    lhs=crossing * _cost(PULL),
    relation="==",
    rhs=half_square,
    source=Source("derived here"),
    reductions=(Argued("the expansion of the expected risk to order 1/M"),),
    false_sibling=FalseSibling("without the bias of joint training's estimate", {"lhs": crossing * _cost(0)}),
)
