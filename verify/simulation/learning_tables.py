"""The tables of the study of reinforcement learning, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.simulation.learning_jobs import METHODS, PairCrossing, RegulatorGap, SurrogateLoss
from verify.simulation.learning_study import BUDGETS, PAIRS, REGULATORS, SURROGATES, Study, edge_note


def table(title: str, notes: Sequence[str], header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table with aligned columns.

    Examples
    --------
    >>> print(table("Speed", ["Fast."], ["p"], [["20"]]))
    ## Speed
    <BLANKLINE>
    Fast.
    <BLANKLINE>
    | p  |
    |----|
    | 20 |
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in (header, *rows)
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n\n".join([f"## {title}", *notes, "\n".join([lines[0], rule, *lines[1:]])])


def report(study: Study) -> str:
    """All tables."""
    parts = [
        "# Reinforcement learning: joint training and MAML",
        races(study, "samples"),
        races(study, "products"),
    ]
    parts += [regulators(study), pairs(study), surrogates(study), *sampled(study)]
    return "\n\n".join(parts) + "\n"


def races(study: Study, charge: str) -> str:
    """Exact races on grids under one charge."""
    settings, rows = study.settings, []
    shown = BUDGETS[0], BUDGETS[len(BUDGETS) // 2], BUDGETS[-1]
    for race in study.races():
        if race.charge != charge:
            continue
        cells = []
        for budget in shown:
            at = BUDGETS.index(budget)
            for field in ("value", "stopped"):
                words = []
                for method in METHODS:
                    star = "*" if field == "value" and any(one.edge[at] for one in race.standings[method]) else ""
                    words.append(f"{race.mean(method, field)[at]:.4f}{star}")
                cells.append(" / ".join(words))
        leads = sorted(race.leads, key=lambda lead: (np.isnan(lead), lead))
        cells.append(", ".join("never" if np.isnan(lead) else f"{lead:.0f}" for lead in leads))
        rows.append([str(race.side), f"{race.rate:g}", *cells])
    cost = (
        f"{settings.steps + 1}" if charge == "samples" else f"{3 * settings.steps + 1} (first-order MAML {settings.steps + 1})"
    )
    notes = [
        f"Mean over {settings.starts} starts of the mean return after {settings.steps} inner steps, exact gradients, on the "
        f"{settings.size} x {settings.size} grid with goals in a corner of h x h: joint training / MAML / first-order MAML. A "
        f"meta-gradient costs {cost} gradients. At each budget every method has its own best step size, of those of "
        f"Adam from 0.01 to 10; beside the value at the budget's end, the best until then (early stopping).",
        edge_note() + ".",
        "The last column: from each start, the first budget at which early-stopped MAML is 0.0001 above early-stopped joint "
        "training.",
    ]
    header = ["h", "rate", *(f"{budget}{word}" for budget in shown for word in ("", ", early-stopped")), "MAML leads from"]
    title = "samples are charged" if charge == "samples" else "samples and Hessian-vector products are charged"
    return table(f"Races on the grid, {title}", notes, header, rows)


def regulators(study: Study) -> str:
    """Gaps of regulators."""
    rows = []
    for case in REGULATORS:
        found = study.result(RegulatorGap(*case))
        feasible = ["yes" if one else "no" for one in found["average is feasible"]]
        gap = "joint optimum is infeasible" if found["gap"] is None else f"{100 * found['gap']:.4f}"
        rows.append([f"{case[0]:g}", f"{case[1]:g}", gap, " / ".join(feasible)])
    note = (
        "Sixteen random regulators: how much more one exact step from the joint optimum costs than from MAML's optimum, in per "
        "cent, both by descent that stays feasible; and whether the mean of the optimal gains is feasible for joint training / "
        "for MAML, which needs every adapted gain to stabilise as well."
    )
    return table("Modeling error of regulators", [note], ["heterogeneity", "rate", "gap, per cent", "mean gain feasible"], rows)


def pairs(study: Study) -> str:
    """Crossing times of the pair."""
    rows = []
    for weight, rate in PAIRS:
        cells = [f"{weight:g}", f"{rate:g}"]
        for charge in (2.0, 4.0):
            found = study.result(PairCrossing(weight, rate, charge))
            cells.append("none" if found["time"] is None else f"{found['time']:.3f}")
            cells.append(f"{found['lead']:.4f}")
        cells.append(f"{found['joint']:.4f} / {found['meta']:.4f}")
        rows.append(cells)
    note = (
        "Gradient flows from equal logits: the first time T (in gradients) at which MAML, charged c gradients for each of its "
        "own, has the higher return after one step of the rate; joint training's largest lead before; and both returns at "
        "T = 300, c = 4."
    )
    header = ["w", "rate", "T, c = 2", "lead", "T, c = 4", "lead", "joint / MAML late"]
    return table("Crossing times of the two-armed pair", [note], header, rows)


def surrogates(study: Study) -> str:
    """What inner surrogates lose."""
    rows = []
    for case in SURROGATES:
        found = study.result(SurrogateLoss(*case))
        values = [found[name] for name in ("likelihood ratio", "log-likelihood")]
        rows.append([case[0], f"{case[1]:g}", *("" if value is None else f"{value:.3f}" for value in values)])
    note = (
        "Relative error of the expected meta-gradient, one inner step, at one policy: with the likelihood-ratio inner loss and "
        "frozen advantages, and with the log-likelihood, which is first-order MAML."
    )
    return table("What inner losses lose", [note], ["tasks", "rate", "likelihood ratio", "log-likelihood"], rows)


def sampled(study: Study) -> list[str]:
    """Sampled races, a table for each family."""
    parts = []
    half = study.settings.seeds // 2
    for result in study.sampled():
        rows = []
        for mark, batches in enumerate(result.marks):
            for field, comparison in (("end", result.comparisons[mark]), ("early", result.stopped_comparisons[mark])):
                cells = [str(batches), field]
                for method in METHODS:
                    star = "*" if result.edges[method][mark] else ""
                    step = f" ({result.chosen[method][mark]:g}{star})" if field == "end" else ""
                    values = result.values[method] if field == "end" else result.stopped[method]
                    cells.append(f"{values[:, mark].mean():.4f}{step}")
                interval = f"{comparison.mean:+.4f} [{comparison.low:+.4f}, {comparison.high:+.4f}]"
                rows.append([*cells, interval, f"{comparison.p_value:.4f}", f"{1 - comparison.p_value:.4f}"])
        note = (
            "Minus the mean risk of fixed evaluation tasks after one exact update, from sampled gradients (10 tasks, 5 "
            "episodes each, a batch; a meta-gradient has two batches; inner loss: likelihood ratio). Step sizes (in brackets; "
            f"* at the grid's edge) are chosen at each budget on {half} seeds, early-stopped together with when to stop; "
            f"values are means of the other {study.settings.seeds - half}. MAML minus joint training with the paired 95 % "
            "interval, and one-sided Welch p-values, not corrected for the number of rows."
        )
        header = ["batches", "stop", *METHODS, "MAML - joint", "p, MAML greater", "p, joint greater"]
        parts.append(table(f"Sampled races, {result.family}", [note], header, rows))
    return parts
