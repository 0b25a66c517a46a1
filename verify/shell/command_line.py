"""What the commands share: options that say in one sentence what is wrong, grids of numbers, extras."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Protocol

from verify.shell import cache_folder
from verify.shell.commands import called, respelled
from verify.shell.terminal import fitted
from verify.shell.time_limit import interruptions_as_they_are
from verify.shell.usage_error import UsageError, brought

#: seconds after which an interrupt comes again that was lost
_SHORTLY = 0.01
#: when this process had loaded what it needs to read its command line
_BEGAN = time.monotonic()


class Main(Protocol):
    """A command as a function."""

    def __call__(self, arguments: Sequence[str] | None = None) -> int:
        """Run it on the command line without the program, by default the process's; returns the exit status."""
        ...


class _Fitted(argparse.RawDescriptionHelpFormatter):
    """Help whose lines are kept, and wrapped where the terminal is narrower; only command lines stay whole, to be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        whole = ("python -m ", "metabounds ")
        return "\n".join(
            line if line.lstrip().startswith(whole) else fitted(indent + line, width) for line in text.splitlines()
        )


class Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong, and which options were given.

    Parameters
    ----------
    prog, description : str
        The program as ``python -m`` starts it.
    exits : str
        What exit statuses below 2 mean.
    example : str
        A command line.
    more : str
        What else stands below the options.
    """

    def __init__(self, prog: str, description: str, *, exits: str = "0: done", example: str = "", more: str = "") -> None:
        refused = "2: what was asked for cannot be done, and one sentence says why"
        example = respelled(example)
        parts = [more, f"exit status:\n  {exits}\n  {refused}\n  130: interrupted", f"example:\n  {example}" if example else ""]
        super().__init__(
            prog=called(prog),
            description=description,
            epilog="\n\n".join(filter(None, parts)),
            formatter_class=_Fitted,
        )

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The options, and in ``given`` the names of those that were given.  A parser parses once."""
        options = super().parse_args(args, namespace)
        # once more without defaults: what is there then was given
        for action in self._actions:
            action.default = argparse.SUPPRESS
        options.given = frozenset(vars(super().parse_args(args)))
        return options

    @property
    def name(self) -> str:
        """The command as it was called, by which its messages begin."""
        return self.prog.removeprefix("python -m ")

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        self.exit(2, f"{self.name}: {message}\n")


def command(
    parser: Callable[[], Parser],
    run: Callable[[argparse.Namespace], int],
    refusals: tuple[type[Exception], ...] = (UsageError,),
) -> Main:
    """The function `main` of a command.

    Parameters
    ----------
    parser : callable
        Makes the command's parser.
    run : callable
        Does what the options say, and returns the exit status.
    refusals : tuple of exception types
        What says that the request cannot be met: one sentence on standard error and status 2.  Commands that hand a user's
        numbers straight to :mod:`numerics` add its ``ValueError`` and ``TypeError``; elsewhere those are defects, and look so.

    Returns
    -------
    callable
        Takes the command line without the program, by default the process's, and returns the exit status; 130 if interrupted.

    Examples
    --------
    >>> main = command(lambda: Parser("python -m verify.nothing", "Nothing."), lambda options: 0)
    >>> main([])
    0
    """

    def main(arguments: Sequence[str] | None = None) -> int:
        """Run the command and return its exit status."""
        # imports that follow are part of the run, whose length a budget bounds
        began = _BEGAN if arguments is None else time.monotonic()
        made = parser()
        options = made.parse_args(arguments)
        options.began = began
        if arguments is None:
            cache_folder.hold_hypothesis()
            # processes that this one starts are told where to look; where it was started they need not look first
            os.environ["PYTHONSAFEPATH"] = "1"
            for stream in (sys.stdout, sys.stderr):
                # a letter that the terminal does not have is no reason to fail
                if isinstance(stream, io.TextIOWrapper):
                    stream.reconfigure(errors="backslashreplace")
        try:
            with _every_interrupt(), interruptions_as_they_are():
                return run(options)
        except refusals as error:
            print(f"{made.name}: {' '.join(str(error).split())}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print(f"{made.name}: interrupted", file=sys.stderr)
            return 130
        except BrokenPipeError:
            if arguments is not None:
                raise
            # who reads, such as head, has seen enough
            _write_nothing_more()
            return 0
        except OSError as error:
            if arguments is not None or error.errno != errno.ENOSPC:
                raise
            print(f"{made.name}: the output cannot be written: {error.strerror}", file=sys.stderr)
            _write_nothing_more()
            return 2

    return main


def _write_nothing_more() -> None:
    """Lead the standard output nowhere, so that nothing fails on the way out either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _every_interrupt() -> Iterator[None]:
    """Have Ctrl-C end the work whenever it comes: raised where nothing can be, as while memory is tidied up, it comes again."""
    before, waiting = sys.unraisablehook, list[threading.Timer]()

    def again(lost: Any) -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            waiting.append(threading.Timer(_SHORTLY, os.kill, (os.getpid(), signal.SIGINT)))
            waiting[-1].start()
        else:
            before(lost)

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in waiting:  # the work is over, or ends by another way
            timer.cancel()


def refuse_ignored(options: argparse.Namespace, because: str, used: Sequence[str]) -> None:
    """Refuse options that would be ignored.

    Parameters
    ----------
    options : argparse.Namespace
        From :class:`Parser`.
    because : str
        The option, or its absence, that makes them so.
    used : sequence of str
        Names of those that mean something all the same.

    Raises
    ------
    UsageError
        Naming the first.
    """
    for name in sorted(options.given.difference(used)):
        raise UsageError(f"{_spelled(name)} means nothing {because}; leave it out")


def _spelled(name: str) -> str:
    """An option as it is typed; positional arguments are claims."""
    return "CLAIM" if name == "claims" else f"--{name.replace('_', '-')}"


def search_options(made: argparse.ArgumentParser) -> None:
    """Options of commands that search: how long, and from which seed."""
    made.add_argument(
        "--budget", type=float, default=float("inf"), metavar="SECONDS", help="wall time in all (default: no limit)"
    )
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same result (default: %(default)s)")


def deadline(options: argparse.Namespace) -> float:
    """The monotonic time at which work ends that a budget of :func:`search_options` bounds.

    It is up to a second before the budget is spent: what was found is still to be written.

    Raises
    ------
    UsageError
        If the budget is not positive or the seed is negative.
    """
    seconds("--budget", options.budget)
    at_least("--seed", options.seed, 0)
    return float(options.began + options.budget - min(1.0, options.budget / 20))


def needed(extra: str, purpose: str, *modules: str) -> None:
    """Check that the libraries of an extra can be imported.

    Raises
    ------
    UsageError
        Naming the first that is missing, and how to install it.
    """
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise UsageError(f"{purpose} needs {error.name}, which is not installed; {brought(extra)}") from None


def numbers(kind: type[int] | type[float]) -> Callable[[str], list[Any]]:
    """Parser of an option's value such as ``0.1,0.25`` into a list of `kind`.

    Examples
    --------
    >>> numbers(int)("2,5,10")
    [2, 5, 10]
    """

    def parse(text: str) -> list[Any]:
        try:
            return [kind(part) for part in text.split(",")]
        except ValueError:
            what = "whole numbers" if kind is int else "numbers"
            raise argparse.ArgumentTypeError(f"{text!r} is not a list of {what} with commas between") from None

    return parse


def writable(option: str, path: Path) -> None:
    """Refuse now what would fail when the work is done.

    Raises
    ------
    UsageError
        If no file can be written there.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError
        _try_to_write(path.parent)
    except OSError:
        raise UsageError(
            f"{option} is {path}, which cannot be written; it must be a file in an existing, writable folder"
        ) from None


def writable_folder(option: str, path: Path) -> None:
    """Refuse a folder now in which no file could be written when the work is done.

    Raises
    ------
    UsageError
        If it does not exist, or no file can be written there.
    """
    try:
        _try_to_write(path)
    except OSError:
        raise UsageError(f"{option} is {path}, where nothing can be written; it must be an existing, writable folder") from None


def _try_to_write(folder: Path) -> None:
    """Write a file that leaves no trace: what a folder's permissions promise is not always true."""
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextlib.contextmanager
def output_folder(path: Path, option: str = "--out") -> Iterator[Path]:
    """The folder, made if need be; if it was made for nothing because what follows fails, it is taken away again.

    Raises
    ------
    UsageError
        If it cannot be made, is something else, or cannot be written to.
    """
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{option} is {path}, which cannot be made a folder: {error.strerror}") from None
        writable_folder(option, path)
        yield path
    finally:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def seconds(name: str, value: float) -> None:
    """Check a span of time.

    Raises
    ------
    UsageError
        If it is not positive.
    """
    if not value > 0:
        raise UsageError(f"{name} is {value}; it must be a positive number of seconds")


def different(name: str, values: Sequence[Any]) -> None:
    """Check the values along an axis.

    Raises
    ------
    UsageError
        If there is none, or one twice.
    """
    if not values or len(set(values)) < len(values):
        raise UsageError(f"{name} is {','.join(map(str, values))}; it must be different values")


def at_least(name: str, values: Sequence[float] | float, least: float) -> None:
    """Check an option's numbers.

    Raises
    ------
    UsageError
        Naming the first that is too small.
    """
    for value in values if isinstance(values, Sequence) else (values,):
        if not value >= least:
            raise UsageError(f"{name} is {value}; it must be at least {least:g}")
