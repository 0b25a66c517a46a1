"""Probabilities and expectations that are nearly right, or right but for a few instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Rational

from benchmarks.hostile.case import FALSE, REFUSE, TRUE, UNIT, Cases, X
from theory.claim import NoValue, measured
from theory.notation import loss
from verify.arithmetic.enclosure import Enclosure
from verify.quantities import Quantity

CASES = Cases()
R = Rational
_SELDOM = R(1, 1000)
#: uniform numbers (batch, count), and X (batch, 1)
_Draw = Callable[[Any, Any], Any]

# --- 9: probabilities -----------------------------------------------------------------------------------------------------


def _drawn(draw: _Draw, low: float = 0.0, high: float = 1.0) -> dict[str, Quantity]:
    """A random quantity that is made of X and a uniform number."""

    def replicates(batch: Any, rng: np.random.Generator, count: int) -> Any:
        place = batch.values[X]
        return draw(rng.random((len(place), count)), place)

    random = Quantity(
        lambda batch: np.full((1, 1), 0.5),
        lambda instance: [Fraction(1, 2)],
        replicates=replicates,
        bounds=lambda batch: (np.full((1, 1), low), np.full((1, 1), high)),
    )
    return {"drawn": random}


def _exceeds(name: str, truth: str, why: str, draw: _Draw, rhs: Any, claimed: Any, control: Any = _SELDOM) -> None:
    """A claim that a random number exceeds `rhs` with a probability of at most `claimed`."""
    CASES(9, name, truth, why, {X: UNIT}, loss, "<=", rhs, {"failure_probability": control}, measured={loss: measured("drawn")},
        own=_drawn(draw), failure_probability=claimed)  # fmt: skip


def _mean(
    name: str, truth: str, why: str, draw: _Draw, rhs: Any, control: Any, high: float = 1.0, relation: str = "<="
) -> None:
    CASES(9, name, truth, why, {X: UNIT}, loss, relation, rhs, {"rhs": control}, measured={loss: measured("drawn")},
        own=_drawn(draw, high=high), on_average=True)  # fmt: skip


_exceeds("0.095_for_0.1", FALSE, "a uniform number exceeds 0.9 with probability 0.1", lambda u, x: u, R(9, 10), R(95, 1000))
_exceeds("0.093_for_0.1", FALSE, "7 % too few", lambda u, x: u, R(9, 10), R(93, 1000))
_exceeds("0.1_for_0.1", TRUE, "exactly so many", lambda u, x: u, R(9, 10), R(1, 10))
_exceeds("three_percent_too_few", FALSE, "0.485 for 0.5", lambda u, x: u, R(1, 2), R(485, 1000), R(1, 10))
_exceeds("tenfold_of_a_small_one", FALSE, "1e-5 for 1e-4", lambda u, x: u, 1 - R(1, 10**4), R(1, 10**5), R(1, 10**9))
_exceeds("on_one_in_ten", FALSE, "for X > 9/10 the probability is 0.2, and 0.05 elsewhere",
    lambda u, x: np.where(u > np.where(x > 0.9, 0.8, 0.95), 1.0, 0.0), R(1, 2), R(1, 10))  # fmt: skip
_exceeds("growing_with_x", FALSE, "8 % more than a tenth of X", lambda u, x: np.where(u < 0.108 * x, 1.0, 0.0), R(1, 2), X / 10,
    X / 1000)  # fmt: skip
_exceeds("never_a_number", FALSE, "no draw is a number", lambda u, x: u * np.nan, R(1, 2), R(1, 10))
_exceeds("seldom_a_number", FALSE, "a number, too large, for X > 0.98 only", lambda u, x: np.where(x > 0.98, 1.0 + u,
    np.nan), R(1, 2), R(1, 10))  # fmt: skip
_exceeds("infinite_draws", FALSE, "infinite with probability 1/5", lambda u, x: np.where(u > 0.8, np.inf, 0.0), R(1, 2),
    R(1, 10))  # fmt: skip
_exceeds("by_a_hair", FALSE, "above 1/2 by 1e-15, always", lambda u, x: 0.5 + 2e-15 + 0 * u, R(1, 2), R(1, 10))
_exceeds("one_number_for_all_draws", REFUSE, "a number is no array of draws", lambda u, x: 1.0, R(1, 2), R(1, 10))
_exceeds("one_draw_for_count", REFUSE, "one draw an instance, where many are asked for", lambda u, x: (u[:, :1] < 0.09) * 1.0,
    R(1, 2), R(1, 10))  # fmt: skip
_exceeds("at_0_only", FALSE, "false for X < 1/500 only", lambda u, x: np.where(x < 0.002, 1.0 + 0 * u, u / 3), R(1, 2),
    R(1, 10))  # fmt: skip

_mean("mean_6_percent_less", FALSE, "the mean is 1/2", lambda u, x: u, R(47, 100), R(1, 5))
_mean("mean_3_percent_less", FALSE, "the mean is 1/2", lambda u, x: u, R(485, 1000), R(1, 5))
_mean("mean_half", TRUE, "the mean is 1/2", lambda u, x: u, R(1, 2), R(1, 5))
_mean("mean_equals_nearly", FALSE, "the mean is 1/2", lambda u, x: u, R(52, 100), R(1, 5), relation="==")
_mean("mean_of_one_in_ten", FALSE, "for X > 9/10 the mean is 0.6", lambda u, x: np.minimum(1, u + np.where(x > 0.9, 0.2,
    0)), R(1, 2), R(1, 5))  # fmt: skip
_mean("one_number_for_the_mean", REFUSE, "a number is no array of draws", lambda u, x: 0.75, R(1, 2), R(1, 5))
_mean("heavy_tail", FALSE, "1000 with probability 1/1000, else 0: the mean is 1", lambda u, x: np.where(u < 1e-3, 1000.0, 0.0),
    R(9, 10), R(1, 100), 1000.0)  # fmt: skip
_mean("outside_its_bounds", FALSE, "the draws reach 2, their bounds say 1", lambda u, x: np.where(u < 0.45, 2.0, 0.0), R(6, 10),
    R(1, 5))  # fmt: skip
_mean("mean_of_no_numbers", FALSE, "no draw is a number", lambda u, x: u * np.nan, R(1, 2), R(1, 5))
_mean("mean_at_an_end", FALSE, "0.56 for X = 1, 1/2 for X = 0", lambda u, x: np.minimum(1, u + 0.06 * x**8), R(1, 2), R(1, 5))

for _name, _value in (("probability_of_1", R(1)), ("probability_above_1", R(3, 2)), ("probability_below_0", R(-1, 10))):
    CASES(9, _name, REFUSE, "it says nothing, or nonsense", {X: UNIT}, loss, "<=", R(1, 2), {"rhs": R(0)},
        measured={loss: measured("drawn")}, own=_drawn(lambda u, x: u), failure_probability=_value)  # fmt: skip
CASES(9, "two_kinds_of_chance", REFUSE, "on average, or with a probability", {X: UNIT}, loss, "<=", R(1, 2), {"rhs": R(0)},
    measured={loss: measured("drawn")}, own=_drawn(lambda u, x: u), failure_probability=R(1, 10), on_average=True)  # fmt: skip
CASES(9, "mean_of_no_chance", REFUSE, "nothing is random", {X: UNIT}, X, "<=", R(2), {"rhs": R(0)}, on_average=True)

# --- equalities of means, which draws alone do not tell ------------------------------------------------------------------


def _equal(name: str, why: str, draw: _Draw, rhs: Any, high: float, known: Fraction | Enclosure | None) -> None:
    """A claim that a mean is `rhs`; theory knows it or does not."""
    (random,) = _drawn(draw, high=high).values()

    def exact(instance: Any) -> list[Fraction | Enclosure]:
        if known is None:
            raise NoValue("no mean is known")
        return [known]

    CASES(9, name, FALSE, why, {X: UNIT}, loss, "==", rhs, {"rhs": R(9, 10) * R(high)}, measured={loss: measured("drawn")},
        own={"drawn": replace(random, exact=exact)}, on_average=True)  # fmt: skip


def _seldom_much(u: Any, x: Any) -> Any:
    return np.where(u < 1e-6, 1e6, 0.0)


_equal("mean_of_a_heavy_tail", "a million with a chance of a millionth: the mean is 1", _seldom_much, R(0), 1e6, None)
_equal("mean_that_theory_denies", "the mean is 1/2, as theory knows", lambda u, x: u, R(501, 1000), 1.0, Fraction(1, 2))
_equal("mean_that_theory_hardly_knows", "the mean is 0.501, of which theory knows that it is in [0, 1]",
    lambda u, x: np.where(u < 0.501, 1.0, 0.0), R(1, 2), 1.0, Enclosure(Fraction(0), Fraction(1)))  # fmt: skip
CASES(9, "random_and_certain", REFUSE, "what is claimed of something random is not said", {X: UNIT}, loss, "<=", R(1, 2),
    {"rhs": R(0)}, measured={loss: measured("drawn")}, own=_drawn(lambda u, x: u))  # fmt: skip
CASES(9, "bounds_without_width", REFUSE, "all draws are said to be 1/2, and none is", {X: UNIT}, loss, "<=", R(3, 4),
    {"rhs": R(0)}, measured={loss: measured("drawn")}, own=_drawn(lambda u, x: u, low=0.5, high=0.5),
    on_average=True)  # fmt: skip
