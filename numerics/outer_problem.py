"""The outer problem as solvers see it, what they find, and the spectrum that their rates depend on.

On quadratic tasks a rule's mean outer step is g(theta) = E[w](theta - theta*).  :class:`OuterProblem` evaluates g and products
with E[w] by executed inner loops and adjoints, and records errors on the way; :class:`Solution` is that record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from numerics import bilevel
from numerics.chunks import serial
from numerics.rules import Rule
from numerics.support_query import SupportQueryTasks
from numerics.tasks import DiscreteTasks
from numerics.units import Units, in_units

Array = NDArray[np.float64]
FiniteTasks = DiscreteTasks | SupportQueryTasks

#: largest entry of an outer step from which an iteration starts, in the problem's own units
LARGEST = 1e140

#: up to this dimension the spectrum is found from all p products instead of by Lanczos' iteration
ASSEMBLED = 32


class Status(Enum):
    """How a solver ended; the value is the message."""

    CONVERGED = "the gradient's norm is within the tolerance"
    ITERATION_LIMIT = "the iteration limit was reached before the tolerance"
    SINGULAR = "E[w] is singular, so that the solution is not unique; ClosedForm(minimum_norm=True) picks the one of least norm"
    INDEFINITE = "E[w] is not positive semi-definite, so that the fixed point is no minimiser; ClosedForm finds it"
    DIVERGED = "the gradient grew without bound or stopped being finite; the step is too long for these tasks"


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solver found and how it went.

    Parameters
    ----------
    theta : array (p,)
        The last iterate.
    status : Status
        How the solver ended; ``status.value`` says it in a sentence.
    gradient_norms : array (T + 1,)
        Norm of the mean outer step at the start and after each of the T steps.
    distances, excess_risks : array (T + 1,) or None
        Distance to the reference point, and value of the outer quadratic ½ (theta - theta*)^T E[w] (theta - theta*), along the
        way; None if no reference was asked for.
    gradients, hessian_vectors : int
        Per-task gradients and Hessian--vector products evaluated, those that found the spectrum included and those that found
        the reference point excluded.
    spectrum : (float, float) or None
        Least and largest eigenvalue of E[w] where the method needed them.
    """

    theta: Array
    status: Status
    gradient_norms: Array
    distances: Array | None
    excess_risks: Array | None
    gradients: int
    hessian_vectors: int
    spectrum: tuple[float, float] | None

    @property
    def steps(self) -> int:
        """Number of steps taken, T."""
        return len(self.gradient_norms) - 1


class OuterProblem:
    """The outer problem as methods see it, and the record of what they do to it.

    Parameters
    ----------
    tasks, rule, workers
        As in :func:`numerics.solvers.solve`.
    start : array (p,)
        First iterate.
    reference : array (p,) or None
        The point that errors are measured from.
    """

    def __init__(self, tasks: FiniteTasks, rule: Rule, start: Array, reference: Array | None, workers: int | None) -> None:
        self.tasks, self.rule, self.start, self.workers = tasks, rule, start, workers
        self.losses = tasks.losses()
        #: how the caller sees the problem
        self.units: Units = Units(tasks, np.zeros(len(start)), 1.0, 1.0)
        self.reference = reference
        self.norms: list[float] = []
        self.distances: list[float] = []
        self.excesses: list[float] = []
        self.spectrum: tuple[float, float] | None = None

    @property
    def rounding(self) -> float:
        """Eigenvalues below this share of the largest cannot be told from zero."""
        return 10 * len(self.start) * float(np.finfo(float).eps)

    def gradient(self, theta: Array) -> Array:
        """The mean outer step at theta.

        Raises
        ------
        ValueError
            If that at the start is so large that its square is no number.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            found = bilevel.hypergradient(self.losses, self.rule, theta, workers=self.workers)
            if not self.norms and not np.abs(found).max() < LARGEST:
                raise ValueError(f"rule is {self.rule!r}; on these curvatures its step overflows, so its rate must be smaller")
        return found

    def product(self, vector: Array) -> Array:
        """E[w] times a vector."""
        return bilevel.outer_hessian_vector(self.losses, self.rule, self.start, vector, workers=self.workers)

    def record(self, theta: Array, gradient: Array) -> None:
        """Append an iterate's norm and errors; the value of the quadratic needs no evaluation, since g is linear."""
        self.norms.append(float(np.linalg.norm(gradient)))
        if self.reference is not None:
            gap = theta - self.reference
            self.distances.append(float(np.linalg.norm(gap)))
            self.excesses.append(0.5 * float(gap @ gradient))

    def solution(self, theta: Array, status: Status) -> Solution:
        """The record with the last iterate and how it ended."""
        measured = self.reference is not None
        return Solution(
            theta,
            status,
            np.array(self.norms),
            np.array(self.distances) if measured else None,
            np.array(self.excesses) if measured else None,
            self.losses.gradients,
            self.losses.hessian_vectors,
            self.spectrum,
        )


def in_units_of(found: Solution, units: Units, step: float) -> Solution:
    """What was found in the problem's own units, in the caller's; `step` is the unit of the outer step's matrix."""

    def times(unit: float, values: Any) -> Any:
        return None if values is None else unit * values

    return replace(
        found,
        theta=units.outward(found.theta),
        gradient_norms=times(step * units.length, found.gradient_norms),
        distances=times(units.length, found.distances),
        excess_risks=times(step * units.length**2, found.excess_risks),
        spectrum=None if found.spectrum is None else (step * found.spectrum[0], step * found.spectrum[1]),
    )


@serial
def outer_spectrum(tasks: FiniteTasks, rule: Rule, *, workers: int | None = None) -> tuple[float, float]:
    """Least and largest eigenvalue of E[w], by Lanczos' iteration on outer products (all p of them up to p = 32).

    Parameters
    ----------
    tasks, rule, workers
        As in :func:`numerics.solvers.solve`.

    Returns
    -------
    least, largest : float

    Examples
    --------
    >>> from numerics.rules import DRS
    >>> outer_spectrum(DiscreteTasks([1.0], [[[1.0, 0.0], [0.0, 3.0]]], [[0.0, 0.0]]), DRS())
    (1.0, 3.0)
    """
    if not isinstance(tasks, FiniteTasks):
        raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks or SupportQueryTasks")
    units, (its_rule,) = in_units(tasks, rule)
    unit = rule.step_unit(units.curvature)
    least, largest = extremes(OuterProblem(units.tasks, its_rule, np.zeros(tasks.dimension), None, workers))
    return unit * least, unit * largest


def extremes(problem: OuterProblem) -> tuple[float, float]:
    """Least and largest eigenvalue of E[w]; the products that it takes are counted in `problem`."""
    dimension = len(problem.start)
    if dimension > ASSEMBLED:
        operator = LinearOperator((dimension, dimension), matvec=problem.product, dtype=np.float64)
        first = np.random.default_rng(0).standard_normal(dimension)
        try:
            ends = eigsh(operator, k=2, which="BE", v0=first, tol=1e-10, return_eigenvectors=False)
            return float(ends.min()), float(ends.max())
        except ArpackNoConvergence:
            pass  # a tight cluster at an end; p products settle it
    ends = np.linalg.eigvalsh(np.array([problem.product(column) for column in np.eye(dimension)]))
    return float(ends[0]), float(ends[-1])
