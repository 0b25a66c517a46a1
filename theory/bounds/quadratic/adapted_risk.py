r"""Adaptation is a change of weight.

**Setting.** Every rule of the table takes :math:`\theta` to :math:`\theta'` on one task with
:math:`\theta'-\theta_\gamma=r(Q)(\theta-\theta_\gamma)`, r the residual polynomial of its inner loop.

**Theorem.** What the user of a rule pays after adaptation is a quadratic in the parameter before it: for every
:math:`\theta`

.. math:: E R(\theta')-\tfrac12E\sigma^2=\tfrac12E(\theta-\theta_\gamma)^\top d(Q)(\theta-\theta_\gamma),\qquad d(q)=q\,r(q)^2.

The deployment weights of the table are the reductions: :math:`q(1-\alpha q)^{2k}` for k gradient steps, whatever their
outer step, :math:`q(\lambda/(\lambda+q))^2` for the proximal step and :math:`qe^{-2tq}` for the flow.

**Proof.** :math:`R(\theta')-\tfrac12\sigma^2=\tfrac12(\theta'-\theta_\gamma)^\top Q(\theta'-\theta_\gamma)`, and r(Q)
commutes with Q.  That the residual is the one of the table is derived in :mod:`theory.rules` from the inner step.

**How it is checked.** The left side runs the inner loop on every task from a probe; the right side weighs the probe's
error with the expression that :mod:`theory.rules` derives (claim), and with the table's formula (reductions).  An
equality: sharp everywhere.

**Source**: derived here; for MAML `gao-sener-2020`, section 4.
"""

from sympy import Interval

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import adapted, alpha, beta, k, rule, weighted
from theory.rule_table import RANGES, RULES, weights_as_tabulated
from theory.rules import FirstOrderMAML, Reptile

SPACE = {**RANGES, alpha: Interval(0, 2 / beta)}

CLAIM = Claim(
    name="adapted_risk",
    title="The expected risk after adaptation is the risk before it in the deployment weight q r(q)^2",
    parameters={**SPACE, rule: tuple(RULES.values())},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=rule),
        weighted: measured("weighted_risk", rule=rule, deployed=True),
    },
    lhs=adapted,
    relation="==",
    rhs=weighted,
    source=Source("gao-sener-2020", "section 4, for MAML"),
    reductions=weights_as_tabulated("adapted_risk", SPACE[alpha], deployed=True),
    false_sibling=FalseSibling(
        "the training weight of the first-order rules in place of their deployment weight",
        {
            "parameters": {rule: (FirstOrderMAML(alpha, k), Reptile(alpha, k))},
            "measured": {weighted: measured("weighted_risk", rule=rule, deployed=False)},
        },
    ),
)
