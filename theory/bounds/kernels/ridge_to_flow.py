r"""Training for kernel ridge regression and deploying the kernel flow of the same time constant.

**Setting.** Implicit MAML with regulariser :math:`\lambda` is trained, weight :math:`q(\lambda/(\lambda+q))^2`; the flow for
the time :math:`1/\lambda` is deployed, weight :math:`qe^{-2q/\lambda}`.  Write :math:`h=\beta/\lambda`.

**Theorem.**

.. math:: J_{flow}(\theta^*_{ridge})-\min J_{flow}\le\big(1-(1+h)e^{-h}\big)^2J_{ridge}(\theta^*_{ridge}).

**Proof.** The ratio of the weights is :math:`((1+x)e^{-x})^2` at :math:`x=q/\lambda`, which decreases from 1 to its value at h
(reduction ``ratio``).  Apply :mod:`theory.bounds.quadratic.transfer_bound`.

**Sharp**: approached by curvatures :math:`q\to0` and :math:`\beta`.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp, oo

from theory.bounds.quadratic.transfer_bound import price
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, excess, h, lam, risk_A, x
from theory.rules import GradientFlow, ImplicitMAML

HERE = Source("derived here")
CONSTANT = price((1 + beta / lam) * exp(-beta / lam), 1)

RATIO = Claim(
    name="ridge_to_flow/ratio",
    title="(1 + x) e^-x decreases",
    parameters={h: Interval(0, 20), x: Interval(0, h)},
    lhs=(1 + h) * exp(-h),
    relation="<=",
    rhs=(1 + x) * exp(-x),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (1 + x) * exp(-x)}),
)

CLAIM = Claim(
    name="ridge_to_flow",
    title="Ridge-trained and flow-deployed costs at most (1 - (1 + h) e^-h)^2 of the training risk, h = beta/lambda",
    parameters={beta: Interval.open(0, oo), lam: Interval(beta / 8, oo)},
    tasks=Tasks("free"),
    measured={
        excess: measured("modeling_error", trained=ImplicitMAML(lam), deployed=GradientFlow(1 / lam)),
        risk_A: measured("training_risk", rule=ImplicitMAML(lam)),
    },
    lhs=excess,
    relation="<=",
    rhs=CONSTANT * risk_A,
    source=Source("zhou-2021", "Meta-RKHS-II; derived here"),
    reductions=(RATIO,),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * CONSTANT * risk_A}),
)
