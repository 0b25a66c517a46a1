r"""What joint training costs MAML in stationarity, in one dimension and at small rates.

**Setting.** p = 1, risks with L-Lipschitz slopes, k steps, :math:`a=\alpha L\le1`.

**Theorem.** With :math:`c=\tfrac12((1+a)^{2k}+(1-a)^{2k})` and :math:`K=\tfrac12((1+a)^{2k}-(1-a)^{2k})`,

.. math:: |E F_\gamma'-c\,E R_\gamma'|\le K\,E|R_\gamma'|,

so that where joint training is stationary :math:`|EF_\gamma'|\le K\,E|R_\gamma'|`, less than
:mod:`theory.bounds.smooth.meta_gradient_gap` gives.  One step: c = 1 + a^2, K = 2a.

**Proof.** :math:`F_\gamma'=\prod_j(1-\alpha R''(\theta_j))R'(\theta_k)` and :math:`R'(\theta_{j+1})/R'(\theta_j)` is one
minus :math:`\alpha` times a mean of curvatures: all 2k factors lie in [1 - a, 1 + a], so that :math:`F_\gamma'/R_\gamma'`
lies between the 2k-th powers of the ends, at most K from their middle c.  Take the expectation.

**Sharp**: two tasks of slopes +g and -g and curvatures L and -L.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, alpha, k, n, pieces, slope_size, step_gap
from theory.rules import DRS, MAML

HIGH, LOW = (1 + alpha * L) ** (2 * k), (1 - alpha * L) ** (2 * k)
CENTRE, RADIUS = (HIGH + LOW) / 2, (HIGH - LOW) / 2

CLAIM = Claim(
    name="price_of_joint_training",
    title="In one dimension the meta-gradient is within K mean slopes of c times joint training's gradient",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), alpha: Interval(0, 1 / L), k: Range(1, 4)},
    tasks=Instances("profiles", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        step_gap: measured("step_difference", rule=MAML(alpha, k), base=DRS(), factor=CENTRE),
        slope_size: measured("mean_slope", rule=DRS()),
    },
    lhs=step_gap,
    relation="<=",
    rhs=RADIUS * slope_size,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * RADIUS * slope_size}),
)
