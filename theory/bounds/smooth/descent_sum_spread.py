r"""Joint training and testing without a bound on slopes: the variance across tasks takes its place.

**Setting.** As in :mod:`theory.bounds.smooth.descent_sum`, with :math:`V_t` the largest variance of the gradients across
tasks in place of G.

**Theorem.** For :math:`0<\eta<2/L`

.. math:: (1-\tfrac12\eta L)\,S\le\frac{\Delta_0}\eta+\frac\eta2c^+,\quad
   c^+=L\Bigl(\frac{V_t}M+\frac{V_d}{2NM}\Bigr)T_{tr}+L\frac{V_d}NT_{te};

at :math:`\eta=2/(L+\sqrt{L^2+2c^+/\Delta_0})` this is :math:`S\le L\Delta_0+\sqrt{L^2\Delta_0^2+2\Delta_0c^+}`.

**Proof.** The descent lemma with :math:`E\|\hat g\|^2\le\|\nabla R_{drs}\|^2+V_t/M+V_d/(2NM)`.

**Sharp**: at :math:`c^+=0` on :math:`\tfrac12L\theta^2`; with noise that dominates it is approached there.  So either
:math:`V_t/M` or :math:`G^2` is needed, never both.  Judged at p = 1, N = 1, with signs.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, M, T_te, T_tr, eta, gradient_sum, n, pieces, start_gap, task_spread, xi
from theory.rules import DRS

C = L * (task_spread / M + xi**2 / (2 * M)) * T_tr + L * xi**2 * T_te
BOUND = start_gap / eta + eta * C / 2

CLAIM = Claim(
    name="descent_sum_spread",
    title="Joint training and testing: (1 - eta L/2) times the squared gradients sum to at most Delta_0/eta + eta c+/2",
    parameters={
        L: Interval.open(0, oo),
        G: Interval.open(0, oo),
        eta: Interval.open(0, 2 / L),
        xi: Interval(0, G),
        M: Range(1, 3),
        T_tr: Range(0, 3),
        T_te: Range(0, 3),
    },
    tasks=Instances("profiles", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        gradient_sum: measured("gradient_sum", rule=DRS(), eta=eta, updates=T_tr, test_steps=T_te, deviation=xi, tasks=M),
        start_gap: measured("objective_gap", rule=DRS()),
        task_spread: measured("slope_spread"),
    },
    lhs=(1 - eta * L / 2) * gradient_sum,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * BOUND}),
)
