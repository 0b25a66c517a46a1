"""Pages of the programming interface: a table of public names a package, and a page for each name or module."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from generated import heading, write
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.rst import escape


def _title(module: ModuleType) -> str:
    return " ".join((inspect.getdoc(module) or "").strip().split("\n\n")[0].split())


def _table(names: list[str]) -> str:
    shown = ".. autosummary::\n   :nosignatures:\n\n" + "".join(f"   {name}\n" for name in names)
    return shown + "\n.. toctree::\n   :hidden:\n\n" + "".join(f"   ../names/{name}\n" for name in names)


def _page(name: str) -> str:
    """The page of a module, a class or a function."""
    package, _, last = name.rpartition(".")
    found = import_module(name) if package == "theory" else getattr(import_module(package), last)
    if inspect.ismodule(found):
        members = ", ".join(_public(found))
        return f"{heading(name)}\n.. automodule:: {name}\n   :members: {members}\n   :show-inheritance:\n"
    if inspect.isclass(found):
        kind, options = ("exception" if issubclass(found, BaseException) else "class"), "   :members:\n   :show-inheritance:\n"
    else:
        kind, options = "function" if callable(found) else "data", ""
    return f"{heading(last)}\n.. auto{kind}:: {name}\n{options}"


def _public(module: ModuleType) -> list[str]:
    """Classes and functions of a module: those that it declares public, or else those that it defines without an underscore."""
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__ and name[0] != "_"
    ]
    return [name for name in names if inspect.isclass(getattr(module, name)) or inspect.isroutine(getattr(module, name))]


def _numerics() -> tuple[str, list[str]]:
    """Names by the module that defines them, in the order of modules' names."""
    package = import_module("numerics")
    homes: dict[str, list[str]] = {}
    for name in package.__all__:
        homes.setdefault(getattr(package, name).__module__, []).append(f"numerics.{name}")
    parts = [heading("numerics"), _title(package), ""]
    for home in sorted(homes):
        parts += [heading(home.removeprefix("numerics."), "-"), _title(import_module(home)), "", _table(homes[home])]
    return "\n".join(parts), [name for names in homes.values() for name in names]


def _theory() -> tuple[str, list[str]]:
    package = import_module("theory")
    names = [f"theory.{name}" for name in ("claim", *package.__all__) if name != "notation"]
    return "\n".join([heading("theory"), _title(package), "", _table(names)]), names


def _verify() -> tuple[str, list[str]]:
    parts, found = [heading("verify"), _title(import_module("verify")), ""], []
    for package in ("verify", "verify.conformance"):
        module = import_module(package)
        names = [f"{package}.{name}" for name in module.__all__]
        parts += [heading(package, "-"), _title(module), "", _table(names)] if package != "verify" else [_table(names)]
        found += names
    return "\n".join(parts), found


def _symbols() -> str:
    from theory.notation import TABLE, typeset

    said = "Every formula of this project is written in these symbols; each name has one meaning.\n"
    entries = [("symbol", "name", "meaning")]
    entries += [(f":math:`{typeset(symbol)}`", f"``{symbol}``", escape(meaning)) for symbol, meaning in TABLE.items()]
    rows = "".join("   * - " + "\n     - ".join(entry) + "\n" for entry in entries)
    return f"{heading('Notation')}\n{said}\n.. list-table::\n   :header-rows: 1\n\n{rows}"


def _write(app: Sphinx, _: Config) -> None:
    pages = {"notation.rst": _symbols()}
    for package, made in (("numerics", _numerics), ("theory", _theory), ("verify", _verify)):
        pages[f"{package}/index.rst"], names = made()
        pages |= {f"names/{name}.rst": _page(name) for name in names}
    write(Path(app.srcdir) / "generated" / "interface", pages)


def _bars(_: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Keep absolute values what they are: nothing here is substituted."""
    example = False
    for index, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example and ".. " not in line:
            parts = re.split(r"(:\w+:`[^`]*`|``[^`]*``|`[^`]*`)", line)
            lines[index] = "".join(part if place % 2 else part.replace("|", "\\|") for place, part in enumerate(parts))


def setup(app: Sphinx) -> dict[str, Any]:
    """Write them before sources are looked for."""
    app.connect("config-inited", _write, priority=900)
    app.connect("autodoc-process-docstring", _bars, priority=900)
    return {"parallel_read_safe": True}
