r"""Stationarity in the policy bounds the distance from the optimum for two arms; stationarity in the logits does not.

**Setting.** As in :mod:`theory.bounds.global_optimality.two_armed_meta_objective`, two arms, policies pi and, to compare, pi*.

**Theorem.** :math:`L(\pi^*)-L(\pi)\le\chi(\pi^*,\pi)\operatorname{sd}_\pi(\nabla L)` with
:math:`\chi^2=\sum_a\pi_a(\pi^*_a/\pi_a-1)^2`.

**Proof.** By concavity the left side is at most :math:`\langle\nabla L(\pi),\pi^*-\pi\rangle` (reduction ``tangent``); then
Cauchy and Schwarz in the weight pi (reduction ``spread``): the mean of :math:`\nabla L` under pi is zero, since L does not
depend on the size of pi.

This is the "geometry" of `wang-2020`, whose constants were not read.  With logits there is no such bound, see
:mod:`theory.bounds.global_optimality.logit_slope`.

**Sharp**: attained where adaptation does nothing (eta = 0), and approached for small steps between policies.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational, sqrt

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import arms, boost, chi_square, n, slope_variance, suboptimality, tangent

HERE = Source("derived here")
BOOSTS = {boost: Interval(1, 4)}
TWO_ARMS, ANY_ARMS, THREE_ARMS = (
    Instances("bandits", {arms: Range(low, high), n: Range(1, tasks)}) for low, high, tasks in ((2, 3, 4), (2, 5, 4), (3, 4, 2))
)
DIFFERENCE, SLOPE = measured("meta_difference", boost=boost), measured("meta_tangent", boost=boost)
SPREADS = {chi_square: measured("policy_divergence"), slope_variance: measured("slope_variance", boost=boost)}
BOUND = sqrt(chi_square * slope_variance)

TANGENT = Claim(
    name="policy_slope/tangent",
    title="Of two arms, no policy exceeds another by more than the meta-objective's slope there promises",
    parameters=BOOSTS,
    tasks=TWO_ARMS,
    measured={suboptimality: DIFFERENCE, tangent: SLOPE},
    lhs=suboptimality,
    relation="<=",
    rhs=tangent,
    source=HERE,
    false_sibling=FalseSibling("of three arms, one task", {"tasks": THREE_ARMS}),
)

SPREAD = Claim(
    name="policy_slope/spread",
    title="What the slope promises is at most chi times its standard deviation",
    parameters=BOOSTS,
    tasks=ANY_ARMS,
    measured={tangent: SLOPE, **SPREADS},
    lhs=tangent,
    relation="<=",
    rhs=BOUND,
    source=HERE,
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * BOUND}),
)

CLAIM = Claim(
    name="policy_slope",
    title="Of two arms, no policy exceeds another by more than chi times the standard deviation of the slope there",
    parameters=BOOSTS,
    tasks=TWO_ARMS,
    measured={suboptimality: DIFFERENCE, **SPREADS},
    lhs=suboptimality,
    relation="<=",
    rhs=BOUND,
    source=Source("wang-2020", "its question for one state; derived here"),
    reductions=(TANGENT, SPREAD),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * BOUND}),
)
