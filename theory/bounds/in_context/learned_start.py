r"""A learned initial point never costs anything in context.

**Setting.** As in :mod:`theory.bounds.in_context.matrix_rate`; the tasks have the mean mu, which attention from zero meets as
part of the second moment :math:`\Psi+\mu\mu^\top`, and attention around a learned initial point not at all.

**Theorem.** The least risk with the second moment :math:`\Psi` is at most that with :math:`\Psi+\mu\mu^\top`.

**Proof.** The least risk is a minimum over matrices of functions that are linear and increasing in the second moment.

**Sharp**: attained at mu = 0.

**Source**: derived here.
"""

from sympy import Range, Rational

from theory.bounds.in_context.isotropic_prior_risk import SPACE
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, least_risk, other_risk, p, sigma2

CLAIM = Claim(
    name="learned_start",
    title="Attention around a learned initial point has at most the risk of attention from zero",
    parameters=SPACE,
    tasks=Instances("prompts", {p: Range(1, 4)}),
    measured={
        least_risk: measured("least_attention_risk", noise=sigma2, context=N),
        other_risk: measured("least_attention_risk", noise=sigma2, context=N, from_zero=True),
    },
    lhs=least_risk,
    relation="<=",
    rhs=other_risk,
    source=Source("zhang-2024", "its model; derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * other_risk}),
)
