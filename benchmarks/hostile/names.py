"""Names that mean two things, and quantities of one's own that are wrong, missing or of the wrong form."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Integer, Interval, Range, Rational, Symbol, pi, sin

from benchmarks.hostile.case import FALSE, REFUSE, TRUE, UNIT, Cases, X, own
from theory import rules
from theory.claim import Instances, measured
from theory.notation import loss, n, q, weight
from theory.rules import DRS
from verify.instances.families import FAMILIES
from verify.quantities import Quantity
from verify.quantities.formulas import Derived

CASES = Cases()
R, ONE = Rational, Integer(1)

# --- 5: names -------------------------------------------------------------------------------------------------------------


def _nearly(batch: Any, rule: Any, curvature: Any, deployed: bool = False) -> Any:
    return np.atleast_2d(batch.number(curvature)) * (1 + 1e-10)


def _exactly_nearly(instance: Any, rule: Any, curvature: Any, deployed: bool = False) -> list[Fraction]:
    value = instance.rational(curvature)
    return [Fraction(int(value.p), int(value.q)) * (1 + Fraction(1, 10**10))]


CASES(
    5, "own_weight_at", FALSE, "the file's own quantity of that name is not the one that proofs know", {q: Interval(1, 2)},
    weight, "==", q, {"rhs": 2 * q}, measured={weight: measured("weight_at", rule=DRS(), curvature=q)},
    own={"weight_at": Quantity(_nearly, _exactly_nearly)},
)  # fmt: skip
CASES(5, "own_family_free", REFUSE, "a family of one's own has the name of another", {}, n, "<=", 9, {"rhs": R(1)},
    tasks=Instances("free", {n: Range(1, 3)}), families={"free": FAMILIES["commuting"]})  # fmt: skip
CASES(5, "size_and_parameter", REFUSE, "n means two things", lambda: {n: Interval(1, 2)}, n, "<=", 2, {"rhs": R(1)},
    tasks=Instances("free", {n: Range(1, 3)}))  # fmt: skip


class MAML(rules.MAML):
    """A rule of one's own, of half the rate, with the name of another."""

    def rate(self, j: Any) -> Any:
        """Half of the rate that it is given."""
        return self.alpha / 2


CASES(5, "own_rule_named_as_another", REFUSE, "numerics would run the project's rule of that name", {q: UNIT}, weight, "==",
    q * (1 - q / 4) ** 2, {"rhs": -q - 1},
    measured=lambda: {weight: measured("weight_at", rule=MAML(R(1, 2)), curvature=q)})  # fmt: skip


def _named(name: str, truth: str, rhs: Any) -> None:
    symbol = Symbol(name, real=True)
    CASES(5, f"symbol_{len(CASES)}", truth, f"a symbol that is called {name}", {symbol: UNIT}, symbol**3, "<=", rhs,
        {"rhs": R(1, 2)})  # fmt: skip


for _word in ("exp", "|", "a b", "x!0", "(", "lambda", "\N{GREEK SMALL LETTER ALPHA}", "k;"):
    _named(_word, FALSE, 1 - R(1, 10**25))
for _word in ("and", "true", "let", "!"):
    _named(_word, TRUE, R(1))

# --- quantities that mislead ----------------------------------------------------------------------------------------------


def _measures(
    name: str, why: str, quantities: Any, relation: str = "<=", rhs: Any = ONE, truth: str = FALSE, **more: Any
) -> None:
    CASES(5, name, truth, why, {X: UNIT}, loss, relation, rhs, {"rhs": R(-100)}, measured={loss: measured("own")},
        own=quantities, **more)  # fmt: skip


_measures("agreed_and_false", "1 + 1e-12 X exceeds 1", own(lambda place: 1 + place / 10**12))
_measures("theory_says_more", "theory finds 1 + 1e-9", own(lambda place: place * 0 + 1, lambda place: 1 + Fraction(1, 10**9)))
_measures("numerics_says_less", "theory finds 1 + 1e-6", own(lambda place: place * 0 + 1, lambda place: 1 + Fraction(1, 10**6)))
_measures("agree_but_for_one_in_thirty", "theory finds 3 for X in a small interval",
    own(lambda place: place * 0 + 1, lambda place: 3 if 0 < place - Fraction(7, 10) < Fraction(3, 100) else 1))  # fmt: skip
_measures("step_in_the_middle", "2 for X within 1/200 of 0.7123", own(
    lambda place: np.where(np.abs(place - Fraction(7123, 10000)) < Fraction(1, 200), place * 0 + 2, place * 0)))  # fmt: skip
_measures("value_on_a_hundredth", "no value below 99/100, and 2 above",
    own(lambda place: np.where(place < 0.99, np.nan, 2.0), lambda place: None if place < Fraction(99, 100) else 2))  # fmt: skip
_measures("numerics_finds_no_value", "theory finds 2 above 1/2, where numerics finds nothing",
    own(lambda place: np.where(place > 0.5, np.nan, 0.0), lambda place: 2 if place > Fraction(1, 2) else 0))  # fmt: skip
_measures("theory_finds_no_value", "numerics finds 2 above 1/2, where theory finds nothing",
    own(lambda place: np.where(place > 0.5, 2.0, 0.0), lambda place: None if place > Fraction(1, 2) else 0))  # fmt: skip
_measures("infinite_in_doubles", "theory finds 10^400", own(lambda place: place * 0 + np.inf, lambda place: 10**400))
_measures("wrong_sign", "theory finds 2 and numerics -2", own(lambda place: place * 0 - 2.0, lambda place: 2))
_measures("equal_off_by_1e-40", "theory finds X + 1e-40", own(lambda place: place * 1.0, lambda place: place + Fraction(1,
    10**40)), "==", X)  # fmt: skip


(_stepped,) = own(lambda place: np.where(np.abs(place - Fraction(6123, 10000)) < Fraction(1, 10**5), 2 * place, place)).values()
_measures("formula_of_ones_own", "2 X for X within 1e-5 of 0.6123, where its formula says X",
    {"own": replace(_stepped, formula=lambda: Derived(DRS(), X))}, rhs=X, truth=REFUSE)  # fmt: skip
(_linear,) = own(lambda place: place * 1.0, lambda place: place).values()


def _overwrites(batch: Any) -> Any:
    batch.values[X][...] = 0
    return batch.values[X] * 1.0


_measures(
    "overwrites_its_instances", "X is 0 after it was measured", {"own": replace(_linear, floats=_overwrites)}, rhs=R(1, 2) - X
)
_measures("off_by_1e-30", "exact numbers are compared as they are", own(lambda place: place * 1.0, lambda place: place),
    rhs=X - R(1, 10**30))  # fmt: skip
_half = own(lambda place: np.where(np.abs(place - 0.65) < 0.05, 0.5, 0.0),
    lambda place: Fraction(1, 2) if abs(place - Fraction(13, 20)) < Fraction(1, 20) else 0)  # fmt: skip
_whole = Symbol("whole", integer=True)
CASES(5, "whole_but_on_a_tenth", FALSE, "s is 1/2 for X about 0.65: sin(pi s) is 1", {X: UNIT}, sin(pi * _whole), "<=", R(0),
    {"rhs": R(-100)}, measured={_whole: measured("own")}, own=_half)  # fmt: skip


def _fails(*_: Any) -> Any:
    raise KeyError("no such thing")


def _missing(*_: Any) -> Any:
    raise NotImplementedError("later")


def _badly(name: str, why: str, floats: Any, exact: Any) -> None:
    _measures(name, why, {"own": Quantity(floats, exact)})


def _two(instance: Any) -> list[Fraction]:
    return [Fraction(2)]


_badly("floats_fail", "the quantity fails with an error of its own", _fails, _two)
_badly("exact_fails", "theory's part fails with an error of its own", lambda batch: batch.values[X] * 0 + 2, _fails)
_badly("wrong_shape", "three values for every instance and one", lambda batch: np.full((3, 7), 0.5), _two)
_badly("text_for_a_number", "a text is no number", lambda batch: "half", _two)
_badly("complex_values", "a complex number is on no side of another", lambda batch: batch.values[X] + 2j, _two)
_badly("exact_is_missing", "theory's part is not written", lambda batch: batch.values[X] * 0 + 2, _missing)
_badly("exact_is_a_double", "a double is not exact", lambda batch: batch.values[X] * 0 + 2, lambda instance: [2.0])
_badly("exact_is_no_list", "a number is no list", lambda batch: batch.values[X] * 0 + 2, lambda instance: Fraction(2))
_badly("exact_is_none", "nothing is no list", lambda batch: batch.values[X] * 0 + 2, lambda instance: None)
_badly("too_few_arguments", "the quantity takes none", lambda: 2.0, lambda: [Fraction(2)])
_pair = {
    "two": Quantity(lambda batch: np.repeat(batch.values[X], 2, axis=1), lambda instance: [instance.values[X].item()] * 2),
    "three": Quantity(lambda batch: np.repeat(batch.values[X], 3, axis=1), lambda instance: [instance.values[X].item()] * 3),
}
CASES(5, "sides_of_two_lengths", REFUSE, "vectors of 2 and of 3 entries", {X: UNIT}, loss, "<=", weight, {"rhs": R(-1)},
    measured={loss: measured("two"), weight: measured("three")}, own=_pair)  # fmt: skip
