"""Where machine code is kept, so that it never outlives the source that it was made from.

numba keeps the machine code of a function until that function's *own* file changes.  But kernels call kernels of other files,
whose code is then part of theirs: after an edit there the old code would go on running.  So everything lies in a folder named
after a digest of all sources of this package and of the versions of numba, llvmlite, NumPy and Python.  Kernels elsewhere (such
as :mod:`verify.instances.draws`) may call these and those of their own file, and are covered too.

The folder stands in ``$NUMBA_CACHE_DIR`` if that is set, otherwise in the package's ``__pycache__``, or (where that cannot be
written to) in ``metabounds`` where the platform keeps a user's caches; if none of these can be written to, nothing is kept and
every process compiles.  A process that makes a new folder removes the old ones but the :data:`KEPT` last used, and none that a
running process uses.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config as _untyped
from platformdirs import user_cache_path

try:
    import fcntl
except ImportError:  # not on Windows, where a folder in use cannot be told from others
    fcntl = None  # type: ignore[assignment]

F = TypeVar("F", bound=Callable[..., object])
config: Any = _untyped

#: folders of earlier sources or versions that are kept, for whoever switches between two of them
KEPT = 4
_PREFIX, _REMOVED, _MARK = "machine_code.", "removed.machine_code.", "in_use"


def digest(package: Path) -> str:
    """What the machine code of a package's kernels depends on, in 16 letters; empty if there are no sources to be read.

    Parameters
    ----------
    package : Path
        The folder of the sources.
    """
    sources = sorted(package.glob("*.py"))
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
    whole = sha256(repr(versions).encode())
    for source in sources:
        content = source.read_bytes()
        whole.update(f"{source.name} {len(content)} ".encode() + content)
    return whole.hexdigest()[:16] if sources else ""


def opened(bases: list[Path], name: str) -> Path | None:
    """The folder `name` in the first of `bases` that can be written to, marked as in use until this process ends; or None.

    Parameters
    ----------
    bases : list of Path
    name : str
        A digest.
    """
    for base in bases:
        folder = base / f"{_PREFIX}{name}"
        try:
            is_new = not folder.exists()
            if not _marked(folder):
                continue
        except OSError:
            continue
        if is_new:
            _remove_old(base, folder)
        return folder
    return None


def _marked(folder: Path) -> bool:
    """Make the folder and mark it as in use; False if others remove it again and again."""
    mark = folder / _MARK
    for _ in range(10):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = _opened_mark(mark)  # left open: the system closes it with the process
        except FileNotFoundError:  # removed meanwhile
            continue
        os.utime(mark)
        _lock(file, exclusively=False)
        if mark.exists() and os.path.samestat(os.fstat(file), mark.stat()):
            return True
        os.close(file)
    return False


def _opened_mark(mark: Path) -> int:
    return os.open(mark, os.O_RDWR | os.O_CREAT, 0o666)


def _lock(file: int, exclusively: bool) -> bool:
    """Lock a file; False if another process holds it, or the system knows no locks."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusively else fcntl.LOCK_SH)
    except OSError:
        return False
    return True


def _remove_old(base: Path, folder: Path) -> None:
    """Remove the folders of other digests but those last used and those in use."""
    marks = [other / _MARK for other in base.glob(f"{_PREFIX}*") if other != folder]
    for mark in sorted(marks, key=_last_used, reverse=True)[KEPT:]:
        try:
            file = _opened_mark(mark)
        except OSError:
            continue  # another process was faster, or it is not ours
        try:
            if _lock(file, exclusively=True):
                # out of sight first, so that nobody finds half of it
                mark.parent.rename(base / f"{_REMOVED}{os.getpid()}.{mark.parent.name}")
        except OSError:
            continue
        finally:
            os.close(file)
    for removed in base.glob(f"{_REMOVED}*"):
        shutil.rmtree(removed, ignore_errors=True)


def _last_used(mark: Path) -> float:
    try:
        return mark.stat().st_mtime
    except OSError:
        return 0.0


def _bases() -> list[Path]:
    named = config.CACHE_DIR
    if named:
        return [Path(named)]
    return [Path(__file__).parent / "__pycache__", user_cache_path("metabounds", appauthor=False)]


def _folder() -> Path | None:
    name = "" if config.DISABLE_JIT else digest(Path(__file__).parent)
    return opened(_bases(), name) if name else None


#: the folder of this process; None if nothing is kept
FOLDER = _folder()


def kept(function: F, **options: Any) -> F:
    """Compile `function` on its first call with numba's `options`, and keep the machine code in :data:`FOLDER`."""
    if FOLDER is None:
        return cast(F, numba.njit(**options)(function))
    named = config.CACHE_DIR
    config.CACHE_DIR = str(FOLDER)  # numba reads it when a function is decorated
    try:
        return cast(F, numba.njit(cache=True, **options)(function))
    finally:
        config.CACHE_DIR = named
