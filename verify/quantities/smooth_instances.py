"""The smooth risks of an instance, in doubles for numerics and in rationals for theory."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.kernels import profiles
from numerics.smooth import pieces
from numerics.smooth.terms import Terms
from theory.rules import DRS, MAML, FirstOrderMAML, Rule
from theory.smooth.separable import Separable
from theory.smooth.short_runs import Bent, Piecewise
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.smooth import Bends
from verify.instances.families.surfaces import BentSurfaces


def all_risks(batch: Batch) -> Terms:
    """The risks of all tasks of all instances, for numerics; points have the shape (batch, n, p)."""

    def compute() -> Terms:
        tasks = batch.tasks
        shape = tasks.knots.shape[:2]
        knots = tasks.knots.copy()
        for right in range(1, knots.shape[2]):
            # where doubles cannot tell two knots apart
            knots[..., right] = np.maximum(knots[..., right], np.nextafter(knots[..., right - 1], np.inf))
        outer = np.zeros((*shape, 1))
        if isinstance(tasks, Bends | BentSurfaces):
            bends = np.concatenate([outer, tasks.curvatures], axis=2)
            inner = np.diff(tasks.curvatures, axis=2) / np.diff(knots, axis=2)
            thirds, first = np.concatenate([outer, inner, outer], axis=2), tasks.first
        else:
            inner = np.diff(tasks.slopes, axis=2) / np.diff(knots, axis=2)
            bends = np.concatenate([outer, inner, outer], axis=2)
            thirds, first = np.zeros_like(bends), tasks.slopes
        rows = pieces.tables(knots, bends, thirds, first, outer[..., 0])
        axes = np.swapaxes(tasks.frames, 2, 3) if hasattr(tasks, "frames") else np.ones((*shape, 1, 1))
        dim = axes.shape[-1]
        count = axes.shape[0] * axes.shape[1]
        flat, one = np.zeros((count, dim, 1)), np.ones((count, dim))
        together = Terms(
            one[:, 0] / count,
            [profiles.PIECEWISE] * dim,
            one,
            axes.reshape(count, dim, 1, dim),
            flat,
            rows.reshape(count, dim, *rows.shape[2:]),
        )
        return together.selected(np.arange(count).reshape(axes.shape[:2]))

    found: Terms = batch.remembered("smooth risks", compute)
    return found


def mean(batch: Batch, values: Array) -> Array:
    """Expectations (batch, 1) over the tasks of values (batch, n)."""
    weights = batch.tasks.probabilities
    return np.asarray((weights * values).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True))


def exact_risks(instance: Batch) -> tuple[list[Piecewise | Bent], list[Fraction]]:
    """The risks of an exact instance, for theory, and their probabilities."""

    def compute() -> tuple[list[Piecewise | Bent], list[Fraction]]:
        tasks = instance.tasks
        risks: list[Piecewise | Bent] = []
        for index in range(tasks.knots.shape[1]):
            knots = tuple(tasks.knots[0, index])
            if isinstance(tasks, Bends | BentSurfaces):
                at_zero = Bent(knots, tuple(tasks.curvatures[0, index]))
                risks.append(Bent(knots, at_zero.curvatures, tasks.first[0, index] - at_zero.gradient(knots[0])))
                continue
            slopes = tasks.slopes[0, index]
            inner = [(b - a) / (v - u) for (u, a), (v, b) in itertools.pairwise(zip(knots, slopes, strict=True))]
            risk = Piecewise(knots, (Fraction(0), *inner, Fraction(0)))
            risks.append(Piecewise(knots, risk.curvatures, -risk.gradient(knots[0])))
        return risks, list(tasks.probabilities[0])

    found: tuple[list[Piecewise | Bent], list[Fraction]] = instance.remembered("risks", compute)
    return found


def exact_start(instance: Batch, point: str = "start") -> Fraction:
    """A point of an instance on the line."""
    value: Fraction = getattr(instance.tasks, point)[0, 0]
    return value


def fraction(instance: Batch, expression: Any) -> Fraction:
    """An argument of a quantity as a rational number."""
    value = instance.rational(expression)
    return Fraction(int(value.p), int(value.q)) if hasattr(value, "p") else Fraction(value)


def inner_steps(instance: Batch, rule: Rule) -> tuple[Fraction, int]:
    """Rate and number of the inner steps.

    Raises
    ------
    ValueError
        If the rule is none that theory writes out here.
    """
    if isinstance(rule, DRS):
        return Fraction(0), 0
    if not isinstance(rule, MAML | FirstOrderMAML):
        raise ValueError(f"rule is {rule!r}; on smooth risks it must be DRS, MAML or FirstOrderMAML")
    return fraction(instance, rule.alpha), int(fraction(instance, rule.steps))


def separable(instance: Batch) -> tuple[list[Separable], list[Fraction]]:
    """The risks of an exact instance of any dimension, for theory, and their probabilities."""
    parts, chances = exact_risks(instance)
    frames = getattr(instance.tasks, "frames", None)
    if frames is None:
        return [Separable(((Fraction(1),),), (part,)) for part in parts], chances
    dim = frames.shape[-1]
    axes = [tuple(map(tuple, np.swapaxes(frames[0, index], 0, 1))) for index in range(len(chances))]
    return [Separable(axis, parts[dim * index : dim * (index + 1)]) for index, axis in enumerate(axes)], chances


def at(batch: Batch, point: str = "start") -> Array:
    """A point of every instance, (batch, 1, p)."""
    return np.asarray(getattr(batch.tasks, point))[:, None, :]
