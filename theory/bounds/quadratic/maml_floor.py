r"""MAML's estimate keeps an error of order 1/N however many tasks there are.

**Setting.** One inner step on N Gaussian samples; as the number of tasks grows MAML's estimate tends to
:math:`\theta^*_N=E[A_N]^{-1}E[A_N\theta_\gamma]`, the optimum of the weight of a sampled step, not to
:math:`\theta^*_{maml}`.

**Theorem.** With :math:`w=Q(I-\alpha Q)^2`, :math:`w_1=\alpha^2(Q^3+\operatorname{tr}(Q^2)Q)` and
:math:`g=E[w_1(\theta^*_{maml}-\theta_\gamma)]`, for every N

.. math:: N^2\,\|\theta^*_N-\theta^*_{maml}\|^2_{E[A_N]}\le g^\top E[w]^{-1}g,

with equality in the limit: :math:`\theta^*_N-\theta^*_{maml}=-E[w]^{-1}g/N+O(N^{-2})`
(:func:`theory.estimators.floor` has the coefficient, for k steps and elliptical features too).

**Proof.** :math:`A_N=w+w_1/N` gives
:math:`E[A_N](\theta^*_N-\theta^*_{maml})=E[A_N(\theta_\gamma-\theta^*_{maml})]=-g/N`, the first part of
:math:`A_N` contributing nothing.  So the left side is :math:`g^\top E[A_N]^{-1}g`, and :math:`A_N\succeq w`.

**Sharp**: approached as :math:`N\to\infty`.

**Joint training has no such floor**: :mod:`theory.bounds.joint_training_floor`.  **Source**: derived here.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import N, alpha, beta, floor_gap, half_square
from theory.rules import MAML

CLAIM = Claim(
    name="maml_floor",
    title="The limit of MAML's estimate is within c/N of MAML's optimum",
    parameters={beta: Interval.open(0, oo), alpha: Interval.open(0, 1 / beta), N: Range(1, 65)},
    tasks=Tasks("free"),
    measured={
        half_square: measured("half_squared_distance", trained=MAML(alpha), deployed=MAML(alpha, 1, N)),
        floor_gap: measured("floor_gap", rule=MAML(alpha)),
    },
    lhs=2 * N**2 * half_square,
    relation="<=",
    rhs=floor_gap,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % below the limit", {"rhs": Rational(99, 100) * floor_gap}),
)
