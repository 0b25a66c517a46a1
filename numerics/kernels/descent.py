"""Stochastic training and testing of many runs, from the noise to the updated parameter in one loop.

Every update averages the outer steps of `batch` tasks.  An outer step asks its oracle for the mean of several calls at a time;
request number g for a gradient uses the bits of place g, request h for a Hessian those of place HESSIAN + h, so that the same
steps taken by numpy, see :mod:`numerics.smooth.perturbed`, meet the same noise.

Trajectories are taken in groups, of which every task slot is a lane (:mod:`numerics.kernels.lanes`): lanes go through an update
together, and the noise of several updates is drawn at once, for each run only once whatever the number of its step sizes.
No lane's arithmetic depends on another's, so that bits do not depend on the grouping.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.lanes import WORK, gather
from numerics.kernels.outer_steps import DISPLACEMENT, EXACT, outer_steps
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
from numerics.kernels.terms import add_gradient, task_value
from numerics.kernels.variates import fill_choices, fill_variates

Array = NDArray[Any]

#: lanes that go through an update together, where there are as many, and places whose noise is drawn at once
LANES, ENTRIES = 128, 512


@compiled
def add_squared_means(
    terms: Any,
    kinds: Array,
    weights: Array,
    exact: Any,
    key: Array,
    theta: Array,
    first: int,
    last: int,
    room: Any,
    sums: Array,
) -> None:
    """Add |E outer step|^2 over all tasks, without noise, at theta[first : last]; `room` is what the lanes need."""
    tasks, coefficients, where, scratch, work, one, silent, source = room
    p, number, width = theta.shape[1], weights.shape[0], last - first
    for n in range(number):
        for t in range(width):
            for c in range(p):
                scratch[c, n * width + t] = theta[first + t, c]
    lanes = number * width
    told = (False, False, False, silent, source, 0)
    at = outer_steps(terms, kinds, coefficients, tasks[:lanes], exact, told, key, where, scratch, work, one)
    for t in range(width):
        total = 0.0
        for c in range(p):
            mean = 0.0
            for n in range(number):
                mean += weights[n] * scratch[at + c, n * width + t]
            total += mean * mean
        sums[first + t] += total


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
        Number of the run of each trajectory: trajectories of one run, which are neighbours, meet the same tasks and noise.
    step_sizes : array (trajectories,)
        eta.
    first, last : int
        Range of updates.
    theta : array (trajectories, p)
        Parameters, updated in place.
    sums : array (trajectories,)
        Receives the sums.
    """
    rows = terms.rows
    noise, hessian_noise = noises
    exact, watching = watched
    steps, p, number, batch = algorithm.rates.shape[0], theta.shape[1], weights.shape[0], algorithm.batch
    minibatch = noise.law == MINIBATCH
    noisy = noise.law != NONE and not minibatch
    bent = hessian_noise.law != NONE and not minibatch and algorithm.outer == EXACT
    asked = steps + (0 if algorithm.outer == DISPLACEMENT else 1)
    kinds = rows[0, :, 0].copy()
    width = min(theta.shape[0], max(1, LANES // batch))
    lanes = width * batch
    period = max(1, ENTRIES // lanes)
    scratch, work, one = np.empty(((steps + 5) * p, lanes)), np.empty((WORK, lanes)), np.empty((3, p))
    coefficients, tasks = np.empty((rows.shape[1], rows.shape[2], lanes)), np.empty(lanes, np.int64)
    source, place = np.empty(lanes, np.int64), np.empty((3, lanes), np.uint64)
    entries = period * lanes
    choices, where, words = np.empty(entries, np.int64), np.empty((3, entries), np.uint64), np.empty((4, entries), np.uint64)
    variates, normal = np.empty(((asked + steps) * p if noisy or bent else 1, entries)), np.empty((2, entries))
    silent = np.empty((1, 1))
    watcher = number * width if watching else 1
    room = (
        np.empty(watcher, np.int64),
        np.empty((rows.shape[1], rows.shape[2], watcher)),
        place,
        np.empty(((exact.rates.shape[0] + 5) * p, watcher)),
        np.empty((WORK, watcher)),
        one,
        silent,
        source,
    )
    for left in range(0, theta.shape[0], width):
        right = min(left + width, theta.shape[0])
        group = right - left
        # how many runs the group has, and which of them each lane belongs to
        distinct = 1
        for t in range(group):
            if t > 0 and runs[left + t] != runs[left + t - 1]:
                distinct += 1
            for slot in range(batch):
                source[slot * group + t] = distinct - 1
        for slot in range(batch):
            for t in range(group):
                source[slot * group + t] += slot * distinct
        block_size = distinct * batch
        if watching:
            for n in range(number):
                for t in range(group):
                    room[0][n * group + t] = n
            gather(rows, room[0], room[1], number * group)
        begin = first
        while begin < last:
            end = min(begin + period, last)
            count = (end - begin) * block_size
            for step in range(begin, end):
                for slot in range(batch):
                    at = (step - begin) * block_size + slot * distinct
                    for t in range(group):
                        if t == 0 or runs[left + t] != runs[left + t - 1]:
                            where[0, at], where[1, at], where[2, at] = runs[left + t], step, slot
                            at += 1
            fill_choices(cumulative, key, where, TASK, words, choices, count)
            if noisy:
                for j in range(asked):
                    fill_variates(noise, algorithm.calls, p, key, where, j, words, normal, variates, j * p, count)
            if bent:
                for h in range(steps):
                    row = (asked + h) * p
                    fill_variates(
                        hessian_noise, algorithm.samples, p, key, where, HESSIAN + h, words, normal, variates, row, count
                    )  # fmt: skip
            for step in range(begin, end):
                if watching:
                    add_squared_means(terms, kinds, weights, exact, key, theta, left, right, room, sums)
                shift = (step - begin) * block_size
                its = group * batch
                for i in range(its):
                    tasks[i] = choices[shift + source[i]]
                if minibatch:
                    for i in range(its):
                        for w in range(3):
                            place[w, i] = where[w, shift + source[i]]
                else:
                    gather(rows, tasks, coefficients, its)
                for slot in range(batch):
                    for c in range(p):
                        for t in range(group):
                            scratch[c, slot * group + t] = theta[left + t, c]
                told = (minibatch, noisy, bent, variates, source, shift)
                row = outer_steps(
                    terms, kinds, coefficients, tasks[:its], algorithm, told, key, place, scratch, work, one
                )  # fmt: skip
                for c in range(p):
                    for slot in range(1, batch):
                        for t in range(group):
                            scratch[row + c, t] += scratch[row + c, slot * group + t]
                    for t in range(group):
                        theta[left + t, c] -= step_sizes[left + t] / batch * scratch[row + c, t]
            begin = end


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
