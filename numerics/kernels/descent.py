"""Stochastic training and testing of many runs, from the noise to the updated parameter in one loop.

Every update averages the outer steps of `batch` tasks.  An outer step asks its oracle for the mean of several calls at a time;
request number g for a gradient uses the bits of place g, request h for a Hessian those of place HESSIAN + h, so that the same
steps taken by numpy, see :mod:`numerics.smooth.perturbed`, meet the same noise.

Loops are long on purpose: an array handed to another function costs a counted reference, more than a term's arithmetic.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.streams import (
    FRESH_TASK,
    HESSIAN,
    MINIBATCH,
    NONE,
    TASK,
    TEST,
    add_noise,
    below,
    block,
    draw_task,
    word,
)
from numerics.kernels.terms import add_gradient, add_product, task_value

Array = NDArray[Any]

#: outer steps: exact hypergradient, gradient at the adapted point, displacement, and products replaced by differences
EXACT, FIRST_ORDER, DISPLACEMENT, DIFFERENCES = range(4)


class Algorithm(NamedTuple):
    """An inner loop, an outer step, and how often each asks the oracle.

    Parameters
    ----------
    outer : int
        Code of the outer step.
    rates : array (k,)
        Rates of the inner steps.
    spacing : float
        Half the distance of the points of a difference.
    calls : int
        Calls per gradient.
    samples : int
        Samples per Hessian--vector product.
    batch : int
        Tasks per update.
    """

    outer: int
    rates: Array
    spacing: float
    calls: int
    samples: int
    batch: int


@compiled
def squared_mean_step(terms: Any, weights: Array, exact: Any, theta: Array, index: int, scratch: Array) -> float:
    """|E outer step|^2 at theta[index] over all tasks, without noise; scratch (k + 4, p)."""
    rows, residuals, pieces, own = terms
    outer, rates, _, _, _, _ = exact
    steps, dimension, count = rates.shape[0], theta.shape[1], rows.shape[1]
    vector, work, mean = steps + 1, steps + 2, steps + 3
    for c in range(dimension):
        scratch[mean, c] = 0.0
    for i in range(weights.shape[0]):
        for c in range(dimension):
            scratch[0, c] = theta[index, c]
        for j in range(steps + 1):
            for c in range(dimension):
                scratch[vector, c] = 0.0
            add_gradient(rows, residuals, pieces, own, i, 0, count, scratch, j, 1.0, scratch, vector)
            if j < steps:
                for c in range(dimension):
                    scratch[j + 1, c] = scratch[j, c] - rates[j] * scratch[vector, c]
        if outer == DISPLACEMENT:
            for c in range(dimension):
                scratch[vector, c] = scratch[0, c] - scratch[steps, c]
        elif outer == EXACT:
            for j in range(steps - 1, -1, -1):
                for c in range(dimension):
                    scratch[work, c] = 0.0
                add_product(rows, residuals, pieces, own, i, 0, count, scratch, j, scratch, vector, 1.0, scratch, work)
                for c in range(dimension):
                    scratch[vector, c] -= rates[j] * scratch[work, c]
        for c in range(dimension):
            scratch[mean, c] += weights[i] * scratch[vector, c]
    total = 0.0
    for c in range(dimension):
        total += scratch[mean, c] * scratch[mean, c]
    return total


@compiled
def train(
    terms: Any,
    cumulative: Array,
    weights: Array,
    noises: Any,
    algorithm: Any,
    watched: Any,
    key: Array,
    runs: Array,
    step_sizes: Array,
    first: int,
    last: int,
    theta: Array,
    sums: Array,
) -> None:
    """Updates number `first` to `last` - 1 of every trajectory.

    Parameters
    ----------
    terms : Terms
        The risks.
    cumulative, weights : array (1, n), array (n,)
        Probabilities of the tasks, cumulated and not.
    noises : (Noise, Noise)
        Of gradients and of Hessians.
    algorithm : Algorithm
        What is run.
    watched : (Algorithm, bool)
        The exact algorithm whose squared mean outer step is summed before each update, and whether to sum.
    key : array of uint64 (2,)
        Key of the bits.
    runs : array of uint64 (trajectories,)
        Number of the run of each trajectory: trajectories of one run meet the same tasks and noise.
    step_sizes : array (trajectories,)
        eta.
    first, last : int
        Range of updates.
    theta : array (trajectories, p)
        Parameters, updated in place.
    sums : array (trajectories,)
        Receives the sums.
    """
    rows, residuals, pieces, own = terms
    (law, scale, table), (hessian_law, hessian_scale, hessian_table) = noises
    outer, rates, spacing, calls, samples, batch = algorithm
    exact, watching = watched
    k0, k1 = key[0], key[1]
    steps, dimension, count = rates.shape[0], theta.shape[1], rows.shape[1]
    # rows of the scratch: the inner path, the outer step, its work, a shifted point, the sum over tasks
    vector, work, shifted, total = steps + 1, steps + 2, steps + 3, steps + 4
    scratch = np.empty((steps + 5, dimension))
    watcher = np.empty((exact[1].shape[0] + 4, dimension))
    minibatch = law == MINIBATCH
    asked = steps + (0 if outer == DISPLACEMENT else 1)
    for r in range(theta.shape[0]):
        run = runs[r]
        for step in range(first, last):
            if watching:
                sums[r] += squared_mean_step(terms, weights, exact, theta, r, watcher)
            for c in range(dimension):
                scratch[total, c] = 0.0
            for slot in range(batch):
                i = draw_task(cumulative, k0, k1, run, step, slot, TASK)
                for c in range(dimension):
                    scratch[0, c] = theta[r, c]
                for j in range(asked):
                    for c in range(dimension):
                        scratch[vector, c] = 0.0
                    draws = calls if minibatch else 1
                    for call in range(draws):
                        begin, end, size = 0, count, 1.0
                        if minibatch:
                            words = block(k0, k1, run, step, slot, j, call // 4)
                            begin = below(word(words, call % 4), count)
                            end, size = begin + 1, count / calls
                        add_gradient(rows, residuals, pieces, own, i, begin, end, scratch, j, size, scratch, vector)
                    if law != NONE and not minibatch:
                        add_noise(law, scale, table, calls, k0, k1, run, step, slot, j, scratch, vector)
                    if j < steps:
                        for c in range(dimension):
                            scratch[j + 1, c] = scratch[j, c] - rates[j] * scratch[vector, c]
                if outer == DISPLACEMENT:
                    for c in range(dimension):
                        scratch[vector, c] = scratch[0, c] - scratch[steps, c]
                elif outer != FIRST_ORDER:
                    for h in range(steps):
                        j = steps - 1 - h
                        for c in range(dimension):
                            scratch[work, c] = 0.0
                        if outer == EXACT and hessian_law != NONE and not minibatch:
                            # a diagonal matrix of independent entries disturbs the Hessian
                            add_noise(
                                hessian_law,
                                hessian_scale,
                                hessian_table,
                                samples,
                                k0,
                                k1,
                                run,
                                step,
                                slot,
                                HESSIAN + h,
                                scratch,
                                work,
                            )
                            for c in range(dimension):
                                scratch[work, c] *= scratch[vector, c]
                        draws = samples if minibatch else 1
                        for call in range(draws):
                            begin, end, size = 0, count, 1.0
                            if minibatch:
                                words = block(k0, k1, run, step, slot, HESSIAN + h, call // 4)
                                begin = below(word(words, call % 4), count)
                                end, size = begin + 1, count / samples
                            if outer == EXACT:
                                add_product(
                                    rows,
                                    residuals,
                                    pieces,
                                    own,
                                    i,
                                    begin,
                                    end,
                                    scratch,
                                    j,
                                    scratch,
                                    vector,
                                    size,
                                    scratch,
                                    work,
                                )
                            else:
                                # both ends of a difference see the same data, in which additive noise cancels
                                for side in range(2):
                                    sign = 1.0 - 2.0 * side
                                    for c in range(dimension):
                                        scratch[shifted, c] = scratch[j, c] + sign * spacing * scratch[vector, c]
                                    part = sign * size / (2.0 * spacing)
                                    add_gradient(
                                        rows, residuals, pieces, own, i, begin, end, scratch, shifted, part, scratch, work
                                    )
                        for c in range(dimension):
                            scratch[vector, c] -= rates[j] * scratch[work, c]
                for c in range(dimension):
                    scratch[total, c] += scratch[vector, c]
            length = step_sizes[r] / batch
            for c in range(dimension):
                theta[r, c] -= length * scratch[total, c]


@compiled
def test(
    terms: Any,
    cumulative: Array,
    noise: Any,
    calls: int,
    key: Array,
    runs: Array,
    step_sizes: Array,
    horizons: Array,
    theta: Array,
    risks: Array,
    sums: Array,
) -> None:
    """Stochastic gradient descent on one fresh task per run, the same for all trajectories of a run.

    Parameters
    ----------
    terms, cumulative, calls, key, runs, step_sizes
        As for :func:`train`.
    noise : Noise
        Of gradients.
    horizons : array of int (h,)
        Increasing numbers of steps after which to look.
    theta : array (trajectories, p)
        Where to start; overwritten.
    risks, sums : array (trajectories, h)
        Receive the task's risk and the sum of its squared gradients over the steps before.
    """
    rows, residuals, pieces, own = terms
    law, scale, table = noise
    k0, k1 = key[0], key[1]
    dimension, count = theta.shape[1], rows.shape[1]
    work = np.empty((2, dimension))
    for r in range(theta.shape[0]):
        run = runs[r]
        i = draw_task(cumulative, k0, k1, run, 0, 0, FRESH_TASK)
        total, step = 0.0, 0
        for h in range(horizons.shape[0]):
            while step < horizons[h]:
                for c in range(dimension):
                    work[0, c] = 0.0
                    work[1, c] = 0.0
                add_gradient(rows, residuals, pieces, own, i, 0, count, theta, r, 1.0, work, 0)
                for c in range(dimension):
                    total += work[0, c] * work[0, c]
                if law == MINIBATCH:
                    for c in range(dimension):
                        work[0, c] = 0.0
                    for call in range(calls):
                        words = block(k0, k1, run, step, 0, TEST, call // 4)
                        begin = below(word(words, call % 4), count)
                        add_gradient(rows, residuals, pieces, own, i, begin, begin + 1, theta, r, count / calls, work, 0)
                elif law != NONE:
                    add_noise(law, scale, table, calls, k0, k1, run, step, 0, TEST, work, 1)
                for c in range(dimension):
                    theta[r, c] -= step_sizes[r] * (work[0, c] + work[1, c])
                step += 1
            risks[r, h] = task_value(rows, residuals, pieces, own, i, theta, r)
            sums[r, h] = total
