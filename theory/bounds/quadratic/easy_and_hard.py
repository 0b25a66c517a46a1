r"""Easy and hard clusters: what joint training loses by minding tasks that adaptation solves anyway.

**Setting.** Easy tasks have curvature :math:`q_EI` with total probability :math:`\pi_E`, hard ones :math:`q_HI` with
:math:`\pi_H`; :math:`\alpha q_E=1`, so that one exact step (or k) solves every easy task.  The clusters have centres
(mean optima) :math:`\mu_E,\mu_H` and arbitrary laws of optima; :math:`g^2=\|\mu_E-\mu_H\|^2`,
:math:`v_H=E[\|\theta_\gamma-\mu_H\|^2\mid\text{hard}]` (for equal coordinates the quotient is that of one coordinate's
gap and variance).

**Theorem.** For every number k of steps

.. math:: v_H\,J_{maml}(\theta^*_{drs})=(v_H+s^2g^2)\,J_{maml}(\theta^*_{maml}),\qquad s=\frac{\pi_Eq_E}{\pi_Eq_E+\pi_Hq_H}.

**Proof.** Easy tasks have no weight after adaptation, so
:math:`J_{maml}(\theta)=\tfrac12\pi_Hw(q_H)(\|\theta-\mu_H\|^2+v_H)`, least at :math:`\mu_H`; joint training finds
:math:`s\mu_E+(1-s)\mu_H`, at the distance :math:`sg` from it.

An equality, hence sharp everywhere.  **Source**: restated from `collins-2022`, with a general law within the clusters
and k steps.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, k, risk_B, risk_BA, separation, share, spread
from theory.rules import DRS, MAML

ADAPTED = MAML(alpha, k)
INEXACT = MAML(Rational(99, 100) * alpha, k)

CLAIM = Claim(
    name="easy_and_hard",
    title="Joint training loses a factor 1 + s^2 g^2 / v_H by minding easy tasks that adaptation solves",
    parameters={alpha: Interval.open(0, oo), k: Range(1, 6)},
    tasks=Tasks("easy_and_hard"),
    measured={
        risk_BA: measured("transferred_risk", trained=DRS(), deployed=ADAPTED),
        risk_B: measured("minimal_risk", deployed=ADAPTED),
        share: measured("easy_share"),
        separation: measured("cluster_gap_squared"),
        spread: measured("hard_variance"),
    },
    lhs=spread * risk_BA,
    relation="==",
    rhs=(spread + share**2 * separation) * risk_B,
    source=Source("collins-2022", "easy and hard tasks"),
    assumptions=(
        Assumption(
            "the rate solves easy tasks in one exact step",
            without={
                "measured": {
                    risk_BA: measured("transferred_risk", trained=DRS(), deployed=INEXACT),
                    risk_B: measured("minimal_risk", deployed=INEXACT),
                }
            },
        ),
    ),
    false_sibling=FalseSibling("the share in place of its square", {"rhs": (spread + share * separation) * risk_B}),
)
