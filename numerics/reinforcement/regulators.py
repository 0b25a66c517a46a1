r"""Families of linear quadratic regulators and the exact cost of a linear policy in them.

A task moves by :math:`x_{t+1}=Ax_t+Bu_t` from a random :math:`x_0` with second moment :math:`\Sigma_0` and costs
:math:`\sum_tx_t^\top Qx_t+u_t^\top Ru_t`; the policy is :math:`u=-Kx`.  With :math:`L=A-BK`,

.. math:: P=L^\top PL+Q+K^\top RK,\quad \Sigma=L\Sigma L^\top+\Sigma_0,\quad E=RK-B^\top PL,\qquad
   C(K)=\operatorname{tr}(P\Sigma_0),\quad \nabla C=2E\Sigma

(Fazel and others, 2018), and the Hessian along D is :math:`2E'\Sigma+2E\Sigma'` with the two Lyapunov equations differentiated,

.. math:: P'=L^\top P'L+D^\top E+E^\top D,\quad \Sigma'=L\Sigma'L^\top-BD\Sigma L^\top-L\Sigma D^\top B^\top,\quad
   E'=(R+B^\top PB)D-B^\top P'L.

Outside the stabilising set, where the spectral radius of L is not below one, the cost is infinite and there is no gradient
(nan).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_are

from numerics.inputs import real_array
from numerics.losses import Losses

Array = NDArray[Any]
Real = NDArray[np.float64]


class Regulators(Losses):
    """Regulators and their probabilities; a point is a gain K in one row, of dimension q p.

    Parameters
    ----------
    dynamics : array (n, p, p)
        A of each task.
    controls : array (n, p, q)
        B of each task.
    state_cost, control_cost : array (p, p), array (q, q)
        Q, symmetric positive semi-definite, and R, symmetric positive definite; or one for each task, (n, p, p), (n, q, q).
    start : array (p, p), optional
        Second moment of the first state, symmetric positive semi-definite; the identity if not given.
    weights : array (n,), optional
        Probabilities of the tasks; equal if not given.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.

    Examples
    --------
    >>> one = Regulators([[[1.0]]], [[[1.0]]], [[1.0]], [[0.0001]])
    >>> one.value(np.array([[1.0]])).tolist(), one.value(np.array([[0.0]])).tolist()
    ([1.0001], [inf])
    >>> one.stabilises(np.array([[2.5]])).tolist()
    [False]
    """

    def __init__(
        self, dynamics: Any, controls: Any, state_cost: Any, control_cost: Any, start: Any = None, weights: Any = None
    ) -> None:
        dynamics = real_array("dynamics", dynamics, 3, "(n, p, p)")
        number, order, columns = dynamics.shape
        if min(dynamics.shape) == 0 or order != columns:
            raise ValueError(f"dynamics has shape {dynamics.shape}; it must have shape (n, p, p) with n and p at least 1")
        controls = real_array("controls", controls, 3, "(n, p, q)")
        if controls.shape[:2] != (number, order) or controls.shape[2] == 0:
            raise ValueError(f"controls has shape {controls.shape}; it must be ({number}, {order}, q) with q at least 1")
        inputs = controls.shape[2]
        weights = real_array("weights", np.full(number, 1 / number) if weights is None else weights, 1, "(n,)")
        start = real_array("start", np.eye(order) if start is None else start, 2, "(p, p)")
        state_cost = _each("state_cost", state_cost, number, "(p, p) or (n, p, p)")
        control_cost = _each("control_cost", control_cost, number, "(q, q) or (n, q, q)")
        for name, array, shape in (
            ("state_cost", state_cost, (number, order, order)),
            ("control_cost", control_cost, (number, inputs, inputs)),
            ("start", start, (order, order)),
            ("weights", weights, (number,)),
            ("dynamics", dynamics, dynamics.shape),
            ("controls", controls, controls.shape),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; for these tasks it must be {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        for name, matrix, definite in (
            ("state_cost", state_cost, ""),
            ("control_cost", control_cost, "x"),
            ("start", start, ""),
        ):
            skew, size = np.abs(matrix - _turned(matrix)).max(), np.abs(matrix).max()
            if skew > 1e-10 * size:
                raise ValueError(f"{name} differs from its transpose by {skew:.3g}; it must be symmetric")
            least = float(np.linalg.eigvalsh(matrix).min())
            if least < -1e-10 * size or (definite and least <= 0):
                kind = "positive definite" if definite else "positive semi-definite"
                raise ValueError(f"{name} has the eigenvalue {least:.3g}; it must be {kind}")
        if weights.min() < 0 or abs(weights.sum() - 1) > 1e-9:
            raise ValueError(f"weights is {weights.tolist()}; it must be probabilities, not negative and summing to one")
        super().__init__(weights, inputs * order)
        self.dynamics, self.controls = dynamics, controls
        self.state_cost, self.control_cost, self.start = state_cost, control_cost, start

    def chunk(self, tasks: slice) -> Regulators:
        """Some of the tasks; their weights are parts of the whole's and need not sum to one."""
        costs = self.state_cost[tasks], self.control_cost[tasks]
        part = Regulators(self.dynamics[tasks], self.controls[tasks], *costs, self.start)
        part.weights = self.weights[tasks]
        return part

    def gains(self, theta: Array) -> Array:
        """Points (..., q p) as matrices K (..., q, p)."""
        return theta.reshape(*theta.shape[:-1], self.controls.shape[2], self.dynamics.shape[1])

    def stabilises(self, theta: Array) -> NDArray[np.bool_]:
        """Whether the spectral radius of A - B K is below one, at each task; False where a point is not finite."""
        closed = np.real(self._closed(theta))
        finite = np.isfinite(closed).all(axis=(-2, -1))
        radius = np.abs(np.linalg.eigvals(np.where(finite[..., None, None], closed, 2.0))).max(axis=-1)
        return finite & (radius < 1)

    def optima(self) -> Real:
        """The optimal gain of each task, (n, q p), by the discrete algebraic Riccati equation.

        Raises
        ------
        ValueError
            If a task has no stabilising solution.
        """
        found = []
        for task, (a, b, q, r) in enumerate(zip(self.dynamics, self.controls, self.state_cost, self.control_cost, strict=True)):
            try:
                cost = solve_discrete_are(a, b, q, r)
            except np.linalg.LinAlgError as problem:
                raise ValueError(f"dynamics[{task}] with its controls has no stabilising optimum: {problem}") from None
            found.append(np.linalg.solve(r + b.T @ cost @ b, b.T @ cost @ a).ravel())
        return np.array(found)

    def costs_to_go(self, theta: Array) -> tuple[Array, Array, Array, Array]:
        """L, P, Sigma and E of the module's equations, nan where the gain does not stabilise."""
        gain, closed = self.gains(theta), self._closed(theta)
        inside = self.stabilises(theta)[..., None, None]
        closed = np.where(inside, closed, 0.0)
        to_go = _lyapunov(_turned(closed), self.state_cost + _turned(gain) @ self.control_cost @ gain)
        moments = _lyapunov(closed, np.broadcast_to(self.start, closed.shape))
        error = self.control_cost @ gain - _turned(self.controls) @ to_go @ closed
        closed, to_go, moments, error = (np.where(inside, part, np.nan) for part in (closed, to_go, moments, error))
        return closed, to_go, moments, error

    def _closed(self, theta: Array) -> Array:
        return self.dynamics - self.controls @ self.gains(theta)

    def _value(self, theta: Array) -> Array:
        cost = np.einsum("...ij,ji->...", self.costs_to_go(theta)[1], self.start)
        return np.where(np.isnan(cost), np.inf, cost)

    def _gradient(self, theta: Array) -> Array:
        _, _, moments, error = self.costs_to_go(theta)
        return _rows(2 * error @ moments)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        closed, to_go, moments, error = self.costs_to_go(theta)
        inside = ~np.isnan(closed.real).any(axis=(-2, -1), keepdims=True)
        closed, to_go, moments, error = (np.where(inside, part, 0.0) for part in (closed, to_go, moments, error))
        along = self.gains(vector)
        pushed = _turned(along) @ error
        new_to_go = _lyapunov(_turned(closed), pushed + _turned(pushed))
        spread = -self.controls @ along @ moments @ _turned(closed)
        new_moments = _lyapunov(closed, spread + _turned(spread))
        curvature = self.control_cost + _turned(self.controls) @ to_go @ self.controls
        new_error = curvature @ along - _turned(self.controls) @ new_to_go @ closed
        return _rows(np.where(inside, 2 * new_error @ moments + 2 * error @ new_moments, np.nan))


def random_regulators(heterogeneity: float, number: int = 16, seed: int = 0) -> Regulators:
    """A chain of three states with two controls, whose entries are moved at random from task to task.

    A = 0.9 I with 0.3 above the diagonal, B = 0.5 (e_2, e_3), Q = I, R = I/2; every entry of A and B is moved by
    0.3 `heterogeneity` times a number uniform on [-1, 1].

    Raises
    ------
    ValueError
        If heterogeneity is negative or not finite, or number is below 1.

    Examples
    --------
    >>> family = random_regulators(0.3)
    >>> bool(family.stabilises(family.optima().mean(axis=0)[None]).all())
    True
    """
    if not 0 <= heterogeneity < np.inf:
        raise ValueError(f"heterogeneity is {heterogeneity!r}; it must be a finite number that is not negative")
    if number < 1:
        raise ValueError(f"number is {number!r}; it must be at least 1")
    rng = np.random.default_rng(seed)
    dynamics = 0.9 * np.eye(3) + 0.3 * np.eye(3, k=1) + 0.3 * heterogeneity * rng.uniform(-1, 1, (number, 3, 3))
    controls = 0.5 * np.eye(3)[:, 1:] + 0.3 * heterogeneity * rng.uniform(-1, 1, (number, 3, 2))
    return Regulators(dynamics, controls, np.eye(3), np.eye(2) / 2)


def _each(name: str, value: Any, number: int, shape: str) -> Real:
    """A matrix for each of the tasks, from one for all or one for each."""
    if np.ndim(value) == 2:
        value = np.broadcast_to(value, (number, *np.shape(value)))
    return real_array(name, value, 3, shape)


def _turned(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)


def _rows(matrices: Array) -> Array:
    return matrices.reshape(*matrices.shape[:-2], -1)


def _lyapunov(closed: Array, right: Array) -> Array:
    """X = L X L' + right, as one linear system of p^2 unknowns for each task."""
    order = closed.shape[-1]
    shape = np.broadcast_shapes(closed.shape, right.shape)
    product = np.einsum("...ij,...kl->...ikjl", closed, closed).reshape(*closed.shape[:-2], order**2, order**2)
    flat = np.broadcast_to(right, shape).reshape(*shape[:-2], order**2, 1)
    return np.linalg.solve(np.eye(order**2) - product, flat).reshape(shape)
