"""Work spread over processes: a worker that the machine ends."""

import os
import signal

import pytest

from verify.judging.workers import spread
from verify.shell.usage_error import UsageError


def _ended_if_odd(number):
    if number % 2:
        os.kill(os.getpid(), signal.SIGKILL)  # as the machine does when memory runs out
    return number


def test_a_worker_that_is_ended_from_outside_is_one_sentence():
    with pytest.raises(UsageError, match="ended from outside"):
        list(spread(_ended_if_odd, [1, 3, 5], 2))


def test_results_come_in_the_order_of_the_items():
    assert list(spread(_ended_if_odd, [4, 2, 0, 6], 2, order=[3, 2, 1, 0])) == [4, 2, 0, 6]
