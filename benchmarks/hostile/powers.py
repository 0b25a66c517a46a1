"""Exponentials, powers and the other functions beside maxima, minima and absolute values."""

from __future__ import annotations

from sympy import Abs, FiniteSet, Integer, Interval, Max, Min, Rational, cos, exp, log, oo, sin, sqrt, tanh

from benchmarks.hostile.case import FALSE, TRUE, UNIT, Cases, X, Y

CASES = Cases()
R = Rational

# --- 4: exponentials ------------------------------------------------------------------------------------------------------

CASES(4, "exp_of_max", FALSE, "false for every positive X, of which few are admitted", {X: Interval(-1, R(1, 10**12))},
    exp(Max(2 * X, 3 * X)), "==", exp(2 * X), {"rhs": 1 + exp(X)})  # fmt: skip
CASES(4, "exp_beside_abs", FALSE, "false everywhere, by 1e-12", {X: Interval(-1, 1)}, exp(Max(X, 0)), "==",
    exp((X + Abs(X)) / 2) + R(1, 10**12), {"rhs": Integer(3)})  # fmt: skip
CASES(4, "exp_identity", TRUE, "two forms of one function", {X: Interval(-1, 1), Y: UNIT}, exp(Abs(X) + Y) * (Y**2 - 4), "==",
    exp(Abs(X) + Y) * (Y - 2) * (Y + 2), {"rhs": exp(Y)})  # fmt: skip
CASES(4, "half_of_max", FALSE, "false for X < 0, of which few are admitted", {X: Interval(-R(1, 10**13), 1)},
    exp(Max(X, X / 2)), "==", exp(X), {"rhs": 2 + exp(X)})  # fmt: skip
CASES(4, "abs_minus_itself", FALSE, "false for X < 0, of which few are admitted", {X: Interval(-R(1, 10**20), 1)},
    exp(Abs(X) - X), "==", 1, {"rhs": Integer(3)})  # fmt: skip
CASES(4, "exp_of_third", FALSE, "exponents of a third and a half", {X: Interval(0, R(1, 10**13))}, exp(Max(X / 3, X / 2)), "<=",
    exp(X / 3), {"rhs": exp(X) - 1})  # fmt: skip
CASES(4, "exp_by_its_chord", FALSE, "false beyond 1.2564", {X: Interval(-R(13, 10), R(13, 10))}, exp(Abs(X)), "<=",
    1 + 2 * Abs(X), {"rhs": 1 + Abs(X) / 2})  # fmt: skip
CASES(4, "exp_above_its_tangent", TRUE, "equality at 0", {X: Interval(-3, 3)}, 1 + X, "<=", exp(X), {"lhs": 2 + X})
CASES(4, "exp_above_its_tangent_nearly", FALSE, "false near 0", {X: Interval(-3, 3)}, 1 + X + R(1, 10**25), "<=", exp(X),
    {"lhs": 2 + X})  # fmt: skip
CASES(4, "power_of_2", TRUE, "convex, and equal at both ends", {X: UNIT}, Integer(2) ** X, "<=", 1 + X, {"rhs": 1 + X / 2})
CASES(4, "power_of_2_beyond", FALSE, "false beyond 1", {X: Interval(0, 1 + R(1, 10**9))}, Integer(2) ** X, "<=", 1 + X,
    {"rhs": 1 + X / 2})  # fmt: skip
CASES(4, "x_to_the_x", FALSE, "false near 1/e, by 5e-11", {X: Interval.Lopen(0, 1)}, R(6922006276, 10**10), "<=", X**X,
    {"lhs": R(9, 10)})  # fmt: skip
CASES(4, "x_to_the_x_below", TRUE, "the minimum is 0.692200627555", {X: Interval.Lopen(0, 1)}, R(692200627, 10**9), "<=", X**X,
    {"lhs": R(9, 10)})  # fmt: skip
CASES(4, "gauss_far_out", FALSE, "false above 107.3", {X: Interval(0, oo)}, R(1, 10**5000), "<=", exp(-(X**2)),
    {"lhs": Integer(2)})  # fmt: skip
CASES(4, "exp_of_exp", FALSE, "false above 10.05", {X: Interval(0, 11)}, exp(exp(X)), "<=", Integer(10) ** 10000,
    {"rhs": Integer(1)})  # fmt: skip
CASES(4, "three_of_a_sum", FALSE, "false at the centre by 1e-13", {X: UNIT, Y: UNIT}, R(1, 3) + R(1, 10**13), "<=",
    Max(X, Y, 1 - X - Y), {"lhs": R(1, 2)})  # fmt: skip
CASES(4, "three_of_a_sum_sharp", TRUE, "equality at the centre", {X: UNIT, Y: UNIT}, R(1, 3), "<=", Max(X, Y, 1 - X - Y),
    {"lhs": R(1, 2)})  # fmt: skip
CASES(4, "sine_series", FALSE, "false for X > 0", {X: Interval(0, R(1, 100))}, sin(X), "<=", X - X**3 / 6, {"rhs": X / 2})
CASES(4, "sine_below_x", TRUE, "equality at 0", {X: Interval(0, oo)}, sin(X), "<=", X, {"rhs": X - 1})
CASES(4, "circle_off_by_1e-28", FALSE, "false everywhere", {X: Interval(-2, 2)}, cos(X) ** 2 + sin(X) ** 2, "==", 1 + R(1,
    10**28), {"rhs": Integer(3)})  # fmt: skip
CASES(4, "tanh_far_out", FALSE, "false above 23.4", {X: Interval(0, oo)}, tanh(X), "<=", 1 - R(1, 10**20), {"rhs": R(1, 2)})
CASES(4, "tanh_below_1", TRUE, "never reached", {X: Interval(0, oo)}, tanh(X), "<=", 1, {"rhs": R(1, 2)})
CASES(4, "log_by_its_tangent_nearly", FALSE, "false at 1", {X: Interval.Lopen(0, 10)}, log(X), "<=", X - 1 - R(1, 10**18),
    {"rhs": X - 2})  # fmt: skip
CASES(4, "log_by_its_tangent", TRUE, "equality at 1", {X: Interval.Lopen(0, 10)}, log(X), "<=", X - 1, {"rhs": X - 2})
CASES(4, "log_of_negatives", FALSE, "false at 1; below 0 there is no value", {X: Interval(-1, 1)}, log(X), "<=", -R(1, 10**30),
    {"rhs": Integer(-2)})  # fmt: skip
CASES(4, "cube_root", FALSE, "false near 3^(-3/2)", {X: UNIT}, X ** R(1, 3) - X, "<=", R(3849001794, 10**10), {"rhs": R(1, 3)})
CASES(4, "sine_of_reciprocal", FALSE, "false in many small intervals", {X: Interval.Lopen(0, 1)}, sin(1 / X), "<=", R(99, 100),
    {"rhs": R(1, 2)})  # fmt: skip
CASES(4, "min_of_exps", FALSE, "false where the two cross", {X: Interval(-2, 2)}, Min(exp(X), exp(1 - X)), "<=",
    exp(R(1, 2)) - R(1, 10**14), {"rhs": R(1, 2)})  # fmt: skip
CASES(4, "real_power_of_a_power", FALSE, "false for X < 0", {X: Interval(-R(1, 10**6), 1)}, (X**2) ** R(1, 2), "<=", X,
    {"rhs": X - 1})  # fmt: skip

# no number of digits that is worth computing tells these apart
for _name, _left, _relation, _right in (
    ("a_tanh_of_ten_thousand", Integer(1), "<=", tanh(10000 * (1 + X))),
    ("a_tanh_equals_one", tanh(20000 * (1 + X)), "==", Integer(1)),
    ("an_exponential_vanishes", exp(-(10**7) * (1 + X)), "<=", Integer(0)),
    ("an_exponential_is_nothing", 1 + exp(-(10**7) * (1 + X)), "==", Integer(1)),
    ("a_logarithm_of_nearly_one", log(1 + exp(-(10**7) * (1 + X))), "<=", Integer(0)),
):
    CASES(
        4, _name, FALSE, "false everywhere, by less than digits show", {X: UNIT}, _left, _relation, _right, {"rhs": Integer(-9)}
    )
CASES(4, "undecided_on_a_half", FALSE, "false above 1/2, by less than digits show", {X: UNIT},
    Min(X - R(1, 2), exp(-Integer(10) ** 7)), "<=", Integer(0), {"rhs": Integer(-9)})  # fmt: skip
CASES(4, "hardly_below_a_root", FALSE, "X lies within 1e-60 of its largest value",
    {X: Interval(sqrt(10) - R(1, 10**60), sqrt(10))}, X, "<=", sqrt(10) - R(1, 10**61), {"rhs": Integer(3)})  # fmt: skip
CASES(4, "denominator_of_few_digits", FALSE, "nearly 6 at the smaller value, where it cancels", {
    X: FiniteSet(1, R(1, 2**100))}, X**3 / (exp(X) - 1 - X - X**2 / 2), "<=", Integer(5), {"rhs": Integer(1)})  # fmt: skip
CASES(4, "unequal_on_a_tenth", FALSE, "unequal above 9/10, by less than digits show", {X: UNIT},
    X + Max(0, X - R(9, 10)) * exp(X) * (1 + R(1, 10**700)), "==", X + Max(0, X - R(9, 10)) * exp(X),
    {"rhs": X + 1})  # fmt: skip
