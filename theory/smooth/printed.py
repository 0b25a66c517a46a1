r"""What Gao and Sener print about smooth risks, as formulas, and the analytic risk that exceeds Theorem 1.

The risk is :math:`R=\tfrac{80}{81}+\sin\theta+\tfrac1{81}\sin3\theta`.  With :math:`s=\sin\theta` and
:math:`c=\cos\theta`, :math:`R=\tfrac{80}{81}+s+\tfrac1{81}(3s-4s^3)`, :math:`R'=c+\tfrac1{27}(4c^3-3c)`,
:math:`R''=-s-\tfrac19(3s-4s^3)` are polynomials on [-1, 1], whose suprema are found among stationary points and ends.
"""

from __future__ import annotations

from sympy import Expr, Poly, Rational, Symbol, limit, oo, real_roots, sqrt

from theory.notation import L_H, G, L, M, N, T_te, T_tr, V_d, alpha, start_range, task_spread

_RHO = 1 + alpha * L
_TESTED = L * (G**2 + V_d / N) * T_te
#: what stands under the root of Theorem 1 beside ½(Delta + Lambda)
THEOREM_1 = L * (G**2 + task_spread / M + V_d / (2 * N * M)) * T_tr + _TESTED
#: what stands under the root of Theorem 2 beside ½(Delta + Lambda_maml + alpha G^2)
THEOREM_2 = (4 * L + 2 * L_H * alpha * G) * (
    (2 + Rational(40) / M) * _RHO**2 * G**2 + 14 * task_spread / M + 3 * V_d * (1 + alpha**2 * L**2 * M) / (M * N)
) * T_tr + _TESTED
#: Lambda, or Lambda_maml: the least value of the method's objective
LEAST = Symbol("Lambda", nonnegative=True)
#: the whole of both right sides
BOUND_1 = sqrt((start_range + LEAST) / 2 * THEOREM_1)
BOUND_2 = T_tr * alpha * L * _RHO**2 * G * sqrt(V_d / N) + sqrt((start_range + LEAST + alpha * G**2) / 2 * THEOREM_2)

_x = Symbol("x", real=True)


def _range(polynomial: Expr) -> tuple[Expr, Expr]:
    """Least and largest value on [-1, 1]."""
    turns = [root for root in real_roots(Poly(polynomial.diff(_x), _x)) if -1 < root < 1]
    values = [polynomial.subs(_x, at) for at in (-1, *turns, 1)]
    return min(values), max(values)


def analytic_constants() -> tuple[Expr, Expr, Expr, Expr]:
    """Least value, Delta, G and L of the analytic risk.

    Examples
    --------
    >>> analytic_constants()
    (0, 160/81, 28/27, 8/9)
    """
    risk = Rational(80, 81) + _x + (3 * _x - 4 * _x**3) / 81
    slope = _x + (4 * _x**3 - 3 * _x) / 27
    bend = _x + (3 * _x - 4 * _x**3) / 9
    low, high = _range(risk)
    return low, high - low, max(map(abs, _range(slope))), max(map(abs, _range(bend)))


def theorem_1_ratio() -> Expr:
    """Square of the ratio of the two sides of Theorem 1 for the analytic risk at 0: one update, no noise, no test.

    Examples
    --------
    >>> theorem_1_ratio()
    49/40
    """
    low, spread, steepest, bend = analytic_constants()
    # the slope at 0, where the cosine is 1
    at_start = 1 + Rational(1, 27)
    return at_start**4 / ((spread + low) * bend * steepest**2 / 2)


def theorem_2_ratio(rate: Expr) -> Expr:
    """The same for Theorem 2 with no update and one test step, at alpha = rate/L.

    Examples
    --------
    >>> theorem_2_ratio(Rational(1, 6)).evalf(5)
    1.1115
    """
    _, spread, steepest, bend = analytic_constants()
    at_start = 1 + Rational(1, 27)
    return at_start**4 / ((spread + rate / bend * steepest**2) * bend * steepest**2 / 2)


def theorem_2_excess() -> Expr:
    r"""Square of the largest ratio of ``meta_descent_sum_tasks`` to Theorem 2 without test steps.

    It is over :math:`a\le1/6` and all other constants.

    With :math:`y=\alpha L_HG/L` the terms with :math:`V_d` have the ratio
    :math:`(\rho^2+y)(\rho^2+\tfrac12)/(3(1+\tfrac y2)(1+a^2M))`, which increases in y and a and falls in M;
    all others are below 1.  So Theorem 2 without test steps is exceeded by less than the root of this, if at all.

    Examples
    --------
    >>> theorem_2_excess()
    134/111
    """
    a, y = Symbol("a", positive=True), Symbol("y", positive=True)
    ratio = ((1 + a) ** 2 + y) * ((1 + a) ** 2 + Rational(1, 2)) / (3 * (1 + y / 2) * (1 + a**2))
    return Rational(limit(ratio, y, oo).subs(a, Rational(1, 6)))
