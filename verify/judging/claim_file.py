"""A user's file with a claim: run it, and say in one sentence what is wrong with it.

Examples
--------
>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "mine.py")
...     _ = path.write_text("from theory.notation import alhpa")
...     try:
...         read(path)
...     except UsageError as error:
...         print(str(error).partition("read: ")[2])
ImportError: cannot import name 'alhpa' from 'theory.notation'; perhaps alpha is meant (line 1)
"""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from theory.claim import Claim
from verify.shell.usage_error import UsageError

_NAME = "CLAIM"
#: what a file may bring besides
_BROUGHT = {
    "QUANTITIES": "verify.quantities.Quantity",
    "VERBS": "verify.quantities.Quantity",
    "FAMILIES": "verify.instances.family.Family",
}


def read(path: Path) -> tuple[Claim, ModuleType]:
    """The claim of a file and the module that holds it.

    Parameters
    ----------
    path : Path
        A Python file that assigns a :class:`~theory.claim.Claim` to the name ``CLAIM``.

    Raises
    ------
    UsageError
        If it is missing, cannot be read, fails, ends the program, or holds no claim; or if the claim's false sibling or what is
        left of it without an assumption is no claim.
    """
    module = _run(path)
    try:
        claim = _claim(path, module)
    except UsageError:
        del sys.modules[module.__name__]
        raise
    return claim, module


def _claim(path: Path, module: ModuleType) -> Claim:
    claim = getattr(module, _NAME, None)
    if not isinstance(claim, Claim):
        wrong = f"file {path} defines no claim; it must assign a theory.claim.Claim to the name {_NAME}"
        raise UsageError(wrong + _found(module))
    _check_brought(path, module)
    _check_parts(path, claim)
    return claim


def _check_brought(path: Path, module: ModuleType) -> None:
    """Refuse quantities and families that are no dictionary, are there twice, or have a misspelt name."""
    for name, what in _BROUGHT.items():
        if hasattr(module, name) and not isinstance(getattr(module, name), Mapping):
            value = getattr(module, name)
            raise UsageError(f"file {path}: {name} is {value!r:.60}; it must be a dictionary of {what} by name")
    if hasattr(module, "QUANTITIES") and hasattr(module, "VERBS"):
        raise UsageError(f"file {path} has QUANTITIES and VERBS, which is their former name; it must have one of them")
    for name, value in vars(module).items():
        near = [] if name in _BROUGHT or not isinstance(value, Mapping) else get_close_matches(name, _BROUGHT, 1, 0.8)
        if near:
            raise UsageError(f"file {path} defines {name}, which nobody reads; perhaps {near[0]} is meant")


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        wrong = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(f"file is {path}, which {wrong}; it must be a Python file with a {_NAME}")
    # two files of one name in two folders are two modules
    name = f"claims_of_{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # dataclasses of the file look themselves up by module name
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, SystemExit):
            raise UsageError(f"file {path} ends the program{_line(path, error)}; it must only define {_NAME}") from None
        reason = " ".join(f"{type(error).__name__}: {_message(error)}".split())
        raise UsageError(f"file {path} could not be read: {reason}{_meant(path, error, module)}{_line(path, error)}") from error
    return module


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ImportError):
        return re.sub(r" \([^()]*(\.py|unknown location)\)$", "", str(error))  # where a module lies
    return str(error) or "no reason given"


def _line(path: Path, error: BaseException) -> str:
    """The last line of the file that was run."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" (line {lines[-1]})" if lines else ""


def _meant(path: Path, error: BaseException, module: ModuleType) -> str:
    """What a misspelt name may have meant."""
    name, known = _misspelt(error, module)
    if isinstance(error, ModuleNotFoundError) and error.name and path.with_name(f"{error.name}.py").is_file():
        return f"; {error.name}.py beside the file is not looked for: put what it defines into the file"
    near = get_close_matches(name, known, 1) if name else []
    return f"; perhaps {near[0]} is meant" if near else ""


def _misspelt(error: BaseException, module: ModuleType) -> tuple[str, Iterable[str]]:
    """A name that is not known, and those that are."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        package, _, _ = error.name.rpartition(".")
        inside = pkgutil.iter_modules(getattr(sys.modules.get(package), "__path__", None)) if package else ()
        return error.name, [f"{package}.{entry.name}" for entry in inside] or ("theory", "numerics", "verify", "sympy", "numpy")
    if isinstance(error, ImportError) and error.name:
        found = re.search(r"cannot import name '(\w+)'", str(error))
        return (found[1] if found else ""), dir(sys.modules.get(error.name))
    if isinstance(error, NameError):
        return error.name or "", [*vars(module), *dir(sys.modules["theory.claim"]), *dir(sys.modules["theory.notation"])]
    if isinstance(error, AttributeError):
        return error.name or "", dir(error.obj)
    found = re.match(r"(\w+)\.?_*(?:init|new)?_*\(\) got an unexpected keyword argument '(\w+)'", str(error))
    kind = getattr(module, found[1], None) if found else None
    if found and is_dataclass(kind):
        return found[2], [entry.name for entry in fields(kind)]
    return "", ()


def _found(module: ModuleType) -> str:
    """What the file holds instead of a claim of that name."""
    value = getattr(module, _NAME, None)
    if value is Claim:
        return ", not the class itself"
    if isinstance(value, list | tuple | dict | set):
        return f", not a {type(value).__name__}: one file is one claim"
    if value is not None:
        return f", not {value!r:.60}"
    others = [name for name, entry in vars(module).items() if isinstance(entry, Claim)]
    return f", as it does to {others[0]}" if others else ""


def _check_parts(path: Path, claim: Claim) -> None:
    """Make the claims that a claim implies, which are checked as it was."""
    waiting = [claim]
    while waiting:
        whole = waiting.pop()
        waiting += [step for step in whole.reductions if isinstance(step, Claim)]
        for make, what, arguments in (
            *([(whole.sibling, "the false sibling", ())] if whole.false_sibling is not None else []),
            *([(whole.control, "the control", ())] if whole.false_sibling is not None else []),
            *((whole.without, f"what is left without {entry.statement}", (entry,)) for entry in whole.assumptions),
        ):
            _made(path, f"{what} of claim {whole.name}", make, arguments)


def _made(path: Path, what: str, make: Any, arguments: tuple[Any, ...]) -> None:
    try:
        make(*arguments)
    except (TypeError, ValueError) as error:
        raise UsageError(f"file {path}: {what} is no claim: {error}") from error
