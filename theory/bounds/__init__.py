"""The claims, one file each; a file's name is its claim's stable name.

Adding a bound is adding a file here: :func:`names` finds it and :func:`claim` loads it.
"""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from theory.claim import Claim


def names() -> list[str]:
    """Stable names of all claims, in alphabetical order.

    Examples
    --------
    >>> "distance" in names()
    True
    """
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


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
    file, *parts = name.split("/")
    if file not in names():
        raise KeyError(f"claim is {name!r}; {_valid(file)}")
    found: Claim = importlib.import_module(f"theory.bounds.{file}").CLAIM
    for part in parts:
        found = found.part(part)
    return found


def _valid(name: str) -> str:
    near = " or ".join(get_close_matches(name, names()))
    return "it must be one of those that --list names" + (f", perhaps {near}" if near else "")


def __getattr__(name: str) -> ModuleType:
    """A claim's module is loaded when it is first named, so that ``theory.bounds.distance`` works after ``import theory``."""
    if name in names():
        return importlib.import_module(f"theory.bounds.{name}")
    raise AttributeError(f"theory.bounds has no claim {name!r}; {_valid(name)}")
