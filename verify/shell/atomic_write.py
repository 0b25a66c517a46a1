"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written to.
    """
    write_all({path: text})


@contextlib.contextmanager
def made_aside(folder: Path) -> Iterator[Path]:
    """A folder for files that take their places in another when the block ends; if it fails, they are dropped."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
        yield Path(name)
        for path in sorted(Path(name).iterdir()):
            os.replace(path, folder / path.name)


def write_all(texts: Mapping[Path, str]) -> None:
    """Write files whole, once all of them are ready beside the places that they take.

    Raises
    ------
    OSError
        If a folder does not exist or cannot be written to; then nothing is written.
    """
    # a temporary file is the user's alone; a report is as readable as any file that they write
    mask = os.umask(0)
    os.umask(mask)
    ready: dict[str, Path] = {}
    try:
        for path, text in texts.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
            ready[name] = path
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, 0o666 & ~mask)
        for name in list(ready):
            os.replace(name, ready[name])
            del ready[name]
    except BaseException:
        for name in ready:
            Path(name).unlink(missing_ok=True)
        raise
