r"""The pair of two-armed tasks, on symbols: returns, their flows, and the time that joint training's flow takes.

One state, two arms; the first task, of probability w, pays one for the first arm, the second for the second.  With
:math:`x=\theta_1-\theta_2` the return of joint training is :math:`J(x)=w\sigma(x)+(1-w)\sigma(-x)`, and the flow
:math:`\dot\theta=\nabla J` makes :math:`\dot x=2J'(x)`.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Symbol, cosh, diff, exp, integrate, simplify, sinh

from theory.notation import logit_gap as GAP
from theory.notation import majority as WEIGHT

__all__ = ["GAP", "WEIGHT", "adapted_return", "adapted_slope", "flow_time", "joint_return"]


def _sigmoid(x: Expr) -> Expr:
    return 1 / (1 + exp(-x))


def joint_return() -> Expr:
    """J(x) in :data:`GAP` and :data:`WEIGHT`."""
    return WEIGHT * _sigmoid(GAP) + (1 - WEIGHT) * _sigmoid(-GAP)


def adapted_return(rate: Expr) -> Expr:
    """F(x): the return after one inner step, which moves each task's difference of logits by twice its slope.

    Examples
    --------
    >>> from sympy import Integer
    >>> adapted_return(Integer(0)).subs(GAP, 0)
    1/2
    """
    slope = diff(_sigmoid(GAP), GAP)
    return WEIGHT * _sigmoid(GAP + 2 * rate * slope) + (1 - WEIGHT) * _sigmoid(-(GAP - 2 * rate * slope))


def adapted_slope(rate: Expr) -> Expr:
    """F'(x)."""
    return diff(adapted_return(rate), GAP)


@cache
def flow_time() -> Expr:
    """The time after which joint training's flow from equal logits has reached the difference x, by integrating dx/(2 J'(x)).

    Examples
    --------
    >>> from sympy import Rational, N
    >>> N(flow_time().subs({GAP: 1, WEIGHT: Rational(3, 4)}), 12)
    4.35040238729
    """
    u = Symbol("u", real=True)
    pace = simplify(1 / (2 * diff(joint_return(), GAP) / (2 * WEIGHT - 1))).subs(GAP, u)
    # on exponentials, which integrate term by term
    found = integrate(pace.rewrite(exp).expand(), (u, 0, GAP)) / (2 * WEIGHT - 1)
    assert simplify((diff(found, GAP) * 2 * diff(joint_return(), GAP) - 1).rewrite(exp)) == 0
    return found.rewrite(exp).rewrite(cosh).rewrite(sinh).rewrite(exp)
