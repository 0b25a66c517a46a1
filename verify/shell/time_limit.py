"""Work that ends when its time is over, whatever it is doing by then.

Methods look at the clock between two steps, and some steps are long: a derivation, an exact replay.  An alarm interrupts these.

Examples
--------
>>> import itertools
>>> within(time.monotonic() + 0.05, lambda: all(True for _ in itertools.count()), lambda: "time ran out")
'time ran out'
>>> within(math.inf, lambda: 2 + 2, lambda: 0)
4
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

#: seconds after which the alarm rings again, where it found something that it must leave alone
_AGAIN = 0.05
#: part of the path of what compiles kernels
_COMPILER = f"{os.sep}numba{os.sep}core{os.sep}"


def _left_alone(frame: FrameType | None) -> bool:
    """Whether a module is being imported or a kernel compiled, half of which breaks whatever uses it later, or memory is being
    tidied up, where an exception is lost.
    """
    tidying = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        code = frame.f_code
        if code.co_filename == "<frozen importlib._bootstrap>" or _COMPILER in code.co_filename:
            return True
        if code in tidying or code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


class TimeIsUp(BaseException):
    """The alarm; not an error, so that nothing takes it for one."""


@contextlib.contextmanager
def interruptions_as_they_are() -> Iterator[None]:
    """Have an alarm or Ctrl-C leave as what it is, though an error was made of it on the way.

    Compiled code may go on after either and fails then, as numpy's product of stacks of matrices of Python numbers does: out
    comes a ``SystemError`` that was caused by the interruption.

    Examples
    --------
    >>> with interruptions_as_they_are():
    ...     raise SystemError("returned a result with an exception set") from TimeIsUp()
    Traceback (most recent call last):
    verify.shell.time_limit.TimeIsUp
    """
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while isinstance(cause, Exception):
            cause = cause.__cause__
        if cause is None:
            raise
        raise cause from None


def within(deadline: float, work: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """What some work returns, or if that is not done by then, something else.

    Parameters
    ----------
    deadline : float
        Value of ``time.monotonic()`` at which the work is interrupted; it is not begun later.
    work : callable
        Takes no argument.
    otherwise : callable
        What to return instead; takes no argument, and is not interrupted.

    Returns
    -------
    object
        Outside of the main thread, and where the system has no alarms, work that was begun is waited for.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        return otherwise()
    if math.isinf(left) or threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        with interruptions_as_they_are():
            return work()
    running = True

    def ring(_: int, frame: FrameType | None) -> None:
        if running and not _left_alone(frame):
            raise TimeIsUp

    before, began = signal.signal(signal.SIGALRM, ring), time.monotonic()
    rest, again = signal.setitimer(signal.ITIMER_REAL, left, _AGAIN)
    try:
        try:
            with interruptions_as_they_are():
                return work()
        finally:
            running = False
    except TimeIsUp:
        running = False
        return otherwise()
    finally:
        # an alarm that was set outside of this one rings when it would have
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rest:
            signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - began), 1e-3), again)
