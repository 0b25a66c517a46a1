r"""The difference of two policies' returns.

**Setting.** A tabular decision process with discount :math:`\gamma<1`; :math:`d^\pi(s)=\sum_t\gamma^tP(s_t=s)`, not
normalised; advantages :math:`A^\pi=Q^\pi-V^\pi`.

**Theorem.** For any two policies,

.. math:: J(\pi')-J(\pi)=\sum_sd^{\pi'}(s)\sum_a\pi'(a|s)A^\pi(s,a).

**Proof.** :math:`V^{\pi'}-V^\pi=r_{\pi'}+\gamma P_{\pi'}V^{\pi'}-V^\pi=\gamma P_{\pi'}(V^{\pi'}-V^\pi)+(r_{\pi'}+\gamma
P_{\pi'}V^\pi-V^\pi)`, whose last bracket is :math:`\sum_a\pi'A^\pi`; solve for the difference and average over the start.

**How it is checked.** Returns by elimination in doubles and by power series in rationals; the sum from visits and
advantages. Reduction ``softmax``: along the same lines, for every comparison that takes one action for sure, in the form
that gradient dominance uses.

**Source**: known since Kakade and Langford (2002); derived here.
"""

from sympy import Integer, Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, advantage_sum, discount, n, return_gap, states

CLAIM = Claim(
    name="performance_difference",
    title="Another policy's return exceeds a policy's by the advantages of its actions, summed over its visits",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 3), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        return_gap: measured("return_gap", rate=Integer(0)),
        advantage_sum: measured("advantage_sum", own=Integer(0)),
    },
    lhs=return_gap,
    relation="==",
    rhs=advantage_sum,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "summed over the visits of the policy that is left",
        {"measured": {advantage_sum: measured("advantage_sum", own=Integer(1))}},
    ),
)
