r"""With one task, MAML's stationary points are as good as those of the return.

**Setting** of :mod:`theory.bounds.reinforcement_learning.maml_centred_identity` with a single task and
:math:`\alpha=\eta/L`, :math:`L=1/(2(1-\gamma)^2)` and :math:`\eta<1`.

**Theorem.** With the mismatch c of :mod:`theory.bounds.reinforcement_learning.softmax_gradient_dominance` at the adapted
policy,

.. math:: |J^*-F(\theta)|\,(1-\eta)\le\sqrt{\tfrac{A-1}{A}}\,\|c\|\,\|\nabla F(\theta)\|.

**Proof.** :math:`\nabla F=(I+\alpha\nabla^2J)\nabla J(U\theta)`, and :math:`\|\nabla^2J\|\le L`
(:mod:`theory.bounds.reinforcement_learning.softmax_smoothness`), so that :math:`\|\nabla F\|\ge(1-\eta)\|\nabla
J(U\theta)\|`.

**Several tasks**: stationary points need not be good,
:mod:`theory.bounds.reinforcement_learning.maml_stationary_is_optimal`.

**Source**: derived here.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, discount, gradient_square, mismatch, n, return_gap, states
from theory.notation import rate_share as share

RATE = 2 * share * (1 - discount) ** 2
BOUND = (actions - 1) * mismatch * gradient_square / actions

CLAIM = Claim(
    name="maml_gradient_dominance",
    title="One task: the gap after adaptation is at most sqrt((A-1)/A) ||c|| ||grad F||/(1 - alpha L)",
    parameters={discount: Interval(0, Rational(9, 10)), share: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 3), actions: Range(2, 4)}),
    measured={
        return_gap: measured("comparator_gap", rate=RATE),
        mismatch: measured("mismatch", rate=RATE),
        gradient_square: measured("gradient_square", rate=RATE),
    },
    lhs=(1 - share) ** 2 * return_gap**2,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "1 % smaller, which a bandit refutes without adaptation", {"rhs": Rational(99, 100) ** 2 * BOUND}
    ),
)
