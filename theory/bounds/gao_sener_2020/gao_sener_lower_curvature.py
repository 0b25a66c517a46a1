r"""MAML minds tasks of lower curvature: the remark after Theorem 5 of Gao and Sener. [printed]

**Statement**, `gao-sener-2020`, section 4.3, in our words: MAML puts more weight on tasks of lower curvature than joint
training.

**Audit.** On the paper's own tasks, eq. (13) at p = 1, the curvature of a task *is* its optimum, so more weight on
lower curvature means a lower optimum, :math:`\theta^*_{maml}(\alpha)\le\theta^*_{drs}`.  The paper's simulation takes
:math:`\alpha` up to 1 with :math:`\beta=2`, that is :math:`\alpha\beta` up to 2.  Refuted as printed: beyond
:math:`\alpha\beta=5/3` the order is reversed, because the weight :math:`(1-\alpha q)^2` grows again for
:math:`q>1/\alpha`.  Corrected: :mod:`theory.bounds.lower_curvature`, up to 5/3.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, Source, Tasks, measured
from theory.notation import alpha, beta, optimum_drs, optimum_maml
from theory.rules import DRS, MAML

CLAIM = Claim(
    name="gao_sener_lower_curvature",
    title="For eq. (13) at p = 1 MAML's optimum lies towards lower curvature at every rate of the simulation",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 2 / beta)},
    tasks=Tasks("spectrum_tied", dimension=Range(1, 2), number=Range(1, 2)),
    measured={optimum_maml: measured("optimum", rule=MAML(alpha)), optimum_drs: measured("optimum", rule=DRS())},
    lhs=optimum_maml,
    relation="<=",
    rhs=optimum_drs,
    source=Source("gao-sener-2020", "section 4.3, text after Theorem 5"),
    printed=True,
    expected="refuted",
    corrected="lower_curvature",
    false_sibling=None,
)
