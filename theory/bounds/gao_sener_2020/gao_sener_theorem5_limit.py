r"""Theorem 5 of Gao and Sener, second part: the minimiser as N grows. [printed]

**Statement**, `gao-sener-2020`, section 4.3, in our words: as the number N of inner samples tends to infinity, the risk
after adaptation is minimised by :math:`\theta^*_{maml}(\alpha)`.

**Audit.** Confirmed, with a rate.  The gradient of :math:`J_{A_N}` at :math:`\theta^*_{maml}` is *exactly* proportional
to 1/N,

.. math::
    N\,\nabla J_{A_N}(\theta^*_{maml})=\nabla J_{A_1}(\theta^*_{maml})
    =-\alpha^2E\big[(Q^3+\operatorname{tr}(Q^2)Q)(\theta_\gamma-\theta^*_{maml})\big],

which is the claim; since :math:`A_N\succeq Q(I-\alpha Q)^2`, the minimiser :math:`\theta^*_N` obeys
:math:`\|\theta^*_N-\theta^*_{maml}\|\le\|\nabla J_{A_1}(\theta^*_{maml})\|/(N\lambda_{\min}(E[Q(I-\alpha Q)^2]))`,
provided that matrix is invertible.

**Proof.** :math:`A_N=Q(I-\alpha Q)^2+K/N` with K free of N, and the gradient of the first term vanishes at
:math:`\theta^*_{maml}`.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import N, alpha, beta, step, step_one
from theory.rules import DRS, MAML

CLAIM = Claim(
    name="gao_sener_theorem5_limit",
    title="The N-sample risk's gradient at MAML's optimum is 1/N times that for one sample, so its minimiser tends there",
    parameters={beta: Interval.open(0, oo), alpha: Interval.Ropen(0, 1 / beta), N: Range(1, 65)},
    tasks=Tasks("free"),
    measured={
        step: measured("stationarity", rule=MAML(alpha, 1, N), at=MAML(alpha)),
        step_one: measured("stationarity", rule=MAML(alpha, 1, 1), at=MAML(alpha)),
    },
    lhs=N * step,
    relation="==",
    rhs=step_one,
    source=Source("gao-sener-2020", "section 4.3, Theorem 5"),
    printed=True,
    false_sibling=FalseSibling(
        "at joint training's optimum in place of MAML's",
        {
            "measured": {
                step: measured("stationarity", rule=MAML(alpha, 1, N), at=DRS()),
                step_one: measured("stationarity", rule=MAML(alpha, 1, 1), at=DRS()),
            }
        },
    ),
)
