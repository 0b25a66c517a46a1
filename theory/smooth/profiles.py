r"""Profiles of smooth risks and their constants, derived.

A family of risks is a profile f of a linear feature u, :math:`R(\theta)=\text{height}\cdot f(\langle w,\theta\rangle+b)`,
or of a residual's length.  With s = |w| its constants are height times

.. math:: \Delta=\sup f-\inf f,\quad G=s\sup|f'|,\quad L=s^2\sup|f''|,\quad L_H=s^3\sup|f'''|.

The suprema are found, not typed: the derivatives of f are rewritten in a variable in which they are rational up to a
positive factor (:math:`t=\tanh u`, the logistic function itself, sine, or u), the derivative's zeros are solved for
exactly, and the values there and the limits at the ends are compared.

For a residual in several dimensions the constants are those of one: along any line at distance d from its centre a Welsch,
Geman--McClure or Cauchy loss is the scalar one of another height and scale, at most as steep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from sympy import (
    Expr,
    Interval,
    Poly,
    Rational,
    S,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    fraction,
    limit,
    log,
    oo,
    roots,
    simplify,
    sin,
    solveset,
    sqrtdenest,
    tanh,
    together,
)

u = Symbol("u", real=True)


@dataclass(frozen=True)
class Derived:
    """Suprema of a profile: of its range and of its first three derivatives, in closed form; infinite where there is none."""

    Delta: Expr
    G: Expr
    L: Expr
    L_H: Expr


@dataclass(frozen=True)
class Profile:
    """A profile f and the variable in which its derivatives are rational.

    Parameters
    ----------
    value : sympy expression
        f, in :data:`u`.
    variable : Symbol
        The variable v.
    speed : sympy expression
        dv/du, in v.
    derivative : sympy expression
        f' in v, up to `factor`.
    ends : (number, number)
        Range of v.
    factor : sympy expression, optional
        A positive function of u that multiplies all derivatives, with logarithmic derivative `decay` in v.
    decay : sympy expression
        See `factor`.
    """

    value: Expr
    variable: Symbol
    speed: Expr
    derivative: Expr
    ends: tuple[Expr, Expr]
    factor: Callable[[Expr], Expr] = field(default=lambda v: S.One)
    decay: Expr = S.Zero


_t, _p = Symbol("t", real=True), Symbol("p", real=True)

#: profiles by the name of their family in :mod:`numerics`
PROFILES = {
    "Tanh": Profile((1 + tanh(u)) / 2, _t, 1 - _t**2, (1 - _t**2) / 2, (S.NegativeOne, S.One)),
    "Logistic": Profile(log(1 + exp(u)), _p, _p * (1 - _p), _p, (S.Zero, S.One)),
    "GemanMcClure": Profile(u**2 / (1 + u**2), u, S.One, 2 * u / (1 + u**2) ** 2, (-oo, oo)),
    "Cauchy": Profile(log(1 + u**2) / 2, u, S.One, u / (1 + u**2), (-oo, oo)),
    "Welsch": Profile(1 - exp(-(u**2) / 2), u, S.One, u, (-oo, oo), lambda v: exp(-(v**2) / 2), -u),
    "Sines": Profile((1 + sin(u)) / 2, u, S.One, cos(u) / 2, (-oo, oo)),
}


@cache
def constants(name: str) -> Derived:
    """Constants of a profile with height 1 and s = 1, in closed form.

    Parameters
    ----------
    name : str
        A key of :data:`PROFILES`.

    Raises
    ------
    KeyError
        If there is no profile of that name.

    Examples
    --------
    >>> constants("GemanMcClure").G
    3*sqrt(3)/8
    >>> constants("Tanh").L
    2*sqrt(3)/9
    """
    profile = PROFILES[name]
    derivatives = [profile.derivative]
    for _ in range(3):
        last = derivatives[-1]
        derivatives.append(cancel(diff(last, profile.variable) * profile.speed + profile.decay * last))
    if name == "Sines":
        # a bounded periodic function: its extremes are among the zeros of the next derivative in one period
        tops = [_periodic_top(derivatives[order], derivatives[order + 1]) for order in range(3)]
    else:
        tops = [_top(profile, derivatives[order], derivatives[order + 1]) for order in range(3)]
    return Derived(_range(profile), *tops)


def _range(profile: Profile) -> Expr:
    """sup f - inf f, by limits, zeros of f' and their values."""
    if profile.value.has(sin):
        stationary = list(solveset(cos(u), u, Interval(0, 7)))
        heights = [profile.value.subs(u, at) for at in stationary]
    else:
        heights = [limit(profile.value, u, end) for end in (-oo, oo)]
        if profile.variable == u:
            heights += [profile.value.subs(u, root) for root in _zeros(profile.derivative, u)]
    return oo if any(height.is_infinite for height in heights) else simplify(max(heights) - min(heights))


def _zeros(expression: Expr, variable: Symbol) -> list[Expr]:
    """Real zeros of a rational function, in radicals; the polynomials here are of degree 4 at most, or in squares."""
    polynomial = Poly(fraction(together(expression))[0], variable)
    found = roots(polynomial, variable)
    if sum(found.values()) != polynomial.degree():
        raise ValueError(f"{polynomial} has zeros that are not radicals; give the profile another variable")
    return [root for root in found if abs(root.evalf(60).as_real_imag()[1]) < Rational(1, 10**40)]


def _top(profile: Profile, derivative: Expr, following: Expr) -> Expr:
    """sup |derivative * factor| over the range of the variable."""
    v, (low, high) = profile.variable, profile.ends
    inside = [root for root in _zeros(following, v) if low < root.evalf(50) < high]
    values = [abs(_closed(derivative.subs(v, root) * profile.factor(root))) for root in inside]
    for end in (low, high):
        values.append(abs(limit(derivative * profile.factor(v), v, end)))
    return max(values, key=lambda value: value.evalf(50))


def _periodic_top(derivative: Expr, following: Expr) -> Expr:
    return max(abs(derivative.subs(u, at)) for at in solveset(following, u, Interval(0, 7)))


def _closed(value: Expr) -> Expr:
    """Simplified where that can be checked to change nothing."""
    shorter = sqrtdenest(simplify(value))
    return shorter if abs((shorter - value).evalf(60)) < Rational(1, 10**40) else value
