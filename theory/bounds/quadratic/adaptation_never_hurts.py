r"""With exact inner steps adaptation never hurts, up to twice the usual rate.

**Setting.** Curvatures with spectrum in :math:`[0,\beta]`, k exact inner steps at a rate :math:`0\le\alpha\le2/\beta`.

**Theorem.** :math:`\min J_{maml}(\cdot\,;\alpha)\le J_{drs}(\theta^*_{drs})`.

**Proof.** :math:`|1-\alpha q|\le1` on :math:`[0,\beta]` (reduction ``residual``), so :math:`Q(I-\alpha Q)^{2k}\preceq
Q` for every task, hence :math:`J_{maml}\le J_{drs}` at every parameter, in particular at :math:`\theta^*_{drs}`.

**Sharp**: at :math:`\alpha=2/\beta` with all curvatures :math:`\beta I` both sides are equal; just above, the same
tasks with optima that differ violate it.  Note that the proof compares the risks at *one* parameter: adapting the
jointly trained model does not hurt either.

**Source**: derived here; `gao-sener-2020`, section 4.3, Theorem 5, states it up to :math:`1/\beta`
(:mod:`theory.bounds.gao_sener_theorem5_minimum`).  For sampled steps see
:mod:`theory.bounds.adaptation_never_hurts_sampled`.
"""

from sympy import Abs, Integer, Interval, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, k, q, risk_A, risk_B
from theory.rules import DRS, MAML

#: at rate 0 both sides are equal whatever the tasks; violations are sought at the other end
SLIGHTLY_ABOVE = Interval.Lopen(2 / beta, Rational(202, 100) / beta)

RESIDUAL = Claim(
    name="adaptation_never_hurts/residual",
    title="|1 - alpha q| <= 1 for alpha <= 2/beta",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 2 / beta), q: Interval(0, beta)},
    lhs=Abs(1 - alpha * q),
    relation="<=",
    rhs=Integer(1),
    source=Source("derived here"),
    false_sibling=FalseSibling("continued to rates up to 1 % above 2/beta", {"parameters": {alpha: SLIGHTLY_ABOVE}}),
    sharp=Extremal("q = beta, alpha = 2/beta", attained=True, parameters={beta: 1, alpha: 2, q: 1}),
)

CLAIM = Claim(
    name="adaptation_never_hurts",
    title="With k exact inner steps at a rate up to 2/beta the least adapted risk is at most joint training's",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 2 / beta), k: Range(1, 6)},
    tasks=Tasks("free"),
    measured={risk_B: measured("minimal_risk", deployed=MAML(alpha, k)), risk_A: measured("minimal_risk", deployed=DRS())},
    lhs=risk_B,
    relation="<=",
    rhs=risk_A,
    source=Source("derived here"),
    assumptions=(Assumption(alpha * beta <= 2, without={"parameters": {alpha: Interval(0, 3 / beta)}}),),
    reductions=(RESIDUAL,),
    sharp=Extremal(
        "alpha = 2/beta and all curvatures beta",
        attained=True,
        parameters={beta: 1, alpha: 2, k: 1},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": 1},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": 1},
        ),
    ),
    false_sibling=FalseSibling("continued to rates up to 1 % above 2/beta", {"parameters": {alpha: SLIGHTLY_ABOVE}}),
)
