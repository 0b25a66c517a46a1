r"""How far the energy functional is from the risk after a kernel flow: of second order in the time, exactly.

**Setting.** Meta-RKHS-II of `zhou-2021` deploys the kernel flow for a time T; to first order its risk is the energy
:math:`\tilde E(T)=E[R-T\|\nabla R\|^2]`.

**Theorem.** At every parameter, with :math:`d=\theta-\theta_\gamma`,

.. math:: J_{flow}(T)-\tilde E(T)=\tfrac12E\,d^\top Q(e^{-2TQ}-1+2TQ)d\;\in\;[0,\;T^2E\,d^\top Q^3d],

and it does not decrease in T.

**Proof.** Along an eigenvector, with :math:`h=2Tq`, the two weights differ by :math:`q(e^{-h}-1+h)`, whose derivative
:math:`q(1-e^{-h})` lies between 0 and :math:`qh` (reductions ``upper`` and ``increases``).

**Sharp**: approached as :math:`T\to0`; for large T the difference grows linearly.

**Against the printed Theorem 5** (:mod:`theory.bounds.kernels.zhou_theorem5_power`): the error is of order T squared at zero
and linear at infinity, for any depth; no power of T that is three or more bounds it for all T.

**Source**: derived here.
"""

from sympy import Interval, Lambda, Rational, exp, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.kernel_rules import EnergyFunctional
from theory.notation import adapted, beta, energy, h, later, q, t, tau2, weighted
from theory.rules import GradientFlow

HERE = Source("derived here")

UPPER = Claim(
    name="flow_error/upper",
    title="e^-h - 1 + h <= h^2 / 2",
    parameters={h: Interval(0, oo)},
    lhs=exp(-h) - 1 + h,
    relation="<=",
    rhs=h**2 / 2,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 200) * h**2}),
)

INCREASES = Claim(
    name="flow_error/increases",
    title="The error along an eigenvector does not decrease with the time",
    parameters={q: Interval(0, 1), t: Interval(0, oo), later: Interval(t, oo)},
    lhs=q * (exp(-2 * q * t) + 2 * q * t),
    relation="<=",
    rhs=q * (exp(-2 * q * later) + 2 * q * later),
    source=HERE,
    false_sibling=FalseSibling(
        "1 % smaller at the later time", {"rhs": Rational(99, 100) * q * (exp(-2 * q * later) + 2 * q * later)}
    ),
)

CLAIM = Claim(
    name="flow_error",
    title="The risk after a kernel flow exceeds the energy functional by at most T^2 E d'Q^3 d",
    parameters={beta: Interval.open(0, oo), t: Interval(0, 4 / beta)},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=GradientFlow(t)),
        energy: measured("weighted_risk", rule=EnergyFunctional(t), deployed=False),
        weighted: measured("weighted_risk", weight=Lambda((q, tau2), q**3)),
    },
    lhs=adapted - energy,
    relation="<=",
    rhs=2 * t**2 * weighted,
    source=HERE,
    reductions=(UPPER, INCREASES),
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 50) * t**2 * weighted}),
)
