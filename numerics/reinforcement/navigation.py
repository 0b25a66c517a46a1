r"""Navigation of a point in the plane: exact finite-horizon cost of a linear Gaussian policy, by propagating moments.

A task has a goal c and gains g of its two motors.  The point moves by :math:`x^+=x+0.2\,g\circ u` with
:math:`u=-Kx+b+0.3\,\xi`, :math:`\xi` standard normal, for 20 steps from :math:`x_0\sim N(0,0.1\,I)`, and the cost is the mean
over steps of :math:`\|x-c\|^2+0.05\|u\|^2`.  A state is normal at every time, so that its mean and covariance give the cost;
the gradient is the adjoint recursion through both, and a Hessian--vector product the derivative of that recursion.

A point of the parameters is K by rows, then b: dimension 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import real_array
from numerics.losses import Losses

Array = NDArray[Any]
Real = NDArray[np.float64]


class Navigation(Losses):
    """Tasks of navigation with their probabilities.

    Parameters
    ----------
    goals, motors : array (n, 2)
        c and g.
    horizon : int
        Number of steps.
    pace, noise, spread, effort : float
        0.2, the policy's standard deviation 0.3, the variance 0.1 of the first position, and 0.05 of the module's equations.
    weights : array (n,), optional
        Probabilities of the tasks; equal if not given.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.

    Examples
    --------
    >>> one = Navigation([[1.0, 0.0]], [[1.0, 1.0]])
    >>> one.value(np.zeros((1, 6))).round(6).tolist()
    [1.2774]
    """

    def __init__(
        self, goals: Any, motors: Any, horizon: int = 20, pace: float = 0.2, noise: float = 0.3, spread: float = 0.1,
        effort: float = 0.05, weights: Any = None,
    ) -> None:  # fmt: skip
        goals, motors = (real_array(name, value, 2, "(n, 2)") for name, value in (("goals", goals), ("motors", motors)))
        number = len(goals)
        weights = real_array("weights", np.full(number, 1 / max(number, 1)) if weights is None else weights, 1, "(n,)")
        for name, array, shape in (
            ("goals", goals, (max(number, 1), 2)),
            ("motors", motors, (number, 2)),
            ("weights", weights, (number,)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; it must be {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
            raise ValueError(f"horizon is {horizon!r}; it must be an integer of at least 1")
        for name, scale in (("pace", pace), ("noise", noise), ("spread", spread), ("effort", effort)):
            if not (isinstance(scale, int | float | np.floating) and 0 <= scale < np.inf):
                raise ValueError(f"{name} is {scale!r}; it must be a finite number that is not negative")
        if weights.min() < 0 or abs(weights.sum() - 1) > 1e-9:
            raise ValueError(f"weights is {weights.tolist()}; it must be probabilities, not negative and summing to one")
        super().__init__(weights, 6)
        self.goals, self.motors, self.horizon = goals, motors, int(horizon)
        self.pace, self.noise, self.spread, self.effort = pace, noise, spread, effort

    def chunk(self, tasks: slice) -> Navigation:
        """Some of the tasks; their weights are parts of the whole's and need not sum to one."""
        scales = self.pace, self.noise, self.spread, self.effort
        part = Navigation(self.goals[tasks], self.motors[tasks], self.horizon, *scales)
        part.weights = self.weights[tasks]
        return part

    @property
    def reach(self) -> Real:
        """The matrices 0.2 diag(g) by which a control moves the point, (n, 2, 2)."""
        return self.pace * self.motors[:, :, None] * np.eye(2)

    def costs_to_go(self, theta: Array) -> list[tuple[Array, Array, Array]]:
        """Expected cost from each step on as a quadratic of the position: (M, m, c) of x' M x + 2 m' x + c, first step first.

        Parameters
        ----------
        theta : array (n, 6)
            The policy of each task.
        """
        gain, shift, reach = *split(theta), self.reach
        closed, drift = np.eye(2) - reach @ gain, _applied(reach, shift)
        share = 1 / self.horizon
        shape = np.broadcast_shapes(theta.shape[:-1], (self.number,))
        square, slope, constant = np.zeros((*shape, 2, 2)), np.zeros((*shape, 2)), np.zeros(shape)
        found = []
        for _ in range(self.horizon):
            moved = self.noise**2 * np.trace(_turned(reach) @ square @ reach, axis1=-2, axis2=-1)
            constant = constant + ((_applied(square, drift) + 2 * slope) * drift).sum(axis=-1) + moved
            slope = _applied(_turned(closed), _applied(square, drift) + slope)
            square = _turned(closed) @ square @ closed
            square = square + share * (np.eye(2) + self.effort * _turned(gain) @ gain)
            slope = slope - share * (self.goals + self.effort * _applied(_turned(gain), shift))
            used = (self.goals**2).sum(axis=-1) + self.effort * ((shift**2).sum(axis=-1) + 2 * self.noise**2)
            constant = constant + share * used
            found.append((square, slope, constant))
        return found[::-1]

    def _value(self, theta: Array) -> Array:
        return self._forward(theta)[0]

    def _gradient(self, theta: Array) -> Array:
        gain, shift, reach = *split(theta), self.reach
        closed = np.eye(2) - reach @ gain
        _, path = self._forward(theta)
        to_mean: Any = np.zeros_like(path[0][0])
        to_covariance: Any = np.zeros_like(path[0][1])
        to_gain, to_shift = np.zeros_like(to_covariance), np.zeros_like(to_mean)
        share = 1 / self.horizon
        for mean, covariance in reversed(path):
            # through x+ = L x + G b + noise
            to_closed = _outer(to_mean, mean) + 2 * to_covariance @ closed @ covariance
            to_shift = to_shift + _applied(_turned(reach), to_mean)
            to_gain = to_gain - _turned(reach) @ to_closed
            to_mean = _applied(_turned(closed), to_mean)
            to_covariance = _turned(closed) @ to_covariance @ closed
            # through the cost of this step
            control = shift - _applied(gain, mean)
            to_control = 2 * self.effort * share * control
            to_shift = to_shift + to_control
            to_gain = to_gain - _outer(to_control, mean) + 2 * self.effort * share * gain @ covariance
            to_mean = to_mean - _applied(_turned(gain), to_control) + 2 * share * (mean - self.goals)
            to_covariance = to_covariance + share * (np.eye(2) + self.effort * _turned(gain) @ gain)
        return np.concatenate([to_gain.reshape(*to_gain.shape[:-2], 4), to_shift], axis=-1)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        """The derivative of :meth:`_gradient` along the vector, line by line; a tangent has its quantity's name and `_t`."""
        gain, shift, reach = *split(theta), self.reach
        gain_t, shift_t = split(vector)
        closed, closed_t = np.eye(2) - reach @ gain, -reach @ gain_t
        path = self._forward(theta)[1]
        path_t = [(np.zeros_like(path[0][0] + vector[..., :2]), np.zeros_like(path[0][1] + gain_t))]
        for mean, covariance in path[:-1]:
            mean_t, covariance_t = path_t[-1]
            half = closed_t @ covariance @ _turned(closed)
            moved = half + _turned(half) + closed @ covariance_t @ _turned(closed)
            path_t.append((_applied(closed_t, mean) + _applied(closed, mean_t) + _applied(reach, shift_t), moved))
        to_mean: Any = np.zeros_like(path_t[0][0])
        to_covariance: Any = np.zeros_like(path_t[0][1])
        to_mean_t, to_covariance_t = to_mean, to_covariance
        to_gain_t, to_shift_t = np.zeros_like(to_covariance), np.zeros_like(to_mean)
        share, weight = 1 / self.horizon, 2 * self.effort / self.horizon
        for (mean, covariance), (mean_t, covariance_t) in zip(reversed(path), reversed(path_t), strict=True):
            to_closed_t = (
                _outer(to_mean_t, mean)
                + _outer(to_mean, mean_t)
                + 2
                * (
                    to_covariance_t @ closed @ covariance
                    + to_covariance @ closed_t @ covariance
                    + to_covariance @ closed @ covariance_t
                )
            )
            to_shift_t = to_shift_t + _applied(_turned(reach), to_mean_t)
            to_gain_t = to_gain_t - _turned(reach) @ to_closed_t
            to_mean, to_mean_t = (
                _applied(_turned(closed), to_mean),
                _applied(_turned(closed_t), to_mean) + _applied(_turned(closed), to_mean_t),
            )
            half = _turned(closed_t) @ to_covariance @ closed
            to_covariance, to_covariance_t = (
                _turned(closed) @ to_covariance @ closed,
                half + _turned(half) + _turned(closed) @ to_covariance_t @ closed,
            )
            to_control = weight * (shift - _applied(gain, mean))
            to_control_t = weight * (shift_t - _applied(gain_t, mean) - _applied(gain, mean_t))
            to_shift_t = to_shift_t + to_control_t
            to_gain_t = to_gain_t - _outer(to_control_t, mean) - _outer(to_control, mean_t)
            to_gain_t = to_gain_t + weight * (gain_t @ covariance + gain @ covariance_t)
            to_mean_t = to_mean_t - _applied(_turned(gain_t), to_control) - _applied(_turned(gain), to_control_t)
            to_mean_t = to_mean_t + 2 * share * mean_t
            to_mean = to_mean - _applied(_turned(gain), to_control) + 2 * share * (mean - self.goals)
            to_covariance = to_covariance + share * (np.eye(2) + self.effort * _turned(gain) @ gain)
            half = share * self.effort * _turned(gain_t) @ gain
            to_covariance_t = to_covariance_t + half + _turned(half)
        return np.concatenate([to_gain_t.reshape(*to_gain_t.shape[:-2], 4), to_shift_t], axis=-1)

    def _forward(self, theta: Array) -> tuple[Array, list[tuple[Array, Array]]]:
        """Costs, and the mean and covariance of the state before each step."""
        gain, shift, reach = *split(theta), self.reach
        closed = np.eye(2) - reach @ gain
        drift, scatter = _applied(reach, shift), self.noise**2 * reach @ reach
        mean = np.zeros(np.broadcast_shapes(shift.shape, self.goals.shape), dtype=theta.dtype)
        covariance = np.broadcast_to(self.spread * np.eye(2), (*mean.shape, 2)).astype(theta.dtype)
        cost: Any = 0.0
        path = []
        for _ in range(self.horizon):
            path.append((mean, covariance))
            control = shift - _applied(gain, mean)
            away = ((mean - self.goals) ** 2).sum(axis=-1) + np.trace(covariance, axis1=-2, axis2=-1)
            used = (control**2).sum(axis=-1) + ((gain @ covariance) * gain).sum(axis=(-2, -1)) + 2 * self.noise**2
            cost = cost + (away + self.effort * used) / self.horizon
            mean, covariance = _applied(closed, mean) + drift, closed @ covariance @ _turned(closed) + scatter
        return cost, path


def random_navigation(heterogeneity: float, number: int = 32, seed: int = 0) -> Navigation:
    """Goals uniform on the unit circle and motors whose logarithms are uniform on [-heterogeneity, heterogeneity].

    Examples
    --------
    >>> random_navigation(0.0, 3).motors.tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """
    if not 0 <= heterogeneity < np.inf:
        raise ValueError(f"heterogeneity is {heterogeneity!r}; it must be a finite number that is not negative")
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 2 * np.pi, number)
    motors = np.exp(heterogeneity * rng.uniform(-1, 1, (number, 2)))
    return Navigation(np.stack([np.cos(angles), np.sin(angles)], axis=-1), motors)


def split(theta: Array) -> tuple[Array, Array]:
    """The matrix K (..., 2, 2) and the vector b (..., 2) of points (..., 6)."""
    return theta[..., :4].reshape(*theta.shape[:-1], 2, 2), theta[..., 4:]


def _outer(left: Array, right: Array) -> Array:
    return left[..., :, None] * right[..., None, :]


def _applied(matrices: Array, vectors: Array) -> Array:
    return (matrices @ vectors[..., None])[..., 0]


def _turned(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)
