"""Libraries of differentiable optimisation under the oracle: for each a module of functions of fifteen lines at most.

A module has LIBRARY (the distribution whose version counts), FRAMEWORK and ADAPTERS (what is run: name, method, function).  It
is imported when it is run, so that a library that is missing is said and skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

#: modules of this package, in the order of the table
MODULES = ("plain_torch", "plain_jax", "learn2learn", "higher", "torchopt", "betty", "jaxopt", "optimistix")


@dataclass(frozen=True)
class Adapter:
    """One way of using a library.

    Parameters
    ----------
    name : str
        Of the library's function and its settings.
    method : str
        What it is meant to compute, see :data:`verify.conformance.problem.METHODS`.
    function : callable
        From :class:`verify.conformance.problem.Data` to a meta-gradient.
    tolerance : float
        Share of the largest entry that its iterations may be off; zero where there are none.
    example : mapping
        Arguments of :meth:`verify.conformance.problem.Problem.example` for it.
    """

    name: str
    method: str
    function: Callable[[Any], Any]
    tolerance: float = 0.0
    example: dict[str, Any] = field(default_factory=dict)


def loaded(name: str) -> ModuleType:
    """The module of adapters of a library.

    Raises
    ------
    ImportError
        If the library cannot be imported.
    """
    return import_module(f"{__name__}.{name}")


def version(module: ModuleType) -> str:
    """The library's name and version."""
    try:
        return f"{module.LIBRARY} {metadata.version(module.LIBRARY)}"
    except metadata.PackageNotFoundError:
        return str(module.LIBRARY)
