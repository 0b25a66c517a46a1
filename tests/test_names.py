"""A name means one thing: no symbol, quantity or family is defined twice."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from typing import Any

import pytest

import verify.instances.families
import verify.quantities
from theory.notation import TABLE
from verify.instances.families import FAMILIES
from verify.quantities import QUANTITIES

#: a module that brings what another hands on
_HANDED_ON = {"data_sets"}


@pytest.mark.parametrize(
    ("package", "name", "table"),
    [(verify.quantities, "QUANTITIES", QUANTITIES), (verify.instances.families, "FAMILIES", FAMILIES)],
    ids=["quantities", "families"],
)
def test_no_two_topics_use_one_name(package: Any, name: str, table: Any) -> None:
    found = Counter(
        key
        for module in pkgutil.iter_modules(package.__path__)
        if module.name not in _HANDED_ON
        for key in getattr(importlib.import_module(f"{package.__name__}.{module.name}"), name, {})
    )
    assert {key for key, count in found.items() if count > 1} == set()
    assert set(found) == set(table)


def test_no_two_symbols_have_one_name() -> None:
    names = Counter(symbol.name for symbol in TABLE)
    assert {name for name, count in names.items() if count > 1} == set()
