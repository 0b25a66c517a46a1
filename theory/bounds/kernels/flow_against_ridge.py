r"""The kernel flow for the time 1/lambda leaves less risk than ridge regression with lambda, and no shorter time does.

**Setting.** Adaptation by the kernel flow for the time :math:`\tau/\lambda`, residual :math:`e^{-\tau q/\lambda}`, against
kernel ridge regression, the implicit MAML step of regulariser :math:`\lambda`, residual :math:`\lambda/(\lambda+q)`.

**Theorem.** For :math:`\tau\ge1`, :math:`\min J_{flow}\le\min J_{ridge}`; for :math:`\tau<1` only up to the factor
:math:`e^{2(\tau-1)}/\tau^2`, which is the best one (reduction ``factor``).

**Proof.** With :math:`h=q/\lambda`, :math:`(1+h)^2e^{-2\tau h}` has its maximum at :math:`h=1/\tau-1` if that is positive,
otherwise at 0, where it is 1.  The deployment weights are in the same relation, hence the risks at every parameter.

The claim keeps :math:`\lambda` above :math:`\beta/16`: beyond, the flow leaves less than doubles hold.

**Sharp**: in :math:`\tau`: the time 0.98/lambda is worse than ridge regression on tasks of curvature :math:`\lambda/49`.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import beta, h, lam, risk_A, risk_B, tau
from theory.rules import GradientFlow, ImplicitMAML

HERE = Source("derived here")
FACTOR = exp(2 * (tau - 1)) / tau**2

FACTOR_CLAIM = Claim(
    name="flow_against_ridge/factor",
    title="(1 + h)^2 e^(-2 tau h) <= e^(2 (tau - 1)) / tau^2 for tau up to 1",
    parameters={tau: Interval.Lopen(0, 1), h: Interval(0, oo)},
    lhs=(1 + h) ** 2 * exp(-2 * tau * h),
    relation="<=",
    rhs=FACTOR,
    source=HERE,
    sharp=Extremal("h = 1/tau - 1", attained=True, parameters={tau: Rational(1, 2), h: 1}),
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * FACTOR}),
)

CLAIM = Claim(
    name="flow_against_ridge",
    title="The least risk after the flow for the time 1/lambda is at most that after ridge regression with lambda",
    parameters={beta: Interval.open(0, oo), lam: Interval(beta / 16, oo), tau: Interval(1, 4)},
    tasks=Tasks("free"),
    measured={
        risk_B: measured("minimal_risk", deployed=GradientFlow(tau / lam)),
        risk_A: measured("minimal_risk", deployed=ImplicitMAML(lam)),
    },
    lhs=risk_B,
    relation="<=",
    rhs=risk_A,
    source=Source("zhou-2021", "Meta-RKHS-II; derived here"),
    assumptions=(Assumption(tau >= 1, without={"parameters": {tau: Interval(Rational(1, 4), 4)}}),),
    reductions=(FACTOR_CLAIM,),
    false_sibling=FalseSibling(
        "for the time 0.98/lambda", {"parameters": {tau: Interval(Rational(98, 100), Rational(99, 100))}}
    ),
)
