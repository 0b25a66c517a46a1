"""Machine code that is kept never outlives the source of the kernels that it was made from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from numerics.kernels import machine_code
from numerics.kernels.machine_code import KEPT, digest, opened

ROOT = Path(__file__).resolve().parents[1]
CALLER = """
from numerics.kernels import compiled
from numerics.kernels.called import inner

@compiled
def outer(x: float) -> float:
    return inner(x) + 1.0
"""
CALLED = """
from numerics.kernels import compiled

@compiled
def inner(x: float) -> float:
    return {} * x
"""
#: what it prints: the value, whether machine code was found, and where it is kept
PROGRAM = """
from numerics.kernels import machine_code
from numerics.kernels.caller import outer
print(outer(1.0), sum(outer.stats.cache_hits.values()) if hasattr(outer, "stats") else 0, machine_code.FOLDER)
"""


@pytest.fixture
def kernels(tmp_path: Path) -> Path:
    """The two files of a package of kernels that hold no kernel, and two kernels in files of their own."""
    folder = tmp_path / "numerics" / "kernels"
    folder.mkdir(parents=True)
    (tmp_path / "numerics" / "__init__.py").touch()
    for name in ("__init__.py", "machine_code.py"):
        shutil.copy(ROOT / "numerics" / "kernels" / name, folder)
    (folder / "caller.py").write_text(CALLER)
    (folder / "called.py").write_text(CALLED.format("2.0"))
    return folder


def run(kernels: Path, program: str = PROGRAM, **variables: str) -> list[str]:
    """What a new process prints."""
    hidden = {"NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | variables
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=kernels.parents[1], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


def test_after_an_edit_of_a_kernel_its_callers_in_other_files_run_the_new_code(kernels: Path) -> None:
    first = run(kernels)
    assert first[:2] == ["3.0", "0"]
    assert run(kernels) == ["3.0", "1", first[2]]
    stamp = (kernels / "called.py").stat()
    (kernels / "called.py").write_text(CALLED.format("5.0"))
    os.utime(kernels / "called.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    edited = run(kernels)
    assert edited[:2] == ["6.0", "0"]
    assert edited[2] != first[2]
    (kernels / "called.py").write_text(CALLED.format("2.0"))
    assert run(kernels) == ["3.0", "1", first[2]]
    # nothing lies where numba alone would put it
    assert not [*kernels.glob("__pycache__/*.nbi"), *kernels.glob("__pycache__/*.nbc")]


def test_the_users_folder_is_respected_and_left_to_other_functions(kernels: Path, tmp_path: Path) -> None:
    program = PROGRAM + "import numba\nprint(numba.config.CACHE_DIR)"
    assert run(kernels, program, NUMBA_CACHE_DIR=str(tmp_path / "kept"))[2:] == [
        str(tmp_path / "kept" / f"machine_code.{digest(kernels)}"),
        str(tmp_path / "kept"),
    ]


def test_where_nothing_can_be_written_nothing_is_kept(kernels: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    shutil.rmtree(kernels / "__pycache__", ignore_errors=True)
    (kernels / "__pycache__").touch()  # a file, which not even root makes a folder in
    variables = {"XDG_CACHE_HOME": str(file), "PYTHONDONTWRITEBYTECODE": "1"}
    assert run(kernels, **variables) == ["3.0", "0", "None"]
    assert run(kernels, **variables | {"XDG_CACHE_HOME": str(tmp_path / "home")})[2].startswith(
        str(tmp_path / "home" / "metabounds")
    )
    assert run(kernels, NUMBA_DISABLE_JIT="1")[2] == "None"


def test_the_digest_is_of_every_source_and_of_the_versions(kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {digest(kernels)}
    (kernels / "new.py").write_text("x = 1\n")
    found.add(digest(kernels))
    (kernels / "new.py").write_text("x = 2\n")
    found.add(digest(kernels))
    (kernels / "new.py").rename(kernels / "newer.py")
    found.add(digest(kernels))
    for name in ("numba", "llvmlite", "np"):
        with monkeypatch.context() as patch:
            patch.setattr(f"numerics.kernels.machine_code.{name}.__version__", "0")
            found.add(digest(kernels))
    monkeypatch.setattr(sys, "version", "4")
    found.add(digest(kernels))
    assert len(found) == 8
    assert digest(kernels / "nothing") == ""  # a package without sources, as in an archive


def test_old_folders_go_but_the_last_used_and_those_in_use(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from numerics.kernels.machine_code import opened\n"
    program += "print(opened([Path(sys.argv[1])], 'used').name, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "machine_code.used\n"
        os.utime(tmp_path / "machine_code.used" / "in_use", (0, 0))
        for number in range(8):
            _leave(tmp_path, number)
        (tmp_path / "of_somebody_else").mkdir()
        assert opened([tmp_path], "new") == tmp_path / "machine_code.new"
        kept = {"machine_code.new", "machine_code.used", *(f"machine_code.old{number}" for number in range(8 - KEPT, 8))}
        assert {folder.name for folder in tmp_path.iterdir()} == kept | {"of_somebody_else"}
        user.communicate()
    assert opened([tmp_path], "newer") == tmp_path / "machine_code.newer"
    assert not (tmp_path / "machine_code.used").exists()


def _leave(base: Path, number: int) -> None:
    """A folder that a process has left, the older the smaller its number."""
    folder = base / f"machine_code.old{number}"
    folder.mkdir()
    for name in ("in_use", "kernel.nbi"):
        (folder / name).touch()
        os.utime(folder / name, (1000 + number, 1000 + number))


def test_a_folder_that_cannot_be_made_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert opened([tmp_path / "file"], "name") is None
    assert opened([tmp_path / "file", tmp_path / "next"], "name") == tmp_path / "next" / "machine_code.name"


def test_without_locks_no_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "fcntl", None)
    for number in range(KEPT + 2):
        _leave(tmp_path, number)
    assert opened([tmp_path], "new") is not None
    assert len(list(tmp_path.iterdir())) == KEPT + 3
