r"""MAML by stochastic gradient descent: more tasks a batch reduce what noise adds.

**Setting.** As in :mod:`theory.bounds.smooth.meta_descent_sum`, with M tasks a batch.

**Theorem.** There :math:`L_F(\rho^2+\alpha^2V_h/D)(G^2+V_d/N)` may be replaced by
:math:`L_F\{\rho^2G^2+[\rho^2V_d/N+\alpha^2(V_h/D)(G^2+V_d/N)]/M\}`; at :math:`\alpha=0` this is
:mod:`theory.bounds.smooth.descent_sum` with N for 2N.

**Proof.** Given the tasks and the inner gradients, the mean step is that of M independent terms; their conditional means
are at most :math:`\rho G` long, and only what is random given them is averaged over M.

Judged at p = 1, N = D = 1, with signs.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import (
    L_H,
    L,
    M,
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

C = (
    META_SMOOTHNESS * (STRETCH**2 * steepest**2 + (STRETCH**2 * xi**2 + alpha**2 * chi**2 * CALLS) / M) * T_tr
    + L * CALLS * T_te
)

CLAIM = Claim(
    name="meta_descent_sum_tasks",
    title="MAML with M tasks a batch and testing: what noise adds to c' is divided by M",
    parameters={
        L: Interval.open(0, oo),
        L_H: Interval.open(0, oo),
        alpha: Interval(0, 1 / L),
        eta: Interval.open(0, 2 / L),
        xi: Interval(0, L**2 / L_H),
        chi: Interval(0, L),
        M: Range(1, 3),
        T_tr: Range(0, 2),
        T_te: Range(0, 2),
    },
    tasks=Instances("bowls", {n: Range(1, 2), pieces: Range(3, 5)}),
    measured={
        gradient_sum: measured(
            "gradient_sum",
            rule=MAML(alpha),
            eta=eta,
            updates=T_tr,
            test_steps=T_te,
            deviation=xi,
            bend_deviation=chi,
            tasks=M,
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
        stored=parabola(Rational(1), {T_tr: 1, T_te: 0, M: 1}),
        control=FalseSibling("half of it", {"rhs": (REACH / eta + T_tr * BIAS + eta * C / 2) / 2}),
    ),
)
