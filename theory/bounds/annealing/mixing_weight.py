r"""The temperature of a convex combination of distortion and entropy.

**Setting.** The code of `mavridis-2022` minimises :math:`(1-\lambda)D-\lambda H`, D the distortion and H the entropy.

**Theorem.** This is :math:`(1-\lambda)(D-TH)` with the temperature :math:`T=\lambda/(1-\lambda)`, which is what the code
runs; its comment has the inverse, which is the false sibling.

**Proof.** Multiply out.  An equality: sharp everywhere.

**Source**: derived here, against the code and its comment.
"""

from sympy import Interval, Rational

from theory.claim import Claim, FalseSibling, Source
from theory.notation import distortion, entropy, fade

CLAIM = Claim(
    name="mixing_weight",
    title="(1 - l) D - l H has the temperature l/(1 - l)",
    parameters={
        fade: Interval.open(0, 1),
        distortion: Interval(Rational(1, 16), 4),
        entropy: Interval(Rational(1, 16), 4),
    },
    lhs=(1 - fade) * distortion - fade * entropy,
    relation="==",
    rhs=(1 - fade) * (distortion - fade / (1 - fade) * entropy),
    source=Source("mavridis-2022", "its code; derived here"),
    false_sibling=FalseSibling("the inverse", {"rhs": (1 - fade) * (distortion - (1 - fade) / fade * entropy)}),
)
