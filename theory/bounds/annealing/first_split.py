r"""The first split comes at twice the sub-Gaussian variance proxy, above the temperature at which it is waited for.

**Setting.** Prototypes with free masses and the squared distance; X takes the values 1, with probability :math:`p=1/(1+e^y)`,
and 0.

**Theorem.** One prototype at the mean m is globally optimal iff :math:`E e^{s\cdot(X-m)}\le e^{|s|^2T/4}` for all s
(:mod:`theory.bounds.annealing.one_prototype`): the first split is at :math:`T^*`, twice the optimal sub-Gaussian variance proxy
of X.  Here
:math:`T^*=\frac{1-2p}{\ln((1-p)/p)}=\frac{\tanh(y/2)}y`.  It is above the local temperature :math:`T_c=2p(1-p)` of
:mod:`theory.bounds.annealing.split_slope` unless the law is symmetric: then the split is discontinuous, and annealing that
waits for T_c is late.  At p = 0.1, 0.364 against 0.18.

**Proof.** That this proxy is the Bernoulli law's is Kearns and Saul's inequality, which is what is claimed here.

The claim keeps s above 1/4: at zero both sides are one, below zero they are further apart.

**Sharp**: attained at s = 2y.  T_c in place of T* is the false sibling.

**Source**: derived here.
"""

from sympy import Interval, Rational, exp

from theory.claim import Claim, FalseSibling, Source
from theory.notation import bend, odds

ONE = 1 / (1 + exp(odds))
SPLIT = (exp(odds) - 1) / ((exp(odds) + 1) * odds)

CLAIM = Claim(
    name="first_split",
    title="E exp(s (X - p)) <= exp(s^2 T/4) for X one or zero, at T = (1 - 2p)/ln((1 - p)/p)",
    parameters={odds: Interval(Rational(1, 16), 6), bend: Interval(Rational(1, 4), 16)},
    lhs=ONE * exp(bend * (1 - ONE)) + (1 - ONE) * exp(-bend * ONE),
    relation="<=",
    rhs=exp(bend**2 * SPLIT / 4),
    source=Source("mavridis-2022", "its free energy; derived here"),
    false_sibling=FalseSibling(
        "at the temperature where one prototype loses stability", {"rhs": exp(bend**2 * ONE * (1 - ONE) / 2)}
    ),
)
