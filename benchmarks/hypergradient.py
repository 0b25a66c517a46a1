"""The exact hypergradient of k-step MAML against jitted automatic differentiation and against the machine's floor.

The floor is the larger of two times: reading the curvatures once at the measured bandwidth, and the 2 k + 1 products of a
matrix with a vector that the recursion consists of at the measured rate of a matrix product.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

import numerics as nx
from benchmarks.machine import confined, description, interleaved, multiplier, reader
from benchmarks.table import Table
from numerics.bilevel import hypergradient

#: (dimension, tasks, inner steps)
SIZES = ((20, 10_000, 5), (200, 1_000, 5), (1_000, 100, 5))
RATE = 0.2
#: bytes that are read to measure the bandwidth, far more than caches hold
READ = 1 << 29


def tasks(dimension: int, number: int) -> nx.DiscreteTasks:
    """Random tasks with curvatures of spectrum in [0, 1], about."""
    rng = np.random.default_rng(dimension)
    hessians = np.empty((number, dimension, dimension))
    for hessian in hessians:
        factor = rng.standard_normal((dimension, dimension))
        np.matmul(factor, factor.T, out=hessian)
    hessians /= 4 * dimension
    return nx.DiscreteTasks(np.full(number, 1 / number), hessians, rng.standard_normal((number, dimension)))


def by_autodiff(law: nx.DiscreteTasks, steps: int, theta: np.ndarray) -> Callable[[], np.ndarray]:
    """The same hypergradient in float64 jax: the risk after k gradient steps, differentiated, over a vmap of tasks, jitted."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        sys.exit("The benchmark compares with jax, which is not installed; install the extra: pip install -e '.[bench]'.")
    jax.config.update("jax_enable_x64", True)

    def risk(point: Any, hessian: Any, optimum: Any) -> Any:
        residual = point - optimum
        return 0.5 * residual @ (hessian @ residual)

    def adapted_risk(point: Any, hessian: Any, optimum: Any) -> Any:
        for _ in range(steps):
            point = point - RATE * jax.grad(risk)(point, hessian, optimum)
        return risk(point, hessian, optimum)

    def objective(point: Any, weights: Any, hessians: Any, optima: Any) -> Any:
        return weights @ jax.vmap(adapted_risk, (None, 0, 0))(point, hessians, optima)

    compiled = jax.jit(jax.grad(objective))
    arrays = [jnp.asarray(array) for array in (theta, law.weights, law.hessians, law.optima)]
    return lambda: np.asarray(compiled(*arrays).block_until_ready())


def measure(threads: int, rounds: int) -> Table:
    """Time all sizes on `threads` threads."""
    rows = []
    memory = np.ones(READ // 8)
    multiply, operations = multiplier(threads)
    bandwidths, rates = [], []
    with ThreadPoolExecutor(threads) as pool:
        for dimension, number, steps in SIZES:
            law, rule = tasks(dimension, number), nx.MAML(RATE, steps)
            theta = np.random.default_rng(1).standard_normal(dimension)
            differentiate = by_autodiff(law, steps, theta)
            ours = hypergradient(law, rule, theta, workers=threads)
            gap = np.abs(ours - differentiate()).max() / np.abs(ours).max()
            if gap > 1e-10:
                sys.exit(f"the two hypergradients differ by {gap:.1e} at p = {dimension}, so that their times say nothing")

            def run(law: nx.DiscreteTasks = law, rule: nx.MAML = rule, theta: np.ndarray = theta) -> np.ndarray:
                return hypergradient(law, rule, theta, workers=threads)

            best = interleaved(
                rounds,
                {"ours": run, "jax": differentiate, "read": reader(memory, threads, pool), "multiply": multiply},
            )
            bandwidth, rate = READ / best["read"], operations / best["multiply"]
            bandwidths.append(bandwidth)
            rates.append(rate)
            reading = law.hessians.nbytes / bandwidth
            computing = 2.0 * dimension**2 * number * (2 * steps + 1) / rate
            floor = max(reading, computing)
            rows.append(
                (
                    str(dimension),
                    str(number),
                    str(steps),
                    f"{1e3 * best['ours']:.1f}",
                    f"{1e3 * best['jax']:.1f}",
                    f"{1e3 * reading:.1f}",
                    f"{1e3 * computing:.1f}",
                    f"{best['jax'] / best['ours']:.1f}",
                    f"{best['ours'] / floor:.1f}",
                )
            )
    return Table(
        "Exact hypergradient of MAML",
        (
            f"Milliseconds, best of {rounds} rounds in which all take turns, on {threads} threads of {description()}. The "
            "floor is the larger of the times that it takes to read the curvatures once and to do the operations at the "
            f"rates measured beside, {max(bandwidths) / 1e9:.0f} GB/s of memory and {max(rates) / 1e9:.0f} Gflop/s of "
            "matrix product. jax is jitted float64 reverse mode over a vmap of tasks.",
        ),
        ("p", "tasks", "k", "numerics", "jax", "reading", "computing", "jax / numerics", "numerics / floor"),
        tuple(rows),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hypergradient", description=__doc__)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads for everything timed")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of which the best is taken")
    options = parser.parse_args()
    with confined(options.threads):
        print(measure(options.threads, options.rounds).markdown())


if __name__ == "__main__":
    main()
