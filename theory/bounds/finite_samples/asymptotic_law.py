r"""The asymptotic law of both estimates.

**Setting.** M tasks with 2N samples each, of which MAML takes N inside and N outside; Gaussian features.  S is the inner
sample's curvature, :math:`B=I-\alpha S`.

**Theorem.** The estimate :math:`\hat\theta` from M tasks tends to a limit :math:`\theta^*`, for MAML :math:`\theta^*_N`, and
:math:`\sqrt M(\hat\theta-\theta^*)\to N(0,C)` with :math:`C=E[H]^{-1}\operatorname{Cov}\psi\,E[H]^{-1}`,
:math:`d=\theta^*-\theta_\gamma` and, for MAML,

.. math:: \operatorname{Cov}\psi = E\bigl[B\{(1+\tfrac1N)QUQ+\tfrac1N\operatorname{tr}(QU)Q+\tfrac{\sigma^2}NQ\}B\bigr],\qquad
   U=Bdd^\top B+\tfrac{\alpha^2\sigma^2}NS,

the expectation being over tasks and over S.  Joint training on all n = 2N samples has (reduction)

.. math:: \operatorname{Cov}\psi_{drs}=E\bigl[(1+\tfrac1n)Qdd^\top Q+\tfrac1nd^\top Qd\,Q+\tfrac{\sigma^2}nQ\bigr].

At p = 1, where :math:`S=q\,\chi^2_N/N` with :math:`E[S^j]=q^jm_j`, :math:`m_{j+1}=m_j(1+2j/N)`, MAML's is (reduction)

.. math:: \operatorname{Var}\psi = E\Bigl[m_2q^2d^2\,E[B^4]
   + \sigma^2\Bigl\{\tfrac{\alpha^2}N m_2q^2E[SB^2]+\tfrac qNE[B^2]\Bigr\}\Bigr].

The claims are judged at p = 1 and 2; in p dimensions: :mod:`theory.estimators`, derived in :mod:`theory.scores`.

**Proof.** :math:`\hat\theta-\theta^*=-(\sum H_i)^{-1}\sum\psi_i` with independent scores of mean zero: the central
limit theorem and the law of large numbers.  :math:`\psi=BT(Bd+\alpha e_1)-Be_2` with T the outer
sample's curvature; given S and T the noise terms are independent with covariances :math:`\sigma^2S/N` and
:math:`\sigma^2T/N`, so that :math:`Bd+\alpha e_1` has the second moment U given S; and
:math:`E[TKT]=(1+\tfrac1N)QKQ+\tfrac1N\operatorname{tr}(QK)Q` for symmetric K.

**How poor it can be**: the law is of the limit only.  At p = 1, N = 1 and rate 0.5 the scaled variance is 0.3 of C at M = 25.

**Source**: derived here.  An equality: sharp everywhere.
"""

from sympy import Interval, Lambda, Range, oo

from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import (
    N,
    alpha,
    beta,
    inner_noise,
    inner_noise_trace,
    label_noise,
    q,
    score_covariance,
    sigma2,
    signal,
    signal_trace,
)
from theory.rules import DRS, MAML

HERE = Source("derived here")
SPACE = {
    beta: Interval.open(0, oo),
    alpha: Interval(0, 2 / beta),
    N: Range(1, 33),
    sigma2: Interval(0, 4),
}
META, JOINT = MAML(alpha), DRS()

M_2 = 1 + 2 / N
M_3 = M_2 * (1 + 4 / N)
M_4 = M_3 * (1 + 6 / N)
A = alpha * q
#: expectations of powers of B = 1 - alpha S at p = 1
B_2 = 1 - 2 * A + A**2 * M_2
B_4 = 1 - 4 * A + 6 * A**2 * M_2 - 4 * A**3 * M_3 + A**4 * M_4
S_B_2 = q * (1 - 2 * A * M_2 + A**2 * M_3)

LINE = Claim(
    name="asymptotic_law/on_the_line",
    title="Variance of MAML's score from samples in one dimension, in powers of the curvature",
    parameters=SPACE,
    tasks=Tasks("free", dimension=Range(1, 2), number=Range(1, 5)),
    measured={
        score_covariance: measured("score_covariance", rule=META, samples=N, noise=sigma2),
        signal: measured("error_average", rule=META, samples=N, weight=Lambda(q, M_2 * q**2 * B_4)),
        label_noise: measured(
            "error_average", rule=META, samples=N, weight=Lambda(q, alpha**2 / N * M_2 * q**2 * S_B_2 + q / N * B_2), power=0
        ),
    },
    lhs=score_covariance,
    relation="==",
    rhs=signal + sigma2 * label_noise,
    source=HERE,
    false_sibling=FalseSibling(
        "without the variance of the sampled curvatures",
        {
            "measured": {
                signal: measured("error_average", rule=META, samples=N, weight=Lambda(q, (M_2 * q**2 * B_4).subs(1 / N, 0)))
            }
        },
    ),
)

JOINTLY = Claim(
    name="asymptotic_law/joint_training",
    title="Covariance of joint training's score from samples",
    parameters=SPACE,
    tasks=Tasks("free", dimension=Range(1, 3), number=Range(1, 5)),
    measured={
        score_covariance: measured("score_covariance", rule=JOINT, samples=N, noise=sigma2),
        signal: measured("word_average", rule=JOINT, samples=N, word="QDQ"),
        signal_trace: measured("word_average", rule=JOINT, samples=N, word="Q", trace="QD"),
        label_noise: measured("word_average", rule=JOINT, samples=N, word="Q"),
    },
    lhs=score_covariance,
    relation="==",
    rhs=signal + (signal + signal_trace + sigma2 * label_noise) / (2 * N),
    source=HERE,
    false_sibling=FalseSibling(
        "without the variance of the sampled curvatures", {"rhs": signal + sigma2 * label_noise / (2 * N)}
    ),
)

CLAIM = Claim(
    name="asymptotic_law",
    title="Covariance of MAML's score from samples",
    parameters=SPACE,
    tasks=Tasks("free", dimension=Range(1, 3), number=Range(1, 5)),
    measured={
        score_covariance: measured("score_covariance", rule=META, samples=N, noise=sigma2),
        signal: measured("word_average", rule=META, samples=N, word="BQBDBQB"),
        signal_trace: measured("word_average", rule=META, samples=N, word="BQB", trace="QBDB"),
        inner_noise: measured("word_average", rule=META, samples=N, word="BQSQB"),
        inner_noise_trace: measured("word_average", rule=META, samples=N, word="BQB", trace="QS"),
        label_noise: measured("word_average", rule=META, samples=N, word="BQB"),
    },
    lhs=score_covariance,
    relation="==",
    rhs=signal
    + (signal + signal_trace + sigma2 * label_noise) / N
    + alpha**2 * sigma2 / N * (inner_noise + (inner_noise + inner_noise_trace) / N),
    source=HERE,
    reductions=(
        Argued("central limit theorem for independent scores of mean zero, law of large numbers for the curvatures"),
        JOINTLY,
        LINE,
    ),
    false_sibling=FalseSibling(
        "without the variance of the outer sample's curvature",
        {"rhs": signal + sigma2 / N * (label_noise + alpha**2 * inner_noise)},
    ),
)
