"""verify judges: it measures what theory claims on what numerics computes, and says how strong the evidence is.

>>> import verify
>>> from theory.bounds import distance
>>> test_distance = verify.property_test(distance.CLAIM)        # in a test file, this line is the whole test
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

__all__ = ["exact_sides", "instance", "judge", "load", "outcome", "property_test"]

_HOMES = {
    "exact_sides": "verify.evidence.replay",
    "outcome": "verify.evidence.replay",
    "instance": "verify.instances.batch",
    "judge": "verify.judging.asked",
    "load": "verify.judging.sources",
    "property_test": "verify.judging.property_test",
}


def _clash() -> str:
    """Which other folder or file Python takes for a package of this project, and what to do; empty if none."""
    home = Path(__file__).resolve().parent.parent
    for name in ("theory", "numerics"):
        try:
            found = importlib.util.find_spec(name)
        except ValueError:  # what was imported under that name and says not from where
            continue
        if found is None or found.origin is None:
            continue
        place = Path(found.origin)
        place = place.parent if place.name == "__init__.py" else place
        if place.resolve() != home / name:
            return (
                f"Python finds {place}, where this project's package {name} is meant; "
                f"use the command metabounds, or start Python in another folder or with the option -P"
            )
    return ""


if _said := _clash():
    # while python -m looks for a module, that is the program's name
    if sys.argv[:1] == ["-m"]:
        print(f"verify: {_said}", file=sys.stderr)
        raise SystemExit(2)
    raise ImportError(_said)


def __getattr__(name: str) -> Any:
    """Load a public function with its module when it is first named: the command's --help needs none of them."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module verify has no attribute {name!r}")
