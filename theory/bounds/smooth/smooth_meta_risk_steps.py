r"""The smoothness of the meta-risk of k steps.

**Setting.** As in :mod:`theory.bounds.smooth.smooth_meta_risk`, in any dimension, with k steps.

**Theorem.** The meta-gradient is Lipschitz with :math:`\rho^{2k}L+\frac{L_H}L\rho^{k-1}(\rho^k-1)G`, bounded in k if
:math:`\alpha\le1/(kL)`, as `ji-2022` observe of their constant.

**Proof.** :math:`\|w_j-u_j\|\le\rho^j\|w-u\|`.  The product of the k factors :math:`I-\alpha\nabla^2R(w_j)` changes by at
most :math:`\sum_j\rho^{k-1}\alpha L_H\rho^j\|w-u\|=\frac{L_H}L\rho^{k-1}(\rho^k-1)\|w-u\|` and multiplies a gradient of
size at most G; the gradient at the end changes by :math:`L\rho^k\|w-u\|` and is multiplied by at most :math:`\rho^k`.

On a line the sharp constant is that of :mod:`theory.bounds.smooth.smooth_meta_risk_line`, of which this is the limit
where :math:`L^2/(L_HG)` tends to zero.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import L_H, L, alpha, change, k, meta_change, n, pieces, steepest
from theory.rules import MAML

RHO = 1 + alpha * L
SMOOTHNESS = RHO ** (2 * k) * L + L_H / L * RHO ** (k - 1) * (RHO**k - 1) * steepest

CLAIM = Claim(
    name="smooth_meta_risk_steps",
    title="The meta-gradient of k steps is Lipschitz with rho^2k L + (L_H/L) rho^(k-1) (rho^k - 1) G",
    parameters={L: Interval.open(0, oo), L_H: Interval.open(0, oo), alpha: Interval(0, 1 / L), k: Range(1, 4)},
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
    false_sibling=FalseSibling("5 % less", {"rhs": Rational(95, 100) * SMOOTHNESS * change}),
)
