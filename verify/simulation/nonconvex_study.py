r"""Modeling against optimization error on risks that need not be convex: what is measured, and how.

For a deployment with one exact step at rate alpha, :math:`D(\theta)=E R_\gamma(\theta-\alpha\nabla R_\gamma(\theta))`.
An algorithm A ends at :math:`\theta_T`; :math:`\theta^\infty_A` is where the noise-free flow of its own objective leads
from the same start, :math:`\theta^g_A` a global minimiser of that objective.  Then

.. math:: E D(\theta_T)-\min D=[E D(\theta_T)-D(\theta^\infty_A)]+[D(\theta^\infty_A)-D(\theta^g_A)]+[D(\theta^g_A)-\min D]:

optimization, basin and modeling error, the first of either sign.  Both algorithms get the same number of gradient calls
an update; starts come from a symmetric law; step sizes are chosen on one half of the runs for every number of updates,
and what is reported is measured on the other half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.simulation.jobs import results
from verify.simulation.nonconvex_families import FAMILIES
from verify.simulation.nonconvex_jobs import ALGORITHMS, HALVES, LARGEST, PARTS, SMALLEST, Job

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]

#: axes of the study before those of a job
AXES = ("family", "M", "N")
#: gradient calls as which a Hessian sample is charged: as in the paper, and as products by differences or exact ones take
CHARGES = (0, 1, 2)


def jobs_of(families: Sequence[str], batches: Sequence[int], calls: Sequence[int], **common: Any) -> list[Job]:
    """The jobs of a product of families, M and N; `common` has the other fields of :class:`Job`.

    Raises
    ------
    ValueError
        If something cannot be run, in one sentence that names it.

    Examples
    --------
    >>> [job.name for job in jobs_of(["sines"], [1], [1, 2])]
    ['sines-M1-N1', 'sines-M1-N2']
    """
    for option, axis in (("--families", families), ("--batches", batches), ("--calls", calls)):
        if len(set(axis)) < len(axis) or not axis:
            raise ValueError(f"{option} is {','.join(map(str, axis))}; it must name each value once, and at least one")
    if unknown := [family for family in families if family not in FAMILIES]:
        raise ValueError(f"--families has {unknown[0]!r}; it must be of {', '.join(FAMILIES)}")
    for option, axis in (("--batches", batches), ("--calls", calls)):
        if min(axis) < 1:
            raise ValueError(f"{option} has {min(axis)}; every entry must be at least 1")
    jobs = [Job(*values, **common) for values in product(families, batches, calls)]
    first = jobs[0]
    for option, entries, least in (("--updates", first.updates, 1), ("--test-steps", first.test_steps, 0)):
        if not entries or min(entries) < least or list(entries) != sorted(set(entries)):
            raise ValueError(f"{option} is {','.join(map(str, entries))}; it must increase, from at least {least}")
    if not first.rates or min(first.rates) < 0 or list(first.rates) != sorted(set(first.rates)) or max(first.rates) > 4:
        raise ValueError(f"--rates is {','.join(map(str, first.rates))}; it must increase, within [0, 4]")
    if first.runs < 4 or first.runs % 2:
        raise ValueError(f"--runs is {first.runs}; it must be even and at least 4, so that both halves have two")
    if not 0 <= first.variance < float("inf"):
        raise ValueError(f"--variance is {first.variance}; it must be finite and at least 0")
    return jobs


def run(
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Path | None = None,
    done: Callable[[int, int], None] | None = None,
) -> xarray.Dataset:
    """The study's results, labelled: those of :meth:`Job.run` along the axes family, M and N.

    Parameters
    ----------
    jobs : sequence of Job
        From :func:`jobs_of`.
    workers, scheduler, store, done
        As for :func:`verify.simulation.jobs.results`.

    Returns
    -------
    xarray.Dataset
    """
    import xarray

    common = jobs[0].common
    found = results(
        jobs, common, study="study", workers=workers, scheduler=scheduler, store=store, done=done
    )  # fmt: skip
    axes: dict[str, list[Any]] = {
        "family": list(dict.fromkeys(job.family for job in jobs)),
        "M": list(dict.fromkeys(job.batch for job in jobs)),
        "N": list(dict.fromkeys(job.calls for job in jobs)),
    }
    shape = [len(axis) for axis in axes.values()]
    parts = [found[job.name] for job in jobs]
    variables = {}
    for name, variable in parts[0].data_vars.items():
        stacked = np.stack([part[name].values for part in parts]).reshape(*shape, *variable.shape)
        variables[name] = ((*AXES, *variable.dims), stacked)
    # words are no coordinates of what a store keeps
    words = {"algorithm": list(ALGORITHMS), "part": list(PARTS), "half": list(HALVES)}
    coords = axes | words | {name: parts[0][name] for name in parts[0].coords}
    attributes = {"runs": common["runs"], "seed": common["seed"], "V_d": common["variance"]}
    return xarray.Dataset(variables, coords, attributes | {"steps": [SMALLEST, LARGEST]})


def band(result: xarray.Dataset, level: float = 0.95, resamples: int = 400, seed: int = 0) -> tuple[Array, Array]:
    """Bootstrap limits of log10 of the ratio of mean excesses, joint over meta, (family, M, N, a, update)."""
    excess = result["excess"].values
    draws = [log_ratio(excess[..., chosen]) for chosen in _resampled(excess.shape[-1], resamples, seed)]
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def log_ratio(excess: Array) -> Array:
    """log10 of the ratio of mean excesses (..., algorithm, run), joint over meta."""
    means = np.maximum(excess.mean(axis=-1), 1e-12)
    return np.asarray(np.log10(means[..., 0] / means[..., 1]))


def charged_ratio(result: xarray.Dataset, charge: float) -> Array:
    """As :func:`log_ratio`, at equal calls where a Hessian sample is charged as so many: (family, M, N, a, update).

    MAML's excess is interpolated between its numbers of updates, in logarithms; NaN where its calls do not reach.
    """
    means = np.log10(np.maximum(result["excess"].mean("run").transpose(*AXES, "a", "update", "algorithm").values, 1e-12))
    calls = np.log((result["calls"] + charge * result["hessians"]).transpose(*AXES, "update", "algorithm").values)
    found = np.empty(means.shape[:-1])
    for place in np.ndindex(found.shape[:-1]):
        asked, known = calls[place[:3]].T
        found[place] = means[place][:, 0] - np.interp(asked, known, means[place][:, 1], left=np.nan)
    return found


def takes_the_lead(calls: Array, ratio: Array) -> float:
    """Calls from which MAML leads to the end, between two budgets in logarithms.

    0 if it always leads, infinite if never, NaN if at no budget both are known.

    Examples
    --------
    >>> round(takes_the_lead(np.array([10.0, 1000.0]), np.array([-1.0, 1.0])))
    100
    >>> takes_the_lead(np.array([10.0, 1000.0]), np.array([0.5, -0.1]))
    inf
    """
    calls, ratio = calls[np.isfinite(ratio)], ratio[np.isfinite(ratio)]
    if not len(ratio):
        return float("nan")
    behind = np.flatnonzero(ratio <= 0)
    if not len(behind) or behind[-1] == len(ratio) - 1:
        return float("inf") if len(behind) else 0.0
    last = behind[-1]
    share = ratio[last] / (ratio[last] - ratio[last + 1])
    return float(np.exp(np.log(calls[last]) + share * np.log(calls[last + 1] / calls[last])))


def best_rates(paid: Array, rates: Any, level: float = 0.95, resamples: int = 400, seed: int = 0) -> tuple[Array, Array, Array]:
    """The rate that pays least of (a, update, run), and the limits between which the bootstrap over runs picks.

    Examples
    --------
    >>> best_rates(np.array([[[1.0, 1.0]], [[0.5, 0.7]]]), [0.0, 0.3])[0].tolist()
    [0.3]
    """
    its = np.asarray(rates)
    draws = [its[paid[..., chosen].mean(axis=-1).argmin(axis=0)] for chosen in _resampled(paid.shape[-1], resamples, seed)]
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0, method="nearest")
    return its[paid.mean(axis=-1).argmin(axis=0)], low, high


def _resampled(runs: int, resamples: int, seed: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, runs, runs) for _ in range(resamples)]


def summary(result: xarray.Dataset) -> str:
    """A line for each family and T_te: what joint training pays more on a fresh task, and both sides of its bound."""
    from verify.simulation.nonconvex_reference import price

    batch, calls, a = int(result.M[-1]), int(result.N[0]), float(result.a[-1])
    lines = [
        f"risk of a fresh task after T_te sampled steps at aL = {a:g}, joint training's minus MAML's, M = {batch}, "
        f"N = {calls}, {int(result['update'][-1])} updates (95 %):"
    ]
    last = result["tested"].sel(M=batch, N=calls, a=a).isel(update=-1)
    gaps = last.sel(algorithm="joint") - last.sel(algorithm="meta")
    for family in result.family.values:
        entries = []
        for steps in result.test_step.values:
            each = gaps.sel(family=family, test_step=steps).values
            error = 1.96 * each.std(ddof=1) / np.sqrt(len(each))
            entries.append(f"T_te = {int(steps)}: {each.mean():+.4f} +- {error:.4f}")
        lines.append(f"  {family:9} " + "   ".join(entries))
    lines.append(
        f"gradient calls from which MAML leads at aL = {a:g}, M = {batch}, N = {calls}, a Hessian sample charged as "
        f"{', '.join(map(str, CHARGES))} calls, of the budgets that both reach:"
    )
    for index, family in enumerate(result.family.values):
        cell = result["calls"].sel(family=family, M=batch, N=calls, algorithm="joint").values
        entries = []
        for charge in CHARGES:
            lead = takes_the_lead(cell, charged_ratio(result, charge)[index, -1, 0, -1])
            entries.append("unknown" if np.isnan(lead) else {0.0: "all", float("inf"): "none"}.get(lead) or f"{lead:,.0f}")
        lines.append(f"  {family:9} " + ", ".join(entries))
    lines.append("least deployed risks in a cube about 0 are certain to, over all rates:")
    for family in result.family.values:
        most = float(result["uncertain"].sel(family=family).max())
        said = f"{most:.1e}" if np.isfinite(most) else "nothing: descents from several points"
        lines.append(f"  {family:9} {said}")
    lines.append("where joint training's flow ends: |grad D|, and K E|grad R| that price_of_joint_training allows:")
    for family in result.family.values:
        ends = result.sel(family=family, M=batch, N=calls)
        p = FAMILIES[str(family)]().losses.dimension
        entries = [
            f"aL = {rate:g}: {float(ends['slope'].sel(a=rate)):.4f} <= {price(rate, p) * float(ends['slopes'].sel(a=rate)):.4f}"
            for rate in result.a.values
            if rate > 0
        ]
        lines.append(f"  {family:9} " + "   ".join(entries))
    return "\n".join(lines)
