"""Smooth risks of several variables: sums of profiles or bends of one variable each, along the axes of a frame.

The frames of tasks differ, so that their Hessians do not commute.  Constants L and L_H are those of the parts, see
:mod:`verify.instances.families.smooth`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Range

from theory.notation import L_H, G, L, n, p, pieces
from verify.instances.codes import Array, Codes, Values
from verify.instances.families.smooth import bends, profiles, rough
from verify.instances.family import Family


@dataclass
class Surfaces:
    """Sums of profiles along the axes of frames.

    Attributes
    ----------
    probabilities : array (batch, n)
        Of the tasks.
    knots, slopes : array (batch, n p, pieces + 1)
        Of the parts, those of a task next to each other.
    frames : array (batch, n, p, p)
        Axes as columns.
    start : array (batch, p)
        A point.
    """

    probabilities: Array
    knots: Array
    slopes: Array
    frames: Array
    start: Array


@dataclass
class BentSurfaces:
    """Sums of bends along the axes of frames.

    Attributes
    ----------
    probabilities : array (batch, n)
        Of the tasks.
    knots, curvatures : array (batch, n p, pieces + 1)
        Of the parts, those of a task next to each other.
    first : array (batch, n p)
        Slopes at the first knots and left of them.
    frames : array (batch, n, p, p)
        Axes as columns.
    start, other : array (batch, p)
        Two points.
    """

    probabilities: Array
    knots: Array
    curvatures: Array
    first: Array
    frames: Array
    start: Array
    other: Array


def _surfaces(codes: Codes, values: Values) -> Surfaces:
    number, dim = values[n], values[p]
    parts = profiles(codes, {**values, n: number * dim})
    point = codes.anywhere(dim) * (values[G] / values[L])
    return Surfaces(codes.probabilities(number), parts.knots, parts.slopes, codes.rotations(number, dim), point)


def _bent_surfaces(codes: Codes, values: Values) -> BentSurfaces:
    number, dim = values[n], values[p]
    parts = bends(codes, {**values, n: number * dim})
    length = values[L] / values[L_H]
    start = codes.anywhere(dim) * length
    other = start + codes.anywhere(dim) * length
    frames = codes.rotations(number, dim)
    return BentSurfaces(codes.probabilities(number), parts.knots, parts.curvatures, parts.first, frames, start, other)


def _is_bent_surface(tasks: BentSurfaces, values: Values) -> bool:
    frames, size = tasks.frames, tasks.frames.shape[-1]
    turned = bool((np.swapaxes(frames, -1, -2) @ frames == np.eye(size, dtype=int)).all())
    parts = rough(tasks.probabilities, tasks.knots, tasks.curvatures, values[L].item(), values[L_H].item())
    return turned and parts


_SIZES = {n: Range(1, 4), pieces: Range(2, 6), p: Range(1, 4)}
FAMILIES = {
    "surfaces": Family("surfaces", "finite laws of sums of profiles along the axes of frames", _surfaces, _SIZES, (G, L)),
    "bent_surfaces": Family(
        "bent_surfaces",
        "finite laws of sums of bends along the axes of frames",
        _bent_surfaces,
        _SIZES,
        (L, L_H),
        holds=_is_bent_surface,
    ),
}
