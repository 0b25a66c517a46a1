r"""Where adaptation with a sampled inner step begins to hurt.

**Setting.** One inner step on N fresh Gaussian samples, curvatures with spectrum in :math:`[\nu,\beta]`,
:math:`0<\nu\le\beta`, dimension p.  The deployment weight has the eigenvectors of Q and, with
:math:`\tau=\operatorname{tr}Q^2`, the eigenvalues :math:`a_N(q)=q(1-\alpha q)^2+\frac{\alpha^2}N(q^3+\tau q)`.  Only
the part of the risk that depends on the parameter is compared; label noise only adds to the cost of adapting.

**Theorem.** :math:`\min J_{maml,N}\le J_{drs}(\theta^*_{drs})` for all tasks if and only if

.. math:: \alpha\le\min\Big\{\frac{2N}{\beta(N+p+1)},\ \frac{2N\nu}{(N+2)\nu^2+(p-1)\beta^2}\Big\}.

**Proof.** :math:`a_N(q)\le q` is :math:`\alpha\big((1+\frac1N)q^2+\frac\tau N\big)\le2q`, and :math:`\tau\le
q^2+(p-1)\beta^2`, so it suffices that :math:`\alpha\big((N+2)q^2+(p-1)\beta^2\big)\le2Nq` on :math:`[\nu,\beta]`.  The
difference of the sides is convex in q, so the two ends decide (reduction ``ends``): they are the two terms of the
minimum.  Then :math:`A_N\preceq Q` for every task.  Conversely, if all tasks have :math:`Q=\beta I`, or all have
:math:`Q=\operatorname{diag}(\nu,\beta,\dots,\beta)` and optima that differ along the first axis only, the ratio of the
two minima is :math:`a_N(q)/q` with :math:`q=\beta` or :math:`q=\nu`, above one beyond the respective term.

**So it breaks**: as soon as :math:`\alpha\beta>2N/(N+p+1)`, which at N = p = 1 is 2/3 instead of 2; and for p at least
2 at *every* :math:`\alpha>0` once :math:`\nu` is small enough, because the noise of the steep directions leaks into the
flat ones.  As N tends to infinity the limit is :math:`2/\beta` for every :math:`\nu>0`.

**Sharp** in the rate: at the stated limit the two families above attain equality.

**Source**: derived here.
"""

from sympy import Interval, Min, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import N, alpha, beta, nu, p, q, risk_A, risk_B
from theory.rules import DRS, MAML

STEEP = 2 * N / (beta * (N + p + 1))
FLAT = 2 * N * nu / ((N + 2) * nu**2 + (p - 1) * beta**2)
LIMIT = Min(STEEP, FLAT)
SPACE = {beta: Interval.open(0, oo), nu: Interval.Lopen(0, beta), N: Range(1, 65)}
#: at rate 0 both sides are equal whatever the tasks; violations are sought at the other end
SLIGHTLY_ABOVE = Interval.Lopen(LIMIT, Rational(101, 100) * LIMIT)

ENDS = Claim(
    name="adaptation_never_hurts_sampled/ends",
    title="What holds at nu and at beta holds between",
    parameters={**SPACE, p: Range(1, 7), alpha: Interval(0, LIMIT), q: Interval(nu, beta)},
    lhs=alpha * ((N + 2) * q**2 + (p - 1) * beta**2),
    relation="<=",
    rhs=2 * N * q,
    source=Source("derived here"),
    false_sibling=FalseSibling("continued to rates up to 1 % above the limit", {"parameters": {alpha: SLIGHTLY_ABOVE}}),
)

CLAIM = Claim(
    name="adaptation_never_hurts_sampled",
    title="With one inner step on N samples adaptation does not hurt up to a rate that falls with p/N and with nu",
    parameters={**SPACE, alpha: Interval(0, LIMIT)},
    tasks=Tasks("free"),
    measured={
        risk_B: measured("minimal_risk", deployed=MAML(alpha, 1, N)),
        risk_A: measured("minimal_risk", deployed=DRS()),
    },
    lhs=risk_B,
    relation="<=",
    rhs=risk_A,
    source=Source("derived here"),
    assumptions=(
        Assumption(alpha <= STEEP, without={"parameters": {alpha: Interval(0, FLAT)}}),
        Assumption(alpha <= FLAT, without={"parameters": {alpha: Interval(0, STEEP)}}),
    ),
    reductions=(ENDS,),
    sharp=Extremal(
        "all curvatures beta I and the rate 2N/(beta (N + p + 1))",
        attained=True,
        parameters={beta: 1, nu: 1, N: 1, alpha: Rational(2, 3)},
        tasks=(
            {"probability": Rational(1, 2), "optimum": 0, "curvature": 1},
            {"probability": Rational(1, 2), "optimum": 1, "curvature": 1},
        ),
    ),
    false_sibling=FalseSibling("continued to rates up to 1 % above the limit", {"parameters": {alpha: SLIGHTLY_ABOVE}}),
)
