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

from sympy import Expr, Interval, exp

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import adapted, alpha, beta, k, lam, q, rule, t, weight, weighted
from theory.rule_table import RANGES, RULES
from theory.rules import FirstOrderMAML, Reptile

SPACE = {**RANGES, alpha: Interval(0, 2 / beta)}
#: the deployment weights that the table gives
TABLE: dict[str, Expr] = {
    "drs": q,
    "maml": q * (1 - alpha * q) ** (2 * k),
    "first_order_maml": q * (1 - alpha * q) ** (2 * k),
    "reptile": q * (1 - alpha * q) ** (2 * k),
    "implicit_maml": q * (lam / (lam + q)) ** 2,
    "gradient_flow": q * exp(-2 * t * q),
    "negative_rate": q * (1 + alpha * q) ** (2 * k),
}
HERE = Source("derived here")


def _entry(name: str) -> Claim:
    """The claim that one line of the table is what the executed rule does to a single curvature."""
    subject, formula = RULES[name], TABLE[name]
    return Claim(
        name=f"adapted_risk/{name}",
        title=f"The deployment weight of {type(subject).__name__} is {formula}",
        parameters={**SPACE, q: Interval(0, beta)},
        measured={weight: measured("weight_at", rule=subject, curvature=q, deployed=True)},
        lhs=weight,
        relation="==",
        rhs=formula,
        source=HERE,
        false_sibling=FalseSibling("another power of the curvature", {"rhs": formula * q}),
    )


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
    reductions=tuple(_entry(name) for name in TABLE),
    false_sibling=FalseSibling(
        "the training weight of the first-order rules in place of their deployment weight",
        {
            "parameters": {rule: (FirstOrderMAML(alpha, k), Reptile(alpha, k))},
            "measured": {weighted: measured("weighted_risk", rule=rule, deployed=False)},
        },
    ),
)
