r"""Equation (5) of Zhou et al.: the flow of the printed loss. [printed]

**Statement**, `zhou-2021`, eq. (5), in our words: with the loss :math:`\tfrac1{2n}\sum(f(x_i)-Y_i)^2` the adapted function is
:math:`f(x)+k_xK^{-1}(e^{-tK}-1)(f(X)-Y)`.

**Audit.** Refuted for every n above 1: this is the flow of the sum, not of the mean.  Corrected:
:mod:`theory.bounds.kernels.kernel_flow`, with :math:`e^{-tK/n}`.  The differential equation beside it lacks a minus sign.
"""

from sympy import Interval, Range

from theory.claim import Claim, Instances, Source, measured
from theory.notation import flowed, formula_value, points, t
from theory.rules import GradientFlow

CLAIM = Claim(
    name="zhou_equation5",
    title="The flow of the mean loss is f + k K^-1 (e^(-tK) - 1)(f - Y)",
    parameters={t: Interval(0, 8)},
    tasks=Instances("kernel_task", {points: Range(1, 4)}),
    measured={
        flowed: measured("kernel_adaptation", rule=GradientFlow(t)),
        formula_value: measured("kernel_exponential", time=t),
    },
    lhs=flowed,
    relation="==",
    rhs=formula_value,
    source=Source("zhou-2021", "eq. (5)"),
    printed=True,
    expected="refuted",
    corrected="kernel_flow",
    false_sibling=None,
)
