r"""Gradient descent without noise: the least squared gradient along the path.

**Setting.** As in :mod:`theory.bounds.smooth.descent_sum_quiet`.

**Theorem.** :math:`\min_{t\le T}\|\nabla R(\theta_t)\|^2\le\frac{4L\Delta_0}{2+Th(4-h)}` (Abbaszadehpeivasti, de Klerk and
Zamani, from memory; judged here).

**Proof.** With :math:`x_t=\|\nabla R(\theta_t)\|` interpolation by L-smooth functions gives
:math:`L(R(\theta_t)-R(\theta_{t+1}))\ge(\tfrac h2+\tfrac14-\tfrac{h^2}4)x_t^2-\tfrac{1-h}2x_tx_{t+1}+\tfrac14x_{t+1}^2`,
at least :math:`(\tfrac{3h}4-\tfrac{h^2}4)x_t^2+\tfrac h4x_{t+1}^2` since :math:`2x_tx_{t+1}\le x_t^2+x_{t+1}^2`; sum,
with :math:`L(R(\theta_T)-\inf R)\ge\tfrac12x_T^2`.

**Sharp**: a constant gradient along the path, then a parabola down to the infimum.  Judged at p = 1.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, T, least_square, n, pieces, start_gap
from theory.notation import normalised_step as h
from theory.rules import DRS

BOUND = 4 * L * start_gap / (2 + T * h * (4 - h))

CLAIM = Claim(
    name="descent_least",
    title="The least squared gradient of T + 1 points of gradient descent is at most 4 L Delta_0/(2 + T h (4 - h))",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), h: Interval.Lopen(0, 1), T: Range(1, 6)},
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(3, 9)}),
    measured={
        least_square: measured("least_squared_slope", eta=h / L, steps=T),
        start_gap: measured("objective_gap", rule=DRS()),
    },
    lhs=least_square,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("2 % less", {"rhs": Rational(98, 100) * BOUND}),
)
