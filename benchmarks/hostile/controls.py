"""Controls that say nothing about their claim: easy, weaker, elsewhere, or the claim once more."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Integer, Interval, Rational, cos, exp, sin

from benchmarks.hostile.case import FALSE, TRUE, UNIT, Cases, X, Y, own
from theory.claim import measured
from theory.notation import loss

CASES = Cases()
R = Rational

# --- 10: controls ---------------------------------------------------------------------------------------------------------

CASES(10, "sibling_elsewhere", FALSE, "false near 1/3; the control is false at the far end of a longer range", {X: UNIT},
    R(1, 10**14), "<=", (X - R(1, 3)) ** 2 * (2 - X), {"parameters": {X: Interval(0, 3)}})  # fmt: skip
#: 0 at one transcendental point
HOLE, WIDTH = Abs(cos(X) - X * exp(X)), R(1, 10**9)


def _beside(name: str, why: str, sibling: Any, lhs: Any = WIDTH, rhs: Any = HOLE, **more: Any) -> None:
    CASES(10, name, FALSE, f"false near 0.5178; {why}", {X: UNIT}, lhs, "<=", rhs, sibling, **more)


_beside("control_is_the_claim", "the control is the claim", {"lhs": R(1, 10**9)})
_beside("control_says_it_otherwise", "the control is the claim in other words", {"lhs": R(2, 10**9), "rhs": 2 * HOLE})
_beside("control_is_weaker", "the control is weaker", {"lhs": R(1, 10**10)})
_beside("control_is_true", "the control is true", {"lhs": Integer(0)})
_beside("control_on_another_domain", "the control is false on another domain", {"parameters": {X: Interval(5, 6)},
    "lhs": Integer(10**5)})  # fmt: skip
_beside("control_about_something_else", "the control is about something else", {"lhs": X, "rhs": X - 1})
_beside("control_is_absurd", "the control is false everywhere", {"lhs": Integer(10**30)})
_beside("control_is_an_equality", "the control claims equality", {"relation": "=="})
_beside("no_control", "there is none", None)
_beside("control_fails_at_an_end", "the control is false at an end only", {"lhs": R(1, 10**9) + X**400})
_beside("control_of_a_larger_domain", "the control is false beyond the domain", {"parameters": {X: Interval(0, 2)},
    "rhs": 1 - X})  # fmt: skip
_beside("control_with_a_further_parameter", "the control has a parameter more", {"parameters": {Y: UNIT}, "lhs": 10 * Y})
_beside("control_measures_nothing", "the control does not measure", {"lhs": Integer(3)}, rhs=HOLE + 0 * loss)
CASES(10, "own_hole", FALSE, "a quantity that is 2 within 1/500 of 0.6123, and an easy control", {X: UNIT}, loss, "<=", 1,
    {"rhs": R(1, 2)}, measured={loss: measured("own")},
    own=own(lambda place: 1 + (abs(place - R(6123, 10000)) < R(1, 500)) * 1))  # fmt: skip
CASES(10, "easy_and_true", TRUE, "the control is easy, the claim is sharp", {X: UNIT}, X * (1 - X), "<=", R(1, 4),
    {"rhs": R(0)})  # fmt: skip
CASES(10, "sine_and_true", TRUE, "the control is easy, the claim nearly sharp", {X: UNIT}, sin(X), "<=", X, {"rhs": X / 3})
