"""Benchmarks of meta-reinforcement learning with physics: environments, policies and training by torch and MuJoCo.

Needs the extra `rl`, which nothing else in :mod:`numerics` imports; MetaWorld's tasks need the extra `metaworld` instead.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numerics.reinforcement.benchmarks.environments import Environment

#: environments by name: the module and the class that make it
ENVIRONMENTS = {
    "navigation": ("navigation", "PointNavigation"),
    "HalfCheetah": ("locomotion", "HalfCheetah"),
    "HalfCheetahRandVel": ("locomotion", "HalfCheetahRandVel"),
    "Walker2DRandVel": ("locomotion", "Walker2DRandVel"),
    "Walker2DRandParams": ("locomotion", "Walker2DRandParams"),
    "HopperRandParams": ("locomotion", "HopperRandParams"),
    "ML1-reach": ("manipulation", "Reach"),
    "ML1-push": ("manipulation", "Push"),
}
#: what the modules need beside numpy
_NEEDED = {"navigation": (), "locomotion": ("gymnasium", "mujoco"), "manipulation": ("metaworld",)}


def missing(name: str) -> list[str]:
    """Libraries that training on this environment lacks here.

    Raises
    ------
    ValueError
        If there is no such environment.

    Examples
    --------
    >>> missing("tennis")
    Traceback (most recent call last):
    ...
    ValueError: environment is 'tennis'; it must be one of navigation, HalfCheetah, HalfCheetahRandVel, Walker2DRandVel, ...
    """
    if name not in ENVIRONMENTS:
        raise ValueError(f"environment is {name!r}; it must be one of {', '.join(ENVIRONMENTS)}")
    return [library for library in ("torch", *_NEEDED[ENVIRONMENTS[name][0]]) if importlib.util.find_spec(library) is None]


def environment(name: str, horizon: int | None = None) -> Environment:
    """An environment by its name.

    Parameters
    ----------
    name : str
        Of :data:`ENVIRONMENTS`.
    horizon : int, optional
        Steps of an episode; the environment's own if not given.

    Raises
    ------
    ValueError
        If there is no such environment, or the horizon is not an integer of at least 1.
    ModuleNotFoundError
        If a library is missing.

    Examples
    --------
    >>> made = environment("navigation", 20)
    >>> made.observations, made.actions, made.horizon
    (2, 2, 20)
    """
    if name not in ENVIRONMENTS:
        raise ValueError(f"environment is {name!r}; it must be one of {', '.join(ENVIRONMENTS)}")
    if horizon is not None and (isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 1):
        raise ValueError(f"horizon is {horizon!r}; it must be an integer of at least 1")
    module, kind = ENVIRONMENTS[name]
    make: Callable[..., Environment] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
    return make() if horizon is None else make(horizon)


__all__ = ["ENVIRONMENTS", "environment", "missing"]
