r"""A vanishing gradient of the logits says nothing: of two opposite tasks the gap stays while it falls like the rarer share.

**Setting.** As in :mod:`theory.bounds.global_optimality.two_armed_meta_objective`, two equally likely tasks with the rewards
(1, 0) and (0, 1), and the policy (1 - x, x); the even policy is best.

**Theorem.** With :math:`z=e^\eta` the derivative with respect to the second logit is

.. math:: \frac{(z+1)^2\,x(1-x)}{(1-2x)(1+(z-1)x)(z-(z-1)x)}

times what the policy lacks.  As x tends to 0 this falls like :math:`\frac{(z+1)^2}zx`, and the policy still lacks
:math:`\frac{z-1}{2(z+1)}`: no constant bounds the gap by the gradient of the logits.

**Proof.** Put :math:`A=1+(z-1)x`, :math:`B=z-(z-1)x`, :math:`u=1-2x`.  The policy lacks
:math:`\frac{z(z-1)u^2}{2(z+1)AB}`, and the slope is :math:`\frac{z(z^2-1)u}{2A^2B^2}`; the derivative is :math:`x(1-x)` times
that.

**Sharp**: an equality.  The factor without its :math:`1-x` is the false sibling.

**Source**: derived here, for the question of `wang-2020`.
"""

from sympy import Interval, Rational

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import boost, here_value, logit_gradient, share_one, there_value

OPPOSITE = {"rewards": ((1, 0), (0, 1)), "boost": boost}
HALF = Rational(1, 2)
RAISED = (boost - 1) * share_one
LACK = there_value - here_value

CLAIM = Claim(
    name="logit_slope",
    title="Of two opposite tasks the logits' gradient at (1 - x, x) is of order x, and what the policy lacks is not",
    parameters={boost: Interval(1, 4), share_one: Interval.Lopen(0, HALF)},
    measured={
        logit_gradient: measured("arm_logit_gradient", policy=(1 - share_one, share_one), arm=1, **OPPOSITE),
        here_value: measured("arms_value", policy=(1 - share_one, share_one), **OPPOSITE),
        there_value: measured("arms_value", policy=(HALF, HALF), **OPPOSITE),
    },
    lhs=(1 - 2 * share_one) * (1 + RAISED) * (boost - RAISED) * logit_gradient,
    relation="==",
    rhs=(boost + 1) ** 2 * share_one * (1 - share_one) * LACK,
    source=Source("wang-2020", "its question for one state; derived here"),
    false_sibling=FalseSibling("without 1 - x", {"rhs": (boost + 1) ** 2 * share_one * LACK}),
)
