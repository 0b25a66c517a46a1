r"""When a re-scaled step beats the plain one, and the cycle that it ends in.

**Setting.** At test time `tack-2023` follows the whole gradient g with the norm of the pruned one, c times as long as g, c > 1.
Write :math:`w=\alpha\,g^\top Qg/\|g\|^2`.

**Theorem.** It lowers the loss of the context more than the plain step iff :math:`c<2/w-1`; :math:`\alpha\beta(1+c)<2` is
enough.

**Proof.** Over :math:`\alpha\|g\|^2`, the loss changes by :math:`-c+\tfrac12c^2w`, a parabola with equal values at 1 and 2/w
- 1.

Repeated, it does not converge without interpolation: for targets 1 and -1 at one point and k = 1 the step takes
:math:`\theta=\alpha/(2-\alpha)` to its opposite and back (reduction ``cycle``), and the tests run into that cycle.

**Sharp**: attained at both ends.  :math:`c\le2/w`, below which the step lowers the loss at all, is the false sibling.

**Source**: derived here.
"""

from sympy import Interval

from theory.claim import Claim, FalseSibling, Source
from theory.notation import alpha, curve, stretch

HERE = Source("derived here")
FIXED = alpha / (2 - alpha)

CYCLE = Claim(
    name="rescaled_step/cycle",
    title="theta - alpha (1 + theta) is the opposite of theta = alpha/(2 - alpha)",
    parameters={alpha: Interval.Ropen(0, 2)},
    lhs=FIXED - alpha * (1 + FIXED),
    relation="==",
    rhs=-FIXED,
    source=HERE,
    false_sibling=FalseSibling("it is a fixed point", {"rhs": FIXED}),
)

CLAIM = Claim(
    name="rescaled_step",
    title="A step c times as long lowers the loss at least as much for c up to 2/w - 1",
    parameters={curve: Interval.Lopen(0, 1), stretch: Interval(1, 2 / curve - 1)},
    lhs=stretch**2 * curve / 2 - stretch,
    relation="<=",
    rhs=curve / 2 - 1,
    source=Source("tack-2023", "its step at test time; derived here"),
    reductions=(CYCLE,),
    false_sibling=FalseSibling("up to 2/w", {"parameters": {stretch: Interval(1, 2 / curve)}}),
)
