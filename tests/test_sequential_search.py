"""Records and searches against Stirling numbers, enumeration in Python, all decision trees and Monte Carlo."""

import itertools
from fractions import Fraction
from math import comb, factorial, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from sympy.functions.combinatorial.numbers import stirling

from numerics.related import improvement_records as records
from numerics.related import tabular_priors as priors


def counted(sequence: Any) -> int:
    return sum(all(value > other for other in sequence[:t]) for t, value in enumerate(sequence))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_records_are_values_above_all_before(sequence: list[int]) -> None:
    assert records.record_counts(sequence) == counted(sequence)


@pytest.mark.parametrize("length", range(1, 9))
def test_orders_have_stirlings_numbers_of_records(length: int) -> None:
    law = records.record_law(length)
    assert law.tolist() == [int(stirling(length, r, kind=1)) for r in range(length + 1)]
    if length <= 6:
        plain = [counted(order) for order in itertools.permutations(range(length))]
        assert law.tolist() == [plain.count(r) for r in range(length + 1)]
    mean = Fraction(int(law @ np.arange(length + 1)), factorial(length))
    assert mean == sum(Fraction(1, i) for i in range(1, length + 1))


@pytest.mark.parametrize(("number", "draws"), [(1, 4), (3, 3), (4, 5), (5, 2)])
def test_draws_with_replacement_are_enumerated(number: int, draws: int) -> None:
    sequences = list(itertools.product(range(number), repeat=draws))
    assert records.records_of_draws(list(range(number)), draws) == sum(map(counted, sequences))
    tied = sum(sum(all(v >= o for o in s[:t]) for t, v in enumerate(s)) for s in sequences)
    assert records.records_of_draws(list(range(number)), draws, ties=True) == tied
    formula = sum((1 - Fraction(v - 1, number) ** draws) / (number - v + 1) for v in range(1, number + 1))
    assert Fraction(sum(map(counted, sequences)), number**draws) == formula


def test_simulated_sequences_follow_the_law_of_orders_on_any_number_of_workers() -> None:
    counts = records.simulated_records(6, 100_000, seed=3, workers=1)
    assert (counts == records.simulated_records(6, 100_000, seed=3, workers=2)).all()
    assert chisquare(counts[1:], records.record_law(6)[1:] / 720 * 100_000).pvalue > 1e-3
    many = records.simulated_records(1000, 2_000, seed=0)
    mean = many @ np.arange(1001) / 2_000
    harmonic = sum(1 / i for i in range(1, 1001))
    assert log(1001) < harmonic <= 1 + log(1000)
    assert mean == pytest.approx(harmonic, abs=4 * (harmonic / 2_000) ** 0.5)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7), st.data())
def test_the_expected_best_is_the_mean_over_all_samples(values: list[int], data: st.DataObject) -> None:
    queries = data.draw(st.integers(1, len(values)))
    mean = Fraction(sum(max(sample) for sample in itertools.combinations(values, queries)), comb(len(values), queries))
    assert records.expected_best(values, queries) == pytest.approx(float(mean), abs=1e-9)


def test_the_expected_best_of_many_points_does_not_overflow() -> None:
    values = np.arange(100_000.0)
    # the largest of T of n equally spaced values has the mean T (n + 1)/(T + 1) - 1
    assert records.expected_best(values, 999) == pytest.approx(999 * 100_001 / 1000 - 1, rel=1e-8)
    together = records.expected_best(np.stack([values, values]), np.array([1, 100_000]))
    assert together.tolist() == pytest.approx([49_999.5, 99_999.0], rel=1e-8)


Prior = list[tuple[int, ...]]


def trees(prior: Prior, points: int, steps: int) -> set[tuple[int, ...]]:
    """Final maxima, function by function, that some decision tree reaches: all trees, one by one."""
    if steps == 0:
        return {tuple(-99 for _ in prior)}
    found = set()
    for x in range(points):
        outcomes = sorted({f[x] for f in prior})
        parts = [[f for f in prior if f[x] == y] for y in outcomes]
        for ends in itertools.product(*(trees(part, points, steps - 1) for part in parts)):
            value = {}
            for y, part, each in zip(outcomes, parts, ends, strict=True):
                value |= {id(f): max(y, end) for f, end in zip(part, each, strict=True)}
            found.add(tuple(value[id(f)] for f in prior))
    return found


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=4), st.integers(1, 2))
def test_the_best_search_is_the_best_of_all_decision_trees(prior: Prior, steps: int) -> None:
    distinct: Any = [list(f) for f in prior]  # equal functions are told apart as objects
    best = max(map(sum, trees(distinct, 3, steps)))
    assert len(prior) * priors.best_search(prior, steps) == pytest.approx(best, abs=1e-12)
    assert priors.best_search_of_many(prior, steps)[0] * len(prior) == pytest.approx(best, abs=1e-12)
    greedy = priors.greedy_search(prior, steps)
    assert greedy <= priors.best_search(prior, steps) + 1e-12
    if steps == 1:
        assert greedy == pytest.approx(float(priors.best_search(prior, 1)), abs=1e-12)


def greedy_worst(prior: list[tuple[Fraction, tuple[int, ...]]], points: int, steps: int, best: int) -> Fraction:
    """Expected improvement by hand, the worst way of breaking ties, chance-weighted."""
    if steps == 0:
        return sum(c for c, _ in prior) * best
    gains = [sum(c * max(best, f[x]) for c, f in prior) for x in range(points)]
    ends = []
    for x in (x for x in range(points) if gains[x] == max(gains)):
        outcomes = {f[x] for _, f in prior}
        parts = ((y, [(c, f) for c, f in prior if f[x] == y]) for y in outcomes)
        ends.append(sum(greedy_worst(part, points, steps - 1, max(best, y)) for y, part in parts))
    return min(ends)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=4), st.integers(1, 3))
def test_greedy_search_breaks_ties_in_the_worst_way(prior: Prior, steps: int) -> None:
    number = len(prior)
    if number & (number - 1):  # sums of equal chances are exact in doubles for powers of two alone
        prior = prior[: 1 << (number.bit_length() - 1)]
    by_hand = greedy_worst([(Fraction(1, len(prior)), f) for f in prior], 3, steps, -1)
    assert priors.greedy_search(prior, steps) == pytest.approx(float(by_hand), abs=1e-12)


def test_remembered_states_give_the_value_of_plain_recursion() -> None:
    rng = np.random.default_rng(0)
    values, chances = rng.integers(0, 4, (12, 5)), rng.dirichlet(np.ones(12))
    found, states = priors.best_search_of_many(values, 3, chances)
    assert found == pytest.approx(float(priors.best_search(values, 3, chances)), abs=1e-12)
    assert states < 5**3 * 12


def test_leading_axes_are_priors() -> None:
    rng = np.random.default_rng(1)
    values, chances = rng.integers(0, 4, (6, 3, 3)), rng.dirichlet(np.ones(3), 6)
    steps = np.array([1, 2, 3, 1, 2, 3])
    together = priors.best_search(values, steps, chances)
    for index in range(6):
        assert together[index] == priors.best_search(values[index], steps[index], chances[index])


@pytest.mark.parametrize("number", [4, 10, 30])
def test_a_pointer_is_worth_more_than_any_improvement(number: int) -> None:
    """A safe arm of 1.01, an arm that tells which other pays K, and K arms: the best search gets K, greedy below 2.01."""
    prior = np.zeros((number, number + 2))
    prior[:, 0], prior[:, 1] = 1.01, np.arange(number) / 100
    prior[np.arange(number), 2 + np.arange(number)] = number
    assert priors.best_search(prior, 2) == pytest.approx(number)
    assert priors.greedy_search(prior, 2) < 2.01
    assert priors.best_search_of_many(prior, 2)[0] == pytest.approx(number)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: records.record_counts([np.nan]), "not a number"),
        (lambda: records.record_counts(np.empty((2, 0))), "sequences has shape"),
        (lambda: records.record_law(13), "length is 13"),
        (lambda: records.record_law(0), "length is 0"),
        (lambda: records.records_of_draws([0.5], 2), "values has shape"),
        (lambda: records.records_of_draws(list(range(100)), 9), "too many to be visited"),
        (lambda: records.simulated_records(3, 0, 0), "sequences is 0"),
        (lambda: records.expected_best([1.0, np.inf], 1), "values has shape"),
        (lambda: records.expected_best([1.0], 2), "queries is 2"),
        (lambda: priors.best_search([1.0], 1), "values has shape"),
        (lambda: priors.best_search([[1.0]], 0), "queries is 0"),
        (lambda: priors.best_search([[1.0]], 1, [0.5]), "chances do not sum to one"),
        (lambda: priors.best_search([[np.inf]], 1), "not finite"),
        (lambda: priors.best_search_of_many([[1.0]], 1, [0.5, 0.5]), "chances are no probabilities"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
