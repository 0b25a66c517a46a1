r"""Averaged stochastic gradient descent on a least-squares problem.

**Setting.** Sampled curvatures H and gradient noise :math:`\psi` with :math:`E[H^2]\preceq\varrho^2E[H]` and
:math:`E[\psi\psi^\top]\preceq s^2E[H]`; constant step :math:`1/(4\varrho^2)`; :math:`\bar\theta` the mean of
:math:`\theta_0,\dots,\theta_{T-1}`.

**Theorem** (the form of Bach and Moulines, 2013). The expected excess of :math:`\bar\theta` is at most
:math:`\frac2T(s\sqrt p+\varrho\|\theta_0-\theta^*\|)^2`.

**Proof.** Theirs, from memory, is not repeated here.  Judged at p = 1 for a curvature that is :math:`\varrho^2` or 0: by
second moments in doubles, by all outcomes exactly.  Not sharp there.

**Source**: derived here.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import T, averaged, incidence, root_u, xi, y

CLAIM = Claim(
    name="averaged_descent",
    title="The mean iterate's expected excess is at most (2/T)(s sqrt(p) + rho |theta_0 - theta*|)^2",
    parameters={
        root_u: Interval.open(0, oo),
        incidence: Interval(0, 1),
        xi: Interval(0, oo),
        y: Interval(0, oo),
        T: Range(1, 6),
    },
    measured={averaged: measured("averaged_excess", root=root_u, chance=incidence, deviation=xi, start=y, steps=T)},
    lhs=averaged,
    relation="<=",
    rhs=2 * (xi + root_u * y) ** 2 / T,
    source=Source("derived here"),
    false_sibling=FalseSibling("an eighth of it", {"rhs": (xi + root_u * y) ** 2 / (4 * T)}),
)
