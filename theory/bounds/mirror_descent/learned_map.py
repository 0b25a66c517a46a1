r"""The learned quadratic map: the geometric mean, and what it gains.

**Setting.** For tasks whose comparators lie at distances d with :math:`A=E\,dd^\top` and whose gradients add up to
:math:`G=E\sum gg^\top`, a quadratic map P (the rate absorbed in it) has the mean regret bound
:math:`\tfrac12\operatorname{tr}(PA)+\tfrac12\operatorname{tr}(P^{-1}G)`.

**Theorem.** It is least at the geometric mean :math:`A^{-1}\#G`, where it is
:math:`\operatorname{tr}(A^{1/2}GA^{1/2})^{1/2}`.  The best multiple of the identity has :math:`\sqrt{\operatorname{tr}A
\operatorname{tr}G}`, equal iff A is a multiple of G (reduction ``euclid``).

**Proof.** The bound is convex in P; its gradient vanishes iff PAP = G, whose only positive definite solution is the geometric
mean, and there both traces are that of :math:`(A^{1/2}GA^{1/2})^{1/2}`.

**Sharp**: attained by the learned map.  That the diagonal map with entries :math:`\sqrt{G_{ii}/A_{ii}}` is best is the false
sibling: for A with 1 on the diagonal and 0.9 beside it and G = diag(1, 4) it is a tenth worse.

**Source**: derived here.
"""

from sympy import Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import learned_bound, map_bound, p

SPREADS = Instances("spreads", {p: Range(1, 4)})

EUCLID = Claim(
    name="learned_map/euclid",
    title="The learned map's bound is at most sqrt(tr A tr G), that of the best multiple of the identity",
    tasks=SPREADS,
    measured={learned_bound: measured("learned_map_bound"), map_bound: measured("euclidean_map_bound")},
    lhs=learned_bound,
    relation="<=",
    rhs=map_bound,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * map_bound}),
)

CLAIM = Claim(
    name="learned_map",
    title="No quadratic map has a lower mean regret bound than tr (A^1/2 G A^1/2)^1/2, that of the geometric mean",
    tasks=SPREADS,
    measured={
        learned_bound: measured("learned_map_bound"),
        map_bound: measured("map_bound"),
    },
    lhs=learned_bound,
    relation="<=",
    rhs=map_bound,
    source=Source("gao-2022", "its learned map; derived here"),
    reductions=(EUCLID,),
    false_sibling=FalseSibling("the diagonal map is best", {"measured": {learned_bound: measured("diagonal_map_bound")}}),
)
