r"""What joint training costs one-step MAML in stationarity at rates above 1/L, in one dimension.

**Setting.** As in :mod:`theory.bounds.smooth.price_of_joint_training`, k = 1 and :math:`a=\alpha L\ge1`.

**Theorem.** :math:`|EF_\gamma'-(1+a)ER_\gamma'|\le a(1+a)E|R_\gamma'|`.

**Proof.** :math:`F_\gamma'/R_\gamma'=(1-\alpha R''(\theta))(1-\alpha m)` with m a mean of curvatures; both factors lie in
[1 - a, 1 + a], whose products range from :math:`1-a^2` to :math:`(1+a)^2`: middle 1 + a, radius a(1 + a).

**Sharp**: two tasks, one of constant curvature -L, one whose curvature jumps from -L to L at the point.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, alpha, n, pieces, slope_size, step_gap
from theory.rules import DRS, MAML

CENTRE = 1 + alpha * L
RADIUS = alpha * L * (1 + alpha * L)

CLAIM = Claim(
    name="price_of_joint_training_large_rate",
    title="At rates above 1/L the meta-gradient is within a(1 + a) mean slopes of 1 + a gradients of joint training",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), alpha: Interval(1 / L, 3 / L)},
    tasks=Instances("profiles", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        step_gap: measured("step_difference", rule=MAML(alpha), base=DRS(), factor=CENTRE),
        slope_size: measured("mean_slope", rule=DRS()),
    },
    lhs=step_gap,
    relation="<=",
    rhs=RADIUS * slope_size,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * RADIUS * slope_size}),
)
