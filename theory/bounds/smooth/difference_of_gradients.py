r"""A central difference of gradients stands for a product with the Hessian.

**Setting.** A :math:`L_H`-Lipschitz Hessian, a vector v, points at :math:`\theta\pm\delta v`.

**Theorem.** :math:`\bigl\|(\nabla R(\theta+\delta v)-\nabla R(\theta-\delta v))/(2\delta)-\nabla^2R(\theta)v\bigr\|\le
\tfrac12L_H\delta\|v\|^2`; a forward difference satisfies the same bound.

**Proof.** The difference quotient is the mean of :math:`\nabla^2R(\theta+sv)v` over :math:`|s|\le\delta`, and the mean of
:math:`L_H|s|\|v\|^2` is the bound.

**Sharp**: :math:`\tfrac16L_H|\theta|^3` at 0.  Judged at p = 1, v = 1.

**Source**: derived here; Hessian-free MAML of `fallah-2020`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import L_H, L, difference_error, n, pieces, spacing

CLAIM = Claim(
    name="difference_of_gradients",
    title="A central difference misses a product with the Hessian by at most L_H spacing/2",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), spacing: Interval.Lopen(0, L / L_H)},
    tasks=Instances("bends", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={difference_error: measured("quotient_error", spacing=spacing)},
    lhs=difference_error,
    relation="<=",
    rhs=L_H * spacing / 2,
    source=Source("derived here"),
    false_sibling=FalseSibling("5 % less", {"rhs": Rational(95, 100) * L_H * spacing / 2}),
)
