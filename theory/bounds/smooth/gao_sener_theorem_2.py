r"""MAML, in Gao and Sener's Theorem 2, where no update is made. [printed]

**Statement**, `gao-sener-2020`, section 3, in our words: for :math:`\alpha\le1/(6L)` and :math:`D\ge2\alpha^2V_h` the sum
of squared gradients over :math:`T_{tr}` updates and :math:`T_{te}` test steps is at most :math:`T_{tr}\alpha
L\rho^2G\sqrt{V_d/N}+\sqrt{\tfrac12(\Delta+\Lambda_{maml}+\alpha G^2)(c_{tr}T_{tr}+c_{te}T_{te})}`.

**Reading.** :math:`\rho=1+\alpha L` and :math:`c_{te}=L(G^2+V_d/N)`.

**Audit.** False at the edge :math:`T_{tr}=0`, :math:`T_{te}=1`, which is judged here: one noiseless task, infimum 0, so
that :math:`\Lambda_{maml}=0`.  The squared slope at the start exceeds the bound where :math:`G^2=L\Delta`, by
:math:`\sqrt{12/7}` at :math:`\alpha=1/(6L)`; the analytic risk of :mod:`theory.bounds.smooth.gao_sener_theorem_1` exceeds
it too. It is false as well for fixed :math:`T_{tr}\ge1` and large :math:`T_{te}`, by simulation of one sine.  At
:math:`T_{te}=0` it follows from :mod:`theory.bounds.smooth.meta_descent_sum_tasks` where
:math:`(\rho^2+y)(\rho^2+\tfrac12)\le3(1+\tfrac y2)(1+a^2M)`, :math:`y=\alpha L_HG/L`; beyond that it is open.
"""

from sympy import Interval, Range, oo, sqrt

from theory.claim import Claim, Instances, Source, measured
from theory.notation import G, L, alpha, gradient_sum, n, pieces, start_range
from theory.rules import DRS

CLAIM = Claim(
    name="gao_sener_theorem_2",
    title="One noiseless task, no update, one test step: the squared gradient is at most sqrt((Delta + alpha G^2) L G^2/2)",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo), alpha: Interval(0, 1 / (6 * L))},
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(2, 5)}),
    measured={
        gradient_sum: measured("gradient_sum", rule=DRS(), eta=1 / L, updates=0, test_steps=1),
        start_range: measured("risk_range"),
    },
    lhs=gradient_sum,
    relation="<=",
    rhs=sqrt((start_range + alpha * G**2) * L * G**2 / 2),
    source=Source("gao-sener-2020", "section 3, Theorem 2"),
    printed=True,
    expected="refuted",
    corrected="meta_descent_sum",
    false_sibling=None,
)
