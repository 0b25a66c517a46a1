r"""The meta-gradient changes by little where the risks are flat, at every rate.

**Setting.** Risks with L-Lipschitz gradients and :math:`L_H`-Lipschitz Hessians, one step, :math:`\rho=1+\alpha L`.

**Theorem.** For all :math:`\alpha\ge0`,

.. math:: \|E\nabla F_\gamma(w)-E\nabla F_\gamma(u)\|\le\bigl(\rho^2L+\alpha\rho L_H\min\{E\|\nabla R_\gamma(w)\|,
   E\|\nabla R_\gamma(u)\|\}\bigr)\|w-u\|.

**Proof.** The difference is :math:`(I-\alpha\nabla^2R(u))(\nabla R(w')-\nabla
R(u'))-\alpha(\nabla^2R(w)-\nabla^2R(u))\nabla R(w')`; :math:`\|w'-u'\|\le\rho\|w-u\|` and :math:`\|\nabla
R(w')\|\le\rho\|\nabla R(w)\|`; w and u may be exchanged.

**Sharp** at p = 1, by the instance of :mod:`theory.bounds.smooth.smooth_meta_risk`.  For :math:`\alpha\le1/L` it implies
`fallah-2020`'s constant, :mod:`theory.bounds.smooth.fallah_smoothness`.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import L_H, L, alpha, change, flatter, meta_change, n, p, pieces
from theory.rules import MAML

RHO = 1 + alpha * L
SMOOTHNESS = RHO**2 * L + alpha * RHO * L_H * flatter

CLAIM = Claim(
    name="smooth_meta_risk_local",
    title="The meta-gradient is Lipschitz with rho^2 L + alpha rho L_H times the smaller mean slope",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), alpha: Interval(0, 2 / L)},
    tasks=Instances("bent_surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 3)}),
    measured={
        meta_change: measured("step_change", rule=MAML(alpha)),
        change: measured("points_apart"),
        flatter: measured("flatter_slope"),
    },
    lhs=meta_change,
    relation="<=",
    rhs=SMOOTHNESS * change,
    source=Source("derived here"),
    false_sibling=FalseSibling("2 % less", {"rhs": Rational(98, 100) * SMOOTHNESS * change}),
)
