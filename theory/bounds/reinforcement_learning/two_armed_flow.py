r"""The flow of joint training on two arms, in closed form.

**Setting.** The pair of :mod:`theory.two_arms`, :math:`w>\tfrac12`; joint training follows the gradient flow of its
return from equal logits.

**Theorem.** The difference x of the logits is reached at the time T with :math:`x+\sinh x=(2w-1)T`.

**Proof.** :math:`\dot x=2J'(x)=2(2w-1)\sigma'(x)=(2w-1)/(1+\cosh x)`; integrate.

**What follows.** MAML, charged c gradients for each of its own, follows :math:`\dot x=2F'(x)` up to T/c. Joint training
leads first: its speed at 0 is :math:`c\,\sigma'(0)/\sigma'(\alpha/2)` times MAML's. Then its policy saturates and
adaptation dies: F tends to w. For c = 2 MAML overtakes at T = 6.919, 3.344 and 1.967 for w = 0.6 and rates 1, 2 and 4; at
2.399 and 3.355 for rate 4 and w = 0.8 and 0.9; at 1.482 for rate 8 and w = 0.8; never for rate 1 and w = 0.8 (``python -m
verify.simulation.reinforcement``).

**How it is checked.** The time by quadrature of one over the executed gradient, and by integrating symbols.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import flow_time, logit_gap, majority

REACHED = logit_gap + (exp(logit_gap) - exp(-logit_gap)) / 2

CLAIM = Claim(
    name="two_armed_flow",
    title="Joint training's flow on two arms obeys x + sinh x = (2w - 1) T",
    parameters={majority: Interval.Lopen(Rational(1, 2), 1), logit_gap: Interval(0, 6)},
    tasks=Instances("two_arms"),
    measured={flow_time: measured("flow_time", weight=majority, gap=logit_gap)},
    lhs=(2 * majority - 1) * flow_time,
    relation="==",
    rhs=REACHED,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % earlier", {"rhs": Rational(99, 100) * REACHED}),
)
