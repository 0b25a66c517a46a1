"""Where verdicts and generated code are kept.

The folder is ``$METABOUNDS_CACHE`` (empty: nothing is kept), else ``metabounds`` where the platform keeps caches: on Linux in
``$XDG_CACHE_HOME`` or ``~/.cache``.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def folder() -> Path | None:
    """The folder; None if nothing is kept."""
    named = os.environ.get("METABOUNDS_CACHE")
    if named is not None:
        return Path(named) if named else None
    return user_cache_path("metabounds", appauthor=False)


def hold_hypothesis() -> None:
    """Have hypothesis keep its tables there, in this process and its workers, unless the user says where.

    It writes some whether or not it has a database, otherwise into the folder in which a command is run.  Only commands call
    this: a user's own tests are left alone.
    """
    place = folder()
    # under a file nothing can be written, which hypothesis takes in silence
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(place / "hypothesis") if place else f"{os.devnull}/hypothesis")
