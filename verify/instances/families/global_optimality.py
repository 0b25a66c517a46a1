"""Bandits of one state with small integer rewards, and two policies.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["bandits"].decode(Codes(np.zeros((1, 8), int), 2, exact=True), {arms: 2, n: 1})
>>> made.policy.tolist()
[[Fraction(1, 2), Fraction(1, 2)]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import arms, n
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family


@dataclass
class TaskBandits:
    """A batch of tasks on common arms.

    Attributes
    ----------
    chances : array (batch, n)
    rewards : integer array (batch, n, arms)
    policy, other : array (batch, arms)
    """

    chances: Array
    rewards: NDArray[np.int64]
    policy: Array
    other: Array


def _decode(codes: Codes, values: Values) -> TaskBandits:
    number, size = values[n], values[arms]
    return TaskBandits(
        codes.probabilities(number),
        codes.integers(number, size, most=4),
        codes.probabilities(size),
        codes.probabilities(size),
    )


FAMILIES = {"bandits": Family("bandits", "tasks on common arms and two policies", _decode, {arms: Range(2, 6), n: Range(1, 6)})}
