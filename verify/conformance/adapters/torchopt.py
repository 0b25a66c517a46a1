"""TorchOpt: a differentiable optimiser of modules, and implicit differentiation of a root."""

from typing import Any

import torch
import torchopt
from torchopt.diff import implicit

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "torchopt", "torch"


def meta_sgd(data: Any) -> Any:
    """torchopt.MetaSGD, its state recovered for every task."""
    net = torch.nn.Linear(len(data.theta), 1, bias=False, dtype=data.theta.dtype)
    net.weight.data[:] = data.theta
    optimiser, start, total = torchopt.MetaSGD(net, lr=data.alpha), net.weight, 0.0
    kept = [torchopt.extract_state_dict(part) for part in (net, optimiser)]
    for X, y, Xq, yq in data:
        for part, state in zip((net, optimiser), kept, strict=True):
            torchopt.recover_state_dict(part, state)
        for _ in range(data.steps):
            optimiser.step(data.loss(net.weight[0], X, y))
        total = total + data.loss(net.weight[0], Xq, yq) / len(data)
    return torch.autograd.grad(total, start)[0]


def custom_root(data: Any) -> Any:
    """The proximal problem's root, solved by gradient descent and differentiated implicitly."""
    theta, total = data.theta.requires_grad_(), 0.0
    slope = torch.func.grad(data.proximal)

    def descended(inner: Any, start: Any, X: Any, y: Any) -> Any:
        for _ in range(200):
            inner = inner - 0.1 * slope(inner, start, X, y)
        return inner.detach()

    solved = implicit.custom_root(slope, argnums=1, solve=torchopt.linear_solve.solve_normal_cg())(descended)
    for X, y, Xq, yq in data:
        total = total + data.loss(solved(theta.detach(), theta, X, y), Xq, yq) / len(data)
    return torch.autograd.grad(total, theta)[0]


ADAPTERS = (
    Adapter("MetaSGD", "MAML", meta_sgd),
    Adapter("custom_root, solve_normal_cg", "implicit MAML", custom_root, 1e-6),
    Adapter("custom_root, a scalar parameter", "implicit MAML", custom_root, 1e-6, {"scalar": True, "dim": 1}),
)
