"""The figures of the study of reinforcement learning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from verify.simulation.learning_jobs import METHODS, UPDATES, PairCrossing, RegulatorGap
from verify.simulation.learning_study import BUDGETS, PAIRS, REGULATORS, Study
from verify.simulation.races import standing

COLOURS = {"joint": "tab:blue", "MAML": "tab:red", "first-order MAML": "tab:orange"}


def draw(study: Study, folder: Path) -> list[Path]:
    """Draw all figures as PNG.

    Returns
    -------
    list of path
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    found = []
    pictures = {"races": _races, "maps": _maps, "closed_forms": _closed_forms}
    if study.settings.seeds:
        pictures["sampled"] = _sampled
    with plt.rc_context({"font.size": 9}):
        for name, picture in pictures.items():
            figure = picture(plt, study)
            found.append(folder / f"{name}.png")
            figure.savefig(found[-1], dpi=130)
            plt.close(figure)
    return found


def _axes(plt: Any, rows: int, columns: int, width: float, height: float, **shared: Any) -> tuple[Any, Any]:
    size = (0.8 + width * columns, 0.8 + height * rows)
    return plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained", **shared)


def _races(plt: Any, study: Study) -> Any:
    """Return against budget: a row for each block of goals, a column for each inner rate."""
    settings = study.settings
    figure, axes = _axes(plt, len(settings.sides), len(settings.rates), 2.5, 2.0, sharex=True)
    for race in study.races():
        if race.charge != "samples":
            continue
        panel = axes[settings.sides.index(race.side), settings.rates.index(race.rate)]
        for method in METHODS:
            stopped = np.array([one.stopped for one in race.standings[method]])
            panel.fill_between(BUDGETS, stopped.min(axis=0), stopped.max(axis=0), color=COLOURS[method], alpha=0.2, linewidth=0)
            panel.plot(BUDGETS, stopped.mean(axis=0), color=COLOURS[method], label=f"{method}, early-stopped")
            panel.plot(BUDGETS, race.mean(method), color=COLOURS[method], linestyle=":", label=f"{method}, at the budget's end")
        panel.set_xscale("log", base=2)
        panel.set_title(f"h = {race.side}, rate {race.rate:g}", fontsize=9)
    for panel in axes[-1]:
        panel.set_xlabel("budget (gradients)")
    for panel in axes[:, 0]:
        panel.set_ylabel("return after adaptation")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def _maps(plt: Any, study: Study) -> Any:
    """MAML's lead over joint training by budget and updates at deployment, as the source's maps."""
    settings = study.settings
    figure, axes = _axes(plt, len(settings.sides), len(settings.rates), 2.4, 1.9, sharex=True, sharey=True)
    leads = {}
    for side in settings.sides:
        for rate in settings.rates:
            lead = np.zeros((len(UPDATES), len(BUDGETS)))
            for start in range(settings.starts):
                for sign, method, charge in ((-1, "joint", 1), (1, "MAML", settings.steps + 1)):
                    curves, marks = study.returns(side, rate, start, method)
                    for update in UPDATES:
                        lead[update] += sign * standing(curves[:, :, update], marks, BUDGETS, charge).value / settings.starts
            leads[side, rate] = lead
    limit = max(float(np.abs(lead).max()) for lead in leads.values()) or 1.0
    for (side, rate), lead in leads.items():
        panel = axes[settings.sides.index(side), settings.rates.index(rate)]
        colours = panel.pcolormesh(
            np.arange(len(BUDGETS)),
            UPDATES,
            lead,
            cmap="RdBu_r",
            norm=plt.matplotlib.colors.SymLogNorm(0.003, vmin=-limit, vmax=limit),
        )
        if lead.min() < 0 < lead.max():
            panel.contour(np.arange(len(BUDGETS)), UPDATES, lead, [0.0], colors="black", linewidths=1)
        panel.set_title(f"h = {side}, rate {rate:g}", fontsize=9)
        panel.set_xticks(np.arange(0, len(BUDGETS), 2), [str(budget) for budget in BUDGETS[::2]])
    for panel in axes[-1]:
        panel.set_xlabel("budget (gradients)")
    for panel in axes[:, 0]:
        panel.set_ylabel("updates")
    bar = figure.colorbar(colours, ax=axes, shrink=0.7)
    bar.set_label("return of MAML minus joint training, each at its best step size")
    return figure


def _closed_forms(plt: Any, study: Study) -> Any:
    """Crossing times of the pair, and gaps of regulators."""
    figure, axes = _axes(plt, 1, 2, 4.0, 3.2)
    for weight in sorted({weight for weight, _ in PAIRS}):
        rates = [rate for other, rate in PAIRS if other == weight]
        for charge, line in ((2.0, "-"), (4.0, "--")):
            times = [study.result(PairCrossing(weight, rate, charge))["time"] for rate in rates]
            label = f"w = {weight:g}" if charge == 2.0 else None
            colour = f"C{round(10 * weight) - 6}"
            axes[0, 0].plot(rates, [np.nan if time is None else time for time in times], f"o{line}", color=colour, label=label)
    axes[0, 0].set(xscale="log", yscale="log", xlabel="inner rate", ylabel="time T at which MAML overtakes")
    for axis, ticks in ((axes[0, 0].xaxis, (1, 2, 4, 8)), (axes[0, 0].yaxis, (1, 2, 4, 8))):
        axis.set_ticks(ticks, [str(tick) for tick in ticks])
        axis.set_ticks([], minor=True)
    axes[0, 0].set_title("two-armed pair (full: c = 2, dashed: c = 4)", fontsize=9)
    axes[0, 0].legend(frameon=False)
    for heterogeneity in sorted({h for h, _ in REGULATORS}):
        rates = [rate for other, rate in REGULATORS if other == heterogeneity]
        gaps = [study.result(RegulatorGap(heterogeneity, rate))["gap"] for rate in rates]
        shown = [np.nan if gap is None else 100 * gap for gap in gaps]
        axes[0, 1].plot(rates, shown, "o-", label=f"heterogeneity {heterogeneity:g}")
    axes[0, 1].set(xscale="log", yscale="log", xlabel="inner rate", ylabel="gap of the joint optimum, per cent")
    axes[0, 1].set_title("regulators", fontsize=9)
    axes[0, 1].legend(frameon=False)
    return figure


def _sampled(plt: Any, study: Study) -> Any:
    """Sampled races: mean and 95 % interval of the test seeds at each budget."""
    results = study.sampled()
    figure, axes = _axes(plt, 1, len(results), 4.2, 3.0)
    for panel, result in zip(axes[0], results, strict=True):
        for method in METHODS:
            values = result.values[method]
            half = 1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
            panel.errorbar(result.marks, values.mean(axis=0), half, color=COLOURS[method], label=method, capsize=2)
            panel.plot(result.marks, result.stopped[method].mean(axis=0), color=COLOURS[method], linestyle=":")
        panel.set(xscale="log", xlabel="batches", ylabel="minus the risk after one update")
        panel.set_title(f"{result.family}, sampled gradients (dotted: early-stopped)", fontsize=9)
    axes[0, 0].legend(frameon=False)
    return figure
