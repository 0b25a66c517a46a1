r"""The order of the return's curvature in the horizon.

**Setting.** A tabular decision process with rewards in [0, 1] and discount :math:`\gamma<1`, a softmax policy;
:math:`T=1/(1-\gamma)`.

**Theorem.** :math:`\|\nabla^2J\|\le\tfrac72\,T^{3/2}`, whatever the numbers of states and actions.

**Proof.** Sort states by their discounted visits, :math:`4^i<d(s)\le4^{i+1}` in group i. As visits sum to at most T, the
group has at most :math:`T/4^i` states. Let :math:`H_{ij}` be the Hessian's block between two groups and
:math:`x=2^{i+j}`.

- Entries between two states are at most :math:`\frac78T`
  (:mod:`theory.bounds.reinforcement_learning.softmax_pair_smoothness`; within a state :math:`T/(3\sqrt3)`), so that
  :math:`\|H_{ij}\|\le\frac78T\sqrt{T4^{-i}\,T4^{-j}}=\frac78T^2/x`.
- With the score martingales of :mod:`theory.bounds.reinforcement_learning.softmax_smoothness`,
  :math:`v_i^\top H_{ij}v_j=E\sum_t\gamma^t(r_t-\tfrac12)S^i_tS^j_t` for :math:`i\ne j`, whose bracket is zero, and
  :math:`\sum_t\gamma^tE(S_t^i)^2\le T\cdot\frac12\,4^{i+1}\|v_i\|^2`; so :math:`\|H_{ij}\|\le Tx` by Cauchy and Schwarz,
  and :math:`\|H_{ii}\|\le2Tx` likewise.

The norm of H is at most the largest sum over j of these bounds. Numbers :math:`\min(x,\frac78T/x)` with x in geometric
progression of ratio 2 sum to at most :math:`3\sqrt{7T/8}` (reduction ``place``), and the doubled
bound at j = i adds at most :math:`\sqrt{7T/16}`. Together :math:`(3\sqrt{7/8}+\sqrt{7/16})\,T^{3/2}\le3.468\,T^{3/2}`
(and 3.468 < 3.5).

**The order is right**: a walk between reflecting walls on about :math:`\sqrt T` states, one half of which pays, has
:math:`\|\nabla^2J\|\,T^{-3/2}=0.048,0.051,0.049` at :math:`\gamma=0.9,0.99,0.999` (executed in
``tests/test_reinforcement_claims.py``). So 3/2 is the order, neither 2 (the bound by the martingale alone) nor 3 (the
remembered one).

**Source**: derived here.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Argued, Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, curvature_form, direction_square, discount, n, place, states

BOUND = (Rational(7, 2) * direction_square) ** 2
HERE = Source("derived here")

PLACE = Claim(
    name="softmax_smoothness_order/place",
    title="The two geometric series that meet at a number's place between 1 and 2 sum to at most 3",
    parameters={place: Interval(1, 2)},
    # the series sum to 2 (1/place + place/2); both sides are multiplied by the place
    lhs=2 + place**2,
    relation="<=",
    rhs=3 * place,
    source=HERE,
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(297, 100) * place}),
)

CLAIM = Claim(
    name="softmax_smoothness_order",
    title="The return's second derivative along v is at most 7/2 |v|^2/(1 - discount)^(3/2)",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        direction_square: measured("direction_square", block=Integer(0)),
    },
    lhs=(1 - discount) ** 3 * curvature_form**2,
    relation="<=",
    rhs=BOUND,
    source=HERE,
    reductions=(
        Argued("blocks between groups of equally visited states have two bounds, which cross at the root of the horizon"),
        PLACE,
    ),
    false_sibling=FalseSibling("a twentieth of it, which a bandit refutes", {"rhs": BOUND / 400}),
)
