r"""Hoeffding's inequality for the error rate of a classifier, with the log(1/delta) of every PAC bound.

**Setting.** A classifier errs with probability `risk`; N independent samples show the fraction `seen` of errors.

**Theorem.** With probability at least :math:`1-\delta`, :math:`risk\le seen+\sqrt{\log(1/\delta)/(2N)}`.

**Source.** W. Hoeffding, Probability inequalities for sums of bounded random variables, 1963.
"""

from sympy import FiniteSet, Interval, Range, Rational, Symbol, log, sqrt

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import N
from verify.quantities import Quantity

risk = Symbol("risk", nonnegative=True)
gap = Symbol("gap", real=True)
delta = Symbol("delta", positive=True)


def drawn(batch, rng, count):
    """`count` runs of the experiment for each instance: the risk less the fraction of errors that N samples show."""
    samples = batch.values[N]
    return batch.values[risk] - rng.binomial(samples, batch.values[risk], (len(batch.values[risk]), count)) / samples


# a random quantity is judged by its replicates; its mean, here zero, is what theory and numerics are compared on
QUANTITIES = {"my_gap": Quantity(lambda batch: 0 * batch.values[risk], lambda one: [0], replicates=drawn)}
RADIUS = sqrt(log(1 / delta) / (2 * N))
CLAIM = Claim(
    "my_concentration", "N samples show the risk up to sqrt(log(1/delta)/(2N))", gap, "<=", RADIUS,
    Source("hoeffding-1963", "Theorem 1"), FalseSibling("0.4 of the radius", {"rhs": RADIUS * Rational(2, 5)}),
    {risk: Interval(0, 1), N: Range(5, 101), delta: FiniteSet(Rational(1, 20), Rational(1, 4))},
    measured={gap: measured("my_gap")}, failure_probability=delta,
)  # fmt: skip
