r"""A stabilising gain with a small gradient is nearly optimal.

**Setting** of :mod:`theory.bounds.reinforcement_learning.regulator_cost_difference`.

**Theorem.** For two stabilising gains K and K', an optimal one for example,

.. math:: C(K)-C(K')\le\operatorname{tr}\Sigma_{K'}E_K^\top(R+B^\top P_KB)^{-1}E_K
   \le\frac{\|\Sigma_{K'}\|\,\|\nabla C(K)\|^2}{4\,\sigma_{\min}(\Sigma_K)^2\,\sigma_{\min}(R+B^\top P_KB)}.

**Proof.** In the cost difference, complete the square in the way :math:`\Delta` from K to K'; the gradient is
:math:`2E_K\Sigma_K`.

**Sharp**: the first inequality is attained by the step of policy iteration, :math:`K'=K-(R+B^\top P_KB)^{-1}E_K`; for the
optimal K' both become equalities as K approaches it, at p = 1. The second one is the reduction ``norms``.

**Source**: derived here. ``fazel-2018`` is remembered with :math:`\|\Sigma_{K^*}\|\,\|\nabla C\|^2/\sigma_{\min}(R)` for
a start of second moment I: :mod:`theory.bounds.reinforcement_learning.fazel_gradient_dominance`.
"""

from sympy import Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import (
    cost_gap,
    curvature_floor,
    gradient_square,
    inputs,
    moment_floor,
    moment_norm,
    newton_decrease,
    p,
)

TASKS = Instances("regulators", {p: Range(1, 3), inputs: Range(1, 3)})
HERE = Source("derived here")
NORMS = moment_norm * gradient_square

NORM_BOUND = Claim(
    name="regulator_gradient_dominance/norms",
    title="The decrease of policy iteration is at most ||Sigma'|| ||grad C||^2/(4 smin(Sigma)^2 smin(R + B'PB))",
    tasks=TASKS,
    measured={
        newton_decrease: measured("newton_decrease"),
        moment_norm: measured("moment_norm"),
        moment_floor: measured("moment_floor"),
        curvature_floor: measured("curvature_floor"),
        gradient_square: measured("gain_gradient_square"),
    },
    lhs=4 * moment_floor**2 * curvature_floor * newton_decrease,
    relation="<=",
    rhs=NORMS,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller, which one state refutes", {"rhs": Rational(99, 100) * NORMS}),
)

CLAIM = Claim(
    name="regulator_gradient_dominance",
    title="A gain's cost exceeds any other's by at most tr Sigma' E'(R + B'PB)^-1 E",
    tasks=TASKS,
    measured={cost_gap: measured("cost_gap"), newton_decrease: measured("newton_decrease")},
    lhs=cost_gap,
    relation="<=",
    rhs=newton_decrease,
    source=HERE,
    reductions=(NORM_BOUND,),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * newton_decrease}),
)
