r"""What a mean of sampled Hessians adds to a product.

**Setting.** D independent unbiased samples of a Hessian, :math:`V_h=\sup_{\|u\|=1}E\|(h-\nabla^2R)u\|^2`; a vector g
independent of them.  Here the noise is diagonal with signs, p = 2 and g = (1, y).

**Theorem.** :math:`E\|(\hat h-\nabla^2R)g\|^2=\frac{V_h}D\|g\|^2`: this is the reading of :math:`V_h/D` that the bounds
on MAML need.

**Proof.** Independent, mean zero: variances of the D terms add; each is :math:`V_h\|g\|^2` for this noise.

**False** for the operator norm of the mean, another reading: diag(+-1, +-1) and D = 2 give 3/4 > 1/2.

**Source**: derived here.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import D, chi, moment, y

CLAIM = Claim(
    name="hessian_noise",
    title="A mean of D sampled Hessians disturbs a product by V_h/D times the vector's square, in second moment",
    parameters={chi: Interval(0, oo), y: Interval(-oo, oo), D: Range(1, 7)},
    measured={moment: measured("diagonal_moment", samples=D, deviation=chi, slope=y, operator=False)},
    lhs=moment,
    relation="==",
    rhs=chi**2 * (1 + y**2) / D,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "for the operator norm of the mean",
        {
            "measured": {moment: measured("diagonal_moment", samples=D, deviation=chi, slope=y, operator=True)},
            "rhs": chi**2 / D,
        },
    ),
)
