r"""MAML by stochastic gradient descent with small steps: the floor is the bias squared.

**Setting.** As in :mod:`theory.bounds.smooth.meta_descent_sum_tasks`; :math:`\beta=\rho\phi(\alpha\sqrt{V_d/N})` bounds the
meta-gradient's bias, :mod:`theory.bounds.smooth.meta_gradient_bias`.

**Theorem.** For :math:`0<\eta\le1/L`, and without the last term for :math:`\eta\le1/L_F`,

.. math:: E\{\dots\}\le\frac{2P}\eta+T_{tr}\beta^2+\eta\Bigl\{L_F\frac{V_m}MT_{tr}+L\frac{V_d}NT_{te}\Bigr\}+
   (\eta L_F-1)_+\rho^2G^2T_{tr},\quad V_m=\rho^2G^2+\rho^2(1+a^2)\frac{V_d}N+\alpha^2\frac{V_h}D\Bigl(G^2+\frac{V_d}N\Bigr).

**Proof.** The descent lemma with :math:`\langle\nabla F,E\hat g\rangle\ge\tfrac12\|\nabla F\|^2+\tfrac12\|E\hat
g\|^2-\tfrac12\beta^2` and :math:`E\|\hat g\|^2\le\|E\hat g\|^2+V_m/M`; for :math:`\eta L_F\le1` the squares of the mean
cancel, and otherwise :math:`\|E\hat g\|\le\rho G`.

Judged at p = 1, M = N = D = 1, with signs.

**Source**: derived here.
"""

from sympy import Interval, Max, Min, Range, Rational, oo

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
from theory.smooth.constants import META_SMOOTHNESS, REACH, STRETCH
from theory.smooth.extremal import parabola

NEAR = Min(alpha * xi, L / L_H)
BETA = STRETCH * (L_H * NEAR**2 / 2 + L * (alpha * xi - NEAR))
SPREAD = STRETCH**2 * (steepest**2 + (1 + alpha**2 * L**2) * xi**2) + alpha**2 * chi**2 * (steepest**2 + xi**2)
NOISE = META_SMOOTHNESS * SPREAD / M * T_tr + L * xi**2 * T_te
#: for M tasks a batch
BOUND = 2 * REACH / eta + T_tr * BETA**2 + eta * NOISE + Max(0, eta * META_SMOOTHNESS - 1) * STRETCH**2 * steepest**2 * T_tr
ONE = BOUND.subs(M, 1)

CLAIM = Claim(
    name="meta_descent_sum_floor",
    title="MAML with small steps and testing: the floor of the squared gradients is the bias squared",
    parameters={
        L: Interval.open(0, oo),
        L_H: Interval.open(0, oo),
        alpha: Interval(0, 1 / L),
        eta: Interval.open(0, 1 / L),
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
    rhs=ONE,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "1 % less",
        {"rhs": Rational(99, 100) * ONE},
        stored=parabola(Rational(999, 1000), {T_tr: 0, T_te: 1}),
        control=FalseSibling("half of it", {"rhs": ONE / 2}),
    ),
)
