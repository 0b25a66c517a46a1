r"""Short runs of both algorithms enumerated in exact rationals.

Tasks are piecewise quadratics or cubics in one dimension with rational pieces; the oracles' noise has finitely many
rational values. Then the law of the parameter after a few updates has finitely many rational points with rational
probabilities, and every expectation is a rational number.  Nothing is shared with the simulation but the words:

* joint training: :math:`\theta^+=\theta-\frac\eta M\sum_m g_m`, each :math:`g_m` the mean of `joint` calls at a drawn task;
* MAML: :math:`\theta^+=\theta-\frac\eta M\sum_m(1-\alpha h_m)\,g'_m` with the inner gradient, the outer one at
  :math:`\theta-\alpha g_m` and the Hessian :math:`h_m` from independent batches of `calls`, `calls` and `samples`;
* testing: :math:`\theta^+=\theta-\eta g`, g the mean of `calls` calls at one task drawn afresh.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise, product

Law = Mapping[Fraction, Fraction]
#: no noise
SILENT: Law = {Fraction(0): Fraction(1)}


def signs(size: Fraction) -> Law:
    """Noise of plus or minus `size`.

    Examples
    --------
    >>> signs(Fraction(1, 2))
    {Fraction(-1, 2): Fraction(1, 2), Fraction(1, 2): Fraction(1, 2)}
    """
    return {-size: Fraction(1, 2), size: Fraction(1, 2)} if size else SILENT


def mean_of(law: Law, calls: int) -> Law:
    """Law of the mean of independent draws.

    Examples
    --------
    >>> mean_of(signs(Fraction(1)), 2)[Fraction(0)]
    Fraction(1, 2)
    """
    sums: Law = {Fraction(0): Fraction(1)}
    for _ in range(calls):
        sums = _pushed(((a + b, s * t) for (a, s), (b, t) in product(sums.items(), law.items())))
    return {total / calls: chance for total, chance in sums.items()}


def _pushed(pairs: Iterable[tuple[Fraction, Fraction]]) -> dict[Fraction, Fraction]:
    found: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    for point, chance in pairs:
        found[point] += chance
    return dict(found)


@dataclass(frozen=True)
class _Curved(ABC):
    """A function of one number whose curvature is a line between neighbouring knots and constant outside them."""

    knots: Sequence[Fraction]
    curvatures: Sequence[Fraction]
    slope: Fraction = Fraction(0)
    height: Fraction = Fraction(0)

    @abstractmethod
    def curvature(self, x: Fraction) -> Fraction:
        """Second derivative."""

    def _integrals(self, x: Fraction) -> tuple[Fraction, Fraction]:
        """Integrals from 0 to x of the curvature, and of (x - s) times it."""
        low, high = min(x, Fraction(0)), max(x, Fraction(0))
        ends = [low, *(knot for knot in self.knots if low < knot < high), high]
        once = twice = Fraction(0)
        for a, b in pairwise(ends):
            # two points tell a line, and a curvature that jumps at a knot is not asked for there
            length, quarter = b - a, (b - a) / 4
            left, right = self.curvature(a + quarter), self.curvature(b - quarter)
            mean = (left + right) * length / 2
            once += mean
            twice += mean * (x - (a + b) / 2) - (right - left) * length * length / 6
        return (once, twice) if x >= 0 else (-once, -twice)

    def gradient(self, x: Fraction) -> Fraction:
        """First derivative."""
        return self.slope + self._integrals(x)[0]

    def value(self, x: Fraction) -> Fraction:
        """Value."""
        return self.height + self.slope * x + self._integrals(x)[1]


@dataclass(frozen=True)
class Piecewise(_Curved):
    """A function of one number with a continuous slope and constant curvature between knots.

    Parameters
    ----------
    knots : sequence of Fraction
        Increasing.
    curvatures : sequence of Fraction
        One more than knots, from left to right.
    slope, height : Fraction
        First derivative and value at 0.

    Raises
    ------
    ValueError
        If the two do not fit or knots do not increase.

    Examples
    --------
    >>> bowl = Piecewise((), (Fraction(2),))
    >>> bowl.value(Fraction(3)), bowl.gradient(Fraction(3))
    (Fraction(9, 1), Fraction(6, 1))
    """

    def __post_init__(self) -> None:
        if len(self.curvatures) != len(self.knots) + 1:
            raise ValueError(f"curvatures has {len(self.curvatures)} entries; it must have one more than knots")
        if any(b <= a for a, b in pairwise(self.knots)):
            raise ValueError(f"knots is {self.knots!r}; it must increase")

    def curvature(self, x: Fraction) -> Fraction:
        """Second derivative; at a knot that of the piece to the right."""
        return self.curvatures[sum(knot <= x for knot in self.knots)]


@dataclass(frozen=True)
class Bent(_Curved):
    """A function of one number whose curvature is piecewise linear, given at its knots, and constant outside them.

    Parameters
    ----------
    knots : sequence of Fraction
        Increasing.
    curvatures : sequence of Fraction
        Second derivatives at the knots.
    slope, height : Fraction
        First derivative and value at 0.

    Raises
    ------
    ValueError
        If the two do not fit or knots do not increase.

    Examples
    --------
    >>> cubic = Bent((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1)))
    >>> cubic.gradient(Fraction(1)), cubic.value(Fraction(1))
    (Fraction(1, 2), Fraction(1, 6))
    """

    def __post_init__(self) -> None:
        if len(self.curvatures) != len(self.knots) or not self.knots:
            raise ValueError(f"curvatures has {len(self.curvatures)} entries; it must have as many as knots, at least one")
        if any(b <= a for a, b in pairwise(self.knots)):
            raise ValueError(f"knots is {self.knots!r}; it must increase")

    def curvature(self, x: Fraction) -> Fraction:
        """Second derivative."""
        if x <= self.knots[0]:
            return self.curvatures[0]
        for (a, left), (b, right) in pairwise(zip(self.knots, self.curvatures, strict=True)):
            if x <= b:
                return left + (right - left) * (x - a) / (b - a)
        return self.curvatures[-1]


@dataclass(frozen=True)
class Run:
    """A distribution of tasks, an algorithm and its oracle.

    Parameters
    ----------
    tasks : sequence of Piecewise or Bent
        The tasks.
    weights : sequence of Fraction
        Their probabilities.
    eta : Fraction
        Step size.
    alpha : Fraction or None
        MAML's inner rate; None for joint training.
    gradient, hessian : mapping
        Law of one call's noise.
    batch, calls, samples : int
        M, N, D.
    joint : int
        Calls per gradient of joint training.
    """

    tasks: Sequence[Piecewise | Bent]
    weights: Sequence[Fraction]
    eta: Fraction
    alpha: Fraction | None = None
    gradient: Law = field(default_factory=lambda: SILENT)
    hessian: Law = field(default_factory=lambda: SILENT)
    batch: int = 1
    calls: int = 1
    samples: int = 1
    joint: int = 2

    def mean_step(self, x: Fraction) -> Fraction:
        """grad R_drs, or grad F, at x."""
        return sum((w * self._exact_step(task, x) for w, task in zip(self.weights, self.tasks, strict=True)), Fraction(0))

    def _exact_step(self, task: Piecewise | Bent, x: Fraction) -> Fraction:
        if self.alpha is None:
            return task.gradient(x)
        return (1 - self.alpha * task.curvature(x)) * task.gradient(x - self.alpha * task.gradient(x))

    def _one_task(self, x: Fraction) -> dict[Fraction, Fraction]:
        """Law of a drawn task's sampled step."""
        pairs = []
        for w, task in zip(self.weights, self.tasks, strict=True):
            if self.alpha is None:
                pairs += [(task.gradient(x) + e, w * s) for e, s in mean_of(self.gradient, self.joint).items()]
                continue
            noise, bends = mean_of(self.gradient, self.calls), mean_of(self.hessian, self.samples)
            for (inner, s), (outer, t), (bend, v) in product(noise.items(), noise.items(), bends.items()):
                adapted = x - self.alpha * (task.gradient(x) + inner)
                step = (1 - self.alpha * (task.curvature(x) + bend)) * (task.gradient(adapted) + outer)
                pairs.append((step, w * s * t * v))
        return _pushed(pairs)

    def updated(self, law: Law) -> dict[Fraction, Fraction]:
        """Law of the parameter after one update from a law of it."""
        pairs = []
        for x, chance in law.items():
            total: Law = {Fraction(0): Fraction(1)}
            for _ in range(self.batch):
                total = _pushed((a + b, s * t) for (a, s), (b, t) in product(total.items(), self._one_task(x).items()))
            pairs += [(x - self.eta * step / self.batch, chance * share) for step, share in total.items()]
        return _pushed(pairs)

    def gradient_sum(self, start: Fraction, updates: int, test_steps: int) -> Fraction:
        """E of the sum of squared mean steps over training and of squared task gradients over testing.

        Raises
        ------
        ValueError
            If a number of steps is negative or both are zero.

        Examples
        --------
        >>> bowl = Piecewise((), (Fraction(1),))
        >>> Run([bowl], [Fraction(1)], Fraction(1, 2)).gradient_sum(Fraction(1), 1, 1)
        Fraction(5, 4)
        """
        if updates < 0 or test_steps < 0 or updates + test_steps == 0:
            raise ValueError(f"updates is {updates} and test_steps is {test_steps}; they must be at least 0, one of them more")
        law: Law = {start: Fraction(1)}
        total = Fraction(0)
        for _ in range(updates):
            total += sum((chance * self.mean_step(x) ** 2 for x, chance in law.items()), Fraction(0))
            law = self.updated(law)
        for w, task in zip(self.weights, self.tasks, strict=True):
            its = law
            for _ in range(test_steps):
                total += w * sum((chance * task.gradient(x) ** 2 for x, chance in its.items()), Fraction(0))
                noise = mean_of(self.gradient, self.calls)
                pairs = product(its.items(), noise.items())
                its = _pushed((x - self.eta * (task.gradient(x) + e), chance * s) for (x, chance), (e, s) in pairs)
        return total


def averaged_excess(root: Fraction, chance: Fraction, deviation: Fraction, start: Fraction, steps: int) -> Fraction:
    """Expected excess of the mean of the first iterates of stochastic gradient descent at step 1/(4 root^2), by enumeration.

    A sample's curvature is root^2 with probability `chance`, otherwise 0; its noise is root times `deviation` times a sign.

    Examples
    --------
    >>> averaged_excess(Fraction(1), Fraction(1), Fraction(0), Fraction(2), 1)
    Fraction(2, 1)
    """
    bend = root**2
    size = 1 / (4 * bend)
    noises = [(bend, sign * root * deviation, chance / 2) for sign in (1, -1)]
    outcomes = [*noises, (Fraction(0), Fraction(0), 1 - chance)]
    paths = {(start, Fraction(0)): Fraction(1)}
    for _ in range(steps):
        after: defaultdict[tuple[Fraction, Fraction], Fraction] = defaultdict(Fraction)
        for (point, total), odds in paths.items():
            for curvature, noise, share in outcomes:
                after[point - size * (curvature * point - noise), total + point] += odds * share
        paths = dict(after)
    return chance * bend / 2 * sum((odds * (total / steps) ** 2 for (_, total), odds in paths.items()), Fraction(0))


def diagonal_moment(samples: int, deviation: Fraction, slope: Fraction, operator: bool) -> Fraction:
    """E |M g|^2 for g = (1, slope), or E |M|^2, for the mean M of sampled diagonal matrices diag(+-deviation, +-deviation).

    Examples
    --------
    >>> diagonal_moment(2, Fraction(1), Fraction(1), False), diagonal_moment(2, Fraction(1), Fraction(0), True)
    (Fraction(1, 1), Fraction(3, 4))
    """
    law = mean_of(signs(deviation), samples)
    total = Fraction(0)
    for (a, s), (b, t) in product(law.items(), law.items()):
        total += s * t * (max(a * a, b * b) if operator else a * a + (slope * b) ** 2)
    return total
