r"""Gradient dominance of regulators with the constant that is remembered from the literature.

**Setting** of :mod:`theory.bounds.reinforcement_learning.regulator_gradient_dominance`, the start's second moment being I.

**Theorem**, as it is recalled (the text was not read): :math:`C(K)-C(K^*)\le\|\Sigma_{K^*}\|\,\|\nabla
C(K)\|^2/\sigma_{\min}(R)`.

**Proof**, for every other stabilising gain as well. :math:`\sigma_{\min}(\Sigma_K)\ge1` and :math:`\sigma_{\min}(R+B^\top
PB)\ge\sigma_{\min}(R)`, so that even a quarter of it holds; where B'PB is negligible against R and states do not persist,
that quarter is approached.

**Source**: ``fazel-2018``, from memory.
"""

from sympy import Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import control_floor, cost_gap, gradient_square, inputs, moment_norm, p

BOUND = moment_norm * gradient_square

CLAIM = Claim(
    name="fazel_gradient_dominance",
    title="As recalled: a gain's excess cost is at most ||Sigma*|| ||grad C||^2/smin(R)",
    tasks=Instances("regulators", {p: Range(1, 3), inputs: Range(1, 3)}),
    measured={
        cost_gap: measured("cost_gap"),
        moment_norm: measured("moment_norm"),
        control_floor: measured("control_floor"),
        gradient_square: measured("gain_gradient_square"),
    },
    lhs=control_floor * cost_gap,
    relation="<=",
    rhs=BOUND,
    source=Source("fazel-2018", "gradient dominance, recalled"),
    false_sibling=FalseSibling("a tenth of it", {"rhs": Rational(1, 10) * BOUND}),
)
