r"""The modeling error of joint training for MAML, with explicit constants.

**Setting.** Curvatures with spectrum in :math:`[\nu,\beta]`, k exact inner steps at a rate
:math:`0\le\alpha\le1/\beta`.  The model is trained jointly (weight Q) and deployed with adaptation (weight
:math:`Q(I-\alpha Q)^{2k}`).

**Theorem.**

.. math:: J_{maml}(\theta^*_{drs})-\min J_{maml}\le\big((1-\alpha\nu)^k-(1-\alpha\beta)^k\big)^2J_{drs}(\theta^*_{drs}).

For one step and :math:`\nu=0` the constant is :math:`(\alpha\beta)^2`.

**Proof.** Both weights are functions of the same Q, and their ratio :math:`(1-\alpha q)^{2k}` decreases on
:math:`[\nu,\beta]` because :math:`\alpha q\le1`: it lies between :math:`\ell=(1-\alpha\beta)^{2k}` and
:math:`u=(1-\alpha\nu)^{2k}` (reduction ``ratio``).  Apply :mod:`theory.bounds.transfer_bound`.

**Sharp**: attained at p = 1 by two tasks with curvatures :math:`\nu>0` and :math:`\beta`; for :math:`\nu=0` it is
approached as the lower curvature tends to 0 while its A-weight is held.  Beyond :math:`1/\beta` the formula is wrong:
two steps at :math:`\alpha=2/\beta` and :math:`\nu=0` would cost nothing.

**Source**: derived here, for the two problems of `gao-sener-2020`, section 4.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, excess, k, nu, q, risk_A
from theory.rules import DRS, MAML

SPACE = {beta: Interval.open(0, oo), nu: Interval(0, beta), alpha: Interval(0, 1 / beta), k: Range(1, 6)}
CONSTANT = ((1 - alpha * nu) ** k - (1 - alpha * beta) ** k) ** 2
HERE = Source("derived here")

RATIO = Claim(
    name="transfer_drs_maml/ratio",
    title="The ratio of MAML's weight to joint training's is least at beta",
    parameters={**SPACE, q: Interval(nu, beta)},
    lhs=(1 - alpha * beta) ** (2 * k),
    relation="<=",
    rhs=(1 - alpha * q) ** (2 * k),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (1 - alpha * q) ** (2 * k)}),
)

CLAIM = Claim(
    name="transfer_drs_maml",
    title="Joint training deployed with k-step MAML errs by at most ((1 - alpha nu)^k - (1 - alpha beta)^k)^2 "
    "times its own risk",
    parameters=SPACE,
    tasks=Tasks("free"),
    measured={
        excess: measured("modeling_error", trained=DRS(), deployed=MAML(alpha, k)),
        risk_A: measured("training_risk", rule=DRS()),
    },
    lhs=excess,
    relation="<=",
    rhs=CONSTANT * risk_A,
    source=HERE,
    assumptions=(
        Assumption(alpha * beta <= 1, without={"parameters": {alpha: Interval(0, 2 / beta)}}),
        Assumption(
            "Q >= nu I for every task (claimed for nu = beta/2; the spectrum reaches down to nu)",
            without={"parameters": {nu: Interval(0, beta / 2)}, "rhs": CONSTANT.subs(nu, beta / 2) * risk_A},
        ),
    ),
    reductions=(RATIO,),
    sharp=Extremal(
        "two tasks with curvatures nu and beta, weighted so that the first has sqrt(l)/(sqrt(u) + sqrt(l)) of the curvature",
        attained=True,
        parameters={beta: 1, nu: Rational(1, 3), alpha: Rational(3, 4), k: 1},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": Rational(1, 3)},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * CONSTANT * risk_A}),
)
