"""The packages keep apart: the contracts of setup.cfg hold, each notices its violation, and theory needs sympy alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "numerics", "verify", "metabounds")


def lint(tree):
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    command = [sys.executable, "-c", program, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=120)


@pytest.fixture
def tree(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def test_the_contracts_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Contracts: 6 kept, 0 broken." in done.stdout


@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        ("theory/bounds/planted.py", "import numpy", "Theory imports no numerical or testing library"),
        ("theory/planted.py", "from hypothesis import given", "Theory imports no numerical or testing library"),
        ("theory/planted.py", "import numerics", "Theory and numerics never import each other"),
        ("numerics/planted.py", "from theory import notation", "Theory and numerics never import each other"),
        ("numerics/planted.py", "def late():\n    import verify", "Nobody imports verify"),
        ("verify/shell/planted.py", "def late():\n    import metabounds", "Nobody imports metabounds"),
        ("numerics/kernels/planted.py", "import scipy.linalg", "Kernels import numba and numpy alone"),
        ("numerics/kernels/planted.py", "from numerics import planted", "Kernels import numba and numpy alone"),
        ("numerics/kernels/planted.py", "import random", "Kernels import numba and numpy alone"),
        ("verify/evidence/planted.py", "from verify import proofs", "Packages of verify import downwards only"),
        ("verify/shell/planted.py", "def late():\n    import verify.reports.text", "Packages of verify import downwards only"),
        ("verify/studies/planted.py", "from verify.breaks import main", "Packages of verify import downwards only"),
        ("verify/studies/planted.py", "from verify.simulation import grid", "Packages of verify import downwards only"),
        ("verify/boxes.py", "from verify.bounds import parser", "Packages of verify import downwards only"),
    ],
)
def test_a_planted_violation_is_noticed(tree, module, statement, contract):
    (tree / "numerics" / "planted.py").touch()
    (tree / module).write_text(statement + "\n")
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


def test_a_package_without_a_place_among_the_layers_is_noticed(tree):
    (tree / "verify" / "planted.py").touch()
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "planted" in done.stdout + done.stderr


def test_all_of_theory_needs_nothing_but_sympy():
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "theory").rglob("*.py"))
    modules = sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)
    program = f"""
import importlib, sys
import sympy
with_sympy = set(sys.modules)
for name in {modules!r}:
    importlib.import_module(name)
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - with_sympy}} - set(sys.stdlib_module_names)))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert set(done.stdout.split()) <= {"theory", "sympy", "mpmath"}
