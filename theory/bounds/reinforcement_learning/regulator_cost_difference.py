r"""The difference of two gains' costs.

**Setting.** A linear quadratic regulator :math:`x'=Ax+Bu` with costs :math:`x^\top Qx+u^\top Ru`, policy :math:`u=-Kx`,
start of second moment I. :math:`P_K` solves :math:`P=L^\top PL+Q+K^\top RK` with :math:`L=A-BK`, :math:`\Sigma_K` solves
:math:`\Sigma=L\Sigma L^\top+I`, and :math:`E_K=RK-B^\top P_KL`.

**Theorem.** For two stabilising gains, with :math:`\Delta=K'-K`,

.. math:: C(K')-C(K)=\operatorname{tr}\Sigma_{K'}\bigl(2\Delta^\top E_K+\Delta^\top(R+B^\top P_KB)\Delta\bigr).

**Proof.** With :math:`L'=L-B\Delta`, :math:`P_{K'}-P_K=L'^\top(P_{K'}-P_K)L'+\{L'^\top P_KL'+Q+K'^\top RK'-P_K\}`, and the
brace is the quadratic in :math:`\Delta`. Summed over time under K' its trace against the state's moments is the difference.

**Source**: derived here (the form of Fazel and others, 2018, section on cost differences).
"""

from sympy import Integer, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import cost_change, cost_gap, inputs, p

CLAIM = Claim(
    name="regulator_cost_difference",
    title="The cost of another gain is a quadratic in the way to it, weighted by the other gain's moments",
    tasks=Instances("regulators", {p: Range(1, 3), inputs: Range(1, 3)}),
    measured={cost_gap: measured("cost_gap"), cost_change: measured("cost_change", own=Integer(0))},
    lhs=-cost_gap,
    relation="==",
    rhs=cost_change,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "weighted by the moments of the gain that is left", {"measured": {cost_change: measured("cost_change", own=Integer(1))}}
    ),
)
