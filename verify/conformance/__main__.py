"""The command: ``python -m verify.conformance`` runs libraries, or a user's own function, under the oracle.

Without arguments every library for which there is an adapter and which is installed is run, and a table says what each
computes.  ``mine.py:meta_gradient`` runs a function of a file: it takes a :class:`verify.conformance.problem.Data` and returns
a meta-gradient.

Exit status 0: everything conforms.  1: something computes what it is not meant to, or fails.  2: what was asked for cannot be
done, and one sentence says why.  130: interrupted.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

from verify.shell.command_line import Parser, at_least, command, writable
from verify.shell.terminal import say
from verify.shell.usage_error import UsageError


def parser() -> Parser:
    """The command's options."""
    from verify.conformance.adapters import MODULES
    from verify.conformance.problem import METHODS

    made = Parser(
        prog="python -m verify.conformance",
        description="Run meta-learning libraries under an exact oracle.",
        exits="0: everything conforms\n  1: something computes what it is not meant to, or fails",
        example="python -m verify.conformance higher torchopt --markdown table.md",
    )
    made.add_argument(
        "targets",
        nargs="*",
        metavar="LIBRARY | FILE.py:FUNCTION",
        help=f"libraries ({', '.join(MODULES)}; default: all) or functions of your own",
    )
    made.add_argument(
        "--method",
        choices=METHODS,
        default="MAML",
        metavar="METHOD",
        help="what an own function is meant to compute: %(choices)s (default: %(default)s)",
    )
    made.add_argument("--framework", choices=("numpy", "torch", "jax"), default="torch", help="its arrays (%(default)s)")
    made.add_argument("--returns", choices=("gradient", "loss"), default="gradient", help="what it returns (%(default)s)")
    made.add_argument("--steps", type=int, default=3, metavar="K", help="inner steps of its problem (default: %(default)s)")
    made.add_argument("--single", action="store_true", help="run it in single precision")
    made.add_argument("--tolerance", type=float, default=0.0, help="share that its own iterations may be off (%(default)s)")
    made.add_argument("--seed", type=int, default=0, help="of the problems (default: %(default)s)")
    made.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the table and all numbers there")
    return made


def _run(options: argparse.Namespace) -> int:
    from verify.conformance.adapters import MODULES
    from verify.conformance.table import as_json, lines, markdown, run

    at_least("--steps", options.steps, 1)
    at_least("--seed", options.seed, 0)
    if not 0 <= options.tolerance < 1:
        raise UsageError(f"--tolerance is {options.tolerance:g}; it must be at least 0 and below 1")
    for name in ("markdown", "json"):
        if getattr(options, name) is not None:
            writable(f"--{name}", getattr(options, name))
    own = [_own(target, options) for target in options.targets if ".py" in target]
    if own and importlib.util.find_spec(options.framework) is None:
        raise UsageError(f"--framework is {options.framework}, which is not installed; install it, or say --framework numpy")
    libraries = [target for target in options.targets if ".py" not in target]
    for name in libraries:
        if name not in MODULES:
            raise UsageError(f"library is {name!r}; it must be one of {', '.join(MODULES)}, or FILE.py:FUNCTION")
    found, absent = [], []

    def missing(name: str, reason: str) -> None:
        absent.append((name, reason))
        say(f"{name}: not run ({reason})")

    for adapter, library in own:
        found.append(run(adapter, library, options.framework, options.seed))
        say(f"{found[-1].library}, {found[-1].name}: {found[-1].says}")
    if libraries or not own:
        for line in lines(libraries or MODULES, options.seed, missing):
            found.append(line)
            say(f"{line.library}, {line.name}: {line.says}")
    from verify.shell.atomic_write import write

    if options.markdown is not None:
        write(options.markdown, markdown(found, absent) + "\n")
    if options.json is not None:
        write(options.json, as_json(found, absent))
    wrong = sum(line.verdict != "conforms" for line in found)
    print(
        f"{len(found)} run, {len(found) - wrong} conform, {wrong} do not" + (f", {len(absent)} not installed" if absent else "")
    )
    return int(wrong > 0)


def _own(target: str, options: argparse.Namespace) -> tuple[Any, str]:
    """A function of a user's file as an adapter."""
    from verify.conformance.adapters import Adapter

    place, _, name = target.rpartition(":")
    if not place:
        raise UsageError(f"function is {target}; it must be FILE.py:FUNCTION")
    path = Path(place)
    if not path.is_file():
        raise UsageError(f"file is {path}, which does not exist or is not a file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's file may raise anything
        raise UsageError(f"file {path} cannot be run: {type(error).__name__}: {' '.join(str(error).split())}") from None
    finally:
        sys.path.remove(str(path.parent))
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(f"file {path} has no function {name!r}")
    example = {"steps": options.steps, "single": options.single}
    return Adapter(name, options.method, function, options.tolerance, example), path.name


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
