r"""Bootstrapping, squared, is a rule, and the transfer bound prices it.

**Setting.** Training on half the squared distance from the point after k inner steps to the point a further L steps on, both
differentiated; curvatures in :math:`[\nu,\beta]`, :math:`\nu>0`, deployed with k steps.

**Theorem.** The training weight is :math:`r_k^2(1-r_L)^2` with :math:`r_j=(1-\alpha q)^j` (reduction ``weight``), and with the
least and largest ratios l and u of the weights

.. math:: J_{maml}(\theta^*)-\min J_{maml}\le(\sqrt u-\sqrt\ell)^2J(\theta^*).

With the target held fixed, as is usual in bootstrapping, the weight is :math:`r_k^2(1-r_L)`.  The code of `tack-2023` takes the
norm without squaring it, which is no rule of this kind.

**Proof.** Along an eigenvector the distance is :math:`r_k(1-r_L)` times the error.  Apply
:mod:`theory.bounds.quadratic.transfer_bound`.

**Sharp**: at p = 1 by two tasks, as there.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, sqrt

from theory.bounds.quadratic.transfer_bound import price
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, excess, k, nu, q, ratio_high, ratio_low, risk_A, weight
from theory.pruning_rules import Bootstrap
from theory.rules import MAML

HERE = Source("derived here")
AHEAD = 2
RULE = Bootstrap(alpha, k, AHEAD)
SPACE = {
    beta: Interval(Rational(1, 4), 4),
    nu: Interval(beta / 8, beta),
    alpha: Interval(1 / (8 * beta), 7 / (8 * beta)),
    k: Range(1, 4),
}
BOUND = price(sqrt(ratio_low), sqrt(ratio_high)) * risk_A

WEIGHT = Claim(
    name="bootstrap_transfer/weight",
    title="The squared distance to a point further along has the weight r_k^2 (1 - r_L)^2",
    parameters={**SPACE, q: Interval(nu, beta)},
    measured={weight: measured("weight_at", rule=RULE, curvature=q)},
    lhs=weight,
    relation="==",
    rhs=(1 - alpha * q) ** (2 * k) * (1 - (1 - alpha * q) ** AHEAD) ** 2,
    source=HERE,
    false_sibling=FalseSibling(
        "the weight of a target held fixed", {"rhs": (1 - alpha * q) ** (2 * k) * (1 - (1 - alpha * q) ** AHEAD)}
    ),
)

CLAIM = Claim(
    name="bootstrap_transfer",
    title="Bootstrapped and deployed with k steps costs at most (sqrt u - sqrt l)^2 of the training risk",
    parameters=SPACE,
    tasks=Tasks("free", dimension=Range(1, 4), number=Range(1, 5)),
    measured={
        excess: measured("modeling_error", trained=RULE, deployed=MAML(alpha, k)),
        risk_A: measured("training_risk", rule=RULE),
        ratio_low: measured("weight_ratio", trained=RULE, deployed=MAML(alpha, k), end="lower"),
        ratio_high: measured("weight_ratio", trained=RULE, deployed=MAML(alpha, k), end="upper"),
    },
    lhs=excess,
    relation="<=",
    rhs=BOUND,
    source=Source("tack-2023", "its bootstrap target, squared; derived here"),
    reductions=(WEIGHT,),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * BOUND}),
)
