r"""Padé's approximant in place of the exponential: always too small, by at most a twelfth of the third power, and negative.

**Setting.** `zhou-2021` computes the flow's matrix exponential by Padé approximants; with the lowest one, [1/1], adaptation for
the time t multiplies the error along an eigenvector by :math:`r=(2-h)/(2+h)`, :math:`h=tq`, in place of :math:`e^{-h}`.

**Theorem.** :math:`0\le e^{-h}-r\le h^3/12` (the lower bound is the reduction ``below``).  At h = 2 the approximant removes
the error exactly; beyond it *reflects* the error, by all but a share of at most 4/h (reduction ``reflects``): at the paper's
t = 100 and q = 1 it is -49/51.  So no constant makes :math:`|r|\le Ce^{-h}`.

**Proof.** Let :math:`f=e^{-h}(2+h)-(2-h)`.  Then :math:`f(0)=f'(0)=0` and :math:`f''=he^{-h}`, between 0 and h: so
:math:`0\le f\le h^3/6`, and :math:`e^{-h}-r=f/(2+h)`.

**Sharp**: approached as :math:`h\to0`.

**Source**: derived here.
"""

from sympy import Integer, Interval, Rational, exp, oo

from theory.claim import Claim, FalseSibling, Source
from theory.notation import h

HERE = Source("derived here")
PADE = (2 - h) / (2 + h)

BELOW = Claim(
    name="pade_error/below",
    title="The approximant is at most the exponential",
    parameters={h: Interval(0, oo)},
    lhs=PADE,
    relation="<=",
    rhs=exp(-h),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * exp(-h)}),
)

REFLECTS = Claim(
    name="pade_error/reflects",
    title="The approximant is above -1 by at most 4/h",
    parameters={h: Interval(0, 1000)},
    lhs=h * (1 + PADE),
    relation="<=",
    rhs=Integer(4),
    source=HERE,
    false_sibling=FalseSibling("by 7/2 over h", {"rhs": Rational(7, 2)}),
)

CLAIM = Claim(
    name="pade_error",
    title="e^-h exceeds its Pade approximant (2 - h)/(2 + h) by at most h^3/12",
    parameters={h: Interval(0, oo)},
    lhs=exp(-h),
    relation="<=",
    rhs=PADE + h**3 / 12,
    source=HERE,
    reductions=(BELOW, REFLECTS),
    false_sibling=FalseSibling("a thirteenth in place of a twelfth", {"rhs": PADE + h**3 / 13}),
)
