"""Importing theory is cheap and loads no numerical or testing library."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

_FOREIGN = ("numpy", "scipy", "numba", "hypothesis")


def _in_a_new_process(script: str) -> object:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_importing_theory_loads_no_numerical_or_testing_library() -> None:
    script = f"import json, sys, theory; print(json.dumps([name for name in {_FOREIGN} if name in sys.modules]))"
    assert _in_a_new_process(script) == []


def test_nor_does_any_module_of_theory() -> None:
    script = (
        "import importlib, json, pkgutil, sys, theory\n"
        "for module in pkgutil.walk_packages(theory.__path__, 'theory.'): importlib.import_module(module.name)\n"
        f"print(json.dumps([name for name in {_FOREIGN} if name in sys.modules]))"
    )
    assert _in_a_new_process(script) == []


def test_a_claim_is_loaded_when_it_is_first_named() -> None:
    script = (
        "import json, sys, theory\n"
        "before = [name for name in sys.modules if name.startswith('theory.bounds.')]\n"
        "first = theory.bounds.names()[0]\n"
        "print(json.dumps([before, getattr(theory.bounds, first).CLAIM.name == first]))"
    )
    assert _in_a_new_process(script) == [[], True]


def test_an_unknown_claim_is_an_attribute_error_that_names_the_known_ones() -> None:
    import theory

    with pytest.raises(AttributeError, match=r"no claim 'nonsense'"):
        _ = theory.bounds.nonsense


@pytest.mark.parametrize("package", ["theory", "numerics", "verify"])
def test_modules_import_each_other_in_no_circle(package: str) -> None:
    """Not even one that only type checkers see."""
    root = Path(__file__).resolve().parent.parent
    modules = {".".join(path.relative_to(root).with_suffix("").parts): path for path in (root / package).rglob("*.py")}
    graph = {}
    for name, path in modules.items():
        imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.module]
        wanted = {f"{node.module}.{alias.name}" for node in imports for alias in node.names} | {n.module for n in imports}
        graph[name] = {other for other in wanted if other in modules}
    list(TopologicalSorter(graph).static_order())
