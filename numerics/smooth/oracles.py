r"""Noisy oracles: what an algorithm is told about a task's gradient and Hessian.

A call of the gradient oracle returns grad R plus noise of independent coordinates with E|noise|^2 = V_d; a sample of the
Hessian oracle is the Hessian plus a diagonal matrix of independent entries of variance V_h, so that E|(h - Hessian) u|^2
= V_h |u|^2. Where the risk is a sum of m terms, a minibatch is another oracle: m times the gradient of a term drawn
uniformly.

Finite laws can be enumerated (:meth:`Law.outcomes`), so that expectations of short runs are finite sums.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import streams

Array = NDArray[np.float64]
_EMPTY = np.zeros((2, 1))


class Law(ABC):
    """A law of noise with mean zero and independent coordinates.

    `variance` is that of the whole vector; in p dimensions a coordinate has variance/p.
    """

    variance: float

    @abstractmethod
    def noise(self, dimension: int) -> streams.Noise:
        """As kernels take it, for vectors of that dimension."""

    def values(self) -> tuple[Array, Array]:
        """Values of a coordinate with variance `variance`, and their probabilities, if they are finitely many.

        Raises
        ------
        TypeError
            If they are not.
        """
        raise TypeError(f"{type(self).__name__} has infinitely many outcomes; enumerate a finite law such as Rademacher")

    def outcomes(self, calls: int, dimension: int, *, divided: bool = True) -> tuple[Array, Array]:
        """Means of `calls` independent vectors of noise, and their probabilities.

        Parameters
        ----------
        calls : int
            Vectors averaged.
        dimension : int
            Entries of a vector.
        divided : bool
            Whether the variance is that of the vector (gradients) or of each coordinate (Hessians).

        Returns
        -------
        vectors : array (o, dimension)
        probabilities : array (o,)

        Examples
        --------
        >>> vectors, chances = Rademacher(4.0).outcomes(2, 1)
        >>> vectors.ravel().tolist(), chances.tolist()
        ([-2.0, 0.0, 2.0], [0.25, 0.5, 0.25])
        """
        values, chances = self.values()
        if divided:
            values = values / math.sqrt(dimension)
        sums: dict[float, float] = {0.0: 1.0}
        for _ in range(calls):
            new: Counter[float] = Counter()
            for (total, chance), (value, share) in itertools.product(sums.items(), zip(values, chances, strict=True)):
                new[round(total + value, 14)] += chance * share
            sums = dict(sorted(new.items()))
        means, weights = np.array(list(sums)) / calls, np.array(list(sums.values()))
        grid = itertools.product(range(len(means)), repeat=dimension)
        indices = np.array(list(grid)).reshape(-1, dimension)
        return means[indices], weights[indices].prod(axis=1)


def _variance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"variance is {value!r}; it must be a number")
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"variance is {value!r}; it must be finite and at least zero")
    return float(value)


@dataclass(frozen=True)
class Noiseless(Law):
    """No noise."""

    variance: float = field(default=0.0, init=False)

    def noise(self, dimension: int) -> streams.Noise:
        """Silence."""
        return streams.Noise(streams.NONE, 0.0, _EMPTY)

    def values(self) -> tuple[Array, Array]:
        """Zero, surely."""
        return np.zeros(1), np.ones(1)


@dataclass(frozen=True)
class Rademacher(Law):
    """Signs: every coordinate is +-sqrt(variance/p) with equal probability.

    Parameters
    ----------
    variance : float
        Of the vector, at least zero.

    Raises
    ------
    ValueError, TypeError
        If the variance is negative, not finite or no number.
    """

    variance: float

    def __post_init__(self) -> None:
        _variance(self.variance)

    def noise(self, dimension: int) -> streams.Noise:
        """Signs of the right size."""
        return streams.Noise(streams.RADEMACHER, math.sqrt(self.variance / dimension), _EMPTY)

    def values(self) -> tuple[Array, Array]:
        """Two values."""
        size = math.sqrt(self.variance)
        return np.array([-size, size]), np.array([0.5, 0.5])


@dataclass(frozen=True)
class Gaussian(Law):
    """Normal noise; the mean of N calls is drawn as one normal vector.

    Parameters
    ----------
    variance : float
        Of the vector, at least zero.

    Raises
    ------
    ValueError, TypeError
        If the variance is negative, not finite or no number.
    """

    variance: float

    def __post_init__(self) -> None:
        _variance(self.variance)

    def noise(self, dimension: int) -> streams.Noise:
        """Normal numbers of the right size."""
        return streams.Noise(streams.GAUSSIAN, math.sqrt(self.variance / dimension), _EMPTY)


@dataclass(frozen=True)
class FiniteLaw(Law):
    """Finitely many values of a coordinate, with mean zero; its variance is theirs, times p for a vector of gradients.

    Parameters
    ----------
    points : sequence of float
        Values of sqrt(p) times a coordinate of a gradient's noise, of an entry of a Hessian's.
    probabilities : sequence of float
        Positive, summing to one.

    Raises
    ------
    ValueError
        If the two do not fit, probabilities do not sum to one, or the mean is not zero.

    Examples
    --------
    >>> FiniteLaw((-1.0, 2.0), (2 / 3, 1 / 3)).variance
    2.0
    """

    points: tuple[float, ...]
    probabilities: tuple[float, ...]
    variance: float = field(init=False)

    def __post_init__(self) -> None:
        points, chances = np.asarray(self.points, dtype=float), np.asarray(self.probabilities, dtype=float)
        if points.ndim != 1 or points.shape != chances.shape or not len(points):
            raise ValueError(
                f"probabilities has shape {chances.shape}; with points of shape {points.shape} it must be the same"
            )
        if not (np.all(np.isfinite(points)) and np.all(chances > 0)) or abs(chances.sum() - 1) > 1e-9:
            raise ValueError(f"probabilities is {self.probabilities!r}; they must be positive and sum to one, points finite")
        if abs(points @ chances) > 1e-9 * (1 + np.abs(points).max()):
            raise ValueError(f"points have the mean {points @ chances:.6g}; noise must have mean zero")
        object.__setattr__(self, "variance", float(chances @ points**2))

    def noise(self, dimension: int) -> streams.Noise:
        """The values, to be divided by the root of the dimension."""
        table = np.array([self.points, np.cumsum(self.probabilities)], dtype=np.float64)
        return streams.Noise(streams.FINITE, 1 / math.sqrt(dimension), table)

    def values(self) -> tuple[Array, Array]:
        """The law itself."""
        return np.array(self.points, dtype=float), np.array(self.probabilities, dtype=float)


@dataclass(frozen=True)
class Minibatch(Law):
    """Terms of the risk drawn uniformly with replacement, m times each: no additive noise.

    Its variance depends on theta; :meth:`Oracle.variances` bounds it.
    """

    variance: float = field(default=math.nan, init=False)

    def noise(self, dimension: int) -> streams.Noise:
        """The code that tells kernels to draw terms."""
        return streams.Noise(streams.MINIBATCH, 0.0, _EMPTY)

    @staticmethod
    def factors(calls: int, terms: int) -> tuple[Array, Array]:
        """What every outcome of `calls` draws multiplies the terms by, (o, terms), and its probability.

        Examples
        --------
        >>> Minibatch.factors(1, 2)[0].tolist()
        [[2.0, 0.0], [0.0, 2.0]]
        """
        found: Counter[tuple[int, ...]] = Counter(
            tuple(np.bincount(draw, minlength=terms).tolist()) for draw in itertools.product(range(terms), repeat=calls)
        )
        factors = np.array(list(found), dtype=float) * terms / calls
        return factors, np.array(list(found.values())) / terms**calls


@dataclass(frozen=True)
class Oracle:
    """What an algorithm is told about a task.

    Parameters
    ----------
    gradient, hessian : Law
        Laws of the two; a minibatch for one goes with a minibatch for the other.

    Raises
    ------
    ValueError, TypeError
        If a law is none, or only one of the two is a minibatch.

    Examples
    --------
    >>> Oracle(Rademacher(2.0), Gaussian(0.5)).hessian.variance
    0.5
    """

    gradient: Law = field(default_factory=Noiseless)
    hessian: Law = field(default_factory=Noiseless)

    def __post_init__(self) -> None:
        for name in ("gradient", "hessian"):
            if not isinstance(getattr(self, name), Law):
                raise TypeError(f"{name} is {getattr(self, name)!r}; it must be a law of noise such as Rademacher(1.0)")
        if isinstance(self.gradient, Minibatch) != isinstance(self.hessian, Minibatch):
            raise ValueError("only one of gradient and hessian is a Minibatch; give both or none")

    @property
    def minibatch(self) -> bool:
        """Whether terms are drawn."""
        return isinstance(self.gradient, Minibatch)

    def noises(self, dimension: int) -> tuple[streams.Noise, streams.Noise]:
        """Both laws as kernels take them; an entry of a sampled Hessian has the whole variance."""
        return self.gradient.noise(dimension), self.hessian.noise(1)

    def variances(self, losses: Any) -> tuple[float, float]:
        """V_d and V_h: exact for additive noise, bounds m sum G_j^2 and |m sum L_j^2 s_j^2 W'W| for minibatches."""
        if not self.minibatch:
            return self.gradient.variance, self.hessian.variance
        slopes, bends = 0.0, 0.0
        for i in np.unique(losses.tasks):
            parts = [losses.reweighted(e).task_constants(i) for e in np.eye(losses.terms)]
            slopes = max(slopes, losses.terms * sum(part.G**2 for part in parts))
            forms = [
                (part.L / max(float(np.linalg.norm(w, 2)), 1e-300)) ** 2 * (w.T @ w)
                for part, w in zip(parts, losses.directions[i], strict=True)
            ]
            bends = max(bends, losses.terms * float(np.linalg.eigvalsh(sum(forms))[-1]))
        return slopes, bends
