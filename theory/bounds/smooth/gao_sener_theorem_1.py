r"""Joint training, in Gao and Sener's Theorem 1. [printed]

**Statement**, `gao-sener-2020`, section 3, in our words: for risks in :math:`[0,\Delta]` with slopes at most G and L-Lipschitz
gradients, and for a suitable step, the expected sum S of squared gradients over :math:`T_{tr}` updates and :math:`T_{te}`
test steps is at most :math:`\sqrt{\tfrac12(\Delta+\Lambda)c}`, with :math:`\Lambda=\min R_{drs}` and
:math:`c=L\left(G^2+\frac{V_t}M+\frac{V_d}{2NM}\right)T_{tr}+L\left(G^2+\frac{V_d}N\right)T_{te}`.

**Reading.** The step is not stated; here it may be any.

**Audit.** False.  One task without noise, one update, no test: S is the squared gradient at the start, whatever the step,
and the bound is :math:`\sqrt{\tfrac12\Delta LG^2}` for a risk with infimum 0.  Where :math:`G^2=L\Delta` at the start the
ratio is :math:`\sqrt2`: two parabolas that meet.  An analytic risk exceeds it as well:
:math:`\tfrac{80}{81}+\sin\theta+\tfrac1{81}\sin3\theta` at 0, where :math:`\mathrm{lhs}^2/\mathrm{rhs}^2=49/40` exactly
(:func:`theory.smooth.printed.theorem_1_ratio`).  The factor that is right is 2 in place of ½:
:mod:`theory.bounds.smooth.descent_sum` at its best step.
"""

from sympy import Interval, Range, oo, sqrt

from theory.claim import Claim, Instances, Source, measured
from theory.notation import G, L, gradient_sum, n, pieces, start_range
from theory.rules import DRS

CLAIM = Claim(
    name="gao_sener_theorem_1",
    title="One noiseless task, one update: the squared gradient is at most sqrt(Delta L G^2/2)",
    parameters={L: Interval.open(0, oo), G: Interval.open(0, oo)},
    tasks=Instances("profiles", {n: Range(1, 2), pieces: Range(2, 5)}),
    measured={
        gradient_sum: measured("gradient_sum", rule=DRS(), eta=1 / L, updates=1, test_steps=0),
        start_range: measured("risk_range"),
    },
    lhs=gradient_sum,
    relation="<=",
    rhs=sqrt(start_range * L * G**2 / 2),
    source=Source("gao-sener-2020", "section 3, Theorem 1"),
    printed=True,
    expected="refuted",
    corrected="descent_sum",
    false_sibling=None,
)
