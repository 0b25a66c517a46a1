"""Where a command prints: consoles for terminals and pipes, and progress where somebody looks."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from verify.shell.time_limit import within

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    import numerics as nx

Item = TypeVar("Item")

#: a pipe has no width; this holds the longest name beside the figures
_PIPE_WIDTH = 160
#: how many are done at least before their time tells that of all
_SAMPLE = 3


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
def counted(what: str, total: int, *, announced: bool = False) -> Iterator[Callable[[], None]]:
    """A callback that counts what is done, in whatever order: a bar with the time left on a terminal.

    Parameters
    ----------
    what : str
        What is counted, such as ``claims``.
    total : int
    announced : bool
        Whether to say in a pipe too, on the standard error, how long it takes: once some are done, if there are many.
    """
    began, done, lock = time.monotonic(), 0, threading.Lock()
    sample = max(_SAMPLE, total // 20)

    def estimate() -> None:
        taken = time.monotonic() - began
        print(f"{done} of {total} {what} in {spoken(taken)}; all take about {spoken(taken * total / done)}", file=sys.stderr)

    with progress_bar() as progress:
        task = progress.add_task(what, total=total)

        def one_more() -> None:
            nonlocal done
            with lock:
                done += 1
                progress.advance(task)
                if announced and done == sample < total // 2:
                    estimate()

        if announced and total > 2 * sample:
            print(f"{total} {what}; how long they take is said when {sample} are done", file=sys.stderr, flush=True)
        yield one_more


def say_in_time(items: Sequence[Item], name: Callable[[Item], str], said: Callable[[Item], str], deadline: float) -> None:
    """Print what is said of one claim after another while there is time, and then which was cut and how many are left.

    Parameters
    ----------
    items : sequence
    name : callable
        ``name(item)``, by which one is called whose time ran out.
    said : callable
        ``said(item)``; nothing is printed for an empty text.  It may look at the clock by itself, and is interrupted a second
        after the deadline.
    deadline : float
        Value of ``time.monotonic()``.

    Examples
    --------
    >>> say_in_time(["one", "two"], str, str.title, float("inf"))
    One
    Two
    >>> say_in_time(["one", "two"], str, str.title, 0.0)
    time ran out before 2 of 2 claims
    """
    with counted("claims", len(items), announced=True) as seen:
        for number, item in enumerate(items):
            if time.monotonic() >= deadline:
                print(f"time ran out before {len(items) - number} of {len(items)} claims")
                break
            late = partial("{}: time ran out".format, name(item))
            if found := within(deadline + 1, partial(said, item), late):
                print(found, flush=True)
            seen()


def spoken(seconds: float) -> str:
    """A span of time in the unit in which it is said.

    Examples
    --------
    >>> [spoken(value) for value in (2.4, 90, 600, 9000)]
    ['2 seconds', '90 seconds', '10 minutes', '2.5 hours']
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


@contextlib.contextmanager
def bar(description: str) -> Iterator[Callable[[nx.Progress], None]]:
    """A callback for numerics' progress, which a bar shows."""
    with progress_bar() as progress:
        task = progress.add_task(description, total=None)

        def seen(step: nx.Progress) -> None:
            progress.update(task, total=step.total, completed=step.done)

        yield seen
