r"""Joint training and MAML executed on the nodes of a Gauss rule for both samples of a task, in one and in two dimensions.

With :math:`Q=LL^\top` a sampled curvature is :math:`S=LAA^\top L^\top/N`, A Bartlett's trapezoid: on its diagonal the roots of
chi-square variables with N, N-1, ... degrees, below it normal variables.  What has m copies of S is a polynomial of degree m in
the chi-squares and 2m in the normals, so that m//2 + 1 Laguerre and m + 1 Hermite nodes average it exactly.  At p = 2 that is
540 pairs of samples for a score's second moment and 10,125 for its fourth; at p = 3 the second would take 700,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import roots_genlaguerre

import numerics.rules
from numerics.quadratics import Curvatures
from theory.rules import DRS
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import finite
from verify.quantities.paths import executed


@cache
def scatters(dimension: int, samples: int, copies: int) -> tuple[Array, Array]:
    """Scatter matrices of `samples` standard normal features, (nodes, p, p), and weights exact for words with so many copies.

    Examples
    --------
    >>> matrices, weights = scatters(2, 3, 2)
    >>> square = np.einsum("i,iab,ibc->ac", weights, matrices, matrices)  # (1 + (p + 1)/N) I
    >>> bool(np.allclose(square, 2 * np.eye(2), rtol=0, atol=1e-12))
    True
    >>> [len(scatters(2, 3, copies)[1]) for copies in (2, 4, 8)]  # products of neighbours: 540 and 10,125 pairs
    [12, 45, 225]
    """
    places = [(i, j) for j in range(min(dimension, samples)) for i in range(j, dimension)]
    rules = []
    for i, j in places:
        if i == j:
            squares, weights = roots_genlaguerre(copies // 2 + 1, (samples - j) / 2 - 1)
            rules.append((np.sqrt(2 * squares), weights / weights.sum()))
        else:
            points, weights = hermegauss(copies + 1)
            rules.append((points, weights / weights.sum()))
    grids = np.meshgrid(*(points for points, _ in rules), indexing="ij")
    factor = np.zeros((grids[0].size, dimension, min(dimension, samples)))
    for (i, j), grid in zip(places, grids, strict=True):
        factor[:, i, j] = grid.ravel()
    weights = np.array([1.0])
    for _, mass in rules:
        weights = np.multiply.outer(weights, mass).ravel()
    return factor @ factor.swapaxes(1, 2) / samples, weights


def times(*matrices: Array) -> Array:
    """Product of matrices whose rows and columns are the first two axes: on small ones seven times as fast as ``@``."""
    result = matrices[0]
    for matrix in matrices[1:]:
        result = np.einsum("ij...,jk...->ik...", result, matrix)
    return np.asarray(result)


def front(matrices: Array) -> Array:
    """Matrices (..., p, q) as (p, q, ...)."""
    return np.ascontiguousarray(np.moveaxis(matrices, (-2, -1), (0, 1)))


def back(matrices: Array) -> Array:
    """Matrices (p, q, ...) as (..., p, q)."""
    return np.ascontiguousarray(np.moveaxis(matrices, (0, 1), (-2, -1)))


def turned(matrices: Array) -> Array:
    """Transposes of matrices (p, q, ...)."""
    return matrices.swapaxes(0, 1)


def inner_loop(rule: numerics.rules.Rule, curvatures: Array) -> tuple[Array, Array]:
    """What the executed inner loop multiplies an error by, and the gradient's constant part by: matrices like `curvatures`.

    The loop runs on the pair of both, whose gradient is the product with [[S, -I], [0, 0]].

    Parameters
    ----------
    rule : numerics rule
    curvatures : array (p, p, batch, ...)
    """
    p, flat = len(curvatures), back(curvatures).reshape(curvatures.shape[2], -1, *curvatures.shape[:2])
    paired = np.zeros((*flat.shape[:2], 2 * p, 2 * p))
    paired[..., :p, :p], paired[..., :p, p:] = flat, -np.eye(p)
    moved = rule.adapt(Curvatures(paired), np.broadcast_to(np.eye(2 * p), paired.shape))
    error, constant = front(moved[..., :p, :p]), front(moved[..., :p, p:])
    return error.reshape(curvatures.shape), constant.reshape(curvatures.shape)


@dataclass
class Scores:
    """The score H d + l_1 e_1 + l_2 e_2 of one algorithm on all nodes, and expectations of it.

    Arrays (p, p, batch, n, inner nodes, outer nodes), or 1 where nothing depends on an axis; moments (batch, p, p).
    """

    tasks: Any
    samples: int
    first: Array
    second: Array
    masses: tuple[Array, Array]
    loop: Array
    curvature: Array
    noise: tuple[Array, Array]

    def mean(self, values: Array) -> Array:
        """Expectation over tasks and nodes of an array (..., batch, n, inner nodes, outer nodes): (batch, ...)."""
        inner, outer = (mass if size > 1 else np.ones(1) for mass, size in zip(self.masses, values.shape[-2:], strict=True))
        weights = self.tasks.probabilities[:, :, None, None] * inner[:, None] * outer
        return np.asarray(np.einsum("bnij,...bnij->b...", weights, values))

    @cached_property
    def mean_curvature(self) -> Array:
        """E[H]."""
        return self.mean(self.curvature)

    @cached_property
    def inverse(self) -> Array:
        """E[H]^-1."""
        return np.asarray(np.linalg.inv(self.mean_curvature))

    @cached_property
    def limit(self) -> Array:
        """Where the expected score vanishes, (batch, p)."""
        pulled = self.mean(times(self.curvature, self._vectors(self.tasks.optima)))
        return np.asarray((self.inverse @ pulled)[..., 0])

    @cached_property
    def error(self) -> Array:
        """d = limit - theta_gamma, (p, 1, batch, n, 1, 1)."""
        return self._vectors(self.limit[:, None] - self.tasks.optima)

    @cached_property
    def signal(self) -> Array:
        """H d, (p, 1, ...)."""
        return times(self.curvature, self.error)

    @cached_property
    def own_noise(self) -> Array:
        """Covariance of the score given the features, for noise of variance one."""
        return self.noise_covariance(self)

    def noise_covariance(self, other: Scores) -> Array:
        """Covariance of two scores given the features, for noise of variance one."""
        (a, b), (c, d) = self.noise, other.noise
        return (times(a, self.first, turned(c)) + times(b, self.second, turned(d))) / self.samples

    @cached_property
    def parts(self) -> tuple[Array, Array]:
        """E[Hdd'H], and E[Cov(psi | features)] for noise of variance one."""
        return self.mean(times(self.signal, turned(self.signal))), self.mean(self.own_noise)

    def covariance(self, variance: Any) -> Array:
        """E[psi psi'] for noise of a variance, a number or (batch, 1)."""
        return self.parts[0] + np.asarray(variance, float)[..., None] * self.parts[1]

    def cross(self, other: Scores, variance: Any) -> Array:
        """E[psi psi_other']."""
        signal, noise = self.mean(times(self.signal, turned(other.signal))), self.mean(self.noise_covariance(other))
        return np.asarray(signal + np.asarray(variance, float)[..., None] * noise)

    def everywhere(self, matrices: Array) -> Array:
        """Matrices (batch, p, p) as those of all tasks and nodes, (p, p, batch, 1, 1, 1)."""
        return front(matrices)[..., None, None, None]

    @cached_property
    def sandwich(self) -> Array:
        """E[H E[H]^-1 H]."""
        return self.mean(times(self.curvature, self.everywhere(self.inverse), self.curvature))

    @cached_property
    def bias(self) -> Array:
        """M times the bias of the estimate to leading order, (batch, p)."""
        pulled = self.mean(times(self.curvature, self.everywhere(self.inverse), self.signal))
        return np.asarray((self.inverse @ pulled)[..., 0])

    @staticmethod
    def _vectors(vectors: Array) -> Array:
        return front(vectors[..., None])[..., None, None]


def scores(batch: Batch, rule: Any, samples: Any, order: int = 2) -> Scores:
    """The algorithm of a rule on nodes that are exact for moments of its score up to `order`, with N samples in each half."""
    chosen, count = batch.rule(rule), int(batch.number(samples))
    return batch.remembered(("nodes", chosen, count, order), lambda: _run(batch, chosen, count, order))


def _run(batch: Batch, rule: Any, samples: int, order: int) -> Scores:
    tasks, joint = finite(batch), isinstance(rule, DRS)
    p = tasks.optima.shape[-1]
    roots = front(tasks.eigenvectors * np.sqrt(tasks.eigenvalues)[..., None, :])[..., None]
    copies = order if joint else 2 * order * int(batch.number(rule.steps))
    (inner, mass), (outer, weight) = scatters(p, samples, copies), scatters(p, samples, order)
    first, second = (times(roots, front(nodes)[:, :, None, None], turned(roots)) for nodes in (inner, outer))
    first, second = first[..., None], second[..., None, :]
    if joint:
        half = np.broadcast_to(-np.eye(p)[..., None, None, None, None] / 2, (p, p, 1, 1, 1, 1))
        loop, curvature, noise = -2 * half, (first + second) / 2, (half, half)
    else:
        loop, pushed = inner_loop(executed(rule, batch), first)
        halfway = times(turned(loop), second)
        curvature, noise = times(halfway, loop), (times(halfway, pushed), -turned(loop))
    return Scores(tasks, samples, first, second, (mass, weight), loop, curvature, noise)
