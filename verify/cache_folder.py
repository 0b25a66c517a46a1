"""Where verdicts and generated code are kept.

The folder is ``$METABOUNDS_CACHE`` (empty: nothing is kept), else ``metabounds`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.
"""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path | None:
    """The folder; None if nothing is kept."""
    named = os.environ.get("METABOUNDS_CACHE")
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "metabounds"
