r"""Distributions of linear-regression tasks gamma = (Q, theta_gamma, sigma^2), as validated arrays.

Features x have covariance Q and the law named by `features`; y = x^T theta_gamma + noise of variance sigma^2.  A distribution
says how a weight averages over it (`moments`, `mean_form`: used by :mod:`numerics.population`) and draws tasks (`sample`).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, partition, serial
from numerics.features import FeatureLaw
from numerics.inputs import number as one_number
from numerics.inputs import precision_of, real_array
from numerics.losses import Losses
from numerics.quadratics import Curvatures, Quadratics
from numerics.rules import Rule

Array = NDArray[np.float64]
#: a step of a rule, whose matrix on quadratics is a weight: `Rule.outer_step` or `Rule.adapted_gradient`, unbound
Step = Callable[[Any, Losses, NDArray[Any]], NDArray[Any]]

#: bytes of curvature per chunk of tasks; a constant, so that chunks do not depend on the machine
CHUNK_BYTES = 2**20


def _frozen(array: Array) -> Array:
    """A view that cannot be written to, of a copy if entries lie apart: kernels take contiguous arrays."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _check_curvatures(hessians: Array, precision: float) -> None:
    """Finite, symmetric, positive semi-definite up to rounding; by chunks of tasks, so that nothing of full size is copied."""
    dim = hessians.shape[-1]
    tolerance = max(1e-10, 8 * precision)

    def first_fault(tasks: slice) -> str | None:
        part = hessians[tasks]
        size = np.abs(part).max(axis=(1, 2))
        if not np.isfinite(size).all():
            return f"hessians[{tasks.start + int(np.isfinite(size).argmin())}] has an entry that is not finite; all must be"
        skew = np.abs(part - part.swapaxes(1, 2)).max(axis=(1, 2))
        if (skew > tolerance * size).any():
            worst = int((skew > tolerance * size).argmax())
            return f"hessians[{tasks.start + worst}] differs from its transpose by {skew[worst]:.3g}; it must be symmetric"
        # Q + shift I has a Cholesky factor iff the least eigenvalue of Q exceeds -shift; a tenth of an eigenvalue solver's time
        shift = np.where(size > 0, tolerance * dim * size, 1.0)
        try:
            np.linalg.cholesky(part + shift[:, None, None] * np.eye(dim))
        except np.linalg.LinAlgError:
            least = np.linalg.eigvalsh(part)[:, 0]
            worst = int((least / shift).argmin())
            return f"hessians[{tasks.start + worst}] has the eigenvalue {least[worst]:.3g}; it must be positive semi-definite"
        return None

    for fault in mapped(first_fault, partition(len(hessians), chunk_size(dim)), streamed=True):
        if fault is not None:
            raise ValueError(fault)


def chunk_size(dim: int) -> int:
    """Number of tasks of dimension `dim` that are worked on together."""
    return max(1, CHUNK_BYTES // (8 * dim * dim))


class DiscreteTasks:
    """Finitely many tasks with their probabilities.

    Parameters
    ----------
    weights : array (n,)
        Probabilities: non-negative, summing to one.
    hessians : array (n, p, p)
        Curvatures Q: symmetric, positive semi-definite.  Kept as they are, not copied; do not change them afterwards.
    optima : array (n, p)
        theta_gamma.
    noise_variances : array (n,) or float
        sigma^2 >= 0.
    features : {"gaussian", "sphere", "student_t"}
        Law of the features, see :mod:`numerics.features`.
    df : float
        Degrees of freedom of "student_t", above 8.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.

    Examples
    --------
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]], [0.0, 0.1])
    >>> tasks.number, tasks.dimension
    (2, 1)
    """

    def __repr__(self) -> str:
        return f"<DiscreteTasks: {self.number} tasks in {self.dimension} dimensions, {self.features.name} features>"

    def __init__(
        self, weights: Any, hessians: Any, optima: Any, noise_variances: Any = 0.0, features: str = "gaussian", df: float = 10.0
    ) -> None:
        precision, own = precision_of(hessians), precision_of(weights)
        hessians = real_array("hessians", hessians, 3, "(n, p, p)")
        number, dim = hessians.shape[0], hessians.shape[2]
        if number == 0 or dim == 0 or hessians.shape[1] != dim:
            raise ValueError(f"hessians has shape {hessians.shape}; it must have shape (n, p, p) with n and p at least 1")
        weights = real_array("weights", weights, 1, "(n,)")
        optima = real_array("optima", optima, 2, "(n, p)")
        if np.ndim(noise_variances) == 0:
            noise_variances = np.full(number, noise_variances)
        noise_variances = real_array("noise_variances", noise_variances, 1, "(n,)")
        for name, array, shape in (
            ("weights", weights, (number,)),
            ("optima", optima, (number, dim)),
            ("noise_variances", noise_variances, (number,)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; with hessians of shape {hessians.shape} it must be {shape}")
            if not np.all(np.isfinite(array)):
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        if weights.min() < 0:
            raise ValueError(f"weights has the entry {weights.min():.6g}; probabilities must not be negative")
        if abs(weights.sum() - 1) > max(1e-9, number * own if own > 1e-9 else 0.0):
            raise ValueError(f"weights sums to {weights.sum():.12g}; probabilities must sum to one")
        if own > 1e-9:  # what was rounded to a narrow type sums to one within its own precision
            weights = weights / weights.sum()
        if noise_variances.min() < 0:
            raise ValueError(f"noise_variances has the entry {noise_variances.min():.6g}; a variance must not be negative")
        _check_curvatures(hessians, precision)
        if precision > 1e-9:
            hessians = (hessians + hessians.swapaxes(1, 2)) / 2
        self.features = FeatureLaw(features, df)
        self.weights = _frozen(weights)
        self.hessians = _frozen(hessians)
        self.optima = _frozen(optima)
        self.noise_variances = _frozen(noise_variances)

    @property
    def number(self) -> int:
        """Number of tasks n."""
        return len(self.weights)

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""
        return self.optima.shape[1]

    def extent(self) -> tuple[Array, float]:
        """Optima and the largest noise variance of the tasks that have a probability."""
        known = self.weights > 0
        return self.optima if known.all() else self.optima[known], float(self.noise_variances[known].max())

    def in_units(self, centre: Array, length: float, curvature: float) -> DiscreteTasks:
        """The same tasks in other units, see :mod:`numerics.units`; those without a probability lose what they were like."""
        known = self.weights > 0
        hessians, optima, noise = self.hessians, self.optima, self.noise_variances
        if not known.all():
            hessians = np.where(known[:, None, None], hessians, curvature * np.eye(self.dimension))
            optima, noise = np.where(known[:, None], optima, centre), np.where(known, noise, 0.0)
        return _known_valid(
            hessians if curvature == 1.0 else hessians / curvature,
            (optima - centre) / length,
            noise / curvature / length**2,
            self.features,
            self.weights,
        )

    def losses(self) -> Quadratics:
        """The tasks' risks with their probabilities, as views."""
        return Quadratics(self.hessians, self.optima, self.noise_variances, self.weights, self.features)

    def sample(self, num: int, seed: int | np.random.Generator | np.random.SeedSequence) -> DiscreteTasks:
        """`num` tasks drawn independently, as a distribution that gives each draw the probability 1/num.

        Examples
        --------
        >>> DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]]).sample(5, seed=0).number
        5
        """
        drawn = np.random.default_rng(seed).choice(self.number, size=_draws(num), p=self.weights / self.weights.sum())
        return _known_valid(self.hessians[drawn], self.optima[drawn], self.noise_variances[drawn], self.features)

    def largest_curvature(self) -> float:
        """The largest mean eigenvalue tr(Q)/p of a task that has a probability: the scale of the curvatures."""
        with np.errstate(over="ignore"):
            traces = np.trace(self.hessians, axis1=1, axis2=2)
        return float(traces[self.weights > 0].max() / self.dimension)

    def curvatures(self, tasks: slice, stretch: float = 1.0) -> Curvatures:
        """What shows the matrix of a step on some of the tasks, with curvatures multiplied by `stretch`."""
        hessians = self.hessians[tasks]
        return Curvatures(hessians if stretch == 1.0 else stretch * hessians, self.features)

    def moments(self, rule: Rule, step: Step, workers: int | None = None, stretch: float = 1.0) -> tuple[Array, Array]:
        """E[w] (p, p) and E[w theta_gamma] (p,), where w is the matrix of the step on curvatures multiplied by `stretch`.

        By chunks of tasks, of which a few weights per worker are held at a time.
        """

        def part(tasks: slice) -> tuple[Array, Array]:
            weights = weighted_step(rule, step, tasks, self.curvatures(tasks, stretch))
            chances = self.weights[tasks]
            moved = (weights @ self.optima[tasks][..., None])[..., 0]
            return np.tensordot(chances, weights, axes=1), chances @ moved

        matrix, vector = np.zeros((self.dimension, self.dimension)), np.zeros(self.dimension)
        for mean, moved in mapped(part, partition(self.number, chunk_size(self.dimension)), workers, streamed=True):
            matrix += mean
            vector += moved
        return matrix, vector

    def mean_form(self, rule: Rule, step: Step, theta: Array, workers: int | None = None) -> float:
        """E (theta - theta_gamma)^T w (theta - theta_gamma): the step run on residuals, no weight is formed."""
        losses = self.losses()

        def part(tasks: slice) -> float:
            residuals = theta - self.optima[tasks]
            moved = step(rule.chunk(tasks), losses.chunk(tasks).homogeneous(), residuals)
            _check_scalar_fields(moved, residuals.shape)
            return float(self.weights[tasks] @ (residuals * moved).sum(axis=1))

        return sum(mapped(part, partition(self.number, chunk_size(self.dimension)), workers), start=0.0)


def weighted_step(rule: Rule, step: Step, tasks: slice, curvatures: Curvatures) -> Array:
    """Matrices (m, p, p) of a rule's step on some of the tasks, executed on the identity.

    Raises
    ------
    ValueError
        If the rule's fields are not scalars, or its numbers are too large for these curvatures.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        weights = step(rule.chunk(tasks), curvatures, curvatures.identity)
    _check_scalar_fields(weights, curvatures.hessians.shape)
    if not np.isfinite(weights).all():
        raise ValueError(f"rule is {rule!r}; on these curvatures its step overflows, so its rate must be smaller")
    return weights


def _check_scalar_fields(result: Array, shape: tuple[int, ...]) -> None:
    if result.shape != shape:
        raise ValueError(f"the rule's fields give results of shape {result.shape}, not {shape}; here they must be scalars")


def _draws(num: int) -> int:
    if isinstance(num, bool) or not isinstance(num, (int, np.integer)) or num < 1:
        raise ValueError(f"num is {num!r}; it must be a whole number, at least 1")
    return int(num)


@cache
def _legendre(count: int) -> tuple[Array, Array]:
    """Nodes and weights of the Gauss-Legendre rule on [-1, 1]."""
    nodes, mass = np.polynomial.legendre.leggauss(count)
    return _frozen(nodes), _frozen(mass)


def _known_valid(
    hessians: Array, optima: Array, noise_variances: Array, features: FeatureLaw, weights: Array | None = None
) -> DiscreteTasks:
    """Tasks that need no validation, equally likely unless said otherwise: they come from a valid distribution."""
    tasks = object.__new__(DiscreteTasks)
    tasks.weights = _frozen(np.full(len(hessians), 1 / len(hessians)) if weights is None else weights)
    tasks.hessians, tasks.optima, tasks.noise_variances = map(_frozen, (hessians, optima, noise_variances))
    tasks.features = features
    return tasks


class SpectrumTiedTasks:
    r"""The tasks of eq. (13) of gao-sener-2020, whose eigenvalues are the entries of their optimum.

    theta_gamma is uniform on [0, beta]^p, sigma^2 uniform on [0, beta], Q = V diag(theta_gamma) V^T with V Haar on SO(p).

    Expectations are taken by Gauss--Legendre quadrature of the executed step, 64 nodes per eigenvalue, after averaging over V
    by E[V D V^T] = tr(D)/p I; exact to rounding for weights that are polynomials in Q (degree up to 125), and for other
    rules as accurate as 64 nodes are for the function on [0, beta].  A weight's i-th diagonal entry may depend on the other
    eigenvalues through a sum of one function of each, as that of an inner step on samples does (through tr Q^2); pairs of
    eigenvalues then say everything.

    Parameters
    ----------
    dim : int
        p, at least 1.
    beta : float
        Upper end of the spectrum, positive.
    features, df
        As in :class:`DiscreteTasks`.

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> SpectrumTiedTasks(dim=2).sample(3, seed=0).hessians.shape
    (3, 2, 2)
    """

    NODES = 64

    def __repr__(self) -> str:
        return f"<SpectrumTiedTasks: dim {self.dimension}, beta {self.beta:g}, {self.features.name} features>"

    def __init__(self, dim: int = 1, beta: float = 2.0, features: str = "gaussian", df: float = 10.0) -> None:
        if isinstance(dim, bool) or not isinstance(dim, (int, np.integer)) or dim < 1:
            raise ValueError(f"dim is {dim!r}; it must be a whole number, at least 1")
        largest = one_number("beta", beta, "a positive finite number")
        if not largest > 0:
            raise ValueError(f"beta is {beta!r}; it must be a positive finite number")
        if not 1e-100 <= largest <= 1e100:
            raise ValueError(f"beta is {beta!r}; it must lie between 1e-100 and 1e100, for it enters risks to the third power")
        self.dimension = int(dim)
        self.beta = largest
        #: upper end of the noise variances, beta but for other units
        self.largest_noise = largest
        self.features = FeatureLaw(features, df)

    @serial
    def sample(self, num: int, seed: int | np.random.Generator | np.random.SeedSequence) -> DiscreteTasks:
        """`num` tasks drawn independently, as a distribution that gives each draw the probability 1/num."""
        rng = np.random.default_rng(seed)
        num, dim = _draws(num), self.dimension
        optima = rng.uniform(0.0, self.beta, (num, dim))
        noise_variances = rng.uniform(0.0, self.largest_noise, num)
        basis, upper = np.linalg.qr(rng.standard_normal((num, dim, dim)))
        # the sign fix makes QR's factor Haar on O(p); turning one column where det = -1 brings it to SO(p)
        basis *= np.sign(np.diagonal(upper, axis1=1, axis2=2))[:, None, :]
        basis[:, :, 0] *= np.sign(np.linalg.det(basis))[:, None]
        hessians = (basis * optima[:, None, :]) @ basis.swapaxes(1, 2)
        return _known_valid((hessians + hessians.swapaxes(1, 2)) / 2, optima, noise_variances, self.features)

    def in_units(self, length: float, curvature: float) -> SpectrumTiedTasks:
        """The same tasks in other units, see :mod:`numerics.units`; both are the same, as eigenvalues are entries of optima."""
        tasks = copy(self)
        tasks.beta = self.beta / curvature
        tasks.largest_noise = self.largest_noise / curvature / length**2
        return tasks

    def largest_curvature(self) -> float:
        """Beta, the largest eigenvalue: the scale of the curvatures."""
        return self.beta

    def moments(self, rule: Rule, step: Step, workers: int | None = None, stretch: float = 1.0) -> tuple[Array, Array]:
        """E[w] (p, p) and E[w theta_gamma] (p,), where w is the matrix of the step on curvatures multiplied by `stretch`."""
        mean, (first, _) = self._averages(rule, step, stretch)
        return mean * np.eye(self.dimension), np.full(self.dimension, first)

    def mean_form(self, rule: Rule, step: Step, theta: Array, workers: int | None = None) -> float:
        """E (theta - theta_gamma)^T w (theta - theta_gamma)."""
        mean, (first, second) = self._averages(rule, step)
        return float(mean * theta @ theta - 2 * first * theta.sum() + self.dimension * second)

    def _averages(self, rule: Rule, step: Step, stretch: float = 1.0) -> tuple[float, list[float]]:
        """E[tr w]/p, and E[tr(w) t^m]/p for a coordinate t of theta_gamma and m = 1, 2.

        The weight's diagonal entry at eigenvalue t is f(t) + sum of h(t, s) over the other eigenvalues s, where f is executed
        in dimension one and f + h in dimension two, with the law of features of dimension p.
        """
        nodes, mass = _legendre(self.NODES)
        nodes, mass = self.beta * (nodes + 1) / 2, mass / 2
        law = _InDimension(self.features, self.dimension)
        alone = step(rule, Curvatures(stretch * nodes[:, None, None], law), np.eye(1))
        _check_scalar_fields(alone, (self.NODES, 1, 1))
        f = alone[:, 0, 0]
        others = self.dimension - 1
        h = np.zeros((self.NODES, self.NODES))
        if others:
            pairs = np.zeros((self.NODES, self.NODES, 2, 2))
            pairs[..., 0, 0] = nodes[:, None]
            pairs[..., 1, 1] = nodes[None, :]
            h = step(rule, Curvatures(stretch * pairs, law), np.eye(2))[..., 0, 0] - f[:, None]
        f_mean, h_mean = mass @ f, mass @ h @ mass
        moments = []
        for power in (1, 2):
            t = nodes**power
            own = mass @ (t * f) + others * (mass * t) @ h @ mass
            another = f_mean * (mass @ t) + mass @ h @ (mass * t) + (others - 1) * h_mean * (mass @ t)
            moments.append(float(own + others * another) / self.dimension)
        return float(f_mean + others * h_mean), moments


class _InDimension(FeatureLaw):
    """A law of features whose moments are those of dimension p whatever the size of the matrices at hand."""

    def __init__(self, law: FeatureLaw, dim: int) -> None:
        super().__init__(law.name, law.df)
        object.__setattr__(self, "dim", dim)

    def fourth_moment(self, dim: int) -> float:
        """m22 in dimension p."""
        return super().fourth_moment(self.dim)  # type: ignore[attr-defined]
