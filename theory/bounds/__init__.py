"""The claims, one file each in a folder a topic or paper; a file's name is its claim's stable name.

Adding a bound is adding a file here: :func:`names` finds it and :func:`claim` loads it.
"""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from theory.claim import Claim

_HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def _modules() -> MappingProxyType[str, str]:
    """The module of every claim by its stable name."""
    found: dict[str, str] = {}
    for path in sorted(_HERE.glob("[a-z]*/[a-z]*.py")):
        if path.stem in found:
            raise ImportError(
                f"two files are named {path.name}, in {found[path.stem]} and {path.parent.name}; names are unique"
            )
        found[path.stem] = f"{__name__}.{path.parent.name}.{path.stem}"
    return MappingProxyType(dict(sorted(found.items())))


def names(topic: str | None = None) -> list[str]:
    """Stable names of all claims, or of a topic's, in alphabetical order.

    Parameters
    ----------
    topic : str, optional
        One of :func:`topics`.

    Examples
    --------
    >>> "distance" in names() and "distance" in names("quadratic")
    True
    """
    return [name for name, module in _modules().items() if topic is None or module.split(".")[-2] == topic]


def topics() -> list[str]:
    """The folders that claims stand in, in alphabetical order.

    Examples
    --------
    >>> "quadratic" in topics()
    True
    """
    return sorted({module.split(".")[-2] for module in _modules().values()})


def module(name: str) -> ModuleType:
    """The module of a claim, by the claim's stable name or that of a part of it.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> module("distance/core").__name__
    'theory.bounds.quadratic.distance'
    """
    file = name.partition("/")[0]
    if file not in _modules():
        raise KeyError(f"claim is {name!r}; {_valid(file)}")
    return importlib.import_module(_modules()[file])


def claim(name: str) -> Claim:
    """The claim of that name: a file's, or after slashes a part of it (``distance/false-sibling``, ``transfer_bound/core``).

    Raises
    ------
    KeyError
        If there is no such file or part.
    TypeError
        If `name` is not a string.

    Examples
    --------
    >>> claim("distance/false-sibling").expected
    'refuted'
    """
    if not isinstance(name, str):
        raise TypeError(f"name is {name!r}; it must be a string, the name of a claim such as 'distance'")
    found: Claim = module(name).CLAIM
    for part in name.split("/")[1:]:
        found = found.part(part)
    return found


def _valid(name: str) -> str:
    near = " or ".join(get_close_matches(name, [*names(), *topics()]))
    return "it must be one of those that the command bounds --list names" + (f", perhaps {near}" if near else "")


def __getattr__(name: str) -> ModuleType:
    """A claim's module is loaded when it is first named, so that ``theory.bounds.distance`` works after ``import theory``."""
    if name in _modules():
        return module(name)
    raise AttributeError(f"theory.bounds has no claim {name!r}; {_valid(name)}")
