"""The command ``metabounds``: the commands of :mod:`verify`, whatever the working directory holds.

A folder ``theory`` or a file ``verify.py`` where it is started is neither imported nor executed: the working directory is
searched last, by this process and by those that it starts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program (default: the process's).

    Returns
    -------
    int
        The exit status: 0 or 1 as the command has it, 2 if what was asked for cannot be done, 130 if interrupted.

    Examples
    --------
    >>> main(["--version"])
    metabounds ...
    0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"metabounds {_version()}")
        return 0
    _search_working_directory_last()
    if words[:1] == ["--print-completion"]:
        return _completion(words[1:])
    from verify.shell.commands import run

    return run("metabounds", words)


def _completion(shells: Sequence[str]) -> int:
    """Print a shell's completion script."""
    from metabounds.completion import SHELLS, script

    try:
        if len(shells) != 1:
            raise ValueError(f"--print-completion has {len(shells)} words after it; it must have one of {', '.join(SHELLS)}")
        print(script(shells[0]))
    except ValueError as error:
        print(f"metabounds: {error}", file=sys.stderr)
        return 2
    return 0


def _search_working_directory_last() -> None:
    """Find this project's packages beside this one, here and in processes that inherit the environment."""
    here = Path.cwd()
    if here != _HOME:
        last = [place for place in sys.path if Path(place).resolve() == here]
        sys.path[:] = [place for place in sys.path if place not in last] + last
    os.environ["PYTHONSAFEPATH"] = "1"


def _version() -> str:
    """Of the installed distribution; of the checkout where none is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("metabounds")
    except PackageNotFoundError:
        import tomllib

        return str(tomllib.loads((_HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
