r"""The curvature of the return between the logits of two states.

**Setting.** A tabular decision process with rewards in [0, 1] and discount :math:`\gamma<1`, a softmax policy, two states
:math:`s\ne s'`; v moves the logits of s, v' those of s'.

**Theorem.** :math:`|v^\top\nabla^2J\,v'|\le\tfrac78\,\|v\|\,\|v'\|/(1-\gamma)`.

**Proof.** Let :math:`T=1/(1-\gamma)` and :math:`\|v\|=\|v'\|=1`. By regeneration at s,
:math:`J=\alpha+\beta\sum_a\tilde\pi_aw_a`: :math:`\beta\le1` is the discounted chance to reach s, :math:`w_a\in[0,T]` the value
of always taking a there, and :math:`\tilde\pi_a\propto\pi(a|s)\tau_a`, where :math:`\tau_a/(1-\gamma)` is the discounted time
until the next visit; only :math:`\pi(\cdot|s)` depends on the logits of s, and only :math:`\alpha,\beta,w,\tau` on those of s'.
So :math:`\partial_vJ=\beta\operatorname{Cov}_{\tilde\pi}(v,w)`, and its derivative along v' has three parts.

1. :math:`\partial\beta\operatorname{Cov}(v,w)`. As a function of the policy at s', :math:`\beta` is affine, with slope at
   most 1, in the mean of a function with values in [0, 1] under a tilted policy, by regeneration at s'; so
   :math:`|\partial\beta|\le\operatorname{sd}(v')/2`. A vector of norm 1 has a range of at most :math:`\sqrt2`, hence a
   standard deviation of at most :math:`1/\sqrt2`. The part is at most :math:`\frac1{2\sqrt2}\cdot\frac T{2\sqrt2}=T/8`.
2. :math:`\beta\operatorname{Cov}(v,\partial w)`. Likewise :math:`|\partial w_a|\le T/(2\sqrt2)`; the part is at most T/4.
3. :math:`\beta E_{\tilde\pi}(v-\bar v)(w-\bar w)(\ell-\bar\ell)` with :math:`\ell_a=\partial\log\tau_a`. Split the time until
   the next visit of s at the first visit of s': :math:`\tau_a=c_a+e_aG` with :math:`c_a,e_a\ge0` and the same G for all
   actions, the ratio of two means of positive functions under the policy at s'. So :math:`\ell_a=\lambda_a\,\partial\log G`
   with :math:`\lambda_a\in[0,1]`, and :math:`|\partial\log G|\le\sqrt2`, the range of v'. The part is at most
   :math:`T\cdot\frac1{\sqrt2}\cdot\frac1{\sqrt2}=T/2`.

**What follows**: the order of the whole Hessian, :mod:`theory.bounds.reinforcement_learning.softmax_smoothness_order`.

**Not sharp**: a search finds 0.13 in place of 7/8 at :math:`\gamma=0.9`.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Argued, Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, direction_square, discount, mixed_form, n, other_square, states

BOUND = Rational(7, 8) ** 2 * direction_square * other_square

CLAIM = Claim(
    name="softmax_pair_smoothness",
    title="The return's mixed derivative along two states' logits is at most 7/8 |v| |v'|/(1 - discount)",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(2, 4), actions: Range(2, 4)}),
    measured={
        mixed_form: measured("mixed_form"),
        direction_square: measured("direction_square", block=Integer(1)),
        other_square: measured("direction_square", block=Integer(2)),
    },
    lhs=(1 - discount) ** 2 * mixed_form**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    reductions=(Argued("regeneration at the two states makes three parts of T/8, T/4 and T/2"),),
    false_sibling=FalseSibling("a twentieth of it", {"rhs": BOUND / 400}),
)
