r"""What joint training costs one-step MAML in stationarity, in any dimension.

**Setting.** p >= 2, risks with L-Lipschitz gradients, one step, :math:`a=\alpha L`;
:math:`b=(\sqrt{1+8a^2}-1)/4`, that is :math:`2b^2+b=a^2`.

**Theorem.** With c = 1 + b and :math:`K=2\sqrt b\,(1+b)^{3/2}`, :math:`\|E\nabla F_\gamma-cE\nabla R_\gamma\|\le
K\,E\|\nabla R_\gamma\|`; so where joint training is stationary :math:`\|E\nabla F_\gamma\|\le K\,E\|\nabla R_\gamma\|`.

**Proof.** :math:`\nabla F_\gamma=v+w` with :math:`v=\nabla R_\gamma(\theta')`, :math:`\|v-g\|\le a\|g\|`, :math:`g=\nabla
R_\gamma(\theta)`, and :math:`\|w\|\le a\|v\|`.  Hence :math:`\|v+w-cg\|\le\|v-cg\|+a\|v\|`, convex in v - g and so
largest on the sphere; for \|g\| = 1 and y = <v - g, g> that is

.. math:: \sqrt{a^2+b^2-2by}+a\sqrt{1+a^2+2y},

concave in y, with zero slope at y = b, where it is K (the claim judged here, in b and y).

**Sharp**: two mirrored tasks attain it as a supremum; their Hessian at theta differs from that on the way to
:math:`\theta'`.

**Source**: derived here.
"""

from sympy import Interval, Rational, oo, sqrt

from theory.claim import Argued, Claim, Extremal, FalseSibling, Source
from theory.notation import b, y

RATE = sqrt(2 * b**2 + b)
REACH = sqrt(RATE**2 + b**2 - 2 * b * y) + RATE * sqrt(1 + RATE**2 + 2 * y)
K = 2 * sqrt(b) * (1 + b) ** Rational(3, 2)

CLAIM = Claim(
    name="price_of_joint_training_plane",
    title="In any dimension the meta-gradient is within K mean slopes of c times joint training's gradient",
    parameters={b: Interval(0, oo), y: Interval(-RATE, RATE)},
    lhs=REACH,
    relation="<=",
    rhs=K,
    source=Source("derived here"),
    reductions=(Argued("the largest of |v + w - c g| over |v - g| <= a |g| and |w| <= a |v|"),),
    sharp=Extremal("y = b", attained=True, parameters={b: 1, y: 1}),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * K}),
)
