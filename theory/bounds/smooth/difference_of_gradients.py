r"""A central difference of gradients stands for a product with the Hessian.

**Setting.** A :math:`L_H`-Lipschitz Hessian, a vector v, points at :math:`\theta\pm\delta v`.

**Theorem.** :math:`\bigl\|(\nabla R(\theta+\delta v)-\nabla R(\theta-\delta v))/(2\delta)-\nabla^2R(\theta)v\bigr\|\le
\tfrac12L_H\delta\|v\|^2`; a forward difference satisfies the same bound.

**Proof.** The difference quotient is the mean of :math:`\nabla^2R(\theta+sv)v` over :math:`|s|\le\delta`, and the mean of
:math:`L_H|s|\|v\|^2` is the bound.

**Sharp**: :math:`\tfrac16L_H|\theta|^3` at 0.  Judged at p = 1, 2 along the first axis.

**Source**: derived here; Hessian-free MAML of `fallah-2020`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import L_H, L, difference_error, n, p, pieces, spacing

BOUND = L_H * spacing / 2

CLAIM = Claim(
    name="difference_of_gradients",
    title="A central difference misses a product with the Hessian by at most L_H spacing/2",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), spacing: Interval.Lopen(0, L / L_H)},
    tasks=Instances("bent_surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 3)}),
    measured={difference_error: measured("quotient_error", spacing=spacing)},
    lhs=difference_error,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "1 % less",
        {"rhs": Rational(99, 100) * BOUND},
        stored=Stored(
            "curvature |x| - 1 along one axis of the plane, at 0",
            {n: 1, pieces: 2, p: 2, L: 1, L_H: 1, spacing: 1},
            {
                "probabilities": (1,),
                "knots": ((-1, 0, 1), (-1, 0, 1)),
                "curvatures": ((0, -1, 0), (0, 0, 0)),
                "first": (0, 0),
                "frames": (((1, 0), (0, 1)),),
                "start": (0, 0),
                "other": (0, 0),
            },
        ),
        control=FalseSibling("an eighth less", {"rhs": Rational(7, 8) * BOUND}),
    ),
)
