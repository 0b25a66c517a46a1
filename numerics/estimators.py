r"""Estimates of joint training and of MAML from finite data sets, by the exact law of their sufficient statistics.

With B = I - alpha S_1 and the statistics of :mod:`numerics.sampling`, the estimate of a method from M tasks is
(sum H)^{-1} sum h, where

.. math:: H_{drs} = (S_1+S_2)/2,\quad h_{drs} = H\theta_\gamma + (e_1+e_2)/2,\qquad
          H_{maml} = B S_2 B,\quad h_{maml} = B(S_2\theta_\gamma + e_2 - \alpha S_2(S_1\theta_\gamma + e_1)).

Both are polynomials in alpha, whose coefficients are summed once for all rates; every number of tasks is served by the same
sums on the way.  An estimate whose sum of H is singular is undefined, and nan: for NM < p (MAML) or 2NM < p (joint training)
always, otherwise where a pivot of its Cholesky factorisation is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, partition
from numerics.inputs import whole
from numerics.kernels.estimator_matrix import matrix_estimates, workspace_size
from numerics.kernels.estimator_scalar import scalar_estimates
from numerics.sampling import Buffers, Cell, Tasks, draw_blocks, draw_scalar, matrix_roots
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks
from numerics.units import in_units

Array = NDArray[np.float64]


def known_tasks(tasks: Any) -> Tasks:
    """`tasks`, if data can be drawn from it.

    Raises
    ------
    TypeError
        If it is neither DiscreteTasks nor SpectrumTiedTasks.
    """
    if not isinstance(tasks, (DiscreteTasks, SpectrumTiedTasks)):
        raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks or SpectrumTiedTasks")
    return tasks


def known_rates(alphas: Any) -> Array:
    """`alphas` as an array (a,) of finite rates; a single number is one rate.

    Raises
    ------
    ValueError
        If it is empty, has more than one axis, or an entry is not a finite real number.
    """
    rates = np.atleast_1d(np.asarray(alphas))
    if rates.dtype.kind not in "fiu" or rates.ndim != 1 or rates.size == 0 or not np.all(np.isfinite(rates)):
        raise ValueError(f"alphas is {alphas!r}; it must be a finite number or a sequence of them")
    return np.ascontiguousarray(rates, dtype=np.float64)


class Experiment:
    """Estimates of one cell, chunk by chunk.

    Parameters
    ----------
    cell : Cell
        Law and sizes.
    sizes : sequence of int
        Increasing numbers of tasks at which estimates are wanted; the last is the cell's.
    rates : array (a,)
        MAML's rates.
    seed : int
        Root of the streams.

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> cell = Cell(SpectrumTiedTasks(), samples=5, num_tasks=10, nested=True)
    >>> drs, maml = Experiment(cell, [2, 10], np.array([0.0, 0.1, 0.2]), seed=0).chunk(0)
    >>> drs.shape, maml.shape
    ((250, 2, 1), (250, 2, 3, 1))
    """

    def __init__(self, cell: Cell, sizes: Sequence[int], rates: Array, seed: int) -> None:
        self.cell = cell
        self.sizes = np.asarray(sizes, dtype=np.int64)
        self.rates = rates
        self.seed = seed
        p = cell.dimension
        discrete = isinstance(cell.tasks, DiscreteTasks) and p > 1
        self._thread = local()
        self.roots = matrix_roots(cell.tasks.hessians) if discrete else np.empty((0, p, p))  # type: ignore[union-attr]

    def chunk(self, number: int) -> tuple[Array, Array]:
        """Estimates of all data sets of a chunk.

        Parameters
        ----------
        number : int
            The chunk's, from 0.

        Returns
        -------
        drs : array (data sets, m, p)
        maml : array (data sets, m, a, p)
        """
        cell, p = self.cell, self.cell.dimension
        rng = cell.stream(self.seed, number)
        if not hasattr(self._thread, "buffers"):
            self._thread.buffers = Buffers()
        buffers: Buffers = self._thread.buffers
        drs = np.empty((cell.chunk, len(self.sizes), p))
        maml = np.empty((cell.chunk, len(self.sizes), len(self.rates), p))
        if p == 1:
            draws = draw_scalar(cell, rng, buffers)
            scalar_estimates(
                draws.curvatures, draws.optima, draws.noise_variances, draws.scatters, draws.normals,
                cell.samples, self.sizes, self.rates, drs[..., 0], maml[..., 0],
            )  # fmt: skip
            return drs, maml
        sums = buffers.take("sums", (cell.chunk, 4, p + 2, p))
        sums[:] = 0.0
        workspace = buffers.take("workspace", (workspace_size(p, cell.rank),))
        first_task = 0
        for block in draw_blocks(cell, rng, self.roots, buffers):
            matrix_estimates(
                block.index, block.optima, block.deviations, block.scales, block.roots, block.reflectors, block.factors,
                block.offset, first_task, cell.samples, self.sizes, self.rates, sums, workspace, drs, maml,
            )  # fmt: skip
            first_task += block.index.shape[1]
        return drs, maml


def estimates(
    tasks: Tasks, num_tasks: int, samples: int, alphas: Any, datasets: int, seed: int, *, workers: int | None = None
) -> tuple[Array, Array]:
    """Estimates of both methods from independent data sets, in their exact joint law.

    The data sets are those of :func:`numerics.phase_diagram` with ``nested=False`` and the same seed.  The first ones of a
    longer run are those of a shorter run, and no bit depends on the number of workers.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        What the tasks of a data set are drawn from, independently.
    num_tasks : int
        M, tasks in a data set.
    samples : int
        N; every task has 2N samples: MAML takes N for its inner step and N for the outer loss, joint training all of them.
    alphas : float or sequence of float
        Inner rates of MAML, any sign.
    datasets : int
        Number of independent data sets.
    seed : int
        Non-negative; root of all streams.
    workers : int, optional
        Threads; all processors if not given.

    Returns
    -------
    drs : array (datasets, p)
        Joint training's estimates; nan where undefined (2NM < p or a singular sum).
    maml : array (datasets, len(alphas), p)
        MAML's; nan where undefined (NM < p or a singular sum).

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> drs, maml = estimates(SpectrumTiedTasks(dim=2), 50, 10, [0.1, 0.2], datasets=4, seed=1)
    >>> drs.shape, maml.shape
    ((4, 2), (4, 2, 2))
    """
    known_tasks(tasks)
    units, _ = in_units(tasks)
    rates = np.array([units.rate("alphas", rate) for rate in known_rates(alphas)])
    cell = Cell(units.tasks, whole("samples", samples), whole("num_tasks", num_tasks))
    datasets, seed = whole("datasets", datasets), whole("seed", seed, 0)
    experiment = Experiment(cell, [cell.num_tasks], rates, seed)
    drs = np.empty((datasets, cell.dimension))
    maml = np.empty((datasets, len(rates), cell.dimension))
    chunks = partition(datasets, cell.chunk)
    results = mapped(lambda part: experiment.chunk(part.start // cell.chunk), chunks, workers, streamed=True)
    for part, (joint, adapted) in zip(chunks, results, strict=True):
        count = part.stop - part.start
        drs[part], maml[part] = joint[:count, 0], adapted[:count, 0]
    return units.outward(drs), units.outward(maml)
