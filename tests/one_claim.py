"""A claim about one number that holds, for tests to change where a claim should be refused."""

from __future__ import annotations

from typing import Any

from sympy import Integer, Interval, Symbol

from theory.claim import Claim, FalseSibling, Source

X = Symbol("X", real=True)
SIZE = Symbol("size", integer=True, positive=True)
CONTROL = FalseSibling("half of it", {"rhs": Integer(0)})
GOOD: dict[str, Any] = {
    "name": "mine",
    "title": "a test",
    "parameters": {X: Interval(0, 1)},
    "lhs": X,
    "relation": "<=",
    "rhs": Integer(1),
    "source": Source("derived here"),
    "false_sibling": CONTROL,
}


def made(**changes: Any) -> Claim:
    return Claim(**{**GOOD, **changes})
