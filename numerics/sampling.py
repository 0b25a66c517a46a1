r"""Finite data sets by their sufficient statistics: what is drawn, from which streams, in which chunks.

A task of 2N regression samples enters both estimators only through S_i = X_i^T X_i / N and e_i = X_i^T eps_i / N of its
halves i = 1, 2.  Given S_i, e_i is N(0, sigma^2 S_i / N), whatever the law of the features.  For Gaussian features S_i is
Wishart and is drawn through Bartlett's factor at a cost that does not grow with N once N >= p (for N < p: through the
trapezoid that has as many variates as a singular Wishart matrix has degrees of freedom); at p = 1 it is a chi-square variate.
Other elliptical features have no such short cut: their N standardised samples are drawn and reduced to S_i at once.

Data sets come in *chunks*, and chunk c of a cell with N samples draws from its own stream
``SeedSequence(seed, spawn_key=(N, M or 0, c))``.  The sizes of chunks depend on the sizes of the problem alone.  A chunk is
always drawn whole, so that the first data sets of a longer run are those of a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.kernels.wishart import bartlett_factors, scatter_factors
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks

Array = NDArray[np.float64]
Tasks = DiscreteTasks | SpectrumTiedTasks

#: variates drawn at a time; a constant (the buffers then stay in a core's cache), so that chunks do not depend on the machine
BLOCK = 2**17
#: numbers of data sets that a chunk may hold: divisors of the round numbers that people ask for
LADDER = (250, 100, 50, 25, 10, 5, 2, 1)


class Buffers:
    """Arrays of one thread, by name, used again and again: fresh memory costs more than the numbers that go into it."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def take(self, name: str, shape: tuple[int, ...]) -> Array:
        """The array of that name in some shape; what it held before is lost."""
        size = prod(shape)
        if name not in self._arrays or self._arrays[name].size < size:
            self._arrays[name] = np.empty(size)
        return self._arrays[name][:size].reshape(shape)


@dataclass(frozen=True)
class ScalarDraws:
    """Variates of a chunk at p = 1, each (data sets, tasks); the last two with a leading axis of both halves."""

    curvatures: Array
    optima: Array
    noise_variances: Array
    scatters: Array
    normals: Array


@dataclass(frozen=True)
class MatrixDraws:
    """Variates of a block of tasks at p > 1, as :func:`numerics.kernels.estimator_matrix.matrix_estimates` takes them."""

    index: NDArray[np.int64]
    optima: Array
    deviations: Array
    scales: Array
    roots: Array
    reflectors: Array
    factors: Array
    offset: int


@dataclass(frozen=True)
class Cell:
    """What one stream of data sets is drawn for.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        Law of the tasks and of their features.
    samples : int
        N; a task has 2N samples.
    num_tasks : int
        Tasks drawn per data set, the largest number of tasks that an estimate uses.
    nested : bool
        Whether the data sets serve smaller numbers of tasks too, by their first tasks.
    """

    tasks: Tasks
    samples: int
    num_tasks: int
    nested: bool = False

    @property
    def dimension(self) -> int:
        """p."""
        return self.tasks.dimension

    @cached_property
    def rank(self) -> int:
        """Columns of a factor of S_i: min(N, p)."""
        return min(self.samples, self.dimension)

    @property
    def gaussian(self) -> bool:
        """Whether S_i is Wishart."""
        return self.tasks.features.name == "gaussian"

    @cached_property
    def haar_variates(self) -> int:
        """Normal variates for a task's eigenvectors."""
        p = self.dimension
        return p * (p + 1) // 2 - 1 if isinstance(self.tasks, SpectrumTiedTasks) and p > 1 else 0

    @cached_property
    def factor_normals(self) -> int:
        """Normal variates above the diagonals of both Bartlett factors of a task."""
        p, r = self.dimension, self.rank
        return 2 * p * r - r * (r + 1) if r == p else 2 * (r * (p - r) + r * (r - 1) // 2)

    @cached_property
    def variates(self) -> int:
        """Variates drawn for one task."""
        p, r = self.dimension, self.rank
        law = p + 1 + self.haar_variates if isinstance(self.tasks, SpectrumTiedTasks) else 1
        scatter = self.factor_normals + 2 * r if self.gaussian else 2 * self.samples * (p + 1)
        return law + scatter + 2 * r

    @cached_property
    def chunk(self) -> int:
        """Data sets in a chunk."""
        fitting = BLOCK // (self.variates * self.num_tasks)
        return next((size for size in LADDER if size <= fitting), 1)

    @cached_property
    def block(self) -> int:
        """Tasks of each data set that are drawn at a time."""
        return min(self.num_tasks, max(1, BLOCK // (self.variates * self.chunk)))

    def stream(self, seed: int, chunk: int) -> np.random.Generator:
        """The generator of a chunk."""
        key = (self.samples, 0 if self.nested else self.num_tasks, chunk)
        # SFC64 is the fastest of NumPy's bit generators, and SeedSequence makes its streams independent
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))


def _mean_squares(cell: Cell, out: Array, rng: np.random.Generator) -> None:
    """Fill `out` with mean squares of N standardised scalar features: chi-square(N)/N for Gaussian ones."""
    n = cell.samples
    if not cell.gaussian:
        flat, rows = out.reshape(-1), max(1, BLOCK // n)
        for start in range(0, flat.size, rows):
            part = flat[start : start + rows]
            part[:] = np.square(cell.tasks.features.sample((*part.shape, n, 1), rng)).mean(axis=(-2, -1))
    elif n == 1:  # a gamma variate of shape below 1 costs five normal ones
        np.square(rng.standard_normal(out=out), out=out)
    else:
        if n == 2:
            rng.standard_exponential(out=out)
        else:
            rng.standard_gamma(n / 2, out=out)
        out *= 2 / n


def draw_scalar(cell: Cell, rng: np.random.Generator, buffers: Buffers) -> ScalarDraws:
    """A chunk's variates at p = 1.

    Parameters
    ----------
    cell : Cell
        Of dimension one.
    rng : numpy.random.Generator
        Used from where it stands.
    buffers : Buffers
        Where the variates are put.

    Returns
    -------
    ScalarDraws
        Valid until the buffers are used again.
    """
    shape = (cell.chunk, cell.num_tasks)
    if isinstance(cell.tasks, SpectrumTiedTasks):
        uniform = rng.random(out=buffers.take("tasks", (2, *shape)))
        uniform[0] *= cell.tasks.beta
        uniform[1] *= cell.tasks.largest_noise
        curvatures = optima = uniform[0]
        noise_variances = uniform[1]
    else:
        drawn = _drawn_tasks(cell.tasks, shape, rng)
        curvatures, optima = cell.tasks.hessians[drawn, 0, 0], cell.tasks.optima[drawn, 0]
        noise_variances = cell.tasks.noise_variances[drawn]
    scatters = buffers.take("scatters", (2, *shape))
    _mean_squares(cell, scatters, rng)
    normals = rng.standard_normal(out=buffers.take("normals", (2, *shape)))
    return ScalarDraws(curvatures, optima, noise_variances, scatters, normals)


def _drawn_tasks(tasks: DiscreteTasks, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of drawn tasks, by inversion: one uniform variate each."""
    steps = np.cumsum(tasks.weights)
    # rounding may leave the last step below one; the last task that has a probability ends the search
    last = int(np.flatnonzero(tasks.weights)[-1])
    found = np.searchsorted(steps, rng.random(shape) * steps[-1], side="right")
    return np.asarray(np.minimum(found, last), dtype=np.int64)


@serial
def matrix_roots(hessians: Array) -> Array:
    """F with F F' = Q for symmetric positive semi-definite Q (n, p, p), by the eigenvalue decomposition.

    Examples
    --------
    >>> root = matrix_roots(np.array([[[2.0, 1.0], [1.0, 2.0]]]))
    >>> (root @ root.swapaxes(1, 2)).round(12).tolist()
    [[[2.0, 1.0], [1.0, 2.0]]]
    """
    eigenvalues, basis = np.linalg.eigh(hessians)
    return np.asarray(basis * np.sqrt(np.maximum(eigenvalues, 0.0))[..., None, :])


def _factors(cell: Cell, count: int, rng: np.random.Generator, buffers: Buffers) -> tuple[Array, int]:
    """Factors of the standardised scatter matrices of `count` tasks above a row of normals, and where their zeros begin."""
    p, r, n = cell.dimension, cell.rank, cell.samples
    out = buffers.take("factors", (count, p + 1, 2 * r))
    if cell.gaussian:
        normals = rng.standard_normal(out=buffers.take("factor normals", (count, cell.factor_normals)))
        freedom = n - (r - 1.0 - np.arange(r))
        chi_squares = buffers.take("chi-squares", (count, 2, r))
        rng.standard_gamma(freedom / 2, out=chi_squares)
        chi_squares *= 2.0
        bartlett_factors(normals, chi_squares, n, out[:, :p])
        offset = p - r
    else:
        rows = max(1, BLOCK // (2 * n * p))
        for start in range(0, count, rows):
            part = out[start : start + rows, :p]
            scatter_factors(cell.tasks.features.sample((len(part), 2, n, p), rng), part)
        offset = 0 if n > p else p
    out[:, p] = rng.standard_normal(out=buffers.take("normals", (count, 2 * r)))
    return out, offset


def draw_blocks(cell: Cell, rng: np.random.Generator, roots: Array, buffers: Buffers) -> Iterator[MatrixDraws]:
    """A chunk's variates at p > 1, a block of tasks at a time.

    Parameters
    ----------
    cell : Cell
    rng : numpy.random.Generator
        Used from where it stands, as the blocks are consumed.
    roots : array (n, p, p)
        :func:`matrix_roots` of discrete tasks' curvatures; without rows for :class:`numerics.SpectrumTiedTasks`.
    buffers : Buffers
        Where the variates are put.

    Yields
    ------
    MatrixDraws
        Valid until the next one is asked for.
    """
    p, tasks = cell.dimension, cell.tasks
    for start in range(0, cell.num_tasks, cell.block):
        shape = (cell.chunk, min(cell.block, cell.num_tasks - start))
        count = shape[0] * shape[1]
        if isinstance(tasks, SpectrumTiedTasks):
            optima = rng.random(out=buffers.take("optima", (count, p)))
            optima *= tasks.beta
            deviations = np.sqrt(rng.random(count) * tasks.largest_noise)
            scales = np.sqrt(optima)
            index = np.arange(count).reshape(shape)
        else:
            index = _drawn_tasks(tasks, shape, rng)
            optima, deviations, scales = tasks.optima, np.sqrt(tasks.noise_variances), np.empty((0, p))
        reflectors = rng.standard_normal(out=buffers.take("reflectors", (*shape, cell.haar_variates)))
        factors, offset = _factors(cell, count, rng, buffers)
        factors = factors.reshape(*shape, p + 1, -1)
        yield MatrixDraws(index, optima, deviations, scales, roots, reflectors, factors, offset)
