r"""The transfer bound: what it costs to train with one weight and to deploy with another.

**Setting.** Every task carries two positive semi-definite weights with :math:`\ell A_\gamma\preceq B_\gamma\preceq
uA_\gamma`, :math:`0\le\ell\le u`; they need not commute, across tasks or within one.  Let
:math:`J_A(\theta)=\tfrac12E(\theta-\theta_\gamma)^\top A_\gamma(\theta-\theta_\gamma)`, :math:`\theta^*_A` its
minimiser, likewise for B, with E[A], E[B] positive definite.

**Theorem.** In every dimension

.. math::
    0\le J_B(\theta^*_A)-J_B(\theta^*_B)=\tfrac12\|\theta^*_A-\theta^*_B\|^2_{E[B]}
    \le(\sqrt u-\sqrt\ell)^2\,J_A(\theta^*_A).

**Proof.** (i) Let H be the Hilbert space of task-dependent vectors with :math:`\langle f,g\rangle=E f_\gamma^\top
A_\gamma g_\gamma`, V the constant ones, and D the operator with :math:`\langle f,Dg\rangle=E f_\gamma^\top B_\gamma
g_\gamma`, so that :math:`\ell I\preceq D\preceq uI`.  The residual :math:`\zeta=\theta^*_A-\theta_\gamma` is orthogonal
to V, :math:`\tfrac12\|\zeta\|^2=J_A(\theta^*_A)`, and since :math:`J_B` is quadratic the excess is
:math:`\tfrac12\sup_{v\in V}\langle\zeta,Dv\rangle^2/\langle v,Dv\rangle`, attained at the Newton step
:math:`v=\theta^*_A-\theta^*_B`, where it is :math:`\tfrac12\langle v,Dv\rangle` (reduction ``identity``).

(ii) Take a unit vector v and :math:`c=\langle v,Dv\rangle`.  On the spectrum of D, :math:`x^2\le(u+\ell)x-u\ell`
(reduction ``spectrum``), hence :math:`\|Dv\|^2\le(u+\ell)c-u\ell`.  As :math:`\zeta\perp v`,
:math:`\langle\zeta,Dv\rangle=\langle\zeta,Dv-cv\rangle`, and by Cauchy and Schwarz its square is at most
:math:`(\|Dv\|^2-c^2)\|\zeta\|^2\le((u+\ell)c-u\ell-c^2)\|\zeta\|^2`, which is :math:`(u-c)(c-\ell)\|\zeta\|^2`
(reduction ``factors``).

(iii) :math:`(u-c)(c-\ell)\le(\sqrt u-\sqrt\ell)^2c` (reduction ``core``): the difference is the square
:math:`(c-\sqrt{u\ell})^2` (reduction ``square``).

**Sharp**: attained at p = 1 by two tasks whose ratios are u and l and whose A-weights make :math:`c=\sqrt{u\ell}`.  For
l = 0 that puts mass on a weight of zero and the bound is only approached.

**Parameters.** The claim is stated in :math:`\sqrt\ell` and :math:`\sqrt u`, so that it is polynomial and rational
instances have rational sides.

**Source**: derived here.  It turns the modeling error of `gao-sener-2020`, section 4, into a bound with an explicit
constant.
"""

from sympy import Expr, Interval, Rational, oo

from theory.claim import Argued, Assumption, Claim, Extremal, FalseSibling, Source, Tasks, measured
from theory.notation import c, excess, half_square, risk_A, root_l, root_u, x
from theory.rules import Prescribed

PAIR = {"trained": Prescribed("A"), "deployed": Prescribed("B")}
ROOTS = {root_u: Interval.open(0, oo), root_l: Interval(0, root_u)}
HERE = Source("derived here")
l, u = root_l**2, root_u**2

IDENTITY = Claim(
    name="transfer_bound/identity",
    title="The excess is half the squared distance of the optima in the norm of E[B]",
    parameters=ROOTS,
    tasks=Tasks("weight_pairs"),
    measured={excess: measured("modeling_error", **PAIR), half_square: measured("half_squared_distance", **PAIR)},
    lhs=excess,
    relation="==",
    rhs=half_square,
    source=HERE,
    false_sibling=FalseSibling("without the factor one half", {"rhs": 2 * half_square}),
)

SPECTRUM = Claim(
    name="transfer_bound/spectrum",
    title="(u - x)(x - l) >= 0 between l and u",
    parameters={**ROOTS, x: Interval(l, u)},
    lhs=x**2,
    relation="<=",
    rhs=(u + l) * x - u * l,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * ((u + l) * x - u * l)}),
)

FACTORS = Claim(
    name="transfer_bound/factors",
    title="What Cauchy and Schwarz leave factors into (u - c)(c - l)",
    parameters={**ROOTS, c: Interval(l, u)},
    lhs=(u + l) * c - u * l - c**2,
    relation="==",
    rhs=(u - c) * (c - l),
    source=HERE,
    false_sibling=FalseSibling("c instead of its square", {"lhs": (u + l) * c - u * l - c}),
)

SQUARE = Claim(
    name="transfer_bound/square",
    title="The slack of the core is the square of c - sqrt(u l)",
    parameters={**ROOTS, c: Interval(l, u)},
    lhs=(root_u - root_l) ** 2 * c - (u - c) * (c - l),
    relation="==",
    rhs=(c - root_u * root_l) ** 2,
    source=HERE,
    false_sibling=FalseSibling("the arithmetic mean in place of the geometric", {"rhs": (c - (u + l) / 2) ** 2}),
)

CORE = Claim(
    name="transfer_bound/core",
    title="(u - c)(c - l) <= (sqrt u - sqrt l)^2 c",
    parameters={**ROOTS, c: Interval(l, u)},
    lhs=(u - c) * (c - l),
    relation="<=",
    rhs=(root_u - root_l) ** 2 * c,
    source=HERE,
    false_sibling=FalseSibling("1 % smaller", {"rhs": Rational(99, 100) * (root_u - root_l) ** 2 * c}),
    sharp=Extremal("c = sqrt(u l)", attained=True, parameters={root_u: 2, root_l: 1, c: 2}),
)

CLAIM = Claim(
    name="transfer_bound",
    title="Training with A and deploying with B, l A <= B <= u A, costs at most (sqrt u - sqrt l)^2 times the training risk",
    parameters=ROOTS,
    tasks=Tasks("weight_pairs"),
    measured={excess: measured("modeling_error", **PAIR), risk_A: measured("training_risk", rule=Prescribed("A"))},
    lhs=excess,
    relation="<=",
    rhs=(root_u - root_l) ** 2 * risk_A,
    source=HERE,
    assumptions=(
        Assumption(
            "l A <= B for every task (claimed for l = u/4; the ratios reach down to nearly 0)",
            without={"parameters": {root_l: Interval(0, root_u / 4)}, "rhs": (root_u - root_u / 2) ** 2 * risk_A},
        ),
        Assumption(
            "B <= u A for every task (claimed for a quarter of the largest ratio)",
            without={"parameters": {root_l: Interval(0, root_u / 2)}, "rhs": (root_u / 2 - root_l) ** 2 * risk_A},
        ),
    ),
    reductions=(
        Argued("the excess is half the supremum of <zeta, D v>^2 / <v, D v> over constant v, with zeta orthogonal to them"),
        IDENTITY,
        SPECTRUM,
        FACTORS,
        CORE,
        SQUARE,
    ),
    sharp=Extremal(
        "two tasks with ratios u and l, the A-weight of the first sqrt(l)/(sqrt(u) + sqrt(l))",
        attained=True,
        parameters={root_u: 2, root_l: 1},
        tasks=(
            {"probability": Rational(1, 3), "optimum": 0, "A": 1, "B": 4},
            {"probability": Rational(2, 3), "optimum": 1, "A": 1, "B": 1},
        ),
    ),
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * (root_u - root_l) ** 2 * risk_A}),
)


def price(root_low: Expr | int, root_high: Expr | int) -> Expr:
    """The theorem's constant for weights whose ratio has the square roots `root_low` and `root_high` as its ends.

    Parameters
    ----------
    root_low, root_high : sympy expression or int

    Examples
    --------
    >>> price(0, Rational(1, 2))
    1/4
    """
    return (CLAIM.rhs / risk_A).subs({root_l: root_low, root_u: root_high}, simultaneous=True)
