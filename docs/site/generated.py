"""Sources of pages that extensions make: written only where they changed, so that a second build is quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write(folder: Path, pages: Mapping[str, str]) -> None:
    """Make a folder hold these files and no others.

    Parameters
    ----------
    folder : Path
    pages : mapping
        Text by path within the folder.
    """
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def heading(text: str, mark: str = "=") -> str:
    """A title with its line below."""
    return f"{text}\n{mark * len(text)}\n"
