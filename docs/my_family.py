"""A claim about a family of one's own, set functions: what choosing greedily covers, against the best choice.

**Setting.** Each of some sets holds some of the elements, each element has a weight, and k sets are to be chosen.

**Theorem.** Choosing one set after another, each time the one that adds the most weight, covers at least
:math:`1-(1-1/k)^k` of what the best k sets cover.

**Source.** G. Nemhauser, L. Wolsey and M. Fisher, 1978.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from sympy import Range, Rational, Symbol

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import k
from verify.instances.family import Family
from verify.quantities import Quantity

sets, elements = (Symbol(name, integer=True, positive=True) for name in ("sets", "elements"))
greedy, best = (Symbol(name, real=True) for name in ("greedy", "best"))


@dataclass
class Cover:
    """Which set holds which element (batch, sets, elements), 0 or 1, and the elements' weights (batch, elements)."""

    members: np.ndarray
    weights: np.ndarray


def decode(codes, values):
    """Any integers are an instance; zero codes are empty sets."""
    shape = values[sets], values[elements]
    return Cover(codes.integers(*shape, most=1), codes.unit(values[elements], left_open=True))


def greedily(batch):
    """Run the algorithm on all instances at once: (batch, 1)."""
    members, weights = batch.tasks.members, batch.tasks.weights
    covered, rows = np.zeros(weights.shape), np.arange(len(weights))
    for _ in range(batch.values[k]):
        gains = (np.maximum(members, covered[:, None]) * weights[:, None]).sum(axis=-1)
        covered = np.maximum(covered, members[rows, gains.argmax(axis=1)])
    return (covered * weights).sum(axis=1, keepdims=True)


def choices(batch):
    """The weight that every choice of k sets covers: (batch, choices)."""
    chosen = [batch.tasks.members[:, list(c)].max(axis=1) for c in combinations(range(batch.cell[sets]), batch.values[k])]
    return (np.stack(chosen, axis=1) * batch.tasks.weights[:, None]).sum(axis=-1)


def exactly(instance, count):
    """The greedy choice by the definition, in sets of Python's and fractions."""
    held = [frozenset(np.flatnonzero(row)) for row in instance.tasks.members[0]]
    covered = frozenset()
    for _ in range(count):
        covered = covered | max(held, key=lambda one: sum(instance.tasks.weights[0][list(covered | one)], Fraction(0)))
    return [sum(instance.tasks.weights[0][list(covered)], Fraction(0))]


FAMILIES = {
    "my_cover": Family("my_cover", "weighted covers", decode, {sets: Range(3, 7), elements: Range(1, 7)}),
}
QUANTITIES = {
    "my_greedy": Quantity(greedily, lambda one: exactly(one, one.values[k])),
    "my_best": Quantity(lambda batch: choices(batch).max(axis=1, keepdims=True), lambda one: [choices(one).max()]),
}
SHARE = 1 - (1 - 1 / k) ** k
CLAIM = Claim(
    "my_family", "greedy choice covers 1 - (1 - 1/k)^k of the best", SHARE * best, "<=", greedy, Source("derived here"),
    FalseSibling("a share that is a tenth larger", {"lhs": SHARE * best * Rational(11, 10)}),
    {k: Range(1, 4)}, Instances("my_cover"), {greedy: measured("my_greedy"), best: measured("my_best")},
)  # fmt: skip
