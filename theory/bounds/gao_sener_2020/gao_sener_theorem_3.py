r"""Theorem 3 of Gao and Sener: how far joint training's estimate is from its optimum. [printed]

**Statement**, `gao-sener-2020`, section 4.2, in our words: for tasks with :math:`\|Q\|\le\beta` and
:math:`\|\theta_\gamma-\theta^*_{drs}\|\le\tau`, sub-Gaussian features and bounded data, with probability
:math:`1-\delta` and up to terms of higher order,

.. math:: \|\hat\theta_{drs}-\theta^*_{drs}\|\le\frac1{\lambda_{\min}(E[Q])-o(1)}\Bigl\{
   \frac{c_1(\omega,\|\operatorname{Var}Q\|,\operatorname{tr}\operatorname{Var}(Q\theta_\gamma),\theta^*_{drs})}{\sqrt M}
   +\frac{\tau c_2(\omega)/\sqrt2+c_3(\omega)}{\sqrt N}\Bigr\},

:math:`c_1(\omega,r,s,\theta)=\|\theta\|\sqrt{2r\omega}+\sqrt{2s\omega}`, with :math:`\omega` logarithmic in
:math:`1/\delta`, M and p.

**Reading.** The first term, in mean square and for infinitely many samples.  The constant inside :math:`c_2` and the o(1) are
not given, so that of the rest only scalings can be audited.

**Audit.**

- *The first term*, the spread between tasks, holds in mean square for infinitely many samples, where the score is
  :math:`\psi=Q(\theta^*-\theta_\gamma)`: :math:`\sqrt{E\|\psi\|^2}\le c_1/\sqrt{2\omega}`, the claim below.  The right scaling,
  but not invariant: a shift of all optima by one vector changes :math:`c_1` without bound and the estimate's error not
  at all.
- *The second term* does not decrease with M.  Exactly, the sampling adds
  :math:`\frac1{2NM}E[d^\top Q^2d+\operatorname{tr}(Q)\,d^\top Qd+\sigma^2\operatorname{tr}Q]` to the mean square of the score's
  mean (:mod:`theory.scores`): order :math:`1/\sqrt{NM}` in the error, and for fixed N the error vanishes as
  :math:`M\to\infty` (:mod:`theory.bounds.joint_training_floor`).  The printed floor :math:`1/\sqrt N` is not there.

**Proof** of the claim: :math:`\psi` has mean zero, so that
:math:`\psi=(Q-E[Q])\theta^*-(Q\theta_\gamma-E[Q\theta_\gamma])`; by Minkowski's inequality, with
:math:`E\|(Q-E[Q])\theta\|^2\le\|\theta\|^2\|\operatorname{Var}Q\|`.

**Sharp**: attained at p = 1 where the two parts are opposite, :math:`Q\theta_\gamma-E[Q\theta_\gamma]=-c\,(Q-E[Q])` with
:math:`c\theta^*>0`.
"""

from sympy import Expr, Interval, Rational, oo, sqrt

from theory.claim import Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import beta, optimum_norm, pull_spread, pull_variance, weight_variance
from theory.rules import DRS

#: c_1 over the square root of twice omega
C_1: Expr = optimum_norm * sqrt(weight_variance) + sqrt(pull_variance)

CLAIM = Claim(
    name="gao_sener_theorem_3",
    title="The spread of joint training's score between tasks is at most the printed c_1, in mean square",
    parameters={beta: Interval.open(0, oo)},
    tasks=Tasks("free"),
    measured={
        pull_spread: measured("pull_spread", rule=DRS()),
        weight_variance: measured("weight_variance_norm", rule=DRS()),
        pull_variance: measured("pull_variance", rule=DRS()),
        optimum_norm: measured("optimum_norm", rule=DRS()),
    },
    lhs=sqrt(pull_spread),
    relation="<=",
    rhs=C_1,
    source=Source("gao-sener-2020", "section 4.2, Theorem 3, first term"),
    printed=True,
    sharp=Extremal(
        "two equally likely tasks with curvatures 1 and 1/2 and optima 0 and 1",
        attained=True,
        parameters={beta: 1},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": 1},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": Rational(1, 2)},
        ),
    ),
    false_sibling=FalseSibling("1 % below the constant", {"rhs": Rational(99, 100) * C_1}),
)
