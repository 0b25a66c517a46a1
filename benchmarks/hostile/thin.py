"""Violations far out, at one integer, or on sets so thin that nothing but the text or a proof tells where they are."""

from __future__ import annotations

from math import prod

from sympy import (
    Abs,
    E,
    Integer,
    Interval,
    Max,
    Min,
    Range,
    Rational,
    Symbol,
    cos,
    exp,
    expand,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
)  # fmt: skip

from benchmarks.hostile.case import FALSE, TRUE, UNIT, Cases, W, X, Y, Z
from theory.notation import k

CASES = Cases()
R = Rational
h, m = Symbol("h", integer=True, positive=True), Symbol("m", integer=True)
SQUARE = {X: UNIT, Y: UNIT}

# --- 7: where to look -----------------------------------------------------------------------------------------------------

CASES(7, "half_line", FALSE, "false above 6", {X: Interval(0, oo)}, X, "<=", 6, {"rhs": Integer(4)})
CASES(7, "integer_above_32", FALSE, "false at 41", {k: Range(1, oo)}, k, "<=", 40, {"rhs": Integer(2)})
CASES(7, "integer_17", FALSE, "false at 17 only", {k: Range(1, 33)}, 1, "<=", (k - 17) ** 2, {"lhs": Integer(300)})
CASES(7, "only_k_nine", FALSE, "false at k = 9 only", {k: Range(1, 20), X: UNIT}, R(1, 2), "<=", (k - 9) ** 2 * (1 + X),
    {"lhs": Integer(1000)})  # fmt: skip
CASES(7, "below_-1e9", FALSE, "false below -1e9", {X: Interval(-oo, 0)}, -(10**9), "<=", X, {"lhs": Integer(-1)})
CASES(7, "beyond_1e15", FALSE, "false far out on both sides", {X: Interval(-oo, oo)}, Abs(X), "<=", 10**15, {"rhs": Integer(1)})
CASES(7, "far_hole", FALSE, "false within 1 of 123456789", {X: Interval(0, oo)}, R(1, 2), "<=", expand((X - 123456789) ** 2),
    {"lhs": Integer(10**18)})  # fmt: skip
CASES(7, "above_2_to_40", FALSE, "false above 2^40", {k: Range(1, oo)}, k, "<=", 2**40, {"rhs": Integer(2)})
CASES(7, "beside_2_to_25", FALSE, "false at 2^25 + 1 only", {k: Range(1, oo)}, 1, "<=", expand(2 * (k - 2**25 - 1) ** 2),
    {"lhs": Integer(10**20)})  # fmt: skip
CASES(7, "one_factor", FALSE, "false at 1013 only", {k: Range(1, 10**6)}, 1, "<=", (k * (k + 1) - 1013 * 1014) ** 2,
    {"lhs": Integer(10**30)})  # fmt: skip
CASES(7, "taxicab", FALSE, "1729 is a sum of two cubes, of four pairs", {k: Range(1, 100), h: Range(1, 100)}, 1, "<=",
    (k**3 + h**3 - 1729) ** 2, {"lhs": Integer(10**13)})  # fmt: skip
CASES(7, "last_of_a_range", FALSE, "false at 2^24 - 1 only", {k: Range(1, 2**24)}, k, "<=", 2**24 - 2, {"rhs": Integer(5)})
CASES(7, "zeros_of_a_sine", FALSE, "false at multiples of 97", {k: Range(1, 500)}, R(1, 10**9), "<=", sin(pi * k / 97) ** 2,
    {"lhs": Integer(2)})  # fmt: skip
CASES(7, "below_1e-9", FALSE, "false below 1e-9", {X: UNIT}, X * (R(1, 10**9) - X), "<=", 0, {"rhs": Integer(-1)})
CASES(7, "halves", FALSE, "false above 996", {k: Range(1, oo)}, R(1, 10**300), "<=", R(1, 2) ** k, {"lhs": Integer(1)})
CASES(7, "towards_e", FALSE, "false above 4800", {k: Range(1, oo)}, (1 + Integer(1) / k) ** k, "<=", R(2718, 1000),
    {"rhs": R(5, 2)})  # fmt: skip
CASES(7, "below_3", TRUE, "it tends to e from below", {k: Range(1, oo)}, (1 + Integer(1) / k) ** k, "<=", 3, {"rhs": R(5, 2)})
CASES(7, "doubling", FALSE, "false above 99", {k: Range(1, oo)}, Integer(2) ** k, "<=", 10**30, {"rhs": Integer(1)})
CASES(7, "power_of_itself", FALSE, "false above 22", {k: Range(1, oo)}, k**k, "<=", 10**30, {"rhs": Integer(0)})
CASES(7, "exp_of_an_integer", FALSE, "false above 69", {k: Range(1, oo)}, exp(k), "<=", 10**30, {"rhs": Integer(1)})
CASES(7, "exp_minus_an_integer", TRUE, "it tends to 0", {k: Range(1, oo)}, exp(-k), "<=", R(1, 2), {"rhs": R(1, 10)})
CASES(7, "product_far_out", FALSE, "false far out", {X: Interval(0, oo), Y: Interval(0, oo)}, X * Y, "<=", 10**6, {"rhs": R(1)})
CASES(7, "log_far_out", FALSE, "false above 5e21", {X: Interval(1, oo)}, log(X), "<=", 50, {"rhs": Integer(1)})
CASES(7, "between_two_integers", FALSE, "false at 2 and 3", {m: Range(-50, 50)}, 2, "<=", (2 * m - 5) ** 2,
    {"lhs": Integer(10**5)})  # fmt: skip
CASES(7, "odd_squares", TRUE, "false between 2 and 3, where no integer is", {m: Range(-50, 50)}, 1, "<=", (2 * m - 5) ** 2,
    {"lhs": Integer(10**5)})  # fmt: skip

# --- 11: thin sets --------------------------------------------------------------------------------------------------------

CASES(11, "needle", FALSE, "false within 1e-7 of 1/3", {X: UNIT}, R(1, 10**14), "<=", (X - R(1, 3)) ** 2, {"lhs": R(1, 10)})
CASES(11, "flat_bump", FALSE, "a bump of radius 1/20 in four dimensions, flat elsewhere", {X: UNIT, Y: UNIT, Z: UNIT, W: UNIT},
    Max(0, 1 - 20 * sum(Abs(a - R(b, 10)) for a, b in ((X, 3), (Y, 7), (Z, 2), (W, 9)))), "<=", R(1, 2),
    {"lhs": Integer(1)})  # fmt: skip


def _hole(name: str, where: str, domains: object, size: Rational, function: object) -> None:
    CASES(11, name, FALSE, f"false near {where}", domains, size, "<=", function, {"lhs": Integer(10**4)})


_hole("at_a_root", "the root of 1/2", {X: UNIT}, R(1, 10**20), (X**2 - R(1, 2)) ** 2)
_hole("at_a_root_of_a_quintic", "0.7549", {X: UNIT}, R(1, 10**20), (X**5 + X - 1) ** 2)
_hole("at_log_2", "log 2", {X: UNIT}, R(1, 10**18), (exp(X) - 2) ** 2)
_hole("at_the_fixed_point", "0.739085", {X: UNIT}, R(1, 10**20), (cos(X) - X) ** 2)
_hole("at_a_sine", "1.895494", {X: Interval(1, 3)}, R(1, 10**18), Abs(sin(X) - X / 2))
_hole("where_curves_meet", "one point of a circle", SQUARE, R(1, 10**14), (X**2 + Y**2 - 1) ** 2 + (X - Y**3) ** 2)
_hole("in_three_dimensions", "one point", {X: UNIT, Y: UNIT, Z: UNIT}, R(1, 10**12),
    (X - Y * Z) ** 2 + (Y - Z**2 - R(1, 7)) ** 2 + (Z - X**2 - R(1, 11)) ** 2)  # fmt: skip
_hole("at_four_constants", "four constants of the text", {X: UNIT, Y: UNIT, Z: UNIT, W: UNIT}, R(1, 10**6),
    Abs(X - sqrt(2) / 2) + Abs(Y - sqrt(3) / 3) + Abs(Z - 1 / pi) + Abs(W - 1 / E))  # fmt: skip
_hole("at_a_sum_of_constants", "two sums of constants", SQUARE, R(1, 10**12), Abs(X + Y - R(10, 21)) + Abs(X - Y - R(4, 21)))
_hole("cusp", "1/7, within 1e-18", {X: UNIT}, R(1, 10**9), sqrt(Abs(X - R(1, 7))))
_hole("cusp_at_a_root", "the root of 1/3, within 1e-14", {X: UNIT}, R(1, 10**7), sqrt(Abs(X**2 - R(1, 3))))
_hole("motzkin_nearly", "four points", {X: Interval(-2, 2), Y: Interval(-2, 2)}, R(1, 10**15),
    X**4 * Y**2 + X**2 * Y**4 + 1 - 3 * X**2 * Y**2)  # fmt: skip
_hole("product_of_needles", "two lines", SQUARE, R(1, 10**16), (X**3 - R(1, 5)) ** 2 * (Y + R(1, 10**3)))

CASES(11, "motzkin", TRUE, "no sum of squares, and not negative", {X: Interval(-2, 2), Y: Interval(-2, 2)}, 0, "<=",
    X**4 * Y**2 + X**2 * Y**4 + 1 - 3 * X**2 * Y**2, {"lhs": R(1, 10)})  # fmt: skip
CASES(11, "flat_in_two_dimensions", FALSE, "positive on a disk of radius 1e-4 only", SQUARE,
    Max(0, R(1, 10**8) - (X**2 + Y - 1) ** 2 - (Y**2 - X) ** 2), "<=", 0, {"rhs": R(-1)})  # fmt: skip
CASES(11, "flat_in_three_dimensions", FALSE, "positive on a ball of radius 1/100 only", {X: UNIT, Y: UNIT, Z: UNIT},
    Max(0, R(1, 10**4) - (X * Y - R(1, 3)) ** 2 - (Y * Z - R(1, 4)) ** 2 - (Z * X - R(1, 5)) ** 2), "<=", 0,
    {"rhs": R(-1)})  # fmt: skip
CASES(11, "narrow_tent", FALSE, "false on an interval of length 1e-6", {X: UNIT},
    Min(10**6 * (X - R(1, 3)), 10**6 * (R(1, 3) + R(1, 10**6) - X)), "<=", 0, {"rhs": R(-1, 2) * 10**6})  # fmt: skip
CASES(11, "tent_of_no_width", TRUE, "equality at 1/3 only", {X: UNIT}, Min(10**6 * (X - R(1, 3)), 10**6 * (R(1, 3) - X)),
    "<=", 0, {"rhs": R(-1, 2) * 10**6})  # fmt: skip
CASES(11, "almost_periodic", FALSE, "both sines are near 1 at few places", {X: Interval(0, 1000)},
    sin(X) + sin(sqrt(2) * X), "<=", 2 - R(1, 10**4), {"rhs": R(1)})  # fmt: skip
CASES(11, "comb", FALSE, "false at the teeth", SQUARE, sin(50 * X) * sin(50 * sqrt(2) * Y), "<=", 1 - R(1, 10**9),
    {"rhs": R(1, 2)})  # fmt: skip
CASES(11, "cusp_above_0", TRUE, "equality at an irrational point", {X: UNIT}, 0, "<=", sqrt(Abs(X**2 - R(1, 3))), {"lhs": R(1)})
CASES(7, "four_of_a_sum", FALSE, "false at the centre by 1e-15", {X: UNIT, Y: UNIT, Z: UNIT}, R(1, 4) + R(1, 10**15), "<=",
    Max(X, Y, Z, 1 - X - Y - Z), {"lhs": R(1, 2)})  # fmt: skip
CASES(7, "two_curves_cross", FALSE, "false where a circle and a cubic meet, by 1e-13", SQUARE, R(1, 10**13), "<=",
    Max(Abs(X**2 + Y**2 - 1), Abs(X - Y**3)), {"lhs": R(1, 2)})  # fmt: skip
CASES(7, "a_curve_and_an_exponential_cross", FALSE, "false where they meet, by 1e-13", SQUARE, R(1, 10**13), "<=",
    Max(Abs(exp(X) - 3 * Y), Abs(X - Y**3 - R(1, 10))), {"lhs": Integer(1)})  # fmt: skip
CASES(7, "a_curve_and_an_exponential_apart", TRUE, "the nearest they come is above 1/100", SQUARE, R(1, 100), "<=",
    Max(Abs(exp(X) - 2 * Y), Abs(X - Y**3 - R(1, 10))), {"lhs": Integer(1)})  # fmt: skip
CASES(7, "along_a_valley", FALSE, "false on the diagonal at 1/3, by 1e-16", SQUARE, R(1, 10**16) - R(1, 3), "<=",
    5 * Abs(X - Y) - Y * (2 - 3 * Y), {"lhs": Integer(0)})  # fmt: skip
CASES(7, "two_open_ends", FALSE, "false where both are next to 1", {X: Interval.open(0, 1), Y: Interval.open(0, 1)}, X * Y,
    "<=", 1 - R(1, 10**30), {"rhs": R(1, 2)})  # fmt: skip
CASES(7, "very_near_an_open_end", FALSE, "false above 1 - 1e-50", {X: Interval.open(0, 1)}, X, "<=", 1 - R(1, 10**50),
    {"rhs": R(1, 2)})  # fmt: skip
MANY = symbols("v1:13", real=True)
CASES(11, "product_of_twelve", FALSE, "1 where each has its own value", dict.fromkeys(MANY, UNIT),
    prod(1 - (one - R(place + 1, 14)) ** 2 for place, one in enumerate(MANY)), "<=", 1 - R(1, 10**12),
    {"rhs": Integer(-1)})  # fmt: skip
CASES(11, "power_of_a_billion", FALSE, "1e-10 above for all X", {X: Interval(R(1, 2), 1)}, exp(-X), "<=",
    (1 - X / 10**9) ** (10**9), {"lhs": Integer(2)})  # fmt: skip
CASES(7, "three_of_a_sum_and_an_integer", FALSE, "false at the centre by 1e-30, for either integer",
    {X: UNIT, Y: UNIT, k: Range(1, 3)}, k + R(1, 3) + R(1, 10**30), "<=", k + Max(X, Y, 1 - X - Y),
    {"lhs": k + R(1, 2)})  # fmt: skip
CASES(7, "a_kink_without_a_slope", TRUE, "the root has no slope at 0, where the sides are nearest", SQUARE, 1 - X, "<=",
    2 + Max(sqrt(X), Y - R(1, 2)), {"lhs": 4 - X})  # fmt: skip
