"""The four figures of the study on risks that need not be convex."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.simulation.nonconvex_jobs import PARTS
from verify.simulation.nonconvex_reference import RATES, best_training_rates, curves, reference, reference_flips
from verify.simulation.nonconvex_study import CHARGES, band, best_rates, charged_ratio, log_ratio

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]
_PARTS = ("#33608c", "#8aa9c4", "#d1793a")
_CHARGED = ("#5b8c33", "#b8860b")


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
        figure.savefig(path, dpi=130)
        plt.close(figure)
        made.append(path)
    return made


def _flip(plt: Any, result: xarray.Dataset) -> Any:
    """Who leads, over budget and N, in each family; and the exact instance with its flips over its simulation."""
    families = list(result.family.values)
    figure, axes = plt.subplots(1, len(families) + 1, figsize=(3.6 * (len(families) + 1), 3.8), layout="constrained")
    batch, a = int(result.M[-1]), float(result.a[-1])
    place = {"M": batch, "a": a}
    chosen = result.sel(place)
    ratio = log_ratio(chosen["excess"].values)
    there = np.s_[:, list(result.M.values).index(batch), :, list(result.a.values).index(a)]
    low, high = (limit[there] for limit in band(result))
    charged = [(charge, charged_ratio(result, charge)[there]) for charge in CHARGES[1:]]
    size = float(np.abs(ratio).max())
    for index, (axis, family) in enumerate(zip(axes, families, strict=False)):
        budgets = chosen["calls"].sel(family=family, algorithm="joint").values
        calls = np.broadcast_to(result.N.values[:, None], budgets.shape)
        if min(budgets.shape) > 1:
            levels = np.linspace(-size, size, 22)
            shown = axis.contourf(budgets, calls, ratio[index], levels=levels, cmap="RdBu_r")
            certain = (low[index] > 0) | (high[index] < 0)
            for values, style in ((ratio, "solid"), (low, "dotted"), (high, "dotted")):
                if values[index].min() < 0 < values[index].max():
                    axis.contour(budgets, calls, values[index], levels=[0], colors="black", linestyles=style)
            for (_, values), colour in zip(charged, _CHARGED, strict=True):
                if np.nanmin(values[index]) < 0 < np.nanmax(values[index]):
                    axis.contour(budgets, calls, values[index], levels=[0], colors=colour)
            axis.plot(budgets[certain], calls[certain], "k.", markersize=3, clip_on=False)
            if index == len(families) - 1:
                figure.colorbar(shown, ax=axis, label="log10 excess, joint over MAML", format="%.1f")
        axis.set(xscale="log", yscale="log", xlabel="gradient calls", ylabel="N", title=f"{family}, M = {batch}, aL = {a:g}")
    for (charge, _), colour in zip(charged, _CHARGED, strict=True):
        axes[0].plot([], [], color=colour, label=f"a Hessian sample charged {charge}")
    axes[0].legend(frameon=False, fontsize=7, loc="upper right")
    right = axes[-1]
    for batch, style in ((1, "-"), (5, "--"), (20, ":")):
        joint, meta = curves(batch, -3.0, 400)
        label = f"M = {batch}, flips at {', '.join(map(str, reference_flips(batch)))}"
        right.plot(np.arange(1, 401), joint / meta, linestyle=style, color="black", label=label)
    for batch, colour in ((1, "#d1793a"), (5, "#33608c"), (20, "#5b8c33")):
        right.errorbar(*_simulated(batch, (10, 21, 40, 103, 250)), fmt="o", markersize=4, color=colour)
    right.axhline(1, color="grey", linewidth=0.8)
    right.set(xscale="log", yscale="log", xlabel="updates", ylabel="excess, joint over MAML")
    right.set_title("two quadratics: exact, simulated")
    right.legend(frameon=False, fontsize=8)
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
        rates = exact.excess(adapts, RATES, -3.0, max(updates)).argmin(axis=0)
        algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(exact.variance)), batch=batch, calls=exact.calls)
        values = []
        for count in updates:
            rate = float(RATES[rates[count - 1]])
            theta = nx.meta_train(bowls, algorithm, [-3.0], updates=count, rates=rate, runs=runs, seed=count).theta
            values.append(0.5 * weight * (theta[:, 0, 0, 0] - best) ** 2)
        means.append([each.mean() for each in values])
        errors.append([each.std() / np.sqrt(runs) / each.mean() for each in values])
    ratio = np.array(means[0]) / np.array(means[1])
    return np.array(updates), ratio, 2 * ratio * np.sqrt(np.square(errors).sum(axis=0))


def _parts(plt: Any, result: xarray.Dataset) -> Any:
    """Signed stacks of the three parts against the budget: a row a family, a column a rate; joint training left, MAML right."""
    rates = [float(a) for a in result.a.values if a > 0][-3:]
    families = list(result.family.values)
    shape = {"figsize": (4.2 * len(rates), 2.6 * len(families)), "sharex": True, "sharey": "row"}
    figure, axes = plt.subplots(len(families), len(rates), layout="constrained", squeeze=False, **shape)
    batch, count = int(result.M[-1]), int(result.N[0])
    for row, family in enumerate(families):
        for column, a in enumerate(rates):
            axis = axes[row, column]
            for offset, name in ((-0.2, "joint"), (0.2, "meta")):
                chosen = result.sel(family=family, M=batch, N=count, a=a, algorithm=name)
                positions = np.arange(result.sizes["update"]) + offset
                above, below = np.zeros(len(positions)), np.zeros(len(positions))
                for part, colour in zip(PARTS, _PARTS, strict=True):
                    height = chosen["parts"].sel(part=part).values
                    base = np.where(height >= 0, above, below)
                    look = {"color": colour, "hatch": "" if name == "joint" else "////", "edgecolor": "white", "width": 0.38}
                    label = part if name == "joint" and row == column == 0 else None
                    axis.bar(positions, height, bottom=base, linewidth=0.3, label=label, **look)
                    above, below = above + np.maximum(height, 0), below + np.minimum(height, 0)
                error = 2 * chosen["excess"].std("run").values / np.sqrt(chosen.sizes["run"])
                axis.errorbar(positions, above + below, yerr=error, fmt="k.", markersize=4, linewidth=1)
            axis.axhline(0, color="grey", linewidth=0.8)
            axis.set_title(f"{family}, aL = {a:g}", fontsize=10)
            if row == len(families) - 1:
                calls = result["calls"].sel(family=family, M=batch, N=count, algorithm="joint").values
                axis.set_xticks(np.arange(len(calls)), [f"{int(value):,}" for value in calls], rotation=60)
                axis.set_xlabel("gradient calls")
        axes[row, 0].set_ylabel("deployed risk above least")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    title = f"joint training: plain, MAML: hatched; M = {batch}, N = {count}"
    figure.legend(handles, labels, loc="outside upper center", ncol=3, frameon=False, title=title)
    return figure


def _rates(plt: Any, result: xarray.Dataset) -> Any:
    """The rate at which to train for the largest deployed one: picked by validation, with its bootstrap, and by an oracle."""
    families = list(result.family.values)
    width = len(families) + 1
    figure, axes = plt.subplots(1, width, figsize=(3.4 * width, 3.4), layout="constrained", squeeze=False)
    batch, count = int(result.M[-1]), int(result.N[0])
    for axis, family in zip(axes[0], families, strict=False):
        chosen = result.sel(family=family, M=batch, N=count)
        budget = chosen["calls"].sel(algorithm="meta").values
        picked, low, high = best_rates(chosen["fixed"].sel(half="choosing").values, result.a.values)
        axis.fill_between(budget, low, high, step="mid", color="#cccccc", label="95 % of resamples")
        axis.step(budget, picked, where="mid", color="black", label="validated")
        oracle = best_rates(chosen["fixed"].sel(half="reported").values, result.a.values)[0]
        axis.plot(budget, oracle, "o", fillstyle="none", color="#d1793a", label="oracle")
        title = f"{family}, M = {batch}, N = {count}"
        axis.set(xscale="log", xlabel="gradient calls", title=title, ylim=(-0.05, 1.05 * float(result.a[-1])))
    axes[0, 0].set_ylabel(f"aL to train with, deployed at {float(result.a[-1]):g}")
    axes[0, 0].legend(frameon=False, fontsize=8)
    right = axes[0, -1]
    for batch, style in ((1, "-"), (5, "--"), (20, ":")):
        best = best_training_rates(batch, -3.0, 1000, np.linspace(0, 0.6, 25))
        right.step(np.arange(1, 1001), best, where="mid", linestyle=style, color="black", label=f"M = {batch}")
    right.set(xscale="log", xlabel="updates", ylabel="deployed at 0.6", title="two quadratics, exact")
    right.legend(frameon=False, fontsize=8)
    return figure


def _bounds(plt: Any, ratios: xarray.DataArray) -> Any:
    """Measured sums over each bound, with two standard errors."""
    figure, axis = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    for index, name in enumerate(ratios["bound"].values):
        chosen = ratios.sel(bound=name)
        means, error = chosen.mean("run").values, 2 * chosen.std("run").values / np.sqrt(chosen.sizes["run"])
        look = {"linestyle": "--" if str(name).startswith("gao_sener") else "-", "color": f"C{index}"}
        axis.plot(ratios["update"].values, means, marker=".", label=name, **look)
        axis.fill_between(ratios["update"].values, means - error, means + error, color=f"C{index}", alpha=0.25, linewidth=0)
    axis.axhline(1, color="black", linewidth=0.8)
    axis.set(xscale="log", yscale="log", xlabel="updates", ylabel="measured sum over its bound")
    figure.legend(frameon=False, ncol=4, fontsize=7, loc="outside upper center")
    return figure
