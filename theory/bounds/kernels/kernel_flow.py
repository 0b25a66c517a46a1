r"""The kernel flow of the mean loss, at any point: the exponent has the number of points in its denominator.

**Setting.** A function with the outputs f at n training points with kernel matrix K and targets Y follows the gradient flow of
:math:`\tfrac1{2n}\sum(f(x_i)-Y_i)^2`, that is :math:`\dot f(x)=-\tfrac1nk_x(f(X)-Y)`.

**Theorem.** :math:`f_t(x)=f(x)+k_xK^{-1}(e^{-tK/n}-1)(f(X)-Y)`.

**Proof.** At the training points the miss obeys :math:`\dot m=-Km/n`, so :math:`m_t=e^{-tK/n}m`; integrate
:math:`-\tfrac1nk_xe^{-sK/n}m` from 0 to t.

**How it is checked.** The left side runs the rule :class:`theory.rules.GradientFlow` on the task that the points are in feature
space; the right side is the formula.  An equality: sharp everywhere.

**Source**: derived here.  `zhou-2021`, eq. (5), prints the exponent without 1/n beside this loss
(:mod:`theory.bounds.kernels.zhou_equation5`).
"""

from sympy import Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import flowed, formula_value, points, t
from theory.rules import GradientFlow

CLAIM = Claim(
    name="kernel_flow",
    title="The kernel flow of the mean loss is f + k K^-1 (e^(-tK/n) - 1)(f - Y)",
    parameters={t: Interval(0, 8)},
    tasks=Instances("kernel_task", {points: Range(1, 4)}),
    measured={
        flowed: measured("kernel_adaptation", rule=GradientFlow(t)),
        formula_value: measured("kernel_exponential", time=t / points),
    },
    lhs=flowed,
    relation="==",
    rhs=formula_value,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "the exponent without the number of points",
        {"measured": {formula_value: measured("kernel_exponential", time=t)}},
    ),
)
