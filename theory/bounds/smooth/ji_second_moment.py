r"""How far a sampled inner loop strays, in Ji, Yang and Liang. [printed]

**Statement**, `ji-2022`, Proposition 2, in our words: :math:`E\|w_j-\tilde w_j\|^2\le
((1+a+2a^2)^j-1)\frac{\alpha\sigma^2}{(1+a)LS}`, :math:`a=\alpha L`, for 0 < a < 1.

**Audit.** True for j <= 3, false for small a at each j >= 4, and for every a < 1 at large j: the moment on
:math:`-\tfrac12Lw^2` grows by :math:`(1+a)^2=1+2a+a^2` a step, more than :math:`1+a+2a^2`.  At j = 4 and a = 1/20 its
exact value exceeds the bound.  Corrected: :mod:`theory.bounds.smooth.inner_second_moment`.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, Instances, Source, measured
from theory.notation import G, L, alpha, k, moment, n, pieces, xi

A = alpha * L

CLAIM = Claim(
    name="ji_second_moment",
    title="A sampled inner loop strays by at most ((1 + a + 2 a^2)^j - 1) alpha sigma^2/((1 + a) L S) in second moment",
    parameters={
        L: Interval.open(0, oo),
        G: Interval.open(0, oo),
        alpha: Interval.open(0, 1 / L),
        xi: Interval(0, G),
        k: Range(1, 7),
    },
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(2, 5)}),
    measured={moment: measured("path_moment", steps=k, alpha=alpha, deviation=xi)},
    lhs=moment,
    relation="<=",
    rhs=alpha * xi**2 / L * ((1 + A + 2 * A**2) ** k - 1) / (1 + A),
    source=Source("ji-2022", "Proposition 2"),
    printed=True,
    expected="refuted",
    corrected="inner_second_moment",
    false_sibling=None,
)
