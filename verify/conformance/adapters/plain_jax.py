"""Plain JAX: jax.grad of a loop of jax.grad."""

from typing import Any

import jax

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "jax", "jax"


def meta_gradient(data: Any, second_order: bool = True) -> Any:
    """Steps of gradient descent by hand."""

    def risk(theta: Any, X: Any, y: Any, Xq: Any, yq: Any) -> Any:
        for _ in range(data.steps):
            slope = jax.grad(data.loss)(theta, X, y)
            theta = theta - data.alpha * (slope if second_order else jax.lax.stop_gradient(slope))
        return data.loss(theta, Xq, yq)

    return jax.grad(lambda theta: data.mean(jax.vmap, risk, theta))(data.theta)


ADAPTERS = (
    Adapter("jax.grad", "MAML", meta_gradient),
    Adapter("jax.grad, stop_gradient inside", "first-order MAML", lambda data: meta_gradient(data, second_order=False)),
    Adapter("jax.grad, a rate for each coordinate", "MetaSGD", meta_gradient),
    Adapter("jax.grad, a scalar parameter", "MAML", meta_gradient, example={"scalar": True, "dim": 1}),
)
