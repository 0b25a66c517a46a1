"""The public face of the project under its own name; ``metabounds`` on a command line is :mod:`metabounds.console`.

>>> import metabounds
>>> metabounds.property_test(metabounds.theory.bounds.claim("distance/core"))()
>>> metabounds.numerics.MAML(0.1)
MAML(alpha=0.1, steps=1, inner_samples=None)
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_FUNCTIONS = ("exact_sides", "instance", "judge", "load", "outcome", "property_test")

__all__ = ["exact_sides", "instance", "judge", "load", "numerics", "outcome", "property_test", "theory", "verify"]


def __getattr__(name: str) -> Any:
    """Load a function or a package when it is first named: importing this package costs nothing."""
    if name in __all__:
        face = _own_verify()
        return getattr(face, name) if name in _FUNCTIONS else import_module(name)
    raise AttributeError(f"module metabounds has no attribute {name!r}; it has {', '.join(__all__)}")


def _own_verify() -> Any:
    """The package of this project, which looks for the other two itself.

    Raises
    ------
    ImportError
        If Python finds something else under one of the three names, which is not executed.
    """
    home = Path(__file__).resolve().parent.parent
    found = find_spec("verify")
    place = Path(found.origin or "") if found is not None else Path()
    place = place.parent if place.name == "__init__.py" else place
    if place.resolve() != home / "verify":
        raise ImportError(
            f"Python finds {place}, where this project's package verify is meant; "
            f"use the command metabounds, or start Python in another folder or with the option -P"
        )
    return import_module("verify")


def __dir__() -> list[str]:
    return sorted(__all__)
