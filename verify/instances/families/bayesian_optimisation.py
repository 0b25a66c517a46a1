"""Values of a function, and priors over finitely many functions, in small integers.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["tabular_prior"].decode(Codes(np.zeros((1, 3), int), 2, exact=True), {points: 2, n: 1})
>>> made.functions.tolist()
[[[0, 0]]]
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import n, points
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family


@dataclass
class FunctionValues:
    """A batch of functions.

    Attributes
    ----------
    values : integer array (batch, points)
    """

    values: NDArray[np.int64]


@dataclass
class TabularPriors:
    """A batch of priors.

    Attributes
    ----------
    chances : array (batch, n)
    functions : integer array (batch, n, points)
    """

    chances: Array
    functions: NDArray[np.int64]


def _function_values(codes: Codes, values: Values) -> FunctionValues:
    return FunctionValues(codes.integers(values[points], most=9))


def _tabular_prior(codes: Codes, values: Values) -> TabularPriors:
    number, size = values[n], values[points]
    even = codes.ratio(np.ones((len(codes), number), int), number)
    return TabularPriors(even, codes.integers(number, size, most=3))


FAMILIES = {
    "function_values": Family("function_values", "a function on finitely many points", _function_values, {points: Range(2, 9)}),
    "tabular_prior": Family(
        "tabular_prior",
        "n equally likely functions on finitely many points",
        _tabular_prior,
        {points: Range(2, 6), n: Range(1, 7)},
        holds=lambda prior, values: set(prior.chances.ravel()) == {Fraction(1, values[n])},
    ),
}
