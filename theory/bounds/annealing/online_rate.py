r"""The online recursion settles at the rate 1/t iff its gain times the mean field's slope exceeds a half; a bound for every t.

**Setting.** Steps 1/t of a recursion whose mean field has the slope b and whose noise has unit variance, from zero:
:math:`E e_t^2=(1-b/t)^2E e_{t-1}^2+1/t^2`.

**Theorem.** For :math:`\tfrac12<b\le1` and every t, :math:`(2b-1)(t+1-b)\,E e_t^2\le1`; and :math:`t^{2b}\,E e_t^2\ge1` for
all b up to 1 (reduction ``slow``), so that below one half the rate is no better than :math:`t^{-2b}`.  Steps a/t on the slope h
with noise of variance :math:`s^2` have b = ah and :math:`a^2s^2` times this.  The mode in which prototypes split has
:math:`b=1-T_c/T` for a = 1: the rate 1/t survives iff :math:`T>2T_c`.

**Proof.** If it holds before step t, then after it at :math:`t+1-b` times the bound's share
:math:`\frac{(t-b)^2}{t^2(t-b)}+\frac{2b-1}{t^2}=\frac{t+b-1}{t^2}`, and :math:`(t+b-1)(t+1-b)=t^2-(1-b)^2\le t^2`
(reduction ``step``).  At t = 1 it reads :math:`(2b-1)(2-b)\le1`.  The second: the first noise alone leaves
:math:`\prod_{u=2}^t(1-b/u)^2\ge\prod(1-1/u)^{2b}=t^{-2b}`, by Bernoulli's inequality.

**Sharp**: attained for every t at b = 1, where :math:`E e_t^2=1/t`; in the limit for every b.

**Source**: derived here; the recursion is `mavridis-2022`'s near a fixed point.
"""

from sympy import Abs, Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import T, contraction, mean_square

HERE = Source("derived here")
ABOVE_HALF = Interval.Lopen(Rational(1, 2), 1)

STEP = Claim(
    name="online_rate/step",
    title="(t + b - 1)(t + 1 - b) <= t^2",
    parameters={contraction: ABOVE_HALF, T: Range(1, 1000)},
    lhs=(T + contraction - 1) * (T + 1 - contraction),
    relation="<=",
    rhs=T**2,
    source=HERE,
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * T**2}),
)

MEASURED = {mean_square: measured("online_mean_square", contraction=contraction, steps=T)}

SLOW = Claim(
    name="online_rate/slow",
    title="Steps 1/t leave a mean square of at least t^(-2b)",
    parameters={contraction: Interval.Lopen(0, 1), T: Range(1, 65)},
    measured=MEASURED,
    lhs=Integer(1),
    relation="<=",
    rhs=T ** (2 * contraction) * mean_square,
    source=HERE,
    false_sibling=FalseSibling("1 % more", {"lhs": Rational(101, 100)}),
)

CLAIM = Claim(
    name="online_rate",
    title="Steps 1/t leave a mean square of at most 1/((2b - 1)(t + 1 - b)) for b above a half",
    parameters={contraction: ABOVE_HALF, T: Range(1, 65)},
    measured=MEASURED,
    lhs=(2 * contraction - 1) * (T + 1 - contraction) * mean_square,
    relation="<=",
    rhs=Integer(1),
    source=Source("mavridis-2022", "its recursion; derived here"),
    reductions=(STEP, SLOW),
    false_sibling=FalseSibling(
        "the rate 1/t for all T > T_c, that is b above 0",
        {
            "parameters": {contraction: Interval.Lopen(0, 1)},
            "lhs": Abs(2 * contraction - 1) * (T + 1 - contraction) * mean_square,
        },
    ),
)
