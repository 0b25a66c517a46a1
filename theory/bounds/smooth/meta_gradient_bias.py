r"""The bias of the sampled meta-gradient.

**Setting.** One step with a sampled gradient, symmetric noise of variance :math:`V_d/N`; Hessian and outer gradient
unbiased and independent of it.  :math:`\phi(x)=\tfrac12L_Hx^2` up to :math:`x=L/L_H`, then :math:`Lx-L^2/(2L_H)`.

**Theorem.** The meta-gradient's bias is at most :math:`\rho\,\phi(\alpha\sqrt{V_d/N})`, below the smaller of
:math:`\rho\alpha L\sqrt{V_d/N}` and :math:`\tfrac12\rho\alpha^2L_HV_d/N` beyond :math:`L/L_H` (by 4/3 at twice that).

**Proof.** For a symmetric noise :math:`\xi`, :math:`E\nabla R(\theta'+\alpha\xi)-\nabla R(\theta')` is the mean of
:math:`\tfrac12(\nabla R(\theta'+\alpha\xi)+\nabla R(\theta'-\alpha\xi))-\nabla R(\theta')`, at most
:math:`\tfrac12\int_0^{|\alpha\xi|}\min(2L,2L_Hs)\,ds=\phi(\alpha\|\xi\|)`, since the Hessians at opposite points differ by
2 L and by :math:`2L_Hs` at most.  As a function of :math:`x^2` :math:`\phi` is concave: Jensen.  The Hessian's factor is at
most :math:`\rho`.

**Sharp**: two-point noise and :math:`R''=\min(L,L_H|x|)\,\mathrm{sign}\,x`.  Judged at p = 1, N = 1, with signs.

**Source**: derived here.
"""

from sympy import Interval, Min, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import L_H, L, alpha, meta_bias, n, pieces, xi

MOVE = alpha * xi
NEAR = Min(MOVE, L / L_H)
HUBER = L_H * NEAR**2 / 2 + L * (MOVE - NEAR)
BOUND = (1 + alpha * L) * HUBER

CLAIM = Claim(
    name="meta_gradient_bias",
    title="The sampled meta-gradient's bias is at most rho phi(alpha sqrt(V_d/N))",
    parameters={
        L: Interval.open(0, oo),
        L_H: Interval.open(0, oo),
        alpha: Interval(0, 1 / L),
        xi: Interval(0, 4 * L**2 / L_H),
    },
    tasks=Instances("bends", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={meta_bias: measured("meta_gradient_bias", alpha=alpha, deviation=xi)},
    lhs=meta_bias,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling("2 % less", {"rhs": Rational(98, 100) * BOUND}),
)
