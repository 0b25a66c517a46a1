"""The commands by name, what each does, and how its user calls it.

Examples
--------
>>> spelled("replay")
'python -m verify.replay'
>>> print(listed().splitlines()[0])
usage: python -m verify.COMMAND [options]
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module

from verify.shell.terminal import say

#: what each command does: the first line of its --help, here so that the list costs no import; a test compares
COMMANDS = {
    "benchmarks": "Compare joint training with meta-training on benchmarks with physics.",
    "bounds": "Judge claims about meta-learning.",
    "boxes": "Certify a claim over two parameters, and draw the boxes.",
    "breaks": "Where claims break.",
    "conformance": "Run meta-learning libraries under an exact oracle.",
    "decide": "Decide between MAML and joint training at a budget.",
    "families": "Certify claims about tasks on small families.",
    "long_search": "Search one claim for as long as you like.",
    "mutation": "Mutate claims and see whether the judge notices.",
    "nonconvex": "Modeling against optimization error on non-convex risks.",
    "open_questions": "Try what theory leaves open about smooth risks.",
    "phase": "Simulate and predict where MAML beats joint training.",
    "reinforcement": "Compare joint training with MAML on exact returns.",
    "replay": "Check certificates of proofs.",
    "sweep": "Phase diagrams over dimensions, spectra, features and seeds.",
    "tightness": "How tight bounds are.",
}
#: studies, which are modules of the package that simulates and not of the top
_STUDIES = {name: f"simulation.{name}" for name in ("benchmarks", "nonconvex", "open_questions", "reinforcement")}
#: how commands are called: the first part of what is typed
_called = ["python -m verify."]


def spelled(command: str, *, short: bool = False) -> str:
    """What is typed to call a command; in short as its messages begin."""
    name = _STUDIES.get(command, command) if _called[0].endswith(".") else command
    return (_called[0].removeprefix("python -m ") if short else _called[0]) + name


def module(command: str) -> str:
    """The module that runs a command.

    Examples
    --------
    >>> module("nonconvex")
    'verify.simulation.nonconvex'
    """
    return f"verify.{_STUDIES.get(command, command)}"


def called(program: str) -> str:
    """A command as its reader calls it, from ``python -m`` and its module.

    Examples
    --------
    >>> called("python -m verify.simulation.nonconvex")
    'python -m verify.simulation.nonconvex'
    """
    name = program.removeprefix("python -m verify.")
    return spelled(name.removeprefix("simulation.")) if name != program else program


def respelled(text: str) -> str:
    """A text about commands as its reader calls them."""
    return text.replace("python -m verify.", _called[0])


def listed() -> str:
    """How to call the commands, and what each does, a line each."""
    widest = max(map(len, COMMANDS))
    lines = [f"  {name:{widest}}  {purpose}" for name, purpose in COMMANDS.items()]
    usage, more = f"usage: {spelled('COMMAND')} [options]", f"{spelled('COMMAND')} --help says more of one."
    if not _called[0].endswith("."):
        more += "\nmetabounds --version says which this is; --print-completion SHELL prints what completes its command lines."
    return "\n".join([usage, "", *lines, "", more])


def run(program: str, arguments: list[str]) -> int:
    """Run the command that the first argument names, as if it had been started by itself.

    Parameters
    ----------
    program : str
        By which it is called, such as ``metabounds``.
    arguments : list of str
        The command line without the program.

    Returns
    -------
    int
        The exit status: 2 if there is no such command.
    """
    _called[0] = f"{program} "
    if not arguments or arguments[0] in ("-h", "--help"):
        say(listed())
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 1)
        perhaps = f", perhaps {near[0]}" if near else ""
        said = program.removeprefix("python -m ")
        print(f"{said}: command is {name!r}; it must be one of those that {program} --help lists{perhaps}", file=sys.stderr)
        return 2
    sys.argv = [spelled(name), *rest]
    return int(import_module(module(name)).main())
