"""Gradients of a context's examples, and contexts of small integer features.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["gradients"].decode(Codes(np.zeros((1, 6), int), 2, exact=True), {p: 1, n: 3})
>>> made.gradients.tolist()
[[[0], [0], [0]]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import n, p
from verify.instances.codes import Codes, Values
from verify.instances.family import Family


@dataclass
class Gradients:
    """A batch of contexts by their examples' gradients.

    Attributes
    ----------
    gradients : integer array (batch, n, p)
    """

    gradients: NDArray[np.int64]


@dataclass
class Contexts:
    """A batch of contexts and a direction to look in.

    Attributes
    ----------
    features : integer array (batch, n, p)
    direction : integer array (batch, p)
    """

    features: NDArray[np.int64]
    direction: NDArray[np.int64]


def _integers(codes: Codes, *shape: int, most: int) -> NDArray[np.int64]:
    return np.asarray(codes.signs(*shape) * codes.integers(*shape, most=most))


def _gradients(codes: Codes, values: Values) -> Gradients:
    return Gradients(_integers(codes, values[n], values[p], most=4))


def _context(codes: Codes, values: Values) -> Contexts:
    features = _integers(codes, values[n], values[p], most=2)
    return Contexts(features, _integers(codes, values[p], most=3))


FAMILIES = {
    "gradients": Family("gradients", "gradients of n examples, small integers", _gradients, {p: Range(1, 4), n: Range(2, 8)}),
    "context": Family("context", "features of n examples, small integers", _context, {p: Range(1, 4), n: Range(2, 7)}),
}
