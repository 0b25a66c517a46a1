r"""When a re-scaled step beats the plain one, and the cycle that it ends in.

**Setting.** At test time `tack-2023` follows the whole gradient g with the norm of the pruned one, c times as long as g, c > 1.
Write :math:`w=\alpha\,g^\top Qg/\|g\|^2`.

**Theorem.** It lowers the loss of the context at least as much as the plain step if :math:`\alpha\beta(1+c)\le2`, beta the
largest curvature; precisely, iff :math:`c\le2/w-1` (reduction ``along``).

**Proof.** Over :math:`\alpha\|g\|^2`, the loss changes by :math:`-c+\tfrac12c^2w`, a parabola with equal values at 1 and 2/w
- 1; and :math:`w\le\alpha\beta`.

Repeated, it does not converge without interpolation: for targets 1 and -1 at one point and k = 1 the step takes
:math:`\theta=\alpha/(2-\alpha)` to its opposite and back (reduction ``cycle``), and of any other start on the same side the
distance from the cycle shrinks by :math:`|1-\alpha|` at a step (reduction ``attracts``).

**How it is checked.** The step is executed on contexts of integer features, whose targets are zero.

**Sharp**: attained along an eigenvector of beta.  That :math:`c\le2/(\alpha\beta)` suffices, below which the step lowers the
loss at all, is the false sibling.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import a, alpha, curve, n, p, plain_loss, stretch, stretched_loss, theta

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

ATTRACTS = Claim(
    name="rescaled_step/attracts",
    title="A step from theta >= 0 ends 1 - alpha times as far from the cycle's other point as theta is from the one",
    parameters={alpha: Interval.Ropen(0, 2), theta: Interval(0, oo)},
    lhs=theta - alpha * (1 + theta) + FIXED,
    relation="==",
    rhs=(1 - alpha) * (theta - FIXED),
    source=HERE,
    false_sibling=FalseSibling("it ends there", {"rhs": Integer(0)}),
)

ALONG = Claim(
    name="rescaled_step/along",
    title="A step c times as long lowers the loss at least as much for c up to 2/w - 1",
    parameters={curve: Interval.Lopen(0, 1), stretch: Interval(1, 2 / curve - 1)},
    lhs=stretch**2 * curve / 2 - stretch,
    relation="<=",
    rhs=curve / 2 - 1,
    source=HERE,
    false_sibling=FalseSibling("up to 2/w", {"parameters": {stretch: Interval(1, 2 / curve)}}),
)

CLAIM = Claim(
    name="rescaled_step",
    title="A step c times as long lowers the loss at least as much as the plain one if alpha beta (1 + c) <= 2",
    parameters={a: Interval.Lopen(0, 1), stretch: Interval(1, 2 / a - 1)},
    tasks=Instances("context", {p: Range(1, 3), n: Range(3, 6)}),
    measured={
        stretched_loss: measured("stretched_loss", rate=a, stretch=stretch),
        plain_loss: measured("stretched_loss", rate=a, stretch=Integer(1)),
    },
    lhs=stretched_loss,
    relation="<=",
    rhs=plain_loss,
    source=Source("tack-2023", "its step at test time; derived here"),
    reductions=(ALONG, CYCLE, ATTRACTS),
    false_sibling=FalseSibling("c <= 2/(alpha beta) suffices", {"parameters": {stretch: Interval(1, 2 / a)}}),
)
