r"""Joint training's error vanishes as the number of tasks grows, with any number of samples of each.

**Setting.** M tasks with 2N samples each, p = 1 or 2 in the claim; joint training is least squares on all of them.

**Theorem.** :math:`\hat\theta_{drs}\to\theta^*_{drs}` as :math:`M\to\infty` for every fixed N.

**Proof.** :math:`H=(S_1+S_2)/2` and :math:`h=H\theta_\gamma+(e_1+e_2)/2` have expectations Q and
:math:`Q\theta_\gamma` whatever N, so that :math:`E[H]^{-1}E[h]=\theta^*_{drs}`.

**Against the printed Theorem 3** of `gao-sener-2020` (:mod:`theory.bounds.gao_sener_theorem_3`): its term of order
:math:`1/\sqrt N` that does not decrease with M is not needed.  The same is false of MAML, whose estimate keeps a floor of
order 1/N (:mod:`theory.bounds.maml_floor`): that is the false sibling.

**Source**: derived here.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import N, alpha, beta, limit, optimum_drs
from theory.rules import DRS, MAML

CLAIM = Claim(
    name="joint_training_floor",
    title="Joint training from N samples of each task tends to its population optimum, whatever N",
    parameters={beta: Interval.open(0, oo), alpha: Interval.open(0, 1 / beta), N: Range(1, 33)},
    tasks=Tasks("free", dimension=Range(1, 3)),
    measured={limit: measured("limit", rule=DRS(), samples=N), optimum_drs: measured("optimum", rule=DRS())},
    lhs=limit,
    relation="==",
    rhs=optimum_drs,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "of MAML",
        {
            "measured": {
                limit: measured("limit", rule=MAML(alpha), samples=N),
                optimum_drs: measured("optimum", rule=MAML(alpha)),
            }
        },
    ),
)
