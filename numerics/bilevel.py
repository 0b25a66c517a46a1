r"""The bilevel problem: minimise over theta the mean risk after adaptation, E R_gamma(theta'(theta)).

One driver for every rule and every family of risks: the outer objective, the mean outer step (for rules with the exact outer
step the hypergradient, by an adjoint recursion through the inner loop) and its derivative along a direction.  The single-level
problem of joint training is the rule without an inner loop, :class:`numerics.rules.DRS`.

Tasks are worked on in chunks whose curvatures stay in a processor's second-level cache while the recursion passes over them,
k + 1 times forward and k times back, so that memory is read once.  Threads take runs of chunks; partial sums are added in the
order of the chunks, so that results have the same bits for any number of workers.

Every function takes tasks as :class:`numerics.tasks.DiscreteTasks` or as :class:`numerics.losses.Losses`; the counters of the
latter, `gradients` and `hessian_vectors`, say how much work was done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics import fused
from numerics.chunks import mapped, partition
from numerics.losses import Losses
from numerics.rules import Rule
from numerics.tasks import DiscreteTasks, chunk_size

Array = NDArray[Any]


def outer_objective(tasks: DiscreteTasks | Losses, rule: Rule, theta: Any, *, workers: int | None = None) -> float:
    """Mean over tasks of the risk after adaptation, noise included.

    Parameters
    ----------
    tasks : DiscreteTasks or Losses
        Tasks with probabilities.
    rule : Rule
        With scalar fields.
    theta : array (p,)
        Outer variable.
    workers : int, optional
        Threads; all processors if not given.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If theta is not a finite array of shape (p,).

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[1.0]]], [[0.0], [2.0]], [1.0, 1.0])
    >>> outer_objective(tasks, MAML(0.5), [1.0])
    0.625
    """
    losses = _losses(tasks)
    point = _point("theta", theta, losses)

    def part(chunk: Losses, its_rule: Rule) -> Array:
        return chunk.weights @ its_rule.adapted_value(chunk, point)

    return float(_total(losses, rule, part, workers))


def hypergradient(tasks: DiscreteTasks | Losses, rule: Rule, theta: Any, *, workers: int | None = None) -> Array:
    """Mean over tasks of the rule's outer step; for exact rules the gradient of :func:`outer_objective`.

    Parameters, Raises
        As in :func:`outer_objective`.

    Returns
    -------
    array (p,)

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[1.0]]], [[0.0], [2.0]])
    >>> hypergradient(tasks, MAML(0.5), [3.0]).tolist()
    [0.5]
    """
    losses = _losses(tasks)
    point = _point("theta", theta, losses)
    return _total(losses, rule, lambda chunk, its_rule: _mean_step(chunk, its_rule, point), workers)


def outer_hessian_vector(
    tasks: DiscreteTasks | Losses, rule: Rule, theta: Any, vector: Any, *, workers: int | None = None
) -> Array:
    """Derivative of :func:`hypergradient` at theta along `vector`; for exact rules the outer Hessian times the vector.

    On quadratics the outer step is linear and the product costs one hypergradient; other families differentiate it by the
    complex step, see :meth:`numerics.losses.Losses.derivative`.

    Parameters, Raises
        As in :func:`outer_objective`; `vector` has shape (p,).

    Returns
    -------
    array (p,)

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[1.0]]], [[0.0], [2.0]])
    >>> outer_hessian_vector(tasks, MAML(0.5), [3.0], [1.0]).tolist()
    [0.25]
    """
    losses = _losses(tasks)
    point, direction = _point("theta", theta, losses), _point("vector", vector, losses)

    def part(chunk: Losses, its_rule: Rule) -> Array:
        return chunk.derivative(lambda problem, at: _mean_step(problem, its_rule, at), point, direction)

    return _total(losses, rule, part, workers)


def _losses(tasks: DiscreteTasks | Losses) -> Losses:
    if isinstance(tasks, DiscreteTasks):
        return tasks.losses()
    if not isinstance(tasks, Losses):
        raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks or Losses")
    return tasks


def _point(name: str, value: Any, losses: Losses) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "fciu" or array.shape != (losses.dimension,):
        raise ValueError(f"{name} has shape {array.shape}; for these tasks it must be an array of {losses.dimension} numbers")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    return array if array.dtype.kind in "fc" else array.astype(np.float64)


def _mean_step(losses: Losses, rule: Rule, theta: Array) -> Array:
    """Sum of the weighted outer steps of a chunk of tasks from one theta (p,)."""
    recursion = fused.recursion(losses, rule)
    if recursion is not None:
        return fused.mean_step(recursion, theta)
    return losses.weights @ rule.outer_step(losses, theta[None, :])


def _total(losses: Losses, rule: Rule, part: Any, workers: int | None) -> Array:
    """Sum over chunks of `part` of each chunk's losses and rule, in the order of the chunks; counts go to `losses`."""

    def work(tasks: slice) -> tuple[Array, int, int]:
        chunk = losses.chunk(tasks)
        result = part(chunk, rule.chunk(tasks))
        return result, chunk.gradients, chunk.hessian_vectors

    size = chunk_size(losses.dimension) if fused.recursion(losses, rule) is None else fused.chunk_size(losses)
    total: Any = 0.0
    for result, gradients, hessian_vectors in mapped(work, partition(losses.number, size), workers):
        total = total + result
        losses.gradients += gradients
        losses.hessian_vectors += hessian_vectors
    return total
