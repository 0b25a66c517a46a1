r"""Deterministic annealing: prototypes of a cloud of points, how they split as the temperature falls, the online recursion.

With divergence d, masses pi and prototypes mu the free energy at temperature T is

.. math::  F_T(\pi,\mu) = -T\,E\ln\sum_j \pi_j e^{-d(X,\mu_j)/T}.

Expectation--maximisation lowers it with free masses; from high temperatures down, prototypes that coincide come apart.  Two
temperatures belong to the first split: the *local* one, where coinciding prototypes at the mean lose stability, and the
*global* one, where two prototypes become better than one.  Where they differ, annealing that waits for the local one is late.

`mavridis-2022` (2209.02826) runs the online recursion; the statistical mechanics is Rose's (1998).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from numerics.chunks import mapped, partition
from numerics.inputs import above, real_array, stack, whole
from numerics.kernels import annealing as kernels

Array = NDArray[Any]

#: divergences by name
DIVERGENCES = ("squared", "relative entropy")
#: points worked on together
CHUNK = 8192


def divergences(points: Array, prototypes: Array, divergence: str = "squared") -> Array:
    """d(x_i, mu_j): points (..., n, d), prototypes (..., k, d) -> (..., n, k).

    Raises
    ------
    ValueError, TypeError
        If a shape does not fit, an entry is not finite, or the divergence is unknown or needs positive coordinates.

    Examples
    --------
    >>> divergences(np.array([[1.0]]), np.array([[3.0]])).tolist()
    [[4.0]]
    """
    sizes: dict[str, int] = {}
    x, mu = (_coordinates(name, array, axes, sizes, divergence) for name, array, axes in _places(points, prototypes))
    return _divergences(x, mu, divergence)


def _places(points: Any, prototypes: Any) -> tuple[tuple[str, Any, str], ...]:
    return ("points", points, "n d"), ("prototypes", prototypes, "k d")


def _coordinates(name: str, value: Any, axes: str, sizes: dict[str, int], divergence: str) -> Array:
    if divergence not in DIVERGENCES:
        raise ValueError(f"divergence is {divergence!r}; it must be one of {', '.join(DIVERGENCES)}")
    array = stack(name, value, axes, sizes, rows=True)
    if divergence == "relative entropy" and not np.all(array > 0):
        raise ValueError(f"{name} has the entry {array.min()}; for the relative entropy all must be positive")
    return array


def _divergences(points: Array, prototypes: Array, divergence: str) -> Array:
    x, mu = points[..., :, None, :], prototypes[..., None, :, :]
    if divergence == "squared":
        return np.asarray(((x - mu) ** 2).sum(axis=-1))
    return np.asarray((x * (np.log(x) - np.log(mu)) - x + mu).sum(axis=-1))


def expectation_step(
    points: Array, chances: Array, prototypes: Array, masses: Array, temperature: Any, divergence: str = "squared"
) -> tuple[Array, Array, Array]:
    """One step of expectation--maximisation on small instances.

    Arrays may have leading axes (...).

    Parameters
    ----------
    points : array (..., n, d)
    chances : array (..., n)
        Probabilities of the points.
    prototypes : array (..., k, d)
    masses : array (..., k)
    temperature : float or array (...)
    divergence : {"squared", "relative entropy"}

    Returns
    -------
    prototypes (..., k, d), masses (..., k), free energy before the step (...)

    Raises
    ------
    ValueError, TypeError
        If a shape does not fit, an entry is not finite, chances or masses are negative, or a temperature is not positive.

    Examples
    --------
    >>> moved, masses, energy = expectation_step(
    ...     np.array([[-1.0], [1.0]]), np.array([0.5, 0.5]), np.array([[-0.5], [0.5]]), np.array([0.5, 0.5]), 1.0
    ... )
    >>> moved.round(6).ravel().tolist(), bool(np.isclose(moved[1, 0], np.tanh(1.0)))
    ([-0.761594, 0.761594], True)
    """
    return _step(*_checked(points, chances, prototypes, masses, temperature, divergence), divergence)


def _checked(
    points: Any, chances: Any, prototypes: Any, masses: Any, temperature: Any, divergence: str
) -> tuple[Array, Array, Array, Array, Array]:
    """Arguments of a step in doubles that fit."""
    sizes: dict[str, int] = {}
    places = [_coordinates(name, array, axes, sizes, divergence) for name, array, axes in _places(points, prototypes)]
    shares, mass = stack("chances", chances, "n", sizes), stack("masses", masses, "k", sizes)
    for name, array in (("chances", shares), ("masses", mass)):
        above(name, array, strictly=False)
    return places[0], shares, places[1], mass, above("temperature", stack("temperature", temperature, "", sizes))


def _step(points: Array, chances: Array, prototypes: Array, masses: Array, temperature: Array, divergence: str) -> Any:
    """The step on arrays that may be complex, which gives its derivatives by the complex step."""
    heat = np.asarray(temperature)[..., None, None]
    powers = -_divergences(points, prototypes, divergence) / heat
    top = powers.real.max(axis=-1, keepdims=True)
    terms = masses[..., None, :] * np.exp(powers - top)
    total = terms.sum(axis=-1, keepdims=True)
    shares = chances[..., :, None] * terms / total
    mass = shares.sum(axis=-2)
    moved = np.einsum("...nk,...nd->...kd", shares, points) / mass[..., None]
    energy = -(heat * chances[..., :, None] * (np.log(total) + top)).sum(axis=(-1, -2))
    return moved, mass, energy


def split_slope(points: Array, chances: Array, temperature: Any, divergence: str = "squared") -> Array:
    """Derivative of how two prototypes at the mean, half the mass each, come apart in a step: (..., d, d).

    Entry (i, j) is the derivative of coordinate i of half their distance with respect to coordinate j of the same before the
    step, by the complex step.  They lose stability where an eigenvalue exceeds one.

    Examples
    --------
    >>> split_slope(np.array([[-1.0], [1.0]]), np.array([0.5, 0.5]), 4.0).round(9).tolist()
    [[0.5]]
    """
    points, chances, _, _, heat = _checked(points, chances, points, np.ones(np.shape(points)[-2:-1]), temperature, divergence)
    mean = np.einsum("...n,...nd->...d", chances, points)
    columns = []
    for direction in np.eye(points.shape[-1]):
        apart = 1e-30j * direction
        prototypes = np.stack([mean + apart, mean - apart], axis=-2)
        moved, _, _ = _step(points, chances, prototypes, np.array([0.5, 0.5]), heat, divergence)
        columns.append((moved[..., 0, :] - moved[..., 1, :]).imag / 2e-30)
    return np.stack(columns, axis=-1)


def gain_of_a_second(points: Array, chances: Array, direction: Array, temperature: Any) -> Array:
    """How much the free energy falls, per unit of mass, when mass goes to a prototype away from the mean: (...).

    For the squared distance, E exp((|x - m|^2 - |x - m - v|^2)/T) - 1 times T: positive for some v iff one prototype at the
    mean m is not optimal, because the free energy is convex in the mixing measure.

    Parameters
    ----------
    points, chances, temperature
        As in :func:`expectation_step`.
    direction : array (..., d)
        v.
    """
    sizes: dict[str, int] = {}
    points, chances = stack("points", points, "n d", sizes, rows=True), stack("chances", chances, "n", sizes)
    direction = stack("direction", direction, "d", sizes)
    heat = above("temperature", stack("temperature", temperature, "", sizes))[..., None]
    mean = np.einsum("...n,...nd->...d", chances, points)
    apart = points - mean[..., None, :]
    powers = (2 * np.einsum("...nd,...d->...n", apart, direction) - (direction**2).sum(axis=-1)[..., None]) / heat
    return np.asarray((heat * chances * np.expm1(powers)).sum(axis=-1))


def mean_gain(
    points: Array, chances: Array, prototypes: Array, masses: Array, temperature: Any, divergence: str = "squared"
) -> Array:
    """Mean over points and prototypes of e^{-(d(x, mu_j) - d(x, m))/T}, m the points' mean: (...).

    One prototype at the mean is optimal iff this is at most one wherever prototypes are.

    Parameters
    ----------
    points, chances, prototypes, masses, temperature, divergence
        As in :func:`expectation_step`.

    Examples
    --------
    >>> two = np.array([[-1.0], [1.0]]), np.array([0.5, 0.5])
    >>> gains = [float(mean_gain(*two, np.array([[0.5]]), np.array([1.0]), heat)) for heat in (2.0, 1.0)]
    >>> gains[0] < 1 < gains[1]
    True
    """
    points, chances, prototypes, masses, heat = _checked(points, chances, prototypes, masses, temperature, divergence)
    mean = np.einsum("...n,...nd->...d", chances, points)[..., None, :]
    apart = _divergences(points, prototypes, divergence) - _divergences(points, mean, divergence)
    gains = np.exp(-apart / heat[..., None, None])
    return np.asarray(np.einsum("...n,...nk,...k->...", chances, gains, masses))


def online_responses(contraction: Any, steps: int) -> Array:
    """How an error after steps 1/t depends on the noise of each step: the recursion run on unit impulses, (..., steps).

    e <- (1 - contraction/t) e + noise/t from e = 0; the mean square under noise of unit variance is the sum of the squares.

    Parameters
    ----------
    contraction : float or array (...)
        Gain of the steps times the slope of the mean field.
    steps : int

    Examples
    --------
    >>> online_responses(1.0, 3).round(6).tolist()
    [0.333333, 0.333333, 0.333333]
    """
    slope = stack("contraction", contraction, "", {})
    error = np.zeros((*slope.shape, whole("steps", steps)))
    for t in range(1, steps + 1):
        error *= 1 - slope[..., None] / t
        error[..., t - 1] += 1 / t
    return error


@dataclass(frozen=True)
class Prototypes:
    """Where expectation--maximisation ended.

    Attributes
    ----------
    prototypes : array (k, d)
    masses : array (k,)
    free_energy : float
    steps : int
    change : float
        Largest move of a prototype in the last step, relative to the spread of the points.
    """

    prototypes: NDArray[np.float64]
    masses: NDArray[np.float64]
    free_energy: float
    steps: int
    change: float


class Cloud:
    """Points with their probabilities, and a divergence.

    Parameters
    ----------
    points : array (n, d)
        Finite; positive for the relative entropy.
    chances : array (n,), optional
        Probabilities; equal if not given.
    divergence : {"squared", "relative entropy"}
        |x - mu|^2, or sum x ln(x/mu) - x + mu.
    workers : int, optional
        Threads; all processors if not given.  The results have the same bits for any number.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> cloud = Cloud([[-1.0], [1.0]])
    >>> round(cloud.local_temperature(), 12)
    2.0
    >>> ends = cloud.anneal([4.0, 1.0], most=4)
    >>> [len(end.prototypes) for end in ends], ends[-1].prototypes.ravel().round(6).tolist()
    ([1, 2], [-0.957504, 0.957504])
    """

    def __init__(self, points: Any, chances: Any = None, divergence: str = "squared", *, workers: int | None = None) -> None:
        self.points = np.ascontiguousarray(real_array("points", points, 2, "(n, d)"))
        number = len(self.points)
        if not self.points.size:
            raise ValueError(f"points has shape {self.points.shape}; there must be a point with a coordinate")
        shares = np.full(number, 1 / number) if chances is None else real_array("chances", chances, 1, "(n,)")
        if divergence not in DIVERGENCES:
            raise ValueError(f"divergence is {divergence!r}; it must be one of {', '.join(DIVERGENCES)}")
        if not np.all(np.isfinite(self.points)):
            raise ValueError("points has an entry that is not finite; all must be")
        if divergence == "relative entropy" and self.points.min() <= 0:
            raise ValueError(f"points has the entry {self.points.min():.6g}; with the relative entropy all must be positive")
        if shares.shape != (number,) or not np.all(shares >= 0) or abs(shares.sum() - 1) > 1e-9:
            raise ValueError(f"chances are no probabilities of {number} points; they must be at least zero and sum to one")
        self.chances = shares
        self.divergence = divergence
        self._entropic = divergence == "relative entropy"
        self._workers = workers
        self.mean = shares @ self.points
        apart = self.points - self.mean
        self.covariance = (apart * shares[:, None]).T @ apart

    def local_temperature(self) -> float:
        """Where prototypes at the mean lose stability: the largest eigenvalue of the divergence's curvature times Cov X."""
        curvature = 1 / self.mean if self._entropic else np.full(len(self.mean), 2.0)
        root = np.sqrt(curvature)
        return float(np.linalg.eigvalsh(root[:, None] * self.covariance * root)[-1])

    def global_temperature(self, *, starts: int = 20, seed: int = 0) -> float:
        r"""Where two prototypes become better than one, squared distance: the supremum of 4 ln E e^{s'(X - m)} / |s|^2 over s.

        It is twice the optimal sub-Gaussian variance proxy of X.  The supremum is searched from `starts` random directions and
        lengths, and the value at zero, the local temperature, is its floor.

        Raises
        ------
        ValueError
            If the divergence is not the squared distance.
        """
        if self._entropic:
            raise ValueError(f"divergence is {self.divergence!r}; the global temperature has this form for 'squared' only")
        apart = self.points - self.mean
        scale = float(np.sqrt(np.trace(self.covariance)))
        floor = self.local_temperature()
        if scale == 0.0:
            return 0.0
        rng = np.random.default_rng(seed)

        def lacking(s: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            powers = apart @ s
            top = powers.max()
            terms = self.chances * np.exp(powers - top)
            total, square = terms.sum(), s @ s
            if top > 1:
                level = top + np.log(total)
            else:  # powers have mean zero: what exceeds them is of second order, and must not drown in ones
                series = powers**2 / 2 * (1 + powers / 3 * (1 + powers / 4 * (1 + powers / 5)))
                level = np.log1p(self.chances @ np.where(np.abs(powers) < 1e-3, series, np.expm1(powers) - powers))
            return -4 * level / square, -4 * (terms @ apart / total / square - 2 * level * s / square**2)

        best = floor
        for _ in range(starts):
            direction = rng.standard_normal(len(self.mean))
            start = direction / np.linalg.norm(direction) / scale * np.exp(rng.uniform(-1, 3))
            found = minimize(lacking, start, jac=True, method="L-BFGS-B")
            best = max(best, -float(found.fun))
        return best

    def _pass(self, prototypes: Array, masses: Array, temperature: float) -> tuple[Array, Array, float]:
        def part(piece: slice) -> tuple[Array, Array, float]:
            sums, totals = np.zeros_like(prototypes), np.zeros_like(masses)
            points, chances = self.points[piece], self.chances[piece]
            energy = kernels.expectation_pass(points, chances, prototypes, masses, temperature, self._entropic, sums, totals)
            return sums, totals, energy

        sums, totals, energy = np.zeros_like(prototypes), np.zeros_like(masses), 0.0
        for each, total, share in mapped(part, partition(len(self.points), CHUNK), self._workers):
            sums, totals, energy = sums + each, totals + total, energy + share
        return sums, totals, energy

    def settle(
        self, prototypes: Any, masses: Any, temperature: float, *, steps: int = 10_000, tolerance: float = 1e-10
    ) -> Prototypes:
        """Expectation--maximisation from given prototypes (k, d) and masses (k,) until they move by less than `tolerance`.

        Raises
        ------
        ValueError
            If shapes do not fit, a mass is not positive or the temperature is not.
        """
        mu = np.ascontiguousarray(real_array("prototypes", prototypes, 2, "(k, d)")).copy()
        mass = np.ascontiguousarray(real_array("masses", masses, 1, "(k,)")).copy()
        if mu.shape != (len(mass), self.points.shape[1]):
            raise ValueError(f"prototypes has shape {mu.shape}; it must be ({len(mass)}, {self.points.shape[1]})")
        if not np.all(mass > 0) or abs(mass.sum() - 1) > 1e-9:
            raise ValueError("masses are not positive or do not sum to one; they must")
        if not (np.isfinite(temperature) and temperature > 0):
            raise ValueError(f"temperature is {temperature!r}; it must be positive and finite")
        scale = max(float(np.sqrt(np.trace(self.covariance))), np.finfo(float).tiny)
        change, energy, made = np.inf, np.inf, 0
        while made < steps and change > tolerance:
            sums, totals, energy = self._pass(mu, mass, float(temperature))
            kept = totals > 1e-300
            moved = sums[kept] / totals[kept, None]
            change = float(np.abs(moved - mu[kept]).max()) / scale
            mu, mass, made = moved, totals[kept] / totals[kept].sum(), made + 1
        return Prototypes(mu, mass, float(energy), made, change)

    def anneal(
        self, temperatures: Iterable[float], *, most: int = 32, seed: int = 0, steps: int = 2000, tolerance: float = 1e-8
    ) -> list[Prototypes]:
        """Lower the temperature from one value to the next; prototypes are doubled, disturbed and merged where they meet again.

        Parameters
        ----------
        temperatures : iterable of float
            In the order in which they are visited.
        most : int
            No more prototypes than this are doubled.
        seed : int
            Of the disturbances, a thousandth of the points' spread.
        steps, tolerance
            As in :meth:`settle`.

        Returns
        -------
        list of Prototypes
            One per temperature, without those that coincide.
        """
        rng = np.random.default_rng(seed)
        mu, mass = self.mean[None], np.ones(1)
        scale = float(np.sqrt(np.trace(self.covariance) / len(self.mean)))
        found = []
        for temperature in temperatures:
            if 2 * len(mu) <= most:
                apart = 1e-3 * scale * rng.standard_normal(mu.shape)
                if self._entropic:
                    apart = np.clip(apart, -0.5 * mu, 0.5 * mu)
                mu, mass = np.concatenate([mu + apart, mu - apart]), np.concatenate([mass, mass]) / 2
            end = self.settle(mu, mass, temperature, steps=steps, tolerance=tolerance)
            mu, mass = _merged(end.prototypes, end.masses, 1e-3 * scale)
            found.append(Prototypes(mu, mass, end.free_energy, end.steps, end.change))
        return found

    def online(
        self,
        prototypes: Any,
        masses: Any,
        temperature: float,
        samples: int,
        seed: int,
        *,
        gain: float = 1.0,
        delay: float = 10.0,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The online recursion on points drawn one by one: step gain/(delay + t) for the t-th.

        Parameters
        ----------
        prototypes, masses, temperature
            Where it starts, as in :meth:`settle`.
        samples : int
            Number of points drawn.
        seed : int
        gain, delay : float
            Of the step; below `gain` = 1/(2h) with h the least slope of the mean field, the rate 1/t is lost.

        Returns
        -------
        prototypes (k, d), masses (k,)
        """
        start = self.settle(prototypes, masses, temperature, steps=0)
        if not (gain > 0 and delay >= gain):
            raise ValueError(f"gain is {gain!r} and delay {delay!r}; a gain must be positive and at most the delay")
        mass = start.masses.copy()
        sums = start.prototypes * mass[:, None]
        rng = np.random.default_rng(seed)
        for done in range(0, samples, 2**20):
            order = rng.choice(len(self.points), min(2**20, samples - done), p=self.chances)
            kernels.online_pass(self.points, order, mass, sums, temperature, self._entropic, gain, delay, done)
        return sums / mass[:, None], mass


def _merged(prototypes: Array, masses: Array, distance: float) -> tuple[Array, Array]:
    """Prototypes that lie within a distance of an earlier one are joined to it, masses and means."""
    groups: list[list[int]] = []
    for index, place in enumerate(prototypes):
        near = [group for group in groups if np.linalg.norm(prototypes[group[0]] - place) <= distance]
        if near:
            near[0].append(index)
        else:
            groups.append([index])
    mass = np.array([masses[group].sum() for group in groups])
    means = np.array([masses[group] @ prototypes[group] for group in groups])
    order = np.lexsort((means / mass[:, None]).T[::-1])
    return (means / mass[:, None])[order], mass[order]
