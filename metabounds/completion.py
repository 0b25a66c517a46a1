"""Completion for shells: a script that knows the commands, their options and the names of claims.

``metabounds --print-completion bash`` prints it; it belongs among the shell's completions::

    metabounds --print-completion bash > ~/.local/share/bash-completion/completions/metabounds
    metabounds --print-completion zsh > "${fpath[1]}/_metabounds"
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

import shtab

from theory import bounds
from verify.shell.commands import COMMANDS, module

SHELLS = tuple(shtab.SUPPORTED_SHELLS)


def script(shell: str) -> str:
    """The completion script of a shell.

    Parameters
    ----------
    shell : str
        One of :data:`SHELLS`.

    Raises
    ------
    ValueError
        If it is another.

    Examples
    --------
    >>> "transfer_bound" in script("bash")
    True
    """
    if shell not in SHELLS:
        raise ValueError(f"--print-completion is {shell!r}; it must be one of {', '.join(SHELLS)}")
    whole = argparse.ArgumentParser("metabounds", description="Bounds on meta-learning, judged.")
    whole.add_argument("--version", action="store_true", help="print the version")
    whole.add_argument("--print-completion", choices=SHELLS, help="print a completion script")
    commands = whole.add_subparsers()
    for name, purpose in COMMANDS.items():
        found = import_module(module(name))
        made = found.parser() if hasattr(found, "parser") else found._parser()
        _describe(commands.add_parser(name, help=purpose, parents=[made], add_help=False))
    return str(shtab.complete(whole, shell))


def _describe(parser: argparse.ArgumentParser) -> None:
    """Say what can stand for an argument that names a claim, a file or a folder."""
    for action in parser._actions:
        if action.dest in ("claim", "claims", "show"):
            action.choices = [*bounds.names(), *(bounds.topics() if action.nargs == "*" else ())]
        elif action.type is Path:
            folder = action.metavar == "FOLDER"
            action.complete = shtab.DIRECTORY if folder else shtab.FILE  # type: ignore[attr-defined]
