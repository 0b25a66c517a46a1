r"""The printed constants of joint training and of MAML differ by 8 where the algorithms agree.

**Setting.** The bounds of Theorems 1 and 2 of `gao-sener-2020` at :math:`\alpha=0`, no test steps.

**Theorem.** :math:`8c_1\le c_{tr}`, where :math:`c_1=L(G^2+V_t/M+V_d/(2NM))` and
:math:`c_{tr}=4L((2+40/M)G^2+14V_t/M+3V_d/(MN))`.

**Proof.** Term by term: 8 + 160/M against 8, 56 against 8, 12 against 4.

**Sharp**: 8 is approached as M grows, :math:`V_t=V_d=0`.

**Source**: derived here; see :mod:`theory.bounds.smooth.gao_sener_comparison`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Source
from theory.notation import G, L, M, N, V_d, task_spread

C_DRS = L * (G**2 + task_spread / M + V_d / (2 * N * M))
C_MAML = 4 * L * ((2 + Rational(40) / M) * G**2 + 14 * task_spread / M + 3 * V_d / (M * N))

CLAIM = Claim(
    name="comparison_is_loose",
    title="At rate 0 the printed constant of MAML is at least 8 times that of joint training",
    parameters={
        L: Interval.open(0, oo),
        G: Interval.open(0, oo),
        task_spread: Interval(0, oo),
        V_d: Interval(0, oo),
        M: Range(1, 10000),
        N: Range(1, 100),
    },
    lhs=8 * C_DRS,
    relation="<=",
    rhs=C_MAML,
    source=Source("derived here"),
    false_sibling=FalseSibling("9 times", {"lhs": 9 * C_DRS}),
)
