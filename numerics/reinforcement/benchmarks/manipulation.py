"""MetaWorld's robot arm that reaches or pushes to a place it does not see (ML1), one episode after the other.

MetaWorld asks for a version of MuJoCo of its own, which is why it is an extra of its own; it steps about a tenth as fast as the
legged robots, which is enough to see that all runs and too slow to learn on in minutes.
"""

from __future__ import annotations

from typing import Any

import metaworld
import numpy as np
from numpy.typing import NDArray

from numerics.reinforcement.benchmarks.environments import Environment, Real


class Manipulation(Environment):
    """One of MetaWorld's tasks with places that differ.

    Parameters
    ----------
    horizon : int
        Steps of an episode, at most 500.
    """

    name: str
    observations, actions, coordinates = 39, 4, 1
    inner_rate = 0.01

    def __init__(self, horizon: int = 150) -> None:
        if horizon > 500:
            raise ValueError(f"horizon is {horizon!r}; MetaWorld's episodes have at most 500 steps")
        super().__init__(horizon)
        benchmark = metaworld.ML1(self.name, seed=0)
        self._kind = benchmark.train_classes[self.name]
        self._places = benchmark.train_tasks
        self._worlds: list[Any] = []

    def tasks(self, uniforms: Real) -> Any:
        """Numbers (n,) of MetaWorld's training places."""
        return (uniforms[:, 0] * len(self._places)).astype(int)

    def start(self, tasks: Any, rng: np.random.Generator) -> Real:
        """One world for each episode; a state is the world's number and what is seen."""
        while len(self._worlds) < len(tasks):
            self._worlds.append(self._kind())
        seen = []
        for world, task in zip(self._worlds, tasks, strict=False):
            world.set_task(self._places[task])
            seen.append(world.reset()[0])
        return np.column_stack([np.arange(len(tasks)), np.array(seen, dtype=float)])

    def observe(self, states: Real) -> Real:
        """Hand, object and the last step's; the goal is zeros."""
        return states[:, 1:]

    def step(self, tasks: Any, states: Real, actions: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
        """A step of every world."""
        after, paid = states.copy(), np.zeros(len(states))
        for row, (state, action) in enumerate(zip(states, np.clip(actions, -1, 1), strict=True)):
            seen, reward, *_ = self._worlds[int(state[0])].step(action.astype(np.float32))
            after[row, 1:], paid[row] = seen, reward
        return after, paid, np.ones(len(states), dtype=bool)


class Reach(Manipulation):
    """To a place with the hand.

    Examples
    --------
    >>> Reach().tasks(np.array([[0.0], [0.5]])).tolist()
    [0, 25]
    """

    name = "reach-v3"


class Push(Manipulation):
    """To a place with an object."""

    name = "push-v3"
