"""README, changelog and the table of measured speeds as pages, with links that lead to the same places from there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from generated import write
from sphinx.application import Sphinx
from sphinx.config import Config

#: a document of the repository by its page
SHARED = {
    "readme": "README.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "speed": "benchmarks/results.md",
}


def moved(text: str, folder: str) -> str:
    """A document of a folder of the repository, with its links rewritten for one two folders below ``docs``."""
    pages = {path: name for name, path in SHARED.items()}

    def link(found: re.Match[str]) -> str:
        target = found[1]
        if "://" in target or target.startswith("#"):
            return found[0]
        path = f"{folder}{target}"
        if path in pages:
            return f"]({pages[path]}.md)"
        if path.startswith("docs/"):
            return f"](../../{path.removeprefix('docs/')})"
        return f"](../../../{path})"

    return re.sub(r"\]\(([^)\s]+)\)", link, text)


def _write(app: Sphinx, _: Config) -> None:
    root = Path(app.srcdir).parent
    pages = {}
    for name, path in SHARED.items():
        folder = path.rpartition("/")[0]
        pages[f"{name}.md"] = moved((root / path).read_text(encoding="utf-8"), f"{folder}/" if folder else "")
    write(Path(app.srcdir) / "generated" / "documents", pages)


def _led(app: Sphinx, document: str, source: list[str]) -> None:
    """Links of documents in ``docs`` to these, as files of the repository, lead to their pages."""
    if "/" not in document:
        for name, path in SHARED.items():
            source[0] = source[0].replace(f"](../{path})", f"](generated/documents/{name}.md)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write them before sources are read."""
    app.connect("config-inited", _write, priority=900)
    app.connect("source-read", _led)
    return {"parallel_read_safe": True}
