r"""The smoothness of the meta-risk of k steps, sharp in one dimension.

**Setting.** p = 1; :math:`|R'|\le G`, :math:`|R''|\le L`, R'' :math:`L_H`-Lipschitz; k steps, :math:`\rho=1+\alpha L`.

**Theorem.** F' is Lipschitz with
:math:`\rho^{2k}L+\frac{L_H}L\rho^{k-1}(\rho^k-1)\bigl(G-\tfrac{L^2}{2L_H}\bigr)`; for k = 1 that is
:mod:`theory.bounds.smooth.smooth_meta_risk`.

**Proof.** With the path :math:`w_0=\theta`, :math:`w_{j+1}=w_j-\alpha R'(w_j)` and :math:`m_j=1-\alpha R''(w_j)`, where
it exists,

.. math:: F''=R''(w_k)\prod_{i<k}m_i^2-\alpha R'(w_k)\sum_{j<k}R^{(3)}(w_j)\prod_{i<j}m_i\prod_{i\ne j}m_i.

:math:`|m_i|\le\rho`, and a slope bounded by G whose curvature changes at rate :math:`L_H` at most satisfies
:math:`|R'|\le G-(R'')^2/(2L_H)`.  With :math:`x=|R''(w_k)|` hence :math:`|F''|\le\rho^{2k}x+\frac{L_H}L
\rho^{k-1}(\rho^k-1)(G-\frac{x^2}{2L_H})`, whose derivative in x is :math:`\rho^{2k}-\frac xL\rho^{k-1}(\rho^k-1)>0` up
to L.

**Sharp** at every rate: only the slope at :math:`w_k` enters.  Curvature -L from :math:`w_k` to :math:`w_0`, rising at rate
:math:`L_H` outside, but for a bump of vanishing size that begins right of each :math:`w_j`, j < k, at that rate; slope
:math:`G-L^2/(2L_H)` at :math:`w_k`, and :math:`\rho^{j-k}` times it at :math:`w_j`.  Just right of :math:`w_0` all terms have
one sign.  The false sibling's stored instance has room between the places: from each the curvature rises to L, falls to 0,
and to -L only before the next, so that the slopes are equal.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import L_H, L, alpha, change, k, meta_change, n, pieces, steepest
from theory.rules import MAML
from theory.smooth.constants import STRETCH

SMOOTHNESS = STRETCH ** (2 * k) * L + L_H / L * STRETCH ** (k - 1) * (STRETCH**k - 1) * (steepest - L**2 / (2 * L_H))

CLAIM = Claim(
    name="smooth_meta_risk_line",
    title="In one dimension the meta-gradient of k steps is Lipschitz with the constant of k steps at G - L^2/(2 L_H)",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), alpha: Interval(0, 2 / L), k: Range(1, 4)},
    tasks=Instances("bends", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        meta_change: measured("step_change", rule=MAML(alpha, k)),
        change: measured("points_apart"),
        steepest: measured("steepest_slope"),
    },
    lhs=meta_change,
    relation="<=",
    rhs=SMOOTHNESS * change,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "a thousandth less",
        {
            "tasks": Instances("bends", {n: Range(1, 3), pieces: Range(2, 12)}),
            "rhs": Rational(999, 1000) * SMOOTHNESS * change,
        },
        stored=Stored(
            "two steps along a slope of 8 that meet the curvature -1 at three places, rising at rate 1",
            {n: 1, pieces: 11, L: 1, L_H: 1, alpha: 1, k: 2},
            {
                "probabilities": (1,),
                "knots": ((-17, -16, -14, -13, -9, -8, -6, -5, -1, 0, 2, 3),),
                "curvatures": ((0, -1, 1, 0, 0, -1, 1, 0, 0, -1, 1, 0),),
                "first": (Rational(17, 2),),
                "start": (0,),
                "other": (Rational(1, 100000),),
            },
        ),
        control=FalseSibling("2 % less", {"rhs": Rational(98, 100) * SMOOTHNESS * change}),
    ),
)
