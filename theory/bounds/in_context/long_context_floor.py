r"""Longer contexts than in training help down to a floor, which is not zero.

**Setting.** Attention is trained on contexts of N pairs, for a standard normal prior, and meets contexts of N' pairs.

**Theorem.** Its risk falls as N' grows, to

.. math:: \tfrac12\operatorname{tr}Q(I-\Gamma_NQ)^2
          =\tfrac12\sum_iq_i\Big(\frac{q_i+\operatorname{tr}Q+\sigma^2}{(N+1)q_i+\operatorname{tr}Q+\sigma^2}\Big)^2>0

(reduction ``limit``).  A change of the covariance to cQ makes coordinate i worse than no context, at N' infinite, iff
:math:`c>2/(\gamma_iq_i)` (reduction ``shifted``).

**Proof.** The risk at N' is the limit plus 1/N' times a positive variance.

**Sharp**: the floor is approached as N' grows; that it is zero is the false sibling of ``limit``.

**Source**: derived here.
"""

from sympy import Integer, Interval, Lambda, Range, Rational, oo

from theory.bounds.in_context.isotropic_prior_risk import REST, SPACE
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import N, attention_risk, gain, longer, other_risk, p, q, sigma2, stretch, trace

HERE = Source("derived here")
FLOOR = Lambda((q, trace), q * ((q + REST) / ((N + 1) * q + REST)) ** 2 / 2)

LIMIT = Claim(
    name="long_context_floor/limit",
    title="At an infinite context the risk is half of sum q ((q + tr Q + s^2)/((N+1) q + tr Q + s^2))^2",
    parameters=SPACE,
    tasks=Instances("standard_prompts", {p: Range(1, 4)}),
    measured={
        attention_risk: measured("transferred_attention_risk", noise=sigma2, context=N, length=oo),
        other_risk: measured("spectral_sum", summand=FLOOR),
    },
    lhs=attention_risk,
    relation="==",
    rhs=other_risk,
    source=HERE,
    false_sibling=FalseSibling("it is zero", {"rhs": Integer(0)}),
)

SHIFTED = Claim(
    name="long_context_floor/shifted",
    title="A covariance of up to 2/(gamma q) times the one of training leaves a coordinate no worse than no context",
    parameters={q: Interval.open(0, oo), gain: Interval.open(0, oo), stretch: Interval(0, 2 / (gain * q))},
    lhs=(1 - stretch * gain * q) ** 2,
    relation="<=",
    rhs=Integer(1),
    source=HERE,
    false_sibling=FalseSibling("up to 1 % more", {"parameters": {stretch: Interval(0, Rational(202, 100) / (gain * q))}}),
)

CLAIM = Claim(
    name="long_context_floor",
    title="Deployed on contexts of any length, attention trained on N pairs has at least the risk of the infinite context",
    parameters={**SPACE, longer: Range(1, 33)},
    tasks=Instances("standard_prompts", {p: Range(1, 4)}),
    measured={
        other_risk: measured("transferred_attention_risk", noise=sigma2, context=N, length=oo),
        attention_risk: measured("transferred_attention_risk", noise=sigma2, context=N, length=longer),
    },
    lhs=other_risk,
    relation="<=",
    rhs=attention_risk,
    source=Source("zhang-2024", "its model; derived here"),
    reductions=(LIMIT, SHIFTED),
    false_sibling=FalseSibling("1 % more than the floor at least", {"lhs": Rational(101, 100) * other_risk}),
)
