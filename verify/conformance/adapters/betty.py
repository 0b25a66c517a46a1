"""Betty: problems in an engine, the lower one differentiated by conjugate gradients or a Neumann series."""

import logging
from typing import Any

import torch
from betty.configs import Config, EngineConfig
from betty.engine import Engine
from betty.problems import ImplicitProblem

from verify.conformance.adapters import Adapter

LIBRARY, FRAMEWORK = "betty-ml", "torch"
STEPS = 150


class Point(torch.nn.Module):
    """A module that is one vector, and knows what it is trained on."""

    def __init__(self, data: Any, task: Any) -> None:
        super().__init__()
        self.value = torch.nn.Parameter(data.theta.clone())
        self.problem, self.sets = data, task


class Outer(ImplicitProblem):
    """Keeps the gradient, moves nothing."""

    def training_step(self, _: Any) -> Any:
        """The query loss."""
        return self.module.problem.loss(self.inner.module.value, *self.module.sets[2:])

    def optimizer_step(self, *_: Any, **__: Any) -> None:
        """Keep the gradient."""
        self.kept = self.module.value.grad.clone()


class Inner(ImplicitProblem):
    """The proximal problem."""

    def training_step(self, _: Any) -> Any:
        """Its objective."""
        return self.module.problem.proximal(self.module.value, self.outer.module.value, *self.module.sets[:2])


def made(kind: Any, rate: float, point: Point, **options: Any) -> Any:
    """A problem of the engine."""
    optimizer, batches = torch.optim.SGD(point.parameters(), lr=rate), [(torch.zeros(1),)]
    config = Config(log_step=-1, **options)
    return kind(name=kind.__name__.lower(), module=point, optimizer=optimizer, train_data_loader=batches, config=config)


def one_task(data: Any, task: Any, **options: Any) -> Any:
    """The hypergradient that the engine gives the upper problem of one task."""
    outer = made(Outer, 0.0, Point(data, task))
    inner = made(Inner, 0.1, Point(data, task), unroll_steps=STEPS, **options)
    wiring = {"u2l": {outer: [inner]}, "l2u": {inner: [outer]}}
    Engine(config=EngineConfig(train_iters=STEPS), problems=[outer, inner], dependencies=wiring).run()
    return outer.kept


def meta_gradient(data: Any, **options: Any) -> Any:
    """Mean over tasks."""
    logging.disable(logging.CRITICAL)
    try:
        return sum(one_task(data, task, **options) for task in data) / len(data)
    finally:
        logging.disable(logging.NOTSET)


ADAPTERS = (
    Adapter("cg, 20 iterations", "implicit MAML", lambda data: meta_gradient(data, type="cg", cg_iterations=20), 1e-6),
    Adapter("cg, 1 iteration", "implicit MAML", lambda data: meta_gradient(data, type="cg", cg_iterations=1), 1e-6),
    Adapter(
        "neumann, 200 terms",
        "implicit MAML",
        lambda data: meta_gradient(data, type="neumann", neumann_iterations=200, neumann_alpha=0.1),
        1e-6,
    ),
)
