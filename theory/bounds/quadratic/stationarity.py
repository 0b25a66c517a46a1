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

from sympy import Integer, Interval

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, driven, pull, rule, step
from theory.rule_table import RANGES, RULES, weights_as_tabulated
from theory.rules import DRS

HERE = Source("derived here")

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
    # the weights hold at any rate, not only where they are positive
    reductions=(DRIVEN, *weights_as_tabulated("stationarity", Interval(0, 3 / beta), deployed=False)),
    false_sibling=FalseSibling(
        "at the optimum of joint training, whatever the rule",
        {"measured": {step: measured("stationarity", rule=rule, at=DRS())}},
    ),
)
