"""Stochastic training against the same algorithm in jitted jax, and against its oracle calls alone.

Both run MAML's update for many runs at once with Gaussian noise: jax by `lax.scan` over updates of a `vmap` over runs,
numerics by its compiled loop.  The oracle calls alone are the gradients, the Hessian--vector products and the noise that
the updates ask for, computed on fixed points in the compiled kernels that the loop calls.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

import numerics as nx
from benchmarks.machine import confined, description, interleaved
from benchmarks.table import Table
from numerics.chunks import mapped, partition
from numerics.kernels.descent import LANES
from numerics.kernels.lanes import WORK, add_gradients, add_products, gather
from numerics.kernels.streams import TASK
from numerics.kernels.variates import fill_choices, fill_variates

#: (tasks an update, runs, updates)
SIZES = ((1, 512, 1000), (5, 256, 500), (20, 128, 250))
ALPHA, ETA, VARIANCE = 0.3, 0.05, 0.5


def risks() -> nx.Sines:
    """Sixteen sines in two dimensions."""
    rng = np.random.default_rng(0)
    return nx.Sines(np.full(16, 1 / 16), 1.0, rng.standard_normal((16, 2)), rng.uniform(0, 6.28, 16))


def by_jax(losses: nx.Sines, batch: int, runs: int, updates: int) -> Callable[[], np.ndarray]:
    """The same algorithm in float64 jax, jitted."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        sys.exit("The benchmark compares with jax, which is not installed; install the extra: pip install -e '.[bench]'.")
    jax.config.update("jax_enable_x64", True)
    w, phases = jnp.asarray(losses.directions[:, 0, 0]), jnp.asarray(losses.offsets[:, 0, 0])
    scale = np.sqrt(VARIANCE / 2)

    def risk(point: Any, task: Any) -> Any:
        return 0.5 * (1 + jnp.sin(w[task] @ point + phases[task]))

    gradient = jax.grad(risk)

    def outer(point: Any, task: Any, noises: Any) -> Any:
        adapted = point - ALPHA * (gradient(point, task) + scale * noises[0])
        step = gradient(adapted, task) + scale * noises[1]
        return step - ALPHA * jax.jvp(lambda z: gradient(z, task), (point,), (step,))[1]

    def run(key: Any) -> Any:
        def update(point: Any, its_key: Any) -> Any:
            first, second = jax.random.split(its_key)
            tasks = jax.random.randint(first, (batch,), 0, 16)
            noises = jax.random.normal(second, (batch, 2, 2))
            moves = jax.vmap(outer, (None, 0, 0))(point, tasks, noises)
            return point - ETA * moves.mean(axis=0), None

        return jax.lax.scan(update, jnp.zeros(2), jax.random.split(key, updates))[0]

    compiled = jax.jit(jax.vmap(run))
    keys = jax.random.split(jax.random.key(0), runs)
    return lambda: np.asarray(compiled(keys).block_until_ready())


@njit(nogil=True, error_model="numpy")
def _calls(terms: Any, cumulative: Any, noise: Any, key: Any, runs: Any, updates: int, batch: int, out: Any) -> None:
    rows, lanes = terms.rows, batch * runs.shape[0]
    kinds, shape = rows[0, :, 0].copy(), (1, 0, 2)
    coefficients, tasks = np.empty((rows.shape[1], rows.shape[2], lanes)), np.empty(lanes, np.int64)
    scratch, work = np.zeros((8, lanes)), np.empty((WORK, lanes))
    where, words, normal = np.empty((3, lanes), np.uint64), np.empty((4, lanes), np.uint64), np.empty((2, lanes))
    for i in range(lanes):
        where[0, i], where[2, i] = runs[i % runs.shape[0]], i // runs.shape[0]
    for step in range(updates):
        for i in range(lanes):
            where[1, i] = step
        fill_choices(cumulative, key, where, TASK, words, tasks, lanes)
        gather(rows, tasks, coefficients, lanes)
        for j in range(2):
            fill_variates(noise, 1, 2, key, where, j, words, normal, scratch, 2, lanes)
            add_gradients(coefficients, kinds, shape, terms.own, scratch, 0, 1.0, 4, work, lanes)
        add_products(coefficients, kinds, shape, terms.own, scratch, 0, 2, 6, work, lanes)
    out[:] = scratch[4, : runs.shape[0]]


def calls_alone(losses: nx.Sines, batch: int, runs: int, updates: int, threads: int) -> Callable[[], object]:
    """Two gradients with noise and a product per task, on points that stay, as many at a time as the loop takes."""
    terms, noise = losses.arrays(), nx.Gaussian(VARIANCE).noise(2)
    cumulative, key, out = np.cumsum(losses.weights)[None, :], np.array([1, 2], np.uint64), np.empty(runs)
    numbers = np.arange(runs, dtype=np.uint64)

    def work(part: slice) -> None:
        _calls(terms, cumulative, noise, key, numbers[part], updates, batch, out[part])

    return lambda: list(mapped(work, partition(runs, max(1, LANES // batch)), threads, streamed=True))


def measure(threads: int, rounds: int) -> Table:
    """Time all sizes on `threads` threads."""
    losses, rows = risks(), []
    for batch, runs, updates in SIZES:
        algorithm = nx.Sampling(nx.MAML(ALPHA), nx.Oracle(nx.Gaussian(VARIANCE)), batch=batch)

        def ours(algorithm: nx.Sampling = algorithm, runs: int = runs, updates: int = updates) -> np.ndarray:
            return nx.meta_train(losses, algorithm, [0.0, 0.0], updates=updates, rates=ETA, runs=runs, workers=threads).theta

        theirs = by_jax(losses, batch, runs, updates)
        means, errors = zip(*((x.reshape(runs, 2).mean(0), x.reshape(runs, 2).std(0)) for x in (ours(), theirs())), strict=True)
        gap = np.abs(means[0] - means[1]) / np.sqrt((errors[0] ** 2 + errors[1] ** 2) / runs)
        if gap.max() > 5:
            sys.exit(f"the two programs end {gap.max():.1f} standard errors apart, so that their times say nothing")
        alone = calls_alone(losses, batch, runs, updates, threads)
        best = interleaved(rounds, {"ours": ours, "jax": theirs, "alone": alone})
        total = runs * updates
        rows.append(
            (
                str(batch),
                str(runs),
                str(updates),
                f"{total / best['ours'] / 1e6:.2f}",
                f"{total / best['jax'] / 1e6:.2f}",
                f"{best['jax'] / best['ours']:.1f}",
                f"{best['ours'] / best['alone']:.2f}",
            )
        )
    return Table(
        "Stochastic training of MAML on sines",
        (
            f"Best of {rounds} rounds in which all take turns, on {threads} threads of {description()}. Millions of updates a "
            "second; both programs draw their tasks and noise as they go. The oracle calls alone are two gradients, a product, "
            "drawn tasks and the noise, by the kernels of the loop and for as many lanes at a time.",
        ),
        ("M", "runs", "updates", "numerics", "jax", "jax / numerics", "numerics / calls alone"),
        tuple(rows),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.descent", description=__doc__)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads for everything timed")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which the best is taken")
    options = parser.parse_args()
    with confined(options.threads):
        print(measure(options.threads, options.rounds).markdown())


if __name__ == "__main__":
    main()
