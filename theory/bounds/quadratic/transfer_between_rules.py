r"""The transfer bound for every pair of rules of the table.

**Setting.** A model is trained by one rule (weight A) and deployed with another (weight B).  Both weights are functions
of the task's curvature Q, so the bounds l and u of :mod:`theory.bounds.transfer_bound` are the smallest and the largest
ratio w_B(q)/w_A(q) over the curvatures q that occur.

**Theorem.** With these measured ratios,

.. math:: J_B(\theta^*_A)-J_B(\theta^*_B)\le(\sqrt u-\sqrt\ell)^2J_A(\theta^*_A).

Rates stay below :math:`1/\beta`, where every training weight is positive on the spectrum; beyond it first-order MAML
(odd k) and, beyond :math:`2/\beta`, Reptile (even k) have negative weights, and their :math:`\theta^*_A` is a fixed
point that minimises nothing. Directions with q = 0 carry no weight in any rule and are left out of the space.

**Proof.** On an eigenvector of Q with eigenvalue q > 0 the ratio of the weights is a number; apply the transfer bound.

**Sharp**: for every pair, by two tasks at p = 1 whose A-weights stand as :math:`\sqrt\ell` to :math:`\sqrt u`.

**Source**: derived here.
"""

from sympy import Abs, Interval, Rational, sqrt

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, deployed, excess, k, lam, nu, ratio_high, ratio_low, risk_A, t, trained
from theory.rule_table import PAIRS
from theory.rules import DRS, MAML, FirstOrderMAML

BOUND = (sqrt(ratio_high) - sqrt(ratio_low)) ** 2 * risk_A

CLAIM = Claim(
    name="transfer_between_rules",
    title="Training with one rule and deploying with another costs at most (sqrt u - sqrt l)^2 times the training risk",
    parameters={
        beta: PAIRS[beta],
        nu: Interval.Lopen(0, beta),
        **PAIRS,
    },
    tasks=Tasks("free"),
    measured={
        excess: measured("modeling_error", trained=trained, deployed=deployed),
        risk_A: measured("training_risk", rule=trained),
        ratio_low: measured("weight_ratio", trained=trained, deployed=deployed, end="lower"),
        ratio_high: measured("weight_ratio", trained=trained, deployed=deployed, end="upper"),
    },
    lhs=excess,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    assumptions=(
        Assumption(
            "the training weight is positive semi-definite, so that theta*_A is a minimiser (claimed with absolute values)",
            without={
                "parameters": {alpha: Interval.open(0, 3 / beta), trained: (FirstOrderMAML(alpha, k),)},
                "rhs": (sqrt(Abs(ratio_high)) + sqrt(Abs(ratio_low))) ** 2 * Abs(risk_A),
            },
        ),
    ),
    sharp=Extremal(
        "joint training deployed with one-step MAML: two tasks with curvatures nu and beta",
        attained=True,
        parameters={
            beta: 1,
            nu: Rational(1, 3),
            alpha: Rational(3, 4),
            k: 1,
            lam: 1,
            t: 0,
            trained: DRS(),
            deployed: MAML(alpha, k),
        },
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": Rational(1, 3)},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * BOUND}),
)
