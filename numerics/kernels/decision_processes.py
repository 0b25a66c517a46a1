r"""Returns of softmax policies in tabular decision processes, their derivatives and meta-gradients, eight tasks at a time.

With :math:`M=(I-\gamma P_\pi)^{-1}` the values are :math:`V=Mr_\pi`, the discounted visits :math:`d^\top=\mu^\top M`, and the
gradient of :math:`J=\mu^\top V` in the logits is :math:`d(s)\pi(a|s)A(s,a)`.  Its derivative along a direction, the
Hessian--vector product, takes one more solve with the matrix and one with its transpose,

.. math:: V'=M\Bigl(\sum_a\pi'Q\Bigr),\qquad d'^\top=\gamma d^\top P'M,\qquad Q'=\gamma PV'.

One elimination of :math:`I-\gamma P_\pi` therefore serves everything at a policy.  It needs no exchange of rows, because the
matrix has a dominant diagonal in every row, and it visits only entries that are not zero in some task or become so on the way:
on a grid numbered by rows a band.  Those places are found once a family (:func:`numerics.reinforcement.patterns.pattern`).

The last axis of every array is the task within a block of :data:`LANES`, so that each operation on one entry is a vector
instruction or two over the tasks.  Blocks are filled up with tasks of no transition, no reward and no weight.  A state--action
pair has the number ``s * actions + a``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

#: tasks worked on together
LANES = 8

#: what takes a gradient back through an inner step: the Hessian, the part of it that the likelihood-ratio surrogate with frozen
#: advantages keeps, the curvature of the log-likelihood of returns without a baseline, or nothing
EXACT, LIKELIHOOD_RATIO, LOG_LIKELIHOOD, FIRST_ORDER = 0, 1, 2, 3


class Pattern(NamedTuple):
    """Which entries may differ from zero.

    Parameters
    ----------
    starts, successors : (states * actions + 1,) and (transitions,) arrays
        The states that follow on a pair are ``successors[starts[pair]:starts[pair + 1]]``.
    slots : (states, states) array
        Where an entry of the eliminated matrix is stored.
    below_starts, below : (states + 1,) and (entries,) arrays
        Rows below the diagonal with an entry in a column.
    right_starts, right : (states + 1,) and (entries,) arrays
        Columns right of the diagonal with an entry in a row.
    """

    starts: Whole
    successors: Whole
    slots: Whole
    below_starts: Whole
    below: Whole
    right_starts: Whole
    right: Whole


class Workspace(NamedTuple):
    """What is known of one block of tasks at its policies; the last axis are the lanes."""

    policy: Real
    factor: Real
    values: Real
    visits: Real
    advantages: Real


@compiled
def workspaces(pattern: Pattern, pairs: int, number: int) -> Workspace:
    """Room for one block at each of `number` policies, the first axis."""
    states = pattern.slots.shape[0]
    entries = pattern.below.shape[0] + pattern.right.shape[0] + states
    return Workspace(
        np.empty((number, pairs, LANES)),
        np.empty((number, entries, LANES)),
        np.empty((number, states, LANES)),
        np.empty((number, states, LANES)),
        np.empty((number, pairs, LANES)),
    )


@compiled
def _at(rooms: Workspace, index: int) -> Workspace:
    return Workspace(
        rooms.policy[index], rooms.factor[index], rooms.values[index], rooms.visits[index], rooms.advantages[index]
    )


@compiled
def softmax(logits: Real, actions: int, policy: Real) -> None:
    """Probabilities of actions, for every lane of (pairs, LANES) logits."""
    largest, total = np.empty(LANES), np.empty(LANES)
    for first in range(0, logits.shape[0], actions):
        for lane in range(LANES):
            largest[lane] = logits[first, lane]
            total[lane] = 0.0
        for pair in range(first + 1, first + actions):
            for lane in range(LANES):
                largest[lane] = max(largest[lane], logits[pair, lane])
        for pair in range(first, first + actions):
            for lane in range(LANES):
                policy[pair, lane] = math.exp(logits[pair, lane] - largest[lane])
            for lane in range(LANES):
                total[lane] += policy[pair, lane]
        for lane in range(LANES):
            total[lane] = 1.0 / total[lane]
        for pair in range(first, first + actions):
            for lane in range(LANES):
                policy[pair, lane] *= total[lane]


@compiled
def _eliminate(pattern: Pattern, discounted: Real, actions: int, policy: Real, factor: Real) -> None:
    """factor <- L and U of I - gamma P_pi, with the reciprocals of the pivots on the diagonal."""
    slots = pattern.slots
    states = slots.shape[0]
    for slot in range(factor.shape[0]):
        for lane in range(LANES):
            factor[slot, lane] = 0.0
    for s in range(states):
        diagonal = slots[s, s]
        for lane in range(LANES):
            factor[diagonal, lane] += 1.0
        for pair in range(s * actions, (s + 1) * actions):
            for entry in range(pattern.starts[pair], pattern.starts[pair + 1]):
                slot = slots[s, pattern.successors[entry]]
                for lane in range(LANES):
                    factor[slot, lane] -= policy[pair, lane] * discounted[entry, lane]
    for k in range(states):
        diagonal = slots[k, k]
        for lane in range(LANES):
            factor[diagonal, lane] = 1.0 / factor[diagonal, lane]
        for row in range(pattern.below_starts[k], pattern.below_starts[k + 1]):
            i = pattern.below[row]
            scale = slots[i, k]
            for lane in range(LANES):
                factor[scale, lane] *= factor[diagonal, lane]
            for column in range(pattern.right_starts[k], pattern.right_starts[k + 1]):
                j = pattern.right[column]
                target, source = slots[i, j], slots[k, j]
                for lane in range(LANES):
                    factor[target, lane] -= factor[scale, lane] * factor[source, lane]


@compiled
def _solve(pattern: Pattern, factor: Real, x: Real) -> None:
    """x <- M x."""
    slots = pattern.slots
    states = x.shape[0]
    for k in range(states):
        for row in range(pattern.below_starts[k], pattern.below_starts[k + 1]):
            i = pattern.below[row]
            slot = slots[i, k]
            for lane in range(LANES):
                x[i, lane] -= factor[slot, lane] * x[k, lane]
    for k in range(states - 1, -1, -1):
        for column in range(pattern.right_starts[k], pattern.right_starts[k + 1]):
            j = pattern.right[column]
            slot = slots[k, j]
            for lane in range(LANES):
                x[k, lane] -= factor[slot, lane] * x[j, lane]
        slot = slots[k, k]
        for lane in range(LANES):
            x[k, lane] *= factor[slot, lane]


@compiled
def _solve_transposed(pattern: Pattern, factor: Real, x: Real) -> None:
    """x <- M' x."""
    slots = pattern.slots
    states = x.shape[0]
    for k in range(states):
        slot = slots[k, k]
        for lane in range(LANES):
            x[k, lane] *= factor[slot, lane]
        for column in range(pattern.right_starts[k], pattern.right_starts[k + 1]):
            j = pattern.right[column]
            slot = slots[k, j]
            for lane in range(LANES):
                x[j, lane] -= factor[slot, lane] * x[k, lane]
    for k in range(states - 1, -1, -1):
        for row in range(pattern.below_starts[k], pattern.below_starts[k + 1]):
            i = pattern.below[row]
            slot = slots[i, k]
            for lane in range(LANES):
                x[k, lane] -= factor[slot, lane] * x[i, lane]


@compiled
def _following(pattern: Pattern, discounted: Real, values: Real, out: Real) -> None:
    """out <- gamma P values, for every pair."""
    for pair in range(out.shape[0]):
        for lane in range(LANES):
            out[pair, lane] = 0.0
        for entry in range(pattern.starts[pair], pattern.starts[pair + 1]):
            t = pattern.successors[entry]
            for lane in range(LANES):
                out[pair, lane] += discounted[entry, lane] * values[t, lane]


@compiled
def evaluate(pattern: Pattern, discounted: Real, rewards: Real, start: Real, actions: int, at: Workspace) -> None:
    """Values, visits and advantages of the policy in `at`, all overwritten but the policy.

    Parameters
    ----------
    pattern : Pattern
        Of the family.
    discounted : (transitions, LANES) array
        gamma P, entry by entry of the pattern.
    rewards : (pairs, LANES) array
        Expected rewards.
    start : (states, LANES) array
        Law of the first state.
    actions : int
        Number of actions.
    at : Workspace
        With the policy set.
    """
    states = start.shape[0]
    _eliminate(pattern, discounted, actions, at.policy, at.factor)
    for s in range(states):
        for lane in range(LANES):
            at.values[s, lane] = 0.0
            at.visits[s, lane] = start[s, lane]
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                at.values[s, lane] += at.policy[pair, lane] * rewards[pair, lane]
    _solve(pattern, at.factor, at.values)
    _solve_transposed(pattern, at.factor, at.visits)
    _following(pattern, discounted, at.values, at.advantages)
    for s in range(states):
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                at.advantages[pair, lane] += rewards[pair, lane] - at.values[s, lane]


@compiled
def gradient(at: Workspace, actions: int, out: Real) -> None:
    """out <- d(s) pi(a|s) A(s, a)."""
    for s in range(at.values.shape[0]):
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                out[pair, lane] = at.visits[s, lane] * at.policy[pair, lane] * at.advantages[pair, lane]


@compiled
def _tangent(at: Workspace, actions: int, vector: Real, moved: Real, mean: Real) -> None:
    """moved <- pi (v - sum_a pi v), the derivative of the policy along the vector of logits."""
    for s in range(at.values.shape[0]):
        for lane in range(LANES):
            mean[lane] = 0.0
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                mean[lane] += at.policy[pair, lane] * vector[pair, lane]
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                moved[pair, lane] = at.policy[pair, lane] * (vector[pair, lane] - mean[lane])


@compiled
def curvature_vector(
    pattern: Pattern, discounted: Real, actions: int, at: Workspace, vector: Real, kind: int, room: Workspace, out: Real
) -> None:
    """out <- the curvature of that kind, times the vector.

    Parameters
    ----------
    at : Workspace
        As :func:`evaluate` leaves it.
    vector : (pairs, LANES) array
        May be `out`.
    kind : int
        :data:`EXACT`, :data:`LIKELIHOOD_RATIO`, :data:`LOG_LIKELIHOOD` or :data:`FIRST_ORDER`.
    room : Workspace
        Scratch, overwritten.
    """
    states = at.values.shape[0]
    moved, mean = room.policy, np.empty(LANES)
    _tangent(at, actions, vector, moved, mean)
    if kind == FIRST_ORDER:
        for pair in range(out.shape[0]):
            for lane in range(LANES):
                out[pair, lane] = 0.0
        return
    if kind == LOG_LIKELIHOOD:
        for s in range(states):
            for pair in range(s * actions, (s + 1) * actions):
                for lane in range(LANES):
                    out[pair, lane] = -at.visits[s, lane] * at.values[s, lane] * moved[pair, lane]
        return
    if kind == LIKELIHOOD_RATIO:
        for s in range(states):
            for lane in range(LANES):
                mean[lane] = 0.0
            for pair in range(s * actions, (s + 1) * actions):
                for lane in range(LANES):
                    mean[lane] += moved[pair, lane] * at.advantages[pair, lane]
            for pair in range(s * actions, (s + 1) * actions):
                for lane in range(LANES):
                    found = moved[pair, lane] * at.advantages[pair, lane] - at.policy[pair, lane] * mean[lane]
                    out[pair, lane] = at.visits[s, lane] * found
        return
    values, visits, advantages = room.values, room.visits, room.advantages
    for s in range(states):
        for lane in range(LANES):
            values[s, lane] = 0.0
            visits[s, lane] = 0.0
        # sum_a pi' Q = sum_a pi' A, because a policy's derivative sums to zero
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                values[s, lane] += moved[pair, lane] * at.advantages[pair, lane]
    for s in range(states):
        for pair in range(s * actions, (s + 1) * actions):
            for entry in range(pattern.starts[pair], pattern.starts[pair + 1]):
                t = pattern.successors[entry]
                for lane in range(LANES):
                    visits[t, lane] += at.visits[s, lane] * moved[pair, lane] * discounted[entry, lane]
    _solve(pattern, at.factor, values)
    _solve_transposed(pattern, at.factor, visits)
    _following(pattern, discounted, values, advantages)
    for s in range(states):
        for pair in range(s * actions, (s + 1) * actions):
            for lane in range(LANES):
                chance = visits[s, lane] * at.policy[pair, lane] + at.visits[s, lane] * moved[pair, lane]
                change = advantages[pair, lane] - values[s, lane]
                unchanged = at.visits[s, lane] * at.policy[pair, lane]
                out[pair, lane] = chance * at.advantages[pair, lane] + unchanged * change


@compiled
def evaluations(
    pattern: Pattern, discounted: Real, rewards: Real, start: Real, logits: Real, actions: int,
    policies: Real, values: Real, visits: Real, advantages: Real,
) -> None:  # fmt: skip
    """Every block's policies, values, visits and advantages; all arrays have the blocks in front."""
    at = _at(workspaces(pattern, logits.shape[1], 1), 0)
    for block in range(logits.shape[0]):
        one = Workspace(policies[block], at.factor, values[block], visits[block], advantages[block])
        softmax(logits[block], actions, one.policy)
        evaluate(pattern, discounted[block], rewards[block], start[block], actions, one)


@compiled
def curvature_vectors(
    pattern: Pattern,
    discounted: Real,
    rewards: Real,
    start: Real,
    logits: Real,
    actions: int,
    vectors: Real,
    kind: int,
    out: Real,
) -> None:
    """Every block's curvatures at its logits, times its vectors (blocks, pairs, LANES)."""
    rooms = workspaces(pattern, logits.shape[1], 2)
    at, room = _at(rooms, 0), _at(rooms, 1)
    for block in range(logits.shape[0]):
        softmax(logits[block], actions, at.policy)
        evaluate(pattern, discounted[block], rewards[block], start[block], actions, at)
        curvature_vector(pattern, discounted[block], actions, at, vectors[block], kind, room, out[block])


@compiled
def meta_gradients(
    pattern: Pattern, discounted: Real, rewards: Real, start: Real, logits: Real, actions: int, rates: Real, kind: int,
    returns: Real, out: Real,
) -> None:  # fmt: skip
    """Returns after the inner steps from one table of logits, and their derivatives with respect to it.

    Parameters
    ----------
    logits : (pairs,) array
        Common start of the inner loops.
    rates : (k,) array
        Of the inner steps up the gradient; k = 0 is no adaptation.
    kind : int
        What takes the gradient back through an inner step, as in :func:`curvature_vector`.
    returns : (blocks, LANES) array
        Overwritten with each task's return after adaptation.
    out : (blocks, pairs, LANES) array
        Overwritten with each task's meta-gradient.
    """
    states, pairs, steps = start.shape[1], logits.shape[0], rates.shape[0]
    # each step keeps what its Hessian--vector product will need
    path = workspaces(pattern, pairs, steps + 2)
    room = _at(path, steps + 1)
    first, point, change = np.empty((pairs, LANES)), np.empty((pairs, LANES)), np.empty((pairs, LANES))
    for pair in range(pairs):
        for lane in range(LANES):
            point[pair, lane] = logits[pair]
    softmax(point, actions, first)
    for block in range(returns.shape[0]):
        for pair in range(pairs):
            for lane in range(LANES):
                point[pair, lane] = logits[pair]
                path.policy[0, pair, lane] = first[pair, lane]
        for step in range(steps):
            at = _at(path, step)
            evaluate(pattern, discounted[block], rewards[block], start[block], actions, at)
            gradient(at, actions, change)
            for pair in range(pairs):
                for lane in range(LANES):
                    point[pair, lane] += rates[step] * change[pair, lane]
            softmax(point, actions, path.policy[step + 1])
        at = _at(path, steps)
        evaluate(pattern, discounted[block], rewards[block], start[block], actions, at)
        for lane in range(LANES):
            returns[block, lane] = 0.0
        for s in range(states):
            for lane in range(LANES):
                returns[block, lane] += start[block, s, lane] * at.values[s, lane]
        gradient(at, actions, out[block])
        if kind == FIRST_ORDER:
            continue
        for step in range(steps - 1, -1, -1):
            curvature_vector(pattern, discounted[block], actions, _at(path, step), out[block], kind, room, change)
            for pair in range(pairs):
                for lane in range(LANES):
                    out[block, pair, lane] += rates[step] * change[pair, lane]
