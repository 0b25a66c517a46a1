r"""Linear-regression risks as the first family of losses, with the inner loops that constant curvature makes exact.

On a quadratic every inner loop multiplies the residual theta - theta_gamma by a matrix: gradient steps by products with Q, the
proximal problem by one linear solve, the flow by the matrix exponential.  :class:`Curvatures` moves the columns of a matrix
through the same loops, so that a rule run on the identity shows its matrix, its weight.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from numerics.features import GAUSSIAN, FeatureLaw
from numerics.losses import Losses, Pullback

Array = NDArray[Any]


class Quadratics(Losses):
    r"""Linear-regression risks ½(theta - theta_gamma)^T Q (theta - theta_gamma) + ½ sigma^2.

    Parameters
    ----------
    hessians : array (..., n, p, p)
        Curvatures Q, symmetric.
    optima : array (..., n, p)
        theta_gamma.
    noise_variances : array (..., n) or 0
        sigma^2.
    weights : array (n,), optional
        Probabilities; uniform if not given.
    features : FeatureLaw
        Law of the features, for inner steps on samples.

    Examples
    --------
    >>> import numpy as np
    >>> losses = Quadratics(np.array([[[2.0]], [[1.0]]]), np.array([[1.0], [0.0]]))
    >>> losses.gradient(np.array([[3.0]])).ravel().tolist()
    [4.0, 3.0]
    """

    def __init__(
        self,
        hessians: Array,
        optima: Array,
        noise_variances: Any = 0.0,
        weights: Array | None = None,
        features: FeatureLaw = GAUSSIAN,
    ) -> None:
        number = hessians.shape[-3]
        super().__init__(np.full(number, 1 / number) if weights is None else weights, hessians.shape[-1])
        self.hessians = hessians
        self.optima = optima
        self.noise_variances = noise_variances
        self.features = features

    def chunk(self, tasks: slice) -> Quadratics:
        """The same risks for some of the tasks, as views."""
        noise = np.asarray(self.noise_variances)
        return Quadratics(
            self.hessians[..., tasks, :, :],
            self.optima[..., tasks, :],
            noise[..., tasks] if noise.ndim else noise,
            self.weights[..., tasks],
            self.features,
        )

    def homogeneous(self) -> Quadratics:
        """The same curvatures with all optima at zero and no noise: what residuals theta - theta_gamma see."""
        return Quadratics(self.hessians, np.zeros_like(self.optima), 0.0, self.weights, self.features)

    def residual(self, theta: Array) -> Array:
        """theta - theta_gamma for each task."""
        return theta - self.optima

    def _columns(self, points: Array) -> Array:
        return points[..., None]

    def _points(self, columns: Array) -> Array:
        return columns[..., 0]

    def product(self, matrices: Array, points: Array) -> Array:
        """Matrices (..., n, p, p) times points."""
        return self._points(matrices @ self._columns(points))

    def squared_size(self) -> Array:
        """tr Q^2 of each task, shape (..., n)."""
        return np.einsum("...ij,...ji->...", self.hessians, self.hessians)

    def _value(self, theta: Array) -> Array:
        residual = self.residual(theta)
        value: Array = 0.5 * (residual * self.product(self.hessians, residual)).sum(axis=-1) + 0.5 * self.noise_variances
        return value

    def _gradient(self, theta: Array) -> Array:
        return self.product(self.hessians, self.residual(theta))

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        return self.product(self.hessians, vector)

    def derivative(self, step: Callable[[Losses, Array], Array], theta: Array, direction: Array) -> Array:
        """Derivative of an outer step: linear on quadratics, hence the step itself on the homogeneous risks."""
        problem = self.homogeneous()
        result = step(problem, direction)
        self.gradients += problem.gradients
        self.hessian_vectors += problem.hessian_vectors
        return result

    def _moved(self, theta: Array, transform: Pullback) -> tuple[Array, Pullback]:
        """Adapted points and pullback of a loop that multiplies residuals by a symmetric matrix, hence is its own adjoint."""
        residual = self.residual(theta)
        return self.optima + transform(residual), transform

    def proximal(self, theta: Array, regularization: Any) -> tuple[Array, Pullback]:
        """The proximal problem, one linear solve: residuals become lambda (Q + lambda I)^{-1} times themselves."""
        strength = self.expand(regularization)
        shifted = self.hessians + _per_matrix(regularization) * np.eye(self.dimension)
        return self._moved(theta, lambda points: self._points(np.linalg.solve(shifted, self._columns(strength * points))))

    def flow(self, theta: Array, time: Any) -> tuple[Array, Pullback]:
        """The gradient flow, by the matrix exponential: residuals become exp(-t Q) times themselves."""
        decay = expm(-_per_matrix(time) * self.hessians)
        return self._moved(theta, lambda points: self.product(decay, points))

    def sampled_spread(self, theta: Array) -> Array:
        """E[(xx^T - Q) Q (xx^T - Q)] times the residuals: what the noise of one sample's curvature adds to a step's risk.

        From the fourth moments of the feature law, see :mod:`numerics.features`.
        """
        once = self.product(self.hessians, self.residual(theta))
        thrice = self.product(self.hessians, self.product(self.hessians, once))
        trace = self.squared_size()
        trace = trace.reshape(trace.shape + (1,) * (self.point_axes - 1))
        return self.features.fourth_moment(self.dimension) * (2 * thrice + trace * once) - thrice


class Curvatures(Quadratics):
    """Homogeneous quadratics whose points are matrices (..., n, p, m): m residuals of each task, moved together as columns.

    A linear step applied to the identity is its matrix; this is how rules find their weights.

    Parameters
    ----------
    hessians : array (..., n, p, p)
        Curvatures Q, symmetric.
    features : FeatureLaw
        Law of the features, for inner steps on samples.
    """

    point_axes = 3

    def __init__(self, hessians: Array, features: FeatureLaw = GAUSSIAN) -> None:
        super().__init__(hessians, np.zeros(hessians.shape[-1:]), features=features)
        #: where weights start from; a product with this very array is the other factor, and is not computed
        self.identity = np.eye(hessians.shape[-1])

    def chunk(self, tasks: slice) -> Curvatures:
        """The same curvatures for some of the tasks, as a view."""
        return Curvatures(self.hessians[..., tasks, :, :], self.features)

    def residual(self, theta: Array) -> Array:
        """The points themselves: all optima are zero."""
        return theta

    def product(self, matrices: Array, points: Array) -> Array:
        """Matrices (..., n, p, p) times points."""
        return matrices if points is self.identity else matrices @ points

    def _columns(self, points: Array) -> Array:
        return points

    def _points(self, columns: Array) -> Array:
        return columns


def _per_matrix(field: Any) -> Array:
    """A rule's field of shape (...) broadcast against matrices (..., n, p, p)."""
    array = np.asarray(field)
    return array.reshape((*array.shape, 1, 1, 1)) if array.ndim else array
