"""verify judges: it measures what theory claims on what numerics computes, and says how strong the evidence is.

>>> import verify
>>> from theory.bounds import distance
>>> test_distance = verify.property_test(distance.CLAIM)        # in a test file, this line is the whole test
"""

from __future__ import annotations

from typing import Any

__all__ = ["exact_sides", "instance", "load", "outcome", "property_test"]

_HOMES = {
    "exact_sides": "verify.evidence.question",
    "outcome": "verify.evidence.question",
    "instance": "verify.instances.batch",
    "load": "verify.judging.sources",
    "property_test": "verify.judging.property_test",
}


def __getattr__(name: str) -> Any:
    """Load a public function with its module when it is first named: the command's --help needs none of them."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module verify has no attribute {name!r}")
