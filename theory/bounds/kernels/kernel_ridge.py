r"""Kernel ridge regression is implicit MAML's proximal step.

**Setting.** As in :mod:`theory.bounds.kernels.kernel_flow`; adaptation solves the proximal problem of the mean loss with
regulariser :math:`\lambda` in feature space.

**Theorem.** It takes f to :math:`f(x)+k_x(K+n\lambda)^{-1}(Y-f(X))`.

**Proof.** With features Z, :math:`ZZ^\top=K`, the proximal step is
:math:`(Z^\top Z/n+\lambda)^{-1}Z^\top(Y-f)/n=Z^\top(ZZ^\top+n\lambda)^{-1}(Y-f)`.

**How it is checked.** The left side runs the rule :class:`theory.rules.ImplicitMAML` on the task in feature space, the right
side solves the linear system.  An equality: sharp everywhere.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import flowed, formula_value, lam, points
from theory.rules import ImplicitMAML

CLAIM = Claim(
    name="kernel_ridge",
    title="Implicit MAML's proximal step of a kernel machine is kernel ridge regression with n lambda",
    parameters={lam: Interval(Rational(1, 16), 16)},
    tasks=Instances("kernel_task", {points: Range(1, 4)}),
    measured={
        flowed: measured("kernel_adaptation", rule=ImplicitMAML(lam)),
        formula_value: measured("kernel_ridge", ridge=points * lam),
    },
    lhs=flowed,
    relation="==",
    rhs=formula_value,
    source=Source("zhou-2021", "Meta-RKHS-II; derived here"),
    false_sibling=FalseSibling(
        "lambda without the number of points", {"measured": {formula_value: measured("kernel_ridge", ridge=lam)}}
    ),
)
