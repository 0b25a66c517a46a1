"""Records and searches, exactly: harmonic numbers, order statistics, and the dynamic programme over partitions of a prior.

>>> from fractions import Fraction as F
>>> prior = [(3, 1, 0), (0, 0, 2), (0, 2, 0)]
>>> [search_value(prior, [F(1, 3)] * 3, 2, greedy) for greedy in (True, False)]
[Fraction(5, 3), Fraction(7, 3)]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any


def harmonic(length: int, power: int = 1) -> Fraction:
    """1 + 1/2^power + ... + 1/length^power."""
    return sum((Fraction(1, i**power) for i in range(1, length + 1)), Fraction(0))


def record_law(length: int) -> list[Fraction]:
    """Probabilities of 0, 1, ... records of a random order: its value t is one with probability 1/t, whatever came before.

    Examples
    --------
    >>> [str(share) for share in record_law(3)]
    ['0', '1/3', '1/2', '1/6']
    """
    law = [Fraction(1)]
    for t in range(1, length + 1):
        chance = Fraction(1, t)
        law = [chance * one + (1 - chance) * none for one, none in zip([Fraction(0), *law], [*law, Fraction(0)], strict=True)]
    return law


def stirling(length: int, cycles: int) -> int:
    """Number of permutations with so many cycles, by its recurrence.

    Examples
    --------
    >>> [stirling(4, r) for r in range(5)]
    [0, 6, 11, 6, 1]
    """
    if length == 0:
        return int(cycles == 0)
    return (stirling(length - 1, cycles - 1) if cycles else 0) + (length - 1) * stirling(length - 1, cycles)


def mean_records(length: int) -> Fraction:
    """Mean number of records of a random order, from the law of their number."""
    counts = [stirling(length, r) for r in range(length + 1)]
    return Fraction(sum(r * count for r, count in enumerate(counts)), sum(counts))


def records_of_draws(values: int, draws: int, ties: bool) -> Fraction:
    """Mean number of records of draws with replacement from so many distinct values.

    Without ties the sum over values; with them every draw that is at least all before it counts, draw t with probability
    sum_v (v/n)^{t-1}/n.
    """
    if ties:
        return sum(
            (Fraction(v, values) ** (t - 1) / values for t in range(1, draws + 1) for v in range(1, values + 1)), Fraction(0)
        )
    return sum(((1 - Fraction(v - 1, values) ** draws) / (values - v + 1) for v in range(1, values + 1)), Fraction(0))


def expected_best(values: Sequence[Any], queries: int) -> Any:
    """Mean of the largest of distinct points drawn at random: the k-th smallest is it in C(k-1, T-1) of C(n, T) samples."""
    shares = (comb(k, queries - 1) for k in range(len(values)))
    total = sum(share * value for share, value in zip(shares, sorted(values), strict=True))
    return total / Fraction(comb(len(values), queries))


def search_value(
    functions: Sequence[Sequence[int]], chances: Sequence[Any], queries: int, greedy: bool, seen: int | None = None
) -> Any:
    """Chance-weighted final maximum of the best search, or of greedy expected improvement with ties broken in the worst way."""
    if queries == 0:
        return sum(chances) * seen
    ends = []
    for x in range(len(functions[0])):
        parts: dict[int, list[int]] = defaultdict(list)
        for index, function in enumerate(functions):
            parts[function[x]].append(index)
        immediate, total = Fraction(0), Fraction(0)
        for value, members in parts.items():
            reached = value if seen is None else max(seen, value)
            share = [chances[index] for index in members]
            immediate += sum(share) * reached
            total += search_value([functions[index] for index in members], share, queries - 1, greedy, reached)
        ends.append((immediate, total))
    if not greedy:
        return max(total for _, total in ends)
    leading = max(immediate for immediate, _ in ends)
    return min(total for immediate, total in ends if immediate == leading)
