r"""A finite-sample bound for both estimates, with all constants and no boundedness.

**Setting.** An estimate :math:`\hat\theta=(\sum H_i)^{-1}\sum h_i` from M independent tasks, joint training's or MAML's, with
limit :math:`\theta^*` and scores :math:`\psi_i=H_i\theta^*-h_i`; :math:`X=E[H]^{-1/2}HE[H]^{-1/2}`,
:math:`v=\lambda_{\max}(E[X^2])`, :math:`s=\operatorname{tr}(E[H]^{-1}\operatorname{Cov}\psi)`.

**Theorem.** For :math:`0<t<1` and :math:`0<\delta_2<1`, with probability at least
:math:`1-p\,e^{-Mt^2/(2v)}-\delta_2`,

.. math:: \tfrac12\|\hat\theta-\theta^*\|^2_{E[H]}\le\frac{s}{2M(1-t)^2\delta_2}.

Put differently, :math:`M\ge2v\ln(p/\delta_1)/t^2` tasks make the probability at least :math:`1-\delta_1-\delta_2`.

**Proof.** (i) :math:`e^{-x}\le1-x+x^2/2` for :math:`x\ge0`, so
:math:`E e^{-\lambda X}\preceq I-\lambda I+\tfrac12\lambda^2E[X^2]\preceq e^{-\lambda+\lambda^2v/2}I`, and the matrix Laplace
method with :math:`\lambda=t/v` gives :math:`P(\lambda_{\min}(\bar X)\le1-t)\le p\,e^{-Mt^2/(2v)}`.  (ii) Otherwise
:math:`z=E[H]^{1/2}(\hat\theta-\theta^*)=-\bar X^{-1}\bar Z` with :math:`Z=E[H]^{-1/2}\psi` has
:math:`\|z\|\le\|\bar Z\|/(1-t)`.  (iii) :math:`E\|\bar Z\|^2=s/M` and Markov's inequality.

The claim is judged at p = 1 and 2, for :math:`t<3/4` and :math:`\delta_2>1/20`, where it says something that replicates can
tell.

**How loose.** On the spectrum-tied tasks at p = 1 (eq. 13 of `gao-sener-2020`, rate 1/4, N = 10), with the best split of
:math:`\delta=0.1`, it is 38 to 47 times the true quantile at M = 25, 10 times at 100 and 6 times at 400; at
:math:`\delta=0.01` 570 to 910, 55 to 59 and 28 times.  Tighter: :mod:`theory.bounds.fourth_moment_bound` (9 to 11, 3.9 and
2.6; 24 to 37, 5.9 and 3.4) and on the line :mod:`theory.bounds.line_bound` (2.0 to 2.8 throughout, orders to 6).  More of it,
p > 1 too, is in ``docs/coverage.md``.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, exp, oo

from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import M, N, alpha, beta, chance, design, loss, p, rule, score_spread, shortfall, sigma2
from theory.rules import DRS, MAML

#: what all bounds on an estimate's error range over; numbers of samples and tasks are choices, so that large ones are as likely
#: as small ones: with them the bounds say most
SPACE = {
    beta: Interval.open(0, oo),
    alpha: Interval.open(0, 1 / beta),
    sigma2: Interval.Lopen(0, 4),
    N: (1, 2, 4, 8, 16),
    M: (50, 100, 200, 400),
    rule: (DRS(), MAML(alpha)),
}
#: where a bound says something that replicates can tell: its tail is then no rarer than one failure in twenty
CHANCE, SHORTFALL = Interval.open(Rational(1, 20), 1), Interval.open(0, Rational(3, 4))
LOW = Tasks("free", dimension=Range(1, 3), number=Range(1, 5))
LOSS = measured("estimation_loss", rule=rule, samples=N, num_tasks=M, noise=sigma2)
MEASURED = {
    loss: LOSS,
    design: measured("design", rule=rule, samples=N),
    score_spread: measured("score_spread", rule=rule, samples=N, noise=sigma2),
}
#: the right side
BOUND = score_spread / (2 * M * (1 - shortfall) ** 2 * chance)

CLAIM = Claim(
    name="finite_sample_bound",
    title="A bound on the loss of both estimates from M tasks, by a matrix lower tail and Markov's inequality",
    parameters={**SPACE, shortfall: SHORTFALL, chance: CHANCE},
    tasks=LOW,
    measured=MEASURED,
    lhs=loss,
    relation="<=",
    rhs=BOUND,
    failure_probability=p * exp(-M * shortfall**2 / (2 * design)) + chance,
    source=Source("derived here"),
    reductions=(Argued("the matrix Laplace method with exp(-x) <= 1 - x + x^2/2"), Argued("Markov's inequality")),
    false_sibling=FalseSibling(
        "a tenth of the bound, ten times as strong: a sixth of it survives replicates", {"rhs": BOUND / 10}
    ),
)
