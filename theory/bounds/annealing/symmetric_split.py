r"""Two symmetric points: one prototype is globally optimal down to the temperature where it loses stability.

**Setting.** X is 1 or -1 with equal probability, squared distance, two prototypes at any places with any masses.

**Theorem.** At T at least 2 their free energy is at least that of one prototype at 0,

.. math:: g(1)\,g(-1)\le e^{-2/T},\qquad g(x)=\pi e^{-(x-\mu_1)^2/T}+(1-\pi)e^{-(x-\mu_2)^2/T}.

Below 2 the two at :math:`\pm\mu`, :math:`\mu=\tanh(2\mu/T)`, have less: a step takes :math:`\pm\mu` to
:math:`\pm\tanh(2\mu/T)` (reduction ``step``), and the places where that rests have :math:`\mu^2\le3(1-T/2)` (reduction
``root_law``), with equality in the limit :math:`T\to2`.

**Proof.** X is strictly sub-Gaussian, :math:`E e^{sX}=\cosh s\le e^{s^2/2}`, so that the criterion of
:mod:`theory.bounds.annealing.first_split` holds from T = 2 on.  The free energy is :math:`-\tfrac T2\ln(g(1)g(-1))`.

The place that rests at T has :math:`T/2=\tanh(h)/h`, :math:`\mu=\tanh h`; the series of both sides of ``root_law`` in h agree
to the second order, :math:`h^2-\tfrac23h^4` and :math:`h^2-\tfrac25h^4`.

**Sharp**: attained by two prototypes at 0; the claim keeps the second one and both masses away from that.  Temperatures from
3/2 on are the false sibling.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp, tanh

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import h, heat, mass, moved, place_one, place_two

HERE = Source("derived here")


def _mixture(point: int) -> exp:
    """The mixture's value at a point."""
    return mass * exp(-((point - place_one) ** 2) / heat) + (1 - mass) * exp(-((point - place_two) ** 2) / heat)


STEP = Claim(
    name="symmetric_split/step",
    title="A step takes prototypes at mu and -mu with half the mass each to tanh(2 mu/T) and its opposite",
    parameters={heat: Interval(Rational(1, 8), 4), place_two: Interval(0, 2)},
    measured={moved: measured("two_point_step", temperature=heat, place=place_two)},
    lhs=moved,
    relation="==",
    rhs=tanh(2 * place_two / heat),
    source=HERE,
    false_sibling=FalseSibling("without the two of the squared distance", {"rhs": tanh(place_two / heat)}),
)

ROOT_LAW = Claim(
    name="symmetric_split/root_law",
    title="h tanh(h)^2 <= 3 (h - tanh h)",
    parameters={h: Interval(0, 8)},
    lhs=h * tanh(h) ** 2,
    relation="<=",
    rhs=3 * (h - tanh(h)),
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(297, 100) * (h - tanh(h))}),
)

CLAIM = Claim(
    name="symmetric_split",
    title="At temperatures from 2 on no two prototypes of the points 1 and -1 have less free energy than one at 0",
    parameters={
        heat: Interval(2, 16),
        mass: Interval(Rational(1, 8), Rational(7, 8)),
        place_one: Interval(-2, 2),
        place_two: Interval(Rational(1, 4), 2),
    },
    lhs=_mixture(1) * _mixture(-1),
    relation="<=",
    rhs=exp(-2 / heat),
    source=Source("mavridis-2022", "its free energy; derived here"),
    reductions=(STEP, ROOT_LAW),
    false_sibling=FalseSibling("from 3/2 on", {"parameters": {heat: Interval(Rational(3, 2), 16)}}),
)
