"""Losses of estimates from simulated data sets: the random quantity of claims that hold with a probability.

A sampled curvature is drawn by Bartlett's trapezoid and MAML's inner loop is executed on it.  The estimators of
:mod:`numerics.estimators` are not used, because at p > 1 their compilation takes longer than all claims together; the tests
compare both.  The instances of a batch share their variates, which changes the law of none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.rules import DRS
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import finite
from verify.quantities.nodes import back, front, inner_loop, scores, times, turned
from verify.quantities.paths import executed, single
from verify.quantities.quantity import Quantity

#: tasks that are simulated at a time
_BLOCK = 2**15


def _losses(
    batch: Batch, rng: np.random.Generator, replicates: int, rule: Any, samples: Any, num_tasks: Any, noise: Any
) -> Array:
    """Losses of estimates, half their squared distances from the limit in the norm of E[H], (batch, replicates)."""
    count, number = int(batch.number(num_tasks)), int(batch.number(samples))
    known, chosen, tasks = scores(batch, rule, samples), batch.rule(rule), finite(batch)
    instances, p = known.limit.shape
    deviations = np.sqrt(np.broadcast_to(np.asarray(batch.number(noise), dtype=np.float64), (instances, 1))[:, 0])
    running = None if isinstance(chosen, DRS) else executed(chosen, batch)
    loops = [None if running is None else single(running, index) for index in range(instances)]
    roots = tasks.eigenvectors * np.sqrt(tasks.eigenvalues)[..., None, :]
    found = np.empty((instances, replicates))
    for start in range(0, replicates, step := max(1, _BLOCK // count)):
        shape = min(step, replicates - start), count
        places, halves = rng.random(shape), [_variates(rng, p, number, shape) for _ in range(2)]
        for index, loop in enumerate(loops):
            steps = np.cumsum(tasks.probabilities[index])
            drawn = np.minimum(np.searchsorted(steps, places * steps[-1], side="right"), len(steps) - 1)
            gap = (known.limit[index] - tasks.optima[index])[drawn][..., None]
            root = np.take(front(roots[index]), drawn, axis=-1)  # contiguous, as an index would not leave it
            inner, outer = (_half(root, *half, deviations[index], number) for half in halves)
            curvature, score = _task(inner, outer, front(gap), loop)
            shift = _solved(back(curvature.sum(axis=-1)), back(score.sum(axis=-1)))
            losses = 0.5 * np.einsum("ri,ij,rj->r", shift, known.mean_curvature[index], shift)
            found[index, start : start + shape[0]] = losses
    return found


def _variates(rng: np.random.Generator, p: int, samples: int, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Bartlett's trapezoids (p, rank, ...) and normal vectors (rank, 1, ...)."""
    rank = min(samples, p)
    factor = np.zeros((p, rank, *shape))
    for j in range(rank):
        factor[j, j] = np.sqrt(rng.chisquare(samples - j, shape))
        factor[j + 1 :, j] = rng.standard_normal((p - j - 1, *shape))
    return factor, rng.standard_normal((rank, 1, *shape))


def _half(root: Array, factor: Array, normal: Array, deviation: float, samples: int) -> tuple[Array, Array]:
    """S = X'X/N of N normal features with covariance root root', and X' times their noise over N."""
    factor = times(root, factor)
    return times(factor, turned(factor)) / samples, deviation / samples * times(factor, normal)


def _task(inner: tuple[Array, Array], outer: tuple[Array, Array], gap: Array, loop: Any) -> tuple[Array, Array]:
    """H and psi of tasks with errors `gap`: arrays (p, p, ...) and (p, 1, ...)."""
    (first, e1), (second, e2) = inner, outer
    if loop is None:
        curvature = (first + second) / 2
        return curvature, times(curvature, gap) - (e1 + e2) / 2
    step, pushed = inner_loop(loop, first)
    pulled = times(turned(step), second)
    adapted = times(step, gap) + times(pushed, e1)
    return times(pulled, step), times(pulled, adapted) - times(turned(step), e2)


def _solved(matrices: Array, vectors: Array) -> Array:
    """Solutions of the systems, (r, p); infinite where a sum of curvatures is singular, so that no estimate exists."""
    singular = np.linalg.matrix_rank(matrices, hermitian=True) < matrices.shape[-1]
    safe = np.where(singular[:, None, None], np.eye(matrices.shape[-1]), matrices)
    return np.where(singular[:, None], np.inf, np.linalg.solve(safe, vectors)[..., 0])


def _random(*_: Any, **__: Any) -> Any:
    raise ValueError("estimation_loss is random; it has replicates, not a value, so its claim needs a failure probability")


QUANTITIES = {"estimation_loss": Quantity(_random, _random, replicates=_losses)}
