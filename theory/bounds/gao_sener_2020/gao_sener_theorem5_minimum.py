r"""Theorem 5 of Gao and Sener, third part: the least risk after adaptation. [printed]

**Statement**, `gao-sener-2020`, section 4.3, in our words: in the limit of many inner samples and for
:math:`0<\alpha\le1/\beta` the least risk after adaptation is at most :math:`R_{drs}(\theta^*_{drs})`.

**Audit.** Confirmed, on a larger range: it holds up to :math:`2/\beta` and for any number of steps, and fails beyond
(:mod:`theory.bounds.adaptation_never_hurts`).  It is a statement about the limit: for finite N it fails at much smaller
rates (:mod:`theory.bounds.adaptation_never_hurts_sampled`).  Noise adds the same :math:`\tfrac12E\sigma^2` to both
sides in the limit.

**Sharp** as the rate tends to zero.
"""

from sympy import Interval, Rational, oo

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, risk_A, risk_B
from theory.rules import DRS, MAML

CLAIM = Claim(
    name="gao_sener_theorem5_minimum",
    title="For rates up to 1/beta the least risk after one exact inner step is at most joint training's",
    parameters={beta: Interval.open(0, oo), alpha: Interval.Lopen(0, 1 / beta)},
    tasks=Tasks("free"),
    measured={risk_B: measured("minimal_risk", deployed=MAML(alpha)), risk_A: measured("minimal_risk", deployed=DRS())},
    lhs=risk_B,
    relation="<=",
    rhs=risk_A,
    source=Source("gao-sener-2020", "section 4.3, Theorem 5"),
    assumptions=(Assumption(alpha * beta <= 1, without={"parameters": {alpha: Interval.Lopen(0, 3 / beta)}}),),
    printed=True,
    corrected="adaptation_never_hurts",
    false_sibling=FalseSibling("1 % less than joint training's, false at small rates", {"rhs": Rational(99, 100) * risk_A}),
)
