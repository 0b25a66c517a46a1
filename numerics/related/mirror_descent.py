r"""Mirror descent with quadratic, entropic and learned maps, run on sequences of linear losses and inside rules of adaptation.

A mirror map psi moves a point w to a dual point grad psi(w), where a gradient step is made, and back:

* :class:`QuadraticMap`, psi = ½ w'Pw: the step is preconditioned by P^{-1};
* :class:`EntropicMap`, psi = sum w_i ln w_i on the simplex: multiplicative weights;
* a *learned* map is a quadratic one whose P is chosen for tasks seen before, :func:`learned_map`.

Against losses g_t'w the regret is sum_t g_t'(w_t - u) for a comparator u.  As an inner loop of adaptation, k mirror steps of a
quadratic map are the rule :class:`MirrorSteps`.

`gao-2022` (2203.02711) learns the map across tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.inputs import above, stack
from numerics.kernels import mirror_steps as kernels
from numerics.losses import Losses, Pullback
from numerics.quadratics import Quadratics
from numerics.rules import GradientSteps

Array = NDArray[np.float64]


def _finite(name: str, value: Any, axes: int, shape: str) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if array.ndim < axes:
        raise ValueError(f"{name} has shape {array.shape}; it must be {shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    return array


class QuadraticMap:
    """psi = ½ w'Pw.

    Parameters
    ----------
    matrix : array (..., n, n)
        P, symmetric and positive definite; leading axes are instances.

    Raises
    ------
    ValueError
        If it is not.

    Examples
    --------
    >>> QuadraticMap([[2.0, 0.0], [0.0, 1.0]]).to_dual([1.0, 1.0]).tolist()
    [2.0, 1.0]
    """

    def __init__(self, matrix: Any) -> None:
        array = _finite("matrix", matrix, 2, "(..., n, n)")
        if array.shape[-1] != array.shape[-2]:
            raise ValueError(f"matrix has shape {array.shape}; it must be (..., n, n)")
        if np.any(np.abs(array - np.swapaxes(array, -1, -2)) > 1e-10 * np.abs(array).max()):
            raise ValueError("matrix differs from its transpose; a mirror map's matrix must be symmetric")
        least = np.linalg.eigvalsh(array)[..., 0]
        if np.any(least <= 0):
            raise ValueError(f"matrix has the eigenvalue {least.min():.3g}; a mirror map's matrix must be positive definite")
        self.matrix = array
        self.inverse = np.linalg.inv(array)

    def to_dual(self, point: Any) -> Array:
        """grad psi(w) = P w."""
        return (self.matrix @ np.asarray(point, dtype=np.float64)[..., None])[..., 0]

    def from_dual(self, point: Any) -> Array:
        """The point whose dual point is given, P^{-1} z."""
        return (self.inverse @ np.asarray(point, dtype=np.float64)[..., None])[..., 0]

    def divergence(self, point: Any, base: Any) -> Array:
        """D(u, w) = ½ (u - w)'P(u - w), (...)."""
        shift = np.asarray(point, dtype=np.float64) - np.asarray(base, dtype=np.float64)
        return np.asarray(0.5 * (shift * self.to_dual(shift)).sum(axis=-1))


class EntropicMap:
    """psi = sum w_i ln w_i on the simplex.

    Examples
    --------
    >>> EntropicMap().from_dual([0.0, np.log(3.0)]).round(12).tolist()
    [0.25, 0.75]
    """

    def to_dual(self, point: Any) -> Array:
        """Logarithms of the weights, the dual point up to a constant; minus infinity where a weight is zero."""
        with np.errstate(divide="ignore"):
            return np.log(np.asarray(point, dtype=np.float64))

    def from_dual(self, point: Any) -> Array:
        """Exponentials, normalised."""
        z = np.asarray(point, dtype=np.float64)
        weights = np.exp(z - z.max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))

    def divergence(self, point: Any, base: Any) -> Array:
        """The relative entropy sum u_i ln(u_i / w_i), (...)."""
        u, w = np.asarray(point, dtype=np.float64), np.asarray(base, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(u > 0, u * (np.log(u) - np.log(w)), 0.0)
        return np.asarray(terms.sum(axis=-1))


@dataclass(frozen=True)
class Path:
    """What mirror steps against linear losses add up to.

    Attributes
    ----------
    loss : array (...)
        sum_t g_t'w_t.
    gradient_sum : array (..., n)
        sum_t g_t, so that a comparator u suffers its product with u.
    squared_norms : array (...)
        sum_t |g_t|_*^2, in the norm of P^{-1} or the largest entry's.
    last : array (..., n)
        The point after the last step.
    """

    loss: Array
    gradient_sum: Array
    squared_norms: Array
    last: Array

    def regret(self, comparator: Any) -> Array:
        """sum_t g_t'(w_t - u), (...)."""
        return np.asarray(self.loss - (self.gradient_sum * np.asarray(comparator, dtype=np.float64)).sum(axis=-1))


@serial
def mirror_descent(mirror: QuadraticMap | EntropicMap, gradients: Any, start: Any, rate: Any) -> Path:
    """Run mirror steps against linear losses.

    Parameters
    ----------
    mirror : QuadraticMap or EntropicMap
        Leading axes of its matrix broadcast against those of the losses.
    gradients : array (..., T, n)
        g_1, ..., g_T.
    start : array (..., n)
        w_1.
    rate : float or array (...)
        eta > 0.

    Raises
    ------
    ValueError
        If a shape does not fit, an entry is not finite, the rate is not positive, or an entropic start is off the simplex.

    Examples
    --------
    >>> path = mirror_descent(QuadraticMap(np.eye(1)), [[1.0], [-2.0]], [0.0], 0.5)
    >>> float(path.regret([1.0])), path.last.tolist()
    (2.0, [0.5])
    """
    slopes = _finite("gradients", gradients, 2, "(..., T, n)")
    first = _finite("start", start, 1, "(..., n)")
    eta = _finite("rate", rate, 0, "(...)")
    if np.any(eta <= 0):
        raise ValueError(f"rate is {rate!r}; it must be positive")
    size = slopes.shape[-1]
    inner = mirror.matrix.shape if isinstance(mirror, QuadraticMap) else (size, size)
    if first.shape[-1] != size or inner[-1] != size:
        raise ValueError(f"start has shape {first.shape}, the map {inner}; with gradients {slopes.shape} both need n = {size}")
    lead = np.broadcast_shapes(slopes.shape[:-2], first.shape[:-1], eta.shape, inner[:-2])
    count = int(np.prod(lead))
    flat = np.ascontiguousarray(np.broadcast_to(slopes, (*lead, *slopes.shape[-2:]))).reshape((count, *slopes.shape[-2:]))
    points = np.broadcast_to(first, (*lead, size)).reshape(count, size).copy()
    losses, norms = np.zeros(count), np.zeros(count)
    rates = np.ascontiguousarray(np.broadcast_to(eta, lead)).reshape(count)
    if isinstance(mirror, QuadraticMap):
        inverses = np.ascontiguousarray(np.broadcast_to(mirror.inverse, (*lead, size, size))).reshape(count, size, size)
        kernels.quadratic_steps(flat, inverses, rates, points, losses, norms)
    else:
        if np.any(points < 0) or np.any(np.abs(points.sum(axis=-1) - 1) > 1e-9):
            raise ValueError("start is not on the simplex; with the entropic map it must have entries >= 0 that sum to one")
        kernels.entropic_steps(flat, rates, points, losses, norms)
    total = flat.sum(axis=1).reshape((*lead, size))
    return Path(losses.reshape(lead), total, norms.reshape(lead), points.reshape((*lead, size)))


@serial
def learned_map(spread: Any, slopes: Any) -> QuadraticMap:
    r"""The quadratic map of least regret bound for tasks seen before: P minimises ½ tr(P A) + ½ tr(P^{-1} G).

    Parameters
    ----------
    spread : array (..., n, n)
        A, the second moment of the comparators' distance from the start, positive definite.
    slopes : array (..., n, n)
        G, the second moment of the gradients, summed along a task, positive definite.

    Returns
    -------
    QuadraticMap
        P, the rate absorbed in it: the geometric mean of A^{-1} and G, the only positive definite solution of P A P = G.

    Raises
    ------
    ValueError
        If a matrix is not symmetric and positive definite.

    Examples
    --------
    >>> learned_map([[4.0]], [[1.0]]).matrix.tolist()
    [[0.5]]
    """
    a, g = QuadraticMap(spread).matrix, QuadraticMap(slopes).matrix
    eigenvalues, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(eigenvalues)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    back = (vectors / np.sqrt(eigenvalues)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    middle, turned = np.linalg.eigh(root @ g @ root)
    inner = (turned * np.sqrt(np.maximum(middle, 0.0))[..., None, :]) @ np.swapaxes(turned, -1, -2)
    matrix = back @ inner @ back
    return QuadraticMap((matrix + np.swapaxes(matrix, -1, -2)) / 2)


def regret_bound(matrix: Any, spread: Any, slopes: Any) -> Array:
    """½ tr(P A) + ½ tr(P^{-1} G), the mean regret bound of a quadratic map, (...).

    Examples
    --------
    >>> float(regret_bound([[0.5]], [[4.0]], [[1.0]]))
    2.0
    """
    sizes: dict[str, int] = {}
    named = (("matrix", matrix), ("spread", spread), ("slopes", slopes))
    p, a, g = (stack(name, array, "p p", sizes) for name, array in named)
    try:
        inverse = np.linalg.inv(p)
    except np.linalg.LinAlgError:
        raise ValueError("matrix is singular; that of a quadratic map must be positive definite") from None
    return np.asarray(0.5 * (np.einsum("...ij,...ji->...", p, a) + np.einsum("...ij,...ji->...", inverse, g)))


@dataclass(frozen=True, eq=False)
class MirrorSteps(GradientSteps):
    """Adaptation by mirror steps of a quadratic map, theta <- theta - alpha Pi grad R, and the exact hypergradient.

    Parameters
    ----------
    alpha, steps
        As in :class:`numerics.rules.GradientSteps`.
    preconditioner : array (..., p, p)
        Pi = P^{-1}; leading axes broadcast against those of the tasks' arrays before the tasks.

    Raises
    ------
    ValueError
        If the preconditioner is not symmetric and positive definite.

    Examples
    --------
    >>> MirrorSteps(0.5, 1, [[1.5]]).deployment_weight(np.array([[[1.0]]])).ravel().tolist()
    [0.0625]
    """

    preconditioner: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.preconditioner is None:
            raise ValueError("preconditioner is missing; it must be a symmetric positive definite matrix")
        object.__setattr__(self, "preconditioner", QuadraticMap(self.preconditioner).matrix)

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Run the steps; the pullback runs their adjoints along the stored path."""
        if not isinstance(losses, Quadratics):
            raise TypeError(f"losses is a {type(losses).__name__}; mirror steps act on Quadratics only")
        matrix = self.preconditioner[..., None, :, :]
        path = [theta]
        for rate, _ in self.schedule():
            path.append(path[-1] - losses.expand(rate) * losses.product(matrix, losses.gradient(path[-1])))

        def pullback(cotangent: Array) -> Array:
            for (rate, _), point in zip(reversed(self.schedule()), reversed(path[:-1]), strict=True):
                turned = losses.product(matrix, cotangent)
                cotangent = cotangent - losses.expand(rate) * losses.hessian_vector(point, turned)
            return cotangent

        return path[-1], pullback


def best_rate(probabilities: Any, hessians: Any, gaps: Any) -> Array:
    """The rate of least mean risk after one gradient step from a fixed parameter: E|g|^2 / E g'Qg with g = Q d, (...).

    Not a number where every gradient is zero, so that all rates are alike.

    Parameters
    ----------
    probabilities : array (..., n)
    hessians : array (..., n, p, p)
    gaps : array (..., n, p)
        d, from each task's optimum to the parameter.

    Examples
    --------
    >>> float(best_rate([1.0], [[[2.0]]], [[3.0]]))
    0.5
    """
    chances, curvature, gap = _tasks(probabilities, hessians, gaps)
    losses = Quadratics(curvature, np.zeros_like(gap))
    slope = losses.gradient(gap)
    along = (slope * losses.product(losses.hessians, slope)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray((chances * (slope**2).sum(axis=-1)).sum(axis=-1) / (chances * along).sum(axis=-1))


def _tasks(probabilities: Any, hessians: Any, gaps: Any) -> tuple[Array, Array, Array]:
    """Tasks that a step is made for, in doubles that fit."""
    sizes: dict[str, int] = {}
    chances = above("probabilities", stack("probabilities", probabilities, "n", sizes, rows=True), strictly=False)
    return chances, stack("hessians", hessians, "n p p", sizes), stack("gaps", gaps, "n p", sizes)


def best_preconditioner(probabilities: Any, hessians: Any, gaps: Any, *, symmetric: bool = False) -> Array:
    """The matrix Pi of least mean risk after one step theta - Pi grad R from a fixed parameter, of least norm: (..., p, p).

    Solves E[Q Pi g g'] = E[g g'], g = Q d, for all entries of Pi at once.  In general it is not symmetric, so that no mirror
    map makes this step.

    Parameters
    ----------
    probabilities, hessians, gaps
        As in :func:`best_rate`.
    symmetric : bool
        Whether only symmetric matrices are admitted, which mirror maps have: the equations are then made symmetric too.

    Examples
    --------
    >>> best_preconditioner([1.0], [[[2.0]]], [[3.0]]).round(12).tolist()
    [[0.5]]
    """
    chances, curvature, gap = _tasks(probabilities, hessians, gaps)
    slope = (curvature @ gap[..., None])[..., 0]
    size = curvature.shape[-1]
    outer = np.einsum("...n,...ni,...nj->...nij", chances, slope, slope)
    system = np.einsum("...nik,...njl->...ijkl", curvature, outer)
    right = outer.sum(axis=-3)
    lead = right.shape[:-2]
    equations = system.reshape((*lead, size * size, size * size))
    if symmetric:
        turn = np.arange(size * size).reshape(size, size).T.ravel()  # where an entry's mirror image stands
        equations = (equations + equations[..., turn, :]) / 2
        equations, right = (equations + equations[..., turn]) / 2, (right + np.swapaxes(right, -1, -2)) / 2
    inverse = np.linalg.pinv(equations, rcond=1e-12)
    return (inverse @ right.reshape((*lead, size * size, 1))).reshape(right.shape)


def step_risk(matrix: Any, probabilities: Any, hessians: Any, gaps: Any) -> Array:
    """Mean risk after one step theta - Pi grad R from a fixed parameter, executed: Pi (..., p, p) -> (...).

    Parameters
    ----------
    matrix : array (..., p, p)
    probabilities, hessians, gaps
        As in :func:`best_rate`.

    Examples
    --------
    >>> float(step_risk([[0.25]], [1.0], [[[2.0]]], [[3.0]]))
    2.25
    """
    chances, curvature, gap = _tasks(probabilities, hessians, gaps)
    losses = Quadratics(curvature, np.zeros_like(gap))
    turned = stack("matrix", matrix, "p p", {"p": gap.shape[-1]})[..., None, :, :]
    return np.asarray((chances * losses.value(gap - losses.product(turned, losses.gradient(gap)))).sum(axis=-1))
