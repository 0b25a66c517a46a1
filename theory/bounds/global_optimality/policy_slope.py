r"""Stationarity in the policy bounds the distance from the optimum for two arms; stationarity in the logits does not.

**Setting.** As in :mod:`theory.bounds.global_optimality.two_armed_meta_objective`, two arms, policies pi and, to compare, pi*.

**Theorem.** :math:`L(\pi^*)-L(\pi)\le\langle\nabla L(\pi),\pi^*-\pi\rangle`, which is at most
:math:`\chi(\pi^*,\pi)\operatorname{sd}_\pi(\nabla L)` with :math:`\chi^2=\sum_a\pi_a(\pi^*_a/\pi_a-1)^2`.

**Proof.** Concavity; then Cauchy and Schwarz in the weight pi.

With logits the gradient is :math:`\pi_a\partial L/\partial\pi_a`, which vanishes at every vertex: of two opposite tasks the
gap stays while the gradient falls exponentially, and no constant helps.  This is the "geometry" of `wang-2020`, whose
constants were not read.

**Sharp**: attained by equal policies, and approached for small steps between them.

**Source**: derived here.
"""

from sympy import Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import arms, boost, n, suboptimality, tangent

CLAIM = Claim(
    name="policy_slope",
    title="Of two arms, no policy exceeds another by more than the meta-objective's slope there promises",
    parameters={boost: Interval(1, 4)},
    tasks=Instances("bandits", {arms: Range(2, 3), n: Range(1, 4)}),
    measured={
        suboptimality: measured("meta_difference", boost=boost),
        tangent: measured("meta_tangent", boost=boost),
    },
    lhs=suboptimality,
    relation="<=",
    rhs=tangent,
    source=Source("wang-2020", "its question for one state; derived here"),
    false_sibling=FalseSibling(
        "of three arms, one task",
        {"tasks": Instances("bandits", {arms: Range(3, 4), n: Range(1, 2)})},
    ),
)
