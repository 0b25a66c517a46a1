r"""Gradient descent without noise: the exact worst sum of squared gradients.

**Setting.** One risk with an L-Lipschitz gradient, T steps :math:`\eta=h/L` with 0 < h <= 1,
:math:`\Delta_0=R(\theta_0)-\inf R`.

**Theorem.** :math:`\sum_{t<T}\|\nabla R(\theta_t)\|^2\le\Delta_0\,\frac{1-(1-h)^{2T}}{\eta(1-h/2)}`.

**Proof.** The descent lemma gives :math:`\eta(1-h/2)\sum_{t<T}\|\nabla R(\theta_t)\|^2\le\Delta_0-(R(\theta_T)-\inf R)`;
moreover :math:`R(\theta_T)-\inf R\ge\|\nabla R(\theta_T)\|^2/(2L)` and :math:`\|\nabla R(\theta_{t+1})\|\ge(1-h)\|\nabla
R(\theta_t)\|`.

**Sharp** for every T: equality on :math:`\tfrac12L\theta^2`.  Judged at p = 1.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, T, gradient_sum, n, pieces, start_gap
from theory.notation import normalised_step as h
from theory.rules import DRS

BOUND = start_gap * L * (1 - (1 - h) ** (2 * T)) / (h * (1 - h / 2))

CLAIM = Claim(
    name="descent_sum_quiet",
    title="Without noise the squared gradients of T steps sum to at most Delta_0 (1 - (1 - h)^2T)/(eta (1 - h/2))",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), h: Interval.Lopen(0, 1), T: Range(1, 6)},
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(2, 5)}),
    measured={
        gradient_sum: measured("gradient_sum", rule=DRS(), eta=h / L, updates=T, test_steps=0),
        start_gap: measured("objective_gap", rule=DRS()),
    },
    lhs=gradient_sum,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * BOUND}),
)
