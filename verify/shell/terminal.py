"""Where a command prints: consoles for terminals and pipes, and progress where somebody looks."""

from __future__ import annotations

import contextlib
import re
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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


def filled(text: str, width: int, first: str = "", rest: str = "") -> str:
    """A paragraph in lines of a width, with what stands before the first and before the others."""
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def fitted(text: str, width: int) -> str:
    """Lines of prose, wrapped where they are too long: below what they begin with, or four columns further in.

    Examples
    --------
    >>> print(fitted("  proved  a proof in exact arithmetic", 24))
      proved  a proof in
              exact
              arithmetic
    """
    found = []
    for line in text.splitlines():
        label = re.match(r"\s*(\S{1,18}(?:  +|: ))?", line)
        hanging = len(label[0]) + (0 if label[1] else 4) if label else 0
        found.append(filled(line, width, rest=" " * hanging) if len(line) > width else line)
    return "\n".join(found)


def say(text: str) -> None:
    """Print prose on the standard output: in lines that fit on a terminal, whole in a pipe, where they are searched."""
    print(fitted(text, columns(sys.stdout)) if sys.stdout.isatty() else text, flush=True)


def progress_bar() -> Progress:
    """Progress with the time left on a terminal; nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    # the time that has passed shows life where one thing takes long
    times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    stream = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(40 if stream.width >= 100 else 8), MofNCompleteColumn(), *times)
    # the standard output stays where it leads: redirected by the bar, what goes to a file would go to the terminal
    quiet: dict[str, Any] = {"redirect_stdout": False, "redirect_stderr": False}
    return Progress(*columns, console=stream, transient=True, disable=not sys.stderr.isatty(), **quiet)


def _short(count: int) -> str:
    """A large number in three digits or four.

    Examples
    --------
    >>> _short(812), _short(24_690), _short(1_234_567)
    ('812', '25k', '1.2M')
    """
    return f"{count}" if count < 10_000 else f"{count / 1e3:.0f}k" if count < 1e6 else f"{count / 1e6:.1f}M"


class Count:
    """What counts work when it is called, shows how much is done, and steps aside for what is printed meanwhile.

    Parameters
    ----------
    what : str
        What is counted, such as ``claims``.
    total : int
    bar : rich.progress.Progress
        Begun.
    announced : bool
        As of :func:`counted`.
    """

    def __init__(self, what: str, total: int, bar: Progress, announced: bool) -> None:
        self._what, self._total, self._bar, self._task = what, total, bar, bar.add_task(what, total=total)
        self._began, self._done, self._instances, self._lock = time.monotonic(), 0, 0, threading.Lock()
        # how many are to be done before their time tells that of all
        self._sample = max(_SAMPLE, total // 20)
        self._announced = announced and total > 2 * self._sample
        if self._announced:
            self.aside(f"{total} {what}; how long they take is said when {self._sample} are done", sys.stderr)

    def __call__(self) -> None:
        """One more is done."""
        with self._lock:
            self._done += 1
            self._bar.advance(self._task)
            if self._announced and self._done == self._sample:
                taken = time.monotonic() - self._began
                rest = spoken(taken * self._total / self._done)
                self.aside(f"{self._done} of {self._total} {self._what} in {spoken(taken)}; all take about {rest}", sys.stderr)

    def looked(self, instances: int) -> None:
        """So many more instances were compared, of which the bar tells the sum: of one long claim it shows that it goes on."""
        self._instances += instances
        self._bar.update(self._task, description=f"{self._what}, {_short(self._instances)} instances")

    def aside(self, text: str, stream: Any = None) -> None:
        """Print, by default on the standard output, while the bar is away."""
        if not self._bar.disable:
            self._bar.stop()
        print(text, file=stream or sys.stdout, flush=True)
        if not self._bar.disable:
            self._bar.start()


@contextlib.contextmanager
def counted(what: str, total: int, *, announced: bool = False) -> Iterator[Count]:
    """A count of what is done, in whatever order: a bar with the time left on a terminal.

    Parameters
    ----------
    what : str
        What is counted, such as ``claims``.
    total : int
    announced : bool
        Whether to say in a pipe too, on the standard error, how long it takes: once some are done, if there are many.
    """
    with progress_bar() as progress:
        yield Count(what, total, progress, announced)


def say_in_time(
    items: Sequence[Item],
    name: Callable[[Item], str],
    said: Callable[[Item, Callable[[int], None]], Iterable[str]],
    deadline: float,
) -> None:
    """Print what is said of one claim after another while there is time, and then which was cut and how many are left.

    Parameters
    ----------
    items : sequence
    name : callable
        ``name(item)``, by which one is called whose time ran out.
    said : callable
        ``said(item, looked)``: texts, each printed as soon as it is found.  Meanwhile it tells ``looked`` how many instances
        it has compared.  It may look at the clock by itself, and is interrupted a second after the deadline.
    deadline : float
        Value of ``time.monotonic()``.

    Examples
    --------
    >>> say_in_time(["one", "two"], str, lambda item, looked: [item, item.title()], float("inf"))
    one
    One
    two
    Two
    >>> say_in_time(["one", "two"], str, lambda item, looked: [item], 0.0)
    time ran out before 2 of 2 claims
    """
    with counted("claims", len(items), announced=True) as seen:

        def say_all(item: Item) -> None:
            for text in said(item, seen.looked):
                seen.aside(text)

        for number, item in enumerate(items):
            if time.monotonic() >= deadline:
                seen.aside(f"time ran out before {len(items) - number} of {len(items)} claims")
                break
            within(deadline + 1, partial(say_all, item), partial(seen.aside, f"{name(item)}: time ran out"))
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
