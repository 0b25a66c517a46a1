r"""The auxiliary likelihood of a Gaussian process is that of kernel ridge regression's residual.

**Setting.** A Gaussian process with the kernel matrix K at n points, observed with independent noise of variance
:math:`n\lambda`: its posterior mean at these points is what an auxiliary likelihood compares with the targets.

**Theorem.** Prior misses shrink to :math:`n\lambda(K+n\lambda)^{-1}(f-Y)`: by :math:`\lambda/(\lambda+q)` along an eigenvector
of curvature :math:`q=\kappa/n`, the residual of implicit MAML's proximal step.

**Proof.** Conditioning gives the mean :math:`f+K(K+n\lambda)^{-1}(Y-f)`, kernel ridge regression
(:mod:`theory.bounds.kernels.kernel_ridge`); subtract Y.

**How it is checked.** The left side runs :class:`theory.rules.ImplicitMAML` on the task in feature space, the right side
conditions the joint normal law.  An equality: sharp everywhere.

**Source**: derived here; `maraval-2023` trains with an auxiliary likelihood beside its rewards.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import adapted_miss, lam, points, posterior_miss
from theory.rules import ImplicitMAML

CLAIM = Claim(
    name="posterior_miss",
    title="A Gaussian process with noise n lambda misses its targets by what implicit MAML's proximal step leaves",
    parameters={lam: Interval(Rational(1, 16), 16)},
    tasks=Instances("kernel_task", {points: Range(1, 4)}),
    measured={
        adapted_miss: measured("kernel_miss", rule=ImplicitMAML(lam)),
        posterior_miss: measured("posterior_miss", noise=points * lam),
    },
    lhs=adapted_miss,
    relation="==",
    rhs=posterior_miss,
    source=Source("maraval-2023", "its auxiliary likelihood; derived here"),
    false_sibling=FalseSibling(
        "noise of variance lambda", {"measured": {posterior_miss: measured("posterior_miss", noise=Integer(1) * lam)}}
    ),
)
