"""Training of joint and of meta methods on an environment's tasks, looked at on the way after updates at deployment.

A run's bits depend on its fields alone: chance is drawn anew at every iteration from the run's seed and the iteration's number,
so that what a run needs to go on is its parameters, the optimiser's memory and two counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import qmc

from numerics.reinforcement.benchmarks import environment
from numerics.reinforcement.benchmarks.environments import Batch, sample
from numerics.reinforcement.benchmarks.objectives import adapted, data
from numerics.reinforcement.benchmarks.outer_steps import Clipped, OuterStep, TrustRegion
from numerics.reinforcement.benchmarks.policies import GaussianPolicy

Real = NDArray[np.float64]
Tensor = Any

#: methods: the outer step, and inner steps in training
METHODS: dict[str, tuple[type[OuterStep], int]] = {
    "DRS+PPO": (Clipped, 0),
    "ProMP": (Clipped, 1),
    "DRS+TRPO": (TrustRegion, 0),
    "TRPO-MAML": (TrustRegion, 1),
}
#: what chance is used for, as the first part of a stream's key
_START, _TRAINING, _DEPLOYMENT = range(3)


@dataclass(frozen=True)
class Run:
    """One run of training.

    Parameters
    ----------
    environment : str
        Of :data:`numerics.reinforcement.benchmarks.ENVIRONMENTS`.
    method : str
        Of :data:`METHODS`.
    rate : float
        Of Adam, or the trust region's divergence.
    inner_rate : float
        Of inner steps, in training and at deployment.
    seed : int
        Methods with the same seed start from the same policy.
    marks : tuple of int
        Increasing numbers of environment steps; the run is looked at in the first iteration that has used up as many.
    tasks, episodes : int
        Tasks of an iteration, and episodes of each in a batch.
    horizon : int
        Steps of an episode.
    deployed : int
        Tasks at deployment, the same ones for every run.
    updates : int
        Updates at deployment.

    Raises
    ------
    ValueError
        If a field is not as described, in one sentence.
    """

    environment: str
    method: str
    rate: float
    inner_rate: float
    seed: int
    marks: tuple[int, ...]
    tasks: int = 10
    episodes: int = 5
    horizon: int = 100
    deployed: int = 20
    updates: int = 5

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}; it must be one of {', '.join(METHODS)}")
        for name in ("rate", "inner_rate"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
                raise ValueError(f"{name} is {value!r}; it must be a positive finite number")
        for name, least in (("seed", 0), ("tasks", 1), ("episodes", 1), ("horizon", 1), ("deployed", 1), ("updates", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}; it must be an integer of at least {least}")
        rising = all(later > earlier for earlier, later in pairwise((0, *self.marks)))
        if not self.marks or not rising:
            raise ValueError(f"marks is {self.marks}; it must be increasing positive numbers of steps, at least one")

    def stream(self, use: int, number: int = 0) -> np.random.Generator:
        """Chance for one use."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(use, number)))


@dataclass
class State:
    """What a run needs to go on.

    Parameters
    ----------
    theta : array (P,)
    optimiser : dict of array
    iterations, steps : int
        Done, and environment steps used up.
    found : list of list of float
        Mean return after each number of updates, at each mark that is behind.
    """

    theta: Real
    optimiser: dict[str, Real]
    iterations: int
    steps: int
    found: list[list[float]]


def train(run: Run, state: State | None = None, keep: Callable[[State], None] = lambda state: None) -> State:
    """Train to the last mark.

    Parameters
    ----------
    run : Run
    state : State, optional
        Where to go on; the beginning if not given.
    keep : callable
        Is given the state at every mark.

    Returns
    -------
    State
        The last one; a run whose parameters or episodes leave the finite numbers has returns of minus infinity from then on.

    Examples
    --------
    >>> done = train(Run("navigation", "ProMP", 0.01, 0.1, 0, (200,), tasks=2, episodes=2, horizon=10, deployed=2, updates=1))
    >>> done.iterations, done.steps, len(done.found[0])
    (3, 240, 2)
    """
    here = environment(run.environment, run.horizon)
    policy = GaussianPolicy(here.observations, here.actions)
    kind, inner = METHODS[run.method]
    outer = kind(policy, run.rate, run.inner_rate)
    if state is None:
        state = State(policy.initial(run.stream(_START)).numpy(), {}, 0, 0, [])
    outer.restore(state.optimiser)
    theta, iterations, steps, found = torch.tensor(state.theta), state.iterations, state.steps, list(state.found)
    for mark in run.marks[len(found) :]:
        lost = bool(found) and not np.isfinite(found[-1]).all()
        while steps < mark and not lost:
            rng = run.stream(_TRAINING, iterations)
            tasks = here.tasks(rng.random((run.tasks, here.coordinates)))
            try:
                batches, used = collected(policy, theta, here, tasks, run, inner, rng)
                theta = outer(theta, batches)
            except FloatingPointError:
                lost = True
                break
            lost = not bool(torch.isfinite(theta).all())
            iterations, steps = iterations + 1, steps + used
        found.append([-np.inf] * (run.updates + 1) if lost else deployed(policy, theta, here, run, len(found)))
        state = State(theta.numpy().copy(), outer.state(), iterations, steps, found)
        keep(state)
    return state


def collected(
    policy: GaussianPolicy, theta: Tensor, here: Any, tasks: Any, run: Run, inner: int, rng: np.random.Generator
) -> tuple[list[Any], int]:
    """Batches of `inner` steps of adaptation and the one after, and the environment steps that they took.

    Raises
    ------
    FloatingPointError
        If an episode leads beyond finite numbers.
    """
    parameters = theta.expand(run.tasks, -1)
    batches: list[Any] = []
    used = 0
    for _ in range(inner + 1):
        if batches:
            parameters = adapted(policy, parameters, batches[-1:], run.inner_rate, differentiable=False)
        batch = drawn(policy, parameters, here, tasks, run.tasks, run.episodes, rng)
        batches.append(data(policy, parameters, batch))
        used += batch.steps
    return batches, used


def deployed(policy: GaussianPolicy, theta: Tensor, here: Any, run: Run, mark: int) -> list[float]:
    """Mean return after 0, 1, ... updates on tasks that are spread evenly over the environment's.

    The batch that shows a policy's return gives its next update.
    """
    cube = qmc.Sobol(max(here.coordinates, 1), rng=np.random.default_rng(0)).random(2 ** int(np.ceil(np.log2(run.deployed))))
    tasks = here.tasks(cube[: run.deployed, : here.coordinates])
    rng = run.stream(_DEPLOYMENT, mark)
    parameters = theta.expand(run.deployed, -1)
    found: list[float] = []
    try:
        for update in range(run.updates + 1):
            batch = drawn(policy, parameters, here, tasks, run.deployed, run.episodes, rng)
            found.append(float(batch.returns().mean()))
            if update < run.updates:
                seen = [data(policy, parameters, batch)]
                parameters = adapted(policy, parameters, seen, run.inner_rate, differentiable=False)
    except FloatingPointError:
        found += [-np.inf] * (run.updates + 1 - len(found))
    return found


def drawn(
    policy: GaussianPolicy, parameters: Tensor, here: Any, tasks: Any, number: int, episodes: int, rng: np.random.Generator
) -> Batch:
    """Episodes under parameters (n, P)."""
    if not bool(torch.isfinite(parameters).all()):
        raise FloatingPointError("the parameters are not finite")
    return sample(here, tasks, number, episodes, lambda seen, noise: policy.choose(parameters, seen, noise), rng)
