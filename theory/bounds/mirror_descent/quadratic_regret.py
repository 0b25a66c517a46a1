r"""The regret of mirror descent with a quadratic map, as an identity. [recalled]

**Setting.** Mirror steps :math:`w_{t+1}=w_t-\eta P^{-1}g_t` against linear losses :math:`g_t^\top w`.

**Statement**, `gao-2022` and the literature, recalled and not checked against the print:
:math:`\sum_tg_t^\top(w_t-u)\le\tfrac1\eta D(u,w_1)+\tfrac\eta2\sum\|g_t\|_*^2`.

**Theorem.** For :math:`\psi=\tfrac12w^\top Pw` the right side minus the left is exactly :math:`\tfrac1\eta D(u,w_{T+1})`
(reduction ``identity``).

**Proof.** Expand :math:`D(u,w_{t+1})-D(u,w_t)=-\eta g_t^\top(w_t-u)+\tfrac{\eta^2}2\|g_t\|_*^2` and add up.

**Sharp**: attained iff u is the last point; the false sibling takes 0.99 of the norms' part.

**Source**: the bound is recalled; the identity is derived here.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import T, after, before, eta, p, regret, square_sum

SEQUENCES = Instances("linear_losses", {p: Range(1, 4), T: Range(1, 6)})
MEASURED = {
    regret: measured("mirror_regret", rate=eta),
    before: measured("mirror_divergence", rate=eta, last=False),
    square_sum: measured("mirror_norms"),
}
BOUND = before / eta + eta / 2 * square_sum

IDENTITY = Claim(
    name="quadratic_regret/identity",
    title="The regret of a quadratic map is D(u, w_1)/eta + (eta/2) sum |g|^2 - D(u, w_T+1)/eta",
    parameters={eta: Interval(Rational(1, 8), 2)},
    tasks=SEQUENCES,
    measured={**MEASURED, after: measured("mirror_divergence", rate=eta, last=True)},
    lhs=regret,
    relation="==",
    rhs=BOUND - after / eta,
    source=Source("derived here"),
    false_sibling=FalseSibling("without the last divergence", {"rhs": BOUND}),
)

CLAIM = Claim(
    name="quadratic_regret",
    title="The regret of mirror descent with a quadratic map is at most D(u, w_1)/eta + (eta/2) sum |g|^2",
    parameters={eta: Interval(Rational(1, 8), 2)},
    tasks=SEQUENCES,
    measured=MEASURED,
    lhs=regret,
    relation="<=",
    rhs=BOUND,
    source=Source("gao-2022", "regret of mirror descent", recalled=True),
    reductions=(IDENTITY,),
    false_sibling=FalseSibling("0.99 of the norms' part", {"rhs": before / eta + Rational(99, 200) * eta * square_sum}),
)
