r"""The bilevel problem: minimise over theta the mean risk after adaptation, E R_gamma(theta'(theta)).

One driver for every rule and every family of risks: the outer objective, the mean outer step (for rules with the exact outer
step the hypergradient, by an adjoint recursion through the inner loop) and its derivative along a direction.  The single-level
problem of joint training is the rule without an inner loop, :class:`numerics.rules.DRS`.

Tasks are worked on in chunks whose curvatures stay in a processor's second-level cache while the recursion passes over them,
k + 1 times forward and k times back, so that memory is read once.  Threads take runs of chunks; partial sums are added in the
order of the chunks, so that results have the same bits for any number of workers.

Every function takes tasks as :class:`numerics.tasks.DiscreteTasks`, as :class:`numerics.support_query.SupportQueryTasks` or as
:class:`numerics.losses.Losses`; the counters of the latter, `gradients` and `hessian_vectors`, say how much work was done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics import fused
from numerics.chunks import mapped, partition
from numerics.losses import Losses
from numerics.rules import Rule
from numerics.support_query import SupportQueryTasks
from numerics.tasks import DiscreteTasks, chunk_size
from numerics.units import in_units, understood

Array = NDArray[Any]
Problem = DiscreteTasks | SupportQueryTasks | Losses


def outer_objective(tasks: Problem, rule: Rule, theta: Any, *, workers: int | None = None) -> float:
    """Mean over tasks of the risk after adaptation, noise included.

    Parameters
    ----------
    tasks : DiscreteTasks, SupportQueryTasks or Losses
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
    problem = _Problem(tasks, rule)
    point = problem.inward(_point("theta", theta, problem.losses))

    def part(chunk: Losses, its_rule: Rule) -> Array:
        return chunk.weights @ its_rule.adapted_value(chunk, point)

    return float(problem.risk * _total(problem, part, (), workers))


def hypergradient(tasks: Problem, rule: Rule, theta: Any, *, workers: int | None = None) -> Array:
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
    problem = _Problem(tasks, rule)
    point = problem.inward(_point("theta", theta, problem.losses))
    total = _total(problem, lambda chunk, its_rule: _mean_step(chunk, its_rule, point), point.shape, workers)
    return total if problem.step == 1.0 else problem.step * total


def outer_hessian_vector(tasks: Problem, rule: Rule, theta: Any, vector: Any, *, workers: int | None = None) -> Array:
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
    problem = _Problem(tasks, rule)
    point, direction = problem.inward(_point("theta", theta, problem.losses)), _point("vector", vector, problem.losses)
    # that a step is linear on quadratics is known of this package's rules only; of another the complex step assumes nothing
    derivative = type(problem.losses).derivative if understood(rule) else Losses.derivative

    def part(chunk: Losses, its_rule: Rule) -> Array:
        return derivative(chunk, lambda risks, at: _mean_step(risks, its_rule, at), point, direction)

    total = _total(problem, part, point.shape, workers)
    unit = problem.step / problem.length
    return total if unit == 1.0 else unit * total


class _Problem:
    """Risks and rule, without dimensions where both are understood, and the units of what comes out."""

    def __init__(self, tasks: Any, rule: Rule) -> None:
        self.centre: Any = None
        self.length = self.step = self.risk = 1.0
        if isinstance(tasks, Losses):
            self.losses, self.rule = tasks, rule
        elif not isinstance(tasks, DiscreteTasks | SupportQueryTasks):
            raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks or Losses")
        elif not understood(rule):
            self.losses, self.rule = tasks.losses(), rule
        else:
            units, (self.rule,) = in_units(tasks, rule)
            self.losses = units.tasks.losses()
            self.centre = units.centre if units.centre.any() else None
            self.length, self.risk = units.length, units.risk
            self.step = rule.step_unit(units.curvature) * units.length

    def inward(self, point: Array) -> Array:
        """A point in the problem's own units."""
        moved = point if self.centre is None else point - self.centre
        return moved if self.length == 1.0 else moved / self.length


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


def _total(problem: _Problem, part: Any, shape: tuple[int, ...], workers: int | None) -> Array:
    """Sum over chunks of `part` of each chunk's losses and rule, in the order of the chunks; counts go to the losses."""
    losses, rule = problem.losses, problem.rule

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
    if np.shape(total) != shape:
        raise ValueError(f"rule is {rule!r}, whose fields give results of shape {np.shape(total)}; here they must be scalars")
    return total
