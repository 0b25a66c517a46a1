r"""Stochastic training of a rule, theta <- theta - eta (mean over M tasks of the sampled outer step), and testing on fresh
tasks.

One loop for every rule, oracle and family.  Rules whose steps the compiled loop mirrors run there; others run the same
updates by numpy, on the same bits.  Noise is a function of (seed, run, update, task slot, request), so that results have
the same bits for any number of workers, an appended run equals one longer run, and two algorithms meet the same tasks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.bilevel import hypergradient
from numerics.chunks import mapped, partition
from numerics.inputs import doubles, whole
from numerics.kernels import descent, streams
from numerics.losses import Losses
from numerics.rules import Rule
from numerics.smooth.algorithms import Sampling
from numerics.smooth.perturbed import Sampled
from numerics.smooth.terms import Terms

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]

#: runs that one piece of work holds; a constant, so that stored pieces fit together
CHUNK = 64


@dataclass(frozen=True)
class Trajectories:
    """Where training led.

    Parameters
    ----------
    theta : array (runs, rates, checkpoints, p)
        Parameters after so many updates; inf or nan where a run diverged.
    sums : array (runs, rates, checkpoints)
        Sum over the updates before of the squared norm of the watched rule's exact mean outer step; nan if none was watched.
    rates : array (rates,)
        Step sizes eta.
    checkpoints : array of int (checkpoints,)
        Numbers of updates.
    algorithm : Sampling
        What was trained.
    """

    theta: Array
    sums: Array
    rates: Array
    checkpoints: Array
    algorithm: Sampling

    def dataset(self, hessian_charge: float = 0.0) -> xarray.Dataset:
        """Labelled, with the cost of every checkpoint in gradient calls as a coordinate."""
        import xarray

        cost = self.algorithm.cost(self.checkpoints, hessian_charge=hessian_charge)
        return xarray.Dataset(
            {
                "theta": (("run", "eta", "update", "coordinate"), self.theta),
                "sum": (("run", "eta", "update"), self.sums),
            },
            coords={"eta": self.rates, "update": self.checkpoints, "calls": ("update", cost)},
            attrs={"rule": repr(self.algorithm.rule), "batch": self.algorithm.batch, "N": self.algorithm.calls},
        )


def meta_train(
    losses: Losses,
    algorithm: Sampling,
    start: Any,
    *,
    updates: int | Sequence[int],
    rates: Any,
    runs: int = 1,
    seed: int = 0,
    watched: Rule | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
) -> Trajectories:
    """Train from `start` with every step size, in `runs` independent runs.

    Parameters
    ----------
    losses : Losses
        Distribution of tasks; a :class:`~numerics.smooth.terms.Terms` runs compiled.
    algorithm : Sampling
        Rule, oracle and numbers of calls.
    start : array (p,) or (runs, p)
        Where to start.
    updates : int or increasing sequence of int
        After how many updates to look.
    rates : float or sequence of float
        Step sizes eta, at least zero.
    runs : int
        Independent runs; all step sizes and all algorithms with one seed meet the same tasks and noise in a run.
    seed : int
        Of everything random.
    watched : Rule, optional
        A rule whose exact mean outer step is squared and summed over the updates: DRS() for grad R_drs, MAML(alpha) for grad F.
    store : path, optional
        Directory in which pieces are kept: an interrupted call resumes there, more runs or later updates are appended.
    workers : int, optional
        Threads; all processors if not given.  They do not change a bit.

    Returns
    -------
    Trajectories

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, or the store holds another computation.

    Examples
    --------
    >>> from numerics.rules import DRS
    >>> from numerics.smooth.families import PiecewiseQuadratic
    >>> bowl = PiecewiseQuadratic([1.0], np.empty((1, 0)), [[1.0]])
    >>> meta_train(bowl, Sampling(DRS()), [1.0], updates=[0, 1, 2], rates=0.5).theta.ravel().tolist()
    [1.0, 0.5, 0.25]
    """
    if not isinstance(losses, Losses):
        raise TypeError(f"losses is a {type(losses).__name__}; it must be a distribution of risks such as Sines")
    _check_algorithm(algorithm)
    runs = whole("runs", runs, 1)
    looks = [whole("updates", count, 0) for count in (updates if np.ndim(updates) else [updates])]  # type: ignore[union-attr]
    if not looks or any(later <= earlier for earlier, later in pairwise(looks)):
        raise ValueError(f"updates is {updates!r}; it must be a whole number or an increasing sequence of them")
    sizes = np.atleast_1d(doubles("rates", rates, "() or (s,)"))
    if sizes.ndim != 1 or not sizes.size or not np.all(np.isfinite(sizes) & (sizes >= 0)):
        raise ValueError(f"rates is {rates!r}; every step size must be finite and at least zero, and there must be one")
    beginnings = starts(start, runs, losses.dimension)
    if algorithm.oracle.minibatch and algorithm.compiled(losses) is None:
        raise TypeError("a Minibatch needs risks that are sums of terms and a rule of plain gradient steps; use additive noise")
    if watched is not None and not isinstance(watched, Rule):
        raise TypeError(f"watched is a {type(watched).__name__}; it must be a Rule such as DRS()")
    pieces = None if store is None else _Store(Path(store), _described(losses, algorithm, sizes, seed, watched))
    key = stream_key(seed)

    def work(part: slice) -> tuple[Array, Array]:
        return _piece(losses, algorithm, watched, beginnings[part], sizes, looks, key, part.start, pieces)

    results = list(mapped(work, partition(runs, CHUNK), workers, streamed=True))
    theta, sums = (np.concatenate(parts) for parts in zip(*results, strict=True))
    if watched is None:
        sums = np.full_like(sums, np.nan)
    return Trajectories(theta, sums, sizes, np.array(looks), algorithm)


def _check_algorithm(algorithm: Any) -> None:
    if not isinstance(algorithm, Sampling):
        raise TypeError(f"algorithm is a {type(algorithm).__name__}; it must be a Sampling such as Sampling(MAML(0.1))")


def starts(start: Any, runs: int, dimension: int) -> Array:
    """Where each run begins, (runs, p), from one point or one per run."""
    points = doubles("start", start, "(p,) or (runs, p)").copy()
    if points.shape not in ((dimension,), (runs, dimension)):
        raise ValueError(f"start has shape {points.shape}; it must be ({dimension},) or ({runs}, {dimension})")
    if not np.all(np.isfinite(points)):
        raise ValueError(f"start has the entry {points[~np.isfinite(points)][0]}; every entry must be finite")
    return np.broadcast_to(points, (runs, dimension))


def stream_key(seed: int) -> Array:
    """Two 32-bit words, in 64-bit integers, that key all bits of a seed."""
    return np.random.SeedSequence(whole("seed", seed, 0)).generate_state(2, np.uint32).astype(np.uint64)


def _piece(
    losses: Losses,
    algorithm: Sampling,
    watched: Rule | None,
    beginnings: Array,
    sizes: Array,
    looks: list[int],
    key: Array,
    first_run: int,
    pieces: _Store | None,
) -> tuple[Array, Array]:
    """One chunk of runs, from what the store has of it."""
    count = len(beginnings)
    theta = np.empty((count, len(sizes), len(looks), losses.dimension))
    sums = np.empty((count, len(sizes), len(looks)))
    known = 0 if pieces is None else pieces.load(first_run, looks, theta, sums)
    if known:
        point, total = theta[:, :, known - 1].reshape(-1, losses.dimension).copy(), sums[:, :, known - 1].reshape(-1).copy()
    else:
        point, total = np.repeat(beginnings, len(sizes), axis=0), np.zeros(count * len(sizes))
    numbers = np.repeat(np.arange(first_run, first_run + count, dtype=np.uint64), len(sizes))
    steps = np.tile(sizes, count)
    advance = _compiled_loop(losses, algorithm, watched) or _numpy_loop(losses, algorithm, watched)
    before = looks[known - 1] if known else 0
    for index in range(known, len(looks)):
        advance(key, numbers, steps, before, looks[index], point, total)
        before = looks[index]
        theta[:, :, index] = point.reshape(count, len(sizes), -1)
        sums[:, :, index] = total.reshape(count, len(sizes))
    if pieces is not None and known < len(looks):
        pieces.save(first_run, looks, theta, sums)
    return theta, sums


def _compiled_loop(losses: Losses, algorithm: Sampling, watched: Rule | None) -> Any:
    found = algorithm.compiled(losses)
    if found is None:
        return None
    assert isinstance(losses, Terms)
    exact = found if watched is None else Sampling(watched).compiled(losses)
    if exact is None:
        return None
    arrays, cumulative, weights = losses.arrays(), np.cumsum(losses.weights)[None, :], losses.weights.copy()
    noises = algorithm.oracle.noises(losses.dimension)
    watching = (exact, watched is not None)

    def advance(key: Array, numbers: Array, steps: Array, first: int, last: int, point: Array, total: Array) -> None:
        descent.train(arrays, cumulative, weights, noises, found, watching, key, numbers, steps, first, last, point, total)

    return advance


def _numpy_loop(losses: Losses, algorithm: Sampling, watched: Rule | None) -> Any:
    cumulative = np.cumsum(losses.weights)[None, :]

    def advance(key: Array, numbers: Array, steps: Array, first: int, last: int, point: Array, total: Array) -> None:
        tasks = np.empty((len(numbers), algorithm.batch), dtype=np.int64)
        for step in range(first, last):
            if watched is not None:
                for r in range(len(point)):
                    total[r] += np.sum(hypergradient(losses, watched, point[r], workers=1) ** 2)
            streams.fill_tasks(cumulative, key, numbers, step, streams.TASK, tasks)
            counts = (algorithm.request_calls, int(algorithm.samples or 0))
            told = Sampled(losses, tasks, algorithm.oracle, *counts, key, numbers, step)
            moves = algorithm.rule.outer_step(told, point[:, None, :])
            point -= steps[:, None] * np.broadcast_to(moves, (*tasks.shape, point.shape[1])).mean(axis=1)

    return advance


@dataclass(frozen=True)
class Tested:
    """What a fresh task made of trained parameters.

    Parameters
    ----------
    risks : array (..., horizons)
        R(theta; gamma) after so many test steps.
    sums : array (..., horizons)
        Sum of |grad R(theta; gamma)|^2 over the steps before.
    horizons : array of int (horizons,)
        Numbers of steps.
    """

    risks: Array
    sums: Array
    horizons: Array


def meta_test(
    losses: Terms,
    algorithm: Sampling,
    theta: Any,
    *,
    steps: int | Sequence[int],
    rates: Any,
    seed: int = 0,
    workers: int | None = None,
) -> Tested:
    """Stochastic gradient descent on one fresh task per run, N calls a step, from the parameters that training found.

    Parameters
    ----------
    losses : Terms
        Distribution of tasks.
    algorithm : Sampling
        Whose oracle and number of calls the test uses.
    theta : array (runs, ..., p)
        Trained parameters; entries of a run share its fresh task and its noise, and those that diverged stay what they are.
    steps : int or increasing sequence of int
        After how many steps to look.
    rates : float or array (runs, ...)
        Step size of each entry, at least zero.
    seed : int
        Of everything random; the same as in training gives tasks and noise that are independent of it.
    workers : int, optional
        Threads.

    Returns
    -------
    Tested

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> from numerics.rules import DRS
    >>> from numerics.smooth.families import PiecewiseQuadratic
    >>> bowl = PiecewiseQuadratic([1.0], np.empty((1, 0)), [[1.0]])
    >>> meta_test(bowl, Sampling(DRS()), [[2.0]], steps=[0, 1], rates=0.5).risks.tolist()
    [[2.0, 0.5]]
    """
    if not isinstance(losses, Terms):
        raise TypeError(f"losses is a {type(losses).__name__}; testing runs compiled, on risks that are sums of terms")
    _check_algorithm(algorithm)
    points = doubles("theta", theta, "(..., p)").copy()
    if points.ndim < 2 or points.shape[-1] != losses.dimension:
        raise ValueError(f"theta has shape {points.shape}; it must be (runs, ..., {losses.dimension})")
    looks = [whole("steps", count, 0) for count in (steps if np.ndim(steps) else [steps])]  # type: ignore[union-attr]
    if not looks or any(later <= earlier for earlier, later in pairwise(looks)):
        raise ValueError(f"steps is {steps!r}; it must be a whole number or an increasing sequence of them")
    sizes = np.broadcast_to(doubles("rates", rates, "that of theta without its last axis"), points.shape[:-1])
    if not np.all(np.isfinite(sizes) & (sizes >= 0)):
        raise ValueError(f"rates is {rates!r}; every step size must be finite and at least zero")
    arrays, cumulative, key = losses.arrays(), np.cumsum(losses.weights)[None, :], stream_key(seed)
    noise, horizons = algorithm.oracle.noises(losses.dimension)[0], np.array(looks)
    inner = int(np.prod(points.shape[1:-1]))

    def work(part: slice) -> tuple[Array, Array]:
        flat = points[part].reshape(-1, losses.dimension)
        numbers = np.repeat(np.arange(part.start, part.stop, dtype=np.uint64), inner)
        risks, sums = np.empty((len(flat), len(looks))), np.empty((len(flat), len(looks)))
        its = np.ascontiguousarray(sizes[part]).reshape(-1).copy()
        descent.test(arrays, cumulative, noise, algorithm.calls, key, numbers, its, horizons, flat, risks, sums)
        return risks, sums

    results = list(mapped(work, partition(len(points), CHUNK), workers, streamed=True))
    risks, sums = (np.concatenate(parts).reshape(*points.shape[:-1], len(looks)) for parts in zip(*results, strict=True))
    return Tested(risks, sums, horizons)


def _described(losses: Losses, algorithm: Sampling, sizes: Array, seed: int, watched: Rule | None) -> dict[str, Any]:
    """What determines every bit except start, runs and updates."""
    digest = hashlib.sha256()
    arrays = [losses.arrays().rows] if isinstance(losses, Terms) else []
    for array in (losses.weights, *arrays):
        digest.update(np.ascontiguousarray(array).tobytes())
    fields = {name: repr(getattr(algorithm, name)) for name in ("rule", "oracle", "batch", "calls", "samples", "doubled")}
    rule = {"rule": f"{type(algorithm.rule).__name__} {sorted(vars(algorithm.rule).items())}", "watched": repr(watched)}
    return fields | rule | {"losses": digest.hexdigest(), "rates": sizes.tolist(), "seed": int(seed)}


class _Store:
    """Pieces of a computation as files, each replaced whole."""

    def __init__(self, folder: Path, parameters: dict[str, Any]) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "parameters.json"
        if note.exists():
            theirs = json.loads(note.read_text())
            ours = json.loads(json.dumps(parameters))
            for name in {**ours, **theirs}:
                if ours.get(name) != theirs.get(name):
                    raise ValueError(
                        f"store {str(folder)!r} holds {name} = {theirs.get(name)!r}, not {ours.get(name)!r}; "
                        "a run resumes or is appended to with the same parameters only"
                    )
        else:
            _replace(note, json.dumps(parameters, indent=1).encode())

    def _file(self, first_run: int) -> Path:
        return self._folder / f"runs-{first_run:06d}.npz"

    def load(self, first_run: int, looks: list[int], theta: Array, sums: Array) -> int:
        """Fill in the checkpoints that are stored, and say how many from the first on those are."""
        if not self._file(first_run).exists():
            return 0
        with np.load(self._file(first_run)) as kept:
            stored, points, totals = kept["looks"].tolist(), kept["theta"], kept["sums"]
        if len(points) < len(theta):
            return 0
        known = 0
        while known < min(len(looks), len(stored)) and looks[known] == stored[known]:
            known += 1
        theta[:, :, :known], sums[:, :, :known] = points[: len(theta), :, :known], totals[: len(theta), :, :known]
        return known

    def save(self, first_run: int, looks: list[int], theta: Array, sums: Array) -> None:
        """Keep a piece."""
        temporary = self._file(first_run).with_suffix(".partial.npz")
        np.savez(temporary, looks=np.array(looks), theta=theta, sums=sums)
        os.replace(temporary, self._file(first_run))


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_bytes(content)
    os.replace(temporary, path)
