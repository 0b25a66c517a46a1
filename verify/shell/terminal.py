"""Where a command prints: consoles for terminals and pipes, and progress where somebody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    import numerics as nx

#: a pipe has no width; this holds the longest name beside the figures
_PIPE_WIDTH = 160


def console(stream: Any) -> Console:
    """A console for a stream: coloured and as wide as the window on a terminal, plain and wide in a pipe."""
    from rich.console import Console

    return Console(file=stream) if stream.isatty() else Console(file=stream, width=_PIPE_WIDTH, no_color=True)


def columns(stream: Any) -> int:
    """How many columns of text a stream shows: of a terminal its own, at least 60; of a pipe 100."""
    return max(console(stream).width, 60) if stream.isatty() else 100


def progress_bar() -> Progress:
    """Progress with the time left on a terminal; nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console(sys.stderr), transient=True, disable=not sys.stderr.isatty())


@contextlib.contextmanager
def bar(description: str) -> Iterator[Callable[[nx.Progress], None]]:
    """A callback for numerics' progress, which a bar shows."""
    with progress_bar() as progress:
        task = progress.add_task(description, total=None)

        def seen(step: nx.Progress) -> None:
            progress.update(task, total=step.total, completed=step.done)

        yield seen
