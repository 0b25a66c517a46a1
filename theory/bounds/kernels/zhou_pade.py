r"""Adaptation by Padé's approximant damps the error as the flow does. [printed]

**Statement**, `zhou-2021`, section 3.5, in our words: the matrix exponential of the adaptation may be replaced by its Padé
approximant, at the times up to 100 that its experiments use.

**Audit.** The least that a replacement must do is to leave no more risk than the flow up to a constant.  Claimed is the factor
1000.  Refuted: the [1/1] approximant multiplies the error of curvature q by :math:`(2-tq)/(2+tq)`, at t = 100 and q = 1 by
:math:`-49/51`, where the flow leaves :math:`e^{-100}`.  Corrected: :mod:`theory.bounds.kernels.pade_error`, small only where
tq is.
"""

from sympy import Interval

from theory.claim import Claim, Source, Tasks, measured
from theory.kernel_rules import PadeFlow
from theory.notation import adapted, beta, t, weighted
from theory.rules import GradientFlow

CLAIM = Claim(
    name="zhou_pade",
    title="Adaptation by Pade's approximant leaves at most 1000 times the risk of the flow",
    parameters={beta: Interval.Lopen(0, 1), t: Interval.Lopen(0, 100)},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=PadeFlow(t)),
        weighted: measured("adapted_risk", rule=GradientFlow(t)),
    },
    lhs=adapted,
    relation="<=",
    rhs=1000 * weighted,
    source=Source("zhou-2021", "section 3.5"),
    printed=True,
    expected="refuted",
    corrected="pade_error",
    false_sibling=None,
)
