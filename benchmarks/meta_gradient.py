"""Exact meta-gradients of tabular tasks against jitted automatic differentiation and against their linear solves alone.

The tasks are all goals of a grid, the policy is random.  jax solves its linear systems by LAPACK and is differentiated in
reverse over a vmap of tasks.  The solves alone are those that the derivation needs, by NumPy's batched LAPACK: at each of the
k + 1 policies values and visits, and one right side more of each kind for each of the k Hessian--vector products.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.machine import confined, description, interleaved
from benchmarks.table import Table
from numerics.reinforcement import DecisionProcesses, goals_on_grid

#: (rows of the grid, inner steps)
SIZES = ((5, 0), (5, 1), (5, 3), (10, 0), (10, 1))
RATE = 10.0


def by_autodiff(tasks: DecisionProcesses, steps: int, logits: np.ndarray) -> Callable[[], np.ndarray]:
    """The same meta-gradients in float64 jax: the return after k gradient steps, differentiated, a vmap of tasks, jitted."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        sys.exit("The benchmark compares with jax, which is not installed; install the extra: pip install -e '.[bench]'.")
    jax.config.update("jax_enable_x64", True)
    identity = jnp.eye(tasks.states)

    def value(table: Any, moves: Any, rewards: Any, start: Any) -> Any:
        policy = jax.nn.softmax(table, axis=-1)
        system = identity - tasks.discount * jnp.einsum("sa,sat->st", policy, moves)
        return start @ jnp.linalg.solve(system, (policy * rewards).sum(-1))

    def adapted(table: Any, moves: Any, rewards: Any, start: Any) -> Any:
        for _ in range(steps):
            table = table + RATE * jax.grad(value)(table, moves, rewards, start)
        return value(table, moves, rewards, start)

    compiled = jax.jit(jax.vmap(jax.grad(adapted), (None, 0, 0, 0)))
    arrays = [jnp.asarray(array) for array in (logits, tasks.transitions, tasks.rewards, tasks.start)]
    return lambda: np.asarray(compiled(*arrays).block_until_ready())


def solves(tasks: DecisionProcesses, steps: int, logits: np.ndarray) -> Callable[[], None]:
    """The linear systems alone, each batched over tasks: values and visits at every policy, two more for every product."""
    policies = tasks.evaluation(logits).policies
    systems = np.eye(tasks.states) - tasks.discount * np.einsum("nsa,nsat->nst", policies, tasks.transitions)
    turned = np.ascontiguousarray(systems.transpose(0, 2, 1))
    one, two = (np.ones((tasks.number, tasks.states, count)) for count in (1, 2))

    def run() -> None:
        for point in range(steps + 1):
            # a product's right side is known only after the adjoint has come back: solved together here, in our disfavour
            right = two if point < steps else one
            np.linalg.solve(systems, right)
            np.linalg.solve(turned, right)

    return run


def measure(threads: int, rounds: int) -> Table:
    """Time all sizes on `threads` threads."""
    rows = []
    for size, steps in SIZES:
        tasks = goals_on_grid(size, range(size * size))
        logits = np.random.default_rng(1).standard_normal((tasks.states, tasks.actions))
        rates = [RATE] * steps
        differentiate = by_autodiff(tasks, steps, logits)
        ours = tasks.meta_gradients(logits, rates, workers=threads)[1]
        gap = np.abs(ours - differentiate()).max() / np.abs(ours).max()
        if gap > 1e-9:
            sys.exit(f"the meta-gradients differ by {gap:.1e} on the grid of {size} rows, so that their times say nothing")

        def run(tasks: DecisionProcesses = tasks, logits: np.ndarray = logits, rates: list[float] = rates) -> object:
            return tasks.meta_gradients(logits, rates, workers=threads)

        best = interleaved(rounds, {"ours": run, "jax": differentiate, "solves": solves(tasks, steps, logits)})
        rows.append(
            (
                f"{size} x {size}",
                str(tasks.number),
                str(steps),
                f"{1e3 * best['ours']:.3f}",
                f"{1e3 * best['jax']:.3f}",
                f"{1e3 * best['solves']:.3f}",
                f"{tasks.number / best['ours']:,.0f}",
                f"{best['jax'] / best['ours']:.1f}",
                f"{best['solves'] / best['ours']:.1f}",
            )
        )
    return Table(
        "Exact meta-gradients of softmax policies",
        (
            f"Milliseconds, best of {rounds} rounds in which all take turns, on {threads} threads of {description()}. jax is "
            "jitted float64 reverse mode over a vmap of tasks; the solves are the linear systems of the derivation alone, by "
            "NumPy's batched LAPACK. Ours factorises only where the grid's matrices can be non-zero, eight tasks at a time.",
        ),
        ("grid", "tasks", "k", "numerics", "jax", "solves", "tasks a second", "jax / numerics", "solves / numerics"),
        tuple(rows),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.meta_gradient", description=__doc__)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads for everything timed")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of which the best is taken")
    options = parser.parse_args()
    with confined(options.threads):
        print(measure(options.threads, options.rounds).markdown())


if __name__ == "__main__":
    main()
