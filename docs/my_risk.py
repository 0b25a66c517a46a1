r"""A claim about piecewise quadratic risks: an adaptation step moves their slope by no more than smoothness allows.

**Setting.** On the line a risk's slope is piecewise linear: from slope `first` at 0 it changes at given rates from -1 to 1 on
pieces of given lengths.  Its slope is therefore 1-Lipschitz, and nowhere twice differentiable at the joints.

**Theorem.** For a step at a rate alpha from 0, :math:`|R'(-\alpha R'(0))-R'(0)|\le\alpha|R'(0)|`.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sympy import Abs, Interval, Range, Rational, Symbol

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import alpha
from verify.instances.family import Family
from verify.quantities import Quantity

pieces = Symbol("pieces", integer=True, positive=True)
before, after = (Symbol(name, real=True) for name in ("before", "after"))


@dataclass
class Profile:
    """Slope at 0 (batch, 1), rates and lengths of the pieces on either side (batch, 2, pieces)."""

    first: np.ndarray
    rates: np.ndarray
    lengths: np.ndarray


def decode(codes, values):
    """Rates and lengths come from the codes by field operations alone."""
    shape = 2, values[pieces]
    return Profile(codes.anywhere(1), 1 - 2 * codes.unit(*shape), codes.positive(*shape))


def slope(batch):
    """Walk along the pieces from 0 to where the step leads, all instances at once."""
    tasks, step = batch.tasks, -batch.values[alpha] * batch.tasks.first
    side = np.where(step[:, 0] < 0, 1, 0)
    rates, lengths = (array[np.arange(len(side)), side] for array in (tasks.rates, tasks.lengths))
    ends = np.cumsum(lengths, axis=1)
    walked = np.clip(np.abs(step) - (ends - lengths), 0, lengths)
    beyond = np.maximum(np.abs(step) - ends[:, -1:], 0)  # the last piece goes on
    return tasks.first + np.sign(step) * ((rates * walked).sum(axis=1, keepdims=True) + rates[:, -1:] * beyond)


def exactly(instance):
    """The same by the definition: piece after piece, in fractions."""
    first = instance.tasks.first[0, 0]
    left, sign = abs(instance.values[alpha].item() * first), 1 if first <= 0 else -1
    rates, lengths = (array[0, int(first > 0)] for array in (instance.tasks.rates, instance.tasks.lengths))
    found = first
    for index, rate in enumerate(rates):
        walked = left if index == len(rates) - 1 else min(left, lengths[index])
        found, left = found + sign * rate * walked, left - walked
    return [Fraction(found)]


FAMILIES = {"my_profile": Family("my_profile", "slopes that are linear piece by piece", decode, {pieces: Range(1, 5)})}
QUANTITIES = {
    "my_slope_before": Quantity(lambda batch: batch.tasks.first, lambda one: [one.tasks.first[0, 0]]),
    "my_slope_after": Quantity(slope, exactly),
}
CLAIM = Claim(
    "my_risk", "a step moves the slope by at most alpha times itself", Abs(after - before), "<=", alpha * Abs(before),
    Source("derived here"), FalseSibling("0.99 of it", {"rhs": alpha * Abs(before) * Rational(99, 100)}),
    {alpha: Interval.open(0, 1)}, Instances("my_profile"),
    {before: measured("my_slope_before"), after: measured("my_slope_after")},
)  # fmt: skip
