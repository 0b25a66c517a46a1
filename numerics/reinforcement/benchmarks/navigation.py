"""Navigation of a point in the plane towards a goal that it does not see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.reinforcement.benchmarks.environments import Environment, Real


class PointNavigation(Environment):
    """A point starts at the origin and moves by a tenth of its action, clipped to [-1, 1]; it pays its distance from the goal.

    A task is a goal, uniform on the square of side 2 around the origin.

    Parameters
    ----------
    horizon : int
        Steps of an episode.

    Examples
    --------
    >>> PointNavigation().tasks(np.array([[0.5, 0.75]])).tolist()
    [[0.0, 0.5]]
    """

    observations, actions, coordinates = 2, 2, 2
    inner_rate = 0.1

    def __init__(self, horizon: int = 50) -> None:
        super().__init__(horizon)

    def tasks(self, uniforms: Real) -> Any:
        """Goals (n, 2)."""
        return 2 * uniforms - 1

    def start(self, tasks: Any, rng: np.random.Generator) -> Real:
        """The origin."""
        return np.zeros((len(tasks), 2))

    def observe(self, states: Real) -> Real:
        """The point's place."""
        return states

    def step(self, tasks: Any, states: Real, actions: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
        """One move."""
        moved = states + 0.1 * np.clip(actions, -1, 1)
        return moved, -np.linalg.norm(moved - tasks, axis=-1), np.ones(len(moved), dtype=bool)
