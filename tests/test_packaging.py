"""What is shipped: the wheel holds the packages and nothing else and works where others have their names; dependencies."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from metabounds import console
from verify.shell.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "numerics", "verify", "metabounds")
PYPROJECT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(PYPROJECT)["project"]
REQUIREMENTS = [line for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()) for line in group]
IN_EXTRAS = "metabounds["
#: what a distribution's modules are called where the names differ
MODULES = {
    "python-flint": "flint",
    "z3-solver": "z3",
    "import-linter": "importlinter",
    "scikit-learn": "sklearn",
    "pytest-timeout": "pytest_timeout",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree")
    for package in (*PACKAGES, "tests", "docs"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__", "_build", "generated"))
    for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    # the wheel is made of the source distribution, so that both are whole
    program = "from setuptools.build_meta import build_sdist; build_sdist('sources')"
    done = subprocess.run([sys.executable, "-c", program], cwd=tree, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (source,) = (tree / "sources").iterdir()
    out = tree / "wheels"
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(out)]
    command = ["-m", "pip", "wheel", str(source), *options]
    done = subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


def test_the_wheel_contains_the_packages_and_nothing_else(wheel):
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


def test_the_citation_is_of_this_version():
    assert re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1] == PROJECT["version"]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The programs of an environment in which the wheel is installed, with this one's libraries."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    python = folder / "bin" / "python"
    command = ["-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet", str(wheel)]
    subprocess.run([sys.executable, *command], check=True, timeout=120)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}) + "\n")
    return folder / "bin"


@pytest.fixture
def hostile(tmp_path):
    """A folder in which somebody keeps a theory and a verify of their own, and a module that Python starts workers with."""
    tell = "import pathlib\npathlib.Path(__file__).with_suffix('.executed').touch()\nraise RuntimeError('executed')\n"
    for name in ("theory/__init__.py", "numerics/__init__.py", "verify.py", "multiprocessing.py", "sympy.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(tell)
    return tmp_path


def finished(words, folder, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(words, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


# a name in PYTHONPATH that means the working directory is the hardest case: it comes before what is installed
@pytest.mark.parametrize(("environment", "level"), [({}, "proved"), ({"PYTHONPATH": "."}, "sampled")])
def test_the_command_works_in_a_folder_with_packages_of_the_same_names(installed, hostile, environment, level):
    words = ["bounds", "distance/core", "distance/square", "--level", level, "--jobs", "2", "--no-cache"]
    if environment:
        # what is started before any line of this project can be called is Python's own
        (hostile / "multiprocessing.py").unlink()
    status, out, err = finished([installed / "metabounds", *words], hostile, **environment)
    assert (status, err) == (0, ""), out + err
    assert "4 of 4 verdicts as expected" in out
    assert list(hostile.rglob("*.executed")) == []


def test_the_command_says_its_version_and_lists_its_verbs(installed, tmp_path):
    version = (0, f"metabounds {PROJECT['version']}\n", "")
    assert finished([installed / "metabounds", "--version"], tmp_path) == version
    status, out, err = finished([installed / "metabounds", "--help"], tmp_path)
    assert (status, err) == (0, "")
    assert {line.split()[0] for line in out.splitlines() if line.startswith("  ")} == set(COMMANDS)
    status, out, err = finished([installed / "metabounds", "bonds"], tmp_path)
    lists = "command is 'bonds'; it must be one of those that metabounds --help lists, perhaps bounds"
    assert (status, out, err) == (2, "", f"metabounds: {lists}\n")
    status, out, err = finished([installed / "metabounds", "bounds", "no_such"], tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("metabounds bounds: claim is 'no_such'")


@pytest.mark.parametrize("name", ["theory.py", "numerics/__init__.py"])
def test_a_clash_is_said_in_one_sentence(installed, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    status, out, err = finished([installed / "python", "-m", "verify.bounds", "--list"], tmp_path)
    assert (status, out) == (2, "")
    package = name.partition("/")[0].removesuffix(".py")
    place = tmp_path / name.removesuffix("/__init__.py")
    assert err.startswith(f"verify: Python finds {place}, where this project's package {package} is meant; use the command")
    assert err.count("\n") == 1
    status, out, err = finished([installed / "python", "-c", "import verify"], tmp_path)
    assert status == 1
    assert err.splitlines()[-1].startswith(f"ImportError: Python finds {place}, where")


@pytest.mark.parametrize(("name", "asked"), [("verify.py", "property_test"), ("theory/__init__.py", "theory")])
def test_the_face_says_a_clash_and_executes_nothing(installed, hostile, name, asked):
    for path in hostile.rglob("*.py"):
        if path != hostile / name:
            path.unlink()
    status, _, err = finished([installed / "python", "-c", f"import metabounds; metabounds.{asked}"], hostile)
    place = hostile / name.removesuffix("/__init__.py")
    package = name.partition("/")[0].removesuffix(".py")
    assert status == 1
    said = f"ImportError: Python finds {place}, where this project's package {package} is meant;"
    assert err.splitlines()[-1].startswith(said)
    assert list(hostile.rglob("*.executed")) == []


def test_the_safe_path_is_kept_by_workers_that_python_m_starts(installed, hostile):
    words = ["-P", "-m", "verify.bounds", "distance/core", "distance/square", "--level", "sampled", "--jobs", "2", "--no-cache"]
    status, out, err = finished([installed / "python", *words], hostile)
    assert (status, err) == (0, ""), out + err
    assert list(hostile.rglob("*.executed")) == []


def test_the_list_says_what_each_commands_help_says(capsys):
    from verify.shell.commands import module as module_of
    from verify.shell.commands import respelled, spelled

    makers = {
        path.stem
        for path in [*(ROOT / "verify").glob("*.py"), *(ROOT / "verify" / "simulation").glob("*.py")]
        if "main = command(" in path.read_text()
    }
    makers |= {path.parent.name for path in (ROOT / "verify").glob("*/__main__.py") if "main = command(" in path.read_text()}
    assert set(COMMANDS) == makers
    for name, purpose in COMMANDS.items():
        module = import_module(module_of(name))
        made = module.parser() if hasattr(module, "parser") else module._parser()
        assert made.description == purpose
        assert made.prog == spelled(name) == respelled(made.prog)


def test_listing_claims_loads_no_numerical_library():
    heavy = "{'numpy', 'scipy', 'numba', 'hypothesis', 'cmaes', 'numerics'}"
    program = f"import sys; from verify.bounds import main; main(['--list']); print(sorted({heavy} & set(sys.modules)))"
    status, out, err = finished([sys.executable, "-c", program], ROOT)
    assert (status, out.splitlines()[-1], err) == (0, "[]", "")


def completed(script, *words):
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in ("metabounds", *words))
    program = f'source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _shtab_metabounds; echo "${{COMPREPLY[@]}}"'
    status, out, err = finished(["bash", "-c", program], ROOT)
    assert (status, err) == (0, "")
    return out.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_options_and_claims(tmp_path, capsys):
    assert console.main(["--print-completion", "bash"]) == 0
    script = tmp_path / "metabounds"
    script.write_text(capsys.readouterr().out)
    assert completed(script, "dec") == ["decide"]
    assert {"transfer_bound", "transfer_drs_maml"} <= set(completed(script, "bounds", "transf"))
    assert completed(script, "bounds", "--htm") == ["--html"]
    assert set(completed(script, "")) >= set(COMMANDS)


@pytest.mark.parametrize("shells", [[], ["csh"], ["zsh", "bash"]])
def test_another_shell_is_refused_in_one_sentence(shells, capsys):
    assert console.main(["--print-completion", *shells]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("metabounds: --print-completion ")
    assert "it must" in err


def test_the_face_has_what_the_packages_have():
    program = "import sys, metabounds; print(sorted({'verify', 'theory', 'numerics', 'sympy', 'numpy'} & set(sys.modules)))"
    assert finished([sys.executable, "-c", program], ROOT)[1:] == ("[]\n", "")
    import metabounds
    import numerics
    import theory
    import verify

    assert (metabounds.numerics, metabounds.theory, metabounds.verify) == (numerics, theory, verify)
    same = {name for name in metabounds.__all__ if getattr(metabounds, name) is getattr(verify, name, None)}
    assert same == set(verify.__all__)
    with pytest.raises(AttributeError, match="module metabounds has no attribute 'properties'; it has exact_sides, instance"):
        metabounds.properties  # noqa: B018


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


ADAPTERS = ROOT / "verify" / "conformance" / "adapters"
PLUG_IN = ROOT / "metabounds" / "pytest_plugin.py"
PHYSICS = ROOT / "numerics" / "reinforcement" / "benchmarks"


@pytest.mark.parametrize(("folder", "extras"), [*((package, ()) for package in PACKAGES), ("tests", ("test", "grid", "proof"))])
def test_what_is_imported_is_what_was_asked_for(folder, extras):
    asked = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    own = {*PACKAGES, "benchmarks", *(path.stem for beside in ("docs", "tests") for path in (ROOT / beside).glob("*.py"))}
    known = modules_of(asked) | own | sys.stdlib_module_names
    files = [path for path in (ROOT / folder).rglob("*.py") if path.parent not in (ADAPTERS, PHYSICS) and path != PLUG_IN]
    foreign = {(path.name, name) for path in files for name in imported(path) if name not in known}
    assert not foreign


def test_an_adapter_imports_its_library_and_what_that_brings():
    """Each is imported only when it is run; Betty and learn2learn state older Pythons and are installed by hand."""
    known = modules_of(PROJECT["optional-dependencies"]["conformance"]) | {"lineax", "betty", "learn2learn", "verify"}
    found = {name for path in ADAPTERS.glob("*.py") for name in imported(path) if name not in sys.stdlib_module_names}
    assert found == known
    assert set(imported(PLUG_IN)) - sys.stdlib_module_names == {"pytest"}  # which is what loads it


def test_benchmarks_with_physics_import_their_extras_and_are_imported_by_nothing_that_has_none():
    """Each module is imported only when an environment or a run asks for it."""
    asked = (line for extra in ("rl", "metaworld") for line in PROJECT["optional-dependencies"][extra])
    known = modules_of(asked) | modules_of(PROJECT["dependencies"]) | sys.stdlib_module_names | {"numerics"}
    foreign = {(path.name, name) for path in PHYSICS.glob("*.py") for name in imported(path) if name not in known}
    assert not foreign
    program = "import sys, numerics.reinforcement.benchmarks, verify.simulation.benchmarks as command; command.parser(); "
    program += "print(sorted({'torch', 'mujoco', 'gymnasium', 'metaworld'} & set(sys.modules)))"
    assert finished([sys.executable, "-c", program], ROOT)[1:] == ("[]\n", "")
