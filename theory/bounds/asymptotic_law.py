r"""The asymptotic law of MAML's estimate, in one dimension.

**Setting.** M tasks with 2N samples each, N in the inner step and N outside; p = 1 and Gaussian features, so that the inner
sample's curvature is :math:`S = q\,\chi^2_N/N` with :math:`E[S^j]=q^jm_j`, :math:`m_{j+1}=m_j(1+2j/N)`.

**Theorem.** The estimate :math:`\hat\theta` from M tasks tends to :math:`\theta^*_N` and
:math:`\sqrt M(\hat\theta-\theta^*_N)\to N(0,C)` with :math:`C=\operatorname{Var}\psi/E[A_N]^2`,
:math:`B=1-\alpha S`, :math:`d=\theta^*_N-\theta_\gamma` and

.. math:: \operatorname{Var}\psi = E\Bigl[m_2q^2d^2\,E[B^4]
   + \sigma^2\Bigl\{\tfrac{\alpha^2}N m_2q^2E[SB^2]+\tfrac qNE[B^2]\Bigr\}\Bigr],

expectations of powers of B being over S.  Joint training on all 2N samples has (reduction)

.. math:: \operatorname{Var}\psi_{drs}=E\bigl[(1+\tfrac1N)q^2d^2+\tfrac{\sigma^2}{2N}q\bigr].

In p dimensions, with matrices in place of numbers: :mod:`theory.estimators`, derived in :mod:`theory.scores`.

**Proof.** :math:`\hat\theta-\theta^*_N=-(\sum H_i)^{-1}\sum\psi_i` with independent scores of mean zero: the central
limit theorem and the law of large numbers.  :math:`\psi=BT(Bd+\alpha e_1)-Be_2` with T the outer
sample's curvature; given S and T the noise terms are independent with variances :math:`\sigma^2S/N` and
:math:`\sigma^2T/N`, and :math:`E[T]=q`, :math:`E[T^2]=m_2q^2`.

**How poor it can be**: the law is of the limit only.  At N = 1 and rate 0.5 the scaled variance is 0.3 of C at M = 25.

**Source**: derived here.  An equality: sharp everywhere.
"""

from sympy import Expr, Interval, Lambda, Range, oo

from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import N, alpha, beta, label_noise, q, score_variance, sigma2, signal
from theory.rules import DRS, MAML

HERE = Source("derived here")
LINE = Tasks("free", dimension=Range(1, 2), number=Range(1, 5))
SPACE = {
    beta: Interval.open(0, oo),
    alpha: Interval(0, 2 / beta),
    N: Range(1, 33),
    sigma2: Interval(0, 4),
}

M_2 = 1 + 2 / N
M_3 = M_2 * (1 + 4 / N)
M_4 = M_3 * (1 + 6 / N)
A = alpha * q
#: expectations of powers of B = 1 - alpha S
B_2 = 1 - 2 * A + A**2 * M_2
B_4 = 1 - 4 * A + 6 * A**2 * M_2 - 4 * A**3 * M_3 + A**4 * M_4
S_B_2 = q * (1 - 2 * A * M_2 + A**2 * M_3)


def _law(name: str, rule: DRS | MAML, of_distance: Expr, of_noise: Expr) -> Claim:
    """The claim that a rule's score has the variance E[of_distance d^2] + sigma^2 E[of_noise]."""
    return Claim(
        name=name,
        title=f"Variance of the score of {type(rule).__name__} from samples, in one dimension",
        parameters=SPACE,
        tasks=LINE,
        measured={
            score_variance: measured("score_variance", rule=rule, samples=N, noise=sigma2),
            signal: measured("error_average", rule=rule, samples=N, weight=Lambda(q, of_distance)),
            label_noise: measured("error_average", rule=rule, samples=N, weight=Lambda(q, of_noise), power=0),
        },
        lhs=score_variance,
        relation="==",
        rhs=signal + sigma2 * label_noise,
        source=HERE,
        false_sibling=FalseSibling(
            "without the variance of the sampled curvature",
            {
                "measured": {
                    signal: measured("error_average", rule=rule, samples=N, weight=Lambda(q, of_distance.subs(1 / N, 0)))
                }
            },
        ),
    )


CLAIM = _law(
    "asymptotic_law", MAML(alpha), M_2 * q**2 * B_4, alpha**2 / N * M_2 * q**2 * S_B_2 + q / N * B_2
).changed(
    reductions=(
        Argued("central limit theorem for independent scores of mean zero, law of large numbers for the curvatures"),
        _law("asymptotic_law/joint_training", DRS(), (1 + 1 / N) * q**2, q / (2 * N)),
    )
)
