r"""What one gradient's norm leaves out of the energy along a path: at most the second order, with its constant.

**Setting.** As in :mod:`theory.bounds.kernels.path_energy`.  Meta-RKHS-I of `zhou-2021` minimises
:math:`\tilde E(k\alpha)=E[R-k\alpha\|\nabla R\|^2]` in place of the energy :math:`M_k` along k steps of rate :math:`\alpha`.

**Theorem.** For :math:`0\le\alpha\le1/\beta`, at every parameter,

.. math:: 0\le M_k-\tilde E(k\alpha)\le\tfrac12k(k-1)\alpha^2\,E\,(\theta-\theta_\gamma)^\top Q^3(\theta-\theta_\gamma).

The paper's Theorems 3 and 4 state an error of order one over the width, without constants; this is the part that the step
makes in the limit of a constant kernel.

**Proof.** Along an eigenvector, with :math:`s=\alpha q\in[0,1]`, the two weights differ by
:math:`2q((1-s)^k-1+ks)`, and :math:`0\le(1-s)^k-1+ks\le\tfrac12k(k-1)s^2`: the derivatives are :math:`k(1-(1-s)^{k-1})`,
which Bernoulli's inequality puts between 0 and :math:`k(k-1)s` (reductions ``lower`` and ``upper``).

**Sharp**: attained for k = 2, approached for every k as :math:`\alpha\to0`.

**Source**: derived here.
"""

from sympy import Interval, Lambda, Range, Rational, oo

from theory.claim import Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.kernel_rules import EnergyFunctional, PathEnergy
from theory.notation import alpha, beta, energy, k, path_energy, q, s, tau2, weighted

HERE = Source("derived here")
UNIT = {s: Interval(0, 1), k: Range(2, 7)}
GAP = (1 - s) ** k - 1 + k * s

LOWER = Claim(
    name="energy_of_a_path/lower",
    title="Bernoulli's inequality: 1 - k s <= (1 - s)^k",
    parameters=UNIT,
    lhs=1 - k * s,
    relation="<=",
    rhs=(1 - s) ** k,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (1 - s) ** k}),
)

UPPER = Claim(
    name="energy_of_a_path/upper",
    title="(1 - s)^k - 1 + k s <= k (k - 1) s^2 / 2",
    parameters=UNIT,
    lhs=GAP,
    relation="<=",
    rhs=k * (k - 1) * s**2 / 2,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 200) * k * (k - 1) * s**2}),
    sharp=Extremal("two steps", attained=True, parameters={s: Rational(1, 2), k: 2}),
)

CLAIM = Claim(
    name="energy_of_a_path",
    title="The energy along k steps exceeds that of one gradient's norm by at most k (k - 1) alpha^2 E d'Q^3 d/2",
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 1 / beta), k: Range(2, 7)},
    tasks=Tasks("free"),
    measured={
        path_energy: measured("weighted_risk", rule=PathEnergy(alpha, k), deployed=False),
        energy: measured("weighted_risk", rule=EnergyFunctional(k * alpha), deployed=False),
        weighted: measured("weighted_risk", weight=Lambda((q, tau2), q**3)),
    },
    lhs=path_energy - energy,
    relation="<=",
    rhs=k * (k - 1) * alpha**2 * weighted,
    source=Source("zhou-2021", "Theorems 3 and 4; derived here with constants"),
    assumptions=(Assumption(alpha * beta <= 1, without={"parameters": {alpha: Interval(0, 8 / beta)}}),),
    reductions=(LOWER, UPPER),
    sharp=Extremal(
        "two steps, on any task",
        attained=True,
        parameters={beta: 1, alpha: Rational(1, 2), k: 2},
        tasks=({"probability": 1, "optimum": 0, "curvature": 1},),
    ),
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * k * (k - 1) * alpha**2 * weighted}),
)
