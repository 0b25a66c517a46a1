r"""The best matrix for a rate of one step is in general not symmetric, so that no mirror map makes the best step.

**Setting.** One step :math:`\theta-\Pi\nabla R` from a fixed parameter, d from a task's optimum to it, any matrix
:math:`\Pi` common to all tasks.

**Theorem.** The mean risk after the step is least iff :math:`E[Q\Pi Qdd^\top Q]=E[Qdd^\top Q]`.  It is at most the least one of
a symmetric matrix, which a quadratic mirror map has, and this at most the least one of a rate (reduction ``rate``).

**Proof.** The risk is a convex parabola in the entries of :math:`\Pi`; its derivative is the difference of the two sides.
Symmetric matrices are some of all, multiples of the identity some of the symmetric ones.

**How it is checked.** In two dimensions, as in one there are only rates.  Numerics solves the equations, theory those of a
basis of the matrices that are admitted.

**Sharp**: approached by curvatures that are multiples of the identity, as the optima come together.  A symmetric matrix
does not always do as well: in general the best one leaves less.

**Source**: derived here; meta-learned maps are `gao-2022`'s.
"""

from sympy import Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import map_step, matrix_step, n, p, rate_step

STEPS = Instances("preconditioned", {p: Range(2, 3), n: Range(3, 5)})
SYMMETRIC = measured("step_risk", kind="symmetric")

RATE = Claim(
    name="best_matrix_rate/rate",
    title="The best mirror map leaves at most the risk of the best rate",
    tasks=STEPS,
    measured={map_step: SYMMETRIC, rate_step: measured("step_risk", kind="rate")},
    lhs=map_step,
    relation="<=",
    rhs=rate_step,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * rate_step}),
)

CLAIM = Claim(
    name="best_matrix_rate",
    title="The best matrix for a rate leaves at most the risk of the best mirror map",
    tasks=STEPS,
    measured={matrix_step: measured("step_risk", kind="matrix"), map_step: SYMMETRIC},
    lhs=matrix_step,
    relation="<=",
    rhs=map_step,
    source=Source("gao-2022", "its learned map; derived here"),
    reductions=(RATE,),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * map_step}),
)
