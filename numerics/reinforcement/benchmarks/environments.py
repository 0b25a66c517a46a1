"""What an environment of the benchmarks is: tasks in a cube of random numbers, many episodes side by side."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


class Batch(NamedTuple):
    """Episodes of n tasks, E each, up to T steps.

    Parameters
    ----------
    observations : array (n, E, T, O)
        What the policy saw before each step; zero after an episode's end, as everything.
    actions : array (n, E, T, A)
        What it chose; the environment clips it.
    rewards : array (n, E, T)
    alive : array (n, E, T) of bool
        Whether the step was taken.
    """

    observations: Real
    actions: Real
    rewards: Real
    alive: NDArray[np.bool_]

    @property
    def steps(self) -> int:
        """Steps taken in all episodes."""
        return int(self.alive.sum())

    def returns(self) -> Real:
        """Mean undiscounted return of each task, (n,)."""
        return np.asarray(self.rewards.sum(axis=-1).mean(axis=-1))


class Environment(ABC):
    """Tasks that share their states and actions.

    Parameters
    ----------
    horizon : int
        Steps after which every episode ends.
    """

    #: numbers that a policy sees
    observations: int
    #: numbers that it chooses
    actions: int
    #: uniform random numbers that make a task
    coordinates: int
    #: rate of inner steps that training and deployment take unless told otherwise
    inner_rate = 0.1

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon

    @abstractmethod
    def tasks(self, uniforms: Real) -> Any:
        """Tasks (n, ...) made of numbers (n, coordinates) that are uniform on [0, 1)."""

    @abstractmethod
    def start(self, tasks: Any, rng: np.random.Generator) -> Real:
        """First states (N, S) of one episode for each of N tasks."""

    @abstractmethod
    def observe(self, states: Real) -> Real:
        """What a policy sees of states (N, S): (N, O)."""

    @abstractmethod
    def step(self, tasks: Any, states: Real, actions: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
        """States after a step of N episodes, rewards (N,), and whether each episode goes on (N,)."""

    def chosen(self, tasks: Any, rows: NDArray[np.int64]) -> Any:
        """Tasks at these rows, of which one may occur often."""
        return tasks[rows]


def sample(
    environment: Environment,
    tasks: Any,
    number: int,
    episodes: int,
    policy: Callable[[Real, Real], Real],
    rng: np.random.Generator,
) -> Batch:
    """Episodes of every task, all of them stepped together.

    Parameters
    ----------
    environment : Environment
    tasks : array (n, ...)
        From its method `tasks`.
    number, episodes : int
        n, and episodes of a task.
    policy : callable
        Takes observations (n, E, O) and standard normal numbers (n, E, A), returns actions (n, E, A).
    rng : numpy.random.Generator
        What first states and actions are drawn from; after an episode's end actions are drawn all the same, so that what
        happens in one episode does not depend on when others end.

    Raises
    ------
    FloatingPointError
        If a state or a reward is no finite number: a policy was thrown too far, or the physics broke down.

    Examples
    --------
    >>> from numerics.reinforcement.benchmarks import environment
    >>> here, rng = environment("navigation", 3), np.random.default_rng(0)
    >>> tasks = here.tasks(np.array([[1.0, 0.5]]))
    >>> batch = sample(here, tasks, 1, 2, lambda seen, noise: 0 * noise + [1.0, 0.0], rng)
    >>> batch.rewards.round(3).tolist(), batch.steps
    ([[[-0.9, -0.8, -0.7], [-0.9, -0.8, -0.7]]], 6)
    """
    shape = number, episodes, environment.horizon
    observations = np.zeros((*shape, environment.observations))
    actions = np.zeros((*shape, environment.actions))
    rewards, alive = np.zeros(shape), np.zeros(shape, dtype=bool)
    rows = np.repeat(np.arange(number), episodes)
    chosen = environment.chosen(tasks, rows)
    states = environment.start(chosen, rng)
    going = np.arange(number * episodes)
    for step in range(environment.horizon):
        seen = np.zeros((number * episodes, environment.observations))
        seen[going] = environment.observe(states)
        noise = rng.standard_normal((number, episodes, environment.actions))
        taken = policy(seen.reshape(number, episodes, -1), noise).reshape(number * episodes, -1)
        states, paid, on = environment.step(chosen, states, taken[going])
        if not (np.isfinite(paid).all() and np.isfinite(states).all()):
            raise FloatingPointError("an episode led beyond finite numbers")
        task, episode = np.divmod(going, episodes)
        observations[task, episode, step], actions[task, episode, step] = seen[going], taken[going]
        rewards[task, episode, step], alive[task, episode, step] = paid, True
        if not on.all():
            going, states = going[on], states[on]
            chosen = environment.chosen(tasks, rows[going])
            if not going.size:
                break
    return Batch(observations, actions, rewards, alive)
