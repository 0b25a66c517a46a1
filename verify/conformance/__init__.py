"""An oracle for libraries of meta-learning: what does this function compute?

:class:`Problem` is a small meta-learning problem of which everything is known: regression data with support and query sets, a
rate and a number of steps.  A user's function takes it, as arrays of its own framework, and returns a meta-gradient or a loss;
:func:`diagnose` says whether that is the exact one, and if not, which of the known mistakes it is.

>>> import numpy as np
>>> def mine(data):
...     total = np.zeros_like(data.theta)
...     for X, y, Xq, yq in data:
...         inner, matrix = data.theta, X.T @ X / len(y)
...         for _ in range(data.steps):
...             inner = inner - data.alpha * X.T @ (X @ inner - y) / len(y)
...         total += Xq.T @ (Xq @ inner - yq) / len(yq) / len(data)
...     return total
>>> print(diagnose(mine, Problem.example()).sentence)
computes the first-order meta-gradient, not the exact one
"""

from __future__ import annotations

from typing import Any

from verify.conformance.diagnosis import Diagnosis, diagnose
from verify.conformance.problem import Problem
from verify.conformance.training import Stop, judge_training

__all__ = ["Diagnosis", "Problem", "Stop", "diagnose", "judge_training"]


def parser() -> Any:
    """The command's options."""
    from verify.conformance import __main__ as command

    return command.parser()


def main(arguments: list[str] | None = None) -> int:
    """The command, which lists of commands find here as they find the others in their modules."""
    from verify.conformance import __main__ as command

    return command.main(arguments)
