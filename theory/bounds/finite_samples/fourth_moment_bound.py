r"""A finite-sample bound for both estimates by fourth moments.

**Setting** and notation of :mod:`theory.bounds.finite_sample_bound`; moreover
:math:`g=\operatorname{tr}((E[H]^{-1}\operatorname{Cov}\psi)^2)` and :math:`f=E\|Z\|^4`, Z the normalised score.

**Theorem.** For :math:`0<t<1`, :math:`\lambda>0` and :math:`c>0`, with

.. math:: V=\frac{f-s^2+2(M-1)g}{M^3},

with probability at least :math:`1-p\,[(1-\lambda+\tfrac12\lambda^2v)\,e^{\lambda(1-t)}]^M-V/(V+c^2)`,

.. math:: \tfrac12\|\hat\theta-\theta^*\|^2_{E[H]}\le\frac{s/M+c}{2(1-t)^2}.

With :math:`c=\sqrt{V(1-\delta_2)/\delta_2}` the last probability is :math:`\delta_2`: the bound grows like
:math:`\delta_2^{-1/2}`, that of Markov's inequality like :math:`\delta_2^{-1}`.

**Proof.** (i) The lower tail of :math:`\bar X` as there, its bracket kept as it stands: near :math:`\lambda=0` its logarithm is
:math:`-\lambda t+\tfrac12\lambda^2(v-1)+\dots`, the variance in place of the second moment.  (ii) Expand
:math:`\|\sum Z_i\|^4`; terms with an index that occurs once vanish, which leaves
:math:`Mf+M(M-1)(s^2+2g)`, so that V is the variance of :math:`\|\bar Z\|^2`.  (iii) Cantelli's inequality.

The claim is judged at p = 1 and 2, for :math:`t<3/4` and :math:`\delta_2>1/20`, where it says something that replicates can
tell.

**Source**: derived here.  In any dimension: :func:`theory.finite_sample.fourth_moment_bound`, which looks for the best t,
:math:`\lambda` and c.
"""

from sympy import Interval, exp, sqrt

from theory.bounds.finite_samples.finite_sample_bound import CHANCE, LOW, MEASURED, SHORTFALL, SPACE
from theory.claim import Argued, Claim, FalseSibling, Source, measured
from theory.notation import M, N, chance, design, laplace, loss, norm_variance, p, rule, score_spread, shortfall, sigma2

DEVIATION = sqrt(norm_variance * (1 - chance) / chance)
BOUND = (score_spread / M + DEVIATION) / (2 * (1 - shortfall) ** 2)

CLAIM = Claim(
    name="fourth_moment_bound",
    title="A bound on the loss of both estimates from M tasks, by fourth moments of the score",
    parameters={
        **SPACE,
        shortfall: SHORTFALL,
        laplace: Interval.open(0, shortfall),
        chance: CHANCE,
    },
    tasks=LOW,
    measured={
        **MEASURED,
        norm_variance: measured("norm_variance", rule=rule, samples=N, num_tasks=M, noise=sigma2),
    },
    lhs=loss,
    relation="<=",
    rhs=BOUND,
    failure_probability=p * ((1 - laplace + laplace**2 * design / 2) * exp(laplace * (1 - shortfall))) ** M + chance,
    source=Source("derived here"),
    reductions=(Argued("the matrix Laplace method"), Argued("the fourth moment of a sum"), Argued("Cantelli's inequality")),
    false_sibling=FalseSibling("a fifth of the bound, five times as strong", {"rhs": BOUND / 5}),
)
