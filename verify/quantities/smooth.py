"""Quantities of smooth risks of one variable: constants, infima, and sums over runs, executed by numerics and enumerated by
theory; those at a point, in any dimension, are in :mod:`verify.quantities.smooth_slopes`.

The float path makes the instance's risks for numerics and runs its rules, its oracles' enumeration and its constants; the
exact path evaluates the same risks in rationals (:mod:`theory.smooth.short_runs`) with the steps written out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.smooth import enumeration, pieces
from numerics.smooth.oracles import Rademacher
from numerics.smooth.perturbed import Given
from numerics.smooth.quadratic_runs import averaged_excess
from theory.claim import NoValue
from theory.rules import DRS, MAML, FirstOrderMAML
from theory.smooth import short_runs
from theory.smooth.short_runs import Bent, Piecewise, Run, mean_of, signs
from verify.arithmetic.enclosure import Exact, ends, square_root
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.quantities.paths import executed
from verify.quantities.quantity import Quantity
from verify.quantities.smooth_instances import all_risks, at, exact_risks, exact_start, fraction, inner_steps, mean
from verify.quantities.smooth_slopes import mean_slope


def _adapted(risk: Piecewise | Bent, x: Fraction, alpha: Fraction, steps: int) -> tuple[Fraction, Fraction]:
    """theta' and its derivative."""
    factor = Fraction(1)
    for _ in range(steps):
        factor *= 1 - alpha * risk.curvature(x)
        x -= alpha * risk.gradient(x)
    return x, factor


def _exact_step(instance: Batch, rule: Any, x: Fraction) -> Fraction:
    """Mean outer step at x."""
    kind = instance.rule(rule)
    alpha, steps = inner_steps(instance, kind)
    total = Fraction(0)
    for risk, weight in zip(*exact_risks(instance), strict=True):
        point, factor = _adapted(risk, x, alpha, steps)
        total += weight * risk.gradient(point) * (1 if isinstance(kind, FirstOrderMAML) else factor)
    return total


def _steepest(batch: Batch) -> Array:
    low, high = pieces.extremes(_tables(batch), 1)
    return np.asarray(np.maximum(np.abs(low), np.abs(high)).max(axis=1, keepdims=True))


def _turns(risk: Bent) -> Iterator[Fraction]:
    """Knots, and zeros of the curvature between them."""
    yield from risk.knots
    for (u, a), (v, b) in itertools.pairwise(zip(risk.knots, risk.curvatures, strict=True)):
        if a * b < 0:
            yield u + (v - u) * a / (a - b)


def _exact_steepest(instance: Batch) -> list[Exact]:
    risks = exact_risks(instance)[0]
    return [max(abs(risk.gradient(x)) for risk in risks for x in (_turns(risk) if isinstance(risk, Bent) else risk.knots))]


def _tables(batch: Batch) -> Array:
    """Tables of the pieces of all tasks, (batch, n, pieces, 5)."""
    return np.asarray(all_risks(batch).tables[all_risks(batch).tasks, 0])


def _gap(batch: Batch, rule: Any) -> Array:
    values = executed(batch.rule(rule), batch).adapted_value(all_risks(batch), at(batch))
    return mean(batch, values - _lowest(batch))


def _lowest(batch: Batch) -> Array:
    """Infima (batch, n) of risks that are bounded below: between the outer knots, where rounding cannot tilt what is flat."""
    inside = _tables(batch).copy()
    inside[..., [0, -1], 2:] = 0.0
    return pieces.extremes(inside, 0)[0]


def _gap_scale(batch: Batch, rule: Any) -> Array:
    """Values cancel: rounding counts against the steepest slope times the lengths that are integrated over."""
    return _steepest(batch) * _reach(batch)


def _reach(batch: Batch) -> Array:
    """How far knots and start are apart at most, (batch, 1)."""
    knots = batch.tasks.knots
    ends = np.abs(knots).max(axis=(1, 2))[:, None] + np.abs(batch.tasks.start)
    return np.asarray(2 * ends)


def _infimum(risk: Piecewise | Bent) -> Exact:
    """Least value of a risk: at a knot, or inside a piece where the slope vanishes; an enclosure where that is irrational.

    Raises
    ------
    NoValue
        If the risk is not bounded below.
    """
    left, right = risk.gradient(risk.knots[0] - 1), risk.gradient(risk.knots[-1] + 1)
    if left > 0 or right < 0:
        raise NoValue("a risk is not bounded below")
    values: list[Exact] = [risk.value(x) for x in risk.knots]
    for u, v in itertools.pairwise(risk.knots):
        slope, length = risk.gradient(u), v - u
        if isinstance(risk, Piecewise):
            bend, third = risk.curvature((u + v) / 2), Fraction(0)
        else:
            bend = risk.curvature(u)
            third = (risk.curvature(v) - bend) / length
        for far in _stationary(slope, bend, third):
            low, high = ends(far)
            if low > 0 and high < length:
                values.append(risk.value(u) + far * (slope + far * (bend / 2 + far * (third / 6))))
    return _least_of(values)


def _stationary(slope: Fraction, bend: Fraction, third: Fraction) -> list[Exact]:
    """Zeros of slope + bend x + third x^2/2."""
    if third == 0:
        return [-slope / bend] if bend else []
    inside = bend * bend - 2 * third * slope
    if inside < 0:
        return []
    root = square_root(inside)
    return [(root - bend) / third, (root * -1 - bend) / third]


def _least_of(values: list[Exact]) -> Exact:
    return min(values, key=lambda value: ends(value)[0])


def _exact_gap(instance: Batch, rule: Any) -> list[Exact]:
    alpha, steps = inner_steps(instance, instance.rule(rule))
    x = exact_start(instance)
    risks, weights = exact_risks(instance)
    total: Exact = Fraction(0)
    for risk, weight in zip(risks, weights, strict=True):
        total = total + (_infimum(risk) * -1 + risk.value(_adapted(risk, x, alpha, steps)[0])) * weight
    return [total]


def _range(batch: Batch) -> Array:
    inside = _tables(batch).copy()
    inside[..., [0, -1], 2:] = 0.0
    low, high = pieces.extremes(inside, 0)
    return np.asarray((high - low).max(axis=1, keepdims=True))


def _range_scale(batch: Batch) -> Array:
    return _steepest(batch) * _reach(batch)


def _exact_range(instance: Batch) -> list[Exact]:
    risks = exact_risks(instance)[0]
    found: list[Exact] = []
    for risk in risks:
        if not isinstance(risk, Piecewise):
            raise NoValue("a bend goes on straight outside its knots")
        upside_down = Piecewise(risk.knots, tuple(-bend for bend in risk.curvatures), -risk.slope, -risk.height)
        found.append(-_infimum(upside_down) - _infimum(risk))
    return [max(found, key=lambda value: ends(value)[0])]


def _spread(batch: Batch) -> Array:
    count = len(batch.tasks.knots)
    points = batch.tasks.knots.reshape(count, -1).T[:, :, None, None]
    slopes = all_risks(batch).gradient(points)[..., 0]
    spreads = [mean(batch, (each - mean(batch, each)) ** 2) for each in slopes]
    return np.asarray(np.max(spreads, axis=0))


def _exact_spread(instance: Batch) -> list[Exact]:
    risks, weights = exact_risks(instance)
    spreads = []
    for x in {knot for risk in risks for knot in risk.knots}:
        slopes = [risk.gradient(x) for risk in risks]
        mean = sum((w * s for w, s in zip(weights, slopes, strict=True)), Fraction(0))
        spreads.append(sum((w * (s - mean) ** 2 for w, s in zip(weights, slopes, strict=True)), Fraction(0)))
    return [max(spreads)]


def _sum(
    batch: Batch,
    rule: Any,
    eta: Any,
    updates: Any,
    test_steps: Any,
    deviation: Any = 0,
    bend_deviation: Any = 0,
    tasks: Any = 1,
) -> Array:
    steps = {"updates": int(batch.number(updates)), "test_steps": int(batch.number(test_steps))}
    count = len(batch.tasks.start)
    if sum(steps.values()) == 0:
        return np.full((count, 1), np.nan)
    weights = batch.tasks.probabilities
    found = enumeration.gradient_sums(
        all_risks(batch),
        weights / weights.sum(axis=1, keepdims=True),
        executed(batch.rule(rule), batch),
        batch.tasks.start[:, 0],
        rates=_per_instance(batch, eta),
        deviation=_per_instance(batch, deviation),
        bend_deviation=_per_instance(batch, bend_deviation),
        batch=int(batch.number(tasks)),
        **steps,
    )
    return np.asarray(found[:, None])


def _per_instance(batch: Batch, expression: Any) -> Array:
    """An argument as an array (batch,)."""
    return np.broadcast_to(np.asarray(batch.number(expression), dtype=float).reshape(-1), (len(batch.tasks.start),))


def _sum_scale(batch: Batch, **arguments: Any) -> Array:
    """Squares of slopes that are rounded to a part in 10^15 of the steepest one."""
    return 1e-12 * (_steepest(batch) * (1 + _reach(batch) / _spans(batch))) ** 2


def _spans(batch: Batch) -> Array:
    """Least distance of two neighbouring knots, (batch, 1)."""
    return np.asarray(np.diff(batch.tasks.knots, axis=2).min(axis=(1, 2))[:, None])


def _exact_sum(
    instance: Batch,
    rule: Any,
    eta: Any,
    updates: Any,
    test_steps: Any,
    deviation: Any = 0,
    bend_deviation: Any = 0,
    tasks: Any = 1,
) -> list[Exact]:
    alpha, inner = inner_steps(instance, instance.rule(rule))
    if inner > 1:
        raise ValueError(f"rule is {rule!r}; sums of gradients are enumerated for one inner step")
    run = Run(
        *exact_risks(instance),
        fraction(instance, eta),
        alpha if inner else None,
        signs(fraction(instance, deviation)),
        signs(fraction(instance, bend_deviation)),
        batch=int(fraction(instance, tasks)),
    )
    counts = (int(fraction(instance, updates)), int(fraction(instance, test_steps)))
    if sum(counts) == 0:
        raise NoValue("no steps are taken")
    return [run.gradient_sum(exact_start(instance), *counts)]


def _bias(batch: Batch, alpha: Any, deviation: Any) -> Array:
    rule, start = executed(MAML(alpha), batch), at(batch)
    noise = _per_instance(batch, deviation)[:, None, None]
    silent = np.zeros(1)
    told = [rule.outer_step(Given(all_risks(batch), [sign * noise, silent], [silent]), start) for sign in (1, -1)]
    difference = (told[0] + told[1]) / 2 - rule.outer_step(all_risks(batch), start)
    return np.abs(mean(batch, difference[..., 0]))


def _exact_bias(instance: Batch, alpha: Any, deviation: Any) -> list[Exact]:
    rate, size, x = fraction(instance, alpha), fraction(instance, deviation), exact_start(instance)
    total = Fraction(0)
    for risk, weight in zip(*exact_risks(instance), strict=True):
        point, factor = _adapted(risk, x, rate, 1)
        ends = risk.gradient(point + rate * size) + risk.gradient(point - rate * size)
        total += weight * factor * (ends / 2 - risk.gradient(point))
    return [abs(total)]


def _bias_scale(batch: Batch, alpha: Any, deviation: Any) -> Array:
    return mean_slope(batch, DRS()) + mean_slope(batch, MAML(alpha)) + np.abs(batch.tasks.start)


def _moment(batch: Batch, steps: Any, alpha: Any, deviation: Any) -> Array:
    losses, rate, count = all_risks(batch), _per_instance(batch, alpha)[:, None, None], int(batch.number(steps))
    noise = _per_instance(batch, deviation)[:, None, None]
    target = executed(MAML(alpha, count), batch).adapt(losses, at(batch))
    points = np.broadcast_to(at(batch), (1, *target.shape))
    for _ in range(count):
        gradients = losses.gradient(points)
        points = np.concatenate([points - rate * (gradients + sign * noise) for sign in (1, -1)])
    return mean(batch, ((points - target) ** 2).mean(axis=0)[..., 0])


def _exact_moment(instance: Batch, steps: Any, alpha: Any, deviation: Any) -> list[Exact]:
    rate, count, x = fraction(instance, alpha), int(fraction(instance, steps)), exact_start(instance)
    noise = mean_of(signs(fraction(instance, deviation)), 1)
    total = Fraction(0)
    for risk, weight in zip(*exact_risks(instance), strict=True):
        points: dict[Fraction, Fraction] = {x: Fraction(1)}
        for _ in range(count):
            after: dict[Fraction, Fraction] = {}
            for point, chance in points.items():
                for e, share in noise.items():
                    moved = point - rate * (risk.gradient(point) + e)
                    after[moved] = after.get(moved, Fraction(0)) + chance * share
            points = after
        target = _adapted(risk, x, rate, count)[0]
        total += weight * sum((chance * (point - target) ** 2 for point, chance in points.items()), Fraction(0))
    return [total]


def _least(batch: Batch, eta: Any, steps: Any) -> Array:
    point, size = at(batch), _per_instance(batch, eta)[:, None, None]
    squares = []
    for _ in range(int(batch.number(steps)) + 1):
        slope = mean(batch, all_risks(batch).gradient(point)[..., 0])
        squares.append(slope**2)
        point = point - size * slope[..., None]
    return np.asarray(np.min(squares, axis=0))


def _exact_least(instance: Batch, eta: Any, steps: Any) -> list[Exact]:
    size, x = fraction(instance, eta), exact_start(instance)
    squares = []
    for _ in range(int(fraction(instance, steps)) + 1):
        slope = _exact_step(instance, DRS(), x)
        squares.append(slope**2)
        x -= size * slope
    return [min(squares)]


def _averaged(batch: Batch, root: Any, chance: Any, deviation: Any, start: Any, steps: Any) -> Array:
    curvature, odds, noise, first = (np.asarray(batch.number(entry), dtype=float) for entry in (root, chance, deviation, start))
    return averaged_excess(curvature**2, odds, noise, first, int(batch.number(steps)))


def _exact_averaged(instance: Batch, root: Any, chance: Any, deviation: Any, start: Any, steps: Any) -> list[Exact]:
    curvature, odds, noise, first = (fraction(instance, entry) for entry in (root, chance, deviation, start))
    return [short_runs.averaged_excess(curvature, odds, noise, first, int(fraction(instance, steps)))]


def _diagonal(batch: Batch, samples: Any, deviation: Any, slope: Any, operator: bool) -> Array:
    vectors, chances = Rademacher(1.0).outcomes(int(batch.number(samples)), 2, divided=False)
    first, second = (vectors[:, index] ** 2 * np.asarray(batch.number(deviation)) ** 2 for index in (0, 1))
    sizes = np.maximum(first, second) if operator else first + np.asarray(batch.number(slope)) ** 2 * second
    return np.asarray((sizes @ chances)[:, None])


def _exact_diagonal(instance: Batch, samples: Any, deviation: Any, slope: Any, operator: bool) -> list[Exact]:
    size, along = (fraction(instance, entry) for entry in (deviation, slope))
    return [short_runs.diagonal_moment(int(fraction(instance, samples)), size, along, operator)]


QUANTITIES = {
    "averaged_excess": Quantity(_averaged, _exact_averaged),
    "diagonal_moment": Quantity(_diagonal, _exact_diagonal),
    "steepest_slope": Quantity(_steepest, _exact_steepest),
    "objective_gap": Quantity(_gap, _exact_gap, _gap_scale),
    "risk_range": Quantity(_range, _exact_range, _range_scale),
    "slope_spread": Quantity(_spread, _exact_spread),
    "gradient_sum": Quantity(_sum, _exact_sum, _sum_scale),
    "meta_gradient_bias": Quantity(_bias, _exact_bias, _bias_scale),
    "path_moment": Quantity(_moment, _exact_moment),
    "least_squared_slope": Quantity(_least, _exact_least, _sum_scale),
}
