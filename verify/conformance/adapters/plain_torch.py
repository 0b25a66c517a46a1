"""Plain torch: inner steps by autograd, kept in the graph."""

from typing import Any

import torch

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "torch", "torch"


def meta_gradient(data: Any, second_order: bool = True) -> Any:
    """Steps of gradient descent by hand."""
    theta, total = data.theta.requires_grad_(), 0.0
    for X, y, Xq, yq in data:
        inner = theta
        for _ in range(data.steps):
            (slope,) = torch.autograd.grad(data.loss(inner, X, y), inner, create_graph=second_order)
            inner = inner - data.alpha * slope
        total = total + data.loss(inner, Xq, yq) / len(data)
    return torch.autograd.grad(total, theta)[0]


ADAPTERS = (
    Adapter("autograd, create_graph=True", "MAML", meta_gradient),
    Adapter("autograd, create_graph=False", "first-order MAML", lambda data: meta_gradient(data, second_order=False)),
    Adapter("autograd, a rate for each coordinate", "MetaSGD", meta_gradient),
    Adapter("autograd, a scalar parameter", "MAML", meta_gradient, example={"scalar": True, "dim": 1}),
    Adapter("autograd, single precision", "MAML", meta_gradient, example={"single": True}),
)
