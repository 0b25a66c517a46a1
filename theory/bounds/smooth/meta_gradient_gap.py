r"""The meta-gradient of a task is within rho^2k - 1 slopes of its gradient.

**Setting.** Risks with L-Lipschitz gradients, k gradient steps at rate :math:`\alpha`, :math:`\rho=1+\alpha L`,
:math:`F_\gamma(\theta)=R_\gamma(\theta_k)`.

**Theorem.** :math:`\|E\nabla F_\gamma-E\nabla R_\gamma\|\le(\rho^{2k}-1)E\|\nabla R_\gamma(\theta)\|`; for one step the
factor is :math:`a(2+a)`, :math:`a=\alpha L`.

**Proof.** :math:`\nabla F_\gamma=\prod_j(I-\alpha\nabla^2R(\theta_j))\,\nabla R(\theta_k)`.  Write the product as
:math:`I+E`, :math:`\|E\|\le\rho^k-1`, and :math:`\nabla R(\theta_k)=\nabla R(\theta)+e`,
:math:`\|e\|\le(\rho^k-1)\|\nabla R(\theta)\|` by the steps of :mod:`theory.bounds.smooth.adapted_slope`.  The difference is
:math:`E\nabla R(\theta_k)+e`, at most :math:`(\rho^k-1)\rho^k+\rho^k-1=\rho^{2k}-1` slopes.

**Sharp**: equality on :math:`-\tfrac12L\theta^2`.  Judged at p = 1, 2, 3.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, alpha, k, n, p, pieces, slope_size, step_gap
from theory.rules import DRS, MAML

FACTOR = (1 + alpha * L) ** (2 * k) - 1

CLAIM = Claim(
    name="meta_gradient_gap",
    title="The meta-gradient of k steps differs from the gradient by at most (1 + alpha L)^2k - 1 mean slopes",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), alpha: Interval(0, 2 / L), k: Range(1, 4)},
    tasks=Instances("surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 4)}),
    measured={
        step_gap: measured("step_difference", rule=MAML(alpha, k), base=DRS(), factor=1),
        slope_size: measured("mean_slope", rule=DRS()),
    },
    lhs=step_gap,
    relation="<=",
    rhs=FACTOR * slope_size,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * FACTOR * slope_size}),
)
