"""Legged robots whose tasks are a speed or the body itself, stepped by MuJoCo, many at a time.

Models are Gymnasium's; tasks, rewards and frame skips are those of the source (Gao and Sener, 2020) and of the code that it
builds on (ProMP, Rothfuss and others, 2019).  A state is the whole state of the physics.
"""

from __future__ import annotations

import copy
import functools
from abc import abstractmethod
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from mujoco import rollout
from numpy.typing import NDArray

from numerics.reinforcement.benchmarks.environments import Environment, Real

_PHYSICS = mujoco.mjtState.mjSTATE_FULLPHYSICS


@functools.cache
def _model(file: str) -> Any:
    """A model of Gymnasium's."""
    import gymnasium.envs.mujoco

    path = Path(gymnasium.envs.mujoco.__file__).parent / "assets" / file
    # the cheetah's file uses an attribute that MuJoCo deprecates, and says so on the terminal and in a file of its own
    mujoco.set_mju_user_warning(lambda text: None)
    try:
        return mujoco.MjModel.from_xml_path(str(path))
    finally:
        mujoco.set_mju_user_warning(None)


class Robot(Environment):
    """A robot of Gymnasium's, episodes of which are stepped together.

    Parameters
    ----------
    horizon : int
        Steps of an episode.
    """

    #: file of the model, steps of the physics for one of the policy, and half the width of the noise on first positions
    file: str
    skip: int
    spread: float
    #: whether what is seen of speeds is clipped to [-10, 10]
    clipped = True
    coordinates = 1
    inner_rate = 0.01

    def __init__(self, horizon: int = 200) -> None:
        super().__init__(horizon)
        self.model = _model(self.file)
        self.actions = self.model.nu
        self.observations = self.model.nq - 1 + self.model.nv
        self._data = mujoco.MjData(self.model)

    @property
    def pace(self) -> float:
        """Seconds that a step takes."""
        return float(self.model.opt.timestep * self.skip)

    def start(self, tasks: Any, rng: np.random.Generator) -> Real:
        """The model's own place with noise."""
        number, model = len(tasks), self.model
        states = np.zeros((number, mujoco.mj_stateSize(model, _PHYSICS)))
        states[:, 1 : 1 + model.nq] = self._data.qpos + rng.uniform(-self.spread, self.spread, (number, model.nq))
        states[:, 1 + model.nq : 1 + model.nq + model.nv] = self._speeds(rng, number)
        return states

    def _speeds(self, rng: np.random.Generator, number: int) -> Real:
        return rng.uniform(-self.spread, self.spread, (number, self.model.nv))

    def observe(self, states: Real) -> Real:
        """Positions without the first, and speeds."""
        positions, speeds = self._parts(states)
        return np.concatenate([positions[:, 1:], np.clip(speeds, -10, 10) if self.clipped else speeds], axis=1)

    def step(self, tasks: Any, states: Real, actions: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
        """`skip` steps of the physics under one action, clipped to [-1, 1], the range of all actuators."""
        actions = np.clip(actions, -1, 1)
        controls = np.repeat(actions[:, None], self.skip, axis=1)
        after = rollout.rollout(self._models(tasks), self._data, states, controls)[0][:, -1]
        speed = (after[:, 1] - states[:, 1]) / self.pace
        return after, self._reward(tasks, speed, actions), self._upright(after)

    def _parts(self, states: Real) -> tuple[Real, Real]:
        cut = 1 + self.model.nq
        return states[:, 1:cut], states[:, cut : cut + self.model.nv]

    def _models(self, tasks: Any) -> Any:
        return self.model

    @abstractmethod
    def _reward(self, tasks: Any, speed: Real, actions: Real) -> Real: ...

    def _upright(self, states: Real) -> NDArray[np.bool_]:
        return np.ones(len(states), dtype=bool)


class HalfCheetah(Robot):
    """The standard task: run.  One task; reward speed - 0.1 ||a||^2, 1000 steps, as Gymnasium's HalfCheetah-v5.

    Examples
    --------
    >>> cheetah = HalfCheetah()
    >>> cheetah.observations, cheetah.actions, cheetah.pace
    (17, 6, 0.05)
    """

    file, skip, spread, clipped = "half_cheetah.xml", 5, 0.1, False

    def __init__(self, horizon: int = 1000) -> None:
        super().__init__(horizon)

    def tasks(self, uniforms: Real) -> Any:
        """Nothing differs between tasks."""
        return np.zeros((len(uniforms), 0))

    def _speeds(self, rng: np.random.Generator, number: int) -> Real:
        return 0.1 * rng.standard_normal((number, self.model.nv))

    def _reward(self, tasks: Any, speed: Real, actions: Real) -> Real:
        return np.asarray(speed - 0.1 * (actions**2).sum(axis=-1))


class HalfCheetahRandVel(HalfCheetah):
    """A task is a speed v, uniform on (0, 3); reward -|speed - v| - 0.05 ||a||^2.

    Examples
    --------
    >>> HalfCheetahRandVel().tasks(np.array([[0.5]])).tolist()
    [1.5]
    """

    def __init__(self, horizon: int = 200) -> None:
        super().__init__(horizon)

    def tasks(self, uniforms: Real) -> Any:
        """Speeds (n,)."""
        return 3 * uniforms[:, 0]

    def _reward(self, tasks: Any, speed: Real, actions: Real) -> Real:
        return np.asarray(-np.abs(speed - tasks) - 0.05 * (actions**2).sum(axis=-1))


class Walker(Robot):
    """Two legs that end the episode when they fall: height outside (0.8, 2) or an angle beyond 1."""

    file, skip, spread = "walker2d.xml", 8, 0.005

    def _upright(self, states: Real) -> NDArray[np.bool_]:
        height, angle = states[:, 2], states[:, 3]
        return np.asarray((height > 0.8) & (height < 2.0) & (np.abs(angle) < 1.0))


class Walker2DRandVel(Walker):
    """A task is a speed v, uniform on (0, 10); reward 15 - |speed - v| - 0.001 ||a||^2 while it stands.

    Examples
    --------
    >>> Walker2DRandVel().tasks(np.array([[0.25]])).tolist()
    [2.5]
    """

    def tasks(self, uniforms: Real) -> Any:
        """Speeds (n,)."""
        return 10 * uniforms[:, 0]

    def _reward(self, tasks: Any, speed: Real, actions: Real) -> Real:
        return np.asarray(15 - np.abs(speed - tasks) - 1e-3 * (actions**2).sum(axis=-1))


class RandomBodies(Robot):
    """A task is a body: masses, inertias and frictions times 1.5^U(-3, 3), dampings times 1.3^U(-3, 3), each entry its own.

    The reward is 1 + speed - 0.001 ||a||^2 while the robot stands.
    """

    def __init__(self, horizon: int = 200) -> None:
        super().__init__(horizon)
        self._fields = (
            ("body_mass", 1.5),
            ("body_inertia", 1.5),
            ("dof_damping", 1.3),
            ("geom_friction", 1.5),
        )
        self.coordinates = sum(getattr(self.model, name).size for name, _ in self._fields)

    def tasks(self, uniforms: Real) -> Any:
        """Models (n,), one for each task."""
        found = np.empty(len(uniforms), dtype=object)
        for row, numbers in enumerate(uniforms):
            made = copy.deepcopy(self.model)
            for name, base in self._fields:
                entries = getattr(made, name)
                part, numbers = numbers[: entries.size], numbers[entries.size :]
                entries[...] = entries * base ** (6 * part - 3).reshape(entries.shape)
            # what MuJoCo derives of masses and inertias
            mujoco.mj_setConst(made, mujoco.MjData(made))
            found[row] = made
        return found

    def _models(self, tasks: Any) -> Any:
        return list(tasks)

    def _reward(self, tasks: Any, speed: Real, actions: Real) -> Real:
        return np.asarray(1 + speed - 1e-3 * (actions**2).sum(axis=-1))


class Walker2DRandParams(RandomBodies, Walker):
    """Random bodies on two legs.

    Examples
    --------
    >>> walker = Walker2DRandParams()
    >>> (middle,) = walker.tasks(np.full((1, walker.coordinates), 0.5))
    >>> walker.coordinates, float(middle.body_mass[1] / walker.model.body_mass[1])
    (65, 1.0)
    """


class HopperRandParams(RandomBodies):
    """Random bodies on one leg, which ends the episode when it falls: height below 0.7 or an angle beyond 0.2.

    Examples
    --------
    >>> HopperRandParams().pace
    0.008
    """

    file, skip, spread = "hopper.xml", 4, 0.005

    def _upright(self, states: Real) -> NDArray[np.bool_]:
        positions, speeds = self._parts(states)
        moderate = (np.abs(np.concatenate([positions[:, 2:], speeds], axis=1)) < 100).all(axis=1)
        return np.asarray(moderate & (positions[:, 1] > 0.7) & (np.abs(positions[:, 2]) < 0.2))
