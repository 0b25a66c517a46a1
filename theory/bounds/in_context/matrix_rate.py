r"""What a matrix in place of a rate gains, and the best rate.

**Setting.** As in :mod:`theory.bounds.in_context.isotropic_prior_risk`, with any second moment :math:`\Psi` of the tasks.

**Theorem.** The best matrix has at most the risk of any rate; the best rate is
:math:`\operatorname{tr}(Q\Psi Q)/\operatorname{tr}(QM)` (reduction ``best_rate``); and it loses nothing iff
:math:`\Psi QM^{-1}` is a multiple of the identity.

**Proof.** The risk is a convex parabola in the matrix, and in the rate.

**Sharp**: attained for :math:`Q=qI`, :math:`\Psi=\psi I`.  A rate does not always suffice: elsewhere the matrix leaves less.

**Source**: derived here; `ahn-2023` studies the matrix as a learned preconditioner.
"""

from sympy import Interval, Range, Rational

from theory.bounds.in_context.isotropic_prior_risk import SPACE
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, alpha, attention_risk, least_risk, other_risk, p, sigma2

HERE = Source("derived here")
RISKS = {"noise": sigma2, "context": N}

BEST_RATE = Claim(
    name="matrix_rate/best_rate",
    title="No rate has less risk than tr(Q Psi Q)/tr(Q M)",
    parameters={**SPACE, alpha: Interval(0, 2)},
    tasks=Instances("prompts", {p: Range(1, 4)}),
    measured={
        attention_risk: measured("best_rate_risk", **RISKS),
        other_risk: measured("scalar_attention_risk", rate=alpha, **RISKS),
    },
    lhs=attention_risk,
    relation="<=",
    rhs=other_risk,
    source=HERE,
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * other_risk}),
)

CLAIM = Claim(
    name="matrix_rate",
    title="The best attention matrix has at most the risk of the best rate",
    parameters=SPACE,
    tasks=Instances("prompts", {p: Range(1, 4)}),
    measured={
        least_risk: measured("least_attention_risk", **RISKS),
        attention_risk: measured("best_rate_risk", **RISKS),
    },
    lhs=least_risk,
    relation="<=",
    rhs=attention_risk,
    source=Source("ahn-2023", "its preconditioner; derived here"),
    reductions=(BEST_RATE,),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * attention_risk}),
)
