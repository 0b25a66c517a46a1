r"""First-order MAML's fixed points are stationary up to half the spread of the curvatures.

**Setting.** Smooth risks, one step; every Hessian lies between :math:`-L` and L.  First-order MAML drives
:math:`E\nabla R_\gamma(\theta')` to zero.

**Theorem.** :math:`\|E\nabla F_\gamma-E\nabla R_\gamma(\theta')\|\le\alpha L\,E\|\nabla R_\gamma(\theta')\|`; so at a
fixed point of first-order MAML :math:`\|E\nabla F_\gamma\|\le\alpha L\,E\|\nabla R_\gamma(\theta')\|`.  More generally
for every constant matrix C at a fixed point :math:`E\nabla F_\gamma=-\alpha E[(\nabla^2R_\gamma(\theta)-C)\nabla
R_\gamma(\theta')]`, so that :math:`\tfrac12\alpha(\beta-\nu)` replaces :math:`\alpha L` if all Hessians lie between
:math:`\nu` and :math:`\beta`.

**Proof.** :math:`\nabla F_\gamma=(I-\alpha\nabla^2R_\gamma(\theta))\nabla R_\gamma(\theta')`.

**Sharp**: curvatures L and -L and slopes g and -g after the step.  Judged at p = 1, 2, 3.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, adapted_size, alpha, n, p, pieces, step_gap
from theory.rules import MAML, FirstOrderMAML

CLAIM = Claim(
    name="first_order_floor",
    title="The meta-gradient differs from first-order MAML's step by at most alpha L mean adapted slopes",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), alpha: Interval(0, 2 / L)},
    tasks=Instances("surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 4)}),
    measured={
        step_gap: measured("step_difference", rule=MAML(alpha), base=FirstOrderMAML(alpha), factor=1),
        adapted_size: measured("mean_slope", rule=MAML(alpha)),
    },
    lhs=step_gap,
    relation="<=",
    rhs=alpha * L * adapted_size,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * alpha * L * adapted_size}),
)
