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

:func:`derive` makes these steps as sympy objects, the checks among them as matrices that vanish; the tests repeat them with
explicit entries.  Nothing is computed on import.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sympy import (
    Identity,
    Inverse,
    MatrixExpr,
    MatrixSymbol,
    Transpose,
    ZeroMatrix,
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
