r"""Joint training's bound is the lower one where the two least risks agree, in Gao and Sener. [printed]

**Statement**, `gao-sener-2020`, after Theorem 2, in our words: if :math:`\Lambda_{maml}=\Lambda`, the bound of Theorem 1
is below that of Theorem 2.

**Audit.** True of the two bounds, and empty: at :math:`\alpha=0`, where the two algorithms coincide but for the number of
calls, the constants differ by at least 8 at :math:`G^2`, 56 at :math:`V_t` and 24 at :math:`V_d`
(:mod:`theory.bounds.smooth.comparison_is_loose`).  Judged for the two squares, without Theorem 2's first term, which adds
to it, and for their factors of :math:`T_{tr}`: the terms of testing are the same.
"""

from sympy import Interval, Range, oo

from theory.claim import Claim, FalseSibling, Source
from theory.notation import L_H, G, L, M, N, T_tr, V_d, alpha, task_spread
from theory.smooth.printed import THEOREM_1, THEOREM_2

JOINT, ADAPTED = (whole.diff(T_tr) for whole in (THEOREM_1, THEOREM_2))

CLAIM = Claim(
    name="gao_sener_comparison",
    title="The printed constants of joint training are below those of MAML",
    parameters={
        L: Interval.open(0, oo),
        G: Interval.open(0, oo),
        L_H: Interval.open(0, oo),
        alpha: Interval(0, 1 / (6 * L)),
        task_spread: Interval(0, oo),
        V_d: Interval(0, oo),
        M: Range(1, 1000),
        N: Range(1, 100),
    },
    lhs=JOINT,
    relation="<=",
    rhs=ADAPTED,
    source=Source("gao-sener-2020", "section 3, text after Theorem 2"),
    printed=True,
    corrected="comparison_is_loose",
    false_sibling=FalseSibling("a twenty-fifth of MAML's", {"rhs": ADAPTED / 25}),
)
