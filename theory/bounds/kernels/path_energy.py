r"""The energy along a path lies below MAML's risk, by the squared way of the adaptation.

**Setting.** With a constant kernel a network is linear in its features and its tasks are quadratic.  `zhou-2021` replaces k
inner steps by the energy :math:`M_k(\theta)=E\big[R(\theta)-\alpha\sum_{i<k}\langle\nabla R(\theta_i),\nabla
R(\theta)\rangle\big]`, its eq. (3).

**Theorem.** With :math:`r(q)=(1-\alpha q)^k`,

.. math:: J_{maml}(\theta)-M_k(\theta)=\tfrac12E\,\|(I-r(Q))(\theta-\theta_\gamma)\|_Q^2\ge0.

**Proof.** The steps' gradients add up, :math:`\alpha\sum\nabla R(\theta_i)=\theta-\theta'`, so that along an eigenvector the
energy has the weight :math:`q-2q(1-r)=q(2r-1)`; and :math:`qr^2-q(2r-1)=q(1-r)^2`.

**How it is checked.** The inner loop is run from a probe; the energy's weight is derived in :mod:`theory.kernel_rules`, and
executed term by term along the path in numerics.  An equality: sharp everywhere.

**Source**: derived here; the energy is `zhou-2021`'s.
"""

from sympy import Interval, Lambda, Range, oo

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.kernel_rules import PathEnergy
from theory.notation import adapted, alpha, beta, k, path_energy, q, tau2, weighted
from theory.rules import MAML

WAY = 1 - (1 - alpha * q) ** k

CLAIM = Claim(
    name="path_energy",
    title="MAML's risk exceeds the energy along its path by the squared way of the adaptation",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 2 / beta), k: Range(1, 6)},
    tasks=Tasks("free"),
    measured={
        adapted: measured("adapted_risk", rule=MAML(alpha, k)),
        path_energy: measured("weighted_risk", rule=PathEnergy(alpha, k), deployed=False),
        weighted: measured("weighted_risk", weight=Lambda((q, tau2), q * WAY**2)),
    },
    lhs=adapted - path_energy,
    relation="==",
    rhs=weighted,
    source=Source("zhou-2021", "eq. (3); derived here"),
    false_sibling=FalseSibling(
        "the way itself in place of its square",
        {"measured": {weighted: measured("weighted_risk", weight=Lambda((q, tau2), q * WAY))}},
    ),
)
