r"""Joint training by stochastic gradient descent and then testing: the sum of squared gradients.

**Setting.** Risks with slopes at most G and L-Lipschitz gradients; :math:`T_{tr}` updates on M tasks with 2N calls each,
then :math:`T_{te}` steps with N calls on an independent task; one constant step :math:`\eta`;
:math:`\Delta_0=R_{drs}(\theta_0)-E\inf R_\gamma`.

**Theorem.** For every :math:`\eta>0`

.. math:: S=E\Bigl\{\sum_{t<T_{tr}}\|\nabla R_{drs}(\theta_t)\|^2+\sum_{t<T_{te}}\|\nabla R(\theta_{T_{tr}+t};\gamma)\|^2\Bigr\}
   \le\frac{\Delta_0}\eta+\frac\eta2c,\quad c=L\Bigl(G^2+\frac{V_d}{2NM}\Bigr)T_{tr}+L\Bigl(G^2+\frac{V_d}N\Bigr)T_{te};

at :math:`\eta=\sqrt{2\Delta_0/c}` the bound is :math:`\sqrt{2\Delta_0c}`.

**Proof.** The descent lemma in expectation, with :math:`E\|\hat g\|^2\le G^2+V_d/(2NM)` (the mean of M tasks' gradients
has a second moment of at most :math:`G^2`); the two phases telescope, since :math:`R_{drs}(\theta_T)=E
R(\theta_T;\gamma)`.

**Sharp** noise-free at one step: :math:`G^2=2L\Delta_0`, :math:`\eta=1/L`.  Judged at p = 1, N = 1, with signs.

**Source**: derived here; it corrects Theorem 1 of `gao-sener-2020`, :mod:`theory.bounds.smooth.gao_sener_theorem_1`.
"""

from sympy import Interval, Range, Rational, oo

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import G, L, M, T_te, T_tr, eta, gradient_sum, n, pieces, start_gap, xi
from theory.rules import DRS

PARAMETERS = {
    L: Interval.open(0, oo),
    G: Interval.open(0, oo),
    eta: Interval.open(0, 4 / L),
    xi: Interval(0, G),
    M: Range(1, 3),
    T_tr: Range(0, 3),
    T_te: Range(0, 3),
}
C = L * (G**2 + xi**2 / (2 * M)) * T_tr + L * (G**2 + xi**2) * T_te
BOUND = start_gap / eta + eta * C / 2

CLAIM = Claim(
    name="descent_sum",
    title="Joint training and testing: the squared gradients sum to at most Delta_0/eta + eta c/2",
    parameters=PARAMETERS,
    tasks=Instances("profiles", {n: Range(1, 3), pieces: Range(2, 5)}),
    measured={
        gradient_sum: measured("gradient_sum", rule=DRS(), eta=eta, updates=T_tr, test_steps=T_te, deviation=xi, tasks=M),
        start_gap: measured("objective_gap", rule=DRS()),
    },
    lhs=gradient_sum,
    relation="<=",
    rhs=BOUND,
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "a thousandth less",
        {"rhs": Rational(999, 1000) * BOUND},
        stored=Stored(
            "a parabola that begins at its steepest, one update of length 1/L without noise",
            {n: 1, pieces: 2, L: 1, G: 1, eta: 1, xi: 0, M: 1, T_tr: 1, T_te: 0},
            {"probabilities": (1,), "knots": ((-1, 0, 1),), "slopes": ((0, -1, 0),), "start": (0,)},
        ),
        control=FalseSibling("half of it", {"rhs": BOUND / 2}),
    ),
)
