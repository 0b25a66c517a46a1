r"""Solvers of the bilevel and the single-level problem on quadratic tasks, with what happened along the way.

A rule's training drives its mean outer step g(theta) to zero; joint training, the single-level
problem, is the rule :class:`numerics.rules.DRS`.  On quadratic tasks g(theta) = E[w](theta - theta*) is linear with the
symmetric matrix E[w], whatever the rule, so that theta* is a stationary point of the outer quadratic
½ (theta - theta*)^T E[w] (theta - theta*).
The solvers see g and E[w] through :mod:`numerics.bilevel` alone, by executed inner loops and adjoints; only
:class:`ClosedForm` assembles the matrix.  With kappa the condition number of E[w]:

=============================  =======================================================================================
method                         guarantee
=============================  =======================================================================================
:class:`ClosedForm`            Cholesky's factorisation of E[w]
:class:`GradientDescent`       distance contracts by (kappa - 1)/(kappa + 1) a step
:class:`AcceleratedGradient`   excess_t <= (1 - kappa^{-1/2})^t (excess_0 + ½ lambda_min distance_0^2)
:class:`ConjugateGradient`     excess_t <= 4 ((sqrt kappa - 1)/(sqrt kappa + 1))^{2t} excess_0, and zero after p steps
=============================  =======================================================================================

(Nesterov, *Introductory Lectures on Convex Optimization*, 2004, theorems 2.1.15 and 2.2.1--2.2.3; Hestenes and Stiefel 1952.)

Rules whose outer step is not a gradient of the risk after adaptation (first-order MAML, Reptile): on quadratics g is still the
gradient of the outer quadratic above, "excess" means that quadratic's value and theta* is the rule's fixed point.  Where their
weights are negative on part of the spectrum E[w] may be indefinite; theta* is then no minimiser, the iterative methods say so
by their status, and :class:`ClosedForm` returns the fixed point.

The number of steps taken, work and norms are in a :class:`Solution`; failure of an iteration is data in it, not an exception.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.inputs import point
from numerics.outer_problem import FiniteTasks, OuterProblem, Solution, Status, extremes, in_units_of
from numerics.population import standard_optimum
from numerics.rules import Rule
from numerics.units import Units, in_units

Array = NDArray[np.float64]

#: growth of the gradient's norm at which an iteration is given up
GROWTH = 1e8


class Method(ABC):
    """A way of solving the outer problem."""

    @abstractmethod
    def run(self, problem: OuterProblem) -> tuple[Array, Status]:
        """The last iterate and how it ended; every iterate is recorded in `problem`."""

    def in_units(self, step: float) -> Method | None:
        """The same method where the outer step's matrix is divided by `step`; None if it runs in the caller's units only."""
        return None


@dataclass(frozen=True)
class ClosedForm(Method):
    """Assemble E[w] and E[w theta_gamma] and solve by Cholesky's factorisation.

    Where E[w] is indefinite (fixed points of first-order MAML and Reptile at long rates) the eigenvalue decomposition of
    :func:`numerics.population.population_optimum` is used.  The recorded path is the start and the solution.

    Parameters
    ----------
    minimum_norm : bool
        Where E[w] is singular, return the solution of E[w] theta = E[w theta_gamma] of least norm instead of raising.

    Raises
    ------
    SingularExpectation
        From :func:`solve`, if E[w] is singular and `minimum_norm` is false.
    """

    minimum_norm: bool = False

    def run(self, problem: OuterProblem) -> tuple[Array, Status]:
        """Factorise and substitute."""
        problem.record(problem.start, problem.gradient(problem.start))
        theta = _closed_form(problem.units, problem.rule, self.minimum_norm, problem.workers)
        # the assembly executes the outer step on the p columns of the identity, for each task
        one = problem.tasks.losses().chunk(slice(0, 1))
        problem.rule.chunk(slice(0, 1)).outer_step(one, problem.start[None, :])
        columns = problem.tasks.number * problem.tasks.dimension
        problem.losses.gradients += columns * one.gradients
        problem.losses.hessian_vectors += columns * one.hessian_vectors
        problem.record(theta, problem.gradient(theta))
        return theta, Status.CONVERGED

    def in_units(self, step: float) -> ClosedForm:
        """Itself."""
        return self


@dataclass(frozen=True)
class _Iteration(Method):
    """What the iterative methods share: when to stop.

    Parameters
    ----------
    tolerance : float
        Converged when the gradient's norm is at most this share of its norm at zero (where the optima lie far from zero: at a
        point near them) or at the start, whichever is larger.
    max_steps : int
        Limit on the number of steps.
    """

    tolerance: float = 1e-10
    max_steps: int = 10_000

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance is {self.tolerance!r}; it must be at least 0 and below 1")
        if isinstance(self.max_steps, bool) or not isinstance(self.max_steps, (int, np.integer)) or self.max_steps < 0:
            raise ValueError(f"max_steps is {self.max_steps!r}; it must be a whole number, at least 0")

    def _scale(self, problem: OuterProblem, gradient: Array) -> float:
        """Norm of the gradient that the tolerance refers to, given the gradient at the start."""
        at_zero = problem.gradient(np.zeros_like(problem.start)) if problem.start.any() else gradient
        return float(max(np.linalg.norm(at_zero), np.linalg.norm(gradient)))

    def _ended(self, problem: OuterProblem, scale: float) -> Status | None:
        norm = problem.norms[-1]
        if not norm <= GROWTH * scale:
            return Status.DIVERGED
        if norm <= self.tolerance * scale:
            return Status.CONVERGED
        return Status.ITERATION_LIMIT if len(problem.norms) > self.max_steps else None


@dataclass(frozen=True)
class GradientDescent(_Iteration):
    """theta_{t+1} = theta_t - step g(theta_t).

    Parameters
    ----------
    tolerance, max_steps
        See :class:`ConjugateGradient`.
    step : float, optional
        2/(lambda_max + lambda_min) of E[w] if not given, with the eigenvalues found by Lanczos' iteration on products.
    """

    step: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _positive("step", self.step)

    def in_units(self, step: float) -> GradientDescent:
        """With a step in other units."""
        return self if self.step is None else replace(self, step=self.step * step)

    def run(self, problem: OuterProblem) -> tuple[Array, Status]:
        """Descend."""
        if self.step is not None:
            return _descend(self, problem, self.step, 0.0)
        least, largest, failure = _definite_spectrum(problem)
        if failure is not None:
            problem.record(problem.start, problem.gradient(problem.start))
            return problem.start, failure
        return _descend(self, problem, 2 / (largest + least), 0.0)


@dataclass(frozen=True)
class AcceleratedGradient(_Iteration):
    """Nesterov's method for strongly convex functions with constant momentum m = (sqrt kappa - 1)/(sqrt kappa + 1).

    y = theta_t + m (theta_t - theta_{t-1}), theta_{t+1} = y - g(y)/lambda_max.

    Parameters
    ----------
    tolerance, max_steps
        See :class:`ConjugateGradient`.
    spectrum : (float, float), optional
        Bounds 0 < lambda_min <= lambda_max on the spectrum of E[w]; found by Lanczos' iteration on products if not given.
    """

    spectrum: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.spectrum is not None and not 0 < self.spectrum[0] <= self.spectrum[1] < np.inf:
            raise ValueError(f"spectrum is {self.spectrum!r}; it must be bounds 0 < lambda_min <= lambda_max")

    def in_units(self, step: float) -> AcceleratedGradient:
        """With a spectrum in other units."""
        return self if self.spectrum is None else replace(self, spectrum=(self.spectrum[0] / step, self.spectrum[1] / step))

    def run(self, problem: OuterProblem) -> tuple[Array, Status]:
        """Descend with momentum."""
        if self.spectrum is None:
            least, largest, failure = _definite_spectrum(problem)
            if failure is not None:
                problem.record(problem.start, problem.gradient(problem.start))
                return problem.start, failure
        else:
            least, largest = problem.spectrum = self.spectrum
        root = np.sqrt(largest / least)
        return _descend(self, problem, 1 / largest, float((root - 1) / (root + 1)))


@dataclass(frozen=True)
class ConjugateGradient(_Iteration):
    """Conjugate gradients (Hestenes and Stiefel), one outer product a step, no knowledge of the spectrum.

    The recurrence's residual is replaced by the true one whenever it claims convergence, and the iteration goes on if the claim
    was rounding.  On a singular E[w] it converges to the solution nearest to the start, which it cannot know to be one of many;
    only a flat direction met on the way is reported as singular.

    Parameters
    ----------
    tolerance : float
        Converged when the gradient's norm is at most this share of its norm at zero (where the optima lie far from zero: at a
        point near them) or at the start, whichever is larger.
    max_steps : int
        Limit on the number of steps.
    """

    def in_units(self, step: float) -> ConjugateGradient:
        """Itself."""
        return self

    def run(self, problem: OuterProblem) -> tuple[Array, Status]:
        """Minimise over the growing Krylov space."""
        theta = problem.start
        gradient = problem.gradient(theta)
        scale = self._scale(problem, gradient)
        problem.record(theta, gradient)
        direction = -gradient
        largest = 0.0
        while (status := self._ended(problem, scale)) is None:
            product = problem.product(direction)
            curvature, length = float(direction @ product), float(np.linalg.norm(direction))
            stretch = float(np.linalg.norm(product)) / length
            largest = max(largest, stretch)
            if curvature <= problem.rounding * largest * length**2:
                # a positive semi-definite matrix maps a direction without curvature to zero
                flat = stretch**2 <= problem.rounding * largest**2
                return theta, Status.SINGULAR if flat else Status.INDEFINITE
            step = float(gradient @ gradient) / curvature
            theta = theta + step * direction
            before, gradient = float(gradient @ gradient), gradient + step * product
            restart = bool(np.linalg.norm(gradient) <= self.tolerance * scale)
            if restart:
                gradient = problem.gradient(theta)
            problem.record(theta, gradient)
            direction = -gradient + (0.0 if restart else float(gradient @ gradient) / before) * direction
        return theta, status


@serial
def solve(
    tasks: FiniteTasks,
    rule: Rule,
    method: Method | None = None,
    *,
    start: Any = None,
    reference: Any = "closed form",
    workers: int | None = None,
) -> Solution:
    """Find the zero of the rule's mean outer step: the minimiser of the outer problem, or the rule's fixed point.

    Parameters
    ----------
    tasks : DiscreteTasks or SupportQueryTasks
        Tasks with probabilities.
    rule : Rule
        With scalar fields; ``DRS()`` is the single-level problem.
    method : Method, optional
        :class:`ConjugateGradient` with its defaults if not given.
    start : array (p,), optional
        Zero if not given, or a point near the optima where these lie far from zero, compared with their spread.
    reference : array (p,), "closed form" or None
        The point that errors along the way are measured from.  The closed form costs p outer steps a task, more than an
        iteration in a large dimension; None measures no errors.  Where E[w] is singular it is the solution of least norm.
    workers : int, optional
        Threads; all processors if not given.  The result has the same bits for any number.

    Returns
    -------
    Solution

    Raises
    ------
    SingularExpectation
        From :class:`ClosedForm`, if E[w] is singular; iterative methods return a status.
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> from numerics import MAML, DiscreteTasks
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]])
    >>> found = solve(tasks, MAML(0.25), ConjugateGradient())
    >>> found.theta.round(12).tolist(), found.status.name, found.steps
    ([0.470588235294], 'CONVERGED', 1)
    """
    if not isinstance(tasks, FiniteTasks):
        raise TypeError(
            f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks or SupportQueryTasks "
            "(sample it, or use population_optimum)"
        )
    if not isinstance(rule, Rule):
        raise TypeError(f"rule is {rule!r}; it must be a rule such as MAML(0.1)")
    if method is None:
        method = ConjugateGradient()
    if not isinstance(method, Method):
        raise TypeError(f"method is a {type(method).__name__}; it must be a Method, such as ConjugateGradient()")
    if start is not None:
        start = point("start", start, tasks.dimension)
    closed = isinstance(reference, str)
    if closed and reference != "closed form":
        raise ValueError(f"reference is {reference!r}; it must be 'closed form', None or an array of shape (p,)")
    if reference is not None and not closed:
        reference = point("reference", reference, tasks.dimension)
    units, (its_rule,) = in_units(tasks, rule)
    step = rule.step_unit(units.curvature)
    its_method = method.in_units(step)
    if its_method is None:
        units, its_rule, step, its_method = Units(tasks, np.zeros(tasks.dimension), 1.0, 1.0), rule, 1.0, method
    if start is None and units.tasks.extent()[0].any():
        origin = np.zeros(tasks.dimension)
    else:
        origin = units.inward(np.zeros(tasks.dimension) if start is None else start)
    target: Array | None
    if closed:
        target = _closed_form(units, its_rule, True, workers)
    else:
        target = None if reference is None else units.inward(reference)
    problem = OuterProblem(units.tasks, its_rule, origin, target, workers)
    problem.units = units
    return in_units_of(problem.solution(*its_method.run(problem)), units, step)


def _positive(name: str, value: float | None) -> None:
    if value is not None and not 0 < value < np.inf:
        raise ValueError(f"{name} is {value!r}; it must be positive and finite")


def _closed_form(units: Units, rule: Rule, minimum_norm: bool, workers: int | None) -> Array:
    tasks = units.tasks
    matrix, vector = tasks.moments(rule, type(rule).outer_step, workers)
    rounding = 10 * len(vector) * float(np.finfo(float).eps)
    if np.abs(matrix).max() > rounding * tasks.largest_curvature():  # else it may be what a cancellation left
        norm = np.linalg.norm(matrix, 1)
        factor, failed = scipy.linalg.lapack.dpotrf(matrix, lower=1)
        if failed == 0 and scipy.linalg.lapack.dpocon(factor, norm, uplo="L")[0] > rounding:
            return scipy.linalg.cho_solve((factor, True), vector)
    return standard_optimum(units, rule, minimum_norm, workers)


def _definite_spectrum(problem: OuterProblem) -> tuple[float, float, Status | None]:
    """The spectrum, and the status with which to stop if it is not positive."""
    least, largest = problem.spectrum = extremes(problem)
    rounding = problem.rounding * max(abs(least), abs(largest))
    if least < -rounding:
        return least, largest, Status.INDEFINITE
    return least, largest, Status.SINGULAR if least <= rounding else None


def _descend(method: _Iteration, problem: OuterProblem, step: float, momentum: float) -> tuple[Array, Status]:
    """Gradient steps from extrapolated points; momentum 0 is gradient descent."""
    point = previous = problem.start
    slope = problem.gradient(point)
    gradient = slope
    scale = method._scale(problem, gradient)
    problem.record(point, gradient)
    while (status := method._ended(problem, scale)) is None:
        ahead = point + momentum * (point - previous)
        point, previous = ahead - step * slope, point
        slope = problem.gradient(point + momentum * (point - previous))
        # the outer step is affine: that at the point follows from those at the extrapolated and the previous point
        gradient = (slope + momentum * gradient) / (1 + momentum)
        problem.record(point, gradient)
    return point, status
