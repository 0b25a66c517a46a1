"""Numbers that are too small, too large or too near to each other for doubles."""

from __future__ import annotations

from sympy import E, Integer, Interval, Max, Min, Range, Rational, exp, log, oo, pi, sqrt, tanh

from benchmarks.hostile.case import FALSE, TRUE, UNIT, Cases, W, X, Y, Z
from theory.notation import k

CASES = Cases()
R = Rational
ONE = Integer(1)
#: the digits of three constants, cut off
PI, EULER = R("3.1415926535897932384626433832795028841971"), R("2.7182818284590452353602874713526624977572")

# --- 3: what is left open -------------------------------------------------------------------------------------------------

CASES(3, "below_1e-1000", FALSE, "false at 0", {X: UNIT}, R(1, 10**1000), "<=", X, {"lhs": Integer(2)})
CASES(3, "root_near_0", FALSE, "false near 0", {X: Interval.Lopen(0, 1)}, R(1, 10**600), "<=", sqrt(X), {"lhs": Integer(3)})
CASES(3, "product_near_0", FALSE, "false near the axes", {X: UNIT, Y: UNIT}, R(1, 10**400), "<=", X * Y, {"lhs": Integer(2)})
CASES(3, "power_near_0", FALSE, "false near 0", {X: UNIT}, R(1, 10**4000), "<=", X**40, {"lhs": Integer(2)})
CASES(3, "square_near_1", FALSE, "false near 1", {X: UNIT}, R(1, 10**3000), "<=", (X - 1) ** 2, {"lhs": Integer(2)})
_small = Interval(0, R(1, 10**80))
CASES(3, "corner_of_a_tiny_cube", FALSE, "false at one corner", {X: _small, Y: _small, Z: _small, W: _small},
    X + Y + Z + W, "<=", R(4, 10**80) - R(1, 10**99), {"rhs": R(1, 10**80)})  # fmt: skip
CASES(3, "tiny_cube", TRUE, "the sum of the ends", {X: _small, Y: _small, Z: _small, W: _small},
    X + Y + Z + W, "<=", R(4, 10**80), {"rhs": R(1, 10**80)})  # fmt: skip
CASES(3, "subnormal_interval", FALSE, "false at the far end", {X: Interval(0, R(1, 10**350))}, X, "<=", R(1, 10**351),
    {"rhs": R(-1)})  # fmt: skip
CASES(3, "one_double", FALSE, "all of the domain is one double", {X: Interval(1, 1 + R(1, 10**30))}, X, "<=", 1,
    {"rhs": R(1, 2)})  # fmt: skip
CASES(3, "one_double_squared", FALSE, "false at the far end by 1e-60", {X: Interval(1, 1 + R(1, 10**30))}, X**2, "<=",
    1 + R(2, 10**30), {"rhs": R(1, 2)})  # fmt: skip
CASES(3, "steep_root", FALSE, "false below 1e-400", {X: UNIT}, sqrt(X), "<=", 10**200 * X, {"rhs": X / 2})
CASES(3, "log_near_0", FALSE, "false below exp(-1000)", {X: Interval.Lopen(0, 1)}, -1000, "<=", log(X), {"lhs": Integer(1)})

# --- 6: below the tolerance -----------------------------------------------------------------------------------------------

CASES(6, "large_constant", FALSE, "false for every positive X", {X: UNIT}, 10**10 + X, "<=", 10**10 + X / 2, {"rhs": ONE})
CASES(6, "one_part_in_1e13", FALSE, "false for X > 0", {X: UNIT}, X, "<=", X * (1 - R(1, 10**13)), {"rhs": X / 2})
CASES(6, "huge_constant", FALSE, "false for X > 0", {X: UNIT}, 10**40 + X, "<=", 10**40, {"rhs": ONE})
CASES(6, "means", FALSE, "false at X = Y by 1e-30", {X: UNIT, Y: UNIT}, 2 * X * Y + R(1, 10**30), "<=", X**2 + Y**2,
    {"lhs": Integer(3)})  # fmt: skip
CASES(6, "cubes_off_by_1e-40", FALSE, "false for X > 0", {X: UNIT, Y: UNIT}, X**3 - Y**3, "==",
    (X - Y) * (X**2 + X * Y + Y**2) + X / 10**40, {"rhs": X + 3})  # fmt: skip
CASES(6, "square_off_by_1e-40", FALSE, "false everywhere", {X: UNIT, Y: UNIT}, (X + Y) ** 2 + R(1, 10**40), "==",
    X**2 + 2 * X * Y + Y**2, {"rhs": X + 7})  # fmt: skip
CASES(6, "root_moved_by_1e-60", FALSE, "false at 0 and above", {X: UNIT}, sqrt(X**2 + R(1, 10**60)), "<=", X, {"rhs": X - 1})
CASES(6, "root_off_by_1e-50", FALSE, "false everywhere", {X: UNIT}, sqrt(2) * sqrt(X), "==", sqrt(2 * X + R(1, 10**50)),
    {"rhs": X + 3})  # fmt: skip
CASES(6, "pi_cut_off", FALSE, "pi is larger in the 41st digit", {X: UNIT}, pi * X, "<=", PI * X, {"rhs": X})
CASES(6, "pi_rounded_up", TRUE, "pi is smaller in the 40th digit", {X: UNIT}, pi * X, "<=", (PI + R(1, 10**40)) * X, {"rhs": X})
CASES(6, "e_cut_off", FALSE, "e is larger in the 41st digit", {X: UNIT}, E * X, "<=", EULER * X, {"rhs": X})
CASES(6, "roots_denested_nearly", FALSE, "the two are equal without 1e-45", {X: UNIT}, X * (sqrt(2) + sqrt(3)), "<=",
    X * (sqrt(5 + 2 * sqrt(6)) - R(1, 10**45)), {"rhs": X})  # fmt: skip
CASES(6, "roots_denested", TRUE, "two forms of one number", {X: UNIT}, X * (sqrt(2) + sqrt(3)), "<=", X * sqrt(5 + 2 * sqrt(6)),
    {"rhs": X})  # fmt: skip
CASES(6, "saturating", FALSE, "false above 1e13", {X: Interval(0, oo)}, X / (X + 1), "<=", 1 - R(1, 10**13), {"rhs": R(1, 2)})

# --- 8: beyond doubles ----------------------------------------------------------------------------------------------------

CASES(8, "square_underflows", FALSE, "false for X > 0", {X: UNIT}, (X / 10**200) ** 2, "<=", 0, {"lhs": X})
CASES(8, "constants_overflow", FALSE, "false above 10", {X: Interval(0, 11)}, 10**400 * X, "<=", Integer(10) ** 401,
    {"rhs": ONE})  # fmt: skip
CASES(8, "large_and_true", TRUE, "X is at most 1", {X: UNIT}, 10**400 * X, "<=", Integer(10) ** 400,
    {"rhs": Integer(10) ** 399})  # fmt: skip
CASES(8, "equal_at_1e400", FALSE, "false for X > 0", {X: UNIT}, 10**400 + X, "==", 10**400 + X**2 * 1, {"rhs": X + 3})
CASES(8, "exp_overflows", FALSE, "false at 1", {X: UNIT}, exp(1000 * X), "<=", exp(1000) - 1, {"rhs": Integer(2)})
CASES(8, "power_overflows", FALSE, "false near the end", {X: Interval(0, 10**10)}, X**200, "<=", Integer(10) ** 1999,
    {"rhs": ONE})  # fmt: skip
CASES(8, "inner_overflow", FALSE, "false everywhere", {X: UNIT}, (10**200 * X + 1) ** 2 / Integer(10) ** 400, "<=", X**2,
    {"rhs": X**2 - 1})  # fmt: skip
CASES(8, "root_of_overflow", FALSE, "false everywhere", {X: UNIT}, sqrt(10**400 * X + 1), "<=", 10**200 * sqrt(X),
    {"rhs": X - 1})  # fmt: skip
CASES(8, "pole_beside_0", FALSE, "false at 0", {X: UNIT}, 1 / (R(1, 10**400) + X), "<=", Integer(10) ** 399, {"rhs": ONE / 3})
CASES(8, "exp_underflows", FALSE, "false near 1", {X: UNIT}, R(1, 10**347), "<=", exp(-800 * X), {"lhs": Integer(2)})
CASES(8, "exp_above_underflow", TRUE, "exp(-800) is 10^-347.4", {X: UNIT}, R(1, 10**348), "<=", exp(-800 * X),
    {"lhs": Integer(2)})  # fmt: skip
CASES(8, "tanh_of_overflow", FALSE, "false for nearly all X", {X: UNIT}, tanh(10**400 * X), "<=", R(1, 2), {"rhs": -ONE})
CASES(8, "log_of_underflow", FALSE, "false at 0", {X: UNIT}, -900, "<=", log(R(1, 10**400) + X), {"lhs": ONE})
CASES(8, "cube_underflows", FALSE, "false for X > 0", {X: Interval(0, R(1, 10**120))}, X**3, "<=", 0, {"lhs": X + 1})
CASES(8, "min_underflows", FALSE, "false for X > 0", {X: UNIT}, Min(R(1, 10**400), X), "<=", 0, {"rhs": -ONE})
CASES(8, "overflowing_exp_factor", TRUE, "Y is at most 1", {X: UNIT, Y: UNIT}, exp(800 * X) * Y, "<=", exp(800 * X),
    {"rhs": exp(800 * X) / 2})  # fmt: skip
CASES(8, "integer_power", FALSE, "false at X = 10, k = 1000 and nearby", {k: Range(1, 1001), X: Interval(0, 10)}, X**k, "<=",
    Integer(10) ** 999, {"rhs": ONE})  # fmt: skip
CASES(8, "difference_of_infinities", FALSE, "false everywhere", {X: UNIT}, 10**400 * (X + 1) - 10**400 * X, "<=",
    Integer(10) ** 400 - 1, {"rhs": ONE})  # fmt: skip
CASES(8, "max_of_overflows", FALSE, "false for X < Y", {X: UNIT, Y: UNIT}, Max(10**400 * X, 10**400 * Y), "<=", 10**400 * X,
    {"rhs": X - 1})  # fmt: skip
