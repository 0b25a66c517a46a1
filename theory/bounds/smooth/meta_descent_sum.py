r"""MAML by stochastic gradient descent and then testing: the sum of squared gradients.

**Setting.** Constants as in :mod:`theory.bounds.smooth.smooth_meta_risk`, with :math:`L_F` of it; three independent
batches per task: N inner gradients, N outer gradients, D Hessians at theta, of variances :math:`V_d`, :math:`V_h`; one
constant step :math:`\eta`; :math:`\Delta_0=F(\theta_0)-E\inf R_\gamma` and :math:`P=\Delta_0+\alpha G^2` (without the
second part if :math:`T_{te}=0`).

**Theorem.** For every :math:`\eta>0`

.. math:: E\Bigl\{\sum_{t<T_{tr}}\|\nabla F(\theta_t)\|^2+\sum_{t<T_{te}}\|\nabla R_\gamma\|^2\Bigr\}\le
   \frac P\eta+T_{tr}\,\mathrm{bias}+\frac\eta2c',

bias :math:`=\rho^2G\min\{\alpha L\sqrt{V_d/N},\tfrac12\alpha^2L_HV_d/N\}`,
:math:`c'=L_F(\rho^2+\alpha^2V_h/D)(G^2+V_d/N)T_{tr}+L(G^2+V_d/N)T_{te}`; at :math:`\eta=\sqrt{2P/c'}` it is
:math:`T_{tr}\,\mathrm{bias}+\sqrt{2Pc'}`.

**Proof.** The descent lemma for F with a biased step: the cross term is at most the bias :math:`\rho\min\{\dots\}` times
:math:`\|\nabla F\|\le\rho G`, and :math:`E\|\hat g\|^2\le(\rho^2+\alpha^2V_h/D)(G^2+V_d/N)`.  Testing starts at
:math:`E R_\gamma(\theta_T)\le F(\theta_T)+\alpha G^2`.

**Sharp** at :math:`\alpha=0`, where F is the risk: approached by long parabolas, one update, :math:`\eta=1/L`.  Judged
at p = 1, M = N = D = 1, with signs.

**Source**: derived here; it corrects the edges of Theorem 2 of `gao-sener-2020`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import (
    L_H,
    L,
    T_te,
    T_tr,
    alpha,
    chi,
    eta,
    gradient_sum,
    n,
    pieces,
    start_gap,
    steepest,
    xi,
)
from theory.rules import MAML
from theory.smooth.constants import BIAS, CALLS, META_SMOOTHNESS, REACH, STRETCH
from theory.smooth.extremal import parabola

C = META_SMOOTHNESS * (STRETCH**2 + alpha**2 * chi**2) * CALLS * T_tr + L * CALLS * T_te

CLAIM = Claim(
    name="meta_descent_sum",
    title="MAML and testing: the squared gradients sum to at most P/eta + T_tr bias + eta c'/2",
    parameters={
        L: Interval.open(0, oo),
        L_H: Interval.open(0, oo),
        alpha: Interval(0, 1 / L),
        eta: Interval.open(0, 2 / L),
        xi: Interval(0, L**2 / L_H),
        chi: Interval(0, L),
        T_tr: Range(0, 3),
        T_te: Range(0, 2),
    },
    tasks=Instances("bowls", {n: Range(1, 3), pieces: Range(3, 5)}),
    measured={
        gradient_sum: measured(
            "gradient_sum",
            rule=MAML(alpha),
            eta=eta,
            updates=T_tr,
            test_steps=T_te,
            deviation=xi,
            bend_deviation=chi,
        ),
        start_gap: measured("objective_gap", rule=MAML(alpha)),
        steepest: measured("steepest_slope"),
    },
    lhs=gradient_sum,
    relation="<=",
    rhs=REACH / eta + T_tr * BIAS + eta * C / 2,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "1 % less",
        {"rhs": Rational(99, 100) * (REACH / eta + T_tr * BIAS + eta * C / 2)},
        stored=parabola(Rational(1), {T_tr: 1, T_te: 0}),
        control=FalseSibling("half of it", {"rhs": (REACH / eta + T_tr * BIAS + eta * C / 2) / 2}),
    ),
)
