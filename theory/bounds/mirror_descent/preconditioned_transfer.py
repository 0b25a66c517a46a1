r"""Joint training deployed with mirror steps: the transfer bound, with the eigenvalues of the preconditioned curvatures.

**Setting.** The inner loop makes k mirror steps of a quadratic map, :math:`\theta\leftarrow\theta-\alpha\Pi\nabla R`, with
:math:`\Pi=P^{-1}`: the residual is :math:`(I-\alpha\Pi Q)^k`.

**Theorem.** Let :math:`\mu` range over the eigenvalues of :math:`\Pi Q` over all tasks, :math:`0\le\alpha\mu\le1`.  Then

.. math:: J(\theta^*_{drs})-\min J\le\big((1-\alpha\mu_{\min})^k-(1-\alpha\mu_{\max})^k\big)^2J_{drs}(\theta^*_{drs}).

**Proof.** The deployment weight is :math:`Q^{1/2}(I-\alpha Q^{1/2}\Pi Q^{1/2})^{2k}Q^{1/2}`, so that its ratio to Q has the
spectrum :math:`(1-\alpha\mu)^{2k}`.  Apply :mod:`theory.bounds.quadratic.transfer_bound`, which needs no commuting weights
and whose constant this is.

**Sharp**: at p = 1, as :mod:`theory.bounds.quadratic.transfer_drs_maml`.  The eigenvalues of Q in place of those of
:math:`\Pi Q`, where they promise less, make it false (the false sibling).

**Source**: derived here; meta-learned maps are `gao-2022`'s.
"""

from sympy import Interval, Min, Range

from theory.bounds.quadratic.transfer_bound import price
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import excess, fastest, flattest, k, n, p, risk_A, s, sharpest, slowest, top

CONSTANT, OF_CURVATURES = (
    price((1 - s * high / top) ** k, (1 - s * low / top) ** k) for low, high in ((slowest, fastest), (flattest, sharpest))
)

CLAIM = Claim(
    name="preconditioned_transfer",
    title="Joint training deployed with k mirror steps errs by ((1 - alpha mu_min)^k - (1 - alpha mu_max)^k)^2 of its risk",
    # the rate is s over the largest eigenvalue
    parameters={s: Interval(0, 1), k: Range(1, 4)},
    tasks=Instances("preconditioned", {p: Range(1, 3), n: Range(1, 4)}),
    measured={
        excess: measured("mirror_excess", rate=s, steps=k),
        risk_A: measured("joint_risk"),
        top: measured("preconditioned_eigenvalue", end="upper"),
        slowest: measured("preconditioned_eigenvalue", end="lower"),
        fastest: measured("preconditioned_eigenvalue", end="upper"),
    },
    lhs=excess,
    relation="<=",
    rhs=CONSTANT * risk_A,
    source=Source("gao-2022", "its inner loop; derived here"),
    false_sibling=FalseSibling(
        "the eigenvalues of Q in place of those of Pi Q, where they promise less",
        {
            "measured": {
                flattest: measured("curvature_eigenvalue", end="lower"),
                sharpest: measured("curvature_eigenvalue", end="upper"),
            },
            "rhs": Min(CONSTANT, OF_CURVATURES) * risk_A,
        },
    ),
)
