r"""The smoothness of the meta-risk, sharp in one dimension.

**Setting.** p = 1; :math:`|R'|\le G`, :math:`|R''|\le L`, R'' :math:`L_H`-Lipschitz; one step, :math:`\rho=1+\alpha L`.

**Theorem.** F' is Lipschitz with :math:`L_F=\rho^2L+\alpha(L_HG-\tfrac12L^2)`.

**Proof.** Where it exists, :math:`F''=(1-\alpha R''(\theta))^2R''(\theta')-\alpha R^{(3)}(\theta)R'(\theta')`.  A slope
bounded by G everywhere, whose curvature changes at rate :math:`L_H` at most, satisfies :math:`|R'|\le G-(R'')^2/(2L_H)`.
Hence :math:`|F''|\le\rho^2|R''(\theta')|+\alpha L_H(G-(R''(\theta'))^2/(2L_H))`, which increases in
:math:`|R''(\theta')|\le L`.

**Sharp**: curvature -L between theta and :math:`\theta'`, rising at rate :math:`L_H` outside, and
:math:`|R'(\theta')|=G-L^2/(2L_H)`: for every rate.  For k steps: :mod:`theory.bounds.smooth.smooth_meta_risk_line`.  In
more dimensions :math:`\rho^2L+\alpha L_HG` holds.  The constant of the line does not: where :math:`L^2/(2L_HG)` is near 1 a
risk in the plane exceeds it by up to 0.9 % (``python -m verify.simulation.open_questions``,
:mod:`verify.simulation.smooth_plane`).

**Source**: derived here; `gao-sener-2020` has the weaker constant inside its Theorem 2.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import L_H, L, alpha, change, meta_change, n, pieces, steepest
from theory.rules import MAML
from theory.smooth.constants import META_SMOOTHNESS

CLAIM = Claim(
    name="smooth_meta_risk",
    title="In one dimension the meta-gradient is Lipschitz with rho^2 L + alpha (L_H G - L^2/2)",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), alpha: Interval(0, 2 / L)},
    tasks=Instances("bends", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        meta_change: measured("step_change", rule=MAML(alpha)),
        change: measured("points_apart"),
        steepest: measured("steepest_slope"),
    },
    lhs=meta_change,
    relation="<=",
    rhs=META_SMOOTHNESS * change,
    source=Source("derived here"),
    false_sibling=FalseSibling("2 % less", {"rhs": Rational(98, 100) * META_SMOOTHNESS * change}),
)
