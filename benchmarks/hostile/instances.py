"""Tasks and families of one's own: sizes, scales, places, nearly singular curvatures, patterns of integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Integer, Interval, Range, Rational, oo

from benchmarks.hostile.case import FALSE, REFUSE, TRUE, UNIT, Cases
from theory.bounds.quadratic.distance import ROOTS
from theory.claim import Instances, Tasks, measured
from theory.notation import (
    alpha,
    beta,
    diameter,
    distance,
    excess,
    k,
    kappa_A,
    loss,
    n,
    optimum_drs,
    p,
    q,
    risk_A,
    rule,
    weight,
)  # fmt: skip
from theory.rules import DRS, MAML, FirstOrderMAML, Prescribed
from verify.instances.family import Family
from verify.quantities import Quantity

CASES = Cases()
R = Rational

# --- 12: tasks and families -----------------------------------------------------------------------------------------------

SCALE = {beta: Interval.open(0, oo)}
WITH_RATE = {beta: Interval.open(0, oo), alpha: Interval.open(0, 1 / beta)}
SMALL = Tasks("free", Range(1, 4), Range(2, 5))

CASES(12, "diameter_of_any_law", FALSE, "optima may lie anywhere", SCALE, diameter, "<=", 3, {"rhs": R(1, 2)}, tasks=SMALL,
    measured={diameter: measured("diameter")})  # fmt: skip
CASES(12, "optima_are_nonnegative", FALSE, "optima may be negative", SCALE, -optimum_drs, "<=", 0, {"rhs": R(-1, 2)},
    tasks=Tasks("scalar_spectrum", Range(1, 4), Range(2, 5)), measured={optimum_drs: measured("optimum",
    rule=DRS())})  # fmt: skip
CASES(12, "no_dimension", REFUSE, "no dimension is admitted", SCALE, beta, "<=", 0, {"rhs": Integer(-1)},
    tasks=lambda: Tasks("free", Range(3, 3), Range(1, 3)))  # fmt: skip
CASES(12, "no_such_law", REFUSE, "there is no such law", SCALE, beta, "<=", 0, {"rhs": Integer(-1)},
    tasks=lambda: Tasks("fere", Range(1, 3), Range(1, 3)))  # fmt: skip
CASES(12, "no_upper_end", REFUSE, "pairs of weights need the ends of their ratios", {}, diameter, "<=", 3, {"rhs": R(1, 2)},
    tasks=Tasks("weight_pairs", Range(1, 3), Range(1, 3)), measured={diameter: measured("diameter")})  # fmt: skip
CASES(12, "optimum_far_out", FALSE, "tasks may lie anywhere", SCALE, optimum_drs, "<=", 10**5, {"rhs": R(1, 2)}, tasks=SMALL,
    measured={optimum_drs: measured("optimum", rule=DRS())})  # fmt: skip
CASES(12, "risk_of_any_scale", FALSE, "risks grow with curvatures and with the square of distances", SCALE, risk_A, "<=", 10**9,
    {"rhs": R(1, 2**40)}, tasks=SMALL, measured={risk_A: measured("training_risk", rule=DRS())})  # fmt: skip
CASES(12, "excess_of_any_scale", FALSE, "errors grow with the square of distances", WITH_RATE, excess, "<=", 10**4,
    {"rhs": R(-1, 2)}, tasks=SMALL, measured={excess: measured("modeling_error", trained=DRS(),
    deployed=MAML(alpha))})  # fmt: skip
CASES(12, "risk_is_never_small", FALSE, "one task has no risk", SCALE, R(1, 10**60), "<=", risk_A, {"lhs": R(10)},
    tasks=Tasks("free", Range(1, 3), Range(1, 4)), measured={risk_A: measured("training_risk", rule=DRS())})  # fmt: skip
CASES(12, "well_conditioned", FALSE, "curvatures may be nearly singular", SCALE, kappa_A, "<=", 10**5, {"rhs": R(1)},
    tasks=Tasks("free", Range(2, 3), Range(1, 3)), measured={kappa_A: measured("condition_number", rule=DRS())})  # fmt: skip
CASES(12, "distance_in_two_dimensions", FALSE, "false by any factor where weights do not commute", ROOTS, distance, "<=",
    3 * diameter, {"rhs": diameter / 10**3}, tasks=Tasks("weight_pairs", Range(2, 3), Range(2, 3)),
    measured={distance: measured("distance", trained=Prescribed("A"), deployed=Prescribed("B")),
    diameter: measured("diameter")})  # fmt: skip
CASES(12, "more_than_one_task", FALSE, "false for n = 1 only", SCALE, R(1, 2), "<=", n - 1, {"lhs": Integer(9)},
    tasks=Tasks("free", Range(1, 3), Range(1, 6)))  # fmt: skip
CASES(12, "last_dimension", FALSE, "false for p = 6 only", SCALE, p, "<=", 5, {"rhs": Integer(1)}, tasks=Tasks("free"))
CASES(12, "last_corner_of_sizes", FALSE, "false for p = 6, n = 8 only", SCALE, p + n, "<=", 13, {"rhs": Integer(3)},
    tasks=Tasks("free"))  # fmt: skip
CASES(12, "many_tasks", FALSE, "false for more than 40 tasks", SCALE, n, "<=", 40, {"rhs": Integer(3)},
    tasks=Tasks("free", Range(1, 2), Range(1, 51)))  # fmt: skip
CASES(12, "rate_at_its_end", FALSE, "the weight is 0 at beta where alpha is 1/beta",
    {beta: Interval(1, 2), alpha: Interval(0, 1 / beta)}, beta / 10**30, "<=", weight, {"lhs": 2 * beta},
    measured={weight: measured("weight_at", rule=MAML(alpha), curvature=beta)})  # fmt: skip
_CHOICES = (DRS(), MAML(alpha), MAML(alpha, 2), FirstOrderMAML(alpha))
CASES(12, "one_rule_of_four", FALSE, "the last rule's weight is negative for alpha q > 1",
    {q: UNIT, alpha: Interval(0, R(101, 100)), rule: _CHOICES}, -weight, "<=", 0, {"lhs": 1 - weight},
    measured={weight: measured("weight_at", rule=rule, curvature=q)})  # fmt: skip
CASES(12, "steps_at_the_end", FALSE, "false for eight steps only, by a little",
    {q: Interval(R(1, 2), 1), k: Range(1, 9)}, R(1, 2) ** 16 + R(1, 2) ** 40, "<=", weight, {"lhs": Integer(2)},
    measured={weight: measured("weight_at", rule=MAML(R(1, 2), k), curvature=q)})  # fmt: skip
CASES(12, "error_is_nonnegative", TRUE, "the least risk is least; 0 for one task", WITH_RATE, -excess, "<=", 0,
    {"lhs": -excess + beta / 1000}, tasks=Tasks("free", Range(1, 3), Range(1, 4)),
    measured={excess: measured("modeling_error", trained=DRS(), deployed=MAML(alpha))})  # fmt: skip
CASES(12, "distance_in_one_dimension", TRUE, "both optima lie between the tasks'", WITH_RATE, distance, "<=", diameter,
    {"rhs": diameter / 10**3}, tasks=Tasks("free", Range(1, 2), Range(1, 5)),
    measured={distance: measured("distance", trained=DRS(), deployed=MAML(alpha)), diameter: measured("diameter")})  # fmt: skip


# --- families of one's own ------------------------------------------------------------------------------------------------


@dataclass
class Block:
    """One array of numbers, (batch, ...)."""

    entries: Any


def _family(
    name: str,
    truth: str,
    why: str,
    make: Callable[[Any], Any],
    value: Callable[[Any], Any],
    relation: str,
    rhs: Any,
    sibling: Any,
) -> None:
    """A claim about a value (batch, 1) of an array that is made of codes, in doubles and in fractions by the same line."""

    def exact(instance: Any) -> list[Fraction]:
        found = np.asarray(value(instance.tasks.entries), dtype=object).ravel()[0]
        return [found if isinstance(found, Fraction) else Fraction(int(found))]

    CASES(12, name, truth, why, {}, loss, relation, rhs, sibling, tasks=Instances("blocks", {n: Range(1, 3)}),
        measured={loss: measured("value")}, own={"value": Quantity(lambda batch: value(batch.tasks.entries), exact)},
        families={"blocks": Family("blocks", "arrays", lambda codes, values: Block(make(codes)), {n: Range(1,
        3)})})  # fmt: skip


def _is(*pattern: int) -> Callable[[Any], Any]:
    return lambda entries: np.all(entries == np.array(pattern), axis=-1)[:, None] * 1


def _least(entries: Any) -> Any:
    return entries.min(axis=-1)[:, None]


def _determinant(entries: Any) -> Any:
    return (entries[:, 0] * entries[:, 3] - entries[:, 1] * entries[:, 2])[:, None]


_half = {"rhs": R(-1)}
_family("one_pattern_of_1024", FALSE, "1 for one of 1024 patterns", lambda codes: codes.integers(5, most=3), _is(1, 2, 3,
    0, 2), "<=", 0, _half)  # fmt: skip
_family("one_pattern_of_signs", FALSE, "1 for one of 256 patterns", lambda codes: codes.signs(8), _is(1, -1, -1, 1, -1, 1,
    1, -1), "<=", 0, _half)  # fmt: skip
_family("one_pattern_of_10000", FALSE, "1 for one of 10^4 patterns", lambda codes: codes.integers(4, most=9), _is(3, 1, 4,
    1), "<=", 0, _half)  # fmt: skip
_family("last_integer", FALSE, "the largest integer is 2^20", lambda codes: codes.integers(1, most=2**20), _least, "<=",
    2**20 - 1, {"rhs": R(5)})  # fmt: skip
_family("three_of_many", FALSE, "3 is among the integers to 2^26", lambda codes: codes.integers(1, most=2**26), _is(3), "<=", 0,
    _half)  # fmt: skip
_family("any_remainder", FALSE, "every remainder by 128 is met", lambda codes: codes.integers(1, most=2**33 - 1) % 128, _is(3),
    "<=", 0, _half)  # fmt: skip
_family("integers_of_62_bits", TRUE, "they are not negative", lambda codes: -codes.integers(2, most=2**62), _least,
    "<=", 0, {"rhs": R(-(2**70))})  # fmt: skip
_family("integers_of_64_bits", REFUSE, "no array holds them", lambda codes: codes.integers(1, most=2**64), _least,
    "<=", 5, _half)  # fmt: skip


def _rotated(row: int, column: int) -> None:
    _family(f"rotation_entry_{row}{column}", FALSE, "rotations have entries of either sign", lambda codes: -codes.rotations(1,
        3)[:, 0], lambda entries: entries[:, row, column, None], "<=", 0, _half)  # fmt: skip


for _row, _column in ((0, 0), (1, 0), (2, 0), (2, 2)):
    _rotated(_row, _column)
_family("small_probability", FALSE, "probabilities may be smaller", lambda codes: -codes.probabilities(3),
    lambda e: -_least(-e) * 1, "<=", -R(1, 10**6), {"rhs": R(-1, 2)})  # fmt: skip
_family("singular_matrix", FALSE, "the determinant of two rows may be 0 or larger than 80", lambda codes: codes.integers(4,
    most=9), _determinant, "<=", 80, {"rhs": R(5)})  # fmt: skip
_family("largest_determinant", TRUE, "81 is attained once", lambda codes: codes.integers(4, most=9), _determinant, "<=", 81,
    {"rhs": R(5)})  # fmt: skip
_family("large_numbers", FALSE, "numbers of all scales", lambda codes: codes.anywhere(2), _least, "<=", 10**9, {"rhs": R(0)})
_family("very_negative_numbers", FALSE, "numbers of all scales and signs", lambda codes: -codes.anywhere(2), _least, "<=",
    10**9, {"rhs": R(0)})  # fmt: skip
_family("never_equal_to_1", FALSE, "1 is admitted", lambda codes: codes.unit(2), lambda e: _least(e), "<=", R(1) - R(1, 2**40),
    {"rhs": R(1, 2)})  # fmt: skip
_family("open_end_of_1", TRUE, "1 is excluded and 0 admitted", lambda codes: codes.unit(2, right_open=True), _least, "<=", 1,
    {"rhs": R(1, 2)})  # fmt: skip


def _bad_family(name: str, why: str, decode: Callable[..., Any]) -> None:
    CASES(12, name, REFUSE, why, {}, n, "<=", 9, {"rhs": R(1)}, tasks=Instances("blocks", {n: Range(1, 3)}),
        families={"blocks": Family("blocks", "arrays", decode, {n: Range(1, 3)})})  # fmt: skip


def _not_decoded(codes: Any, values: Any) -> Any:
    raise KeyError("no such block")


CASES(12, "size_beyond_the_family", REFUSE, "the family has no 299 of them", {}, n, "<=", 1000, {"rhs": R(1)},
    tasks=Instances("blocks", {n: Range(1, 300)}), families={"blocks": Family("blocks", "arrays", lambda codes, values:
    Block(codes.unit(1)), {n: Range(1, 3)})})  # fmt: skip
CASES(12, "family_of_another_name", REFUSE, "the family calls itself otherwise", {}, n, "<=", 1000, {"rhs": R(1)},
    tasks=Instances("blocks", {n: Range(1, 3)}), families={"blocks": Family("others", "arrays", lambda codes, values:
    Block(codes.unit(1)), {n: Range(1, 3)})})  # fmt: skip
CASES(12, "choice_of_a_rule_and_a_number", REFUSE, "3 is no rule", lambda: {q: UNIT, rule: (DRS(), 3)}, weight, "<=", q + 1,
    {"rhs": R(-1)}, measured={weight: measured("weight_at", rule=rule, curvature=q)})  # fmt: skip
_bad_family("decoder_fails", "the decoder fails with an error of its own", _not_decoded)
_bad_family("decoder_returns_a_number", "a number is no dataclass of arrays", lambda codes, values: 5)
_bad_family("decoder_of_one_argument", "the decoder takes one argument", lambda codes: 5)
