"""Clouds of points with probabilities.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["cloud"].decode(Codes(np.zeros((1, 4), int), 2, exact=True), {p: 1, n: 2})
>>> made.points.tolist()
[[[Fraction(1, 1)], [Fraction(1, 1)]]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # noqa: F401  (the example's)
from sympy import Range

from theory.notation import n, p
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family


@dataclass
class Clouds:
    """A batch of clouds.

    Attributes
    ----------
    chances : array (batch, n)
    points : array (batch, n, p)
        With coordinates between 1/16 and 1.
    """

    chances: Array
    points: Array


@dataclass
class PrototypeClouds(Clouds):
    """A batch of clouds, each with two prototypes among its points' coordinates.

    Attributes
    ----------
    places : array (batch, 2, p)
        With coordinates between 1/16 and 1.
    masses : array (batch, 2)
    """

    places: Array
    masses: Array


def _prototypes(codes: Codes, values: Values) -> PrototypeClouds:
    cloud = _decode(codes, values)
    places = 1 - codes.ratio(15, 16) * codes.unit(2, values[p])
    return PrototypeClouds(cloud.chances, cloud.points, places, codes.probabilities(2))


def _decode(codes: Codes, values: Values) -> Clouds:
    number, size = values[n], values[p]
    return Clouds(codes.probabilities(number), 1 - codes.ratio(15, 16) * codes.unit(number, size))


FAMILIES = {
    "cloud": Family("cloud", "points with probabilities", _decode, {p: Range(1, 5), n: Range(1, 7)}),
    "prototypes": Family(
        "prototypes", "points with probabilities, and two prototypes", _prototypes, {p: Range(1, 5), n: Range(1, 7)}
    ),
}
