"""Instances of decision processes as both sides see them: a family of doubles, and processes in rationals."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.reinforcement import DecisionProcesses
from theory import policy_curvature as exactly
from theory.decision_processes import DecisionProcess
from theory.notation import discount as _DISCOUNT
from verify.arithmetic.enclosure import Exact
from verify.instances.batch import Batch
from verify.instances.codes import Array


def processes(batch: Batch) -> DecisionProcesses:
    """All tasks of the batch.  Discounts differ between instances: what is below the largest is moved into the transitions."""

    def made() -> DecisionProcesses:
        tasks = batch.tasks
        count, number, states, choices = tasks.rewards.shape
        discounts = np.broadcast_to(shared_discount(batch), (count, 1)).astype(float)
        largest = float(discounts.max())
        shares = discounts / largest if largest > 0 else discounts
        moves = tasks.transitions * shares[:, :, None, None, None]
        # to see the condition of an instance its numbers are moved, off the simplex too
        moves = moves / np.maximum(moves.sum(axis=-1, keepdims=True), 1)
        start = tasks.start / tasks.start.sum(axis=-1, keepdims=True)
        return DecisionProcesses(
            moves.reshape(count * number, states, choices, states),
            tasks.rewards.reshape(count * number, states, choices),
            start.reshape(count * number, states),
            min(largest, float(np.nextafter(1, 0))),
        )

    found: DecisionProcesses = batch.remembered("decision processes", made)
    return found


def shared_discount(batch: Batch) -> Any:
    """The discount, 0 where a claim about single states declares none."""
    return batch.values.get(_DISCOUNT, 0)


def adapted_logits(batch: Batch, rate: Any, field: str = "weights") -> Array:
    """Each task's logits after an inner step of the rate, (batch * n, S, A)."""
    weights = getattr(batch.tasks, field)
    steps = batch.number(rate)

    def made() -> Array:
        logits = np.log(weights.reshape(-1, *weights.shape[2:]))
        if np.all(np.asarray(steps) == 0):
            return logits
        sizes = np.repeat(np.broadcast_to(steps, (len(weights), 1)).astype(float), weights.shape[1], axis=0)
        return np.asarray(logits + sizes[..., None] * processes(batch).gradients(logits, workers=1))

    return np.asarray(batch.remembered(("logits", str(rate), field), made))


def evaluated(batch: Batch, rate: Any, field: str = "weights") -> Any:
    """Values, visits, policies and advantages of the adapted policies, all tasks of the batch."""
    key = ("evaluated", str(rate), field)
    return batch.remembered(key, lambda: processes(batch).evaluation(adapted_logits(batch, rate, field), workers=1))


def returns_after(batch: Batch, rate: Any, field: str = "weights") -> Array:
    """Returns of the adapted policies, (batch * n,)."""
    values = evaluated(batch, rate, field).values
    return np.asarray(np.einsum("ns,ns->n", processes(batch).start, values))


def mean_over_tasks(batch: Batch, values: Array) -> Array:
    """Mean over an instance's tasks of values (batch * n, ...)."""
    chances = batch.tasks.probabilities
    return np.asarray(np.einsum("bn,bn...->b...", chances, values.reshape(*chances.shape, *values.shape[1:])))


def column(values: Array) -> Array:
    """Numbers of a batch as a column."""
    return np.asarray(values, dtype=float)[:, None]


def compared_actions(batch: Batch) -> tuple[Array, Array]:
    """Visits and values of the first task's policy that takes the compared actions."""

    def made() -> tuple[Array, Array]:
        tasks, chosen = processes(batch), np.repeat(batch.tasks.compared, batch.tasks.probabilities.shape[1], axis=0)
        rows = np.arange(tasks.number)[:, None], np.arange(tasks.states)[None]
        system = np.eye(tasks.states) - tasks.discount * tasks.transitions[(*rows, chosen)]
        values = np.linalg.solve(system, tasks.rewards[(*rows, chosen)][..., None])[..., 0]
        return np.linalg.solve(np.swapaxes(system, 1, 2), tasks.start[..., None])[..., 0], values

    found: tuple[Array, Array] = batch.remembered("compared", made)
    return found


def exact_process(instance: Batch, task: int = 0) -> DecisionProcess:
    """A task of an instance in rationals."""

    def made() -> DecisionProcess:
        tasks, discount = instance.tasks, np.ravel(np.asarray(shared_discount(instance), dtype=object))[0]
        moves, rewards, start = (getattr(tasks, name)[0, task].tolist() for name in ("transitions", "rewards", "start"))
        return DecisionProcess(moves, rewards, start, Fraction(discount))

    found: DecisionProcess = instance.remembered(("decision process", task), made)
    return found


def exact_weights(instance: Batch, rate: Any, task: int = 0, field: str = "weights") -> list[list[Fraction]]:
    """A task's weights, exponentials of logits, after an inner step of the rate."""
    step = as_fraction(instance.rational(rate))
    table = getattr(instance.tasks, field)[0, task].tolist()
    key = ("adapted weights", step, task, field)
    found: list[list[Fraction]] = instance.remembered(
        key, lambda: exactly.adapted_weights(exact_process(instance, task), table, step)
    )
    return found


def as_fraction(value: Any) -> Fraction:
    """A whole or a rational number of sympy as a fraction."""
    return Fraction(int(value)) if isinstance(value, int) else Fraction(int(value.p), int(value.q))


def exact_mean(instance: Batch, value: Callable[[int], Fraction]) -> list[Exact]:
    """Mean over an instance's tasks of what `value` says of each."""
    chances = instance.tasks.probabilities[0]
    return [sum((chance * value(task) for task, chance in enumerate(chances)), Fraction(0))]


def exact_psi(process: DecisionProcess, weights: Any, others: Any) -> list[list[Fraction]]:
    """psi with its rows centred."""
    policy, other = process.policy(weights), process.policy(others)
    visits = zip(process.visits(other), process.visits(policy), policy, other, strict=True)
    rows = [[new * b / (old * a) for a, b in zip(own, their, strict=True)] for new, old, own, their in visits]
    return [[entry - sum(row, Fraction(0)) / len(row) for entry in row] for row in rows]


def exact_policy(instance: Batch, rate: Any) -> Any:
    """The first task's policy after an inner step of the rate."""
    return exact_process(instance).policy(exact_weights(instance, rate))


def return_scale(batch: Batch, **_: Any) -> Array:
    """Differences of returns lose digits relative to the returns."""
    return np.ones((len(batch.tasks.probabilities), 1)) / (1 - np.asarray(shared_discount(batch), dtype=float)) ** 2
