r"""Theorem 4 of Gao and Sener: how far MAML's estimate is from its optimum. [printed]

**Statement**, `gao-sener-2020`, section 4.2, in our words: as Theorem 3, with :math:`w(Q)=Q(I-\alpha Q)^2` in place of Q and
:math:`\theta^*_{maml}` in place of :math:`\theta^*_{drs}`, and the second term
:math:`\{(1+3\alpha\beta)^2\tau'c_2(\omega)+\sqrt2(1+\alpha\beta)^2c_3(\omega)\}/\sqrt N`.

**Reading.** The first term, in mean square and for infinitely many samples, as of
:mod:`theory.bounds.gao_sener_2020.gao_sener_theorem_3`.

**Audit.**

- *The first term* holds in mean square for infinitely many samples: the claim, by the proof of Theorem 3.
- *The second term*: here a floor is right, the error does not vanish as :math:`M\to\infty` with N fixed.  But it is of order
  1/N, not :math:`1/\sqrt N`: the estimate tends to :math:`\theta^*_N`, and
  :math:`N\|\theta^*_N-\theta^*_{maml}\|` stays bounded (:mod:`theory.bounds.maml_floor`).  What is of order
  :math:`1/\sqrt N` decreases with M as well, as :math:`1/\sqrt{NM}`.
- The paper's simulation has :math:`\alpha\beta=3/2` in one panel, and Gaussian data, which are not bounded.
"""

from sympy import Interval, Range, Rational, oo, sqrt

from theory.bounds.gao_sener_2020.gao_sener_theorem_3 import C_1
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, k, optimum_norm, pull_spread, pull_variance, weight_variance
from theory.rules import MAML

RULE = MAML(alpha, k)

CLAIM = Claim(
    name="gao_sener_theorem_4",
    title="The spread of MAML's score between tasks is at most the printed c_1, in mean square",
    parameters={beta: Interval.open(0, oo), alpha: Interval.Ropen(0, 1 / beta), k: Range(1, 4)},
    tasks=Tasks("free"),
    measured={
        pull_spread: measured("pull_spread", rule=RULE),
        weight_variance: measured("weight_variance_norm", rule=RULE),
        pull_variance: measured("pull_variance", rule=RULE),
        optimum_norm: measured("optimum_norm", rule=RULE),
    },
    lhs=sqrt(pull_spread),
    relation="<=",
    rhs=C_1,
    source=Source("gao-sener-2020", "section 4.2, Theorem 4, first term"),
    printed=True,
    false_sibling=FalseSibling("1 % below the constant", {"rhs": Rational(99, 100) * C_1}),
)
