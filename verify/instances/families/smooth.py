"""Smooth risks of one variable: slopes that are piecewise linear (``profiles``), curvatures that are (``bends``).

A profile's slopes at its knots lie in [-G, G], the outer ones are 0, and knots are at least as far apart as the curvature
L demands.  So its range is finite.  A bend's curvatures at its knots lie in [-L, L], the outer ones are 0, and knots are
at least as far apart as L_H demands; outside it goes on straight.  Those that do not fall without end are ``bowls``,
whose pieces may be longer.
Both are as rough as their constants allow where the code says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Range

from theory.notation import L_H, G, L, n, pieces
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family

#: how long a bowl's pieces may be, in units of L/L_H: where curvature hardly changes, bowls are parabolas
PLATEAU = 16


@dataclass
class Profiles:
    """Risks whose slope is piecewise linear and vanishes outside the knots.

    Attributes
    ----------
    probabilities : array (batch, n)
        Of the tasks.
    knots, slopes : array (batch, n, pieces + 1)
        Where the slope is given, and what it is.
    start : array (batch, 1)
        A point.
    """

    probabilities: Array
    knots: Array
    slopes: Array
    start: Array


@dataclass
class Bends:
    """Risks whose curvature is piecewise linear and vanishes outside the knots.

    Attributes
    ----------
    probabilities : array (batch, n)
        Of the tasks.
    knots, curvatures : array (batch, n, pieces + 1)
        Where the curvature is given, and what it is.
    first : array (batch, n)
        Slopes at the first knot and left of it.
    start, other : array (batch, 1)
        Two points.
    """

    probabilities: Array
    knots: Array
    curvatures: Array
    first: Array
    start: Array
    other: Array


def _levels(codes: Codes, number: int, count: int, most: Any) -> Array:
    """Numbers of [-most, most] at `count` inner knots and 0 at the two outer ones."""
    inner = most[..., None] * (2 * codes.unit(number, count) - 1)
    outer = 0 * most[..., None] * inner[:, :, :1] if count else np.zeros((len(codes), number, 1)) * most[..., None]
    return np.concatenate([outer, inner, outer], axis=2)


def _knots(codes: Codes, levels: Array, rate: Any, scale: Any) -> Array:
    """Knots between which `levels` change at most at `rate`."""
    number, count = levels.shape[1], levels.shape[2] - 1
    changes = np.abs(levels[:, :, 1:] - levels[:, :, :-1])
    spare = scale[..., None] * codes.unit(number, count)
    gaps = (changes + spare) / rate[..., None]
    # where a level stays and nothing is to spare there would be no piece
    gaps = np.where(gaps == 0, scale[..., None] / rate[..., None], gaps)
    first = codes.anywhere(number, 1) * (scale / rate)[..., None]
    return np.concatenate([first, first + np.cumsum(gaps, axis=2)], axis=2)


def profiles(codes: Codes, values: Values) -> Profiles:
    """Profiles of given sizes and constants."""
    number, count = values[n], values[pieces]
    slopes = _levels(codes, number, count - 1, values[G])
    knots = _knots(codes, slopes, values[L], values[G])
    return Profiles(codes.probabilities(number), knots, slopes, codes.anywhere(1) * (values[G] / values[L]))


def _bowls(codes: Codes, values: Values) -> Bends:
    free = bends(codes, values, PLATEAU)
    bent, knots = free.curvatures, free.knots
    area = ((bent[:, :, 1:] + bent[:, :, :-1]) / 2 * (knots[:, :, 1:] - knots[:, :, :-1])).sum(axis=2)
    # slopes rise on the whole, from at most zero to at least zero
    sign = np.where(area < 0, -1, 1)
    first = -codes.unit(area.shape[1]) * np.abs(area)
    return replace(free, curvatures=sign[:, :, None] * bent, first=first)


def bends(codes: Codes, values: Values, longest: int = 1) -> Bends:
    """Bends with pieces up to `longest` times L/L_H longer than the curvature's change demands."""
    number, count = values[n], values[pieces]
    curvatures = _levels(codes, number, count - 1, values[L])
    length = longest * values[L] / values[L_H]
    knots = _knots(codes, curvatures, values[L_H], longest * values[L])
    first = codes.anywhere(number) * (values[L] * length)
    start = codes.anywhere(1) * length
    return Bends(codes.probabilities(number), knots, curvatures, first, start, start + codes.anywhere(1) * length)


def rough(probabilities: Array, knots: Array, levels: Array, most: Any, rate: Any) -> bool:
    """Whether tasks' levels are at most so large, vanish at the outer knots, and change at most at a rate."""
    lengths, changes = np.diff(knots, axis=2), np.abs(np.diff(levels, axis=2))
    law = min(probabilities.ravel()) >= 0 and probabilities.sum() == 1
    ends = not levels[:, :, [0, -1]].any()
    return bool(law and ends and (lengths > 0).all() and (np.abs(levels) <= most).all() and (changes <= rate * lengths).all())


def _is_profile(tasks: Profiles, values: Values) -> bool:
    return rough(tasks.probabilities, tasks.knots, tasks.slopes, values[G].item(), values[L].item())


def _is_bend(tasks: Bends, values: Values) -> bool:
    return rough(tasks.probabilities, tasks.knots, tasks.curvatures, values[L].item(), values[L_H].item())


def _is_bowl(tasks: Bends, values: Values) -> bool:
    bent = tasks.curvatures
    last = tasks.first + ((bent[:, :, 1:] + bent[:, :, :-1]) / 2 * np.diff(tasks.knots, axis=2)).sum(axis=2)
    return _is_bend(tasks, values) and bool((tasks.first <= 0).all() and (last >= 0).all())


FAMILIES = {
    "profiles": Family(
        "profiles",
        "finite laws of risks of one variable with a piecewise linear slope of size at most G and of rate at most L",
        profiles,
        {n: Range(1, 4), pieces: Range(2, 6)},
        (G, L),
        holds=_is_profile,
    ),
    "bends": Family(
        "bends",
        "finite laws of risks of one variable with a piecewise linear curvature of size at most L and of rate at most L_H",
        bends,
        {n: Range(1, 4), pieces: Range(2, 6)},
        (L, L_H),
        holds=_is_bend,
    ),
    "bowls": Family(
        "bowls",
        "bends that are bounded below",
        _bowls,
        {n: Range(1, 4), pieces: Range(2, 6)},
        (L, L_H),
        holds=_is_bowl,
    ),
}
