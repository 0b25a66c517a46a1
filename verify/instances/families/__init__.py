"""Families of instances, a module a topic.

A user's file may bring families of its own: a dictionary ``FAMILIES`` of :class:`~verify.instances.family.Family` beside its
``CLAIM``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from verify.instances.families import quadratic
from verify.instances.family import Family

__all__ = ["FAMILIES", "Family"]

#: every family by its name
FAMILIES: Mapping[str, Family] = MappingProxyType({**quadratic.FAMILIES})
