"""Work for other processes that takes as long as it is told, and knows when its time is over."""

import time


def nap(seconds: float, until: float) -> str:
    """Sleep, unless it is too late to begin."""
    if time.time() >= until:
        return "not begun"
    time.sleep(seconds)
    return "done"
