r"""The matrix that linear attention learns from tasks with a standard normal prior. [recalled]

**Setting.** As in :mod:`theory.bounds.in_context.isotropic_prior_risk`.

**Statement**, `zhang-2024`, recalled and not checked against the print: the best matrix is

.. math:: \Gamma^*=\big((1+\tfrac1N)Q+\tfrac{\operatorname{tr}Q+\sigma^2}N I\big)^{-1}.

**Theorem.** It is the matrix :math:`\Psi QM^{-1}` of least risk for :math:`\Psi=I`.

**Proof.** :math:`M=(1+\tfrac1N)Q^2+\tfrac{\operatorname{tr}Q+\sigma^2}NQ` is Q times the inverse of :math:`\Gamma^*`.

**How it is checked.** The left side solves with the second moment M of the summaries, which theory derives by Gaussian moments;
the right side inverts the printed sum.  An equality of matrices, entry by entry: sharp everywhere.

**Source**: recalled from `zhang-2024`; the derivation is ours.
"""

from sympy import Integer, Range

from theory.bounds.in_context.isotropic_prior_risk import SPACE
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, attention_matrix, p, sigma2, stated_matrix

CLAIM = Claim(
    name="zhang_attention_matrix",
    title="Linear attention's best matrix for a standard prior is ((1 + 1/N) Q + (tr Q + s^2)/N I)^-1",
    parameters=SPACE,
    tasks=Instances("standard_prompts", {p: Range(1, 4)}),
    measured={
        attention_matrix: measured("best_attention_matrix", noise=sigma2, context=N),
        stated_matrix: measured("inverse_of_sum", share=1 + 1 / N, noise=sigma2, context=N),
    },
    lhs=attention_matrix,
    relation="==",
    rhs=stated_matrix,
    source=Source("zhang-2024", "its matrix", recalled=True),
    false_sibling=FalseSibling(
        "without 1/N in 1 + 1/N",
        {"measured": {stated_matrix: measured("inverse_of_sum", share=Integer(1), noise=sigma2, context=N)}},
    ),
)
