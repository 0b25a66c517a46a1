r"""The local smoothness of the meta-risk in Fallah, Mokhtari and Ozdaglar. [printed]

**Statement**, `fallah-2020`, in our words: for :math:`\alpha\le1/L` the meta-gradient is Lipschitz between w and u with
:math:`4L+2\alpha L_H\min\{E\|\nabla R_\gamma(w)\|,E\|\nabla R_\gamma(u)\|\}`.

**Audit.** True, and attained at :math:`\alpha=1/L`, where it is the constant of
:mod:`theory.bounds.smooth.smooth_meta_risk_local`, which holds for every rate and is smaller below 1/L.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import L_H, L, alpha, change, flatter, meta_change, n, p, pieces
from theory.rules import MAML

SMOOTHNESS = 4 * L + 2 * alpha * L_H * flatter

CLAIM = Claim(
    name="fallah_smoothness",
    title="At rates up to 1/L the meta-gradient is Lipschitz with 4 L + 2 alpha L_H times the smaller mean slope",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), alpha: Interval(0, 1 / L)},
    tasks=Instances("bent_surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 3)}),
    measured={
        meta_change: measured("step_change", rule=MAML(alpha)),
        change: measured("points_apart"),
        flatter: measured("flatter_slope"),
    },
    lhs=meta_change,
    relation="<=",
    rhs=SMOOTHNESS * change,
    source=Source("fallah-2020", "smoothness of the meta-risk"),
    printed=True,
    corrected="smooth_meta_risk_local",
    false_sibling=FalseSibling(
        "1 % less",
        {"rhs": Rational(99, 100) * SMOOTHNESS * change},
        stored=Stored(
            "rate 1/L, curvature -L between a point and where its step leads, rising at rate L_H beyond both",
            {n: 1, pieces: 3, p: 1, L: 1, L_H: 1, alpha: 1},
            {
                "probabilities": (1,),
                "knots": ((-2, -1, 0, 1),),
                "curvatures": ((0, -1, -1, 0),),
                "first": (Rational(5, 2),),
                "frames": (((1,),),),
                "start": (0,),
                "other": (Rational(1, 1000),),
            },
        ),
        control=FalseSibling("half of it", {"rhs": SMOOTHNESS * change / 2}),
    ),
)
