"""A phase diagram with its predictions in words: a summary, the gaps panel by panel, and the cells that mislead."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np

from verify.simulation.phase_prediction import LEVEL, STAGES, Departure

if TYPE_CHECKING:
    import xarray


def as_csv(cells: Sequence[Departure]) -> str:
    """The cells in which the normal law misleads, a line each, as a CSV file."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Departure._fields)
    writer.writerows([*cell[:4], *(f"{value:.6g}" for value in cell[4:])] for cell in cells)
    return text.getvalue()


def summary(result: xarray.Dataset) -> str:
    """A line per panel: where MAML wins, the crossover, and how far the normal law is off."""
    lines = [f"{'alpha':>6}  {'adaptation':10}  {'MAML wins':>10}  {'largest gap of the prediction':>34}  {'misled':>12}"]
    for stage in STAGES:
        for a, alpha in enumerate(result.alpha.values):
            simulated, chance = (result[name].values[:, :, a] for name in (stage, f"predicted_{stage}"))
            marked = result[f"misleads_{stage}"].values[:, :, a]
            gap = np.abs(np.nan_to_num(simulated - chance))
            m, j = np.unravel_index(gap.argmax(), gap.shape)
            where = f"M = {int(result.M[m])}, N = {int(result.N[j])}: {simulated[m, j]:.3f} for {chance[m, j]:.3f}"
            word = "before" if stage == "pre" else "after"
            wins = f"{int((simulated > 0.5).sum())} of {simulated.size}"
            lines.append(f"{alpha:6g}  {word:10}  {wins:>10}  {where:>34}  {f'{int(marked.sum())} of {marked.size}':>12}")
    lines.append("MAML wins: cells in which it has the lower expected loss in more than half of the data sets")
    return "\n".join(lines)


def tables(result: xarray.Dataset) -> str:
    """Simulated minus predicted chance in percent, one table per panel; cells in which the normal law misleads have a star.

    A cell without defined estimates is a dash.
    """
    samples = [int(number) for number in result.N.values]
    blocks = []
    for stage in STAGES:
        for a, alpha in enumerate(result.alpha.values):
            gap = 100 * (result[stage] - result[f"predicted_{stage}"]).values[:, :, a]
            marked = result[f"misleads_{stage}"].values[:, :, a]
            word = "before" if stage == "pre" else "after"
            lines = [f"alpha = {alpha:g}, {word} adaptation: simulated minus predicted chance that MAML wins, percent"]
            lines.append("M \\ N" + "".join(f"{number:8d}" for number in samples))
            for m, number in enumerate(result.M.values):
                pairs = zip(gap[m], marked[m], strict=True)
                cells = [f"{x:+7.1f}{'*' if star else ' '}" if np.isfinite(x) else "      - " for x, star in pairs]
                lines.append(f"{int(number):5d}" + "".join(cells).rstrip())
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + f"\n\n* off by more than sampling error (level {LEVEL:g} for all cells together)\n"
