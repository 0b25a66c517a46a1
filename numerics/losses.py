r"""A batch of task risks: the one thing that rules, drivers and solvers know about tasks.

A family of risks says how to evaluate them (value, gradient, Hessian--vector product, for all tasks of the batch at once);
:class:`Losses` gives it the inner loops of adaptation with their adjoints:

* gradient steps with momentum, theta_{j+1} = theta_j - r_j grad R(theta_j) + m_j (theta_j - theta_{j-1}), theta_{-1} = theta_0;
* the proximal problem  argmin R(x) + (lambda/2) |x - theta|^2;
* the gradient flow d theta/dt = -grad R(theta) up to a time.

Each returns the adapted points and a *pullback*: the function that takes a cotangent c at the adapted points to
(d adapted / d theta)^T c.  Nothing is differentiated in closed form; a family may override a loop with a faster way of doing
the same, as :class:`numerics.quadratics.Quadratics` does, whose points need not be stored because its curvature is constant.

Points have shape (..., n, p): one parameter per task, with any leading axes; (..., 1, p) stands for the same parameter at every
task.  Arithmetic never conjugates, so that complex points give complex-step derivatives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Pullback = Callable[[Array], Array]
#: pairs (rate, momentum), one per inner step
Schedule = Sequence[tuple[Any, Any]]


class NotConverged(ArithmeticError):
    """An inner problem was not solved to rounding accuracy."""


class Losses(ABC):
    """Risks of n tasks with their probabilities.

    A subclass implements ``_value``, ``_gradient`` and ``_hessian_vector`` on points of shape (..., n, p) (or (..., 1, p)), and
    ``chunk``.  It calls nothing else; evaluations are counted here.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    dimension : int
        p.

    Attributes
    ----------
    gradients, hessian_vectors : int
        Number of per-task gradients and Hessian--vector products evaluated so far.
    """

    #: axes of one instance's points; rule fields with leading axes broadcast in front of them
    point_axes = 2
    #: steps of the classical Runge--Kutta method by which a general flow is executed
    flow_steps = 64

    def __init__(self, weights: Array, dimension: int) -> None:
        self.weights = weights
        self.dimension = dimension
        self.gradients = 0
        self.hessian_vectors = 0

    @property
    def number(self) -> int:
        """Number of tasks n."""
        return self.weights.shape[-1]

    @property
    def adapting(self) -> Losses:
        """The risks that inner loops run on: these, unless a task has a support set."""
        return self

    @abstractmethod
    def _value(self, theta: Array) -> Array:
        """Risks, shape (..., n)."""

    @abstractmethod
    def _gradient(self, theta: Array) -> Array:
        """Gradients, shape (..., n, p)."""

    @abstractmethod
    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        """Hessians at theta times vectors, shape (..., n, p)."""

    @abstractmethod
    def chunk(self, tasks: slice) -> Losses:
        """The same risks for some of the tasks, with counters at zero."""

    def value(self, theta: Array) -> Array:
        """Risk of each task at its point, shape (..., n)."""
        return self._value(theta)

    def gradient(self, theta: Array) -> Array:
        """Gradient of each task's risk at its point."""
        self.gradients += self.number
        return self._gradient(theta)

    def hessian_vector(self, theta: Array, vector: Array) -> Array:
        """Hessian of each task's risk at its point, times a vector."""
        self.hessian_vectors += self.number
        return self._hessian_vector(theta, vector)

    def expand(self, field: Any) -> Any:
        """A rule's field of shape (...) with trailing axes, so that it broadcasts against points."""
        array = np.asarray(field)
        return array.reshape(array.shape + (1,) * self.point_axes) if array.ndim else field

    def along(self, coordinates: Array) -> Array:
        """Numbers (p,), one for each coordinate, with trailing axes, so that they multiply the coordinates of points."""
        return coordinates.reshape(coordinates.shape + (1,) * (self.point_axes - 2))

    def derivative(self, step: Callable[[Losses, Array], Array], theta: Array, direction: Array) -> Array:
        """Derivative of a rule's outer step at `theta` along `direction`.

        By the complex step: the imaginary part of step(theta + ih direction)/h with h = 1e-30, exact to rounding for risks that
        are real-analytic.  The evaluations inside count as gradients and Hessian--vector products.

        Raises
        ------
        TypeError
            If theta or the direction is complex.
        """
        if np.iscomplexobj(theta) or np.iscomplexobj(direction):
            raise TypeError("theta or vector is complex; a derivative by the complex step needs real ones")
        return np.imag(step(self, theta + 1e-30j * direction)) / 1e-30

    def difference(self, theta: Array, vector: Array, spacing: Any) -> Array:
        """Central difference of gradients, (grad R(theta + s v) - grad R(theta - s v))/(2 s), in place of a Hessian times v.

        Examples
        --------
        >>> from numerics.quadratics import Quadratics
        >>> Quadratics(np.array([[[2.0]]]), np.zeros((1, 1))).difference(np.ones((1, 1)), np.ones((1, 1)), 0.5).tolist()
        [[2.0]]
        """
        ahead, behind = self.gradient(theta + spacing * vector), self.gradient(theta - spacing * vector)
        return (ahead - behind) / (2 * spacing)

    def gradient_steps(
        self, theta: Array, schedule: Schedule, product: Callable[[Array, Array], Array] | None = None
    ) -> tuple[Array, Pullback]:
        """Gradient steps with momentum.

        Parameters
        ----------
        theta : array (..., n, p) or (..., 1, p)
            Starting points.
        schedule : sequence of (rate, momentum)
            One pair per step, each a scalar or an array of leading axes (...).
        product : callable, optional
            What stands for the Hessian at a point times a vector in the pullback; :meth:`hessian_vector` if not given.

        Returns
        -------
        adapted : array (..., n, p)
        pullback : function
            The adjoint recursion along the stored trajectory: with lam the cotangent of theta_{j+1} and mu what later steps
            pass to theta_j through the momentum, theta_j receives (1 + m_j) lam - r_j H(theta_j) lam + mu.
        """
        steps = [(self.expand(rate), self.expand(momentum)) for rate, momentum in schedule]
        curved = self.hessian_vector if product is None else product
        path = [theta]
        previous = theta
        for rate, momentum in steps:
            new = path[-1] - rate * self.gradient(path[-1])
            if np.any(momentum):
                new = new + momentum * (path[-1] - previous)
            previous = path[-1]
            path.append(new)

        def pullback(cotangent: Array) -> Array:
            passed: Any = 0.0
            for (rate, momentum), point in zip(reversed(steps), reversed(path[:-1]), strict=True):
                received = cotangent - rate * curved(point, cotangent) + passed
                if np.any(momentum):
                    received = received + momentum * cotangent
                    passed = -momentum * cotangent
                else:
                    passed = 0.0
                cotangent = received
            return cotangent + passed

        return path[-1], pullback

    def displacement(self, theta: Array, schedule: Schedule) -> Array:
        """Start minus end of :meth:`gradient_steps`, summed step by step: no digits are lost where the steps are short."""
        moved: Any = 0.0
        change: Any = 0.0
        point = theta
        for rate, momentum in schedule:
            slope = self.expand(rate) * self.gradient(point)
            change = slope + self.expand(momentum) * change if np.any(momentum) else slope
            moved = moved + change
            point = theta - moved
        return np.asarray(moved)

    def proximal(self, theta: Array, regularization: Any) -> tuple[Array, Pullback]:
        """The proximal problem argmin R(x) + (regularization/2)|x - theta|^2 of each task, by Newton's method.

        The Newton systems are assembled from p Hessian--vector products and solved directly; a step is halved while it does
        not decrease the norm of the gradient.  The pullback is c -> regularization (H(x) + regularization I)^{-1} c, by the
        implicit function theorem.  The regularisation has to exceed minus the least curvature met.

        Raises
        ------
        NotConverged
            If a task's gradient is not reduced to rounding level within 50 Newton steps.
        """
        strength = self.expand(regularization)
        unsolved = NotConverged(
            f"regularization is {regularization!r}: Newton's method did not solve a task's proximal problem in 50 steps; "
            "it must exceed minus the least curvature met"
        )

        def gradient(point: Array) -> Array:
            return self.gradient(point) + strength * (point - theta)

        def norm(vectors: Array) -> Array:
            return np.linalg.norm(vectors, axis=-1, keepdims=True)

        def solve(point: Array, right: Array) -> Array:
            columns = [self.hessian_vector(point, np.broadcast_to(e, right.shape)) for e in np.eye(self.dimension)]
            shift = np.asarray(strength)[..., None] * np.eye(self.dimension)
            try:
                solution: Array = np.linalg.solve(np.stack(columns, axis=-1) + shift, right[..., None])[..., 0]
            except np.linalg.LinAlgError:
                raise unsolved from None
            return solution

        residual = gradient(theta)
        point = theta + np.zeros_like(residual)
        scale = norm(residual) + np.max(np.abs(strength)) * norm(point)
        polished = False
        for _ in range(50):
            step = solve(point, residual)
            size = np.ones_like(scale)
            new, after = point - step, gradient(point - step)
            for _ in range(30):
                worse = (norm(after) > norm(residual)) & (norm(after) > 1e-12 * scale)
                if not worse.any():
                    break
                size = np.where(worse, size / 2, size)
                new = point - size * step
                after = gradient(new)
            point, residual = new, after
            # two further steps after convergence: a complex perturbation converges one step behind its real part
            if bool(np.all(norm(residual) <= 1e-12 * scale)):
                if polished:
                    break
                polished = True
        else:
            raise unsolved
        return point, lambda cotangent: strength * solve(point, cotangent)

    def flow(self, theta: Array, time: Any) -> tuple[Array, Pullback]:
        """The gradient flow up to `time`, by `flow_steps` steps of the classical Runge--Kutta method.

        The pullback is the exact adjoint of the discrete steps.  The discretisation error is of fourth order in the step; a
        family that knows its flow overrides this.
        """
        step = -np.asarray(self.expand(time)) / self.flow_steps
        path: list[list[Array]] = []
        point = theta
        for _ in range(self.flow_steps):
            stages = [point]
            slopes = [self.gradient(point)]
            for fraction in (0.5, 0.5, 1.0):
                stages.append(point + fraction * step * slopes[-1])
                slopes.append(self.gradient(stages[-1]))
            path.append(stages)
            point = point + step / 6 * (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3])

        def pullback(cotangent: Array) -> Array:
            for stages in reversed(path):
                total = cotangent
                carried: Any = 0.0
                for stage, share, fraction in zip(reversed(stages), (1, 2, 2, 1), (0.0, 1.0, 0.5, 0.5), strict=True):
                    slope = step / 6 * share * cotangent + fraction * step * carried
                    carried = self.hessian_vector(stage, slope)
                    total = total + carried
                cotangent = total
            return cotangent

        return point, pullback
