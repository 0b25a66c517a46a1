"""The public face of the project under its own name; ``metabounds`` on a command line is :mod:`metabounds.console`.

>>> import metabounds
>>> metabounds.property_test(metabounds.theory.bounds.claim("distance/core"))()
>>> metabounds.numerics.MAML(0.1)
MAML(alpha=0.1, steps=1, inner_samples=None)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FUNCTIONS = ("exact_sides", "instance", "judge", "load", "outcome", "property_test")
_PACKAGES = ("numerics", "theory", "verify")

__all__ = ["exact_sides", "instance", "judge", "load", "numerics", "outcome", "property_test", "theory", "verify"]


def __getattr__(name: str) -> Any:
    """Load a function or a package when it is first named: importing this package costs nothing."""
    if name in _FUNCTIONS:
        return getattr(import_module("verify"), name)
    if name in _PACKAGES:
        return import_module(name)
    raise AttributeError(f"module metabounds has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
