r"""The least risk of linear attention for a standard normal prior, in closed form.

**Setting.** A prompt has N pairs (x, y), x ~ N(0, Q), y = x'theta + noise of variance :math:`\sigma^2`, theta of mean zero and
second moment I.  Linear attention answers a query by :math:`x^\top\Gamma\,\tfrac1N\sum y_ix_i`.

**Theorem.** The best matrix is :math:`\Gamma^*=\big((1+\tfrac1N)Q+\tfrac{\operatorname{tr}Q+\sigma^2}N I\big)^{-1}`, with the
reducible risk

.. math:: \tfrac12\sum_iq_i\frac{q_i+\operatorname{tr}Q+\sigma^2}{(N+1)q_i+\operatorname{tr}Q+\sigma^2}.

**Proof.** The risk is :math:`\tfrac12\operatorname{tr}Q(\Psi-2\Gamma Q\Psi+\Gamma M\Gamma^\top)` with
:math:`M=E[S\Psi S]+\sigma^2Q/N`, minimal at :math:`\Psi QM^{-1}`; for :math:`\Psi=I`,
:math:`M=(1+\tfrac1N)Q^2+\tfrac{\operatorname{tr}Q+\sigma^2}NQ` commutes with Q.

**How it is checked.** The left side finds the best matrix numerically from M; the right side is the sum over the spectrum.  In
the tests every token is simulated.  An equality: sharp everywhere.

**Source**: derived here; for the matrix see :mod:`theory.bounds.in_context.zhang_attention_matrix`.
"""

from sympy import Interval, Lambda, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, least_risk, other_risk, p, q, sigma2, trace

SPACE = {sigma2: Interval(0, 4), N: Range(1, 9)}
REST = trace + sigma2

CLAIM = Claim(
    name="isotropic_prior_risk",
    title="Linear attention's least risk for a standard prior is half of sum q (q + tr Q + s^2)/((N+1) q + tr Q + s^2)",
    parameters=SPACE,
    tasks=Instances("standard_prompts", {p: Range(1, 4)}),
    measured={
        least_risk: measured("least_attention_risk", noise=sigma2, context=N),
        other_risk: measured("spectral_sum", summand=Lambda((q, trace), q * (q + REST) / ((N + 1) * q + REST) / 2)),
    },
    lhs=least_risk,
    relation="==",
    rhs=other_risk,
    source=Source("zhang-2024", "its model; derived here"),
    false_sibling=FalseSibling(
        "without 1/N in 1 + 1/N",
        {"measured": {other_risk: measured("spectral_sum", summand=Lambda((q, trace), q * REST / (N * q + REST) / 2))}},
    ),
)
