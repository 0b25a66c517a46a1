"""Quantities of sequential search: numerics visits orders and queries, theory has laws and partitions."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np

from numerics.related import improvement_records, tabular_priors
from theory.related import sequential_search as exact
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity, of_order_one


def _mean_records(batch: Batch, length: Any) -> Array:
    law = improvement_records.record_law(int(batch.number(length)))
    return np.full((1, 1), law @ np.arange(len(law)) / factorial(len(law) - 1))


def _exact_mean_records(instance: Batch, length: Any) -> list[Exact]:
    return [exact.mean_records(int(instance.number(length)))]


def _record_share(batch: Batch, length: Any, records: Any) -> Array:
    law, count = improvement_records.record_law(int(batch.number(length))), int(batch.number(records))
    return np.full((1, 1), law[count] / law.sum() if count < len(law) else 0.0)


def _exact_record_share(instance: Batch, length: Any, records: Any) -> list[Exact]:
    """By the law of independent records: the coefficient of x^r in the product of 1 - 1/t + x/t."""
    law, count = exact.record_law(int(instance.number(length))), int(instance.number(records))
    return [law[count] if count < len(law) else Fraction(0)]


def _stirling_share(batch: Batch, length: Any, records: Any) -> Array:
    """From the rising factorial, as a polynomial in doubles."""
    number, count = int(batch.number(length)), int(batch.number(records))
    rising = np.poly(-np.arange(number))[::-1]
    return np.full((1, 1), rising[count] / factorial(number) if count <= number else 0.0)


def _exact_stirling_share(instance: Batch, length: Any, records: Any) -> list[Exact]:
    number = int(instance.number(length))
    return [Fraction(exact.stirling(number, int(instance.number(records))), factorial(number))]


def _record_variance(batch: Batch, length: Any) -> Array:
    law = improvement_records.record_law(int(batch.number(length)))
    chances, counts = law / law.sum(), np.arange(len(law))
    return np.full((1, 1), chances @ (counts - chances @ counts) ** 2)


def _exact_record_variance(instance: Batch, length: Any) -> list[Exact]:
    law = exact.record_law(int(instance.number(length)))
    mean = sum((r * share for r, share in enumerate(law)), Fraction(0))
    return [sum(((r - mean) ** 2 * share for r, share in enumerate(law)), Fraction(0))]


def _harmonic(batch: Batch, length: Any, power: int = 1) -> Array:
    return np.full((1, 1), (1.0 / np.arange(1, int(batch.number(length)) + 1) ** int(power)).sum())


def _exact_harmonic(instance: Batch, length: Any, power: int = 1) -> list[Exact]:
    return [exact.harmonic(int(instance.number(length)), int(power))]


def _records_of_draws(batch: Batch, values: Any, draws: Any, ties: bool) -> Array:
    number, length = int(batch.number(values)), int(batch.number(draws))
    return np.full((1, 1), improvement_records.records_of_draws(np.arange(number), length, ties=ties) / number**length)


def _exact_records_of_draws(instance: Batch, values: Any, draws: Any, ties: bool) -> list[Exact]:
    return [exact.records_of_draws(int(instance.number(values)), int(instance.number(draws)), ties)]


def _expected_best(batch: Batch, queries: Any) -> Array:
    return improvement_records.expected_best(batch.tasks.values, int(batch.number(queries)))[:, None]


def _exact_expected_best(instance: Batch, queries: Any) -> list[Exact]:
    return [Fraction(exact.expected_best(instance.tasks.values[0].tolist(), int(instance.number(queries))))]


def _largest(batch: Batch) -> Array:
    return np.asarray(batch.tasks.values.max(axis=1, keepdims=True).astype(float))


def _exact_largest(instance: Batch) -> list[Exact]:
    return [Fraction(int(sorted(instance.tasks.values[0])[-1]))]


def _rest(batch: Batch) -> Array:
    return np.asarray(np.sort(batch.tasks.values, axis=1)[:, :-1].mean(axis=1, keepdims=True))


def _exact_rest(instance: Batch) -> list[Exact]:
    values = [int(value) for value in instance.tasks.values[0]]
    return [Fraction(sum(values) - max(values), len(values) - 1)]


def _first(batch: Batch) -> Array:
    return np.asarray(batch.tasks.values[:, :1].astype(float))


def _exact_first(instance: Batch) -> list[Exact]:
    return [Fraction(int(instance.tasks.values[0, 0]))]


def _improvements(batch: Batch) -> Array:
    """Rewards of a run, step by step."""
    seen = np.maximum.accumulate(batch.tasks.values, axis=1)
    rewards = np.maximum(batch.tasks.values[:, 1:] - seen[:, :-1], 0)
    return np.asarray(rewards.sum(axis=1, keepdims=True).astype(float))


def _exact_improvements(instance: Batch) -> list[Exact]:
    values = [int(value) for value in instance.tasks.values[0]]
    return [Fraction(sum(max(0, value - max(values[:t])) for t, value in enumerate(values) if t))]


def _search(batch: Batch, queries: Any, greedy: bool) -> Array:
    """Of functions that are equally likely."""
    functions, steps = batch.tasks.functions, int(batch.number(queries))
    search = tabular_priors.greedy_search if greedy else tabular_priors.best_search
    return search(functions, steps)[:, None]


def _exact_search(instance: Batch, queries: Any, greedy: bool) -> list[Exact]:
    functions = [[int(v) for v in f] for f in instance.tasks.functions[0]]
    even = [Fraction(1, len(functions))] * len(functions)
    return [exact.search_value(functions, even, int(instance.number(queries)), greedy)]


QUANTITIES = {
    "mean_records": Quantity(_mean_records, _exact_mean_records),
    "record_share": Quantity(_record_share, _exact_record_share, of_order_one),
    "stirling_share": Quantity(_stirling_share, _exact_stirling_share, of_order_one),
    "record_variance": Quantity(_record_variance, _exact_record_variance, of_order_one),
    "harmonic_number": Quantity(_harmonic, _exact_harmonic),
    "records_of_draws": Quantity(_records_of_draws, _exact_records_of_draws),
    "expected_best": Quantity(_expected_best, _exact_expected_best),
    "largest_value": Quantity(_largest, _exact_largest),
    "rest_mean": Quantity(_rest, _exact_rest),
    "first_value": Quantity(_first, _exact_first),
    "improvements": Quantity(_improvements, _exact_improvements),
    "search_value": Quantity(_search, _exact_search),
}
