"""Decision processes with policies, and regulators with stabilising gains, valid for every vector of codes.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["decision_processes"].decode(Codes(np.zeros((1, 99), int), 2, exact=True), {n: 1, states: 1, actions: 2})
>>> made.weights.tolist(), made.transitions.tolist()
([[[[Fraction(1, 1), Fraction(1, 1)]]]], [[[[[Fraction(0, 1)], [Fraction(0, 1)]]]]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Range

from theory.notation import actions, inputs, logit_gap, majority, n, p, states
from verify.instances.codes import Array, Codes, Values
from verify.instances.family import Family


@dataclass
class Processes:
    """A batch of n decision processes each, with the policies and directions that claims speak of.

    Attributes
    ----------
    probabilities : array (batch, n)
        Of the tasks.
    transitions, rewards, start : array (batch, n, S, A, S), (batch, n, S, A), (batch, n, S)
        Rewards are in [0, 1]; every first state has a positive probability.
    weights, others : array (batch, n, S, A)
        exp(logit) of a policy and of another one, the same for all tasks.
    compared : integer array (batch, S)
        Actions of a policy that chooses for sure.
    direction : array (batch, S, A)
        Of the logits.
    """

    probabilities: Array
    transitions: Array
    rewards: Array
    start: Array
    weights: Array
    others: Array
    compared: NDArray[np.int64]
    direction: Array


def _processes(codes: Codes, values: Values) -> Processes:
    tasks, count, choices = values[n], values[states], values[actions]
    rewards = codes.unit(tasks, count, choices)
    weights, others = (np.repeat(codes.weights(1, count, choices), tasks, axis=1) for _ in range(2))
    direction = 1 - 2 * codes.unit(count, choices)
    compared = codes.integers(count, most=choices - 1)
    start = codes.weights(tasks, count)
    # sticks are broken off one after the other, so that rows reach every point of the simplex; what is left ends the episode
    parts = codes.unit(tasks, count, choices, count)
    left, moves = 1 + 0 * parts[..., 0], []
    for follower in range(count):
        moves.append(left * parts[..., follower])
        left = left - moves[-1]
    return Processes(
        codes.probabilities(tasks),
        np.stack(moves, axis=-1),
        rewards,
        start / start.sum(axis=-1, keepdims=True),
        weights,
        others,
        compared,
        direction,
    )


@dataclass
class Gains:
    """A batch of regulators with two stabilising gains.

    Attributes
    ----------
    dynamics, controls, root, price : array
        A (batch, p, p), B (batch, p, q), a square root of Q (batch, p, p), and r of R = r I (batch, 1).
    gain, other : array (batch, q, p)
        Gains under which every row of A - B K sums to less than one in absolute value.
    """

    dynamics: Array
    controls: Array
    root: Array
    price: Array
    gain: Array
    other: Array


def _regulators(codes: Codes, values: Values) -> Gains:
    order, count = values[p], values[inputs]

    def signed(*shape: int) -> Array:
        return np.asarray(1 - 2 * codes.unit(*shape))

    # closed loops first: half of the room below one is the gain's, half is the way to the other's
    closed = codes.ratio(10, 22 * order) * signed(order, order)
    way = codes.ratio(10, 22 * order * count) * signed(count, order)
    controls, gain, root = signed(order, count), signed(count, order), signed(order, order)
    return Gains(closed + controls @ gain, controls, root, codes.positive(1), gain, gain + way)


#: families of this topic by name
FAMILIES = {
    family.name: family
    for family in (
        Family(
            "decision_processes",
            "tabular decision processes with softmax policies",
            _processes,
            {n: Range(1, 4), states: Range(1, 4), actions: Range(2, 4)},
        ),
        Family(
            "regulators",
            "linear quadratic regulators with stabilising gains",
            _regulators,
            {p: Range(1, 3), inputs: Range(1, 3)},
        ),
        Family("two_arms", "the pair of two-armed tasks", lambda codes, values: None, needs=(majority, logit_gap)),
    )
}
