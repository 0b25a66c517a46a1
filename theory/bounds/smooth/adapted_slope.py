r"""Adaptation multiplies a slope by at most 1 + alpha L a step.

**Setting.** Risks with L-Lipschitz gradients, k gradient steps at rate :math:`\alpha`, :math:`\rho=1+\alpha L`.

**Theorem.** :math:`E\|\nabla R_\gamma(\theta_k)\|\le\rho^kE\|\nabla R_\gamma(\theta)\|`.

**Proof.** Task by task, :math:`\|\nabla R(\theta_{j+1})\|\le\|\nabla R(\theta_j)\|+L\|\theta_{j+1}-\theta_j\|
=\rho\|\nabla R(\theta_j)\|`.

**Sharp**: equality on :math:`-\tfrac12L\theta^2`, on which every step leads uphill in slope.  Judged at p = 1, 2, 3.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, adapted_size, alpha, k, n, p, pieces, slope_size
from theory.rules import DRS, MAML

SPACE = {L: Interval.open(0, oo), G: Interval.open(0, oo)}
PROFILES = Instances("surfaces", {n: Range(1, 3), pieces: Range(2, 5), p: Range(1, 4)})
RHO = 1 + alpha * L

CLAIM = Claim(
    name="adapted_slope",
    title="k steps at rate alpha multiply the mean slope by at most (1 + alpha L)^k",
    parameters={**SPACE, alpha: Interval(0, 2 / L), k: Range(1, 4)},
    tasks=PROFILES,
    measured={adapted_size: measured("mean_slope", rule=MAML(alpha, k)), slope_size: measured("mean_slope", rule=DRS())},
    lhs=adapted_size,
    relation="<=",
    rhs=RHO**k * slope_size,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * RHO**k * slope_size}),
)
