"""Families of instances, a module a topic.

A user's file may bring families of its own: a dictionary ``FAMILIES`` of :class:`~verify.instances.family.Family` beside its
``CLAIM``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from verify.instances.families import (
    annealing,
    bayesian_optimisation,
    global_optimality,
    in_context,
    kernels,
    mirror_descent,
    pruning,
    quadratic,
    reinforcement_learning,
    smooth,
    submodular,
    surfaces,
)
from verify.instances.family import Family

__all__ = ["FAMILIES", "Family"]

#: every family by its name
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        **quadratic.FAMILIES,
        **reinforcement_learning.FAMILIES,
        **smooth.FAMILIES,
        **surfaces.FAMILIES,
        **submodular.FAMILIES,
        **kernels.FAMILIES,
        **mirror_descent.FAMILIES,
        **annealing.FAMILIES,
        **in_context.FAMILIES,
        **pruning.FAMILIES,
        **bayesian_optimisation.FAMILIES,
        **global_optimality.FAMILIES,
    }
)
