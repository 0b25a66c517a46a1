r"""What one step of the best rate leaves of the risk: Kantorovich's share.

**Setting.** One gradient step from a fixed parameter on tasks of dimension one with curvatures in :math:`[\nu,\beta]`,
:math:`\nu>0`; d is the distance to a task's optimum.

**Theorem.** The best rate is :math:`E\,q^2d^2/E\,q^3d^2`, and the mean risk after the step is
:math:`1-\frac{(E q^2d^2)^2}{E qd^2\,E q^3d^2}\le\Big(\frac{\beta-\nu}{\beta+\nu}\Big)^2` of the risk before.

**Proof.** Kantorovich's inequality for the moments of q under the weight :math:`qd^2`.

**Sharp**: attained by mass on nu and beta with d^2 proportional to q^-2.

**Source**: derived here.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, left_over, nu

CLAIM = Claim(
    name="best_rate_share",
    title="One step of the best rate leaves at most ((beta - nu)/(beta + nu))^2 of the mean risk",
    parameters={beta: Interval.open(0, oo), nu: Interval.Lopen(0, beta)},
    tasks=Tasks("free", dimension=Range(1, 2)),
    measured={left_over: measured("best_rate_share")},
    lhs=left_over,
    relation="<=",
    rhs=((beta - nu) / (beta + nu)) ** 2,
    source=Source("gao-2022", "its inner loop; derived here"),
    false_sibling=FalseSibling("its square", {"rhs": ((beta - nu) / (beta + nu)) ** 4}),
)
