r"""Which method wins where: the phase diagram over numbers of tasks M, samples N and rates alpha.

Every data set gives one estimate of each method (:mod:`numerics.estimators`), every estimate its exact expected loss before
and after adaptation (:mod:`numerics.expected_losses`); the diagram counts in which fraction of data sets MAML's is the lower.
Means stand beside quantiles, since the mean risk of MAML's estimate can be infinite (at p = 1 for M = 2).
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, serial_blas
from numerics.estimators import Experiment, known_rates, known_tasks
from numerics.expected_losses import ExpectedLosses
from numerics.inputs import whole
from numerics.kernels.order_statistics import summaries
from numerics.records import MemoryRecords, Records, ZarrRecords
from numerics.sampling import Cell, Tasks
from numerics.tasks import DiscreteTasks
from numerics.units import in_units

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    done, total : int
        Data sets times cells, of this call.
    elapsed : float
        Seconds since the call.
    remaining : float
        Estimated seconds left, by the variates still to be drawn.
    """

    done: int
    total: int
    elapsed: float
    remaining: float


def _grid(name: str, values: Any) -> list[int]:
    """An axis of increasing whole numbers."""
    axis = [whole(name, value) for value in (values if np.ndim(values) else [values])]
    if not axis or any(later <= earlier for earlier, later in pairwise(axis)):
        raise ValueError(f"{name} is {values!r}; it must be a whole number or an increasing sequence of them")
    return axis


def _levels(values: Sequence[float]) -> Array:
    levels = np.asarray(values, dtype=np.float64)
    if levels.ndim != 1 or not len(levels) or not (np.all(np.diff(levels) > 0) and levels[0] >= 0 and levels[-1] <= 1):
        raise ValueError(f"quantiles is {values!r}; it must be an increasing sequence of numbers in [0, 1]")
    return levels


def describe(tasks: Tasks) -> dict[str, Any]:
    """What identifies a distribution of tasks, in words and numbers.

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> describe(SpectrumTiedTasks(dim=2))["beta"]
    2.0
    """
    common: dict[str, Any] = {
        "tasks": type(tasks).__name__,
        "dimension": tasks.dimension,
        "features": tasks.features.name,
        "df": tasks.features.df,
    }
    if not isinstance(tasks, DiscreteTasks):
        return common | {"beta": tasks.beta}
    digest = hashlib.sha256()
    for array in (tasks.weights, tasks.hessians, tasks.optima, tasks.noise_variances):
        digest.update(np.ascontiguousarray(array).tobytes())
    return common | {"number": tasks.number, "sha256": digest.hexdigest()}


@cache
def _versions() -> tuple[str, ...]:
    """Versions that the bits may depend on."""
    names = ("metabounds", "numpy", "scipy", "numba")
    found = [f"{name} {metadata.version(name)}" for name in names if any(True for _ in metadata.distributions(name=name))]
    return (*found, f"python {platform.python_version()}", platform.machine())


@dataclass(frozen=True)
class _Job:
    """One chunk of one cell."""

    cell: int
    chunk: int


class _Run:
    """A grid of cells, computed chunk by chunk in a fixed order."""

    def __init__(
        self, tasks: Tasks, sizes: list[int], samples: list[int], rates: Array, datasets: int, seed: int, nested: bool
    ) -> None:
        self.datasets = datasets
        units, _ = in_units(tasks)
        self.unit = units.risk
        tasks, rates = units.tasks, np.array([units.rate("alphas", rate) for rate in rates])
        with serial_blas():
            losses = ExpectedLosses(tasks, rates)
            quadratics = [losses.quadratics(number) for number in samples]
        self.names: list[str] = []
        self.places: list[tuple[slice, int]] = []
        self.experiments: list[Experiment] = []
        self.quadratics: list[tuple[Array, Array, Array]] = []
        groups = [slice(0, len(sizes))] if nested else [slice(m, m + 1) for m in range(len(sizes))]
        for place, number in enumerate(samples):
            for group in groups:
                cell = Cell(tasks, number, sizes[group][-1], nested)
                self.names.append(f"N{number}" if nested else f"N{number}-M{cell.num_tasks}")
                self.places.append((group, place))
                self.experiments.append(Experiment(cell, sizes[group], rates, seed))
                self.quadratics.append(quadratics[place])

    def _leading(self, number: int) -> tuple[int, ...]:
        experiment = self.experiments[number]
        return 2, 2, len(experiment.sizes), len(experiment.rates)

    def memory(self) -> MemoryRecords:
        """Records with room for the whole chunks of every cell."""
        shapes = {}
        for number, (name, experiment) in enumerate(zip(self.names, self.experiments, strict=True)):
            chunk = experiment.cell.chunk
            shapes[name] = (*self._leading(number), -(-self.datasets // chunk) * chunk)
        return MemoryRecords(shapes)

    def execute(
        self, records: Records, workers: int | None, progress: Callable[[Progress], None] | None
    ) -> Iterator[tuple[int, Array]]:
        """Compute what the records lack, and yield each cell's number and all its data sets, in order."""
        started = time.monotonic()
        had = [min(records.completed(name), self.datasets) for name in self.names]
        chunks = [experiment.cell.chunk for experiment in self.experiments]
        jobs = [
            _Job(number, chunk)
            for number, size in enumerate(chunks)
            for chunk in range(had[number] // size, -(-self.datasets // size))
            if had[number] < self.datasets
        ]

        def excess(job: _Job) -> Array:
            weights, centres, _ = self.quadratics[job.cell]
            size = chunks[job.cell]
            out = records.room(self.names[job.cell], self._leading(job.cell), job.chunk * size, size)
            ExpectedLosses.excess(*self.experiments[job.cell].chunk(job.chunk), weights, centres, out)
            if self.unit != 1.0:
                out *= self.unit
            return out

        costs = [experiment.cell.num_tasks * experiment.cell.variates for experiment in self.experiments]
        total = sum(self.datasets - before for before in had)
        work = sum((self.datasets - before) * cost for before, cost in zip(had, costs, strict=True))
        done, worked = 0, 0
        results = mapped(excess, jobs, workers, streamed=True)
        place = 0
        for number, name in enumerate(self.names):
            waiting: list[Array] = []
            flushed = time.monotonic()
            have = had[number]
            while have < self.datasets:
                first = jobs[place].chunk * chunks[number]
                part = next(results)[..., have - first : self.datasets - first]
                place += 1
                have += part.shape[-1]
                waiting.append(part)
                if have == self.datasets or time.monotonic() - flushed >= records.flush_after():
                    records.append(name, waiting[0] if len(waiting) == 1 else np.concatenate(waiting, axis=-1))
                    waiting, flushed = [], time.monotonic()
                done, worked = done + part.shape[-1], worked + part.shape[-1] * costs[number]
                if progress is not None:
                    elapsed = time.monotonic() - started
                    progress(Progress(done, total, elapsed, elapsed * (work - worked) / worked))
            yield number, records.read(name, self.datasets)
            records.release(name)


class _Summary:
    """The arrays of the result, filled cell by cell."""

    def __init__(self, sizes: int, samples: int, rates: int, levels: Array) -> None:
        self.levels = levels
        grid = (sizes, samples, rates)
        self.fraction = np.full((2, *grid), np.nan)
        self.compared = np.zeros(grid, dtype=np.int64)
        self.undefined = np.zeros((2, *grid), dtype=np.int64)
        self.mean = np.full((2, 2, *grid), np.nan)
        self.quantile = np.full((2, 2, len(levels), *grid), np.nan)

    def add(self, group: slice, place: int, excess: Array) -> None:
        """Summarise a cell's data sets."""
        count = excess.shape[-1]
        for stage in range(2):
            for method in range(2):
                # before adaptation joint training's loss knows no rate
                values = excess[stage, method, :, :1] if stage == method == 0 else excess[stage, method]
                rows, shape = np.ascontiguousarray(values).reshape(-1, count), values.shape[:-1]
                levels, means = np.empty((len(rows), len(self.levels))), np.empty(len(rows))
                known = np.empty(len(rows), dtype=np.int64)
                summaries(rows, self.levels, levels, means, known)
                self.mean[stage, method, group, place] = means.reshape(shape)
                self.quantile[stage, method][:, group, place] = np.moveaxis(levels.reshape(*shape, -1), -1, 0)
                self.undefined[method, group, place] = count - known.reshape(shape)
        both = np.full(excess.shape[2:4], count)
        if self.undefined[:, group, place].any():
            both -= np.isnan(excess[0]).any(axis=0).sum(axis=-1)
        self.compared[group, place] = both
        wins = (excess[:, 1] < excess[:, 0]).sum(axis=-1)
        self.fraction[:, group, place] = np.divide(wins, both, out=np.full(wins.shape, np.nan), where=both > 0)


def phase_diagram(
    tasks: Tasks,
    num_tasks: Any,
    samples: Any,
    alphas: Any,
    datasets: int,
    seed: int,
    *,
    nested: bool = True,
    store: str | Path | None = None,
    quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> xarray.Dataset:
    """Fraction of data sets in which MAML's estimate has the lower exact expected loss, on a grid of M, N and alpha.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        What tasks are drawn from.
    num_tasks : int or increasing sequence of int
        M.
    samples : int or increasing sequence of int
        N; every task has 2N samples.
    alphas : float or sequence of float
        Rates of the inner step, in training and in deployment.
    datasets : int
        Data sets per cell.
    seed : int
        Root of all streams.  The draws of a cell depend on its N (and on the largest M if nested, on its own M otherwise), not
        on what else is on the grid.
    nested : bool
        Whether the data sets for fewer tasks are the first tasks of those for more: an M costs next to nothing then, and cells
        of one N are dependent.  Otherwise every cell has its own data sets.
    store : path, optional
        Directory of a zarr store for the excess losses of all data sets and, in its group ``summary``, the result.  If it
        exists, what it holds is not computed again: an interrupted run resumes, and a larger `datasets` appends.  Both give
        the bits of one uninterrupted run.
    quantiles : sequence of float
        Levels at which the distribution of the excess losses is given.
    workers : int, optional
        Threads; all processors if not given.  They do not change a bit.
    progress : callable, optional
        Called with a :class:`Progress` as data sets are done.

    Returns
    -------
    xarray.Dataset
        ``pre``, ``post`` (M, N, alpha): the fraction, for the loss before and after adaptation (weight Q and A_N), among the
        ``compared`` data sets, in which both estimates are defined (nan if there are none).  ``undefined`` (estimator, M,
        N, alpha): numbers of data sets with a singular sum.  ``excess_mean``, ``excess_quantile`` (stage, estimator, ..., M, N,
        alpha): of the expected loss above its least value, over defined estimates; ``least_loss`` (stage, N, alpha): that value
        without the noise's share.  Attributes: every parameter, seed and version.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, or the store belongs to other parameters.
    ModuleNotFoundError
        If xarray, or zarr for a store, is not installed (extra ``grid``).

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> diagram = phase_diagram(SpectrumTiedTasks(), [2, 400], [5, 50], [0.1, 0.25], datasets=200, seed=0)
    >>> dict(diagram.pre.sizes)
    {'M': 2, 'N': 2, 'alpha': 2}
    """
    known_tasks(tasks)
    sizes, counts, rates = _grid("num_tasks", num_tasks), _grid("samples", samples), known_rates(alphas)
    datasets, seed, levels = whole("datasets", datasets), whole("seed", seed, 0), _levels(quantiles)
    parameters = describe(tasks) | {
        "num_tasks": sizes,
        "samples": counts,
        "alphas": rates.tolist(),
        "seed": seed,
        "nested": int(nested),
        "versions": list(_versions()),
    }
    run = _Run(tasks, sizes, counts, rates, datasets, seed, nested)
    records: Records = run.memory() if store is None else ZarrRecords(store, parameters)
    summary = _Summary(len(sizes), len(counts), len(rates), levels)
    least = np.empty((2, len(counts), len(rates)))
    for number, excess in run.execute(records, workers, progress):
        group, place = run.places[number]
        summary.add(group, place, excess)
        minima = run.unit * run.quadratics[number][2]
        least[0, place], least[1, place] = minima[0], minima[1:]
    result = _labelled(summary, least, sizes, counts, rates, parameters | {"datasets": datasets})
    if store is not None:
        result.to_zarr(str(store), group="summary", mode="w", consolidated=False)
    return result


def _labelled(
    summary: _Summary, least: Array, sizes: list[int], counts: list[int], rates: Array, attributes: dict[str, Any]
) -> xarray.Dataset:
    import xarray

    grid = ("M", "N", "alpha")
    result = xarray.Dataset(
        {
            "pre": (grid, summary.fraction[0]),
            "post": (grid, summary.fraction[1]),
            "compared": (grid, summary.compared),
            "undefined": (("estimator", *grid), summary.undefined),
            "excess_mean": (("stage", "estimator", *grid), summary.mean),
            "excess_quantile": (("stage", "estimator", "quantile", *grid), summary.quantile),
            "least_loss": (("stage", "N", "alpha"), least),
        },
        coords={
            "M": sizes,
            "N": counts,
            "alpha": rates,
            # objects: zarr has no lasting format for strings of fixed length
            "stage": np.array(["pre", "post"], dtype=object),
            "estimator": np.array(["drs", "maml"], dtype=object),
            "quantile": summary.levels,
        },
        attrs=attributes,
    )
    meanings = {
        "M": "tasks in a data set",
        "N": "samples in the inner step; a task has 2N",
        "alpha": "rate of the inner step",
        "stage": "expected loss before (pre, weight Q) or after (post, weight A_N) adaptation",
        "pre": "fraction of data sets in which MAML's estimate has the lower expected loss before adaptation",
        "post": "fraction of data sets in which MAML's estimate has the lower expected loss after adaptation",
        "compared": "data sets in which both estimates are defined",
        "undefined": "data sets in which the estimate is undefined",
        "excess_mean": "mean of the expected loss above its least value, which may be infinite in law",
        "excess_quantile": "quantiles of the expected loss above its least value",
        "least_loss": "least expected loss, without the noise's share",
    }
    for name, meaning in meanings.items():
        result[name].attrs["long_name"] = meaning
    return result
