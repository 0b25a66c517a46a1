r"""The regret of multiplicative weights on losses between 0 and 1: an eighth of the rate for each step.

**Setting.** The entropic map on n arms from the uniform point, at rate eta, against linear losses with entries in [0, 1].

**Theorem.** :math:`\sum_tg_t^\top w_t-\min_i\sum_tg_{ti}\le\frac{\ln n}\eta+\frac{\eta T}8`.

**Proof.** With :math:`\Phi_t=\ln\sum_ie^{-\eta\sum_{s\le t}g_{si}}`, Hoeffding's lemma bounds each
:math:`\Phi_t-\Phi_{t-1}=\ln\sum_iw_{ti}e^{-\eta g_{ti}}` by :math:`-\eta g_t^\top w_t+\eta^2/8`, and
:math:`\Phi_T\ge-\eta\min_i\sum g_{ti}`.

**Sharp** in the second term: approached by alternating losses of two arms as T grows and then eta falls; the form
:math:`\tfrac\eta2\sum\|g\|_\infty^2` of the general bound is four times as large there.  The tests run 40,000 such steps at
eta = 0.05.  The false sibling has a sixteenth; six steps at eta = 2 refute it.

**Source**: derived here; the bound is folklore.
"""

from sympy import Integer, Interval, Range, Rational, exp

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import T, eta, p, regret

CLAIM = Claim(
    name="entropic_regret",
    title="The regret of multiplicative weights on losses in [0, 1] is at most ln(n)/eta + eta T/8",
    parameters={eta: Interval(Rational(1, 8), 4)},
    tasks=Instances("unit_losses", {p: Range(2, 5), T: Range(1, 9)}),
    measured={regret: measured("entropic_regret", rate=eta)},
    # in exponentials, so that ln(n) is not needed
    lhs=exp(eta * regret - eta**2 * T / 8),
    relation="<=",
    rhs=p,
    source=Source("gao-2022", "its bound for another map; derived here"),
    false_sibling=FalseSibling(
        "a sixteenth",
        {"lhs": exp(eta * regret - eta**2 * T / 16)},
        stored=Stored("six alternating losses at eta = 2", {p: 2, T: 6, eta: 2}, {"losses": ((1, 0), (0, 1)) * 3}),
        control=FalseSibling(
            "a sixteenth, without the first term", {"lhs": exp(eta * regret - eta**2 * T / 16), "rhs": Integer(1)}
        ),
    ),
)
