r"""The power of the time in Theorem 5 of Zhou et al. [printed]

**Statement**, `zhou-2021`, Theorem 5, in our words: the error of the energy functional against the risk after the kernel flow
is of order :math:`T^{2L+3}` for a network of L hidden layers and *arbitrary* T > 0.

**Audit.** In the limit of a constant kernel the error is known exactly (:mod:`theory.bounds.kernels.flow_error`): it is of
order :math:`T^2` at zero and linear at infinity.  A bound of order :math:`T^{2L+3}`, that is of :math:`T^3` or a higher power,
for arbitrary T would need a constant C with :math:`\mathrm{error}(T)\le C\,T^{2L+3}` below T = 1.  Every C is refuted, for
every L, by :math:`T^{2L+1}<1/(2C)` and small curvatures; here C is 100 times the third moment that the true constant is made
of, L is up to 3, and the tasks' curvatures are at most 1.  Corrected: the power 2, with its sharp constant.
"""

from sympy import Interval, Lambda, Range

from theory.claim import Claim, Source, Tasks, measured
from theory.kernel_rules import EnergyFunctional
from theory.notation import adapted, beta, energy, layers, q, t, tau2, weighted
from theory.rules import GradientFlow

CLAIM = Claim(
    name="zhou_theorem5_power",
    title="The error of the energy functional is of order T^(2L + 3) for every T in (0, 1]",
    parameters={beta: Interval.Lopen(0, 1), t: Interval.Lopen(0, 1), layers: Range(0, 4)},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=GradientFlow(t)),
        energy: measured("weighted_risk", rule=EnergyFunctional(t), deployed=False),
        weighted: measured("weighted_risk", weight=Lambda((q, tau2), q**3)),
    },
    lhs=adapted - energy,
    relation="<=",
    rhs=100 * t ** (2 * layers + 3) * weighted,
    source=Source("zhou-2021", "Theorem 5, power"),
    printed=True,
    expected="refuted",
    corrected="flow_error",
    false_sibling=None,
)
