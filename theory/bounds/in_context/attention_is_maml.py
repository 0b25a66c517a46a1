r"""Linear attention with a multiple of the identity is one step of MAML on N samples, from zero.

**Setting.** As in :mod:`theory.bounds.in_context.isotropic_prior_risk`, for a standard normal prior.

**Theorem.** The attention matrix :math:`\alpha I` has the reducible risk

.. math:: \tfrac12\operatorname{tr}A_N+\frac{\sigma^2\alpha^2}{2N}\operatorname{tr}Q^2,

with the weight :math:`A_N=Q(I-\alpha Q)^2+\tfrac{\alpha^2}N(Q^3+\operatorname{tr}(Q^2)Q)` of the N-sample inner step.

**Proof.** The summary of a prompt is minus the gradient at zero on its N samples, so the answer is that of the parameter
after one step from zero; its expected risk is :math:`\tfrac12E\,\theta^\top A_N\theta` and the noise's part.

**How it is checked.** The left side is the attention's risk; the right side runs :class:`theory.rules.MAML` with
`inner_samples`. An equality: sharp everywhere.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational

from theory.bounds.in_context.isotropic_prior_risk import SPACE
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, alpha, attention_risk, other_risk, p, sigma2
from theory.rules import MAML

CLAIM = Claim(
    name="attention_is_maml",
    title="Linear attention with the matrix alpha I has the risk of one MAML step on N samples from zero",
    parameters={**SPACE, alpha: Interval(0, 2)},
    tasks=Instances("standard_prompts", {p: Range(1, 4)}),
    measured={
        attention_risk: measured("scalar_attention_risk", rate=alpha, noise=sigma2, context=N),
        other_risk: measured("sampled_step_from_zero", rule=MAML(alpha, inner_samples=N), noise=sigma2),
    },
    lhs=attention_risk,
    relation="==",
    rhs=other_risk,
    source=Source("zhang-2024", "its model; derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * other_risk}),
)
