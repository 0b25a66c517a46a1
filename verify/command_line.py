"""What the commands share: options that say in one sentence what is wrong, grids of numbers, extras, progress."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from verify.sources import Unusable

if TYPE_CHECKING:
    import numerics as nx


class Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        self.exit(2, f"{self.prog.rpartition(' ')[2]}: {message}\n")


def guarded(name: str, run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Run a command; what cannot be done is one sentence on standard error and status 2, an interruption status 130."""
    try:
        return run(options)
    except (Unusable, ValueError, TypeError) as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130


def needed(extra: str, purpose: str, *modules: str) -> None:
    """Check that the libraries of an extra can be imported.

    Raises
    ------
    Unusable
        Naming the first that is missing, and how to install it.
    """
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise Unusable(
                f"{purpose} needs {error.name}, which is not installed; python -m pip install 'metabounds[{extra}]' brings it"
            ) from None


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


def output_folder(path: Path, option: str = "--out") -> Path:
    """The folder, made if need be.

    Raises
    ------
    Unusable
        If it cannot be made or is something else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"{option} is {path}, which cannot be made a folder: {error.strerror}") from None
    return path


@contextlib.contextmanager
def bar(description: str) -> Iterator[Callable[[nx.Progress], None]]:
    """A callback for numerics' progress: on a terminal a bar with the time left, in a pipe silence."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from verify.reports.text import console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(description, total=None)

        def seen(step: nx.Progress) -> None:
            progress.update(task, total=step.total, completed=step.done)

        yield seen


def at_least(name: str, values: Sequence[float] | float, least: float) -> None:
    """Check an option's numbers.

    Raises
    ------
    Unusable
        Naming the first that is too small.
    """
    for value in values if isinstance(values, Sequence) else (values,):
        if not value >= least:
            raise Unusable(f"{name} is {value:g}; it must be at least {least:g}")
