r"""A softmax step never lowers the return.

**Setting.** As in :mod:`theory.bounds.global_optimality.two_armed_meta_objective`, one task.

**Theorem.** :math:`\langle\pi',r\rangle\ge\langle\pi,r\rangle` for :math:`\pi'\propto\pi e^{\eta r}`, which maximises
:math:`\langle q,r\rangle-\tfrac1\eta KL(q,\pi)` over policies q (reduction ``maximises``, times eta).

**Proof.** :math:`\langle q,r\rangle-\tfrac1\eta KL(q,\pi)=\tfrac1\eta\ln Z-\tfrac1\eta KL(q,\pi')`, largest at
:math:`q=\pi'`; compare with :math:`q=\pi`, where it is :math:`\langle\pi,r\rangle`, and leave out :math:`-KL(\pi',\pi)\le0`.

**Sharp**: attained by equal rewards or eta = 0.

**Source**: derived here; the step is `wang-2020`'s inner one for one state.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import arms, boost, improved, n, other_objective, step_objective, unimproved

ONE_TASK = Instances("bandits", {arms: Range(2, 5), n: Range(1, 2)})

MAXIMISES = Claim(
    name="softmax_step_improves/maximises",
    title="No policy has a larger mean reward less its divergence from the old policy over eta than the softmax step",
    parameters={boost: Interval(1, 4)},
    tasks=ONE_TASK,
    measured={
        other_objective: measured("penalised_reward", boost=boost, policy="other", penalty=1),
        step_objective: measured("penalised_reward", boost=boost, policy="adapted", penalty=1),
    },
    lhs=other_objective,
    relation="<=",
    rhs=step_objective,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "nor a larger mean reward",
        {"measured": {other_objective: measured("penalised_reward", boost=boost, policy="other", penalty=0)}},
    ),
)

CLAIM = Claim(
    name="softmax_step_improves",
    title="A softmax step never lowers the mean reward",
    parameters={boost: Interval(1, 4)},
    tasks=ONE_TASK,
    measured={unimproved: measured("plain_reward"), improved: measured("adapted_reward", boost=boost)},
    lhs=unimproved,
    relation="<=",
    rhs=improved,
    source=Source("wang-2020", "its inner step for one state; derived here"),
    reductions=(MAXIMISES,),
    false_sibling=FalseSibling("it gains 1 %", {"rhs": Rational(99, 100) * improved}),
)
