"""optimistix: minimisers with an implicit adjoint, and steps with a checkpointed one."""

from functools import partial
from typing import Any

import jax
import lineax
import optimistix

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "optimistix", "jax"


def differentiated(data: Any, risk: Any) -> Any:
    """Gradient of the mean risk over tasks, one after the other."""
    tasks = (*data.support, *data.query)
    return jax.jit(jax.grad(lambda theta: jax.lax.map(lambda task: risk(theta, *task), tasks).mean()))(data.theta)


def proximal(data: Any, **options: Any) -> Any:
    """The proximal problem by BFGS, differentiated implicitly; its Hessian is positive, which CG has to be told."""
    solver, adjoint = optimistix.BFGS(rtol=1e-12, atol=1e-12), optimistix.ImplicitAdjoint(**options)
    limit = {"max_steps": 500, "tags": frozenset({lineax.positive_semidefinite_tag})}

    def risk(theta: Any, X: Any, y: Any, Xq: Any, yq: Any) -> Any:
        inner = partial(data.proximal, features=X, responses=y)
        found = optimistix.minimise(inner, solver, data.theta, theta, adjoint=adjoint, **limit)
        return data.loss(found.value, Xq, yq)

    return differentiated(data, risk)


def steps(data: Any) -> Any:
    """k steps of GradientDescent from theta, recomputed on the way back; its first step only evaluates the start."""
    solver = optimistix.GradientDescent(learning_rate=data.alpha, rtol=1e-30, atol=1e-30)
    limit = {"max_steps": data.steps + 1, "throw": False, "adjoint": optimistix.RecursiveCheckpointAdjoint()}

    def risk(theta: Any, X: Any, y: Any, Xq: Any, yq: Any) -> Any:
        found = optimistix.minimise(lambda x, _: data.loss(x, X, y), solver, theta, **limit)
        return data.loss(found.value, Xq, yq)

    return differentiated(data, risk)


ADAPTERS = (
    Adapter("GradientDescent, RecursiveCheckpointAdjoint", "MAML", steps),
    Adapter("BFGS, ImplicitAdjoint", "implicit MAML", proximal, 1e-6),
    Adapter(
        "BFGS, ImplicitAdjoint(lineax.CG)",
        "implicit MAML",
        lambda data: proximal(data, linear_solver=lineax.CG(rtol=1e-12, atol=1e-12)),
        1e-6,
    ),
)
