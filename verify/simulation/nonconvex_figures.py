"""The four figures of the study on risks that need not be convex."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.simulation.nonconvex_study import PARTS, REFERENCE_RATES, band, reference, reference_curves, reference_flips

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]
_COLOURS = {"joint": "#33608c", "meta": "#d1793a"}
_PARTS = ("#33608c", "#8aa9c4", "#d1793a")


def draw(result: xarray.Dataset, ratios: xarray.DataArray, folder: Path) -> list[Path]:
    """Draw all figures into a folder.

    Returns
    -------
    list of Path
        The files.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    made = []
    for name, figure in (
        ("flip", _flip(plt, result)),
        ("parts", _parts(plt, result)),
        ("rates", _rates(plt, result)),
        ("bounds", _bounds(plt, ratios)),
    ):
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150)
        plt.close(figure)
        made.append(path)
    return made


def _flip(plt: Any, result: xarray.Dataset) -> Any:
    """Left: who leads on the sines, over budget and N; right: the exact instance and its flips."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    batch, a = int(result.M[-1]), float(result.a[-1])
    chosen = result.sel(M=batch, a=a)
    means = np.maximum(chosen["excess"].mean("run").values, 1e-12)
    ratio = np.log10(means[..., 0] / means[..., 1])
    budgets = chosen["calls"].isel(algorithm=0).values
    calls = np.broadcast_to(result.N.values[:, None], budgets.shape)
    size = np.abs(ratio).max()
    shown = left.contourf(budgets, calls, ratio, levels=21, cmap="RdBu_r", vmin=-size, vmax=size)
    figure.colorbar(shown, ax=left, label="log10 excess, joint training over MAML")
    low, high = (limit[list(result.M.values).index(batch), :, -1] for limit in band(result))
    left.contour(budgets, calls, ratio, levels=[0], colors="black")
    for limit in (low, high):
        left.contour(budgets, calls, limit, levels=[0], colors="black", linestyles="dotted")
    left.set(xscale="log", yscale="log", xlabel="gradient calls", ylabel="N", title=f"sines, M = {batch}, aL = {a:g}")
    for batch, style in ((1, "-"), (5, "--"), (20, ":")):
        joint, meta = reference_curves(batch, -3.0, 400)
        flip = reference_flips(batch)
        label = f"M = {batch}, flips at {', '.join(map(str, flip))}"
        right.plot(np.arange(1, 401), joint / meta, style, color="black", label=label)
    simulated = _simulated(5, (10, 21, 40, 100))
    right.errorbar(*simulated, fmt="o", color="#d1793a", label="simulated, M = 5")
    right.axhline(1, color="grey", linewidth=0.8)
    right.set(xscale="log", yscale="log", xlabel="updates", ylabel="excess, joint training over MAML")
    right.set_title("two quadratics, exact")
    right.legend(frameon=False)
    return figure


def _simulated(batch: int, updates: tuple[int, ...], runs: int = 2000) -> tuple[Array, Array, Array]:
    """Ratio of simulated mean excesses at the exactly best step sizes, with two standard errors."""
    import numerics as nx

    exact = reference(batch)
    q, best = exact.curvatures, exact.optimum(True)
    bowls = nx.PiecewiseQuadratic(exact.weights, np.empty((2, 0)), q[:, None], -q * exact.optima, 0.5 * q * exact.optima**2)
    weight = exact.weights @ (q * (1 - exact.alpha * q) ** 2)
    means, errors = [], []
    for adapts, rule in ((False, nx.DRS()), (True, nx.MAML(exact.alpha))):
        rates = exact.excess(adapts, REFERENCE_RATES, -3.0, max(updates)).argmin(axis=0)
        algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(exact.variance)), batch=batch, calls=exact.calls)
        values = []
        for count in updates:
            rate = float(REFERENCE_RATES[rates[count - 1]])
            theta = nx.meta_train(bowls, algorithm, [-3.0], updates=count, rates=rate, runs=runs, seed=count).theta
            values.append(0.5 * weight * (theta[:, 0, 0, 0] - best) ** 2)
        means.append([each.mean() for each in values])
        errors.append([each.std() / np.sqrt(runs) / each.mean() for each in values])
    ratio = np.array(means[0]) / np.array(means[1])
    return np.array(updates), ratio, 2 * ratio * np.sqrt(np.square(errors).sum(axis=0))


def _parts(plt: Any, result: xarray.Dataset) -> Any:
    """Signed stacks of the three parts against the budget, both algorithms, three rates."""
    rates = [float(a) for a in result.a.values if a > 0][:3]
    shape = {"figsize": (3.4 * len(rates), 5.5), "sharex": True, "sharey": True}
    figure, axes = plt.subplots(2, len(rates), layout="constrained", squeeze=False, **shape)
    batch, count = int(result.M[-1]), int(result.N[min(1, len(result.N) - 1)])
    for column, a in enumerate(rates):
        for row, name in enumerate(("joint", "meta")):
            chosen = result.sel(M=batch, N=count, a=a, algorithm=name)
            positions = np.arange(result.sizes["update"])
            above, below = np.zeros(len(positions)), np.zeros(len(positions))
            for part, colour in zip(PARTS, _PARTS, strict=True):
                height = chosen["parts"].sel(part=part).values
                base = np.where(height >= 0, above, below)
                axes[row, column].bar(positions, height, bottom=base, color=colour, label=part)
                above, below = above + np.maximum(height, 0), below + np.minimum(height, 0)
            error = chosen["excess"].std("run").values / np.sqrt(chosen.sizes["run"])
            axes[row, column].errorbar(positions, above + below, yerr=2 * error, fmt="k.", markersize=4)
            axes[row, column].axhline(0, color="grey", linewidth=0.8)
            axes[row, column].set_title(f"{'joint training' if name == 'joint' else 'MAML'}, aL = {a:g}")
        axes[1, column].set_xticks(positions, [f"{int(value):,}" for value in chosen["calls"].values], rotation=60)
        axes[1, column].set_xlabel("gradient calls")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncol=3, frameon=False)
    axes[0, 0].set_ylabel("deployed risk above the least")
    axes[1, 0].set_ylabel("deployed risk above the least")
    return figure


def _rates(plt: Any, result: xarray.Dataset) -> Any:
    """The rate at which MAML is best trained for the largest deployed one, picked on one half of the runs and on the other."""
    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    batch = int(result.M[-1])
    for count, style in zip(result.N.values, ("-", "--", ":", "-.", "-"), strict=False):
        chosen = result.sel(M=batch, N=count)
        budget = chosen["calls"].sel(algorithm="meta").values
        picks = [result.a.values[chosen["fixed"].isel(half=half).values.argmin(axis=0)] for half in (0, 1)]
        axis.plot(budget, picks[0], style, color="black", label=f"validated, N = {int(count)}")
        axis.plot(budget, picks[1], "o", fillstyle="none", color="#d1793a")
    axis.plot([], [], "o", fillstyle="none", color="#d1793a", label="best on the other half")
    axis.set(xscale="log", xlabel="gradient calls", ylabel=f"a that training should use, deployed at {float(result.a[-1]):g}")
    axis.legend(frameon=False)
    return figure


def _bounds(plt: Any, ratios: xarray.DataArray) -> Any:
    """Measured sums over each bound."""
    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, style in zip(ratios["bound"].values, ("-", "-", "--", "-", "-", "--"), strict=True):
        chosen = ratios.sel(bound=name)
        error = 2 * chosen.std("run") / np.sqrt(chosen.sizes["run"])
        axis.errorbar(ratios["update"].values, chosen.mean("run"), yerr=error, fmt=style, capsize=2, label=name)
    axis.axhline(1, color="black", linewidth=0.8)
    axis.set(xscale="log", yscale="log", xlabel="updates", ylabel="measured sum over its bound")
    axis.legend(frameon=False, ncol=2)
    return figure
