r"""Where MAML's optimum lies towards lower curvature, and where this reverses.

**Setting.** The paper's tasks, eq. (13) of `gao-sener-2020`, at p = 1: :math:`\theta_\gamma` is uniform on
:math:`[0,\beta]` and the curvature is :math:`q=\theta_\gamma`; one exact inner step, :math:`s=\alpha\beta`.

**Theorem.** :math:`\theta^*_{maml}(\alpha)\le\theta^*_{drs}=\tfrac23\beta` if and only if :math:`s\le5/3`.

**Proof.** With uniform moments, :math:`\theta^*_{maml}/\beta=(\frac13-\frac
s2+\frac{s^2}5)/(\frac12-\frac{2s}3+\frac{s^2}4)`.  The denominator is positive, and cross-multiplied with 2/3 the
difference is :math:`\frac13\big(\frac{s^2}{10}-\frac s6\big)`, which is :math:`\frac s{30}(s-\frac53)` (reduction
``numerator``).

**Weight by weight**: relative to joint training MAML weighs a curvature by :math:`(1-\alpha q)^2`.  This decreases on
the whole spectrum exactly for :math:`\alpha\le1/\beta` (reduction ``relative_weight``); the lowest curvature still
weighs more than the highest for :math:`\alpha(\nu+\beta)\le2` (reduction ``relative_weight_at_the_ends``), which for
:math:`\nu=0` is :math:`2/\beta`.  Where it decreases, :math:`\theta^*_{maml}\le\theta^*_{drs}` for every law on which
:math:`\theta_\gamma` increases with q (Chebyshev's association inequality); the uniform law keeps the order up to 5/3.

**Sharp** in the rate: equality at s = 5/3 (and at s = 0).

**Source**: derived here; it corrects :mod:`theory.bounds.gao_sener_lower_curvature`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Argued, Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, nu, optimum_drs, optimum_maml, q_high, q_low, s
from theory.rules import DRS, MAML

HERE = Source("derived here")
NUMERATOR, DENOMINATOR = Rational(1, 3) - s / 2 + s**2 / 5, Rational(1, 2) - 2 * s / 3 + s**2 / 4

CROSSED = Claim(
    name="lower_curvature/numerator",
    title="Cross-multiplied, the difference of the optima is s (s - 5/3) / 30",
    parameters={s: Interval(0, oo)},
    lhs=NUMERATOR - Rational(2, 3) * DENOMINATOR,
    relation="==",
    rhs=s * (s - Rational(5, 3)) / 30,
    source=HERE,
    false_sibling=FalseSibling("a root at 3/2", {"rhs": s * (s - Rational(3, 2)) / 30}),
)

DECREASING = Claim(
    name="lower_curvature/relative_weight",
    title="For alpha <= 1/beta the relative weight (1 - alpha q)^2 decreases on the spectrum",
    parameters={
        beta: Interval.open(0, oo),
        alpha: Interval(0, 1 / beta),
        q_low: Interval(0, beta),
        q_high: Interval(q_low, beta),
    },
    lhs=(1 - alpha * q_high) ** 2,
    relation="<=",
    rhs=(1 - alpha * q_low) ** 2,
    source=HERE,
    false_sibling=FalseSibling(
        "continued to rates up to 10 % above 1/beta", {"parameters": {alpha: Interval.Lopen(1 / beta, Rational(11, 10) / beta)}}
    ),
)

ENDS = Claim(
    name="lower_curvature/relative_weight_at_the_ends",
    title="For alpha (nu + beta) <= 2 the lowest curvature weighs at least as much as the highest",
    parameters={beta: Interval.open(0, oo), nu: Interval(0, beta), alpha: Interval(0, 2 / (nu + beta))},
    lhs=(1 - alpha * beta) ** 2,
    relation="<=",
    rhs=(1 - alpha * nu) ** 2,
    source=HERE,
    false_sibling=FalseSibling(
        "continued to rates up to 1 % above",
        {"parameters": {alpha: Interval.Lopen(2 / (nu + beta), Rational(202, 100) / (nu + beta))}},
    ),
)

CLAIM = Claim(
    name="lower_curvature",
    title="For eq. (13) at p = 1 MAML's optimum lies towards lower curvature for alpha beta <= 5/3",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, Rational(5, 3) / beta)},
    tasks=Tasks("spectrum_tied", dimension=Range(1, 2), number=Range(1, 2)),
    measured={optimum_maml: measured("optimum", rule=MAML(alpha)), optimum_drs: measured("optimum", rule=DRS())},
    lhs=optimum_maml,
    relation="<=",
    rhs=optimum_drs,
    source=HERE,
    assumptions=(Assumption(alpha * beta <= Rational(5, 3), without={"parameters": {alpha: Interval(0, 2 / beta)}}),),
    reductions=(Argued("moments of the uniform law on [0, beta]"), CROSSED, DECREASING, ENDS),
    sharp=Extremal("alpha beta = 5/3", attained=True, parameters={beta: 1, alpha: Rational(5, 3)}),
    false_sibling=FalseSibling(
        "continued to rates up to 2 % above the limit",
        {"parameters": {alpha: Interval.Lopen(Rational(5, 3) / beta, Rational(17, 10) / beta)}},
    ),
)
