r"""The population risk of a rule, derived for general dimension: gradient, linear system, solution, convexity.

For a task with curvature Q = L'L and an inner loop with residual r (a matrix that need not commute with anything here), the
risk after adaptation is

.. math:: R(\theta') = \tfrac12\,(\theta-\theta_\gamma)^\top r^\top Q\,r\,(\theta-\theta_\gamma).

Its gradient is found by differentiation with r and Q as matrix symbols, and is affine in :math:`\theta`: the weight
:math:`w = r^\top Q r` times :math:`\theta` minus :math:`w\,\theta_\gamma`.  Expectation over tasks is linear, so the
population's stationarity is :math:`E[w]\,\theta=E[w\theta_\gamma]`, solved by :math:`\theta^*=E[w]^{-1}E[w\theta_\gamma]`
where E[w] is invertible. The Hessian of each task is the Gram matrix of Lr, so it is positive semi-definite and so is its
mean: the risk is convex, and strictly so where E[w] is invertible.  A training weight that belongs to no risk (first-order
MAML, Reptile) enters through the same linear system: its solution is then the fixed point of the outer step.

:func:`derive` makes these steps as sympy objects, the checks among them as matrices that vanish; :func:`confirm` repeats them
with explicit entries.  Nothing is computed on import.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sympy import (
    Expr,
    Identity,
    Integer,
    Inverse,
    Matrix,
    MatrixExpr,
    MatrixSymbol,
    Symbol,
    Transpose,
    ZeroMatrix,
    diff,
    expand,
    zeros,
)

from theory import notation


class Derivation(NamedTuple):
    """The steps for general p, each a sympy matrix expression.

    Attributes
    ----------
    task_risk : (1, 1)
        Risk of one task after adaptation, without the noise.
    gradient : (p, 1)
        Its gradient with respect to theta.
    weight : (p, p)
        Coefficient of theta in the gradient: the task's weight w.
    pull : (p, 1)
        Minus the gradient at theta = 0: w theta_gamma.
    affine_remainder : (p, 1)
        Gradient minus (w theta - pull); zero.
    optimum : (p, 1)
        Solution of the expected system, in the symbols E_w and E_pull.
    system_remainder : (p, 1)
        The expected system with the solution put in; zero.
    gram_factor : (p, p)
        A matrix whose Gram matrix the Hessian is.
    gram_remainder : (p, p)
        Hessian minus that Gram matrix; zero.
    """

    task_risk: MatrixExpr
    gradient: MatrixExpr
    weight: MatrixExpr
    pull: MatrixExpr
    affine_remainder: MatrixExpr
    optimum: MatrixExpr
    system_remainder: MatrixExpr
    gram_factor: MatrixExpr
    gram_remainder: MatrixExpr


@cache
def derive() -> Derivation:
    """Derive the population optimum for symbolic p.

    Returns
    -------
    Derivation

    Examples
    --------
    >>> steps = derive()
    >>> steps.gradient
    r.T*Q*r*theta - r.T*Q*r*theta_gamma
    >>> steps.optimum
    E_w**(-1)*E_pull
    >>> steps.affine_remainder, steps.system_remainder, steps.gram_remainder
    (0, 0, 0)
    """
    p = notation.p
    theta, optimum = MatrixSymbol("theta", p, 1), MatrixSymbol("theta_gamma", p, 1)
    curvature, residual, root = (MatrixSymbol(name, p, p) for name in ("Q", "r", "L"))
    error = residual * (theta - optimum)
    risk = Transpose(error) * curvature * error / 2
    gradient = risk.diff(theta).doit().xreplace({Transpose(curvature): curvature}).expand().doit()
    pull = -gradient.xreplace({theta: ZeroMatrix(p, 1)}).doit()
    # the gradient at a theta_gamma of zero is linear in theta, and its coefficient is what multiplies theta
    linear = gradient.xreplace({optimum: ZeroMatrix(p, 1)}).doit()
    weight = linear.xreplace({theta: Identity(p)}).doit()
    mean, mean_pull = MatrixSymbol("E_w", p, p), MatrixSymbol("E_pull", p, 1)
    solution = Inverse(mean) * mean_pull
    factor = root * residual
    factored = weight.xreplace({curvature: Transpose(root) * root}).doit()
    return Derivation(
        task_risk=risk,
        gradient=gradient,
        weight=weight,
        pull=pull,
        affine_remainder=(gradient - (weight * theta - pull)).doit(),
        optimum=solution,
        system_remainder=(mean * solution - mean_pull).doit(),
        gram_factor=factor,
        gram_remainder=(factored - (Transpose(factor) * factor)).doit(),
    )


class Confirmation(NamedTuple):
    """The derivation's steps with explicit entries; each is zero if it holds.

    Attributes
    ----------
    gradient : Matrix, (p, 1)
        Gradient of the expected risk, by differentiating entry by entry, minus E[w] theta + E[w theta_gamma].
    system : Matrix, (p, 1)
        Determinant times the system E[w] x = E[w theta_gamma] at Cramer's solution.
    convexity : sympy expression
        The Hessian's quadratic form minus the expected sum of squares |L r v|^2.
    """

    gradient: Matrix
    system: Matrix
    convexity: Expr


def confirm(dimension: int, number: int = 2) -> Confirmation:
    """Repeat the derivation with explicit entries, for `number` tasks with symbolic probabilities.

    Parameters
    ----------
    dimension : int
        Dimension p; 1, 2 and 3 take a second together.
    number : int
        Number of tasks.

    Returns
    -------
    Confirmation

    Examples
    --------
    >>> confirm(1)
    Confirmation(gradient=Matrix([[0]]), system=Matrix([[0]]), convexity=0)
    """
    theta, direction = _entries("theta", dimension, 1), _entries("v", dimension, 1)
    risk = squares = Integer(0)
    mean, pull = zeros(dimension, dimension), zeros(dimension, 1)
    for task in range(number):
        probability = Symbol(f"pi{task}", positive=True)
        root, residual = _entries(f"L{task}", dimension, dimension), _entries(f"r{task}", dimension, dimension)
        optimum, curvature = _entries(f"t{task}", dimension, 1), root.T * root
        error = residual * (theta - optimum)
        risk += probability * (error.T * curvature * error)[0] / 2
        length = root * residual * direction
        squares += probability * (length.T * length)[0]
        weight = residual.T * curvature * residual
        mean, pull = mean + probability * weight, pull + probability * weight * optimum
    gradient = Matrix([diff(risk, coordinate) for coordinate in theta])
    curved = (direction.T * gradient.jacobian(theta) * direction)[0]
    general, right = _entries("A", dimension, dimension), _entries("b", dimension, 1)
    return Confirmation(
        gradient=(gradient - (mean * theta - pull)).applyfunc(expand),
        system=(general * (general.adjugate() * right) - general.det() * right).applyfunc(expand),
        convexity=expand(curved - squares),
    )


def _entries(name: str, rows: int, columns: int) -> Matrix:
    return Matrix(rows, columns, lambda row, column: Symbol(f"{name}_{row}{column}"))
