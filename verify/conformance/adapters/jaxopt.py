"""JAXopt: gradient descent that is unrolled or differentiated implicitly."""

from typing import Any

import jax
import jaxopt

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "jaxopt", "jax"


def descended(data: Any, **options: Any) -> Any:
    """k steps of jaxopt.GradientDescent from theta."""
    solver = jaxopt.GradientDescent(data.loss, stepsize=data.alpha, maxiter=data.steps, tol=0.0, acceleration=False, **options)

    def risk(theta: Any, X: Any, y: Any, Xq: Any, yq: Any) -> Any:
        return data.loss(solver.run(theta, X, y).params, Xq, yq)

    return jax.jit(jax.grad(lambda theta: data.mean(jax.vmap, risk, theta)))(data.theta)


def proximal(data: Any, **options: Any) -> Any:
    """The proximal problem by jaxopt.GradientDescent, differentiated implicitly."""
    solver = jaxopt.GradientDescent(data.proximal, maxiter=500, tol=1e-13, **options)

    def risk(theta: Any, X: Any, y: Any, Xq: Any, yq: Any) -> Any:
        return data.loss(solver.run(data.theta, theta, X, y).params, Xq, yq)

    return jax.jit(jax.grad(lambda theta: data.mean(jax.vmap, risk, theta)))(data.theta)


def one_iteration(matvec: Any, right: Any) -> Any:
    """Conjugate gradients stopped after a step."""
    return jaxopt.linear_solve.solve_cg(matvec, right, maxiter=1)


ADAPTERS = (
    Adapter(
        "GradientDescent(implicit_diff=False, unroll=True)",
        "MAML",
        lambda data: descended(data, implicit_diff=False, unroll=True),
    ),
    Adapter("GradientDescent, default implicit_diff", "MAML", descended),
    Adapter("GradientDescent, proximal problem", "implicit MAML", proximal, 1e-6),
    Adapter(
        "GradientDescent, proximal problem, one CG step",
        "implicit MAML",
        lambda data: proximal(data, implicit_diff_solve=one_iteration),
        1e-6,
    ),
)
