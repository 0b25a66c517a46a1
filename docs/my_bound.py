r"""First-order MAML as a cheap way to train for MAML: what it costs.

**Setting.** Train with first-order MAML, whose outer step leaves out the derivative of the inner one, and deploy with one exact
inner step at the same rate.  Every curvature has its spectrum in [0, beta], and 0 <= alpha < 1/beta.

**Statement.** The modeling error is at most :math:`(1-\sqrt{1-\alpha\beta})^2` times the training risk at its own optimum.

**Proof.** The weights are :math:`A=q(1-\alpha q)` and :math:`B=q(1-\alpha q)^2`, so that their ratio lies in
:math:`[1-\alpha\beta, 1]`; the transfer bound :mod:`theory.bounds.transfer_bound` with these two ends is the statement.
"""

from sympy import Interval, oo, sqrt

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, excess, risk_A
from theory.rules import MAML, FirstOrderMAML

CONSTANT = (1 - sqrt(1 - alpha * beta)) ** 2

CLAIM = Claim(
    name="my_bound",
    title="modeling error of first-order MAML deployed with one exact step",
    lhs=excess,
    relation="<=",
    rhs=CONSTANT * risk_A,
    parameters={beta: Interval.open(0, oo), alpha: Interval.Ropen(0, 1 / beta)},
    tasks=Tasks("free"),
    measured={
        excess: measured("modeling_error", trained=FirstOrderMAML(alpha), deployed=MAML(alpha)),
        risk_A: measured("training_risk", rule=FirstOrderMAML(alpha)),
    },
    source=Source("derived here", "a corollary of the transfer bound"),
    false_sibling=FalseSibling("a constant that is a fifth smaller", {"rhs": CONSTANT * risk_A * 4 / 5}),
)
