"""higher: a functional copy of a module, stepped by a differentiable optimiser."""

from typing import Any

import higher
import torch

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "higher", "torch"


def meta_gradient(data: Any, **options: Any) -> Any:
    """innerloop_ctx around SGD, a task at a time."""
    net = torch.nn.Linear(len(data.theta), 1, bias=False, dtype=data.theta.dtype)
    net.weight.data[:] = data.theta
    optimiser = torch.optim.SGD(net.parameters(), lr=data.alpha)
    for X, y, Xq, yq in data:
        with higher.innerloop_ctx(net, optimiser, copy_initial_weights=False) as (copy, steps):
            for _ in range(data.steps):
                steps.step(data.loss(copy.fast_params[0][0], X, y), **options)
            (data.loss(copy.fast_params[0][0], Xq, yq) / len(data)).backward()
    return net.weight.grad


def detached(gradients: Any) -> Any:
    """The work-around that makes higher first-order."""
    return [gradient.detach() for gradient in gradients]


ADAPTERS = (
    Adapter("innerloop_ctx(copy_initial_weights=False)", "MAML", meta_gradient),
    Adapter(
        "innerloop_ctx, grad_callback detaches", "first-order MAML", lambda data: meta_gradient(data, grad_callback=detached)
    ),
)
