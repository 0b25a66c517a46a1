"""The figures of the study on benchmarks: maps as the source's, and returns against budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from verify.simulation.benchmark_study import PAIRS, Duel

COLOURS = ("tab:blue", "tab:red")


def draw(duels: Sequence[Duel], folder: Path) -> list[Path]:
    """Draw all figures as PNG.

    Returns
    -------
    list of path
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    found = []
    with plt.rc_context({"font.size": 9}):
        for name, picture in (("maps", _maps), ("curves", _curves)):
            figure = picture(plt, duels)
            found.append(folder / f"{name}.png")
            figure.savefig(found[-1], dpi=130)
            plt.close(figure)
    return found


def _axes(plt: Any, number: int, rows: int = 1) -> tuple[Any, Any]:
    size = (0.8 + 4.0 * number, 0.6 + 2.7 * rows)
    return plt.subplots(rows, number, figsize=size, squeeze=False, layout="constrained")


def _title(one: Duel) -> str:
    joint, meta = PAIRS[one.pair]
    return f"{one.benchmark.environment}: {joint}, {meta}"


def _in_steps(panel: Any) -> None:
    """Write steps as 200k or 2M along an axis."""
    from matplotlib.ticker import EngFormatter

    panel.xaxis.set_major_formatter(EngFormatter(sep=""))


def _maps(plt: Any, duels: Sequence[Duel]) -> Any:
    """1 - 2 p over steps and updates, p of Welch's test that the meta-method is greater; dots where corrected tests agree."""
    columns = min(len(duels), 2)
    figure, axes = _axes(plt, columns, -(-len(duels) // columns))
    for panel in axes.flat[len(duels) :]:
        panel.set_axis_off()
    for panel, one in zip(axes.flat, duels, strict=False):
        marks = np.array(one.benchmark.marks)
        sure = np.array([[1 - 2 * cell.p_meta for cell in row] for row in one.cells]).T
        levels = np.linspace(-1, 1, 21)
        updates = np.arange(len(sure))
        if len(marks) > 1:
            colours = panel.contourf(marks, updates, sure, levels=levels, cmap="RdBu_r")
            if sure.min() < 0 < sure.max():
                panel.contour(marks, updates, sure, [0.0], colors="black", linewidths=1)
        else:
            colours = panel.pcolormesh(marks, updates, sure, cmap="RdBu_r", vmin=-1, vmax=1)
        rows = enumerate(one.cells)
        separated = [(marks[look], update) for look, row in rows for update, cell in enumerate(row) if cell.winner]
        if separated:
            panel.plot(*zip(*separated, strict=True), "k.", markersize=4, clip_on=False)
        panel.set(xlabel="environment steps", ylabel="updates at deployment")
        _in_steps(panel)
        panel.set_title(_title(one), fontsize=9)
    bar = figure.colorbar(colours, ax=axes, shrink=0.8)
    bar.set_label("1 - 2p: blue joint training, red the meta-method")
    return figure


def _curves(plt: Any, duels: Sequence[Duel]) -> Any:
    """Returns against steps before an update and after one and five, with intervals of 95 % over seeds."""
    updates = (0, 1, 5)
    figure, axes = _axes(plt, len(duels), len(updates))
    for column, one in enumerate(duels):
        marks = one.benchmark.marks
        for row, update in enumerate(updates):
            panel = axes[row, column]
            for method, colour in zip(PAIRS[one.pair], COLOURS, strict=True):
                values = np.where(np.isfinite(one.values[method]), one.values[method], np.nan)[:, :, min(update, 5)]
                half = student.ppf(0.975, len(values) - 1) * values.std(axis=0, ddof=1) / np.sqrt(len(values))
                panel.errorbar(marks, values.mean(axis=0), half, color=colour, label=method, capsize=2)
            panel.set_ylabel(f"return, {update} update{'s' * (update != 1)}")
            if not row:
                panel.set_title(_title(one), fontsize=9)
                panel.legend(frameon=False)
        axes[-1, column].set_xlabel("environment steps")
        for panel in axes[:, column]:
            _in_steps(panel)
    return figure
