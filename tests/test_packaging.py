"""What is shipped: the wheel holds the three packages and nothing else; dependencies are bounded and reasoned."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "numerics", "verify")
PYPROJECT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(PYPROJECT)["project"]
REQUIREMENTS = [line for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()) for line in group]
IN_EXTRAS = "metabounds["
#: what a distribution's modules are called where the names differ
MODULES = {"python-flint": "flint", "z3-solver": "z3", "import-linter": "importlinter", "pytest-timeout": "pytest_timeout"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree")
    for package in (*PACKAGES, "tests", "docs"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    out = tree / "wheels"
    command = ["-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(out)]
    done = subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


def test_the_wheel_contains_the_three_packages_and_nothing_else(wheel):
    info = f"metabounds-{PROJECT['version']}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.startswith(info + "/")}
        described = {name for name in archive.namelist() if name.startswith(info + "/")}
    sources = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert names == sources | {f"{package}/py.typed" for package in PACKAGES}
    assert f"{info}/licenses/LICENSE" in described


def test_the_wheel_asks_for_what_pyproject_states(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"metabounds-{PROJECT['version']}.dist-info/METADATA").decode()
    required = set(re.findall(r"^Requires-Dist: ([^;\n]+)", metadata, re.MULTILINE))
    assert required == {line.strip() for line in REQUIREMENTS}
    assert set(re.findall(r"^Provides-Extra: (\S+)", metadata, re.MULTILINE)) == set(PROJECT["optional-dependencies"])
    assert "License-Expression: MIT" in metadata


@pytest.mark.parametrize("requirement", [line for line in REQUIREMENTS if not line.startswith(IN_EXTRAS)])
def test_a_dependency_has_a_tested_lower_bound_and_a_reason(requirement):
    bounded = re.fullmatch(r"([\w-]+)(\[\w+\])?>=([\d.]+)", requirement)
    assert bounded, f"{requirement} must be a name with a lower bound and nothing else"
    assert re.search(rf'"{re.escape(requirement)}", *# \w.{{10,}}', PYPROJECT), f"{requirement} has no reason beside it"
    try:
        installed = version(bounded[1])
    except PackageNotFoundError:
        return  # an extra that is not installed here
    assert as_numbers(installed) >= as_numbers(bounded[3])


def as_numbers(text):
    return [int(part) for part in re.findall(r"\d+", text)]


def modules_of(requirements):
    names = (re.match(r"[\w-]+", requirement)[0] for requirement in requirements)
    return {MODULES.get(name, name) for name in names}


def imported(path):
    """Top-level names that a file needs as soon as it is imported."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(("folder", "extras"), [*((package, ()) for package in PACKAGES), ("tests", ("test", "grid", "proof"))])
def test_what_is_imported_is_what_was_asked_for(folder, extras):
    asked = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    own = {*PACKAGES, "benchmarks", *(path.stem for path in (ROOT / "docs").glob("*.py"))}
    known = modules_of(asked) | own | sys.stdlib_module_names
    foreign = {(path.name, name) for path in (ROOT / folder).rglob("*.py") for name in imported(path) if name not in known}
    assert not foreign
