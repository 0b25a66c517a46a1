r"""How far a sampled inner loop strays.

**Setting.** A risk with an L-Lipschitz gradient, j steps at rate :math:`\alpha`, :math:`a=\alpha L`, :math:`\rho=1+a`;
sampled gradients with independent noise of variance :math:`\sigma^2/S`.

**Theorem.** :math:`E\|w_j-\tilde w_j\|^2\le\frac{\alpha\sigma^2}{LS}\,\frac{\rho^{2j}-1}{2+a}`, w sampled and
:math:`\tilde w` exact.

**Proof.** :math:`E\|w_{j+1}-\tilde w_{j+1}\|^2=E\|(w_j-\tilde w_j)-\alpha(\nabla R(w_j)-\nabla R(\tilde w_j))\|^2+
\alpha^2\sigma^2/S\le\rho^2E\|w_j-\tilde w_j\|^2+\alpha^2\sigma^2/S`; sum the geometric series, :math:`\rho^2-1=a(2+a)`.

**Sharp**: equality on :math:`-\tfrac12Lw^2`.  Judged at p = 1, S = 1, with signs.

**Source**: derived here; it corrects Proposition 2 of `ji-2022`, :mod:`theory.bounds.smooth.ji_second_moment`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import G, L, alpha, k, moment, n, pieces, xi

RHO = 1 + alpha * L
BOUND = alpha * xi**2 / L * (RHO ** (2 * k) - 1) / (2 + alpha * L)

CLAIM = Claim(
    name="inner_second_moment",
    title="A sampled inner loop strays by at most alpha sigma^2/(L S) (rho^2j - 1)/(2 + a) in second moment",
    parameters={
        L: Interval.open(0, oo),
        G: Interval.open(0, oo),
        alpha: Interval.open(0, 1 / L),
        xi: Interval(0, G),
        k: Range(1, 6),
    },
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(2, 5)}),
    measured={moment: measured("path_moment", steps=k, alpha=alpha, deviation=xi)},
    lhs=moment,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * BOUND}),
)
