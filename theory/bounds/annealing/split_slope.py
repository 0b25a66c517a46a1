r"""Where coinciding prototypes lose stability: the covariance times the curvature of the divergence.

**Setting.** Two prototypes of a cloud of points, half the mass each, near the mean m; a step of expectation--maximisation
with a Bregman divergence of phi at temperature T.

**Theorem.** To first order the step multiplies their distance by :math:`\tfrac1T\operatorname{Cov}X\,\nabla^2\phi(m)`.  So they
lose stability at :math:`T_c=\lambda_{\max}(\nabla^2\phi(m)\operatorname{Cov}X)`; for the squared distance that is
:math:`2\lambda_{\max}(\operatorname{Cov}X)`.

**Proof.** The share of the first in a point x is one half plus :math:`\tfrac1{2T}\langle\nabla^2\phi(m)\delta,x-m\rangle` to
first order in half the distance delta; its weighted mean of the points moves by
:math:`\tfrac1TE[(x-m)(x-m)^\top]\nabla^2\phi(m)\delta`.

**How it is checked.** Numerics differentiates the executed step by the complex step, for the squared distance and (reduction
``relative_entropy``) for the relative entropy.  An equality: sharp everywhere.

**Source**: the temperature is recalled from `mavridis-2022`, not checked against the print; the derivation is ours.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import curved, heat, n, p, slopes

CLAIM = Claim(
    name="split_slope",
    title="Coinciding prototypes come apart at the rate Cov X times the divergence's curvature, over the temperature",
    parameters={heat: Interval(Rational(1, 8), 4)},
    tasks=Instances("cloud", {p: Range(1, 4), n: Range(2, 5)}),
    measured={
        slopes: measured("split_slopes", temperature=heat, divergence="squared"),
        curved: measured("covariance_curvature", divergence="squared"),
    },
    lhs=heat * slopes,
    relation="==",
    rhs=curved,
    source=Source("mavridis-2022", "critical temperature", recalled=True),
    reductions=(
        Claim(
            name="split_slope/relative_entropy",
            title="The same for the relative entropy, whose curvature is one over the mean",
            parameters={heat: Interval(Rational(1, 8), 4)},
            tasks=Instances("cloud", {p: Range(1, 4), n: Range(2, 5)}),
            measured={
                slopes: measured("split_slopes", temperature=heat, divergence="relative entropy"),
                curved: measured("covariance_curvature", divergence="relative entropy"),
            },
            lhs=heat * slopes,
            relation="==",
            rhs=curved,
            source=Source("derived here"),
            false_sibling=FalseSibling("half of it", {"rhs": curved / 2}),
        ),
    ),
    false_sibling=FalseSibling("the covariance without the two of the squared distance", {"rhs": curved / 2}),
)
