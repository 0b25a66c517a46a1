r"""Training on the energy functional and deploying one-step MAML: the price is of the fourth order in the rate.

**Setting.** Meta-RKHS-I of `zhou-2021` trains with the weight :math:`q(1-2\alpha q)` and makes no inner step; its user adapts
by one step, weight :math:`q(1-\alpha q)^2`.  Write :math:`s=\alpha\beta`.

**Theorem.** The training weight is positive semi-definite for all tasks iff :math:`s\le\tfrac12` (reduction ``bounded``); and
for :math:`s<\tfrac12`

.. math:: J_{maml}(\theta^*_{\tilde E})-\min J_{maml}\le\Big(\frac{1-s}{\sqrt{1-2s}}-1\Big)^2J_{\tilde E}(\theta^*_{\tilde E}),

of order :math:`s^4/4`, where joint training pays :math:`s^2` (:mod:`theory.bounds.quadratic.transfer_drs_maml`).

**Proof.** The ratio of the weights, :math:`(1-\alpha q)^2/(1-2\alpha q)=1+(\alpha q)^2/(1-2\alpha q)`, increases from 1 to
:math:`u=(1-s)^2/(1-2s)` (reduction ``ratio``).  Apply :mod:`theory.bounds.quadratic.transfer_bound`.

**Sharp**: approached by curvatures :math:`q\to0` and :math:`\beta`, the first with the share :math:`\sqrt u/(1+\sqrt u)` of the
training weight.

**Source**: derived here.
"""

from sympy import Interval, Rational, oo, sqrt

from theory.bounds.quadratic.transfer_bound import price
from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.kernel_rules import EnergyFunctional
from theory.notation import alpha, beta, excess, q, risk_A, s
from theory.rules import MAML

HERE = Source("derived here")
S = alpha * beta
BELOW_HALF = {beta: Interval.open(0, oo), alpha: Interval.Ropen(0, 1 / (2 * beta))}
CONSTANT = price(1, (1 - S) / sqrt(1 - 2 * S))

BOUNDED = Claim(
    name="energy_transfer/bounded",
    title="The energy is bounded below on every task for rates up to half of one over the curvature",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 1 / (2 * beta)), q: Interval(0, beta)},
    lhs=2 * alpha * q**2,
    relation="<=",
    rhs=q,
    source=HERE,
    false_sibling=FalseSibling("up to 0.51 of it", {"parameters": {alpha: Interval(0, Rational(51, 100) / beta)}}),
)

RATIO = Claim(
    name="energy_transfer/ratio",
    title="The ratio of MAML's weight to the energy's is largest at the largest curvature",
    parameters={s: Interval.Ropen(0, Rational(1, 2)), q: Interval(0, 1)},
    lhs=(1 - s * q) ** 2 * (1 - 2 * s),
    relation="<=",
    rhs=(1 - s) ** 2 * (1 - 2 * s * q),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (1 - s) ** 2 * (1 - 2 * s * q)}),
)

CLAIM = Claim(
    name="energy_transfer",
    title="Training on the energy functional deployed with one-step MAML costs ((1-s)/sqrt(1-2s) - 1)^2 of the training risk",
    parameters=BELOW_HALF,
    tasks=Tasks("free"),
    measured={
        excess: measured("modeling_error", trained=EnergyFunctional(alpha), deployed=MAML(alpha)),
        risk_A: measured("training_risk", rule=EnergyFunctional(alpha)),
    },
    lhs=excess,
    relation="<=",
    rhs=CONSTANT * risk_A,
    source=Source("zhou-2021", "Meta-RKHS-I; derived here"),
    assumptions=(
        Assumption(
            "alpha beta < 1/2, so that training has a minimum (claimed with the absolute value)",
            without={
                "parameters": {alpha: Interval.open(Rational(1, 2) / beta, 1 / beta)},
                "rhs": ((1 - S) / sqrt(2 * S - 1) - 1) ** 2 * sqrt(risk_A**2),
            },
        ),
    ),
    reductions=(BOUNDED, RATIO),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * CONSTANT * risk_A}),
)
