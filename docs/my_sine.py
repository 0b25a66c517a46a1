r"""A claim with a sine, about tasks of which each is a sine: how steep their mean can be.

**Setting.** Task i has the risk :math:`\tfrac12(1+\sin(w_i\theta+\varphi_i))`; tasks have probabilities.

**Theorem.** The mean risk's slope is at most half the root of the mean of :math:`w_i^2\cos^2(w_i\theta+\varphi_i)`.
"""

from dataclasses import dataclass

import numpy as np
from sympy import Range, Rational, Symbol, cos, sqrt, symbols

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import n
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.family import Family
from verify.quantities import Quantity

steepness, spread = (Symbol(name, real=True) for name in ("steepness", "spread"))
chance, frequency, phase = symbols("chance frequency phase", real=True)


@dataclass
class Sines:
    """Probabilities, frequencies and phases at the point, (batch, n) each."""

    chances: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray


def decode(codes, values):
    """n tasks."""
    count = values[n]
    return Sines(codes.probabilities(count), codes.positive(count), codes.anywhere(count))


def slopes(batch):
    """Twice the tasks' slopes, (batch, n)."""
    return batch.tasks.frequencies * np.cos(batch.tasks.phases)


def exact_mean(formula):
    """The expectation of a formula over the tasks of one instance, in enclosures."""

    def found(instance):
        tasks = zip(instance.tasks.chances[0], instance.tasks.frequencies[0], instance.tasks.phases[0], strict=True)
        terms = (dict(zip((chance, frequency, phase), task, strict=True)) for task in tasks)
        return [np.ravel(sum(evaluate(chance * formula, values, EXACT) for values in terms))[0]]

    return found


def floats(power):
    """The expectation of a power of twice the tasks' slopes."""
    return lambda batch: (batch.tasks.chances * slopes(batch) ** power).sum(axis=1, keepdims=True)


FAMILIES = {"my_sines": Family("my_sines", "a sine a task", decode, {n: Range(1, 6)})}
QUANTITIES = {
    "my_mean_slope": Quantity(
        floats(1), exact_mean(frequency * cos(phase)), scale=lambda batch: np.abs(slopes(batch)).max(axis=1, keepdims=True)
    ),
    "my_mean_square": Quantity(floats(2), exact_mean(frequency**2 * cos(phase) ** 2)),
}
CLAIM = Claim(
    "my_sine", "the mean's slope is at most the root of the mean square", steepness / 2, "<=", sqrt(spread) / 2,
    Source("derived here"), FalseSibling("0.98 of it", {"rhs": sqrt(spread) * Rational(49, 100)}), {},
    Instances("my_sines"), {steepness: measured("my_mean_slope"), spread: measured("my_mean_square")},
)  # fmt: skip
