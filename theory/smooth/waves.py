r"""Sines solved: the risk after one exact step, and its expectation over phases as a Bessel series.

A task is :math:`R=\tfrac12\Delta(1+\sin z)`, :math:`z=w\theta+\varphi`, with :math:`L=\tfrac12\Delta w^2`.  One step at
rate :math:`\alpha=a/L` moves z to :math:`z-a\cos z`, so that :math:`F_\gamma=\tfrac12\Delta(1+\sin(z-a\cos z))`.  By
Jacobi and Anger :math:`e^{-ia\cos z}=\sum_n(-i)^nJ_n(a)e^{inz}`, hence with :math:`c_n=E e^{in\varphi}`

.. math:: E F_\gamma=\tfrac12\Delta\Bigl(1+\operatorname{Im}\sum_n(-i)^nJ_n(a)\,c_{n+1}\,e^{i(n+1)w\theta}\Bigr).

Uniform phases leave n = -1 alone: :math:`\tfrac12\Delta(1-J_1(a))`, whatever theta; joint training's risk is
:math:`\tfrac12\Delta`, so that adaptation gains :math:`\tfrac12\Delta J_1(a)`, most where :math:`J_1'(a)=0`.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, I, Symbol, besselj, cos, diff, exp, factorial, im, nsolve, sin, sympify

theta, w, phase, height, alpha = (Symbol(name, real=True) for name in ("theta", "w", "varphi", "Delta", "alpha"))


def risk() -> Expr:
    """R of one task.

    Examples
    --------
    >>> risk()
    Delta*(sin(theta*w + varphi) + 1)/2
    """
    return height * (1 + sin(w * theta + phase)) / 2


def adapted_risk() -> Expr:
    """R after one exact gradient step at rate alpha, by doing the step.

    Examples
    --------
    >>> adapted_risk().subs(alpha, 0) == risk()
    True
    """
    return risk().subs(theta, theta - alpha * diff(risk(), theta))


def wave(a: Expr, z: Expr) -> Expr:
    """The same for height 1 in z and a = alpha L.

    Examples
    --------
    >>> from sympy import S
    >>> wave(0, S.Zero)
    1/2
    """
    return (1 + sin(z - a * cos(z))) / 2


def series(a: Expr, angle: Expr, characteristic: Callable[[int], Expr], order: int) -> Expr:
    """Partial sum over -order <= n <= order of the expectation of :func:`wave` over phases, at wθ = angle.

    Parameters
    ----------
    a, angle : sympy expression
        alpha L and w theta.
    characteristic : callable
        n to E exp(i n phase).
    order : int
        At least 1.

    Returns
    -------
    sympy expression

    Examples
    --------
    >>> from sympy import Integer, S
    >>> series(Symbol("a", positive=True), S.Zero, lambda n: Integer(n == 0), 3)
    1/2 - besselj(1, a)/2
    """
    terms = [
        (-I) ** n * besselj(n, a) * sympify(characteristic(n + 1)) * exp(I * (n + 1) * angle) for n in range(-order, order + 1)
    ]
    return (1 + im(sum(terms)).expand(complex=False).doit()) / 2


def tail(a: Expr, order: int) -> Expr:
    """A bound on what the terms beyond `order` add, since J_n(a) is at most (a/2)^n/n! in size; for 0 <= a <= order + 2.

    Examples
    --------
    >>> from sympy import S
    >>> tail(S.One, 5).evalf(3)
    2.34e-5
    """
    first = (abs(a) / 2) ** (order + 1) / factorial(order + 1)
    # each further term is at most this times the one before
    ratio = abs(a) / (2 * (order + 2))
    return first / (1 - ratio)


def best_uniform_rate() -> Expr:
    """The least a > 0 at which adaptation gains most on uniform phases: J_1'(a) = 0.

    Examples
    --------
    >>> best_uniform_rate().round(4)
    1.8412
    """
    a = Symbol("a", positive=True)
    return nsolve(diff(besselj(1, a), a), a, 1.8)
