"""learn2learn: clones of a module that adapt in the graph."""

from typing import Any

import torch
from learn2learn.algorithms import MAML

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "learn2learn", "torch"


def meta_gradient(data: Any, first_order: bool = False) -> Any:
    """A clone for each task."""
    net = torch.nn.Linear(len(data.theta), 1, bias=False, dtype=data.theta.dtype)
    net.weight.data[:] = data.theta
    model, total = MAML(net, lr=data.alpha, first_order=first_order), 0.0
    for X, y, Xq, yq in data:
        learner = model.clone()
        for _ in range(data.steps):
            learner.adapt(data.loss(learner.module.weight[0], X, y))
        total = total + data.loss(learner.module.weight[0], Xq, yq) / len(data)
    return torch.autograd.grad(total, net.weight)[0]


ADAPTERS = (
    Adapter("MAML", "MAML", meta_gradient),
    Adapter("MAML(first_order=True)", "first-order MAML", lambda data: meta_gradient(data, first_order=True)),
)
