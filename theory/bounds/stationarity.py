r"""What training finds: the optimum of the training weight.

**Setting.** A rule's outer step on one task is :math:`w(Q)(\theta-\theta_\gamma)` with its training weight w: the
gradient of the adapted risk for the exact rules, the gradient at the adapted parameter for first-order MAML, the way
back from it for Reptile.

**Theorem.** The expected outer step vanishes at :math:`\theta^*_w=E[w(Q)]^{-1}E[w(Q)\theta_\gamma]`, and there only if
E[w(Q)] is invertible. Where w is positive on the spectrum this is the minimiser of :math:`J_w`; elsewhere (first-order
MAML with odd k beyond :math:`1/\beta`, Reptile with even k beyond :math:`2/\beta`) it is a fixed point only.  The
training weights of the table are the reductions.

**Proof.** The expected outer step is affine in :math:`\theta` with linear part E[w(Q)] (reduction ``affine``).

**How it is checked.** The outer step is executed at the optimum: inner loop, adjoint recursion, expectation; at a probe
it is taken from the driver that the solvers use (``affine``); the other reductions compare the executed step on a single
curvature with the table's formula.  An equality: sharp everywhere.

**Source**: derived here.
"""

from sympy import Expr, Integer, Interval, exp

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, driven, k, lam, pull, q, rule, step, t, weight
from theory.rule_table import RANGES, RULES
from theory.rules import DRS

#: the training weights that the table gives
TABLE: dict[str, Expr] = {
    "drs": q,
    "maml": q * (1 - alpha * q) ** (2 * k),
    "first_order_maml": q * (1 - alpha * q) ** k,
    "reptile": 1 - (1 - alpha * q) ** k,
    "implicit_maml": q * (lam / (lam + q)) ** 2,
    "gradient_flow": q * exp(-2 * t * q),
    "negative_rate": q * (1 + alpha * q) ** (2 * k),
}
HERE = Source("derived here")


def _entry(name: str) -> Claim:
    """The claim that one line of the table is what the executed training step does to a single curvature."""
    subject, formula = RULES[name], TABLE[name]
    return Claim(
        name=f"stationarity/{name}",
        title=f"The training weight of {type(subject).__name__} is {formula}",
        # the weights hold at any rate, not only where they are positive
        parameters={**RANGES, alpha: Interval(0, 3 / beta), q: Interval(0, beta)},
        measured={weight: measured("weight_at", rule=subject, curvature=q)},
        lhs=weight,
        relation="==",
        rhs=formula,
        source=HERE,
        false_sibling=FalseSibling("another power of the curvature", {"rhs": formula * q}),
    )


DRIVEN = Claim(
    name="stationarity/affine",
    title="The expected outer step at any parameter is E[w(Q)(theta - theta_gamma)]",
    parameters={**RANGES, rule: tuple(RULES.values())},
    tasks=Tasks("free"),
    measured={driven: measured("driven_step", rule=rule), pull: measured("pull", rule=rule)},
    lhs=driven,
    relation="==",
    rhs=pull,
    source=HERE,
    false_sibling=FalseSibling("half of it", {"rhs": pull / 2}),
)

CLAIM = Claim(
    name="stationarity",
    title="The expected outer step of training vanishes at the optimum of the training weight",
    parameters={**RANGES, rule: tuple(RULES.values())},
    tasks=Tasks("free"),
    measured={step: measured("stationarity", rule=rule)},
    lhs=step,
    relation="==",
    rhs=Integer(0),
    source=HERE,
    reductions=(DRIVEN, *(_entry(name) for name in TABLE)),
    false_sibling=FalseSibling(
        "at the optimum of joint training, whatever the rule",
        {"measured": {step: measured("stationarity", rule=rule, at=DRS())}},
    ),
)
