r"""Theorem 5 of Gao and Sener, first part: the risk after one sampled inner step. [printed]

**Statement**, `gao-sener-2020`, section 4.3, in our words: the risks of a parameter deployed before and after one inner
step on N samples are, up to a common factor and terms without :math:`\theta`, :math:`E\|\theta-\theta_\gamma\|^2_Q` and
:math:`E\|\theta-\theta_\gamma\|^2_{A_N}` with

.. math:: A_N=Q(I-\alpha Q)^2+\frac{\alpha^2}N\big(E[xx^\top Qxx^\top]-Q^3\big).

**Audit.** Confirmed, factor one half.  For Gaussian features :math:`E[xx^\top Qxx^\top]=2Q^3+\operatorname{tr}(Q^2)Q`,
which the right side uses.  The term without :math:`\theta` is
:math:`\tfrac12\sigma^2(1+\alpha^2\operatorname{tr}(Q^2)/N)`: it depends on :math:`\alpha`, so the two risks are
comparable only with it.  The risk before adaptation is the line ``drs`` of :mod:`theory.bounds.adapted_risk`.

**Proof.** :math:`\theta'-\theta_\gamma=(I-\alpha S)(\theta-\theta_\gamma)+\text{noise}` with :math:`S=\frac1N\sum
xx^\top`, and E[SQS] splits into pairs of equal and of different samples (:mod:`theory.sampled_step`).
"""

from sympy import Interval, Lambda, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import N, adapted, alpha, beta, q, tau2, weighted
from theory.rules import MAML

POPULATION = q * (1 - alpha * q) ** 2
GAUSSIAN = q**3 + tau2 * q

CLAIM = Claim(
    name="gao_sener_theorem5_risk",
    title="The risk after one inner step on N samples is the risk before it in the weight A_N",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 2 / beta), N: Range(1, 65)},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=MAML(alpha, 1, N)),
        weighted: measured("weighted_risk", weight=Lambda((q, tau2), POPULATION + alpha**2 / N * GAUSSIAN)),
    },
    lhs=adapted,
    relation="==",
    rhs=weighted,
    source=Source("gao-sener-2020", "section 4.3, Theorem 5"),
    printed=True,
    false_sibling=FalseSibling(
        "without the trace term, as if the features' directions were fixed",
        {"measured": {weighted: measured("weighted_risk", weight=Lambda((q, tau2), POPULATION + 2 * alpha**2 / N * q**3))}},
    ),
)
