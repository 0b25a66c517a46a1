"""The figure of the phase diagram: simulated fractions as colours, predicted chances and crossovers as lines over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.simulation.phase_prediction import STAGES, predicted

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]

#: predicted chances that are drawn as contours
CONTOURS = (0.1, 0.25, 0.5, 0.75, 0.9)
#: points of a prediction between two neighbours on the grid
BETWEEN = 2


def _refined(axis: NDArray[np.int64], whole: bool) -> Array:
    """Numbers from the first of an axis to the last with some between neighbours, in geometric progression."""
    steps = np.arange(0, len(axis) - 1 + 1e-9, 1 / (BETWEEN + 1))
    fine = np.exp(np.interp(steps, np.arange(len(axis)), np.log(axis)))
    return np.unique(np.rint(fine)) if whole else fine


def _place(values: Any, axis: NDArray[np.int64]) -> Array:
    """Where values are in a picture whose cells are all of one width."""
    return np.interp(np.log(values), np.log(axis), np.arange(len(axis)))


def draw(result: xarray.Dataset, tasks: Any, folder: Path, name: str = "phase") -> list[Path]:
    """Draw the diagram: a column per rate, above before adaptation, below after it.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`verify.simulation.phase_prediction.confronted`, with at least two M and two N.
    tasks : DiscreteTasks or SpectrumTiedTasks
        Those of the diagram.
    folder : path
    name : str
        Of the files, without the ending.

    Returns
    -------
    list of path
        The PNG and the SVG.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    sizes, samples, alphas = (result[name].values for name in ("M", "N", "alpha"))
    fine_sizes, fine_samples = _refined(sizes, whole=False), _refined(samples, whole=True)
    prediction = predicted(tasks, fine_sizes, fine_samples, alphas)
    across, up = _place(fine_samples, samples), _place(fine_sizes, sizes)
    with plt.rc_context({"font.size": 9, "svg.hashsalt": "phase", "svg.fonttype": "path"}):
        inches = (1.2 + 3.1 * len(alphas), 6.6)
        shared: dict[str, Any] = {"sharex": True, "sharey": True, "squeeze": False, "layout": "constrained"}
        figure, axes = plt.subplots(2, len(alphas), figsize=inches, **shared)
        for row, stage in enumerate(STAGES):
            for column, alpha in enumerate(alphas):
                panel = axes[row, column]
                shown = np.ma.masked_invalid(result[stage].values[:, :, column])
                colours = panel.pcolormesh(np.arange(len(samples)), np.arange(len(sizes)), shown, cmap="RdBu", vmin=0, vmax=1)
                panel.set_facecolor("0.6")
                # below the contours, whose labels it would hide
                _crossover(panel, prediction.crossovers[row, :, column], across, sizes)
                _contours(panel, across, up, prediction.chances[row, :, :, column])
                where = np.argwhere(result[f"misleads_{stage}"].values[:, :, column])
                panel.plot(where[:, 1], where[:, 0], ".", color="black", markersize=3.5)
                panel.set_ylim(-0.5, len(sizes) - 0.5)
                word = "before" if stage == "pre" else "after"
                panel.set_title(rf"$\alpha$ = {alpha:g}, {word} adaptation")
        for panel in axes[-1]:
            panel.set_xlabel("N (a task has 2N samples)")
            panel.set_xticks(np.arange(len(samples)), [str(number) for number in samples], rotation=60)
        for panel in axes[:, 0]:
            panel.set_ylabel("M (tasks)")
            panel.set_yticks(np.arange(len(sizes)), [str(number) for number in sizes])
        bar = figure.colorbar(colours, ax=axes, shrink=0.7)
        bar.set_label("fraction of data sets in which MAML has the lower expected loss")
        handles = [
            Line2D([], [], color="black", linewidth=0.8, label="predicted chance"),
            Line2D([], [], color="gold", linewidth=2.5, label="predicted crossover of mean losses M*(N)"),
            Line2D([], [], color="black", marker=".", linestyle="", label="prediction off by more than sampling error"),
        ]
        # neither linear nor logarithmic: as in the source, whose reader has to guess it
        title = "a column of one width for every N, a row of one height for every M: the axes are not to scale"
        columns = 3 if len(alphas) > 2 else 1
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, title=title)
        paths = [folder / f"{name}.png", folder / f"{name}.svg"]
        figure.savefig(paths[0], dpi=150)
        figure.savefig(paths[1], metadata={"Date": None})
        plt.close(figure)
    return paths


def _contours(panel: Any, across: Array, up: Array, chances: Array) -> None:
    """Those of the contours that are on the picture."""
    known = chances[np.isfinite(chances)]
    levels = [level for level in CONTOURS if known.size and known.min() < level < known.max()]
    if levels:
        lines = panel.contour(across, up, np.ma.masked_invalid(chances), levels, colors="black", linewidths=0.8)
        panel.clabel(lines, fmt=lambda level: f"{level:g}", fontsize=7, zorder=5)


def _crossover(panel: Any, crossovers: Array, across: Array, sizes: NDArray[np.int64]) -> None:
    """The line M*(N) where it is on the picture; at an end it leaves through the edge."""
    inside = np.isfinite(crossovers) & (crossovers > 0)
    if not inside.any():
        return
    with np.errstate(divide="ignore"):
        height = np.where(inside, _place(np.where(inside, crossovers, 1.0), sizes), np.nan)
    # beyond the axis np.interp stays at the edge: a line along it would claim what is not there
    height[crossovers > sizes[-1]] = len(sizes)
    height[crossovers < sizes[0]] = -1
    panel.plot(across, height, color="black", linewidth=4)
    panel.plot(across, height, color="gold", linewidth=2.5)
