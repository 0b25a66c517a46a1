r"""Two symmetric points: one prototype is globally optimal down to the temperature where it loses stability.

**Setting.** X is 1 or -1 with equal probability, squared distance, two prototypes at any places with any masses.

**Theorem.** At T at least 2 their free energy is at least that of one prototype at 0,

.. math:: g(1)\,g(-1)\le e^{-2/T},\qquad g(x)=\pi e^{-(x-\mu_1)^2/T}+(1-\pi)e^{-(x-\mu_2)^2/T}.

Below 2 the two at :math:`\pm\mu`, :math:`\mu=\tanh(2\mu/T)`, have less.

**Proof.** X is strictly sub-Gaussian, :math:`E e^{sX}=\cosh s\le e^{s^2/2}`, so that the criterion of
:mod:`theory.bounds.annealing.first_split` holds from T = 2 on.  The free energy is :math:`-\tfrac T2\ln(g(1)g(-1))`.

**Sharp**: attained by two prototypes at 0; the claim keeps the second one and both masses away from that.  Temperatures from
1 on are the false sibling.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp

from theory.claim import Claim, FalseSibling, Source
from theory.notation import heat, mass, place_one, place_two


def _mixture(point: int) -> exp:
    """The mixture's value at a point."""
    return mass * exp(-((point - place_one) ** 2) / heat) + (1 - mass) * exp(-((point - place_two) ** 2) / heat)


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
    false_sibling=FalseSibling("from 1 on", {"parameters": {heat: Interval(1, 16)}}),
)
