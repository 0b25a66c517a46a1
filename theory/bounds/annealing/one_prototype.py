r"""One prototype is globally optimal iff no second one gains on average: the derivative of a convex free energy.

**Setting.** Prototypes :math:`\mu_j` with free masses :math:`\pi_j` and a Bregman divergence d; the free energy
:math:`F=-T\,E\log\sum_j\pi_je^{-d(X,\mu_j)/T}`, with one prototype at the mean m for comparison.

**Theorem.** At every temperature

.. math:: F-F_m\ge T\big(1-E\sum_j\pi_je^{-(d(X,\mu_j)-d(X,m))/T}\big).

So one prototype is globally optimal iff :math:`G(\mu)=E e^{-(d(X,\mu)-d(X,m))/T}\le1` for all mu: then the right side is never
negative, and where :math:`G(\mu)>1` a little mass at mu lowers F.  For the squared distance
:math:`G(\mu)=E e^{s\cdot(X-m)}e^{-|s|^2T/4}` with :math:`s=2(\mu-m)/T` (reduction ``laplace``): the first split is at the
temperature :math:`T^*` that is twice the optimal sub-Gaussian variance proxy of X, infinite if X has none.

**Proof.** :math:`-\log y\ge1-y` for the mixture over :math:`e^{-d(X,m)/T}`; take the mean.  The right side is the derivative
of F, which is convex in the mixing measure, from the point mass at m.  Expanding at :math:`\mu=m` gives :math:`T^*\ge T_c` of
:mod:`theory.bounds.annealing.split_slope`, with equality iff the law is strictly sub-Gaussian, as two equal points, an even
grid and the normal law are.

**How it is checked.** A step of expectation--maximisation is run for the free energies, of both divergences in turn.

**Sharp**: attained by prototypes at m, approached by a second one of little mass.

**Source**: derived here; the free energy is `mavridis-2022`'s.
"""

from sympy import Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import excess_energy, heat, mean_gain, n, p, tilted

HEATS = {heat: Interval(Rational(1, 64), 2)}
CLOUDS = Instances("prototypes", {p: Range(1, 3), n: Range(2, 5)})


def _stated(name: str, title: str, source: Source, divergence: str, *reductions: Claim) -> Claim:
    """The statement for a divergence."""
    return Claim(
        name=name,
        title=title,
        parameters=HEATS,
        tasks=CLOUDS,
        measured={
            excess_energy: measured("excess_free_energy", temperature=heat, divergence=divergence),
            mean_gain: measured("mean_gain", temperature=heat, divergence=divergence),
        },
        lhs=heat * (1 - mean_gain),
        relation="<=",
        rhs=excess_energy,
        source=source,
        reductions=reductions,
        false_sibling=FalseSibling("1 % less of the gain", {"lhs": heat * (1 - Rational(99, 100) * mean_gain)}),
    )


HERE = Source("derived here")

RELATIVE_ENTROPY = _stated("one_prototype/relative_entropy", "The same for the relative entropy", HERE, "relative entropy")

LAPLACE = Claim(
    name="one_prototype/laplace",
    title="For the squared distance the gain is a moment generating function over that of a normal law of variance T/2",
    parameters=HEATS,
    tasks=CLOUDS,
    measured={
        mean_gain: measured("mean_gain", temperature=heat, divergence="squared"),
        tilted: measured("tilted_moment", temperature=heat, variance=heat / 2),
    },
    lhs=mean_gain,
    relation="==",
    rhs=tilted,
    source=HERE,
    false_sibling=FalseSibling(
        "of variance T", {"measured": {tilted: measured("tilted_moment", temperature=heat, variance=heat)}}
    ),
)

CLAIM = _stated(
    "one_prototype",
    "Prototypes have at least T (1 - mean gain) more free energy than one at the mean",
    Source("mavridis-2022", "its free energy; derived here"),
    "squared",
    RELATIVE_ENTROPY,
    LAPLACE,
)
