r"""From memorising to generalising: attention pretrained on K tasks in general position solves all others iff K reaches p.

**Setting.** Pretraining on K tasks in general position in dimension p, features of covariance I, no noise, exact gradients
(N infinite); deployment on fresh tasks theta ~ N(0, I).

**Theorem.** The best matrix of least norm is the projector on the span of the tasks.  It has no risk on them (reduction
``seen``), and on fresh ones the risk :math:`\tfrac12(p-K)_+`: the threshold is K = p.

**Proof.** With :math:`\Psi=\tfrac1K\sum\theta\theta^\top`, :math:`\Gamma=\Psi(\Psi^2)^+\Psi\,\Psi^+` is the projector on its
range, of dimension min(K, p).

**Sharp**: an equality.  For p = 1 a single task generalises: without noise the best matrix does not depend on it.

**Source**: derived here; the transition is what `kirsch-2022` observes in general-purpose learners.
"""

from sympy import Integer, Max, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import attention_risk, n, p

HERE = Source("derived here")
SIZES = {p: Range(1, 5), n: Range(1, 6)}

SEEN = Claim(
    name="memorise_generalise/seen",
    title="Attention pretrained on K tasks has no risk on them",
    tasks=Instances("pretraining", SIZES),
    measured={attention_risk: measured("pretrained_risk", seen=Integer(1))},
    lhs=attention_risk,
    relation="==",
    rhs=Integer(0),
    source=HERE,
    false_sibling=FalseSibling(
        "nor on fresh ones", {"measured": {attention_risk: measured("pretrained_risk", seen=Integer(0))}}
    ),
)

CLAIM = Claim(
    name="memorise_generalise",
    title="On fresh tasks, attention pretrained on K tasks in general position has the risk (p - K)_+ / 2",
    tasks=Instances("pretraining", SIZES),
    measured={attention_risk: measured("pretrained_risk", seen=Integer(0))},
    lhs=attention_risk,
    relation="==",
    rhs=Max(p - n, 0) / 2,
    source=Source("kirsch-2022", "its transition, in a linear model; derived here"),
    reductions=(SEEN,),
    false_sibling=FalseSibling("the threshold is one task lower", {"rhs": Max(p - 1 - n, 0) / 2}),
)
